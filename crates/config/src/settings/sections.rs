//! One struct per section, in the units that its users want.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::executor::Executor;
use super::reader::Reader;
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
}

impl Database {
    pub(super) fn read(r: &mut Reader<'_>) -> Database {
        Database { url: Secret::new(r.text("database", "sql_alchemy_conn")) }
    }
}

/// `[scheduler]`.
#[derive(Debug, Clone)]
pub struct Scheduler {
    /// Between heartbeats that are shown.
    pub job_heartbeat: Duration,
    /// Between full passes.
    pub pass_interval: Duration,
    /// Without a heartbeat for so long a scheduler is shown as unhealthy.
    pub health_check_threshold: Duration,
    /// Longest wait in a queue.
    pub task_queued_timeout: Duration,
    /// DAGs that do not say make runs of past intervals.
    pub catchup_by_default: bool,
    /// A cron text means a data interval.
    pub create_cron_data_intervals: bool,
    /// A timedelta means a data interval.
    pub create_delta_data_intervals: bool,
    /// DAGs for which one pass makes runs.
    pub max_dagruns_to_create_per_loop: u32,
    /// Runs that one pass takes up.
    pub max_dagruns_per_loop_to_schedule: u32,
    /// Task instances per statement; None leaves it to the program.
    pub max_tis_per_query: Option<u32>,
    /// Runs are made by schedule.
    pub use_job_schedule: bool,
    /// Regular expression of run ids.
    pub allowed_run_id_pattern: String,
    /// Passes after which the scheduler ends; None is never.
    pub num_runs: Option<u32>,
}

impl Scheduler {
    pub(super) fn read(r: &mut Reader<'_>) -> Scheduler {
        let s = "scheduler";
        Scheduler {
            job_heartbeat: seconds(r.float(s, "job_heartbeat_sec")),
            pass_interval: seconds(r.float(s, "scheduler_heartbeat_sec")),
            health_check_threshold: seconds(r.float(s, "scheduler_health_check_threshold")),
            task_queued_timeout: seconds(r.float(s, "task_queued_timeout")),
            catchup_by_default: r.bool(s, "catchup_by_default"),
            create_cron_data_intervals: r.bool(s, "create_cron_data_intervals"),
            create_delta_data_intervals: r.bool(s, "create_delta_data_intervals"),
            max_dagruns_to_create_per_loop: r.int(s, "max_dagruns_to_create_per_loop"),
            max_dagruns_per_loop_to_schedule: r.int(s, "max_dagruns_per_loop_to_schedule"),
            max_tis_per_query: Some(r.int(s, "max_tis_per_query")).filter(|n| *n > 0),
            use_job_schedule: r.bool(s, "use_job_schedule"),
            allowed_run_id_pattern: r.text(s, "allowed_run_id_pattern"),
            num_runs: u32::try_from(r.int::<i64>(s, "num_runs")).ok(),
        }
    }
}

/// `[dag_processor]`.
#[derive(Debug, Clone)]
pub struct DagProcessor {
    /// Between full looks at the folder (`dag_dir_list_interval` of 1.10 and 2.x).
    pub refresh_interval: Duration,
    /// Files that are parsed at once.
    pub parsing_processes: u32,
    /// After so long an unchanged file is parsed again.
    pub min_file_process_interval: Duration,
    /// A DAG that its file has not shown for so long is stale.
    pub stale_dag_threshold: Duration,
    /// Time that one parse may take in all.
    pub file_timeout: Duration,
    /// `modified_time`, `random_seeded_by_host` or `alphabetical`.
    pub file_sort_mode: &'static str,
    /// Memory of one parse in bytes; None is no limit.
    pub parse_memory: Option<u64>,
    /// Bytes of output of one parse that are kept.
    pub parse_output: u64,
}

impl DagProcessor {
    pub(super) fn read(r: &mut Reader<'_>) -> DagProcessor {
        let s = "dag_processor";
        DagProcessor {
            refresh_interval: seconds(r.float(s, "refresh_interval")),
            parsing_processes: r.int(s, "parsing_processes"),
            min_file_process_interval: seconds(r.float(s, "min_file_process_interval")),
            stale_dag_threshold: seconds(r.float(s, "stale_dag_threshold")),
            file_timeout: seconds(r.float(s, "dag_file_processor_timeout")),
            file_sort_mode: r.word(s, "file_parsing_sort_mode"),
            parse_memory: Some(u64::from(r.int::<u32>("tradewind", "parse_memory_mb")) << 20).filter(|bytes| *bytes > 0),
            parse_output: u64::from(r.int::<u32>("tradewind", "parse_output_kb")) << 10,
        }
    }
}

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
    /// Dependencies on the past.
    pub dependencies: DependencyDefaults,
}

/// Defaults of dependencies on the past.
#[derive(Debug, Clone, Copy)]
pub struct DependencyDefaults {
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
            dependencies: DependencyDefaults {
                ignore_first_depends_on_past: r.bool("scheduler", "ignore_first_depends_on_past_by_default"),
            },
        }
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

/// Whether the configuration can be read over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposeConfig {
    /// Not at all.
    Never,
    /// All but secrets.
    NonSensitive,
    /// All.
    All,
}

/// `[api]`.
#[derive(Debug, Clone)]
pub struct Api {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// URL under which people reach the server.
    pub base_url: Option<String>,
    /// Name of the installation.
    pub instance_name: Option<String>,
    /// Whether the configuration can be read.
    pub expose_config: ExposeConfig,
    /// Answers to failed requests hold the trace.
    pub expose_stacktrace: bool,
    /// Most items on a page.
    pub maximum_page_limit: u32,
    /// Items on a page when the request does not say.
    pub fallback_page_limit: u32,
    /// Origins that may call from a browser.
    pub allow_origins: Vec<String>,
    /// Methods that they may use.
    pub allow_methods: Vec<String>,
    /// Headers that they may send.
    pub allow_headers: Vec<String>,
    /// The list of DAGs starts without paused ones.
    pub hide_paused_dags_by_default: bool,
    /// Between questions of a page without live events.
    pub auto_refresh_interval: Duration,
}

impl Api {
    pub(super) fn read(r: &mut Reader<'_>) -> Api {
        let s = "api";
        Api {
            host: r.text(s, "host"),
            port: r.int(s, "port"),
            base_url: r.optional(s, "base_url"),
            instance_name: r.optional(s, "instance_name"),
            expose_config: match r.word(s, "expose_config") {
                "true" => ExposeConfig::All,
                "non-sensitive-only" => ExposeConfig::NonSensitive,
                _ => ExposeConfig::Never,
            },
            expose_stacktrace: r.bool(s, "expose_stacktrace"),
            maximum_page_limit: r.int(s, "maximum_page_limit"),
            fallback_page_limit: r.int(s, "fallback_page_limit"),
            allow_origins: r.list(s, "access_control_allow_origins"),
            allow_methods: r.list(s, "access_control_allow_methods"),
            allow_headers: r.list(s, "access_control_allow_headers"),
            hide_paused_dags_by_default: r.bool(s, "hide_paused_dags_by_default"),
            auto_refresh_interval: seconds(r.float(s, "auto_refresh_interval")),
        }
    }
}

/// `[api_auth]`, without the key.
#[derive(Debug, Clone)]
pub struct ApiAuth {
    /// Audience of tokens.
    pub jwt_audience: String,
    /// Issuer of tokens.
    pub jwt_issuer: Option<String>,
    /// Key id.
    pub jwt_kid: Option<String>,
    /// `HS256`, `HS384` or `HS512`.
    pub jwt_algorithm: &'static str,
    /// Life of a token of sign-in.
    pub jwt_expiration: Duration,
    /// Life of a token for the command line.
    pub jwt_cli_expiration: Duration,
    /// By how much clocks may differ.
    pub jwt_leeway: Duration,
}

impl ApiAuth {
    pub(super) fn read(r: &mut Reader<'_>) -> ApiAuth {
        let s = "api_auth";
        ApiAuth {
            jwt_audience: r.text(s, "jwt_audience"),
            jwt_issuer: r.optional(s, "jwt_issuer"),
            jwt_kid: r.optional(s, "jwt_kid"),
            jwt_algorithm: r.word(s, "jwt_algorithm"),
            jwt_expiration: seconds(r.float(s, "jwt_expiration_time")),
            jwt_cli_expiration: seconds(r.float(s, "jwt_cli_expiration_time")),
            jwt_leeway: seconds(r.float(s, "jwt_leeway")),
        }
    }
}

/// `[email]`.
#[derive(Debug, Clone)]
pub struct Email {
    /// Function that sends mail.
    pub backend: String,
    /// Connection with the login.
    pub conn_id: String,
    /// Mail on retry.
    pub on_retry: bool,
    /// Mail on failure.
    pub on_failure: bool,
    /// Template of the subject.
    pub subject_template: Option<PathBuf>,
    /// Template of the text.
    pub html_content_template: Option<PathBuf>,
    /// Sender.
    pub from_email: Option<String>,
}

impl Email {
    pub(super) fn read(r: &mut Reader<'_>) -> Email {
        let s = "email";
        Email {
            backend: r.text(s, "email_backend"),
            conn_id: r.text(s, "email_conn_id"),
            on_retry: r.bool(s, "default_email_on_retry"),
            on_failure: r.bool(s, "default_email_on_failure"),
            subject_template: r.optional(s, "subject_template").map(PathBuf::from),
            html_content_template: r.optional(s, "html_content_template").map(PathBuf::from),
            from_email: r.optional(s, "from_email"),
        }
    }
}

/// `[smtp]`.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS after connecting.
    pub starttls: bool,
    /// TLS from the start.
    pub ssl: bool,
    /// Sender when `[email] from_email` is not set.
    pub mail_from: String,
    /// Time of one attempt.
    pub timeout: Duration,
    /// Attempts per mail.
    pub retry_limit: u32,
    /// Login.
    pub user: Option<String>,
    /// Password of the login.
    pub password: Option<Secret>,
}

impl Smtp {
    pub(super) fn read(r: &mut Reader<'_>) -> Smtp {
        let s = "smtp";
        Smtp {
            host: r.text(s, "smtp_host"),
            port: r.int(s, "smtp_port"),
            starttls: r.bool(s, "smtp_starttls"),
            ssl: r.bool(s, "smtp_ssl"),
            mail_from: r.text(s, "smtp_mail_from"),
            timeout: seconds(r.float(s, "smtp_timeout")),
            retry_limit: r.int(s, "smtp_retry_limit"),
            user: r.optional(s, "smtp_user"),
            password: r.optional(s, "smtp_password").map(Secret::new),
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

/// `[tradewind]`: leases and polls.
#[derive(Debug, Clone, Copy)]
pub struct Leases {
    /// Lease of a scheduler.
    pub scheduler: Duration,
    /// Between renewals of it.
    pub scheduler_renew: Duration,
    /// Lease of a worker.
    pub worker: Duration,
    /// Between renewals of it.
    pub worker_renew: Duration,
    /// After so long an unclaimed attempt is published again.
    pub republish_after: Duration,
    /// Between looks at the database for what no hint told.
    pub poll_interval: Duration,
}

impl Leases {
    pub(super) fn read(r: &mut Reader<'_>) -> Leases {
        let s = "tradewind";
        let leases = Leases {
            scheduler: seconds(r.float(s, "scheduler_lease")),
            scheduler_renew: seconds(r.float(s, "scheduler_renew")),
            worker: seconds(r.float(s, "worker_lease")),
            worker_renew: seconds(r.float(s, "worker_renew")),
            republish_after: seconds(r.float(s, "republish_after")),
            poll_interval: seconds(r.float(s, "poll_interval")),
        };
        for (key, lease, renew) in
            [("scheduler_renew", leases.scheduler, leases.scheduler_renew), ("worker_renew", leases.worker, leases.worker_renew)]
        {
            // One missed renewal must not cost the lease.
            if let Some(found) = r.found(s, key).filter(|_| renew * 2 > lease) {
                r.reject(found.not_allowed(format!("at most half of the lease of {} s", lease.as_secs_f64())));
            }
        }
        leases
    }
}

fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)
}

fn limit(number: f64) -> Option<Duration> {
    (number > 0.0).then(|| seconds(number))
}
