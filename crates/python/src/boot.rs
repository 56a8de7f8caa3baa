//! The command that becomes the host, and what of our environment it sees.

use std::env;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::host::HostOptions;

/// Starts the host process.
pub fn spawn(options: &HostOptions, tree: &Path, socket: &Path) -> std::io::Result<Child> {
    // Not plain `-m`: that puts the working folder in front of everything, and an `airflow` folder there would hide ours.
    const BOOT: &str = "import sys; sys.path = [p for p in sys.path if p]; import runpy; \
                        runpy.run_module('tradewind.host', run_name='__main__', alter_sys=True)";
    let mut path = tree.as_os_str().to_owned();
    if let Some(theirs) = env::var_os("PYTHONPATH").filter(|p| !p.is_empty()) {
        path.push(":");
        path.push(theirs);
    }
    let mut command = Command::new(&options.python);
    command
        .args(["-c", BOOT, "--socket"])
        .arg(socket)
        .env_clear()
        .envs(env::vars_os().filter(|(name, _)| name.to_str().is_some_and(may_pass)))
        .envs(&options.env)
        .env("PYTHONPATH", path)
        .stdin(Stdio::null())
        // A signal to the group of this program must not reach tasks before their grace is over.
        .process_group(0)
        .kill_on_drop(true);
    command.spawn()
}

/// Whether user code may see a variable of our environment: all but what opens the control plane.
fn may_pass(name: &str) -> bool {
    const KEYS: [&str; 9] = [
        "DATABASE__SQL_ALCHEMY_CONN",
        "CORE__SQL_ALCHEMY_CONN",
        "CORE__FERNET_KEY",
        "CORE__INTERNAL_API_SECRET_KEY",
        "API__SECRET_KEY",
        "WEBSERVER__SECRET_KEY",
        "API_AUTH__JWT_SECRET",
        "CELERY__BROKER_URL",
        "CELERY__RESULT_BACKEND",
    ];
    let name = name.strip_prefix("AIRFLOW__").or_else(|| name.strip_prefix("TRADEWIND__"));
    !name.is_some_and(|name| {
        let plain = name.trim_end_matches("_CMD").trim_end_matches("_SECRET");
        KEYS.iter().any(|key| name == *key || plain == *key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_control_plane_do_not_reach_user_code() {
        for hidden in [
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
            "AIRFLOW__CORE__SQL_ALCHEMY_CONN_CMD",
            "AIRFLOW__CORE__FERNET_KEY",
            "AIRFLOW__API_AUTH__JWT_SECRET",
            "AIRFLOW__CELERY__BROKER_URL_SECRET",
        ] {
            assert!(!may_pass(hidden), "{hidden}");
        }
        for open in ["PATH", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW_VAR_X", "AIRFLOW_CONN_Y", "MY_SECRET"] {
            assert!(may_pass(open), "{open}");
        }
    }
}
