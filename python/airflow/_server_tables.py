"""Names of the old server's database. DAG files may import them; using one is an error that says what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn

from airflow._columns import Column
from airflow.sdk.exceptions import AirflowException

TABLES = frozenset(
    [
        "Base",
        "BaseJob",
        "DagCode",
        "DagOwnerAttributes",
        "DagPickle",
        "DagTag",
        "DagWarning",
        "DatasetModel",
        "DbCallbackRequest",
        "ImportError",
        "Job",
        "Log",
        "Pool",
        "RenderedTaskInstanceFields",
        "SerializedDagModel",
        "SlaMiss",
        "TaskFail",
        "TaskLog",
        "TaskMap",
        "TaskNote",
        "TaskReschedule",
        "Trigger",
        "XComModel",
        "clear_task_instances",
    ]
)


#: Modules of the old server and their names, for files (plugins most of all) that import them: below ``airflow``.
MODULES = """
api.client.json_client: Client
api.client.local_client: Client
api.common.delete_dag: delete_dag
api.common.experimental.delete_dag: delete_dag
api.common.experimental.get_dag_runs: get_dag_runs
api.common.experimental.get_task_instance: get_task_instance
api.common.experimental.mark_tasks: set_dag_run_state_to_failed set_dag_run_state_to_success set_state
api.common.experimental.pool: create_pool delete_pool get_pool get_pools
api.common.mark_tasks: set_dag_run_state_to_failed set_dag_run_state_to_queued set_dag_run_state_to_running set_dag_run_state_to_success set_state
api_connexion.exceptions: AlreadyExists BadRequest Conflict NotFound PermissionDenied Unauthenticated
api_connexion.schemas.user_schema: user_schema
api_connexion.security: check_authentication requires_access requires_access_custom_view requires_access_dag
api_connexion.types: APIResponse
api_fastapi.app: AUTH_MANAGER_FASTAPI_APP_PREFIX create_app get_auth_manager get_cookie_path
api_fastapi.auth.managers.base_auth_manager: BaseAuthManager COOKIE_NAME_JWT_TOKEN
api_fastapi.auth.managers.models.base_user: BaseUser
api_fastapi.auth.managers.models.resource_details: AccessView AssetAliasDetails AssetDetails ConnectionDetails DagAccessEntity DagDetails PoolDetails VariableDetails
api_fastapi.common.router: AirflowRouter
api_fastapi.core_api.base: BaseModel
api_fastapi.core_api.security: requires_access_dag
assets.evaluation: AssetEvaluator
assets.manager: AssetManager asset_manager resolve_asset_manager
auth.managers.base_auth_manager: BaseAuthManager
auth.managers.models.base_user: BaseUser
auth.managers.models.resource_details: AccessView ConfigurationDetails ConnectionDetails DagAccessEntity DagDetails DatasetDetails PoolDetails VariableDetails
bin.cli: api_client get_dag get_dags get_parser
cli.cli_config: ARG_BUNDLE_NAME ARG_DAEMON ARG_DAG_ID ARG_EXECUTION_DATE ARG_LOGICAL_DATE ARG_LOG_FILE ARG_OUTPUT_PATH ARG_PID ARG_SKIP_SERVE_LOGS ARG_STDERR ARG_STDOUT ARG_SUBDIR ARG_VERBOSE ActionCommand Arg CLICommand GroupCommand lazy_load_command positive_int
cli.cli_parser: AirflowHelpFormatter DefaultHelpParser _add_command get_parser
cli.commands.daemon_utils: run_command_with_daemon_option
cli.simple_table: AirflowConsole SimpleTable
config_templates.airflow_local_settings: DEFAULT_LOGGING_CONFIG REMOTE_LOGGING
config_templates.default_celery: DEFAULT_CELERY_CONFIG
contrib.auth.backends.password_auth: PasswordUser
contrib.kubernetes.pod_launcher: PodLauncher
dag_processing.bundles.base: BaseDagBundle BundleUsageTrackingManager BundleVersion
dag_processing.bundles.local: LocalDagBundle
dag_processing.bundles.manager: DagBundlesManager
dag_processing.dagbag: sync_bag_to_db
dag_processing.manager: DagFileProcessorManager
dag_processing.processor: DagFileProcessor DagFileProcessorProcess
datasets.manager: DatasetManager dataset_manager resolve_dataset_manager
executors.base_executor: BaseExecutor CommandType ExecutorConf PARALLELISM
executors.celery_executor: CeleryExecutor app
executors.celery_kubernetes_executor: CeleryKubernetesExecutor
executors.dask_executor: DaskExecutor
executors.debug_executor: DebugExecutor
executors.executor_constants: CELERY_EXECUTOR KUBERNETES_EXECUTOR LOCAL_EXECUTOR SEQUENTIAL_EXECUTOR
executors.executor_loader: ExecutorLoader
executors.executor_utils: ExecutorName
executors.kubernetes_executor: KubernetesExecutor
executors.local_executor: LocalExecutor
executors.sequential_executor: SequentialExecutor
executors.workloads: ExecuteCallback ExecuteTask ExecutorWorkload All
executors.workloads.base: WorkloadType
executors.workloads.types: TaskInstanceUuid
jobs: BackfillJob BaseJob LocalTaskJob SchedulerJob
jobs.backfill_job: BackfillJob
jobs.backfill_job_runner: BackfillJobRunner
jobs.base_job: BaseJob
jobs.job: Job perform_heartbeat run_job
jobs.local_task_job: LocalTaskJob
jobs.local_task_job_runner: LocalTaskJobRunner
jobs.scheduler_job: SchedulerJob
jobs.scheduler_job_runner: SchedulerJobRunner
jobs.triggerer_job: TriggererJob
jobs.triggerer_job_runner: TriggererJobRunner TriggerRunnerSupervisor
logging_config: _ActiveLoggingConfig configure_logging get_remote_task_log load_logging_config
models.asset: AssetActive AssetAliasModel AssetDagRunQueue AssetEvent AssetModel AssetWatcherModel DagScheduleAssetReference TaskInletAssetReference TaskOutletAssetReference expand_alias_to_assets
models.backfill: Backfill BackfillDagRun ReprocessBehavior
models.base: Base ID_LEN COLLATION_ARGS StringID metadata
models.chart: Chart
models.crypto: FernetProtocol InvalidFernetToken NullFernet get_fernet
models.dag_version: DagVersion
models.dagbag: DBDagBag
models.dagbundle: DagBundleModel
models.dagcode: DagCode
models.dagpickle: DagPickle
models.dagwarning: DagWarning DagWarningType
models.dataset: DagScheduleDatasetReference DatasetAliasModel DatasetDagRunQueue DatasetEvent DatasetModel TaskOutletDatasetReference
models.db_callback_request: DbCallbackRequest
models.errors: ImportError ParseImportError
models.hitl: HITLDetail HITLUser
models.knownevent: KnownEvent KnownEventType
models.kubernetes: KubeResourceVersion KubeWorkerIdentifier
models.log: Log
models.pool: Pool PoolStats
models.renderedtifields: RenderedTaskInstanceFields get_serialized_template_fields
models.serialized_dag: SerializedDagModel
models.slamiss: SlaMiss
models.taskfail: TaskFail
models.taskinstancehistory: TaskInstanceHistory
models.tasklog: LogTemplate
models.taskmap: TaskMap TaskMapVariant
models.taskreschedule: TaskReschedule
models.team: Team
models.trigger: Trigger
models.user: User
secrets.metastore: MetastoreBackend
security.kerberos: get_kerberos_principle perform_krb181_workaround renew_from_kt run
security.utils: get_fqdn get_hostname principal_from_username split_path
sensors.hdfs_sensor: HdfsSensor
sdk.execution_time.coordinator: get_coordinator_manager
sdk.execution_time.supervisor: supervise
sentry: Sentry
serialization.enums: DagAttributeTypes Encoding
serialization.pydantic.dag_run: DagRunPydantic
serialization.pydantic.dataset: DatasetEventPydantic
serialization.pydantic.job: JobPydantic
serialization.pydantic.taskinstance: TaskInstancePydantic
serialization.definitions.mappedoperator: SerializedMappedOperator
serialization.encoders: coerce_to_core_timetable encode_timetable
serialization.serialized_objects: BaseSerialization SerializedBaseOperator SerializedDAG create_scheduler_operator
task.standard_task_runner: StandardTaskRunner
task.task_runner.standard_task_runner: StandardTaskRunner
ti_deps.dep_context: DepContext
ti_deps.dependencies_deps: RUNNING_DEPS SCHEDULER_QUEUED_DEPS
ti_deps.dependencies_states: EXECUTION_STATES QUEUEABLE_STATES RUNNABLE_STATES SCHEDULEABLE_STATES
ti_deps.deps.base_ti_dep: BaseTIDep TIDepStatus
ti_deps.deps.not_in_retry_period_dep: NotInRetryPeriodDep
ti_deps.deps.prev_dagrun_dep: PrevDagrunDep
ti_deps.deps.ready_to_reschedule: ReadyToRescheduleDep
ti_deps.deps.trigger_rule_dep: TriggerRuleDep
utils.airflow_flask_app: AirflowApp get_airflow_app
utils.cli: action_cli action_logging get_bagged_dag get_dag get_dag_by_file_location get_dags process_subdir setup_locations setup_logging should_use_colors suppress_logs_and_warning
utils.cli_action_loggers: default_action_log register_post_exec_callback register_pre_exec_callback
utils.dag_processing: AbstractDagFileProcessor DagFileProcessorAgent DagFileProcessorManager SimpleDag SimpleDagBag
utils.db: add_default_pool_if_not_exists bootstrap_dagbag checkdb create_default_connections create_global_lock initdb merge_conn resetdb upgradedb
utils.db_cleanup: config_list run_cleanup
triggers.shared_stream: AdvanceItem AdvanceOutcome SharedStreamManager SharedStreamProducer reject_shared_stream_event
utils.log.file_processor_handler: FileProcessorHandler
utils.log.file_task_handler: FileTaskHandler StructuredLogMessage
utils.log.json_formatter: JSONFormatter
utils.log.log_reader: TaskLogReader
utils.log.non_caching_file_handler: NonCachingFileHandler
utils.log.task_handler_with_custom_formatter: TaskHandlerWithCustomFormatter
utils.log.trigger_handler: TriggererHandlerWrapper ctx_indiv_trigger
utils.serve_logs: create_app serve_logs
utils.sqlalchemy: ExtendedJSON Interval UtcDateTime lock_rows nulls_first prohibit_commit skip_locked tuple_in_condition with_row_locks
www.app: cached_app create_app csrf
www.auth: has_access has_access_configuration has_access_connection has_access_dag has_access_dataset has_access_pool has_access_variable has_access_view
www.decorators: action_logging gzipped
www.extensions.init_views: init_plugins
www.fab_security.manager: AUTH_DB AUTH_LDAP AUTH_OAUTH AUTH_OID AUTH_REMOTE_USER
www.forms: DateTimeForm
www.security: AirflowSecurityManager FabAirflowSecurityManagerOverride
www.security_manager: AirflowSecurityManagerV2
www.utils: dag_link get_dag json_response nobr_f
www.views: AirflowBaseView AirflowModelView DagRunModelView
www.widgets: AirflowModelListWidget
"""

_found: dict[str, frozenset[str]] = {}


def modules() -> dict[str, frozenset[str]]:
    """The server's modules and their names."""
    if not _found:
        for line in MODULES.strip().splitlines():
            module, _, names = line.partition(": ")
            _found[f"airflow.{module}"] = frozenset(names.split())
    return _found


def refuse(what: str) -> NoReturn:
    """Say that there is no database for DAG files and tasks."""
    raise AirflowException(
        f"{what} needs a session of the metadata database, which DAG files and tasks do not have: "
        "use Variable, Connection, XCom, the task's context, or the REST API"
    )


def refuse_server(what: str) -> NoReturn:
    """Say that the server is no Python program."""
    raise AirflowException(f"{what} is a part of Airflow's own server, which does not run here: use the REST API")


class _Table(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Column(f"{cls.__module__}.{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        refuse(f"{cls.__module__}.{cls.__name__}")


class _Server(type):
    """A class or function of the server: may be imported, named in annotations and subclassed."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.isupper():
            return f"{cls.__name__}.{name}"  # a member of an enumeration, named in tables of constants
        if cls.__name__.endswith("Job"):
            return Column(f"{cls.__module__}.{cls.__name__}.{name}")
        refuse_server(f"{cls.__module__}.{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__module__.startswith("airflow.executors."):
            return super().__call__()  # given to SubDagOperator, which has no use for it
        refuse_server(f"{cls.__module__}.{cls.__name__}")


class _Sessions(_Table):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return type.__call__(cls)


def session_class(name: str, module: str) -> type:
    """A class of sessions with nothing behind them: may be made, passed on, named and closed."""

    def refused(self: Any, asked: str) -> NoReturn:
        if asked.startswith("__"):
            raise AttributeError(asked)
        refuse(f"{module}.{name}().{asked}")

    def nothing(self: Any) -> None: ...

    members: dict[str, Any] = dict.fromkeys(("close", "commit", "expunge_all", "flush", "remove", "rollback"), nothing)
    members |= {"__module__": module, "__doc__": "Sessions of the old server's database; no database is behind them."}
    members |= {"__getattr__": refused, "__enter__": lambda self: self, "__exit__": lambda self, *_: None}
    return _Sessions(name, (), members)


def of_server(module: str, name: str) -> type:
    """The stand-in for ``name`` of one of :func:`modules`."""
    kind = _Table if module.startswith("airflow.models.") else _Server
    return kind(name, (), {"__module__": module, "__doc__": "A part of the old server; not available to DAG files."})


def table(name: str, module: str) -> type:
    """The stand-in for one table: good for imports and annotations."""
    return _Table(name, (), {"__module__": module, "__doc__": "A table of the old server; not available to DAG files."})
