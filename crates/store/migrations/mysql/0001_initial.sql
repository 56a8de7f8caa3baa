-- As sqlite/0001_initial.sql, which says what the columns mean. There are no partial indexes here, and an index holds 3072 bytes: so some
-- have other columns. Each statement may be run again: it commits by itself, and a process may be killed after any. {collation} is the
-- one of the server that compares names exactly, blanks at their end included.

CREATE TABLE IF NOT EXISTS meta (`key` VARCHAR(512) PRIMARY KEY, value LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS job (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  job_type VARCHAR(100) NOT NULL,
  state VARCHAR(30) NOT NULL,
  term BIGINT NOT NULL DEFAULT 1,
  lease_until BIGINT NOT NULL,
  hostname VARCHAR(1000) NOT NULL,
  unixname VARCHAR(1000),
  pid BIGINT,
  address VARCHAR(1000),
  version VARCHAR(1000),
  start_date BIGINT NOT NULL,
  end_date BIGINT,
  latest_heartbeat BIGINT NOT NULL,
  stats LONGTEXT,
  KEY job_alive (job_type, lease_until),
  CONSTRAINT job_state CHECK (state IN ('running', 'success', 'failed', 'restarting'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_source (source_hash VARCHAR(64) PRIMARY KEY, source LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS dag_form (content_hash VARCHAR(64) PRIMARY KEY, form LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag (
  dag_id VARCHAR(250) PRIMARY KEY,
  dag_display_name VARCHAR(1000) NOT NULL,
  is_paused BIGINT NOT NULL,
  is_stale BIGINT NOT NULL DEFAULT 0,
  bundle_name VARCHAR(250) NOT NULL DEFAULT 'dags-folder',
  fileloc VARCHAR(1000) NOT NULL,
  relative_fileloc VARCHAR(750) NOT NULL,
  owners VARCHAR(2000) NOT NULL DEFAULT '',
  description LONGTEXT,
  timetable_summary LONGTEXT,
  timetable_description LONGTEXT,
  timetable_type VARCHAR(1000) NOT NULL,
  timezone VARCHAR(250) NOT NULL,
  version_id BIGINT,
  max_active_tasks BIGINT NOT NULL,
  max_active_runs BIGINT NOT NULL,
  max_consecutive_failed_dag_runs BIGINT NOT NULL DEFAULT 0,
  has_import_errors BIGINT NOT NULL DEFAULT 0,
  last_parsed BIGINT,
  parse_duration BIGINT,
  last_expired BIGINT,
  next_logical_date BIGINT,
  next_interval_start BIGINT,
  next_interval_end BIGINT,
  next_run_after BIGINT,
  schedule_seq BIGINT NOT NULL DEFAULT 0,
  needs_schedule BIGINT NOT NULL DEFAULT 1,
  KEY dag_due (next_run_after),
  KEY dag_unscheduled (needs_schedule, is_stale),
  KEY dag_by_file (relative_fileloc)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_tag (dag_id VARCHAR(250) NOT NULL, name VARCHAR(250) NOT NULL, PRIMARY KEY (dag_id, name),
  KEY dag_tag_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_favorite (username VARCHAR(250) NOT NULL, dag_id VARCHAR(250) NOT NULL, PRIMARY KEY (username, dag_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_version (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  uuid VARCHAR(36) NOT NULL UNIQUE,
  dag_id VARCHAR(250) NOT NULL,
  version_number BIGINT NOT NULL,
  content_hash VARCHAR(64) NOT NULL,
  source_hash VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (dag_id, version_number),
  KEY dag_version_form (content_hash),
  KEY dag_version_source (source_hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_file (
  relative_fileloc VARCHAR(750) PRIMARY KEY,
  fileloc VARCHAR(1000) NOT NULL,
  source_hash VARCHAR(64),
  mtime BIGINT,
  size BIGINT,
  last_parsed BIGINT,
  parse_duration BIGINT,
  dag_count BIGINT NOT NULL DEFAULT 0,
  task_count BIGINT NOT NULL DEFAULT 0,
  error_count BIGINT NOT NULL DEFAULT 0,
  reparse_requested BIGINT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS import_error (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  relative_fileloc VARCHAR(750) NOT NULL,
  fileloc VARCHAR(1000) NOT NULL,
  bundle_name VARCHAR(250) NOT NULL DEFAULT 'dags-folder',
  stacktrace LONGTEXT NOT NULL,
  line BIGINT,
  timestamp BIGINT NOT NULL,
  KEY import_error_file (relative_fileloc)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_warning (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, dag_id VARCHAR(250) NOT NULL, warning_type VARCHAR(50) NOT NULL, message LONGTEXT NOT NULL, line BIGINT,
  timestamp BIGINT NOT NULL, message_hash VARCHAR(64) GENERATED ALWAYS AS (SHA2(message, 256)) STORED,
  UNIQUE KEY dag_warning_message (dag_id, warning_type, message_hash)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_run (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  dag_id VARCHAR(250) NOT NULL,
  run_id VARCHAR(250) NOT NULL,
  run_type VARCHAR(50) NOT NULL,
  state VARCHAR(30) NOT NULL,
  logical_date BIGINT,
  data_interval_start BIGINT,
  data_interval_end BIGINT,
  run_after BIGINT NOT NULL,
  queued_at BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  triggered_by VARCHAR(50),
  triggering_user_name VARCHAR(1000),
  conf LONGTEXT NOT NULL DEFAULT ('{}'),
  version_id BIGINT,
  clear_number BIGINT NOT NULL DEFAULT 0,
  note LONGTEXT,
  note_user VARCHAR(1000),
  last_scheduling_decision BIGINT,
  owner_job BIGINT,
  owner_term BIGINT,
  change_seq BIGINT NOT NULL DEFAULT 0,
  updated_at BIGINT NOT NULL,
  UNIQUE KEY dag_run_id (dag_id, run_id),
  UNIQUE KEY dag_run_logical_date (dag_id, logical_date),
  KEY dag_run_open (state, run_after),
  KEY dag_run_owner (owner_job, owner_term, run_after),
  KEY dag_run_dag_state (dag_id, state),
  KEY dag_run_dag_after (dag_id, run_after),
  KEY dag_run_version (version_id),
  CONSTRAINT dag_run_state CHECK (state IN ('queued', 'running', 'success', 'failed'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS task_instance (
  run_pk BIGINT NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  map_index BIGINT NOT NULL DEFAULT -1,
  dag_id VARCHAR(250) NOT NULL,
  state VARCHAR(30),
  attempt_id VARCHAR(36),
  try_number BIGINT NOT NULL DEFAULT 0,
  max_tries BIGINT NOT NULL DEFAULT 0,
  operator VARCHAR(1000) NOT NULL DEFAULT '',
  pool VARCHAR(256) NOT NULL DEFAULT 'default_pool',
  pool_slots BIGINT NOT NULL DEFAULT 1,
  queue VARCHAR(256) NOT NULL DEFAULT 'default',
  executor VARCHAR(1000),
  priority_weight BIGINT NOT NULL DEFAULT 1,
  start_date BIGINT,
  end_date BIGINT,
  scheduled_at BIGINT,
  queued_at BIGINT,
  retry_at BIGINT,
  reschedule_at BIGINT,
  first_poke_at BIGINT,
  map_length BIGINT,
  rendered_map_index VARCHAR(1000),
  hostname VARCHAR(1000),
  unixname VARCHAR(1000),
  pid BIGINT,
  note LONGTEXT,
  note_user VARCHAR(1000),
  version_id BIGINT,
  worker_losses BIGINT NOT NULL DEFAULT 0,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index),
  KEY task_instance_active (state, dag_id, run_pk, task_id, pool_slots),
  KEY task_instance_dag_task (dag_id, task_id),
  UNIQUE KEY task_instance_attempt (attempt_id),
  CONSTRAINT task_instance_state CHECK (state IS NULL OR state IN ('scheduled', 'queued', 'running', 'success', 'failed', 'skipped', 'upstream_failed', 'up_for_retry', 'up_for_reschedule', 'deferred', 'awaiting_input', 'removed', 'restarting'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS attempt (
  id VARCHAR(36) PRIMARY KEY,
  run_pk BIGINT NOT NULL,
  task_id VARCHAR(250) NOT NULL,
  map_index BIGINT NOT NULL,
  try_number BIGINT NOT NULL,
  max_tries BIGINT NOT NULL,
  state VARCHAR(30) NOT NULL,
  queue VARCHAR(256) NOT NULL,
  priority_weight BIGINT NOT NULL DEFAULT 1,
  pool VARCHAR(256) NOT NULL,
  pool_slots BIGINT NOT NULL,
  operator VARCHAR(1000) NOT NULL DEFAULT '',
  executor VARCHAR(1000),
  queued_by BIGINT NOT NULL,
  queued_at BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  worker BIGINT,
  start_date BIGINT,
  end_date BIGINT,
  hostname VARCHAR(1000),
  unixname VARCHAR(1000),
  pid BIGINT,
  reason LONGTEXT,
  kill_requested VARCHAR(50),
  rendered_map_index VARCHAR(1000),
  version_id BIGINT,
  KEY attempt_of (run_pk, task_id, map_index, try_number),
  KEY attempt_queued (state, published_at),
  KEY attempt_running (state, worker),
  CONSTRAINT attempt_state CHECK (state IN ('queued', 'running', 'success', 'failed', 'skipped', 'up_for_retry', 'up_for_reschedule', 'deferred', 'lost', 'cancelled'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS task_reschedule (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  run_pk BIGINT NOT NULL, task_id VARCHAR(250) NOT NULL, map_index BIGINT NOT NULL, try_number BIGINT NOT NULL,
  start_date BIGINT NOT NULL, end_date BIGINT NOT NULL, reschedule_date BIGINT NOT NULL,
  KEY task_reschedule_ti (run_pk, task_id, map_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS xcom (
  run_pk BIGINT NOT NULL, task_id VARCHAR(250) NOT NULL, map_index BIGINT NOT NULL, `key` VARCHAR(512) NOT NULL,
  value LONGTEXT NOT NULL, timestamp BIGINT NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index, `key`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS rendered_fields (
  run_pk BIGINT NOT NULL, task_id VARCHAR(250) NOT NULL, map_index BIGINT NOT NULL, fields LONGTEXT NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS variable (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, `key` VARCHAR(512) NOT NULL UNIQUE, val LONGTEXT NOT NULL, description LONGTEXT, is_encrypted BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS connection (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, conn_id VARCHAR(250) NOT NULL UNIQUE, conn_type VARCHAR(1000) NOT NULL, description LONGTEXT, host VARCHAR(1000), schema_name VARCHAR(1000),
  login VARCHAR(1000), password LONGTEXT, port BIGINT, extra LONGTEXT, is_encrypted BIGINT NOT NULL, is_extra_encrypted BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS pool (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, pool VARCHAR(256) NOT NULL UNIQUE, slots BIGINT NOT NULL, description LONGTEXT, include_deferred BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
INSERT IGNORE INTO pool (pool, slots, description, include_deferred) VALUES ('default_pool', 128, 'Default pool', 0);

CREATE TABLE IF NOT EXISTS event_log (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, dttm BIGINT NOT NULL, event VARCHAR(250) NOT NULL, dag_id VARCHAR(250), run_id VARCHAR(250), task_id VARCHAR(250), map_index BIGINT,
  try_number BIGINT, logical_date BIGINT, owner VARCHAR(1000), owner_display_name VARCHAR(1000), extra LONGTEXT,
  KEY event_log_dttm (dttm),
  KEY event_log_dag (dag_id, run_id, task_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS app_user (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(250) NOT NULL UNIQUE, email VARCHAR(500), first_name VARCHAR(1000), last_name VARCHAR(1000),
  role VARCHAR(20) NOT NULL,
  password_hash VARCHAR(1000) NOT NULL, is_active BIGINT NOT NULL DEFAULT 1, created_at BIGINT NOT NULL,
  CONSTRAINT app_user_role CHECK (role IN ('VIEWER', 'USER', 'OP', 'ADMIN'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS revoked_token (jti VARCHAR(250) PRIMARY KEY, exp BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS callback_request (
  id BIGINT AUTO_INCREMENT PRIMARY KEY, unique_key VARCHAR(750) NOT NULL UNIQUE, payload LONGTEXT NOT NULL, relative_fileloc VARCHAR(750) NOT NULL,
  created_at BIGINT NOT NULL, claimed_by BIGINT, claimed_until BIGINT, tries BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS queue_hint (
  seq BIGINT AUTO_INCREMENT PRIMARY KEY, attempt_id VARCHAR(36) NOT NULL UNIQUE, queue VARCHAR(256) NOT NULL, priority_weight BIGINT NOT NULL,
  KEY queue_hint_order (priority_weight DESC, seq, queue)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- One row for each process that writes; a number that it raises, so that others notice.
CREATE TABLE IF NOT EXISTS beacon (origin VARCHAR(36) PRIMARY KEY, seq BIGINT NOT NULL, seen_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- One row for each thing that only one process does at a time; locked, never changed.
CREATE TABLE IF NOT EXISTS latch (name VARCHAR(50) PRIMARY KEY) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
INSERT IGNORE INTO latch (name) VALUES ('limits'), ('owners'), ('parses');
