//! Settings from files and variables: order, old names, errors.

use std::path::Path;
use std::time::Duration;

use tradewind_config::{Config, Environment, Executor, Secrets, Settings};

/// A home with a configuration file, and variables.
struct Setup {
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Setup {
    fn new(file: &str) -> Setup {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("airflow.cfg"), file).unwrap();
        Setup { home, variables: Vec::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Setup {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn config(&self) -> Config {
        let home = ("AIRFLOW_HOME".to_owned(), self.home.path().to_str().unwrap().to_owned());
        let environment: Environment = self.variables.iter().cloned().chain([home]).collect();
        Config::load(environment).unwrap()
    }

    fn settings(&self) -> Settings {
        Settings::from_config(&self.config()).unwrap()
    }

    fn error(&self) -> String {
        let path = self.home.path().to_str().unwrap();
        Settings::from_config(&self.config()).unwrap_err().to_string().replace(path, "HOME")
    }
}

#[test]
fn without_a_file_everything_has_its_default() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path();
    let config = Config::load(Environment::from([("TRADEWIND_HOME", path.to_str().unwrap())])).unwrap();
    let settings = Settings::from_config(&config).unwrap();
    assert_eq!(settings.home, path);
    assert_eq!(settings.config_file, None);
    assert_eq!(settings.core.dags_folder, path.join("dags"));
    assert_eq!(settings.database.url.expose(), format!("sqlite:///{}/tradewind.db", path.display()));
    assert_eq!((settings.api.host.as_str(), settings.api.port), ("127.0.0.1", 8080));
    assert_eq!(settings.core.executors, [Executor::Local]);
    assert_eq!(settings.core.parallelism, Some(32));
    assert!(!settings.scheduler.catchup_by_default);
    assert_eq!(settings.logging.folder_mode, 0o775);
    assert_eq!(settings.core.dagbag_import_timeout, Some(Duration::from_secs(30)));
    assert_eq!(settings.operators.execution_timeout, None);
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 0, "reading settings writes nothing");
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let setup = Setup::new("[webserver]\nweb_server_port = 1\n");
    assert_eq!(setup.settings().api.port, 1);
    let setup = setup.with("AIRFLOW__WEBSERVER__WEB_SERVER_PORT", "2");
    assert_eq!(setup.settings().api.port, 2);
    let setup = setup.with("AIRFLOW__API__PORT", "3");
    assert_eq!(setup.settings().api.port, 3, "the current name goes before an old one");
    let setup = setup.with("TRADEWIND__API__PORT", "4");
    assert_eq!(setup.settings().api.port, 4);
    let config = setup.config().with_flag("--port", "api", "port", "5");
    assert_eq!(Settings::from_config(&config).unwrap().api.port, 5);
}

#[test]
fn an_old_name_in_the_environment_goes_before_the_current_one_in_the_file() {
    let setup = Setup::new("[core]\nmax_active_tasks_per_dag = 8\n").with("AIRFLOW__CORE__DAG_CONCURRENCY", "9");
    assert_eq!(setup.settings().core.max_active_tasks_per_dag, 9);
}

#[test]
fn a_file_of_1_10_means_the_same_under_the_names_of_today() {
    let setup = Setup::new(include_str!("vectors/airflow_1_10.cfg")).with("HOME", "/home/etl");
    let settings = setup.settings();
    assert_eq!(settings.core.dags_folder, Path::new("/home/etl/dags"));
    assert_eq!(settings.database.url.expose(), "mysql+mysqldb://etl:p%40ss@db.example.com/airflow?charset=utf8mb4");
    assert_eq!(settings.logging.base_log_folder, Path::new("/var/log/etl"));
    assert_eq!(settings.logging.level, "WARNING");
    assert!(settings.logging.filename_template.starts_with("dag_id="), "the template of 1.10 means the default");
    assert_eq!(settings.core.executors, [Executor::Celery]);
    assert_eq!(settings.core.max_active_tasks_per_dag, 6);
    assert_eq!(settings.core.default_pool_slots, 64);
    assert_eq!(settings.core.default_timezone_name, "Asia/Seoul");
    assert_eq!(settings.dag_processor.parsing_processes, 3);
    assert_eq!(settings.dag_processor.refresh_interval, Duration::from_secs(40));
    assert_eq!((settings.api.host.as_str(), settings.api.port), ("10.0.0.5", 8090));
    assert_eq!(settings.operators.queue, "batch");
    assert!(settings.scheduler.catchup_by_default);
    let config = setup.config();
    assert_eq!(config.get("celery", "worker_concurrency").unwrap(), config.get("celery", "celeryd_concurrency").unwrap());
    assert_eq!(config.get("webserver", "web_server_port").unwrap().as_deref(), Some("8090"), "asked by the old name");
}

#[test]
fn every_wrong_value_is_told_with_its_place_and_what_is_allowed() {
    let setup = Setup::new("[core]\nparallelism = many\n\n[scheduler]\nmax_threads = 0\ncatchup_by_default = maybe\n")
        .with("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Asia/Soul")
        .with("AIRFLOW__CORE__EXECUTOR", "QuickExecutor")
        .with("AIRFLOW__API__PORT", "80800");
    let error = setup.error();
    let mut lines: Vec<&str> = error.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "AIRFLOW__API__PORT: [api] port = \"80800\": expected a whole number from 0 to 65535",
            "AIRFLOW__CORE__DEFAULT_TIMEZONE: [core] default_timezone = \"Asia/Soul\": expected a time zone: an IANA name such as Asia/Seoul, utc or system",
            "AIRFLOW__CORE__EXECUTOR: [core] executor = \"QuickExecutor\": expected executors out of LocalExecutor, SequentialExecutor, CeleryExecutor, KubernetesExecutor, DaskExecutor, DebugExecutor",
            "HOME/airflow.cfg:2: [core] parallelism = \"many\": expected a whole number, 0 or more",
            "HOME/airflow.cfg:5: [scheduler] max_threads = \"0\": expected a whole number, 1 or more",
            "HOME/airflow.cfg:6: [scheduler] catchup_by_default = \"maybe\": expected a boolean: true, t, 1, false, f or 0",
        ]
    );
}

#[test]
fn renewing_less_than_twice_per_lease_is_refused() {
    let setup = Setup::new("[tradewind]\nworker_lease = 4\nworker_renew = 3\n");
    assert_eq!(setup.error(), "HOME/airflow.cfg:3: [tradewind] worker_renew = \"3\": expected at most half of the lease of 4 s");
}

#[test]
fn commands_give_secrets_and_nothing_else() {
    let setup = Setup::new("[core]\nsql_alchemy_conn_cmd = echo sqlite:////x/%%25.db\nparallelism_cmd = echo 7\n");
    let settings = setup.settings();
    assert_eq!(settings.database.url.expose(), "sqlite:////x/%25.db");
    assert_eq!(settings.core.parallelism, Some(32), "parallelism is no secret");
    let setup = setup.with("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "printf sqlite:////y.db");
    assert_eq!(setup.settings().database.url.expose(), "sqlite:////y.db");
    let failing = Setup::new("[database]\nsql_alchemy_conn_cmd = sh -c 'exit 4'\n");
    assert_eq!(
        failing.error(),
        "HOME/airflow.cfg:2: sql_alchemy_conn_cmd: the command for [database] sql_alchemy_conn failed: sh: exit status: 4; it said: "
    );
}

#[test]
fn a_value_in_a_secrets_backend_is_refused_with_a_way_out() {
    let setup = Setup::new("").with("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET", "path/in/vault");
    assert_eq!(
        setup.error(),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET: [database] sql_alchemy_conn is to come from a secrets backend, and there is no \
         support for secrets backends; use AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD or the value itself"
    );
}

#[test]
fn secrets_do_not_show_in_errors_or_debug_output() {
    let setup = Setup::new("[database]\nsql_alchemy_conn = postgresql://etl:pa%ss@db/x\n");
    assert_eq!(setup.error(), "HOME/airflow.cfg:2: [database] sql_alchemy_conn = ***: expected each percent sign written as %%");
    let setup = Setup::new("[smtp]\nsmtp_password = swordfish\n").with("AIRFLOW__API_AUTH__JWT_SECRET", "swordfish");
    let secrets = Secrets::load_or_create(&setup.config()).unwrap();
    let shown = format!("{:?} {:?} {:?}", setup.settings(), secrets, setup.config().environment());
    assert!(!shown.contains("swordfish"), "{shown}");
}

#[test]
fn made_secrets_are_kept_for_the_owner_only_and_come_back() {
    use std::os::unix::fs::MetadataExt;
    let setup = Setup::new("");
    let first = Secrets::load_or_create(&setup.config()).unwrap();
    let second = Secrets::load_or_create(&setup.config()).unwrap();
    assert_eq!(first.fernet_keys, second.fernet_keys);
    assert_eq!(first.jwt_secret, second.jwt_secret);
    assert_ne!(first.jwt_secret, first.api_secret_key);
    let folder = setup.home.path().join("secrets");
    assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
    let mut names = Vec::new();
    for file in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["api_secret_key", "fernet_key", "jwt_secret"]);
}

#[test]
fn an_empty_fernet_key_means_no_encryption_and_a_wrong_one_is_refused() {
    let clear = Setup::new("[core]\nfernet_key =\n");
    assert!(Secrets::load_or_create(&clear.config()).unwrap().fernet_keys.is_empty());
    let key = "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs=";
    let two = Setup::new("").with("AIRFLOW__CORE__FERNET_KEY", &format!("{key}, {key}"));
    assert_eq!(Secrets::load_or_create(&two.config()).unwrap().fernet_keys.len(), 2);
    let short = Setup::new("[core]\nfernet_key = c2hvcnQ=\n");
    let error = Secrets::load_or_create(&short.config()).unwrap_err().to_string();
    assert!(error.contains("[core] fernet_key = ***: expected keys of 32 bytes"), "{error}");
}

#[test]
fn channels_of_alerts() {
    let channels = r#"{"ops": {"type": "slack", "url": "https://hooks.example.com/T0KEN", "events": ["run_failure", "task_failure"], "dags": ["etl_*"]},
        "team": {"type": "email", "to": "a@example.com; b@example.com"}, "pager": {"type": "command", "argv": ["/bin/page", "-v"], "timeout": 3}}"#;
    let setup = Setup::new("[alerts]\nlate_after_by_dag = {\"slow_*\": 7200, \"quiet\": 0}\nlate_after = 60\n")
        .with("AIRFLOW__ALERTS__CHANNELS", channels);
    let alerts = setup.settings().alerts;
    let names: Vec<&str> = alerts.channels.iter().map(|channel| channel.name.as_str()).collect();
    assert_eq!(names, ["ops", "pager", "team"]);
    assert_eq!(alerts.channels[0].dags, ["etl_*"]);
    assert!(matches!(&alerts.channels[2].kind, tradewind_config::ChannelKind::Email { to } if to == &["a@example.com", "b@example.com"]));
    assert_eq!(alerts.channels[2].events, ["run_failure", "run_late", "run_never_started"]);
    assert_eq!(alerts.channels[1].timeout, Duration::from_secs(3));
    assert_eq!(alerts.late_after_by_dag, [("slow_*".to_owned(), Some(Duration::from_secs(7200))), ("quiet".to_owned(), None)]);
    assert!(!format!("{alerts:?}").contains("T0KEN"), "the URL of a webhook is a secret");
}

#[test]
fn a_wrong_channel_is_refused_by_name_without_telling_its_secrets() {
    for (channels, expect) in [
        (r#"{"ops": "https://T0KEN"}"#, "invalid type: string ..., expected"),
        ("[]", "expected a JSON object of channels by name"),
        (
            r#"{"ops": {"type": "slak", "url": "https://T0KEN"}}"#,
            "for channel `ops` a `type` among slack, webhook, command, email, not `slak`",
        ),
        (r#"{"ops": {"type": "slack", "url": "T0KEN"}}"#, "for channel `ops` a `url` that begins with https:// or http://"),
        (r#"{"ops": {"type": "command", "argv": ["page"]}}"#, "for channel `ops` `argv`, a list of program (an absolute path)"),
        (r#"{"ops": {"type": "email", "events": ["failure"]}}"#, "for channel `ops` events among task_success"),
        (r#"{"ops": {"type": "email", "too": "x"}}"#, "unknown field `too`"),
        (r#"{"email": {"type": "email"}}"#, "for channel `email` another name"),
    ] {
        let error = Setup::new("").with("AIRFLOW__ALERTS__CHANNELS", channels).error();
        assert!(error.contains(expect), "{error}");
        assert!(!error.contains("T0KEN"), "{error}");
    }
}
