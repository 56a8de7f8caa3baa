-- As sqlite/0003_page_indexes.sql.
CREATE INDEX dag_run_ended ON dag_run (state, end_date);
CREATE INDEX task_instance_failed ON task_instance (state, end_date);
