//! Unknown names, old names, and the map that DAG code reads.

use tradewind_config::{Config, Environment, Settings};

fn load(file: &str, variables: &[(&str, &str)]) -> (tempfile::TempDir, Config) {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("airflow.cfg"), file).unwrap();
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let home_variable = ("AIRFLOW_HOME".to_owned(), home.path().to_str().unwrap().to_owned());
    let config = Config::load(pairs.chain([home_variable]).collect::<Environment>()).unwrap();
    (home, config)
}

fn warnings(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let (home, config) = load(file, variables);
    let path = home.path().to_str().unwrap();
    config.warnings().iter().map(|warning| warning.to_string().replace(path, "HOME")).collect()
}

#[test]
fn unknown_names_are_told_with_the_nearest_known_one() {
    let file = "[core]\nparalelism = 3\nzzz = 1\n[schedular]\nx = 1\n[qqq]\ny = 1\n";
    let variables = [("AIRFLOW__API__PROT", "1"), ("AIRFLOW__COR__PARALLELISM", "1"), ("AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH", "x")];
    assert_eq!(
        warnings(file, &variables),
        [
            "HOME/airflow.cfg:2: section [core] has no option paralelism; did you mean parallelism?",
            "HOME/airflow.cfg:3: section [core] has no option zzz",
            "HOME/airflow.cfg:4: there is no section [schedular]; did you mean [scheduler]?",
            "HOME/airflow.cfg:6: there is no section [qqq]",
            "AIRFLOW__API__PROT: section [api] has no option prot; did you mean port?",
            "AIRFLOW__COR__PARALLELISM: there is no section [cor]; did you mean [core]?",
        ]
    );
}

#[test]
fn old_names_are_told_with_the_new_one() {
    assert_eq!(
        warnings("[scheduler]\nmax_threads = 2\n", &[("AIRFLOW__CORE__SQL_ALCHEMY_CONN", "sqlite:////x.db")]),
        [
            "HOME/airflow.cfg:2: [scheduler] max_threads is called [dag_processor] parsing_processes since 1.10.14",
            "AIRFLOW__CORE__SQL_ALCHEMY_CONN: [core] sql_alchemy_conn is called [database] sql_alchemy_conn since 2.3.0",
        ]
    );
}

#[test]
fn what_is_accepted_without_effect_is_not_told() {
    let file = "[celery]\nflower_port = 5556\n[kubernetes_labels]\nteam = etl\n[database]\nsql_alchemy_conn_cmd = echo x\n\
                [celery_broker_transport_options]\nmaster_name = mymaster\n[team_a=core]\nparallelism = 3\n[webserver]\nrbac = True\n";
    let variables = [("AIRFLOW__SMTP__SMTP_PASSWORD_CMD", "echo x"), ("AIRFLOW__TEAM_A___CORE__PARALLELISM", "3"), ("AIRFLOW_VAR_X", "y")];
    assert_eq!(warnings(file, &variables), Vec::<String>::new());
}

#[test]
fn wrong_values_of_options_without_effect_stop_nobody() {
    let (_home, config) = load("[celery]\nworker_prefetch_multiplier = often\n[traces]\notel_on = perhaps\n", &[]);
    Settings::from_config(&config).unwrap();
}

#[test]
fn dag_code_reads_every_value_by_old_and_new_name_but_no_keys_of_the_control_plane() {
    let file = "[core]\ndag_concurrency = 5\nfernet_key =\n[my_team]\nbucket = s3://%(stage)s\nstage = test\n[smtp]\nsmtp_password = p\n\
                [broken]\nvalue = 5%\n";
    let (home, config) = load(file, &[("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://u:swordfish@h/d")]);
    let map = config.for_python();
    assert_eq!(map["core.dag_concurrency"], "5");
    assert_eq!(map["core.max_active_tasks_per_dag"], "5");
    assert_eq!(map["core.dags_folder"], home.path().join("dags").to_str().unwrap());
    assert_eq!(map["my_team.bucket"], "s3://test");
    assert_eq!(map["smtp.smtp_password"], "p");
    assert_eq!(map["webserver.dag_default_view"], "grid");
    assert!(!map.contains_key("broken.value"));
    assert!(!map.contains_key("core.fernet_key") && !map.contains_key("api_auth.jwt_secret"));
    assert!(!format!("{map:?}").contains("swordfish"));
}
