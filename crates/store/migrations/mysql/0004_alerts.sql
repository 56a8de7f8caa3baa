-- As sqlite/0004_alerts.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS alert (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  unique_key VARCHAR(750) NOT NULL UNIQUE,
  kind VARCHAR(30) NOT NULL,
  channel VARCHAR(250) NOT NULL,
  recipients LONGTEXT NOT NULL,
  group_key VARCHAR(500) NOT NULL,
  dag_id VARCHAR(250), run_id VARCHAR(250), task_id VARCHAR(250), map_index BIGINT, try_number BIGINT,
  facts LONGTEXT NOT NULL,
  subject LONGTEXT,
  state VARCHAR(30) NOT NULL,
  created_at BIGINT NOT NULL,
  since BIGINT NOT NULL,
  next_try_at BIGINT,
  claimed_by VARCHAR(100),
  tries BIGINT NOT NULL DEFAULT 0,
  handed BIGINT NOT NULL DEFAULT 0,
  outcomes LONGTEXT NOT NULL,
  sent_at BIGINT,
  last_error LONGTEXT,
  digest_id BIGINT,
  grouped_count BIGINT NOT NULL DEFAULT 0,
  KEY alert_due (channel, state, next_try_at),
  KEY alert_group (group_key, created_at),
  KEY alert_created (created_at),
  KEY alert_run (dag_id, run_id),
  CONSTRAINT alert_state CHECK (state IN ('waiting', 'held', 'sending', 'sent', 'grouped', 'failed'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
CREATE TABLE IF NOT EXISTS alert_body (alert_id BIGINT PRIMARY KEY, message LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
