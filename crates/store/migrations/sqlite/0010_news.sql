-- The newest run of each DAG, by which lists of DAGs sort and choose: the index has all that they ask.
CREATE INDEX dag_run_newest ON dag_run (dag_id, run_after, id, state);
DROP INDEX dag_run_dag_after;
-- Pages that watch learn of alerts that other processes have written or delivered.
ALTER TABLE alert ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alert_updated ON alert (updated_at);
