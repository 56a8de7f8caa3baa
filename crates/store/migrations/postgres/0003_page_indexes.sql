-- What the first page of the web UI counts: runs that ended lately, and tasks that failed lately. Only ends and failures write to them.
CREATE INDEX dag_run_ended ON dag_run (end_date, state) WHERE state IN ('success', 'failed');
CREATE INDEX task_instance_failed ON task_instance (end_date) WHERE state = 'failed';
