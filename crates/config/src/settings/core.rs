//! Folders, limits and defaults of DAGs; the database.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::executor::Executor;
use super::reader::{Reader, limit};
use crate::secret::Secret;

/// How `.airflowignore` files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoreSyntax {
    /// As `.gitignore`.
    Glob,
    /// Regular expressions.
    Regexp,
}

/// `[core]`.
#[derive(Debug, Clone)]
pub struct Core {
    /// Base URLs of web servers, for workers elsewhere.
    pub execution_api_servers: Vec<String>,
    /// Name of this machine; None is that of the system.
    pub hostname: Option<String>,
    /// Folder of the DAG files.
    pub dags_folder: PathBuf,
    /// Folder of plugins.
    pub plugins_folder: PathBuf,
    /// The executor of tasks that name none.
    pub executor: Executor,
    /// All executors, the default one first.
    pub executors: Vec<Executor>,
    /// Running task instances over all DAGs; None is no limit.
    pub parallelism: Option<u32>,
    /// Default of `max_active_tasks` of a DAG.
    pub max_active_tasks_per_dag: u32,
    /// Default of `max_active_runs` of a DAG.
    pub max_active_runs_per_dag: u32,
    /// Default of `max_consecutive_failed_dag_runs` of a DAG; 0 is off.
    pub max_consecutive_failed_dag_runs_per_dag: u32,
    /// New DAGs start paused.
    pub dags_are_paused_at_creation: bool,
    /// Zone of naive times.
    pub default_timezone: TimeZone,
    /// The zone as configured, for Python.
    pub default_timezone_name: String,
    /// Show the example DAGs.
    pub load_examples: bool,
    /// Tests run.
    pub unit_test_mode: bool,
    /// Time that the import of a file may take; None is no limit.
    pub dagbag_import_timeout: Option<Duration>,
    /// Import errors show the traceback.
    pub import_error_tracebacks: bool,
    /// Frames of the traceback that are kept.
    pub import_error_traceback_depth: u32,
    /// Only files that look like DAG files are parsed.
    pub dag_discovery_safe_mode: bool,
    /// Language of `.airflowignore`.
    pub dag_ignore_file_syntax: IgnoreSyntax,
    /// conf of a run overrides params.
    pub dag_run_conf_overrides_params: bool,
    /// Slots of the default pool when it is made; -1 is no limit.
    pub default_pool_slots: i32,
    /// Most instances of one expansion.
    pub max_map_length: u32,
    /// Secrets are masked.
    pub hide_sensitive_fields: bool,
    /// Further names whose values are masked.
    pub sensitive_names: Vec<String>,
    /// Runs whose rendered fields are kept; 0 is all.
    pub rendered_fields_kept_runs: u32,
    /// Two dots may follow each other in ids.
    pub allow_double_dot_in_ids: bool,
}

impl Core {
    pub(super) fn read(r: &mut Reader<'_>) -> Core {
        let s = "core";
        let executors = executors(r);
        Core {
            execution_api_servers: r.list(s, "execution_api_server_url"),
            hostname: r.optional("tradewind", "hostname"),
            dags_folder: r.path(s, "dags_folder"),
            plugins_folder: r.path(s, "plugins_folder"),
            executor: executors[0],
            executors,
            parallelism: Some(r.int(s, "parallelism")).filter(|n| *n > 0),
            max_active_tasks_per_dag: r.int(s, "max_active_tasks_per_dag"),
            max_active_runs_per_dag: r.int(s, "max_active_runs_per_dag"),
            max_consecutive_failed_dag_runs_per_dag: r.int(s, "max_consecutive_failed_dag_runs_per_dag"),
            dags_are_paused_at_creation: r.bool(s, "dags_are_paused_at_creation"),
            default_timezone: r.timezone(s, "default_timezone"),
            default_timezone_name: r.text(s, "default_timezone").trim().to_owned(),
            load_examples: r.bool(s, "load_examples"),
            unit_test_mode: r.bool(s, "unit_test_mode"),
            dagbag_import_timeout: limit(r.float(s, "dagbag_import_timeout")),
            import_error_tracebacks: r.bool(s, "dagbag_import_error_tracebacks"),
            import_error_traceback_depth: r.int(s, "dagbag_import_error_traceback_depth"),
            dag_discovery_safe_mode: r.bool(s, "dag_discovery_safe_mode"),
            dag_ignore_file_syntax: match r.word(s, "dag_ignore_file_syntax") {
                "regexp" => IgnoreSyntax::Regexp,
                _ => IgnoreSyntax::Glob,
            },
            dag_run_conf_overrides_params: r.bool(s, "dag_run_conf_overrides_params"),
            default_pool_slots: r.int(s, "default_pool_task_slot_count"),
            max_map_length: r.int(s, "max_map_length"),
            hide_sensitive_fields: r.bool(s, "hide_sensitive_var_conn_fields"),
            sensitive_names: r.list(s, "sensitive_var_conn_names"),
            rendered_fields_kept_runs: r.int(s, "num_dag_runs_to_retain_rendered_fields"),
            allow_double_dot_in_ids: r.bool(s, "allow_double_dot_in_ids"),
        }
    }
}

fn executors(r: &mut Reader<'_>) -> Vec<Executor> {
    let read = r.found("core", "executor").map(|found| Executor::parse_list(&found));
    match read {
        Some(Ok(executors)) => executors,
        Some(Err(error)) => {
            r.reject(error);
            vec![Executor::Local]
        }
        None => vec![Executor::Local],
    }
}

/// `[database]`.
#[derive(Debug, Clone)]
pub struct Database {
    /// SQLAlchemy URL, with its password.
    pub url: Secret,
    /// Connections of a process that stay open, and those beyond.
    pub pool_size: usize,
    pub max_overflow: usize,
    /// A connection older than this is made anew.
    pub pool_recycle: Option<std::time::Duration>,
    /// PostgreSQL: where the tables are.
    pub schema: Option<String>,
    /// Arguments of the driver: JSON, or the import path of a dictionary.
    pub connect_args: Option<Secret>,
}

impl Database {
    pub(super) fn read(r: &mut Reader<'_>) -> Database {
        // -1 is SQLAlchemy's word for never, and for no limit (which is one of 100 here, so that a flood cannot take all of the server's).
        let overflow: i64 = r.int("database", "sql_alchemy_max_overflow");
        let recycle: i64 = r.int("database", "sql_alchemy_pool_recycle");
        Database {
            url: Secret::new(r.text("database", "sql_alchemy_conn")),
            pool_size: r.int::<u16>("database", "sql_alchemy_pool_size").max(1).into(),
            max_overflow: usize::try_from(overflow).unwrap_or(100),
            pool_recycle: u64::try_from(recycle).ok().map(std::time::Duration::from_secs),
            schema: r.optional("database", "sql_alchemy_schema").filter(|schema| !schema.is_empty()),
            connect_args: r.optional("database", "sql_alchemy_connect_args").map(Secret::new),
        }
    }
}
