-- As sqlite/0008_backfills.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS backfill (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  dag_id VARCHAR(250) NOT NULL,
  from_date BIGINT NOT NULL,
  to_date BIGINT NOT NULL,
  dag_run_conf LONGTEXT NOT NULL,
  is_paused BIGINT NOT NULL DEFAULT 0,
  reprocess_behavior VARCHAR(20) NOT NULL,
  max_active_runs BIGINT NOT NULL,
  run_backwards BIGINT NOT NULL DEFAULT 0,
  triggering_user_name VARCHAR(250),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  completed_at BIGINT,
  KEY backfill_dag (dag_id, id),
  KEY backfill_open (completed_at, id),
  CONSTRAINT backfill_behavior CHECK (reprocess_behavior IN ('none', 'failed', 'completed'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS backfill_dag_run (
  backfill_id BIGINT NOT NULL,
  sort_ordinal BIGINT NOT NULL,
  logical_date BIGINT NOT NULL,
  run_pk BIGINT,
  exception_reason VARCHAR(250),
  PRIMARY KEY (backfill_id, sort_ordinal)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
ALTER TABLE dag_run ADD COLUMN backfill_id BIGINT;
ALTER TABLE dag_run ADD COLUMN backfill_order BIGINT NOT NULL DEFAULT 0;
CREATE INDEX dag_run_backfill ON dag_run (backfill_id, state);
