-- As sqlite/0007_news.sql.
CREATE INDEX dag_run_newest ON dag_run (dag_id, run_after, id, state);
DROP INDEX dag_run_dag_after;
ALTER TABLE alert ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX alert_updated ON alert (updated_at);
