"""Old import paths and where their names live now: the one table of moved names.

Each line of a table is ``old module -> new module`` (all its names), or ``old module -> new module: names``, with ``Old=New``
for names that have changed and several targets separated by ``;``. Modules are below ``airflow``.
"""

from __future__ import annotations

from functools import cache

from airflow._moves_contrib import CONTRIB
from airflow._moves_providers import PROVIDERS

_CORE = """
contrib.hooks.fs_hook -> providers.standard.hooks.filesystem
contrib.sensors.bash_sensor -> providers.standard.sensors.bash
contrib.sensors.file_sensor -> providers.standard.sensors.filesystem
contrib.sensors.python_sensor -> providers.standard.sensors.python
contrib.sensors.weekday_sensor -> providers.standard.sensors.weekday
contrib.utils.weekday -> providers.standard.utils.weekday
api.common.experimental.trigger_dag -> api.common.trigger_dag
contrib.operators.emr_add_steps_operator -> providers.amazon.aws.operators.emr: EmrAddStepsOperator
contrib.operators.emr_create_job_flow_operator -> providers.amazon.aws.operators.emr: EmrCreateJobFlowOperator
contrib.operators.emr_terminate_job_flow_operator -> providers.amazon.aws.operators.emr: EmrTerminateJobFlowOperator
contrib.sensors.emr_job_flow_sensor -> providers.amazon.aws.sensors.emr: EmrJobFlowSensor
contrib.sensors.emr_step_sensor -> providers.amazon.aws.sensors.emr: EmrStepSensor
datasets -> sdk.definitions.asset
decorators -> sdk.definitions.decorators
decorators.base -> sdk.bases.decorator; sdk.definitions.decorators: TaskDecoratorCollection
decorators.bash -> providers.standard.decorators.bash
decorators.branch_python -> providers.standard.decorators.python: branch_task
decorators.python -> providers.standard.decorators.python
decorators.sensor -> providers.standard.decorators.sensor
decorators.setup_teardown -> sdk.definitions.decorators.setup_teardown
decorators.short_circuit -> providers.standard.decorators.python: short_circuit_task
decorators.task_group -> sdk.definitions.decorators.task_group
hooks.base -> sdk.bases.hook; secrets.environment_variables: CONN_ENV_PREFIX
hooks.base_hook -> sdk.bases.hook; secrets.environment_variables: CONN_ENV_PREFIX
hooks.filesystem -> providers.standard.hooks.filesystem
hooks.subprocess -> providers.standard.hooks.subprocess
kubernetes.k8s_model -> providers.cncf.kubernetes.k8s_model
kubernetes.kube_client -> providers.cncf.kubernetes.kube_client
kubernetes.pod -> providers.cncf.kubernetes.backcompat.pod
kubernetes.pod_generator -> providers.cncf.kubernetes.pod_generator
kubernetes.pod_generator_deprecated -> providers.cncf.kubernetes.pod_generator
kubernetes.pod_launcher -> providers.cncf.kubernetes.utils.pod_manager: PodLauncher=PodManager
kubernetes.pod_runtime_info_env -> providers.cncf.kubernetes.backcompat.pod_runtime_info_env
kubernetes.volume -> providers.cncf.kubernetes.backcompat.volume
kubernetes.volume_mount -> providers.cncf.kubernetes.backcompat.volume_mount
kubernetes.secret -> providers.cncf.kubernetes.secret
models.abstractoperator -> sdk.definitions._internal.abstractoperator
models.baseoperator -> sdk.bases.operator; sdk.bases.operatorlink: BaseOperatorLink; sdk.bases._construction: BaseOperatorMeta=OperatorMeta; sdk.definitions._internal.schedules: ScheduleInterval; sdk.definitions._internal.abstractoperator: TaskStateChangeCallback TaskPreExecuteHook TaskPostExecuteHook
models.baseoperatorlink -> sdk.bases.operatorlink
models.connection -> sdk.definitions.connection
models.dag -> sdk.definitions.dag; models: DagModel DagTag DagOwnerAttributes; sdk.definitions._internal.contextmanager: DagContext; sdk.definitions._internal.schedules: ScheduleArg ScheduleInterval ScheduleIntervalArg; sdk.definitions._internal.abstractoperator: DagStateChangeCallback SLAMissCallback; utils.types: DagRunType; utils.state: State DagRunState; utils.session: provide_session NEW_SESSION create_session
models.dagbag -> _dag_bag: DagBag FileLoadStat
dag_processing.dagbag -> _dag_bag: DagBag FileLoadStat
models.expandinput -> sdk.definitions._internal.expandinput
models.mappedoperator -> sdk.definitions.mappedoperator
models.operator -> sdk.bases.operator; sdk.definitions._internal.abstractoperator: Operator=AbstractOperator
models.param -> sdk.definitions.param
models.skipmixin -> sdk.bases.skipmixin
models.taskmixin -> sdk.definitions._internal.node
models.variable -> sdk.definitions.variable
models.taskinstance -> sdk.definitions.taskinstance; models: clear_task_instances; sdk.definitions.context: Context set_current_context; models.taskinstancekey: TaskInstanceKey; sdk.definitions.taskinstance: SimpleTaskInstance=TaskInstance; utils.state: State TaskInstanceState; utils.session: provide_session; sdk.exceptions: AirflowException AirflowFailException AirflowSkipException
models.dagrun -> sdk.definitions.taskinstance; utils.types: DagRunType; utils.state: DagRunState State; sdk.definitions.taskinstance: TaskInstance
models.xcom -> sdk.bases.xcom
models.xcom_arg -> sdk.definitions.xcom_arg
notifications.basenotifier -> sdk.bases.notifier
operators -> providers.standard.operators.bash: BashOperator; providers.standard.operators.python: BranchPythonOperator PythonOperator ShortCircuitOperator; providers.standard.operators.empty: DummyOperator EmptyOperator; providers.standard.operators.latest_only: LatestOnlyOperator; providers.standard.operators.trigger_dagrun: TriggerDagRunOperator; sdk.bases.operator: BaseOperator; sdk.definitions._internal.subdag: SubDagOperator
operators.bash -> providers.standard.operators.bash
operators.bash_operator -> providers.standard.operators.bash
operators.branch -> sdk.bases.branch
operators.branch_operator -> sdk.bases.branch
operators.dagrun_operator -> providers.standard.operators.trigger_dagrun
operators.datetime -> providers.standard.operators.datetime
operators.dummy -> providers.standard.operators.empty
operators.dummy_operator -> providers.standard.operators.empty
operators.email -> providers.smtp.operators.smtp: EmailOperator; providers.standard.operators.email: EmailOperator
operators.email_operator -> providers.smtp.operators.smtp: EmailOperator; providers.standard.operators.email: EmailOperator
operators.empty -> providers.standard.operators.empty
operators.generic_transfer -> providers.common.sql.operators.generic_transfer
operators.latest_only -> providers.standard.operators.latest_only
operators.latest_only_operator -> providers.standard.operators.latest_only
operators.python -> providers.standard.operators.python; sdk.definitions.decorators: task
operators.python_operator -> providers.standard.operators.python
operators.sensors -> sdk.bases.sensor: BaseSensorOperator; providers.standard.sensors.external_task: ExternalTaskSensor; providers.standard.sensors.time: TimeSensor; providers.standard.sensors.time_delta: TimeDeltaSensor; providers.common.sql.sensors.sql: SqlSensor; providers.http.sensors.http: HttpSensor; providers.amazon.aws.sensors.s3: S3KeySensor
operators.subdag -> sdk.definitions._internal.subdag: SubDagOperator
operators.subdag_operator -> sdk.definitions._internal.subdag: SubDagOperator
operators.trigger_dagrun -> providers.standard.operators.trigger_dagrun
operators.weekday -> providers.standard.operators.weekday
sdk.execution_time.macros -> macros
sensors.base -> sdk.bases.sensor
sensors.base_sensor_operator -> sdk.bases.sensor
sensors.bash -> providers.standard.sensors.bash
sensors.date_time -> providers.standard.sensors.date_time
sensors.date_time_sensor -> providers.standard.sensors.date_time
sensors.external_task -> providers.standard.sensors.external_task
sensors.external_task_sensor -> providers.standard.sensors.external_task
sensors.filesystem -> providers.standard.sensors.filesystem
sensors.python -> providers.standard.sensors.python
sensors.time_delta -> providers.standard.sensors.time_delta
sensors.time_delta_sensor -> providers.standard.sensors.time_delta
sensors.time_sensor -> providers.standard.sensors.time
sensors.weekday -> providers.standard.sensors.weekday
template.templater -> sdk.definitions._internal.templater
assets -> sdk.definitions.asset
assets.metadata -> sdk.definitions.asset.metadata
callbacks -> sdk.definitions.callback
datasets.metadata -> sdk.definitions.asset.metadata
dag.sdk -> sdk
decorators.branch_external_python -> providers.standard.decorators.other_python: branch_external_python_task
decorators.branch_virtualenv -> providers.standard.decorators.other_python: branch_virtualenv_task
decorators.condition -> sdk.definitions.decorators.condition
decorators.external_python -> providers.standard.decorators.other_python: external_python_task
decorators.python_virtualenv -> providers.standard.decorators.other_python: virtualenv_task
hooks.package_index -> providers.standard.hooks.package_index
io -> sdk.io
io.storage -> sdk.io
io.path -> sdk.io.path
io.store -> sdk.io.store
io.typedef -> sdk.io.typedef
lineage.hook -> sdk.lineage
operators.smooth -> providers.standard.operators.smooth
providers.standard.decorators.branch_external_python -> providers.standard.decorators.other_python: branch_external_python_task
providers.standard.decorators.branch_python -> providers.standard.decorators.python: branch_task
providers.standard.decorators.branch_virtualenv -> providers.standard.decorators.other_python: branch_virtualenv_task
providers.standard.decorators.external_python -> providers.standard.decorators.other_python: external_python_task
providers.standard.decorators.python_virtualenv -> providers.standard.decorators.other_python: virtualenv_task
providers.standard.decorators.short_circuit -> providers.standard.decorators.python: short_circuit_task
providers.standard.sensors.time_sensor -> providers.standard.sensors.time
_shared.module_loading -> utils.module_loading
_shared.plugins_manager.plugins_manager -> plugins_manager
partition_mappers.allowed_key -> sdk.definitions.partition_mappers: AllowedKeyMapper
partition_mappers.base -> sdk.definitions.partition_mappers: PartitionMapper RollupMapper
partition_mappers.chain -> sdk.definitions.partition_mappers: ChainMapper
partition_mappers.fixed_key -> sdk.definitions.partition_mappers: FixedKeyMapper
partition_mappers.identity -> sdk.definitions.partition_mappers: IdentityMapper
partition_mappers.product -> sdk.definitions.partition_mappers: ProductMapper
partition_mappers.temporal -> sdk.definitions.partition_mappers
partition_mappers.wait_policy -> sdk.definitions.partition_mappers: MinimumCount WaitForAll WaitPolicy
partition_mappers.window -> sdk.definitions.partition_mappers
sdk._shared.module_loading -> utils.module_loading
sdk._shared.secrets_masker -> utils.log.secrets_masker
sdk._shared.timezones.timezone -> sdk.timezone
sdk.definitions._internal.dag_parsing_context -> sdk.definitions.context
sdk.definitions._internal.types -> sdk.types
sdk.definitions.partition_mappers.allowed_key -> sdk.definitions.partition_mappers: AllowedKeyMapper
sdk.definitions.partition_mappers.base -> sdk.definitions.partition_mappers: PartitionMapper RollupMapper
sdk.definitions.partition_mappers.chain -> sdk.definitions.partition_mappers: ChainMapper
sdk.definitions.partition_mappers.fixed_key -> sdk.definitions.partition_mappers: FixedKeyMapper
sdk.definitions.partition_mappers.identity -> sdk.definitions.partition_mappers: IdentityMapper
sdk.definitions.partition_mappers.product -> sdk.definitions.partition_mappers: ProductMapper
sdk.definitions.partition_mappers.temporal -> sdk.definitions.partition_mappers
sdk.definitions.partition_mappers.wait_policy -> sdk.definitions.partition_mappers: MinimumCount WaitForAll WaitPolicy
sdk.definitions.partition_mappers.window -> sdk.definitions.partition_mappers
sdk.plugins_manager -> plugins_manager; sdk.providers_manager_runtime: ProvidersManagerTaskRuntime
sdk.definitions.template -> sdk.definitions._internal.templater
sdk.definitions.timetables.assets -> timetables.assets; timetables.simple
sdk.definitions.timetables.events -> timetables.events
sdk.definitions.timetables.interval -> timetables.interval
sdk.definitions.timetables.simple -> timetables.simple
sdk.definitions.timetables.trigger -> timetables.trigger
sdk.execution_time.context -> utils.operator_helpers; sdk.state: NEVER_EXPIRE; sdk.definitions.context: Context get_current_context
sdk.execution_time.secrets_masker -> utils.log.secrets_masker
sdk.execution_time.task_runner -> sdk.definitions.taskinstance: RuntimeTaskInstance=TaskInstance
sdk.execution_time.xcom -> sdk.bases.xcom: XCom
serialization.serde -> sdk.serde
templates -> sdk.definitions._internal.environment
triggers.external_task -> providers.standard.triggers.external_task
triggers.file -> providers.standard.triggers.file
utils.dag_parsing_context -> sdk.definitions.context
utils.entry_points -> _entry_points
utils.operator_resources -> sdk.definitions.operator_resources
utils.python_virtualenv -> providers.standard.utils.python_virtualenv
utils.template -> sdk.definitions._internal.templater
utils.yaml -> sdk.yaml
timetables.datasets -> timetables.assets: DatasetOrTimeSchedule
triggers.temporal -> providers.standard.triggers.temporal
utils.db -> utils.session: provide_session create_session NEW_SESSION
utils.edgemodifier -> sdk.definitions.edges
utils.setup_teardown -> sdk.definitions._internal.setup_teardown
utils.task_group -> sdk.definitions.taskgroup; sdk.definitions._internal.contextmanager: TaskGroupContext
utils.timezone -> sdk.timezone
utils.trigger_rule -> task.trigger_rule
utils.weekday -> providers.standard.utils.weekday
utils.weight_rule -> task.weight_rule
utils.xcom -> sdk.bases.xcom: XCOM_RETURN_KEY
"""

#: What is gone, and what to write instead.
REMOVED = {
    "airflow.operators": "no plugin has it; import it from the module that defines it",
    "airflow.sensors": "no plugin has it; import it from the module that defines it",
    "airflow.hooks": "no plugin has it; import it from the module that defines it",
}

#: What to say of a name instead of where it is now, by the name's new place.
NOTES = {
    "airflow.sdk.definitions._internal.subdag.SubDagOperator": "its tasks become a task group of the outer DAG; write a TaskGroup",
}

#: Old modules that 3.3 still has, with a warning or without.
IN_3 = frozenset(
    "airflow." + name
    for name in [
        "api.client.local_client",
        "api.common.trigger_dag",
        "assets.manager",
        "configuration",
        "decorators",
        "decorators.base",
        "example_dags",
        "exceptions",
        "executors.base_executor",
        "executors.local_executor",
        "hooks.base",
        "hooks.filesystem",
        "hooks.package_index",
        "hooks.subprocess",
        "io",
        "io.path",
        "io.storage",
        "io.typedef",
        "jobs.job",
        "lineage",
        "lineage.hook",
        "listeners",
        "macros",
        "models",
        "models.abstractoperator",
        "models.asset",
        "models.base",
        "models.baseoperator",
        "models.baseoperatorlink",
        "models.connection",
        "models.crypto",
        "models.dag",
        "models.dagbag",
        "models.dagcode",
        "models.dagrun",
        "models.log",
        "models.operator",
        "models.param",
        "models.serialized_dag",
        "models.skipmixin",
        "models.taskinstance",
        "models.taskmap",
        "models.variable",
        "models.xcom",
        "models.xcom_arg",
        "notifications.basenotifier",
        "operators.bash",
        "operators.branch",
        "operators.datetime",
        "operators.email",
        "operators.empty",
        "operators.generic_transfer",
        "operators.latest_only",
        "operators.python",
        "operators.smooth",
        "operators.trigger_dagrun",
        "operators.weekday",
        "plugins_manager",
        "policies",
        "secrets",
        "secrets.cache",
        "secrets.environment_variables",
        "secrets.local_filesystem",
        "security",
        "sensors.base",
        "sensors.bash",
        "sensors.date_time",
        "sensors.external_task",
        "sensors.filesystem",
        "sensors.python",
        "sensors.time_delta",
        "sensors.time_sensor",
        "sensors.weekday",
        "serialization.serde",
        "settings",
        "stats",
        "task.trigger_rule",
        "ti_deps.deps.base_ti_dep",
        "timetables.assets",
        "timetables.base",
        "timetables.events",
        "timetables.interval",
        "timetables.simple",
        "timetables.trigger",
        "triggers.base",
        "triggers.external_task",
        "triggers.file",
        "triggers.temporal",
        "typing_compat",
        "utils.cli",
        "utils.code_utils",
        "utils.context",
        "utils.dag_cycle_tester",
        "utils.dates",
        "utils.db",
        "utils.decorators",
        "utils.edgemodifier",
        "utils.email",
        "utils.entry_points",
        "utils.hashlib_wrapper",
        "utils.helpers",
        "utils.log.cloudwatch_task_handler",
        "utils.log.es_task_handler",
        "utils.log.gcs_task_handler",
        "utils.log.logging_mixin",
        "utils.log.s3_task_handler",
        "utils.log.stackdriver_task_handler",
        "utils.log.wasb_task_handler",
        "utils.net",
        "utils.operator_helpers",
        "utils.operator_resources",
        "utils.session",
        "utils.setup_teardown",
        "utils.sqlalchemy",
        "utils.state",
        "utils.task_group",
        "utils.timeout",
        "utils.timezone",
        "utils.trigger_rule",
        "utils.types",
        "utils.weight_rule",
        "utils.xcom",
        "version",
    ]
)

#: Modules that are still a home of their names in some version: using them is not worth a warning.
QUIET = frozenset(
    f"airflow.{name}"
    for name in [
        "models.connection",
        "models.variable",
        "utils.edgemodifier",
        "models.xcom",
        "models.dagbag",
        "dag_processing.dagbag",
        "models.dagrun",
        "models.taskinstance",
        "template.templater",
        "models.mappedoperator",
        "partition_mappers.allowed_key",
        "partition_mappers.base",
        "partition_mappers.chain",
        "partition_mappers.fixed_key",
        "partition_mappers.identity",
        "partition_mappers.product",
        "partition_mappers.temporal",
        "partition_mappers.wait_policy",
        "partition_mappers.window",
        "_shared.module_loading",
        "_shared.plugins_manager.plugins_manager",
        "sdk._shared.module_loading",
        "sdk._shared.secrets_masker",
        "sdk._shared.timezones.timezone",
        "sdk.definitions._internal.dag_parsing_context",
        "sdk.definitions._internal.types",
        "sdk.definitions.template",
        "sdk.definitions.partition_mappers.allowed_key",
        "sdk.definitions.partition_mappers.base",
        "sdk.definitions.partition_mappers.chain",
        "sdk.definitions.partition_mappers.fixed_key",
        "sdk.definitions.partition_mappers.identity",
        "sdk.definitions.partition_mappers.product",
        "sdk.definitions.partition_mappers.temporal",
        "sdk.definitions.partition_mappers.wait_policy",
        "sdk.definitions.partition_mappers.window",
        "sdk.plugins_manager",
        "sdk.definitions.timetables.assets",
        "sdk.definitions.timetables.events",
        "sdk.definitions.timetables.interval",
        "sdk.definitions.timetables.simple",
        "sdk.definitions.timetables.trigger",
        "sdk.execution_time.context",
        "sdk.execution_time.secrets_masker",
        "sdk.execution_time.task_runner",
        "sdk.execution_time.xcom",
        "providers.standard.decorators.branch_external_python",
        "providers.standard.decorators.branch_python",
        "providers.standard.decorators.branch_virtualenv",
        "providers.standard.decorators.external_python",
        "providers.standard.decorators.python_virtualenv",
        "providers.standard.decorators.short_circuit",
        "providers.standard.sensors.time_sensor",
        "utils.dag_parsing_context",
        "templates",
    ]
)

Target = tuple[str, "dict[str, str] | None"]


def _parse(table: str, old_base: str, new_base: str) -> dict[str, list[Target]]:
    found: dict[str, list[Target]] = {}
    for line in table.strip().splitlines():
        old, _, targets = line.partition(" -> ")
        entry = found.setdefault(f"{old_base}.{old}", [])
        for target in targets.split(";"):
            module, colon, names = target.strip().partition(":")
            pairs = (name.partition("=") for name in names.split())
            renames = {old_name: new_name or old_name for old_name, _, new_name in pairs} if colon else None
            entry.append((f"{new_base}.{module.strip()}", renames))
    return found


@cache
def moves() -> dict[str, list[Target]]:
    """For each old module its targets: a module, and its names there by their old names (``None``: all, unchanged)."""
    table: dict[str, list[Target]] = {}
    for part in (
        _parse(CONTRIB, "airflow.contrib", "airflow.providers"),
        _parse(PROVIDERS, "airflow", "airflow.providers"),
        _parse(_CORE, "airflow", "airflow"),
    ):
        for module, targets in part.items():
            table.setdefault(module, []).extend(targets)
    return table


@cache
def packages() -> frozenset[str]:
    """The packages that hold old modules."""
    from airflow._server_tables import modules

    found: set[str] = set()
    for module in (*moves(), *modules()):
        parent = module.rpartition(".")[0]
        while parent != "airflow":
            found.add(parent)
            parent = parent.rpartition(".")[0]
    return frozenset(found)
