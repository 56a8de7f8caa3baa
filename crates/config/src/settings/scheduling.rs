//! The scheduler, the DAG processor, leases.

use std::time::Duration;

use super::reader::{Reader, seconds};

/// `[scheduler]`.
#[derive(Debug, Clone)]
pub struct Scheduler {
    /// Between heartbeats that are shown.
    pub job_heartbeat: Duration,
    /// Between full passes.
    pub pass_interval: Duration,
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
    /// One scheduler works, the others wait for its lease to end.
    pub active_standby: bool,
}

impl Scheduler {
    pub(super) fn read(r: &mut Reader<'_>) -> Scheduler {
        let s = "scheduler";
        Scheduler {
            job_heartbeat: seconds(r.float(s, "job_heartbeat_sec")),
            pass_interval: seconds(r.float(s, "scheduler_heartbeat_sec")),
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
            active_standby: r.word(s, "ha_mode") == "active_standby",
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

/// `[triggerer]`.
#[derive(Debug, Clone, Copy)]
pub struct Triggerer {
    /// Triggers at once (`default_capacity` of 2.x).
    pub capacity: usize,
    /// Triggers taken at once.
    pub per_claim: u32,
    /// A loop that stands still for so long is told of in the log.
    pub blocked_warning: Duration,
}

impl Triggerer {
    pub(super) fn read(r: &mut Reader<'_>) -> Triggerer {
        let s = "triggerer";
        Triggerer {
            capacity: usize::try_from(r.int::<u32>(s, "capacity")).unwrap_or(usize::MAX).max(1),
            per_claim: r.int::<u32>(s, "max_trigger_to_select_per_loop").max(1),
            blocked_warning: seconds(r.float(s, "blocked_main_thread_warning_threshold")),
        }
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
    /// How long running attempts outlive their lease while the database refuses everybody.
    pub outage_patience: Duration,
    /// After so long an unclaimed attempt is published again.
    pub republish_after: Duration,
    /// Between looks at the database for what no hint told.
    pub poll_interval: Duration,
    /// Queued attempts wait in the metadata database, not in memory.
    pub queue_in_database: bool,
    /// A scheduler has a worker in its own process.
    pub local_workers: bool,
}

impl Leases {
    pub(super) fn read(r: &mut Reader<'_>) -> Leases {
        let s = "tradewind";
        let leases = Leases {
            scheduler: seconds(r.float(s, "scheduler_lease")),
            scheduler_renew: seconds(r.float(s, "scheduler_renew")),
            worker: seconds(r.float(s, "worker_lease")),
            worker_renew: seconds(r.float(s, "worker_renew")),
            outage_patience: seconds(r.float(s, "outage_patience")),
            republish_after: seconds(r.float(s, "republish_after")),
            poll_interval: seconds(r.float(s, "poll_interval")),
            queue_in_database: r.word(s, "queue") == "database",
            local_workers: r.bool(s, "local_workers"),
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
