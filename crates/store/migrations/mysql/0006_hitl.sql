-- As sqlite/0006_hitl.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS hitl_detail (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  run_pk BIGINT NOT NULL, task_id VARCHAR(250) NOT NULL, map_index BIGINT NOT NULL, try_number BIGINT NOT NULL,
  subject LONGTEXT NOT NULL,
  body LONGTEXT,
  options LONGTEXT NOT NULL,
  defaults LONGTEXT,
  multiple BIGINT NOT NULL,
  params LONGTEXT NOT NULL,
  assigned_users LONGTEXT NOT NULL,
  created_at BIGINT NOT NULL,
  responded_at BIGINT,
  responded_by_id VARCHAR(250),
  responded_by_name VARCHAR(500),
  chosen_options LONGTEXT,
  params_input LONGTEXT NOT NULL,
  UNIQUE KEY hitl_of (run_pk, task_id, map_index, try_number),
  KEY hitl_open (responded_at, created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
