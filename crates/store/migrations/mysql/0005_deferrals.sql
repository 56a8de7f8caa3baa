-- As sqlite/0005_deferrals.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS deferral (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  run_pk BIGINT NOT NULL, task_id VARCHAR(250) NOT NULL, map_index BIGINT NOT NULL,
  try_number BIGINT NOT NULL,
  attempt_id VARCHAR(36) NOT NULL,
  classpath VARCHAR(1000),
  kwargs LONGTEXT NOT NULL,
  method VARCHAR(250) NOT NULL,
  method_kwargs LONGTEXT NOT NULL,
  is_encrypted BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  timeout_at BIGINT,
  triggerer BIGINT,
  event LONGTEXT,
  UNIQUE KEY deferral_of (run_pk, task_id, map_index),
  KEY deferral_waiting (triggerer, id),
  KEY deferral_timeout (timeout_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
INSERT IGNORE INTO latch (name) VALUES ('triggers');
