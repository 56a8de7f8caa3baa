//! All metrics, and the names of Airflow 3.3.2 that do not apply here. `docs/reference/metrics.md` lists the same.

use crate::metric::{Kind, Metric};

macro_rules! metrics {
    ($($kind:ident $constant:ident $name:literal [$($tag:ident)*] $(as $legacy:literal)?: $help:literal;)*) => {
        $(#[doc = $help] pub static $constant: Metric = Metric {
            name: $name,
            kind: Kind::$kind,
            tags: &[$(stringify!($tag)),*],
            legacy: metrics!(@legacy $($legacy)?),
            help: $help,
        };)*

        /// Every metric.
        pub static ALL: &[&Metric] = &[$(&$constant),*];
    };
    (@legacy) => { None };
    (@legacy $legacy:literal) => { Some($legacy) };
}

metrics! {
    Counter JOB_START "{job_name}_start" [job_name]: "Processes that took a lease.";
    Counter JOB_END "{job_name}_end" [job_name]: "Processes that gave their lease back.";
    Counter JOB_HEARTBEAT_FAILURE "{job_name}_heartbeat_failure" [job_name]: "Renewals of a lease that failed.";
    Counter SCHEDULER_HEARTBEAT "scheduler_heartbeat" []: "Renewals of the lease of a scheduler.";
    Counter DAG_PROCESSOR_HEARTBEAT "dag_processor_heartbeat" []: "Renewals of the lease of a DAG processor.";

    Timer SCHEDULER_LOOP "scheduler.scheduler_loop_duration" []: "One turn of the scheduler's loop.";
    Timer CRITICAL_SECTION "scheduler.critical_section_duration" []: "Admission of ready tasks, with everything around it.";
    Timer CRITICAL_SECTION_QUERY "scheduler.critical_section_query_duration" []: "The transaction of an admission.";
    Gauge TASKS_STARVING "scheduler.tasks.starving" []: "Ready tasks that the last admission held back for want of pool slots.";
    Gauge TASKS_EXECUTABLE "scheduler.tasks.executable" []: "Tasks that the last admission queued.";
    Counter KILLED_EXTERNALLY "scheduler.tasks.killed_externally" []: "Attempts whose process was killed by a signal from outside.";
    Counter ORPHANS_CLEARED "scheduler.orphaned_tasks.cleared" []: "Attempts that were lost with their worker.";
    Counter ORPHANS_ADOPTED "scheduler.orphaned_tasks.adopted" []: "Queued and running tasks of runs that a scheduler took over.";
    Counter LOST_HEARTBEATS "task_instances_without_heartbeats_killed" []: "Running attempts whose worker gave no sign of life.";
    Gauge DAGRUNS_RUNNING "scheduler.dagruns.running" []: "Running dag runs.";
    Counter SCHEDULER_DAG_BAG_HIT "scheduler.dag_bag.cache_hit" []: "DAG versions that the scheduler had in memory.";
    Counter SCHEDULER_DAG_BAG_MISS "scheduler.dag_bag.cache_miss" []: "DAG versions that the scheduler had to read.";
    Gauge SCHEDULER_DAG_BAG_SIZE "scheduler.dag_bag.cache_size" []: "DAG versions in the memory of the scheduler.";
    Counter API_DAG_BAG_HIT "api_server.dag_bag.cache_hit" []: "DAG forms that the web server had in memory.";
    Counter API_DAG_BAG_MISS "api_server.dag_bag.cache_miss" []: "DAG forms that the web server had to read.";
    Counter API_DAG_BAG_CLEAR "api_server.dag_bag.cache_clear" []: "Times that the web server made room for other DAG forms.";
    Gauge API_DAG_BAG_SIZE "api_server.dag_bag.cache_size" []: "DAG forms in the memory of the web server.";

    Gauge EXECUTOR_OPEN_SLOTS "executor.open_slots" [executor_class_name] as "executor.open_slots.{executor_class_name}":
        "Attempts that the executor could take besides those it runs.";
    Gauge EXECUTOR_QUEUED "executor.queued_tasks" [executor_class_name] as "executor.queued_tasks.{executor_class_name}":
        "Attempts that wait in the queue.";
    Gauge EXECUTOR_RUNNING "executor.running_tasks" [executor_class_name] as "executor.running_tasks.{executor_class_name}":
        "Attempts that the executor runs.";

    Gauge POOL_OPEN "pool.open_slots" [pool_name] as "pool.open_slots.{pool_name}": "Free slots; not told of pools without a limit.";
    Gauge POOL_QUEUED "pool.queued_slots" [pool_name] as "pool.queued_slots.{pool_name}": "Slots of queued tasks.";
    Gauge POOL_RUNNING "pool.running_slots" [pool_name] as "pool.running_slots.{pool_name}": "Slots of running tasks.";
    Gauge POOL_DEFERRED "pool.deferred_slots" [pool_name] as "pool.deferred_slots.{pool_name}": "Slots of deferred tasks.";
    Gauge POOL_SCHEDULED "pool.scheduled_slots" [pool_name] as "pool.scheduled_slots.{pool_name}": "Slots that scheduled tasks want.";
    Gauge POOL_STARVING "pool.starving_tasks" [pool_name] as "pool.starving_tasks.{pool_name}":
        "Ready tasks that the last admission held back for want of slots.";

    Gauge TI_SCHEDULED "ti.scheduled" [queue dag_id task_id] as "ti.scheduled.{queue}.{dag_id}.{task_id}": "Scheduled task instances.";
    Gauge TI_QUEUED "ti.queued" [queue dag_id task_id] as "ti.queued.{queue}.{dag_id}.{task_id}": "Queued task instances.";
    Gauge TI_RUNNING "ti.running" [queue dag_id task_id] as "ti.running.{queue}.{dag_id}.{task_id}": "Running task instances.";
    Gauge TI_DEFERRED "ti.deferred" [queue dag_id task_id] as "ti.deferred.{queue}.{dag_id}.{task_id}": "Deferred task instances.";
    Counter TI_START "ti.start" [dag_id task_id] as "ti.start.{dag_id}.{task_id}": "Attempts that began to run.";
    Counter TI_FINISH "ti.finish" [dag_id task_id state] as "ti.finish.{dag_id}.{task_id}.{state}": "Attempts that ended, by the state they led to.";
    Counter TI_SUCCESSES "ti_successes" []: "Attempts that succeeded.";
    Counter TI_FAILURES "ti_failures" []: "Attempts that failed, those that are tried again among them.";
    Counter OPERATOR_SUCCESSES "operator_successes" [operator_name] as "operator_successes_{operator_name}": "Attempts that succeeded, by operator.";
    Counter OPERATOR_FAILURES "operator_failures" [operator_name] as "operator_failures_{operator_name}": "Attempts that failed, by operator.";
    Counter TI_CREATED "task_instance_created" [task_type] as "task_instance_created_{task_type}": "Task instances that were made.";
    Counter TASK_REMOVED "task_removed_from_dag" [dag_id] as "task_removed_from_dag.{dag_id}": "Task instances whose task left the DAG.";
    Counter TASK_RESTORED "task_restored_to_dag" [dag_id] as "task_restored_to_dag.{dag_id}": "Task instances whose task came back to the DAG.";
    Timer TASK_DURATION "task.duration" [dag_id task_id] as "dag.{dag_id}.{task_id}.duration": "How long attempts ran.";
    Timer TASK_SCHEDULED "task.scheduled_duration" [dag_id task_id] as "dag.{dag_id}.{task_id}.scheduled_duration":
        "From scheduled to queued: the wait for a slot.";
    Timer TASK_QUEUED "task.queued_duration" [dag_id task_id] as "dag.{dag_id}.{task_id}.queued_duration":
        "From queued to running: the wait for a worker.";

    Timer DEPENDENCY_CHECK "dagrun.dependency-check" [dag_id] as "dagrun.dependency-check.{dag_id}": "Deciding about a run.";
    Timer DAGRUN_SUCCESS "dagrun.duration.success" [dag_id] as "dagrun.duration.success.{dag_id}": "How long runs took that succeeded.";
    Timer DAGRUN_FAILED "dagrun.duration.failed" [dag_id] as "dagrun.duration.failed.{dag_id}": "How long runs took that failed.";
    Timer SCHEDULE_DELAY "dagrun.schedule_delay" [dag_id] as "dagrun.schedule_delay.{dag_id}": "From the due time of a scheduled run to its start.";
    Timer FIRST_SCHEDULING_DELAY "dagrun.first_task_scheduling_delay" [dag_id] as "dagrun.{dag_id}.first_task_scheduling_delay":
        "From the due time of a scheduled run until its first task was queued.";
    Timer FIRST_START_DELAY "dagrun.first_task_start_delay" []: "From the start of a run until its first task ran.";
    Counter DEADLINE_MISSED "deadline_alerts.deadline_missed" []: "Deadlines of runs, and SLAs of tasks, that were missed.";
    Counter CALLBACK_EXCEPTIONS "dag.callback_exceptions" []: "Callbacks of DAGs and tasks that failed in a DAG processor.";

    Counter ASSET_UPDATES "asset.updates" []: "Events of assets that were written.";
    Counter ASSET_RUNS "asset.triggered_dagruns" []: "Dag runs that updates of assets made.";
    Gauge ASSETS_ORPHANED "asset.orphaned" []: "Assets that no DAG names any more.";

    Gauge DAGBAG_SIZE "dagbag_size" []: "DAGs that the files of this processor hold.";
    Gauge IMPORT_ERRORS "dag_processing.import_errors" []: "Files of this processor that cannot be loaded.";
    Gauge TOTAL_PARSE_TIME "dag_processing.total_parse_time" []: "Seconds that the last parse of every file took, added up.";
    Gauge FILE_QUEUE_SIZE "dag_processing.file_path_queue_size" []: "Files that wait to be parsed.";
    Counter FILE_QUEUE_UPDATES "dag_processing.file_path_queue_update_count" []: "Files that were put in line to be parsed.";
    Gauge LAST_RUN_AGO "dag_processing.last_run.seconds_ago" [file_name] as "dag_processing.last_run.seconds_ago.{file_name}":
        "Seconds since a file was parsed.";
    Timer LAST_DURATION "dag_processing.last_duration" [bundle_name file_name] as "dag_processing.last_duration.{bundle_name}.{file_name}":
        "How long a parse took.";
    Counter PARSE_PROCESSES "dag_processing.processes" []: "Processes that were started to parse a file.";
    Counter PARSE_TIMEOUTS "dag_processing.processor_timeouts" []: "Parses that were ended at their deadline.";
    Counter FILE_TIMEOUTS "dag_file_processor_timeouts" []: "The same, under its older name.";
    Counter OTHER_CALLBACKS "dag_processing.other_callback_count" []: "Requests for callbacks that a processor took.";
    Counter CALLBACK_ONLY "dag_processing.callback_only_count" []: "Processes that were started for a callback alone.";
    Counter REFRESH_ERRORS "dag_file_refresh_error" []: "Parses that ended with an error of the file.";

    Counter TRIGGERER_HEARTBEAT "triggerer_heartbeat" []: "Renewals of the lease of a triggerer.";
    Gauge TRIGGERS_RUNNING "triggers.running" [hostname] as "triggers.running.{hostname}": "Triggers that this triggerer runs.";
    Gauge TRIGGERER_CAPACITY_LEFT "triggerer.capacity_left" [hostname] as "triggerer.capacity_left.{hostname}":
        "Triggers that this triggerer could take besides those it runs.";
    Counter TRIGGERS_SUCCEEDED "triggers.succeeded" []: "Triggers that gave an event.";
    Counter TRIGGERS_FAILED "triggers.failed" []: "Triggers that ended without an event.";
    Counter TRIGGERS_BLOCKED "triggers.blocked_main_thread" []: "Times that a trigger blocked the loop that it shares with others.";

    Gauge QUEUE_DEPTH "tradewind.queue.depth" []: "Hints of queued attempts that no worker has taken.";
    Gauge RUNS_OWNED "tradewind.scheduler.runs_owned" []: "Dag runs in the memory of this scheduler.";
    Counter TURNS_FAILED "tradewind.scheduler.turns_failed" []: "Turns of the scheduler's loop that ended with an error.";
    Counter DROPPED "tradewind.metrics.dropped" [why]: "Figures that were not told: too many series, the queue was full, a name that is none.";
}

/// Names of Airflow 3.3.2 that nothing here tells, and why. A name that ends in `*` stands for all that begin so.
pub static NOT_APPLICABLE: &[(&str, &str)] = &[
    ("airflow.io.load_filesystems", "tasks load file systems when they use them; their processes tell no metrics"),
    ("batch_executor.*", "there is no such executor"),
    ("celery.*", "there is no such executor"),
    ("collect_db_dags", "DAG forms are read one by one when they are wanted, never all of them"),
    ("connection_test.*", "connections are not tested through the API"),
    ("dag_processing.last_num_of_db_queries.{dag_file}", "a process that parses a file has no database"),
    ("dag_processing.manager_stalls", "a processor that stalls loses its lease, which health and the cluster tell"),
    ("deadline_alerts.deadline_created", "deadlines are looked at while a run is open; nothing is made beforehand"),
    ("deadline_alerts.deadline_not_missed", "the same"),
    ("ecs_executor.*", "there is no such executor"),
    ("edge_executor.*", "there is no such executor"),
    ("edge_worker.*", "there is no such executor"),
    ("kubernetes_executor.*", "there is no such executor"),
    ("lambda_executor.*", "there is no such executor"),
    ("local_task_job.task_exit", "Airflow 3 itself sends it no more; `ti.finish` tells the end of each attempt"),
    ("ol.*", "OpenLineage is a provider's"),
    ("previously_succeeded", "an attempt is made for what has not succeeded, and starts at most once"),
    ("resumable_job.*", "a provider's"),
    ("scheduler.critical_section_busy", "admission waits in line for the others; it is never given up"),
    ("scheduler.dag_bag.cache_clear", "the least used versions go one by one"),
    ("scheduler.executor_heartbeat_duration", "an executor has no heartbeat: its workers hold leases and report by themselves"),
    ("serde.load_serializers", "values travel as JSON"),
];
