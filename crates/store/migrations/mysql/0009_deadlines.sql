-- As sqlite/0009_deadlines.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS deadline_miss (
  run_pk BIGINT NOT NULL,
  clear_number BIGINT NOT NULL,
  name VARCHAR(300) NOT NULL,
  due_at BIGINT NOT NULL,
  missed_at BIGINT NOT NULL,
  PRIMARY KEY (run_pk, clear_number, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
ALTER TABLE dag ADD COLUMN has_deadlines BIGINT NOT NULL DEFAULT 0;
CREATE INDEX dag_deadlines ON dag (has_deadlines, dag_id);
