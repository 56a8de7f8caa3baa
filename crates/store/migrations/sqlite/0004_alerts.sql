-- The outbox of alerts: one row per message to one channel. Written with the change it tells of, delivered by any scheduler process.
CREATE TABLE alert (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  unique_key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL,
  recipients TEXT NOT NULL,           -- JSON list of addresses
  group_key TEXT NOT NULL,            -- whose alerts may be held and join a digest; empty: never
  dag_id TEXT, run_id TEXT, task_id TEXT, map_index INTEGER, try_number INTEGER,
  facts TEXT NOT NULL,                -- JSON
  subject TEXT,                       -- of the last try
  state TEXT NOT NULL CONSTRAINT alert_state CHECK (state IN ('waiting', 'held', 'sending', 'sent', 'grouped', 'failed')),
  created_at INTEGER NOT NULL,
  since INTEGER NOT NULL,             -- from when patience is counted: created, or asked for again by a user
  next_try_at INTEGER,                -- waiting: when it may be taken; held: when its digest is made; sending: when the claim ends
  claimed_by TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  handed INTEGER NOT NULL DEFAULT 0,  -- times that it was handed over without an answer
  outcomes TEXT NOT NULL,             -- JSON: address -> null when delivered, else why it was refused for good
  sent_at INTEGER,
  last_error TEXT,
  digest_id INTEGER,                  -- the alert that this one joined
  grouped_count INTEGER NOT NULL DEFAULT 0
);
-- A partial index serves a statement only when the statement has the same condition, word for word.
CREATE INDEX alert_due ON alert (channel, next_try_at) WHERE state IN ('waiting', 'held', 'sending');
CREATE INDEX alert_group ON alert (group_key, created_at);
CREATE INDEX alert_created ON alert (created_at);
CREATE INDEX alert_run ON alert (dag_id, run_id);

-- Mails that tasks wrote, whole, until they are delivered.
CREATE TABLE alert_body (alert_id INTEGER PRIMARY KEY, message TEXT NOT NULL);
