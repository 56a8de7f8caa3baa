-- What a deferred task instance waits for: a trigger that one triggerer runs, or (without a class) what comes from elsewhere. A row is one wait: it is
-- made with the report that defers, gets its event once, and stays until the attempt that goes on with it has ended.
CREATE TABLE deferral (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_pk INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL,
  try_number INTEGER NOT NULL,        -- only this try goes on with it
  attempt_id TEXT NOT NULL,           -- the attempt that deferred
  classpath TEXT,                     -- of the trigger; null: no trigger
  kwargs TEXT NOT NULL,               -- sealed JSON
  method TEXT NOT NULL,               -- where the task goes on
  method_kwargs TEXT NOT NULL,        -- sealed JSON
  is_encrypted INTEGER NOT NULL,      -- of both
  created_at INTEGER NOT NULL,
  timeout_at INTEGER,
  triggerer INTEGER,                  -- job that runs it; its lease is this row's lease
  event TEXT,                         -- JSON; null: it still waits
  UNIQUE (run_pk, task_id, map_index)
);
-- A partial index serves a statement only when the statement has the same condition, word for word.
CREATE INDEX deferral_waiting ON deferral (triggerer, id) WHERE event IS NULL;
CREATE INDEX deferral_timeout ON deferral (timeout_at) WHERE event IS NULL AND timeout_at IS NOT NULL;
