//! `[core] executor` and `parallelism`.

use tradewind_config::{Config, Environment, Settings};
use tradewind_executor::{ExecutorError, LocalExecutor, select};

fn selected(variables: &[(&str, &str)]) -> Result<LocalExecutor, ExecutorError> {
    let home = tempfile::tempdir().unwrap();
    let mut environment = vec![("AIRFLOW_HOME".to_owned(), home.path().display().to_string())];
    environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let environment: Environment = environment.into_iter().collect();
    select(&Settings::from_config(&Config::load(environment).unwrap()).unwrap())
}

fn by_name(name: &str) -> Result<LocalExecutor, ExecutorError> {
    selected(&[("AIRFLOW__CORE__EXECUTOR", name)])
}

#[test]
fn the_executors_that_there_are() {
    for name in ["LocalExecutor", "airflow.executors.local_executor.LocalExecutor", "mine:LocalExecutor"] {
        let executor = by_name(name).unwrap();
        assert_eq!((executor.name(), executor.slots()), ("LocalExecutor", 32), "{name}");
    }
    let sequential = by_name("airflow.executors.sequential_executor.SequentialExecutor").unwrap();
    assert_eq!((sequential.name(), sequential.slots()), ("SequentialExecutor", 1));
    assert_eq!(selected(&[]).unwrap().name(), "LocalExecutor");
    assert_eq!(selected(&[("AIRFLOW__CORE__PARALLELISM", "7")]).unwrap().slots(), 7);
}

#[test]
fn the_executors_to_come_are_named_as_such() {
    for (name, words) in [
        ("CeleryExecutor", "CeleryExecutor is not available in this version; LocalExecutor and SequentialExecutor are"),
        ("KubernetesExecutor", "KubernetesExecutor is not available"),
        ("LocalKubernetesExecutor", "KubernetesExecutor is not available"),
        ("DebugExecutor", "`dags test`"),
        ("LocalExecutor,SequentialExecutor", "LocalExecutor, SequentialExecutor together"),
    ] {
        let error = by_name(name).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
    }
}
