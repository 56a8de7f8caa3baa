//! `failover`, also under the name of the old controller.

use std::os::unix::process::CommandExt as _;

use crate::home::{Answer, Home};

fn controller(home: &Home, arguments: &[&str]) -> Answer {
    let output = home.command().arg0("scheduler_failover_controller").args(arguments).output().unwrap();
    Answer::of(output, home.path())
}

#[test]
fn the_section_is_put_into_the_file_once() {
    let home = Home::new();
    std::fs::write(home.path().join("airflow.cfg"), "[core]\nparallelism = 4\n").unwrap();
    assert!(home.ok(&["failover", "init"]).starts_with("Added a section [scheduler_failover] to HOME/airflow.cfg"));
    let text = std::fs::read_to_string(home.path().join("airflow.cfg")).unwrap();
    for key in [
        "scheduler_nodes_in_cluster = ",
        "poll_frequency = 60",
        "airflow_scheduler_start_command = export TRADEWIND_HOME=",
        "# alert_to_email =",
    ] {
        assert!(text.contains(key), "{key}: {text}");
    }
    assert_eq!(home.ok(&["config", "lint"]), "No issues found in HOME/airflow.cfg.\n");
    assert_eq!(home.ok(&["config", "get-value", "core", "parallelism"]), "4\n");
    assert!(controller(&home, &["init"]).out.contains("already"));
}

#[test]
fn an_old_file_is_understood() {
    let home = Home::with_database();
    let old = "[scheduler_failover]\nscheduler_nodes_in_cluster = localhost, db2\nmetadata_service_type = SQLMetadataService\n\
        poll_frequency = 10\nairflow_scheduler_stop_command = for pid in `ps -ef | grep \"airflow scheduler\" | awk '{print $2}'` \\; do kill -9 $pid; date +%u >> $HOME/stops \\; done\n\
        logging_level = INFO\nlogs_rotate_when = midnight\nretry_count_before_alerting = 5\nalert_to_email = airflow@airflow.com\n";
    std::fs::write(home.path().join("airflow.cfg"), old).unwrap();
    assert_eq!(home.ok(&["config", "lint"]), "No issues found in HOME/airflow.cfg.\n");
    let stop = home.ok(&["config", "get-value", "scheduler_failover", "airflow_scheduler_stop_command"]);
    assert!(stop.contains("kill -9 $pid") && stop.contains("%u"), "a command is for the shell of another machine: {stop}");
    let answer = controller(&home, &["is_scheduler_running"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), "localhost: False\ndb2: False\n"));
    let answer = controller(&home, &["metadata"]);
    assert!(
        answer
            .out
            .starts_with("active_failover_node: None\nactive_scheduler_node: None\nlast_failover_heartbeat: None\ncurrent_timestamp: 2"),
        "{answer:?}"
    );
    assert_eq!(controller(&home, &["clear_metadata"]).out, "0 leases of controllers were ended.\n");
    assert!(controller(&home, &["get_current_host"]).out.starts_with("current host: "));
    let answer = home.call(&["failover", "status"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), "No data found\n"));
}

#[test]
fn commands_reach_this_machine_without_ssh() {
    let home = Home::new();
    assert_eq!(home.ok(&["failover", "test-connection"]), "localhost: connection succeeded\n");
    let output = home
        .command()
        .env("AIRFLOW__SCHEDULER_FAILOVER__SCHEDULER_NODES_IN_CLUSTER", "-oProxyCommand=x")
        .args(["failover", "test-connection"])
        .output()
        .unwrap();
    let answer = Answer::of(output, home.path());
    assert_eq!(answer.code, Some(4));
    assert!(answer.err.contains("scheduler_nodes_in_cluster") && answer.err.contains("names of hosts"), "{answer:?}");
}

#[test]
fn a_test_mail_without_an_address_says_what_is_missing() {
    let error = Home::with_database().fails_with(1, &["failover", "send-test-email"]);
    assert!(error.contains("[scheduler_failover] alert_to_email names nobody"), "{error}");
}
