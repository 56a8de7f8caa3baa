-- As sqlite/0007_timetables.sql, which says what the columns mean.
CREATE TABLE timetable_question (
  dag_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  question TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_seq BIGINT NOT NULL DEFAULT 0,
  claimed_until BIGINT,
  answer TEXT COLLATE "C",
  answered_at BIGINT,
  again BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (dag_id, name)
);
CREATE INDEX timetable_question_open ON timetable_question (asked_at) WHERE answered_at IS NULL;
