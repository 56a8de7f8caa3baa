-- Data that tasks read and write, and what makes DAGs run because of it. Times are microseconds.
CREATE TABLE asset (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key_hash TEXT NOT NULL UNIQUE,      -- SHA-256 of name and uri: they are too long for an index of MySQL
  name TEXT NOT NULL,
  uri TEXT NOT NULL,
  group_name TEXT NOT NULL,
  extra TEXT NOT NULL,                -- JSON object
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX asset_name ON asset (name);
CREATE INDEX asset_uri ON asset (uri);

CREATE TABLE asset_alias (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key_hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  group_name TEXT NOT NULL
);

-- Assets that were ever reported under an alias.
CREATE TABLE asset_alias_asset (alias_id INTEGER NOT NULL, asset_id INTEGER NOT NULL, PRIMARY KEY (alias_id, asset_id)) WITHOUT ROWID;
CREATE INDEX asset_alias_of ON asset_alias_asset (asset_id);

-- What DAGs say of assets. Of the last four columns one is set.
CREATE TABLE asset_use (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dag_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('schedule', 'inlet', 'outlet')),
  task_id TEXT,                       -- null for a schedule
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  asset_id INTEGER,
  alias_id INTEGER,
  ref_name TEXT,
  ref_uri TEXT
);
CREATE INDEX asset_use_dag ON asset_use (dag_id);
CREATE INDEX asset_use_asset ON asset_use (asset_id);
CREATE INDEX asset_use_alias ON asset_use (alias_id);
CREATE INDEX asset_use_name ON asset_use (ref_name);
CREATE INDEX asset_use_uri ON asset_use (ref_uri);

CREATE TABLE asset_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  unique_key TEXT NOT NULL UNIQUE,    -- attempt and position, or what an API call minted: an event is written once
  asset_id INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  extra TEXT NOT NULL,                -- JSON object
  source_dag_id TEXT, source_run_id TEXT, source_task_id TEXT, source_map_index INTEGER NOT NULL
);
CREATE INDEX asset_event_asset ON asset_event (asset_id, timestamp);
CREATE INDEX asset_event_time ON asset_event (timestamp);
CREATE INDEX asset_event_source ON asset_event (source_dag_id, source_run_id);

-- The aliases under which an event was reported.
CREATE TABLE asset_event_alias (event_id INTEGER NOT NULL, alias_id INTEGER NOT NULL, PRIMARY KEY (event_id, alias_id)) WITHOUT ROWID;
CREATE INDEX asset_event_alias_of ON asset_event_alias (alias_id, event_id);

-- Assets that were updated since the last run of a DAG: what its condition is held against. Its row is the lock of its events in asset_due.
CREATE TABLE asset_queue (dag_id TEXT NOT NULL, asset_id INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (dag_id, asset_id)) WITHOUT ROWID;
CREATE INDEX asset_queue_asset ON asset_queue (asset_id);

-- Their events, which the next run takes.
CREATE TABLE asset_due (dag_id TEXT NOT NULL, event_id INTEGER NOT NULL, asset_id INTEGER NOT NULL, PRIMARY KEY (dag_id, event_id)) WITHOUT ROWID;
CREATE INDEX asset_due_asset ON asset_due (asset_id);

-- Events that a run took: each belongs to one run of a DAG at most.
CREATE TABLE dag_run_asset_event (dag_id TEXT NOT NULL, event_id INTEGER NOT NULL, run_pk INTEGER NOT NULL, PRIMARY KEY (dag_id, event_id)) WITHOUT ROWID;
CREATE INDEX dag_run_asset_event_run ON dag_run_asset_event (run_pk);
CREATE INDEX dag_run_asset_event_event ON dag_run_asset_event (event_id);
