-- As sqlite/0010_assets.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS asset (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  key_hash VARCHAR(64) NOT NULL UNIQUE,
  name VARCHAR(1500) NOT NULL,
  uri VARCHAR(1500) NOT NULL,
  group_name VARCHAR(1500) NOT NULL,
  extra LONGTEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  KEY asset_name (name(191)),
  KEY asset_uri (uri(191))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_alias (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  key_hash VARCHAR(64) NOT NULL UNIQUE,
  name VARCHAR(1500) NOT NULL,
  group_name VARCHAR(1500) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_alias_asset (
  alias_id BIGINT NOT NULL, asset_id BIGINT NOT NULL, PRIMARY KEY (alias_id, asset_id),
  KEY asset_alias_of (asset_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_use (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  dag_id VARCHAR(250) NOT NULL,
  kind VARCHAR(20) NOT NULL CHECK (kind IN ('schedule', 'inlet', 'outlet')),
  task_id VARCHAR(250),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  asset_id BIGINT,
  alias_id BIGINT,
  ref_name VARCHAR(1500),
  ref_uri VARCHAR(1500),
  KEY asset_use_dag (dag_id),
  KEY asset_use_asset (asset_id),
  KEY asset_use_alias (alias_id),
  KEY asset_use_name (ref_name(191)),
  KEY asset_use_uri (ref_uri(191))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_event (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  unique_key VARCHAR(250) NOT NULL UNIQUE,
  asset_id BIGINT NOT NULL,
  timestamp BIGINT NOT NULL,
  extra LONGTEXT NOT NULL,
  source_dag_id VARCHAR(250), source_run_id VARCHAR(250), source_task_id VARCHAR(250), source_map_index BIGINT NOT NULL,
  KEY asset_event_asset (asset_id, timestamp),
  KEY asset_event_time (timestamp),
  KEY asset_event_source (source_dag_id, source_run_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_event_alias (
  event_id BIGINT NOT NULL, alias_id BIGINT NOT NULL, PRIMARY KEY (event_id, alias_id),
  KEY asset_event_alias_of (alias_id, event_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_queue (
  dag_id VARCHAR(250) NOT NULL, asset_id BIGINT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (dag_id, asset_id),
  KEY asset_queue_asset (asset_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS asset_due (
  dag_id VARCHAR(250) NOT NULL, event_id BIGINT NOT NULL, asset_id BIGINT NOT NULL, PRIMARY KEY (dag_id, event_id),
  KEY asset_due_asset (asset_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS dag_run_asset_event (
  dag_id VARCHAR(250) NOT NULL, event_id BIGINT NOT NULL, run_pk BIGINT NOT NULL, PRIMARY KEY (dag_id, event_id),
  KEY dag_run_asset_event_run (run_pk),
  KEY dag_run_asset_event_event (event_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
