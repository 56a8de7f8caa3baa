// Written by `npm run types` from the server's OpenAPI document; not to be changed by hand.

export interface Schemas {
  AlertChannel: {
    name: string;
    type: string;
    /** A server, host or program; never what is secret of an address. */
    target: string;
    recipients: string[];
    events: string[];
    dags: string[];
    tags: string[];
    owners: string[];
  };
  AlertChannels: {
    channels: Schemas["AlertChannel"][];
    total_entries: number;
  };
  AlertDeliveries: {
    deliveries: Schemas["AlertDelivery"][];
    total_entries: number;
    next_cursor: string | null;
  };
  AlertDelivery: {
    id: number;
    created_at: string;
    channel: string;
    kind: string;
    subject: string | null;
    recipients: Schemas["AlertRecipient"][];
    dag_id: string | null;
    run_id: string | null;
    task_id: string | null;
    map_index: number | null;
    try_number: number | null;
    /** `held`: for a digest; `grouped`: told by the digest `digest_id`. */
    state: Schemas["AlertState"];
    tries: number;
    next_try_at: string | null;
    sent_at: string | null;
    last_error: string | null;
    /** Alerts that this digest tells of. */
    grouped_count: number;
    digest_id: number | null;
  };
  AlertInfoResponse: {
    status: string;
    waiting: number;
    failed_24h: number;
    oldest_waiting: string | null;
  };
  AlertRecipient: {
    address: string;
    state: Schemas["AlertRecipientState"];
    /** Why it is not written to any more. */
    error: string | null;
  };
  AlertRecipientState: "waiting" | "sent" | "refused";
  AlertState: "waiting" | "held" | "sending" | "sent" | "grouped" | "failed";
  AlertTestBody: {
    /** `email` when it is missing. */
    channel?: string | null;
    /** Addresses, separated by commas. */
    to?: string | null;
  };
  AlertTestResponse: {
    ok: boolean;
    error: string | null;
  };
  AssetAliasCollectionResponse: {
    asset_aliases: Schemas["AssetAliasResponse"][];
    total_entries: number;
  };
  AssetAliasResponse: {
    id: number;
    name: string;
    group: string;
  };
  AssetCollectionResponse: {
    assets: Schemas["AssetResponse"][];
    total_entries: number;
  };
  AssetEventCollectionResponse: {
    asset_events: Schemas["AssetEventResponse"][];
    total_entries: number;
  };
  AssetEventResponse: {
    id: number;
    asset_id: number;
    uri: string | null;
    name: string | null;
    group: string | null;
    extra: { [name: string]: unknown } | null;
    source_task_id: string | null;
    source_dag_id: string | null;
    source_run_id: string | null;
    source_map_index: number;
    /** Runs that took the event. */
    created_dagruns: Schemas["DagRunAssetReference"][];
    timestamp: string;
    partition_key: string | null;
  };
  AssetResponse: {
    id: number;
    name: string;
    uri: string;
    group: string;
    extra: { [name: string]: unknown };
    created_at: string;
    updated_at: string;
    /** DAGs that its updates may start. */
    scheduled_dags: Schemas["DagScheduleAssetReference"][];
    producing_tasks: Schemas["TaskOutletAssetReference"][];
    consuming_tasks: Schemas["TaskInletAssetReference"][];
    /** Those it was ever reported under. */
    aliases: Schemas["AssetAliasResponse"][];
    watchers: Schemas["AssetWatcherResponse"][];
    last_asset_event: Schemas["LastAssetEventResponse"] | null;
  };
  AssetWaiting: {
    is_paused: boolean;
    is_met: boolean;
    condition: unknown;
    awaited: Schemas["AwaitedAsset"][];
    arrived: number;
    total: number;
    open_runs: number;
    max_active_runs: number;
    /** Why no run is made, in English. */
    sentence: string;
  };
  AssetWatcherResponse: {
    name: string;
    trigger_id: number;
    created_date: string;
  };
  AwaitedAsset: {
    kind: "asset" | "asset_ref" | "alias";
    /** Or its URI, where only that is known. */
    name: string;
    uri: string | null;
    /** Whether it was updated since the last run. */
    arrived: boolean;
    since: string | null;
  };
  AwaitedAssetsResponse: {
    dag_id: string;
    /** Null: the DAG does not wait for assets. */
    waiting: Schemas["AssetWaiting"] | null;
  };
  BackfillCollectionResponse: {
    backfills: Schemas["BackfillResponse"][];
    total_entries: number;
  };
  BackfillPostBody: {
    dag_id: string;
    /** Of logical dates, both inclusive; only runs whose interval is over are made. */
    from_date: string;
    /** Of logical dates, both inclusive; only runs whose interval is over are made. */
    to_date: string;
    run_backwards?: boolean;
    dag_run_conf?: { [name: string]: unknown } | null;
    /** Which runs that are there are run again. */
    reprocess_behavior?: Schemas["ReprocessBehavior"];
    /** Apart from that of the Dag. */
    max_active_runs?: number;
    run_on_latest_version?: boolean | null;
  };
  BackfillProgress: {
    /** Runs of the backfill in that state. */
    queued: number;
    /** Runs of the backfill in that state. */
    running: number;
    /** Runs of the backfill in that state. */
    success: number;
    /** Runs of the backfill in that state. */
    failed: number;
    /** Dates that have no run of this backfill. */
    skipped: number;
  };
  BackfillResponse: {
    id: number;
    dag_id: string;
    from_date: string;
    to_date: string;
    dag_run_conf: { [name: string]: unknown } | null;
    is_paused: boolean;
    reprocess_behavior: Schemas["ReprocessBehavior"];
    max_active_runs: number;
    created_at: string;
    completed_at: string | null;
    updated_at: string;
    dag_display_name: string;
  };
  BaseInfoResponse: {
    status: string | null;
  };
  BulkAction: {
    action: "create" | "update" | "delete";
    entities: unknown[];
    action_on_existence?: "fail" | "skip" | "overwrite";
    action_on_non_existence?: "fail" | "skip";
    update_mask?: string[] | null;
  };
  BulkActionError: {
    error: string;
    status_code: number;
  };
  BulkActionResponse: {
    success: string[];
    errors: Schemas["BulkActionError"][];
  };
  BulkBody: {
    actions: Schemas["BulkAction"][];
  };
  BulkDAGRunClearBody: {
    dry_run?: boolean;
    only_failed?: boolean;
    only_new?: boolean;
    run_on_latest_version?: boolean | null;
    note?: string | null;
    dag_runs?: Schemas["DAGRunName"][] | null;
    partition_key?: string | null;
    partition_date_start?: string | null;
    partition_date_end?: string | null;
  };
  BulkResponse: {
    create: Schemas["BulkActionResponse"] | null;
    update: Schemas["BulkActionResponse"] | null;
    delete: Schemas["BulkActionResponse"] | null;
  };
  ClassReference: {
    module_path: string | null;
    class_name: string | null;
  };
  ClearTaskInstanceCollectionResponse: {
    task_instances: (Schemas["TaskInstanceResponse"] | Schemas["NewTaskResponse"])[];
    total_entries: number;
  };
  ClearTaskInstancesBody: {
    /** Only lists what it would clear; so it is when nothing is said. */
    dry_run?: boolean;
    start_date?: string | null;
    end_date?: string | null;
    only_failed?: boolean;
    only_running?: boolean;
    reset_dag_runs?: boolean;
    /** Task ids, or pairs of task id and map index; null: all. */
    task_ids?: ((string | ((string | number)[]))[]) | null;
    dag_run_id?: string | null;
    include_upstream?: boolean;
    include_downstream?: boolean;
    include_future?: boolean;
    include_past?: boolean;
    run_on_latest_version?: boolean | null;
    prevent_running_task?: boolean;
    note?: string | null;
  };
  ClearedDAGRunCollectionResponse: {
    dag_runs: Schemas["DAGRunResponse"][];
    total_entries: number;
  };
  ClusterMember: {
    id: number;
    job_type: string;
    kind: string;
    hostname: string;
    role: Schemas["ClusterRole"];
    healthy: boolean;
    pid: number | null;
    unixname: string | null;
    address: string | null;
    version: string | null;
    term: number;
    lease_until: string;
    start_date: string;
    latest_heartbeat: string;
    age_seconds: number;
    /** Seconds for which its loop has not done its work. */
    stalled_seconds: number | null;
    /** Dag runs that it owns. */
    runs: number | null;
    /** Task instances that wait for a slot. */
    waiting: number | null;
    /** Queued attempts that no worker took; files in line for a DAG processor. */
    queue: number | null;
    running: number | null;
    concurrency: number | null;
    errors: number | null;
    files: number | null;
    dags: number | null;
    queues: string[] | null;
    loop_ms: number | null;
    longest_loop_ms: number | null;
  };
  ClusterResponse: {
    members: Schemas["ClusterMember"][];
    total_entries: number;
    server_time: string;
  };
  ClusterRole: "active" | "standby" | "lost";
  Config: {
    sections: Schemas["ConfigSection"][];
  };
  ConfigOption: {
    key: string;
    value: string;
  };
  ConfigSection: {
    name: string;
    options: Schemas["ConfigOption"][];
  };
  ConnectionBody: {
    connection_id: string;
    conn_type: string;
    description?: string | null;
    host?: string | null;
    login?: string | null;
    schema?: string | null;
    port?: number | null;
    password?: string | null;
    extra?: string | null;
    team_name?: string | null;
  };
  ConnectionCollectionResponse: {
    connections: Schemas["ConnectionResponse"][];
    total_entries: number;
  };
  ConnectionFieldResponse: {
    name: string;
    label: string;
    type: "string" | "integer" | "number" | "boolean";
    description: string | null;
    secret: boolean;
    /** What may be chosen; empty: anything. */
    options: string[];
  };
  ConnectionResponse: {
    connection_id: string;
    conn_type: string;
    description: string | null;
    host: string | null;
    login: string | null;
    schema: string | null;
    port: number | null;
    /** Masked. */
    password: string | null;
    /** A JSON object; what looks secret in it is masked. */
    extra: string | null;
    team_name: string | null;
  };
  ConnectionTestResponse: {
    status: boolean;
    message: string;
  };
  ConnectionTypeCollectionResponse: {
    connection_types: Schemas["ConnectionTypeResponse"][];
    total_entries: number;
  };
  ConnectionTypeResponse: {
    connection_type: string;
    /** What people call it. */
    hook_name: string;
    package_name: string;
    /** Of the usual fields, those that mean nothing for it. */
    hidden_fields: string[];
    /** Of the usual fields, the names that they have for it. */
    relabeling: { [name: string]: string };
    /** Examples of what stands in fields. */
    placeholders: { [name: string]: string };
    /** Keys of `extra` with fields of their own. */
    fields: Schemas["ConnectionFieldResponse"][];
  };
  CreateAssetEventsBody: {
    asset_id: number;
    extra?: { [name: string]: unknown };
    partition_key?: string | null;
    access_control?: { [name: string]: unknown } | null;
  };
  DAGCollectionResponse: {
    dags: Schemas["DAGResponse"][];
    total_entries: number;
  };
  DAGDetailsResponse: {
    dag_id: string;
    dag_display_name: string;
    is_paused: boolean;
    is_stale: boolean;
    last_parsed_time: string | null;
    /** Seconds. */
    last_parse_duration: number | null;
    last_expired: string | null;
    bundle_name: string | null;
    bundle_version: string | null;
    relative_fileloc: string | null;
    fileloc: string;
    description: string | null;
    timetable_summary: string | null;
    timetable_description: string | null;
    timetable_partitioned: boolean;
    timetable_periodic: boolean;
    tags: Schemas["DagTagResponse"][];
    max_active_tasks: number;
    max_active_runs: number | null;
    max_consecutive_failed_dag_runs: number;
    has_task_concurrency_limits: boolean;
    has_import_errors: boolean;
    next_dagrun_logical_date: string | null;
    next_dagrun_data_interval_start: string | null;
    next_dagrun_data_interval_end: string | null;
    next_dagrun_run_after: string | null;
    allowed_run_types: Schemas["DagRunType"][] | null;
    owners: string[];
    is_backfillable: boolean;
    file_token: string;
    catchup: boolean;
    /** An ISO duration. */
    dag_run_timeout: string | null;
    asset_expression: { [name: string]: unknown } | null;
    doc_md: string | null;
    start_date: string | null;
    end_date: string | null;
    is_paused_upon_creation: boolean | null;
    params: { [name: string]: Schemas["ParamSpec"] };
    render_template_as_native_obj: boolean;
    template_search_path: string[] | null;
    timezone: string | null;
    last_parsed: string | null;
    default_args: { [name: string]: unknown } | null;
    rerun_with_latest_version: boolean | null;
    owner_links: { [name: string]: string } | null;
    is_favorite: boolean;
    active_runs_count: number;
    concurrency: number;
    latest_dag_version: Schemas["DagVersionResponse"] | null;
  };
  DAGPatchBody: {
    is_paused: boolean;
  };
  DAGResponse: {
    dag_id: string;
    dag_display_name: string;
    is_paused: boolean;
    is_stale: boolean;
    last_parsed_time: string | null;
    /** Seconds. */
    last_parse_duration: number | null;
    last_expired: string | null;
    bundle_name: string | null;
    bundle_version: string | null;
    relative_fileloc: string | null;
    fileloc: string;
    description: string | null;
    timetable_summary: string | null;
    timetable_description: string | null;
    timetable_partitioned: boolean;
    timetable_periodic: boolean;
    tags: Schemas["DagTagResponse"][];
    max_active_tasks: number;
    max_active_runs: number | null;
    max_consecutive_failed_dag_runs: number;
    has_task_concurrency_limits: boolean;
    has_import_errors: boolean;
    next_dagrun_logical_date: string | null;
    next_dagrun_data_interval_start: string | null;
    next_dagrun_data_interval_end: string | null;
    next_dagrun_run_after: string | null;
    allowed_run_types: Schemas["DagRunType"][] | null;
    owners: string[];
    is_backfillable: boolean;
    file_token: string;
  };
  DAGRunClearBody: {
    dry_run?: boolean;
    only_failed?: boolean;
    only_new?: boolean;
    run_on_latest_version?: boolean | null;
    note?: string | null;
  };
  DAGRunCollectionResponse: {
    dag_runs: Schemas["DAGRunResponse"][];
    total_entries: number;
    /** More entries than this are not counted. */
    total_entries_limit: number | null;
    next_cursor: string | null;
    previous_cursor: string | null;
  };
  DAGRunName: {
    dag_run_id: string;
    dag_id?: string | null;
    state?: string | null;
    note?: string | null;
  };
  DAGRunPatchBody: {
    /** `queued` clears the run. */
    state?: "queued" | "success" | "failed" | null;
    note?: string | null;
  };
  DAGRunResponse: {
    dag_run_id: string;
    dag_id: string;
    logical_date: string | null;
    queued_at: string | null;
    start_date: string | null;
    end_date: string | null;
    /** Seconds. */
    duration: number | null;
    data_interval_start: string | null;
    data_interval_end: string | null;
    run_after: string;
    last_scheduling_decision: string | null;
    run_type: Schemas["DagRunType"];
    state: Schemas["DagRunState"];
    triggered_by: string | null;
    triggering_user_name: string | null;
    conf: unknown;
    note: string | null;
    dag_versions: Schemas["DagVersionResponse"][];
    bundle_version: string | null;
    dag_display_name: string;
    partition_key: string | null;
    partition_date: string | null;
  };
  DAGRunsBatchBody: {
    order_by?: string | null;
    page_offset?: number;
    page_limit?: number;
    dag_ids?: string[] | null;
    states?: ((Schemas["DagRunState"] | null)[]) | null;
    run_after_gte?: string | null;
    run_after_gt?: string | null;
    run_after_lte?: string | null;
    run_after_lt?: string | null;
    logical_date_gte?: string | null;
    logical_date_gt?: string | null;
    logical_date_lte?: string | null;
    logical_date_lt?: string | null;
    start_date_gte?: string | null;
    start_date_gt?: string | null;
    start_date_lte?: string | null;
    start_date_lt?: string | null;
    end_date_gte?: string | null;
    end_date_gt?: string | null;
    end_date_lte?: string | null;
    end_date_lt?: string | null;
    duration_gte?: number | null;
    duration_gt?: number | null;
    duration_lte?: number | null;
    duration_lt?: number | null;
    conf_contains?: string | null;
  };
  DAGSourceResponse: {
    content: string | null;
    dag_id: string;
    version_number: number | null;
    dag_display_name: string;
  };
  DAGTagCollectionResponse: {
    tags: string[];
    total_entries: number;
  };
  DAGVersionCollectionResponse: {
    dag_versions: Schemas["DagVersionResponse"][];
    total_entries: number;
  };
  DAGWarningCollectionResponse: {
    dag_warnings: Schemas["DAGWarningResponse"][];
    total_entries: number;
  };
  DAGWarningResponse: {
    dag_id: string;
    warning_type: string;
    message: string;
    timestamp: string;
    dag_display_name: string;
  };
  DagAssetsResponse: {
    /** Updated since the last run, of how many. */
    arrived: number;
    /** Updated since the last run, of how many. */
    total: number;
  };
  DagProcessorInfoResponse: {
    status: string | null;
    latest_dag_processor_heartbeat: string | null;
  };
  DagRowCollectionResponse: {
    dags: Schemas["DagRowResponse"][];
    total_entries: number;
    next_cursor: string | null;
  };
  DagRowResponse: {
    dag_id: string;
    dag_display_name: string;
    description: string | null;
    is_paused: boolean;
    is_stale: boolean;
    tags: string[];
    owners: string[];
    timetable_summary: string | null;
    timetable_description: string | null;
    timezone: string;
    next_run_after: string | null;
    next_logical_date: string | null;
    has_import_errors: boolean;
    is_favorite: boolean;
    max_active_runs: number;
    /** The newest 16, oldest first. */
    last_runs: Schemas["RunBarResponse"][];
    run_counts: Schemas["RunCountsResponse"];
    /** Of a DAG that waits for assets. */
    assets: Schemas["DagAssetsResponse"] | null;
  };
  DagRunAssetReference: {
    run_id: string;
    dag_id: string;
    logical_date: string | null;
    start_date: string | null;
    end_date: string | null;
    data_interval_start: string | null;
    data_interval_end: string | null;
    state: string;
    partition_key: string | null;
    triggering: boolean;
  };
  DagRunState: "queued" | "running" | "success" | "failed";
  DagRunType: "backfill" | "scheduled" | "manual" | "operator_triggered" | "asset_triggered" | "asset_materialization";
  DagScheduleAssetReference: {
    dag_id: string;
    created_at: string;
    updated_at: string;
  };
  DagStatsCollectionResponse: {
    dags: Schemas["DagStatsResponse"][];
    total_entries: number;
  };
  DagStatsResponse: {
    dag_id: string;
    dag_display_name: string;
    stats: Schemas["DagStatsStateResponse"][];
  };
  DagStatsStateResponse: {
    state: Schemas["DagRunState"];
    count: number;
  };
  DagTagResponse: {
    name: string;
    dag_id: string;
    dag_display_name: string;
  };
  DagVersionResponse: {
    id: string;
    version_number: number;
    dag_id: string;
    bundle_name: string | null;
    bundle_version: string | null;
    created_at: string;
    dag_display_name: string;
    bundle_url: string | null;
  };
  DependencyCode: "run_queued" | "run_ended" | "unknown_task" | "task_ended" | "task_under_way" | "before_start_date" | "after_end_date" | "outside_dates" | "not_mapped" | "not_yet_expanded" | "no_such_index" | "retry_at" | "looks_again_at" | "trigger_rule" | "too_many_instances" | "source_pending" | "source_skipped" | "source_failed" | "past_missing" | "past_task" | "past_downstream" | "branched_away" | "pool_full" | "pool_missing" | "pool_too_small" | "max_active_tasks" | "max_active_tis_per_dag" | "max_active_tis_per_dagrun" | "parallelism" | "dag_paused" | "backfill_paused" | "file_gone" | "file_broken" | "not_due" | "no_runs_allowed" | "max_active_runs" | "scheduler_never" | "scheduler_silent" | "worker_never" | "worker_silent" | "worker_busy" | "trigger_runs" | "trigger_untaken" | "triggerer_never" | "triggerer_silent" | "anybody_asked" | "people_asked";
  DependencyHolder: {
    dag_id: string;
    run_id: string;
    task_id: string;
    map_index: number;
    state: Schemas["TaskInstanceState"];
    pool_slots: number;
    since: string | null;
  };
  DependencyKind: "dag_run_state" | "task_instance_state" | "trigger_rule" | "previous_dag_run" | "retry_wait" | "reschedule_wait" | "skipped_by_branch" | "task_dates" | "mapped_upstream" | "not_expanded" | "pool" | "max_active_tis_per_dag" | "max_active_tis_per_dagrun" | "parallelism" | "max_active_tasks" | "max_active_runs" | "run_after" | "dag_paused" | "dag_stale" | "no_scheduler" | "no_worker" | "worker_busy" | "waits_for_trigger" | "no_triggerer" | "waits_for_people" | "unknown_task";
  DependencyLink: {
    rel: "task_instance" | "dag_run" | "dag" | "pool";
    dag_id?: string;
    run_id?: string;
    task_id?: string;
    pool?: string;
    map_index?: number;
  };
  DryRunBackfillCollectionResponse: {
    backfills: Schemas["DryRunBackfillResponse"][];
    total_entries: number;
  };
  DryRunBackfillResponse: {
    logical_date: string | null;
    partition_key: string | null;
    partition_date: string | null;
  };
  EventLogCollectionResponse: {
    event_logs: Schemas["EventLogResponse"][];
    total_entries: number;
  };
  EventLogResponse: {
    event_log_id: number;
    when: string;
    dag_id: string | null;
    task_id: string | null;
    run_id: string | null;
    map_index: number | null;
    try_number: number | null;
    event: string;
    logical_date: string | null;
    owner: string | null;
    extra: string | null;
    dag_display_name: string | null;
    task_display_name: string | null;
  };
  ExtraLinkCollectionResponse: {
    extra_links: { [name: string]: string | null };
    total_entries: number;
  };
  GridCellResponse: {
    /** Of a mapped task: the state that says most. */
    state: Schemas["TaskInstanceState"] | null;
    try_number: number;
    start_date: string | null;
    end_date: string | null;
    note?: string;
    /** Instances of a mapped task by state; `none` counts those without one. */
    counts?: { [name: string]: number };
  };
  GridResponse: {
    dag_id: string;
    dag_display_name: string;
    timezone: string;
    /** Number of the newest version. */
    version: number | null;
    tasks: Schemas["GridRowResponse"][];
    /** Newest last. */
    runs: Schemas["GridRunResponse"][];
    has_older: boolean;
  };
  GridRowResponse: {
    id: string;
    label: string;
    kind: "task" | "group";
    parent: string | null;
    depth: number;
    mapped: boolean;
    operator: string | null;
    setup: boolean;
    teardown: boolean;
    /** Only older runs have it. */
    removed: boolean;
  };
  GridRunResponse: {
    run_id: string;
    run_type: Schemas["DagRunType"];
    state: Schemas["DagRunState"];
    run_after: string;
    logical_date: string | null;
    data_interval_start: string | null;
    data_interval_end: string | null;
    queued_at: string | null;
    start_date: string | null;
    end_date: string | null;
    triggering_user_name: string | null;
    note: string | null;
    version_number: number | null;
    /** By task. */
    states: { [name: string]: Schemas["GridCellResponse"] };
  };
  HITLDetail: {
    options: string[];
    subject: string;
    body: string | null;
    defaults: string[] | null;
    multiple: boolean;
    /** Name -> value, description and schema. */
    params: { [name: string]: unknown };
    /** Empty: everybody who may run DAGs. */
    assigned_users: Schemas["HITLUser"][];
    created_at: string;
    /** Null with `responded_at`: nobody answered in time, and the defaults count. */
    responded_by_user: Schemas["HITLUser"] | null;
    responded_at: string | null;
    chosen_options: string[] | null;
    params_input: { [name: string]: unknown };
    response_received: boolean;
    task_instance: Schemas["TaskInstanceResponse"];
  };
  HITLDetailCollection: {
    hitl_details: Schemas["HITLDetail"][];
    total_entries: number;
  };
  HITLDetailHistory: {
    options: string[];
    subject: string;
    body: string | null;
    defaults: string[] | null;
    multiple: boolean;
    /** Name -> value, description and schema. */
    params: { [name: string]: unknown };
    /** Empty: everybody who may run DAGs. */
    assigned_users: Schemas["HITLUser"][];
    created_at: string;
    /** Null with `responded_at`: nobody answered in time, and the defaults count. */
    responded_by_user: Schemas["HITLUser"] | null;
    responded_at: string | null;
    chosen_options: string[] | null;
    params_input: { [name: string]: unknown };
    response_received: boolean;
    task_instance: Schemas["TaskInstanceHistoryResponse"];
  };
  HITLDetailResponse: {
    responded_by: Schemas["HITLUser"];
    responded_at: string;
    chosen_options: string[];
    params_input: { [name: string]: unknown };
  };
  HITLUser: {
    id: string;
    name: string;
  };
  HTTPExceptionResponse: {
    detail: string | { [name: string]: unknown };
  };
  HTTPValidationError: {
    detail: string | Schemas["ValidationError"][];
  };
  HealthInfoResponse: {
    metadatabase: Schemas["BaseInfoResponse"];
    scheduler: Schemas["SchedulerInfoResponse"];
    triggerer: Schemas["TriggererInfoResponse"];
    dag_processor: Schemas["DagProcessorInfoResponse"];
    alerts: Schemas["AlertInfoResponse"];
  };
  HomeComponent: {
    /** `scheduler`, `worker`, `dag_processor`, `triggerer` ... */
    kind: string;
    id: number;
    hostname: string;
    pid: number | null;
    version: string | null;
    since: string;
    latest_heartbeat: string;
    /** Since the latest heartbeat. */
    age_seconds: number;
    healthy: boolean;
  };
  HomeCounts: {
    dags_active: number;
    dags_paused: number;
    dags_with_errors: number;
    runs_queued: number;
    runs_running: number;
    runs_failed_24h: number;
    runs_success_24h: number;
    tasks_running: number;
    tasks_queued: number;
    tasks_failed_24h: number;
    import_errors: number;
  };
  HomeFailure: {
    dag_id: string;
    dag_display_name: string;
    run_id: string;
    task_id: string;
    map_index: number;
    try_number: number;
    end_date: string;
    error: string | null;
  };
  HomeImportError: {
    id: number;
    filename: string;
    line: number | null;
    summary: string;
    timestamp: string;
  };
  HomeNextRun: {
    dag_id: string;
    dag_display_name: string;
    run_after: string;
    logical_date: string | null;
    timezone: string;
  };
  HomePool: {
    name: string;
    /** -1: without limit. */
    slots: number;
    running: number;
    queued: number;
    scheduled: number;
    deferred: number;
    /** -1: without limit. */
    open: number;
  };
  HomeResponse: {
    counts: Schemas["HomeCounts"];
    /** Processes that hold a lease or lost it lately; of kinds that have none, the newest. */
    components: Schemas["HomeComponent"][];
    pools: Schemas["HomePool"][];
    recent_failures: Schemas["HomeFailure"][];
    import_errors: Schemas["HomeImportError"][];
    next_runs: Schemas["HomeNextRun"][];
    server_time: string;
  };
  ImportErrorCollectionResponse: {
    import_errors: Schemas["ImportErrorResponse"][];
    total_entries: number;
  };
  ImportErrorResponse: {
    import_error_id: number;
    timestamp: string;
    filename: string;
    bundle_name: string | null;
    stack_trace: string;
  };
  JobCollectionResponse: {
    jobs: Schemas["JobResponse"][];
    total_entries: number;
  };
  JobResponse: {
    id: number;
    dag_id: string | null;
    state: string | null;
    job_type: string | null;
    start_date: string | null;
    end_date: string | null;
    latest_heartbeat: string | null;
    executor_class: string | null;
    hostname: string | null;
    unixname: string | null;
    dag_display_name: string | null;
  };
  LastAssetEventResponse: {
    id: number | null;
    timestamp: string | null;
  };
  LogFirstErrorResponse: {
    /** Null: none was found yet. */
    n: number | null;
    /** The exception, or the event. */
    text: string | null;
    /** `after_line` of the search that goes on. */
    next_after: number;
    done: boolean;
  };
  LogLineResponse: {
    n: number;
    /** As its writer gave it. */
    timestamp: string | null;
    /** In lower case. */
    level: string | null;
    /** All of a line that is no JSON. */
    event: string;
    logger: string | null;
    /** Everything else: `error_detail`, `filename`, `lineno` ... */
    fields: { [name: string]: unknown };
  };
  LogLinesResponse: {
    /** There is a file. */
    exists: boolean;
    /** The attempt may still write. */
    open: boolean;
    state: Schemas["TaskInstanceState"] | null;
    /** Below the log folder. */
    file: string;
    /** Bytes. */
    size: number;
    total_lines: number;
    /** Of `lines`; null when there are none. */
    first_line: number | null;
    /** `from` of the lines that follow. */
    next_line: number;
    /** `before` of the lines that come earlier; null unless `tail` was asked for. */
    before: number | null;
    /** False: there is more to look at in that direction. */
    done: boolean;
    lines: Schemas["LogLineResponse"][];
  };
  LogMatchResponse: {
    n: number;
    /** The part that matched, with some of what is around it. */
    text: string;
  };
  LogSearchResponse: {
    matches: Schemas["LogMatchResponse"][];
    /** `after_line` of the search that goes on. */
    next_after: number;
    done: boolean;
    searched_lines: number;
    total_lines: number;
  };
  LoginBody: {
    username: string;
    password: string;
  };
  LoginResponse: {
    access_token: string;
  };
  MarkKind: "gap" | "repeat";
  MaterializeAssetBody: {
    dag_run_id?: string | null;
    logical_date?: string | null;
    data_interval_start?: string | null;
    data_interval_end?: string | null;
    run_after?: string | null;
    conf?: { [name: string]: unknown } | null;
    note?: string | null;
    partition_key?: string | null;
  };
  MissedRunResponse: {
    logical_date: string;
    run_after: string;
    data_interval_start: string;
    data_interval_end: string;
    /** In the zone of the DAG. */
    local: string;
    /** In the zone of the DAG. */
    run_after_local: string;
  };
  NewTaskResponse: {
    task_id: string;
    task_display_name: string;
  };
  PackedGridResponse: {
    dag_id: string;
    dag_display_name: string;
    timezone: string;
    /** Number of the newest version. */
    version: number | null;
    tasks: Schemas["GridRowResponse"][];
    /** What each letter of `cells` stands for; null: no state. */
    letters: { [name: string]: Schemas["TaskInstanceState"] | null };
    /** Newest last. */
    runs: Schemas["PackedGridRunResponse"][];
    has_older: boolean;
  };
  PackedGridRunResponse: {
    run_id: string;
    run_type: Schemas["DagRunType"];
    state: Schemas["DagRunState"];
    run_after: string;
    logical_date: string | null;
    data_interval_start: string | null;
    data_interval_end: string | null;
    queued_at: string | null;
    start_date: string | null;
    end_date: string | null;
    triggering_user_name: string | null;
    note: string | null;
    version_number: number | null;
    /** A letter each; `.`: the run does not have the task. */
    cells: string;
    tries: number[];
    /** Milliseconds after `start_date` of the run, or after `run_after` while it has none. */
    starts: (number | null)[];
    /** Milliseconds from start to end; null while it has no end. */
    took: (number | null)[];
    /** By task. */
    notes: { [name: string]: string };
    /** By task: instances of mapped tasks by state, as in `GridCellResponse`. */
    counts: { [name: string]: { [name: string]: number } };
  };
  ParamSpec: {
    value: unknown;
    description: string | null;
    schema: { [name: string]: unknown };
    source: string;
    /** Its place in the order of the DAG file, from 0. */
    position: number;
  };
  PatchTaskInstanceBody: {
    new_state?: "success" | "failed" | "skipped" | null;
    note?: string | null;
    include_upstream?: boolean;
    include_downstream?: boolean;
    include_future?: boolean;
    include_past?: boolean;
  };
  PluginCollectionResponse: {
    plugins: { [name: string]: unknown }[];
    total_entries: number;
  };
  PluginImportErrorCollectionResponse: {
    import_errors: { [name: string]: unknown }[];
    total_entries: number;
  };
  PoolBody: {
    name: string;
    slots: number;
    description?: string | null;
    include_deferred?: boolean;
    team_name?: string | null;
  };
  PoolCollectionResponse: {
    pools: Schemas["PoolResponse"][];
    total_entries: number;
  };
  PoolPatchBody: {
    pool?: string | null;
    slots?: number | null;
    description?: string | null;
    include_deferred?: boolean | null;
    team_name?: string | null;
  };
  PoolResponse: {
    name: string;
    /** -1: without limit. */
    slots: number;
    description: string | null;
    include_deferred: boolean;
    occupied_slots: number;
    running_slots: number;
    queued_slots: number;
    scheduled_slots: number;
    /** -1: without limit. */
    open_slots: number;
    deferred_slots: number;
    team_name: string | null;
  };
  ProviderCollectionResponse: {
    providers: { [name: string]: unknown }[];
    total_entries: number;
  };
  QueuedEventCollectionResponse: {
    queued_events: Schemas["QueuedEventResponse"][];
    total_entries: number;
  };
  QueuedEventResponse: {
    dag_id: string;
    dag_display_name: string;
    asset_id: number;
    created_at: string;
  };
  ReprocessBehavior: "failed" | "completed" | "none";
  Role: "VIEWER" | "USER" | "OP" | "ADMIN";
  RunBarResponse: {
    run_id: string;
    run_type: Schemas["DagRunType"];
    state: Schemas["DagRunState"];
    run_after: string;
    logical_date: string | null;
    start_date: string | null;
    end_date: string | null;
  };
  RunCountsResponse: {
    queued: number;
    running: number;
    success: number;
    failed: number;
  };
  ScheduleResponse: {
    dag_id: string;
    is_paused: boolean;
    /** The zone whose clock the schedule goes by. */
    timezone: string;
    summary: string;
    description: string;
    catchup: boolean;
    runs: Schemas["ScheduledRunResponse"][];
  };
  ScheduledRunResponse: {
    run_after: string;
    logical_date: string;
    data_interval_start: string;
    data_interval_end: string;
    /** Of `run_after`, as in `+09:00`. */
    utc_offset: string;
    /** `gap`: the clock jumps over its time; `repeat`: the clock shows it twice. */
    mark: Schemas["MarkKind"] | null;
    mark_text: string | null;
  };
  SchedulerInfoResponse: {
    status: string | null;
    latest_scheduler_heartbeat: string | null;
  };
  SessionResponse: {
    username: string;
    role: Schemas["Role"];
  };
  TaskCollectionResponse: {
    tasks: Schemas["TaskResponse"][];
    total_entries: number;
  };
  TaskDependencyCollectionResponse: {
    dependencies: Schemas["TaskDependencyResponse"][];
    /** That it runs, that it has ended, or how many conditions are not met. */
    summary: string;
  };
  TaskDependencyResponse: {
    name: string;
    kind: Schemas["DependencyKind"];
    /** In English. */
    reason: string;
    /** Which reason of its kind. */
    code: Schemas["DependencyCode"];
    /** What the reason is about, by name; which names there are depends on `code`. */
    values: { [name: string]: unknown };
    /** Of a run: the task instance whose reason it is. Null for reasons of what was asked about. */
    task_id: string | null;
    map_index: number | null;
    since: string | null;
    /** When it ends by itself. */
    until: string | null;
    links: Schemas["DependencyLink"][];
    /** At most 20. */
    holders: Schemas["DependencyHolder"][];
  };
  TaskHistoryResponse: {
    /** Oldest first. */
    events: Schemas["TaskStateEvent"][];
  };
  TaskInletAssetReference: {
    dag_id: string;
    task_id: string;
    created_at: string;
    updated_at: string;
  };
  TaskInstanceCollectionResponse: {
    task_instances: Schemas["TaskInstanceResponse"][];
    total_entries: number;
    total_entries_limit: number | null;
    next_cursor: string | null;
    previous_cursor: string | null;
  };
  TaskInstanceHistoryCollectionResponse: {
    task_instances: Schemas["TaskInstanceHistoryResponse"][];
    total_entries: number;
  };
  TaskInstanceHistoryResponse: {
    task_id: string;
    dag_id: string;
    dag_run_id: string;
    map_index: number;
    start_date: string | null;
    end_date: string | null;
    /** Seconds. */
    duration: number | null;
    state: Schemas["TaskInstanceState"] | null;
    try_number: number;
    max_tries: number;
    task_display_name: string;
    dag_display_name: string;
    hostname: string | null;
    unixname: string | null;
    pool: string;
    pool_slots: number;
    queue: string | null;
    priority_weight: number | null;
    operator: string | null;
    operator_name: string | null;
    queued_when: string | null;
    scheduled_when: string | null;
    pid: number | null;
    executor: string | null;
    executor_config: string;
    dag_version: Schemas["DagVersionResponse"] | null;
  };
  TaskInstanceResponse: {
    task_id: string;
    dag_id: string;
    dag_run_id: string;
    map_index: number;
    start_date: string | null;
    end_date: string | null;
    /** Seconds. */
    duration: number | null;
    state: Schemas["TaskInstanceState"] | null;
    try_number: number;
    max_tries: number;
    task_display_name: string;
    dag_display_name: string;
    hostname: string | null;
    unixname: string | null;
    pool: string;
    pool_slots: number;
    queue: string | null;
    priority_weight: number | null;
    operator: string | null;
    operator_name: string | null;
    queued_when: string | null;
    scheduled_when: string | null;
    pid: number | null;
    executor: string | null;
    executor_config: string;
    dag_version: Schemas["DagVersionResponse"] | null;
    id: string;
    logical_date: string | null;
    run_after: string;
    note: string | null;
    rendered_map_index: string | null;
    rendered_fields: { [name: string]: unknown };
    /** What it waits for while it is deferred. */
    trigger: Schemas["TriggerResponse"] | null;
    /** The triggerer that has it. */
    triggerer_job: Schemas["JobResponse"] | null;
  };
  TaskInstanceState: "removed" | "scheduled" | "queued" | "running" | "success" | "restarting" | "failed" | "up_for_retry" | "up_for_reschedule" | "upstream_failed" | "skipped" | "deferred" | "awaiting_input";
  TaskInstancesBatchBody: {
    dag_ids?: string[] | null;
    dag_run_ids?: string[] | null;
    task_ids?: string[] | null;
    state?: ((Schemas["TaskInstanceState"] | null)[]) | null;
    run_after_gte?: string | null;
    run_after_gt?: string | null;
    run_after_lte?: string | null;
    run_after_lt?: string | null;
    logical_date_gte?: string | null;
    logical_date_gt?: string | null;
    logical_date_lte?: string | null;
    logical_date_lt?: string | null;
    start_date_gte?: string | null;
    start_date_gt?: string | null;
    start_date_lte?: string | null;
    start_date_lt?: string | null;
    end_date_gte?: string | null;
    end_date_gt?: string | null;
    end_date_lte?: string | null;
    end_date_lt?: string | null;
    duration_gte?: number | null;
    duration_gt?: number | null;
    duration_lte?: number | null;
    duration_lt?: number | null;
    pool?: string[] | null;
    queue?: string[] | null;
    executor?: string[] | null;
    page_offset?: number;
    page_limit?: number;
    order_by?: string | null;
  };
  TaskInstancesLogResponse: {
    /** Lines of the log as objects. */
    content: unknown[];
    /** Where the next page begins; null at the end. */
    continuation_token: string | null;
  };
  TaskOutletAssetReference: {
    dag_id: string;
    task_id: string;
    created_at: string;
    updated_at: string;
  };
  TaskResponse: {
    task_id: string;
    task_display_name: string | null;
    owner: string | null;
    start_date: string | null;
    end_date: string | null;
    trigger_rule: string | null;
    depends_on_past: boolean;
    wait_for_downstream: boolean;
    retries: number | null;
    queue: string | null;
    pool: string | null;
    pool_slots: number | null;
    execution_timeout: Schemas["TimeDelta"] | null;
    retry_delay: Schemas["TimeDelta"] | null;
    retry_exponential_backoff: number;
    priority_weight: number | null;
    weight_rule: string | null;
    ui_color: string | null;
    ui_fgcolor: string | null;
    template_fields: string[] | null;
    downstream_task_ids: string[] | null;
    doc_md: string | null;
    operator_name: string | null;
    params: { [name: string]: Schemas["ParamSpec"] } | null;
    class_ref: Schemas["ClassReference"] | null;
    is_mapped: boolean | null;
    extra_links: string[];
  };
  TaskStateCode: "looks_again_at" | "worker_lost" | "workers_lost" | "state_changed" | "run_ended" | "fenced" | "marked" | "cleared" | "run_marked" | "run_cleared" | "upstream_failed" | "skipped" | "removed";
  TaskStateEvent: {
    at: string;
    /** A state of task instances, or `lost`, `cancelled`; null when it was cleared or only its run was marked. */
    state: string | null;
    try_number: number | null;
    attempt_id: string | null;
    hostname: string | null;
    /** In English, or what the task or its process said. */
    why: string | null;
    /** Which reason; null when there is none, or when `why` is what was said. */
    code: Schemas["TaskStateCode"] | null;
    /** What the reason is about, by name; which names there are depends on `code`. */
    values: { [name: string]: unknown };
  };
  TimeDelta: {
    __type: string;
    days: number;
    seconds: number;
    microseconds: number;
  };
  TriggerDAGRunPostBody: {
    dag_run_id?: string | null;
    /** Null: none. */
    logical_date: string | null;
    data_interval_start?: string | null;
    data_interval_end?: string | null;
    run_after?: string | null;
    conf?: { [name: string]: unknown } | null;
    note?: string | null;
    partition_key?: string | null;
  };
  TriggerResponse: {
    id: number;
    classpath: string;
    kwargs: string;
    created_date: string;
    queue: string | null;
    triggerer_id: number | null;
  };
  TriggererInfoResponse: {
    status: string | null;
    latest_triggerer_heartbeat: string | null;
  };
  UiConfigResponse: {
    instance_name: string;
    version: string;
    /** Zone of DAGs that name none. */
    default_timezone: string;
    /** Empty: that of the browser. */
    default_ui_timezone: string;
    /** Path below which everything is served, with a slash at its end. */
    base_url: string;
    user: Schemas["UiUserResponse"];
    page_size: number;
    maximum_page_size: number;
    /** Seconds between questions of a page without live events. */
    auto_refresh: number;
    hide_paused_dags_by_default: boolean;
  };
  UiPermissions: {
    read: boolean;
    run: boolean;
    operate: boolean;
    secrets: boolean;
  };
  UiUserResponse: {
    username: string;
    role: Schemas["Role"];
    permissions: Schemas["UiPermissions"];
  };
  UnpauseFromNow: {
    next: Schemas["MissedRunResponse"] | null;
  };
  UnpausePreviewResponse: {
    dag_id: string;
    is_paused: boolean;
    is_stale: boolean;
    timezone: string;
    timetable_summary: string;
    catchup: boolean;
    count: number;
    /** False: at least `count`. */
    exact: boolean;
    first: Schemas["MissedRunResponse"] | null;
    last: Schemas["MissedRunResponse"] | null;
    next: Schemas["MissedRunResponse"] | null;
    max_active_runs: number;
    queued_runs: number;
    running_runs: number;
    /** Tasks that look at the run before. */
    past_tasks: string[];
    /** The condition on assets, when there is one. */
    waits_for: unknown;
    from_now: Schemas["UnpauseFromNow"];
    sentence: string;
  };
  UpdateHITLDetailPayload: {
    chosen_options: string[];
    params_input?: { [name: string]: unknown };
  };
  ValidationError: {
    type: string;
    loc: (string | number)[];
    msg: string;
    input?: unknown;
    ctx?: { [name: string]: unknown };
  };
  VariableBody: {
    key: string;
    value: unknown;
    description?: string | null;
    team_name?: string | null;
  };
  VariableCollectionResponse: {
    variables: Schemas["VariableResponse"][];
    total_entries: number;
  };
  VariableResponse: {
    key: string;
    /** Masked when the name looks secret. */
    value: string;
    description: string | null;
    is_encrypted: boolean;
    team_name: string | null;
  };
  VersionInfo: {
    version: string;
    git_version: string | null;
  };
  XComCollectionResponse: {
    xcom_entries: Schemas["XComResponse"][];
    total_entries: number;
  };
  XComCreateBody: {
    key: string;
    value: unknown;
    map_index?: number;
  };
  XComResponse: {
    key: string;
    timestamp: string;
    logical_date: string | null;
    map_index: number;
    task_id: string;
    dag_id: string;
    run_id: string;
    dag_display_name: string;
    task_display_name: string;
    run_after: string;
  };
  XComResponseNative: {
    key: string;
    timestamp: string;
    logical_date: string | null;
    map_index: number;
    task_id: string;
    dag_id: string;
    run_id: string;
    dag_display_name: string;
    task_display_name: string;
    run_after: string;
    value: unknown;
  };
  XComUpdateBody: {
    value: unknown;
    map_index?: number;
  };
}

export interface paths {
  "/api/v2/assets": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        name_pattern?: string;
        /** Begins with. */
        name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        uri_pattern?: string;
        /** Begins with. */
        uri_prefix_pattern?: string;
        dag_ids?: string[] | string;
        /** False: also those that no DAG names any more. */
        only_active?: boolean;
      };
      answer: Schemas["AssetCollectionResponse"];
    };
  };
  "/api/v2/assets/aliases": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        name_pattern?: string;
        /** Begins with. */
        name_prefix_pattern?: string;
      };
      answer: Schemas["AssetAliasCollectionResponse"];
    };
  };
  "/api/v2/assets/aliases/{asset_alias_id}": {
    get: {
      path: {
        asset_alias_id: string;
      };
      answer: Schemas["AssetAliasResponse"];
    };
  };
  "/api/v2/assets/events": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        name_pattern?: string;
        /** Begins with. */
        name_prefix_pattern?: string;
        asset_id?: number;
        source_map_index?: number;
        source_dag_id?: string;
        source_task_id?: string;
        source_run_id?: string;
        timestamp_gte?: string;
        timestamp_gt?: string;
        timestamp_lte?: string;
        timestamp_lt?: string;
      };
      answer: Schemas["AssetEventCollectionResponse"];
    };
    post: {
      body: Schemas["CreateAssetEventsBody"];
      answer: Schemas["AssetEventResponse"];
    };
  };
  "/api/v2/assets/{asset_id}": {
    get: {
      path: {
        asset_id: string;
      };
      answer: Schemas["AssetResponse"];
    };
  };
  "/api/v2/assets/{asset_id}/materialize": {
    post: {
      path: {
        asset_id: string;
      };
      body: Schemas["MaterializeAssetBody"];
      answer: Schemas["DAGRunResponse"];
    };
  };
  "/api/v2/assets/{asset_id}/queuedEvents": {
    get: {
      path: {
        asset_id: string;
      };
      query: {
        before?: string;
      };
      answer: Schemas["QueuedEventCollectionResponse"];
    };
    delete: {
      path: {
        asset_id: string;
      };
      query: {
        before?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/auth/login": {
    get: {
      query: {
        next?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/auth/logout": {
    get: {
      answer: unknown;
    };
  };
  "/api/v2/backfills": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        dag_id?: string;
        /** Those that have not ended, or only those that have. */
        active?: boolean;
      };
      answer: Schemas["BackfillCollectionResponse"];
    };
    post: {
      body: Schemas["BackfillPostBody"];
      answer: Schemas["BackfillResponse"];
    };
  };
  "/api/v2/backfills/dry_run": {
    post: {
      body: Schemas["BackfillPostBody"];
      answer: Schemas["DryRunBackfillCollectionResponse"];
    };
  };
  "/api/v2/backfills/{backfill_id}": {
    get: {
      path: {
        backfill_id: string;
      };
      answer: Schemas["BackfillResponse"];
    };
  };
  "/api/v2/backfills/{backfill_id}/cancel": {
    put: {
      path: {
        backfill_id: string;
      };
      answer: Schemas["BackfillResponse"];
    };
  };
  "/api/v2/backfills/{backfill_id}/pause": {
    put: {
      path: {
        backfill_id: string;
      };
      answer: Schemas["BackfillResponse"];
    };
  };
  "/api/v2/backfills/{backfill_id}/unpause": {
    put: {
      path: {
        backfill_id: string;
      };
      answer: Schemas["BackfillResponse"];
    };
  };
  "/api/v2/config": {
    get: {
      query: {
        section?: string;
      };
      answer: Schemas["Config"];
    };
  };
  "/api/v2/config/section/{section}/option/{option}": {
    get: {
      path: {
        section: string;
        option: string;
      };
      answer: Schemas["Config"];
    };
  };
  "/api/v2/connections": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        connection_id_pattern?: string;
        /** Begins with. */
        connection_id_prefix_pattern?: string;
      };
      answer: Schemas["ConnectionCollectionResponse"];
    };
    post: {
      body: Schemas["ConnectionBody"];
      answer: Schemas["ConnectionResponse"];
    };
    patch: {
      body: Schemas["BulkBody"];
      answer: Schemas["BulkResponse"];
    };
  };
  "/api/v2/connections/test": {
    post: {
      body: Schemas["ConnectionBody"];
      answer: Schemas["ConnectionTestResponse"];
    };
  };
  "/api/v2/connections/{connection_id}": {
    get: {
      path: {
        connection_id: string;
      };
      answer: Schemas["ConnectionResponse"];
    };
    patch: {
      path: {
        connection_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["ConnectionBody"];
      answer: Schemas["ConnectionResponse"];
    };
    delete: {
      path: {
        connection_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dagSources/{dag_id}": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        version_number?: number;
      };
      answer: Schemas["DAGSourceResponse"];
    };
  };
  "/api/v2/dagStats": {
    get: {
      query: {
        dag_ids?: string[] | string;
      };
      answer: Schemas["DagStatsCollectionResponse"];
    };
  };
  "/api/v2/dagTags": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        tag_name_pattern?: string;
        /** Begins with. */
        tag_name_prefix_pattern?: string;
      };
      answer: Schemas["DAGTagCollectionResponse"];
    };
  };
  "/api/v2/dagWarnings": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        dag_id?: string;
        warning_type?: string;
      };
      answer: Schemas["DAGWarningCollectionResponse"];
    };
  };
  "/api/v2/dags": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_display_name_pattern?: string;
        /** Begins with. */
        dag_display_name_prefix_pattern?: string;
        dag_run_start_date_gte?: string;
        dag_run_start_date_gt?: string;
        dag_run_start_date_lte?: string;
        dag_run_start_date_lt?: string;
        dag_run_end_date_gte?: string;
        dag_run_end_date_gt?: string;
        dag_run_end_date_lte?: string;
        dag_run_end_date_lt?: string;
        tags?: string[] | string;
        owners?: string[] | string;
        timetable_type?: string[] | string;
        tags_match_mode?: "any" | "all";
        exclude_stale?: boolean;
        paused?: boolean;
        has_import_errors?: boolean;
        has_asset_schedule?: boolean;
        is_favorite?: boolean;
        /** Part of the name or URI of an asset that the DAG names. */
        asset_dependency?: string;
        last_dag_run_state?: Schemas["DagRunState"];
        dag_run_state?: Schemas["DagRunState"][] | Schemas["DagRunState"];
        bundle_name?: string;
      };
      answer: Schemas["DAGCollectionResponse"];
    };
    patch: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_display_name_pattern?: string;
        /** Begins with. */
        dag_display_name_prefix_pattern?: string;
        tags?: string[] | string;
        owners?: string[] | string;
        timetable_type?: string[] | string;
        tags_match_mode?: "any" | "all";
        exclude_stale?: boolean;
        paused?: boolean;
        has_import_errors?: boolean;
        has_asset_schedule?: boolean;
        is_favorite?: boolean;
        /** Part of the name or URI of an asset that the DAG names. */
        asset_dependency?: string;
        last_dag_run_state?: Schemas["DagRunState"];
        bundle_name?: string;
        /** Makes none of the runs that were missed. */
        from_now?: boolean;
      };
      body: Schemas["DAGPatchBody"];
      answer: Schemas["DAGCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}": {
    get: {
      path: {
        dag_id: string;
      };
      answer: Schemas["DAGResponse"];
    };
    patch: {
      path: {
        dag_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
        /** Makes none of the runs that were missed. */
        from_now?: boolean;
      };
      body: Schemas["DAGPatchBody"];
      answer: Schemas["DAGResponse"];
    };
    delete: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/assets/queuedEvents": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        before?: string;
      };
      answer: Schemas["QueuedEventCollectionResponse"];
    };
    delete: {
      path: {
        dag_id: string;
      };
      query: {
        before?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents": {
    get: {
      path: {
        dag_id: string;
        asset_id: string;
      };
      query: {
        before?: string;
      };
      answer: Schemas["QueuedEventResponse"];
    };
    delete: {
      path: {
        dag_id: string;
        asset_id: string;
      };
      query: {
        before?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/clearDagRuns": {
    post: {
      path: {
        dag_id: string;
      };
      body: Schemas["BulkDAGRunClearBody"];
      answer: Schemas["ClearTaskInstanceCollectionResponse"] | Schemas["ClearedDAGRunCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/clearPartitions": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/clearTaskInstances": {
    post: {
      path: {
        dag_id: string;
      };
      body: Schemas["ClearTaskInstancesBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        run_id_pattern?: string;
        /** Begins with. */
        run_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        triggering_user_name_pattern?: string;
        /** Begins with. */
        triggering_user_name_prefix_pattern?: string;
        /** Empty for the first page, then what the answer names. */
        cursor?: string;
        run_type?: Schemas["DagRunType"][] | Schemas["DagRunType"];
        state?: Schemas["DagRunState"][] | Schemas["DagRunState"];
        dag_version?: number[] | number;
        conf_contains?: string;
        run_after_gte?: string;
        run_after_gt?: string;
        run_after_lte?: string;
        run_after_lt?: string;
        logical_date_gte?: string;
        logical_date_gt?: string;
        logical_date_lte?: string;
        logical_date_lt?: string;
        start_date_gte?: string;
        start_date_gt?: string;
        start_date_lte?: string;
        start_date_lt?: string;
        end_date_gte?: string;
        end_date_gt?: string;
        end_date_lte?: string;
        end_date_lt?: string;
        updated_at_gte?: string;
        updated_at_gt?: string;
        updated_at_lte?: string;
        updated_at_lt?: string;
        duration_gte?: number;
        duration_gt?: number;
        duration_lte?: number;
        duration_lt?: number;
      };
      answer: Schemas["DAGRunCollectionResponse"];
    };
    post: {
      path: {
        dag_id: string;
      };
      body: Schemas["TriggerDAGRunPostBody"];
      answer: Schemas["DAGRunResponse"];
    };
    patch: {
      path: {
        dag_id: string;
      };
      body: Schemas["BulkBody"];
      answer: Schemas["BulkResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/list": {
    post: {
      path: {
        dag_id: string;
      };
      body: Schemas["DAGRunsBatchBody"];
      answer: Schemas["DAGRunCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: Schemas["DAGRunResponse"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["DAGRunPatchBody"];
      answer: Schemas["DAGRunResponse"];
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear": {
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      body: Schemas["DAGRunClearBody"];
      answer: Schemas["ClearTaskInstanceCollectionResponse"] | Schemas["DAGRunResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/hitlDetails": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        task_id_pattern?: string;
        /** Begins with. */
        task_id_prefix_pattern?: string;
        created_at_gte?: string;
        created_at_gt?: string;
        created_at_lte?: string;
        created_at_lt?: string;
        task_id?: string[] | string;
        state?: string[] | string;
        responded_by_user_id?: string[] | string;
        responded_by_user_name?: string[] | string;
        map_index?: number;
        response_received?: boolean;
        subject_search?: string;
        body_search?: string;
      };
      answer: Schemas["HITLDetailCollection"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        group_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        group_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        run_id_pattern?: string;
        /** Begins with. */
        run_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        task_display_name_pattern?: string;
        /** Begins with. */
        task_display_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        pool_name_pattern?: string;
        /** Begins with. */
        pool_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        queue_name_pattern?: string;
        /** Begins with. */
        queue_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        operator_name_pattern?: string;
        /** Begins with. */
        operator_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        rendered_map_index_pattern?: string;
        /** Begins with. */
        rendered_map_index_prefix_pattern?: string;
        cursor?: string;
        task_group_id?: string;
        task_id?: string[] | string;
        pool?: string[] | string;
        queue?: string[] | string;
        executor?: string[] | string;
        operator?: string[] | string;
        /** States; `none` for those without one. */
        state?: string[] | string;
        version_number?: number[] | number;
        try_number?: number[] | number;
        map_index?: number[] | number;
        run_after_gte?: string;
        run_after_gt?: string;
        run_after_lte?: string;
        run_after_lt?: string;
        logical_date_gte?: string;
        logical_date_gt?: string;
        logical_date_lte?: string;
        logical_date_lt?: string;
        start_date_gte?: string;
        start_date_gt?: string;
        start_date_lte?: string;
        start_date_lt?: string;
        end_date_gte?: string;
        end_date_gt?: string;
        end_date_lte?: string;
        end_date_lt?: string;
        updated_at_gte?: string;
        updated_at_gt?: string;
        updated_at_lte?: string;
        updated_at_lt?: string;
        duration_gte?: number;
        duration_gt?: number;
        duration_lte?: number;
        duration_lt?: number;
      };
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      body: Schemas["BulkBody"];
      answer: Schemas["BulkResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list": {
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      body: Schemas["TaskInstancesBatchBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      answer: Schemas["TaskInstanceResponse"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
        map_index?: number;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        map_index?: number;
      };
      answer: null;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        map_index?: number;
      };
      answer: Schemas["TaskDependencyCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
        map_index?: number;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/externalLogUrl/{try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        map_index?: number;
      };
      answer: Schemas["ExtraLinkCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        pool_name_pattern?: string;
        /** Begins with. */
        pool_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        queue_name_pattern?: string;
        /** Begins with. */
        queue_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        operator_name_pattern?: string;
        /** Begins with. */
        operator_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        rendered_map_index_pattern?: string;
        /** Begins with. */
        rendered_map_index_prefix_pattern?: string;
        pool?: string[] | string;
        queue?: string[] | string;
        executor?: string[] | string;
        operator?: string[] | string;
        /** States; `none` for those without one. */
        state?: string[] | string;
        version_number?: number[] | number;
        try_number?: number[] | number;
        map_index?: number[] | number;
        run_after_gte?: string;
        run_after_gt?: string;
        run_after_lte?: string;
        run_after_lt?: string;
        logical_date_gte?: string;
        logical_date_gt?: string;
        logical_date_lte?: string;
        logical_date_lt?: string;
        start_date_gte?: string;
        start_date_gt?: string;
        start_date_lte?: string;
        start_date_lt?: string;
        end_date_gte?: string;
        end_date_gt?: string;
        end_date_lte?: string;
        end_date_lt?: string;
        updated_at_gte?: string;
        updated_at_gt?: string;
        updated_at_lte?: string;
        updated_at_lt?: string;
        duration_gte?: number;
        duration_gt?: number;
        duration_lte?: number;
        duration_lt?: number;
      };
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        full_content?: boolean;
        /** A continuation token. */
        token?: string;
      };
      answer: Schemas["TaskInstancesLogResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        map_index?: number;
      };
      answer: Schemas["TaskInstanceHistoryCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        task_try_number: number;
      };
      query: {
        map_index?: number;
      };
      answer: Schemas["TaskInstanceHistoryResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        map_index?: number;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        xcom_key_pattern?: string;
        /** Begins with. */
        xcom_key_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_display_name_pattern?: string;
        /** Begins with. */
        dag_display_name_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        run_id_pattern?: string;
        /** Begins with. */
        run_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        task_id_pattern?: string;
        /** Begins with. */
        task_id_prefix_pattern?: string;
        logical_date_gte?: string;
        logical_date_gt?: string;
        logical_date_lte?: string;
        logical_date_lt?: string;
        run_after_gte?: string;
        run_after_gt?: string;
        run_after_lte?: string;
        run_after_lt?: string;
        xcom_key?: string;
        map_index_filter?: number;
      };
      answer: Schemas["XComCollectionResponse"];
    };
    post: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      body: Schemas["XComCreateBody"];
      answer: Schemas["XComResponseNative"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      query: {
        map_index?: number;
        stringify?: boolean;
        deserialize?: boolean;
      };
      answer: Schemas["XComResponseNative"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      body: Schemas["XComUpdateBody"];
      answer: Schemas["XComResponseNative"];
    };
    delete: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        xcom_key: string;
      };
      query: {
        map_index?: number;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: Schemas["TaskInstanceResponse"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dependencies": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: Schemas["TaskDependencyCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dry_run": {
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["PatchTaskInstanceBody"];
      answer: Schemas["TaskInstanceCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: Schemas["HITLDetail"];
    };
    patch: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      body: Schemas["UpdateHITLDetailPayload"];
      answer: Schemas["HITLDetailResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails/tries/{try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
        try_number: number;
      };
      answer: Schemas["HITLDetailHistory"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
      };
      answer: Schemas["TaskInstanceHistoryCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries/{task_try_number}": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        map_index: number;
        task_try_number: number;
      };
      answer: Schemas["TaskInstanceHistoryResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: Schemas["AssetEventCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      query: {
        /** Seconds between looks. */
        interval: number;
        /** Tasks whose return values come with the last line. */
        result?: string[] | string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/dagVersions": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        version_number?: number;
        bundle_name?: string;
        bundle_version?: string;
      };
      answer: Schemas["DAGVersionCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/dagVersions/{version_number}": {
    get: {
      path: {
        dag_id: string;
        version_number: number;
      };
      answer: Schemas["DagVersionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/details": {
    get: {
      path: {
        dag_id: string;
      };
      answer: Schemas["DAGDetailsResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/favorite": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/dags/{dag_id}/tasks": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        order_by?: string;
      };
      answer: Schemas["TaskCollectionResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/tasks/{task_id}": {
    get: {
      path: {
        dag_id: string;
        task_id: string;
      };
      answer: Schemas["TaskResponse"];
    };
  };
  "/api/v2/dags/{dag_id}/unfavorite": {
    post: {
      path: {
        dag_id: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/eventLogs": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        dag_id_pattern?: string;
        /** Begins with. */
        dag_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        task_id_pattern?: string;
        /** Begins with. */
        task_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        run_id_pattern?: string;
        /** Begins with. */
        run_id_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        owner_pattern?: string;
        /** Begins with. */
        owner_prefix_pattern?: string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        event_pattern?: string;
        /** Begins with. */
        event_prefix_pattern?: string;
        dag_id?: string;
        task_id?: string;
        run_id?: string;
        owner?: string;
        event?: string;
        map_index?: number;
        try_number?: number;
        excluded_events?: string[] | string;
        included_events?: string[] | string;
        before?: string;
        after?: string;
      };
      answer: Schemas["EventLogCollectionResponse"];
    };
  };
  "/api/v2/eventLogs/{event_log_id}": {
    get: {
      path: {
        event_log_id: number;
      };
      answer: Schemas["EventLogResponse"];
    };
  };
  "/api/v2/importErrors": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        filename_pattern?: string;
        /** Begins with. */
        filename_prefix_pattern?: string;
        filename?: string;
        bundle_name?: string;
      };
      answer: Schemas["ImportErrorCollectionResponse"];
    };
  };
  "/api/v2/importErrors/{import_error_id}": {
    get: {
      path: {
        import_error_id: number;
      };
      answer: Schemas["ImportErrorResponse"];
    };
  };
  "/api/v2/jobs": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        start_date_gte?: string;
        start_date_gt?: string;
        start_date_lte?: string;
        start_date_lt?: string;
        end_date_gte?: string;
        end_date_gt?: string;
        end_date_lte?: string;
        end_date_lt?: string;
        is_alive?: boolean;
        job_state?: string[] | string;
        job_type?: string;
        hostname?: string;
        executor_class?: string;
      };
      answer: Schemas["JobCollectionResponse"];
    };
  };
  "/api/v2/monitor/health": {
    get: {
      answer: Schemas["HealthInfoResponse"];
    };
  };
  "/api/v2/parseDagFile/{file_token}": {
    put: {
      path: {
        file_token: string;
      };
      answer: null;
    };
  };
  "/api/v2/plugins": {
    get: {
      query: {
        limit?: number;
        offset?: number;
      };
      answer: Schemas["PluginCollectionResponse"];
    };
  };
  "/api/v2/plugins/importErrors": {
    get: {
      answer: Schemas["PluginImportErrorCollectionResponse"];
    };
  };
  "/api/v2/pools": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        pool_name_pattern?: string;
        /** Begins with. */
        pool_name_prefix_pattern?: string;
      };
      answer: Schemas["PoolCollectionResponse"];
    };
    post: {
      body: Schemas["PoolBody"];
      answer: Schemas["PoolResponse"];
    };
    patch: {
      body: Schemas["BulkBody"];
      answer: Schemas["BulkResponse"];
    };
  };
  "/api/v2/pools/{pool_name}": {
    get: {
      path: {
        pool_name: string;
      };
      answer: Schemas["PoolResponse"];
    };
    patch: {
      path: {
        pool_name: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["PoolPatchBody"];
      answer: Schemas["PoolResponse"];
    };
    delete: {
      path: {
        pool_name: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/providers": {
    get: {
      query: {
        limit?: number;
        offset?: number;
      };
      answer: Schemas["ProviderCollectionResponse"];
    };
  };
  "/api/v2/tradewind/alerts/channels": {
    get: {
      answer: Schemas["AlertChannels"];
    };
  };
  "/api/v2/tradewind/alerts/deliveries": {
    get: {
      query: {
        limit?: number;
        cursor?: string;
        state?: string[] | string;
        channel?: string;
        kind?: string;
        dag_id?: string;
        dag_run_id?: string;
      };
      answer: Schemas["AlertDeliveries"];
    };
  };
  "/api/v2/tradewind/alerts/deliveries/{delivery_id}": {
    get: {
      path: {
        delivery_id: number;
      };
      answer: Schemas["AlertDelivery"];
    };
  };
  "/api/v2/tradewind/alerts/deliveries/{delivery_id}/retry": {
    post: {
      path: {
        delivery_id: number;
      };
      answer: Schemas["AlertDelivery"];
    };
  };
  "/api/v2/tradewind/alerts/test": {
    post: {
      body: Schemas["AlertTestBody"];
      answer: Schemas["AlertTestResponse"];
    };
  };
  "/api/v2/tradewind/backfills/{backfill_id}/progress": {
    get: {
      path: {
        backfill_id: string;
      };
      answer: Schemas["BackfillProgress"];
    };
  };
  "/api/v2/tradewind/cluster": {
    get: {
      answer: Schemas["ClusterResponse"];
    };
  };
  "/api/v2/tradewind/connectionTypes": {
    get: {
      answer: Schemas["ConnectionTypeCollectionResponse"];
    };
  };
  "/api/v2/tradewind/dags": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** What the page before named as `next_cursor`. */
        cursor?: string;
        /** Part of the id or the display name. */
        search?: string;
        tags?: string[] | string;
        owner?: string[] | string;
        tags_match_mode?: "any" | "all";
        paused?: boolean;
        favorite?: boolean;
        has_import_errors?: boolean;
        exclude_stale?: boolean;
        last_run_state?: Schemas["DagRunState"];
      };
      answer: Schemas["DagRowCollectionResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/assets": {
    get: {
      path: {
        dag_id: string;
      };
      answer: Schemas["AwaitedAssetsResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/dependencies": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
      };
      answer: Schemas["TaskDependencyCollectionResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/history": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
      };
      query: {
        map_index?: number;
      };
      answer: Schemas["TaskHistoryResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/download": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        format?: "text" | "ndjson";
      };
      answer: unknown;
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/first_error": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        after_line?: number;
      };
      answer: Schemas["LogFirstErrorResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/lines": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        /** The first line; 1 when not given. */
        from?: number;
        limit?: number;
        /** That many last lines. */
        tail?: number;
        /** With `tail`: those before this line. */
        before?: number;
        /** One of these levels. */
        level?: string[] | string;
        /** One of these loggers. */
        source?: string[] | string;
      };
      answer: Schemas["LogLinesResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/search": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        q: string;
        regex?: boolean;
        ignore_case?: boolean;
        level?: string[] | string;
        source?: string[] | string;
        after_line?: number;
        limit?: number;
      };
      answer: Schemas["LogSearchResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/stream": {
    get: {
      path: {
        dag_id: string;
        dag_run_id: string;
        task_id: string;
        try_number: number;
      };
      query: {
        map_index?: number;
        from_line?: number;
        from_byte?: number;
        last_event_id?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/grid": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        limit?: number;
        /** `run_after` of the oldest run of the page before. */
        before?: string;
        run_type?: Schemas["DagRunType"][] | Schemas["DagRunType"];
        state?: Schemas["DagRunState"][] | Schemas["DagRunState"];
      };
      answer: Schemas["GridResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/grid/packed": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        limit?: number;
        /** `run_after` of the oldest run of the page before. */
        before?: string;
        run_type?: Schemas["DagRunType"][] | Schemas["DagRunType"];
        state?: Schemas["DagRunState"][] | Schemas["DagRunState"];
      };
      answer: Schemas["PackedGridResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/schedule": {
    get: {
      path: {
        dag_id: string;
      };
      query: {
        count?: number;
        /** Now, when nothing is said. */
        from?: string;
      };
      answer: Schemas["ScheduleResponse"];
    };
  };
  "/api/v2/tradewind/dags/{dag_id}/unpausePreview": {
    get: {
      path: {
        dag_id: string;
      };
      answer: Schemas["UnpausePreviewResponse"];
    };
  };
  "/api/v2/tradewind/events": {
    get: {
      query: {
        last_event_id?: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/tradewind/home": {
    get: {
      answer: Schemas["HomeResponse"];
    };
  };
  "/api/v2/tradewind/ui/config": {
    get: {
      answer: Schemas["UiConfigResponse"];
    };
  };
  "/api/v2/variables": {
    get: {
      query: {
        limit?: number;
        offset?: number;
        /** Sort keys; `-` before one reverses it. */
        order_by?: string[] | string;
        /** Contains; `%` and `_` stand for anything, `|` parts alternatives. */
        variable_key_pattern?: string;
        /** Begins with. */
        variable_key_prefix_pattern?: string;
      };
      answer: Schemas["VariableCollectionResponse"];
    };
    post: {
      body: Schemas["VariableBody"];
      answer: Schemas["VariableResponse"];
    };
    patch: {
      body: Schemas["BulkBody"];
      answer: Schemas["BulkResponse"];
    };
  };
  "/api/v2/variables/{variable_key}": {
    get: {
      path: {
        variable_key: string;
      };
      answer: Schemas["VariableResponse"];
    };
    patch: {
      path: {
        variable_key: string;
      };
      query: {
        /** Fields of the body that count; all when there are none. */
        update_mask?: string[] | string;
      };
      body: Schemas["VariableBody"];
      answer: Schemas["VariableResponse"];
    };
    delete: {
      path: {
        variable_key: string;
      };
      answer: unknown;
    };
  };
  "/api/v2/version": {
    get: {
      answer: Schemas["VersionInfo"];
    };
  };
  "/auth/logout": {
    get: {
      answer: unknown;
    };
  };
  "/auth/session": {
    post: {
      body: Schemas["LoginBody"];
      answer: Schemas["SessionResponse"];
    };
    delete: {
      answer: unknown;
    };
  };
  "/auth/token": {
    get: {
      answer: unknown;
    };
    post: {
      body: Schemas["LoginBody"];
      answer: Schemas["LoginResponse"];
    };
  };
  "/auth/token/cli": {
    post: {
      body: Schemas["LoginBody"];
      answer: Schemas["LoginResponse"];
    };
  };
  "/health": {
    get: {
      answer: Schemas["HealthInfoResponse"];
    };
  };
  "/metrics": {
    get: {
      answer: unknown;
    };
  };
}
