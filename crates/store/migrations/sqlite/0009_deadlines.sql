-- Deadlines that were missed, once each: `deadline/0` is the first one of the DAG, `sla/TASK` that of a task. A cleared run may miss them again.
CREATE TABLE deadline_miss (
  run_pk INTEGER NOT NULL,
  clear_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  missed_at INTEGER NOT NULL,
  PRIMARY KEY (run_pk, clear_number, name)
) WITHOUT ROWID;
-- The newest form has deadlines, or tasks with an `sla`.
ALTER TABLE dag ADD COLUMN has_deadlines INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dag_deadlines ON dag (dag_id) WHERE has_deadlines = 1;
