-- Backfills: ranges of a schedule that are run (again). Their runs are made with them, in one transaction, and start under their own limit.
CREATE TABLE backfill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dag_id TEXT NOT NULL,
  from_date INTEGER NOT NULL,
  to_date INTEGER NOT NULL,
  dag_run_conf TEXT NOT NULL,         -- JSON object
  is_paused INTEGER NOT NULL DEFAULT 0,
  reprocess_behavior TEXT NOT NULL CONSTRAINT backfill_behavior CHECK (reprocess_behavior IN ('none', 'failed', 'completed')),
  max_active_runs INTEGER NOT NULL,
  run_backwards INTEGER NOT NULL DEFAULT 0,
  triggering_user_name TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  completed_at INTEGER                -- null: it is active; one of a DAG at a time
);
CREATE INDEX backfill_dag ON backfill (dag_id, id);
CREATE INDEX backfill_open ON backfill (id) WHERE completed_at IS NULL;

-- Each date of a backfill: its run, or why it has none.
CREATE TABLE backfill_dag_run (
  backfill_id INTEGER NOT NULL,
  sort_ordinal INTEGER NOT NULL,      -- from 1, in the order of starting
  logical_date INTEGER NOT NULL,
  run_pk INTEGER,
  exception_reason TEXT,              -- `already exists`, `in flight`, `unknown`
  PRIMARY KEY (backfill_id, sort_ordinal)
) WITHOUT ROWID;

ALTER TABLE dag_run ADD COLUMN backfill_id INTEGER;
ALTER TABLE dag_run ADD COLUMN backfill_order INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dag_run_backfill ON dag_run (backfill_id, state) WHERE backfill_id IS NOT NULL;
