-- As sqlite/0007_timetables.sql, which says what the columns mean.
CREATE TABLE IF NOT EXISTS timetable_question (
  dag_id VARCHAR(250) NOT NULL,
  name VARCHAR(36) NOT NULL,
  question LONGTEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_seq BIGINT NOT NULL DEFAULT 0,
  claimed_until BIGINT,
  answer LONGTEXT,
  answered_at BIGINT,
  again BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (dag_id, name),
  KEY timetable_question_open (answered_at, asked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
