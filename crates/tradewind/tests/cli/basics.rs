//! Version, usage, configuration, database.

use std::os::unix::process::CommandExt as _;

use crate::home::{Answer, Home};

#[test]
fn version_is_one_line() {
    assert_eq!(Home::new().ok(&["version"]), format!("{}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_exit_code_2_with_the_usage_on_the_standard_error() {
    let answer = Home::new().call(&["db", "migrat"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""));
    assert!(answer.err.contains("migrat") && answer.err.contains("Usage:"), "{answer:?}");
}

#[test]
fn the_cheat_sheet_lists_commands_with_their_group() {
    let out = Home::new().ok(&["cheat-sheet"]);
    assert!(out.contains("tradewind db migrate ") && out.contains("tradewind config get-value "), "{out}");
}

#[test]
fn called_as_airflow_with_names_of_1_10_it_does_the_same_and_says_the_new_name() {
    let home = Home::new();
    let output = home.command().arg0("airflow").arg("initdb").output().unwrap();
    let answer = Answer::of(output, home.path());
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert_eq!(answer.err, "`initdb` is called `db migrate` now.\n");
    assert_eq!(home.ok(&["checkdb"]), "Connection successful.\n");
}

#[test]
fn a_database_is_made_once_and_checked() {
    let home = Home::new();
    let unmade = home.fails_with(5, &["db", "check"]);
    assert!(unmade.contains("tradewind db migrate"), "{unmade}");
    assert!(home.ok(&["db", "migrate"]).starts_with("Applied"));
    assert!(home.ok(&["db", "init"]).starts_with("The database is up to date"));
    assert_eq!(home.ok(&["db", "check"]), "Connection successful.\n");
    assert_eq!(home.ok(&["db", "check-migrations", "-t", "0"]), "Connection successful.\n");
    assert!(home.path().join("tradewind.db").exists());
}

#[test]
fn a_reset_asks_and_takes_no_answer_for_a_no() {
    let home = Home::with_database();
    let asked = home.call(&["db", "reset"]);
    assert_eq!((asked.code, asked.out.as_str()), (Some(1), "Nothing was removed.\n"));
    assert!(asked.err.contains("removes everything in sqlite:///HOME/tradewind.db"), "{asked:?}");
    assert!(home.ok(&["db", "reset", "--yes"]).starts_with("Applied"));
}

#[test]
fn a_database_of_a_kind_that_is_not_known_is_refused_without_its_password() {
    let home = Home::new();
    std::fs::write(home.path().join("airflow.cfg"), "[core]\nsql_alchemy_conn = oracle://u:swordfish@h/d\n").unwrap();
    let error = home.fails_with(4, &["db", "check"]);
    assert!(error.contains("HOME/airflow.cfg:2") && error.contains("oracle"), "{error}");
    assert!(!error.contains("swordfish"), "{error}");
}

#[test]
fn options_are_read_by_old_and_new_name() {
    let home = Home::new();
    std::fs::write(home.path().join("airflow.cfg"), "[core]\ndag_concurrency = 5\n").unwrap();
    assert_eq!(home.ok(&["config", "get-value", "core", "max_active_tasks_per_dag"]), "5\n");
    assert_eq!(home.ok(&["config", "get-value", "core", "dag_concurrency"]), "5\n");
    let missing = home.call(&["config", "get-value", "core", "nothing"]);
    assert_eq!((missing.code, missing.err.as_str()), (Some(0), "The option [core/nothing] is not found in config.\n"));
}

#[test]
fn wrong_values_stop_every_command_and_are_told_together() {
    let home = Home::new();
    std::fs::write(home.path().join("airflow.cfg"), "[core]\nparallelism = x\n[api]\nport = y\n").unwrap();
    assert_eq!(
        home.fails_with(4, &["db", "migrate"]),
        "error: HOME/airflow.cfg:2: [core] parallelism = \"x\": expected a whole number, 0 or more\n\
         HOME/airflow.cfg:4: [api] port = \"y\": expected a whole number from 0 to 65535\n"
    );
}

#[test]
fn the_list_of_options_is_a_configuration_file_that_reads_back() {
    let home = Home::new();
    std::fs::write(home.path().join("airflow.cfg"), "[smtp]\nsmtp_password = swordfish\n[core]\nparallelism = 7\n").unwrap();
    let core = home.ok(&["config", "list", "--section", "core", "-d", "-s", "-V"]);
    assert!(core.contains("# Source: HOME/airflow.cfg:4\n# Variable: AIRFLOW__CORE__PARALLELISM\nparallelism = 7\n"), "{core}");
    let hidden = home.ok(&["config", "list"]);
    assert!(hidden.contains("smtp_password = < hidden >\n") && !hidden.contains("swordfish"), "{hidden}");
    let whole = home.call(&["config", "list", "--show-values"]);
    std::fs::write(home.path().join("airflow.cfg"), whole.out.replace("HOME", home.path().to_str().unwrap())).unwrap();
    assert_eq!(home.ok(&["config", "list", "--show-values"]), whole.out);
}

#[test]
fn unknown_names_are_found_by_lint() {
    let home = Home::new();
    assert_eq!(home.ok(&["config", "lint"]), "No issues found in HOME/airflow.cfg.\n");
    std::fs::write(home.path().join("airflow.cfg"), "[core]\nparalelism = 7\n").unwrap();
    let answer = home.call(&["config", "lint"]);
    assert_eq!(answer.out, "HOME/airflow.cfg:2: section [core] has no option paralelism; did you mean parallelism?\n");
    assert_eq!(answer.code, Some(1));
}

#[test]
fn info_names_the_places() {
    let home = Home::with_database();
    let out = home.ok(&["info", "-o", "plain", "--anonymize"]);
    assert!(out.contains("dags_folder      ${HOME}/dags\n"), "{out}");
    assert!(out.contains("executor         LocalExecutor\n"), "{out}");
}
