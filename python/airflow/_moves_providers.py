"""Where the operators, sensors and hooks of other systems went that 1.10 had in its core.

Old module -> new module below ``airflow.providers``: its names (``Old=New`` when the name changed)."""

PROVIDERS = """
config_templates.default_celery -> celery.executors.default_celery: DEFAULT_CELERY_CONFIG
executors.celery_executor -> celery.executors.celery_executor: CeleryExecutor; celery.executors.celery_executor_utils: app
executors.celery_kubernetes_executor -> celery.executors.celery_kubernetes_executor: CeleryKubernetesExecutor
executors.dask_executor -> daskexecutor.executors.dask_executor: DaskExecutor
executors.kubernetes_executor -> cncf.kubernetes.executors.kubernetes_executor: KubernetesExecutor
executors.kubernetes_executor_types -> cncf.kubernetes.executors.kubernetes_executor_types: ALL_NAMESPACES POD_EXECUTOR_DONE_KEY
executors.kubernetes_executor_utils -> cncf.kubernetes.executors.kubernetes_executor_utils: AirflowKubernetesScheduler KubernetesJobWatcher ResourceVersion
executors.local_kubernetes_executor -> cncf.kubernetes.executors: LocalKubernetesExecutor
hooks.S3_hook -> amazon.aws.hooks.s3: S3Hook provide_bucket_name
hooks.dbapi_hook -> common.sql.hooks.sql: DbApiHook
hooks.docker_hook -> docker.hooks.docker: DockerHook
hooks.druid_hook -> apache.druid.hooks.druid: DruidDbApiHook DruidHook
hooks.hive_hooks -> apache.hive.hooks.hive: HIVE_QUEUE_PRIORITIES HiveCliHook HiveMetastoreHook HiveServer2Hook
hooks.http_hook -> http.hooks.http: HttpHook
hooks.jdbc_hook -> jdbc.hooks.jdbc: JdbcHook jaydebeapi
hooks.mssql_hook -> microsoft.mssql.hooks.mssql: MsSqlHook
hooks.mysql_hook -> mysql.hooks.mysql: MySqlHook
hooks.oracle_hook -> oracle.hooks.oracle: OracleHook
hooks.pig_hook -> apache.pig.hooks.pig: PigCliHook
hooks.postgres_hook -> postgres.hooks.postgres: PostgresHook
hooks.presto_hook -> presto.hooks.presto: PrestoHook
hooks.samba_hook -> samba.hooks.samba: SambaHook
hooks.slack_hook -> slack.hooks.slack: SlackHook
hooks.sqlite_hook -> sqlite.hooks.sqlite: SqliteHook
hooks.webhdfs_hook -> apache.hdfs.hooks.webhdfs: WebHDFSHook
hooks.zendesk_hook -> zendesk.hooks.zendesk: ZendeskHook
kubernetes.kubernetes_helper_functions -> cncf.kubernetes.kubernetes_helper_functions.add_pod_suffix: add_pod_suffix=; cncf.kubernetes.kubernetes_helper_functions.annotations_for_logging_task_metadata: annotations_for_logging_task_metadata=; cncf.kubernetes.kubernetes_helper_functions: annotations_to_key create_pod_id get_logs_task_metadata rand_str
kubernetes.pod -> cncf.kubernetes.backcompat.pod: Port Resources
kubernetes.pod_launcher -> cncf.kubernetes.pod_launcher: PodLauncher PodStatus
kubernetes.pod_launcher_deprecated -> cncf.kubernetes.pod_generator_deprecated: PodDefaults; cncf.kubernetes.pod_launcher_deprecated: PodLauncher PodStatus; cncf.kubernetes.kube_client: get_kube_client
kubernetes.pod_runtime_info_env -> cncf.kubernetes.backcompat.pod_runtime_info_env: PodRuntimeInfoEnv
kubernetes.volume -> cncf.kubernetes.backcompat.volume: Volume
kubernetes.volume_mount -> cncf.kubernetes.backcompat.volume_mount: VolumeMount
macros.hive -> apache.hive.macros.hive: closest_ds_partition max_partition
operators.check_operator -> common.sql.operators.sql: CheckOperator=SQLCheckOperator IntervalCheckOperator=SQLIntervalCheckOperator SQLCheckOperator SQLIntervalCheckOperator SQLThresholdCheckOperator SQLValueCheckOperator ThresholdCheckOperator=SQLThresholdCheckOperator ValueCheckOperator=SQLValueCheckOperator
operators.docker_operator -> docker.operators.docker: DockerOperator
operators.druid_check_operator -> apache.druid.operators.druid_check: DruidCheckOperator
operators.gcs_to_s3 -> amazon.aws.transfers.gcs_to_s3: GCSToS3Operator
operators.google_api_to_s3_transfer -> amazon.aws.transfers.google_api_to_s3: GoogleApiToS3Operator GoogleApiToS3Transfer=GoogleApiToS3Operator
operators.hive_operator -> apache.hive.operators.hive: HiveOperator
operators.hive_stats_operator -> apache.hive.operators.hive_stats: HiveStatsCollectionOperator
operators.hive_to_druid -> apache.druid.transfers.hive_to_druid: HiveToDruidOperator HiveToDruidTransfer=HiveToDruidOperator
operators.hive_to_mysql -> apache.hive.transfers.hive_to_mysql: HiveToMySqlOperator HiveToMySqlTransfer=HiveToMySqlOperator
operators.hive_to_samba_operator -> apache.hive.transfers.hive_to_samba: HiveToSambaOperator
operators.http_operator -> http.operators.http: SimpleHttpOperator
operators.jdbc_operator -> jdbc.operators.jdbc: JdbcOperator
operators.mssql_operator -> microsoft.mssql.operators.mssql: MsSqlOperator
operators.mssql_to_hive -> apache.hive.transfers.mssql_to_hive: MsSqlToHiveOperator MsSqlToHiveTransfer=MsSqlToHiveOperator
operators.mysql_operator -> mysql.operators.mysql: MySqlOperator
operators.mysql_to_hive -> apache.hive.transfers.mysql_to_hive: MySqlToHiveOperator MySqlToHiveTransfer=MySqlToHiveOperator
operators.oracle_operator -> oracle.operators.oracle: OracleOperator
operators.papermill_operator -> papermill.operators.papermill: PapermillOperator
operators.pig_operator -> apache.pig.operators.pig: PigOperator
operators.postgres_operator -> postgres.operators.postgres: Mapping PostgresOperator
operators.presto_check_operator -> common.sql.operators.sql: PrestoCheckOperator=SQLCheckOperator PrestoIntervalCheckOperator=SQLIntervalCheckOperator PrestoValueCheckOperator=SQLValueCheckOperator SQLCheckOperator SQLIntervalCheckOperator SQLValueCheckOperator
operators.presto_to_mysql -> mysql.transfers.presto_to_mysql: PrestoToMySqlOperator PrestoToMySqlTransfer=PrestoToMySqlOperator
operators.redshift_to_s3_operator -> amazon.aws.transfers.redshift_to_s3: RedshiftToS3Operator RedshiftToS3Transfer=RedshiftToS3Operator
operators.s3_file_transform_operator -> amazon.aws.operators.s3_file_transform: S3FileTransformOperator
operators.s3_to_hive_operator -> apache.hive.transfers.s3_to_hive: S3ToHiveOperator S3ToHiveTransfer=S3ToHiveOperator
operators.s3_to_redshift_operator -> amazon.aws.transfers.s3_to_redshift: S3ToRedshiftOperator S3ToRedshiftTransfer=S3ToRedshiftOperator
operators.slack_operator -> slack.operators.slack: SlackAPIOperator SlackAPIPostOperator
operators.sql -> common.sql.operators.sql: BaseSQLOperator BranchSQLOperator SQLCheckOperator SQLColumnCheckOperator SQLIntervalCheckOperator SQLTableCheckOperator SQLThresholdCheckOperator SQLValueCheckOperator _convert_to_float_if_possible parse_boolean
operators.sql_branch_operator -> common.sql.operators.sql: BranchSQLOperator BranchSqlOperator=BranchSQLOperator
operators.sqlite_operator -> sqlite.operators.sqlite: SqliteOperator
sensors.hive_partition_sensor -> apache.hive.sensors.hive_partition: HivePartitionSensor
sensors.http_sensor -> http.sensors.http: HttpSensor
sensors.metastore_partition_sensor -> apache.hive.sensors.metastore_partition: MetastorePartitionSensor
sensors.named_hive_partition_sensor -> apache.hive.sensors.named_hive_partition: NamedHivePartitionSensor
sensors.s3_key_sensor -> amazon.aws.sensors.s3: S3KeySensor
sensors.sql -> common.sql.sensors.sql: SqlSensor
sensors.sql_sensor -> common.sql.sensors.sql: SqlSensor
sensors.web_hdfs_sensor -> apache.hdfs.sensors.web_hdfs: WebHdfsSensor
utils.log.cloudwatch_task_handler -> amazon.aws.log.cloudwatch_task_handler: CloudwatchTaskHandler
utils.log.es_task_handler -> elasticsearch.log.es_task_handler: ElasticsearchTaskHandler
utils.log.gcs_task_handler -> google.cloud.log.gcs_task_handler: GCSTaskHandler
utils.log.s3_task_handler -> amazon.aws.log.s3_task_handler: S3TaskHandler
utils.log.stackdriver_task_handler -> google.cloud.log.stackdriver_task_handler: StackdriverTaskHandler
utils.log.wasb_task_handler -> microsoft.azure.log.wasb_task_handler: WasbTaskHandler
"""
