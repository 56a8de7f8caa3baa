-- What is asked of timetables that are classes of the user's, and what they said. A DAG processor asks them in Python. The row `ahead` of a DAG holds the
-- runs to come, from which schedulers read the next one; the others are questions of one client, who waits.
CREATE TABLE timetable_question (
  dag_id TEXT NOT NULL,
  name TEXT NOT NULL,                 -- `ahead`, or a UUID
  question TEXT NOT NULL,             -- JSON
  asked_at INTEGER NOT NULL,
  asked_seq INTEGER NOT NULL DEFAULT 0, -- raised with each question of this name: an answer to an earlier one is stale
  claimed_until INTEGER,              -- a processor asks until then
  answer TEXT,                        -- JSON; stays until the next answer
  answered_at INTEGER,                -- null: this question has no answer yet
  again INTEGER NOT NULL DEFAULT 0,   -- worth asking again later: it failed, or named no more runs
  PRIMARY KEY (dag_id, name)
) WITHOUT ROWID;
CREATE INDEX timetable_question_open ON timetable_question (asked_at) WHERE answered_at IS NULL;
