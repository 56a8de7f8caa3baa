//! Tasks: what they take when they do not say, and how they run.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::{Reader, limit, seconds};

/// Tasks while they run.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Between TERM and KILL.
    pub killed_task_cleanup_time: Duration,
    /// User of tasks without `run_as_user`; None is the worker's.
    pub default_impersonation: Option<String>,
    /// Between heartbeats of an attempt.
    pub min_heartbeat_interval: Duration,
    /// Failed heartbeats that end an attempt.
    pub max_failed_heartbeats: u32,
    /// Characters of a rendered field that are kept.
    pub max_templated_field_length: u32,
    /// Attempts lost with their worker that do not spend a retry.
    pub worker_losses: u32,
    /// Attempts that a worker of its own runs at once.
    pub concurrency: u32,
    /// How long an answer of a web server to a worker may take.
    pub execution_api_timeout: Duration,
}

impl Workers {
    pub(super) fn read(r: &mut Reader<'_>) -> Workers {
        Workers {
            killed_task_cleanup_time: seconds(r.float("core", "killed_task_cleanup_time")),
            default_impersonation: r.optional("core", "default_impersonation"),
            min_heartbeat_interval: seconds(r.float("workers", "min_heartbeat_interval")),
            max_failed_heartbeats: r.int("workers", "max_failed_heartbeats"),
            max_templated_field_length: r.int("core", "max_templated_field_length"),
            worker_losses: r.int("tradewind", "worker_losses"),
            concurrency: r.int("celery", "worker_concurrency"),
            execution_api_timeout: seconds(r.float("workers", "execution_api_timeout")),
        }
    }
}

/// Defaults that tasks take when they do not say.
#[derive(Debug, Clone)]
pub struct Operators {
    /// Owner.
    pub owner: String,
    /// Queue.
    pub queue: String,
    /// Operators that can defer do.
    pub deferrable: bool,
    /// Retries.
    pub retries: u32,
    /// Delay of a retry.
    pub retry_delay: Duration,
    /// Longest delay of a retry.
    pub max_retry_delay: Duration,
    /// `absolute`, `downstream` or `upstream`.
    pub weight_rule: &'static str,
    /// Time that a task may take; None is no limit.
    pub execution_timeout: Option<Duration>,
    /// Time after which a sensor fails.
    pub sensor_timeout: Duration,
    /// `depends_on_past` does not hold back the first run.
    pub ignore_first_depends_on_past: bool,
}

impl Operators {
    pub(super) fn read(r: &mut Reader<'_>) -> Operators {
        Operators {
            owner: r.text("operators", "default_owner"),
            queue: r.text("operators", "default_queue"),
            deferrable: r.bool("operators", "default_deferrable"),
            retries: r.int("core", "default_task_retries"),
            retry_delay: seconds(r.float("core", "default_task_retry_delay")),
            max_retry_delay: seconds(r.float("core", "max_task_retry_delay")),
            weight_rule: r.word("core", "default_task_weight_rule"),
            execution_timeout: r.optional_float("core", "default_task_execution_timeout").and_then(limit),
            sensor_timeout: seconds(r.float("sensors", "default_timeout")),
            ignore_first_depends_on_past: r.bool("scheduler", "ignore_first_depends_on_past_by_default"),
        }
    }
}

/// Python processes.
#[derive(Debug, Clone)]
pub struct Python {
    /// Interpreter; None: look for one on the path.
    pub executable: Option<PathBuf>,
}

impl Python {
    pub(super) fn read(r: &mut Reader<'_>) -> Python {
        let short = r.config().environment().get("TRADEWIND_PYTHON").filter(|value| !value.is_empty()).map(ToOwned::to_owned);
        let executable = short.or_else(|| r.optional("tradewind", "python"));
        Python { executable: executable.map(PathBuf::from) }
    }
}

/// `[logging]`.
#[derive(Debug, Clone)]
pub struct Logging {
    /// Folder of task logs.
    pub base_log_folder: PathBuf,
    /// Folder of the output of parses.
    pub dag_processor_log_folder: PathBuf,
    /// Least level: `CRITICAL`, `FATAL`, `ERROR`, `WARN`, `WARNING`, `INFO` or `DEBUG`.
    pub level: &'static str,
    /// Path below the folder, a Jinja template.
    pub filename_template: String,
    /// Mode of new folders.
    pub folder_mode: u32,
    /// Mode of new files.
    pub file_mode: u32,
    /// Shorter secrets are not masked.
    pub min_length_masked_secret: u32,
    /// Port on which a worker serves logs.
    pub worker_log_server_port: u16,
}

/// Templates that earlier versions wrote into each configuration file; they mean the default of today.
const OLD_FILENAME_TEMPLATES: [&str; 2] = [
    "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log",
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log",
];

impl Logging {
    pub(super) fn read(r: &mut Reader<'_>) -> Logging {
        let s = "logging";
        let mut filename_template = r.text(s, "log_filename_template");
        if OLD_FILENAME_TEMPLATES.contains(&filename_template.as_str()) {
            let spec = crate::option::table().get(s, "log_filename_template");
            filename_template = spec.and_then(|spec| r.config().default_of(spec)).unwrap_or(filename_template);
        }
        Logging {
            base_log_folder: r.path(s, "base_log_folder"),
            dag_processor_log_folder: r.path(s, "dag_processor_child_process_log_directory"),
            level: r.word(s, "logging_level"),
            filename_template,
            folder_mode: r.octal(s, "file_task_handler_new_folder_permissions"),
            file_mode: r.octal(s, "file_task_handler_new_file_permissions"),
            min_length_masked_secret: r.int(s, "min_length_masked_secret"),
            worker_log_server_port: r.int(s, "worker_log_server_port"),
        }
    }
}
