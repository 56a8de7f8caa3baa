-- As sqlite/0009_deadlines.sql, which says what the columns mean.
CREATE TABLE deadline_miss (
  run_pk BIGINT NOT NULL,
  clear_number BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  due_at BIGINT NOT NULL,
  missed_at BIGINT NOT NULL,
  PRIMARY KEY (run_pk, clear_number, name)
);
ALTER TABLE dag ADD COLUMN has_deadlines BIGINT NOT NULL DEFAULT 0;
CREATE INDEX dag_deadlines ON dag (dag_id) WHERE has_deadlines = 1;
