//! Names of Airflow 1.10: translated to those of today before the arguments are read, with a hint.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Commands that have a new name; the arguments stay, but for `_` in flags.
const RENAMED: [(&str, &[&str]); 27] = [
    ("initdb", &["db", "migrate"]),
    ("upgradedb", &["db", "migrate"]),
    ("resetdb", &["db", "reset"]),
    ("checkdb", &["db", "check"]),
    ("shell", &["db", "shell"]),
    ("list_dags", &["dags", "list"]),
    ("dag_state", &["dags", "state"]),
    ("list_dag_runs", &["dags", "list-runs"]),
    ("next_execution", &["dags", "next-execution"]),
    ("pause", &["dags", "pause"]),
    ("unpause", &["dags", "unpause"]),
    ("trigger_dag", &["dags", "trigger"]),
    ("delete_dag", &["dags", "delete"]),
    ("show_dag", &["dags", "show"]),
    ("backfill", &["dags", "backfill"]),
    ("list_tasks", &["tasks", "list"]),
    ("clear", &["tasks", "clear"]),
    ("run", &["tasks", "run"]),
    ("test", &["tasks", "test"]),
    ("render", &["tasks", "render"]),
    ("task_state", &["tasks", "state"]),
    ("task_failed_deps", &["tasks", "failed-deps"]),
    ("create_user", &["users", "create"]),
    ("delete_user", &["users", "delete"]),
    ("list_users", &["users", "list"]),
    ("flower", &["celery", "flower"]),
    ("rotate_fernet_key", &["rotate-fernet-key"]),
];

/// Flag, long flag and the command of today.
type Action = (&'static str, &'static str, &'static str);

/// Commands whose action was a flag, with their group of today.
const BY_FLAG: [(&str, &str, &[Action]); 4] = [
    ("pool", "pools", POOL_ACTIONS),
    ("pools", "pools", POOL_ACTIONS),
    (
        "variables",
        "variables",
        &[
            ("-g", "--get", "get"),
            ("-s", "--set", "set"),
            ("-x", "--delete", "delete"),
            ("-i", "--import", "import"),
            ("-e", "--export", "export"),
        ],
    ),
    ("connections", "connections", &[("-l", "--list", "list"), ("-a", "--add", "add"), ("-d", "--delete", "delete")]),
];

const POOL_ACTIONS: &[Action] = &[
    ("-g", "--get", "get"),
    ("-s", "--set", "set"),
    ("-x", "--delete", "delete"),
    ("-i", "--import", "import"),
    ("-e", "--export", "export"),
];

/// The arguments in the names of today, and what to tell when they were others.
pub fn translate(arguments: Vec<OsString>) -> (Vec<OsString>, Option<String>) {
    if arguments.first().is_some_and(|program| Path::new(program).file_name() == Some(OsStr::new(CONTROLLER))) {
        return (controller(arguments), None);
    }
    let Some(old) = arguments.get(1).and_then(|argument| argument.to_str()).map(ToOwned::to_owned) else {
        return (arguments, None);
    };
    if old == "backfill" && arguments.get(2).and_then(|argument| argument.to_str()).is_none_or(|word| BACKFILL.contains(&word)) {
        return (arguments, None);
    }
    if let Some((_, new)) = RENAMED.iter().find(|(name, _)| *name == old) {
        let hint = format!("`{old}` is called `{}` now.", new.join(" "));
        let mut out = vec![arguments[0].clone()];
        out.extend(new.iter().map(OsString::from));
        out.extend(arguments.into_iter().skip(2).map(with_hyphens));
        return (out, Some(hint));
    }
    match BY_FLAG.iter().find(|(name, ..)| *name == old) {
        Some((_, group, actions)) => by_flag(arguments, &old, group, actions),
        None => (arguments, None),
    }
}

/// What follows `backfill` today; before Airflow 2 the id of a DAG or an option did.
const BACKFILL: [&str; 9] = ["create", "list", "get", "pause", "unpause", "cancel", "help", "-h", "--help"];

/// The program of the failover controller for Airflow 1.x: this one, when it is called by that name.
const CONTROLLER: &str = "scheduler_failover_controller";

/// `scheduler_failover_controller test_connection` is `tradewind failover test-connection`; its `-venv` stands before the verb.
fn controller(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut out: Vec<OsString> = vec!["tradewind".into()];
    let mut rest = arguments.into_iter().skip(1);
    let mut venv = None;
    let verb = loop {
        match rest.next() {
            Some(flag) if flag == "-venv" || flag == "--venv" => venv = rest.next(),
            Some(word) => break Some(word),
            None => break None,
        }
    };
    match verb.as_ref().and_then(|verb| verb.to_str()) {
        Some("version" | "--version" | "-V") => out.push("version".into()),
        Some(flag) if flag.starts_with('-') => out.extend(["failover".into(), flag.into()]),
        Some(verb) => out.extend(["failover".into(), verb.replace('_', "-").into()]),
        None => out.extend(["failover".into()].into_iter().chain(verb)),
    }
    out.extend(rest);
    out.extend(venv.into_iter().flat_map(|path| ["--venv".into(), path]));
    out
}

/// `variables -g KEY` is `variables get KEY`; `connections -a --conn_id ID` is `connections add ID`.
fn by_flag(arguments: Vec<OsString>, old: &str, group: &str, actions: &[Action]) -> (Vec<OsString>, Option<String>) {
    let action_of = |argument: &OsString| {
        let argument = argument.to_str()?;
        actions.iter().find(|(short, long, _)| argument == *short || argument == *long).map(|(_, _, action)| *action)
    };
    // Only the first argument after the command can be the action: later on, `-d` may belong to a subcommand.
    let Some(action) = arguments.get(2).and_then(action_of) else {
        return (arguments, None);
    };
    let mut rest: Vec<OsString> = arguments.iter().skip(3).cloned().map(with_hyphens).collect();
    if group == "connections"
        && let Some(at) = rest.iter().position(|argument| argument == "--conn-id")
    {
        rest.remove(at);
        if at < rest.len() {
            let id = rest.remove(at);
            rest.insert(0, id);
        }
    }
    let mut out = vec![arguments[0].clone(), group.into(), action.into()];
    out.extend(rest);
    (out, Some(format!("`{old} {}` is called `{group} {action}` now.", arguments[2].to_string_lossy())))
}

/// `--conn_id` as `--conn-id`; values after `=` stay.
fn with_hyphens(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(text) if text.starts_with("--") => {
            let (flag, value) = text.find('=').map_or((text, ""), |at| text.split_at(at));
            OsString::from(format!("{}{value}", flag.replace('_', "-")))
        }
        _ => argument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(line: &str) -> (String, Option<String>) {
        let (arguments, hint) = translate(line.split(' ').map(OsString::from).collect());
        let words: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
        (words.join(" "), hint)
    }

    #[test]
    fn renamed_commands_keep_their_arguments() {
        let (line, hint) = translated("airflow trigger_dag my_dag --run_id a_b -c {\"x_y\":1}");
        assert_eq!(line, "airflow dags trigger my_dag --run-id a_b -c {\"x_y\":1}");
        assert_eq!(hint.as_deref(), Some("`trigger_dag` is called `dags trigger` now."));
        assert_eq!(
            translated("airflow test d t 2024-01-01 --task_params={\"a_b\":1}").0,
            "airflow tasks test d t 2024-01-01 --task-params={\"a_b\":1}"
        );
    }

    #[test]
    fn the_backfill_of_old_names_its_dag() {
        let (line, hint) = translated("airflow backfill my_dag -s 2024-01-01 --reset_dagruns");
        assert_eq!(line, "airflow dags backfill my_dag -s 2024-01-01 --reset-dagruns");
        assert_eq!(hint.as_deref(), Some("`backfill` is called `dags backfill` now."));
    }

    #[test]
    fn actions_that_were_flags_are_commands() {
        assert_eq!(translated("airflow variables --set a_b c").0, "airflow variables set a_b c");
        assert_eq!(translated("airflow pool -g p").0, "airflow pools get p");
        let (line, hint) = translated("airflow connections -a --conn_uri u://x_y --conn_id my_conn");
        assert_eq!(line, "airflow connections add my_conn --conn-uri u://x_y");
        assert_eq!(hint.as_deref(), Some("`connections -a` is called `connections add` now."));
    }

    #[test]
    fn the_old_controller_is_understood() {
        for (old, new) in [
            ("/usr/bin/scheduler_failover_controller test_connection", "tradewind failover test-connection"),
            ("scheduler_failover_controller -venv /v/bin/activate init", "tradewind failover init --venv /v/bin/activate"),
            ("scheduler_failover_controller is_scheduler_running", "tradewind failover is-scheduler-running"),
            ("scheduler_failover_controller version", "tradewind version"),
            ("scheduler_failover_controller -h", "tradewind failover -h"),
            ("scheduler_failover_controller", "tradewind failover"),
        ] {
            assert_eq!(translated(old), (new.to_owned(), None));
        }
    }

    #[test]
    fn the_names_of_today_stay_as_they_are() {
        for line in [
            "airflow backfill create --dag-id d",
            "airflow backfill",
            "airflow dags list",
            "airflow variables get -d x key",
            "airflow connections list",
            "airflow",
            "airflow variables list -o json",
        ] {
            assert_eq!(translated(line), (line.to_owned(), None));
        }
    }
}
