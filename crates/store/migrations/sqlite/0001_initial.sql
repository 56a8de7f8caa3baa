-- Times are microseconds since 1970-01-01 UTC. Ids of attempts are UUIDv7 text. Booleans are 0 or 1.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A running process of ours (scheduler, worker, dag processor, web server) and its lease.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_type TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT job_state CHECK (state IN ('running', 'success', 'failed', 'restarting')),
  term INTEGER NOT NULL DEFAULT 1,
  lease_until INTEGER NOT NULL,
  hostname TEXT NOT NULL,
  unixname TEXT,
  pid INTEGER,
  address TEXT,
  version TEXT,
  start_date INTEGER NOT NULL,
  end_date INTEGER,
  latest_heartbeat INTEGER NOT NULL,
  stats TEXT
);
CREATE INDEX job_alive ON job (job_type, lease_until) WHERE state = 'running';

CREATE TABLE dag_source (source_hash TEXT PRIMARY KEY, source TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE dag_form (content_hash TEXT PRIMARY KEY, form TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE dag (
  dag_id TEXT PRIMARY KEY,
  dag_display_name TEXT NOT NULL,
  is_paused INTEGER NOT NULL,
  is_stale INTEGER NOT NULL DEFAULT 0,
  bundle_name TEXT NOT NULL DEFAULT 'dags-folder',
  fileloc TEXT NOT NULL,
  relative_fileloc TEXT NOT NULL,
  owners TEXT NOT NULL DEFAULT '',
  description TEXT,
  timetable_summary TEXT,
  timetable_description TEXT,
  timetable_type TEXT NOT NULL,
  timezone TEXT NOT NULL,
  version_id INTEGER,                 -- newest dag_version
  max_active_tasks INTEGER NOT NULL,
  max_active_runs INTEGER NOT NULL,
  max_consecutive_failed_dag_runs INTEGER NOT NULL DEFAULT 0,
  has_import_errors INTEGER NOT NULL DEFAULT 0,
  last_parsed INTEGER,
  parse_duration INTEGER,
  last_expired INTEGER,
  next_logical_date INTEGER,
  next_interval_start INTEGER,
  next_interval_end INTEGER,
  next_run_after INTEGER,             -- null: nothing to schedule
  schedule_seq INTEGER NOT NULL DEFAULT 0, -- compare-and-set guard of the next_* columns
  needs_schedule INTEGER NOT NULL DEFAULT 1  -- the next_* columns are yet to be computed from this version
) WITHOUT ROWID;
CREATE INDEX dag_due ON dag (next_run_after) WHERE is_paused = 0 AND is_stale = 0 AND next_run_after IS NOT NULL;
CREATE INDEX dag_unscheduled ON dag (dag_id) WHERE needs_schedule = 1 AND is_stale = 0;
CREATE INDEX dag_by_file ON dag (relative_fileloc);

CREATE TABLE dag_tag (dag_id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (dag_id, name)) WITHOUT ROWID;
CREATE INDEX dag_tag_name ON dag_tag (name);

CREATE TABLE dag_favorite (username TEXT NOT NULL, dag_id TEXT NOT NULL, PRIMARY KEY (username, dag_id)) WITHOUT ROWID;

CREATE TABLE dag_version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  dag_id TEXT NOT NULL,
  version_number INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  source_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (dag_id, version_number)
);
CREATE INDEX dag_version_form ON dag_version (content_hash);
CREATE INDEX dag_version_source ON dag_version (source_hash);

CREATE TABLE dag_file (
  relative_fileloc TEXT PRIMARY KEY,
  fileloc TEXT NOT NULL,
  source_hash TEXT,
  mtime INTEGER,
  size INTEGER,
  last_parsed INTEGER,
  parse_duration INTEGER,
  dag_count INTEGER NOT NULL DEFAULT 0,
  task_count INTEGER NOT NULL DEFAULT 0,
  error_count INTEGER NOT NULL DEFAULT 0,
  reparse_requested INTEGER           -- time of the request, null when none
) WITHOUT ROWID;

CREATE TABLE import_error (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  relative_fileloc TEXT NOT NULL,
  fileloc TEXT NOT NULL,
  bundle_name TEXT NOT NULL DEFAULT 'dags-folder',
  stacktrace TEXT NOT NULL,
  line INTEGER,
  timestamp INTEGER NOT NULL
);
CREATE INDEX import_error_file ON import_error (relative_fileloc);

CREATE TABLE dag_warning (
  dag_id TEXT NOT NULL, warning_type TEXT NOT NULL, message TEXT NOT NULL, line INTEGER, timestamp INTEGER NOT NULL,
  PRIMARY KEY (dag_id, warning_type, message)
) WITHOUT ROWID;

CREATE TABLE dag_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  run_type TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT dag_run_state CHECK (state IN ('queued', 'running', 'success', 'failed')),
  logical_date INTEGER,
  data_interval_start INTEGER,
  data_interval_end INTEGER,
  run_after INTEGER NOT NULL,
  queued_at INTEGER,
  start_date INTEGER,
  end_date INTEGER,
  triggered_by TEXT,
  triggering_user_name TEXT,
  conf TEXT NOT NULL DEFAULT '{}',
  version_id INTEGER,                 -- dag_version of this run
  clear_number INTEGER NOT NULL DEFAULT 0,
  note TEXT,
  note_user TEXT,
  last_scheduling_decision INTEGER,
  owner_job INTEGER,                  -- scheduler that keeps this run in memory
  owner_term INTEGER,
  change_seq INTEGER NOT NULL DEFAULT 0,  -- raised by every change that its owner did not make
  updated_at INTEGER NOT NULL,
  UNIQUE (dag_id, run_id),
  UNIQUE (dag_id, logical_date)
);
CREATE INDEX dag_run_open ON dag_run (state, run_after) WHERE state IN ('queued', 'running');
CREATE INDEX dag_run_owner ON dag_run (owner_job, owner_term, run_after) WHERE state IN ('queued', 'running');
CREATE INDEX dag_run_dag_state ON dag_run (dag_id, state);
CREATE INDEX dag_run_dag_after ON dag_run (dag_id, run_after);
CREATE INDEX dag_run_version ON dag_run (version_id);

CREATE TABLE task_instance (
  run_pk INTEGER NOT NULL,            -- dag_run.id
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL DEFAULT -1,
  dag_id TEXT NOT NULL,
  state TEXT CONSTRAINT task_instance_state CHECK (state IS NULL OR state IN ('scheduled', 'queued', 'running', 'success', 'failed',
    'skipped', 'upstream_failed', 'up_for_retry', 'up_for_reschedule', 'deferred', 'awaiting_input', 'removed', 'restarting')),
  attempt_id TEXT,                    -- current attempt, null until queued (and after a clear)
  try_number INTEGER NOT NULL DEFAULT 0,
  max_tries INTEGER NOT NULL DEFAULT 0,
  operator TEXT NOT NULL DEFAULT '',
  pool TEXT NOT NULL DEFAULT 'default_pool',
  pool_slots INTEGER NOT NULL DEFAULT 1,
  queue TEXT NOT NULL DEFAULT 'default',
  executor TEXT,
  priority_weight INTEGER NOT NULL DEFAULT 1,   -- effective weight
  start_date INTEGER,
  end_date INTEGER,
  scheduled_at INTEGER,
  queued_at INTEGER,
  retry_at INTEGER,                   -- up_for_retry: when it may run again
  reschedule_at INTEGER,              -- up_for_reschedule: when it pokes again
  first_poke_at INTEGER,
  map_length INTEGER,                 -- length of the return value (see docs/reference/dag-form.md, LENGTH)
  rendered_map_index TEXT,
  hostname TEXT,
  unixname TEXT,
  pid INTEGER,
  note TEXT,
  note_user TEXT,
  version_id INTEGER,
  worker_losses INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index)
) WITHOUT ROWID;
-- Admission counts what is active from this index alone: its cost is that of what runs, not of the history.
-- A partial index serves a statement only when the statement has the same condition, word for word.
CREATE INDEX task_instance_active ON task_instance (state, pool, dag_id, run_pk, task_id, pool_slots)
  WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input');
-- Without the state, so that a transition leaves this index alone.
CREATE INDEX task_instance_dag_task ON task_instance (dag_id, task_id);
CREATE UNIQUE INDEX task_instance_attempt ON task_instance (attempt_id) WHERE attempt_id IS NOT NULL;

-- One row per attempt; the tries of a task instance are its rows here.
CREATE TABLE attempt (
  id TEXT PRIMARY KEY,
  run_pk INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  try_number INTEGER NOT NULL,
  max_tries INTEGER NOT NULL,
  state TEXT NOT NULL CONSTRAINT attempt_state CHECK (state IN ('queued', 'running', 'success', 'failed', 'skipped', 'up_for_retry',
    'up_for_reschedule', 'deferred', 'lost', 'cancelled')),
  queue TEXT NOT NULL,
  priority_weight INTEGER NOT NULL DEFAULT 1,
  pool TEXT NOT NULL,
  pool_slots INTEGER NOT NULL,
  operator TEXT NOT NULL DEFAULT '',
  executor TEXT,
  queued_by INTEGER NOT NULL,         -- job of the scheduler
  queued_at INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  worker INTEGER,                     -- job of the worker; its lease is this attempt's lease
  start_date INTEGER,
  end_date INTEGER,
  hostname TEXT,
  unixname TEXT,
  pid INTEGER,
  reason TEXT,                        -- why it ended, when not by itself
  kill_requested TEXT,                -- null: no; else why: state_changed, run_ended, fenced
  rendered_map_index TEXT,
  version_id INTEGER
) WITHOUT ROWID;
CREATE INDEX attempt_of ON attempt (run_pk, task_id, map_index, try_number);
CREATE INDEX attempt_queued ON attempt (published_at) WHERE state = 'queued';
CREATE INDEX attempt_running ON attempt (worker) WHERE state = 'running';

CREATE TABLE task_reschedule (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_pk INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, try_number INTEGER NOT NULL,
  start_date INTEGER NOT NULL, end_date INTEGER NOT NULL, reschedule_date INTEGER NOT NULL
);
CREATE INDEX task_reschedule_ti ON task_reschedule (run_pk, task_id, map_index);

CREATE TABLE xcom (
  run_pk INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, key TEXT NOT NULL,
  value TEXT NOT NULL, timestamp INTEGER NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index, key)
) WITHOUT ROWID;

CREATE TABLE rendered_fields (
  run_pk INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (run_pk, task_id, map_index)
) WITHOUT ROWID;

CREATE TABLE variable (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, val TEXT NOT NULL, description TEXT, is_encrypted INTEGER NOT NULL
);
CREATE TABLE connection (
  id INTEGER PRIMARY KEY AUTOINCREMENT, conn_id TEXT NOT NULL UNIQUE, conn_type TEXT NOT NULL, description TEXT, host TEXT, schema_name TEXT,
  login TEXT, password TEXT, port INTEGER, extra TEXT, is_encrypted INTEGER NOT NULL, is_extra_encrypted INTEGER NOT NULL
);
CREATE TABLE pool (
  id INTEGER PRIMARY KEY AUTOINCREMENT, pool TEXT NOT NULL UNIQUE, slots INTEGER NOT NULL, description TEXT, include_deferred INTEGER NOT NULL DEFAULT 0
);
INSERT INTO pool (pool, slots, description, include_deferred) VALUES ('default_pool', 128, 'Default pool', 0);

CREATE TABLE event_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, dttm INTEGER NOT NULL, event TEXT NOT NULL, dag_id TEXT, run_id TEXT, task_id TEXT, map_index INTEGER,
  try_number INTEGER, logical_date INTEGER, owner TEXT, owner_display_name TEXT, extra TEXT
);
CREATE INDEX event_log_dttm ON event_log (dttm);
CREATE INDEX event_log_dag ON event_log (dag_id, run_id, task_id);

CREATE TABLE app_user (
  id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE, email TEXT, first_name TEXT, last_name TEXT,
  role TEXT NOT NULL CONSTRAINT app_user_role CHECK (role IN ('VIEWER', 'USER', 'OP', 'ADMIN')),
  password_hash TEXT NOT NULL, is_active INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL
);
CREATE TABLE revoked_token (jti TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID;

-- Work for a dag processor or worker: DAG callbacks, and task callbacks of attempts that could not run them.
CREATE TABLE callback_request (
  id INTEGER PRIMARY KEY AUTOINCREMENT, unique_key TEXT NOT NULL UNIQUE, payload TEXT NOT NULL, relative_fileloc TEXT NOT NULL,
  created_at INTEGER NOT NULL, claimed_by INTEGER, claimed_until INTEGER, tries INTEGER NOT NULL DEFAULT 0
);

-- The queue in the database: hints only (invariant 1); rows of table attempt authorise.
CREATE TABLE queue_hint (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, attempt_id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, priority_weight INTEGER NOT NULL
);
CREATE INDEX queue_hint_order ON queue_hint (priority_weight DESC, seq, queue);
