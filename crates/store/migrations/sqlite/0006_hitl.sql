-- What a task asks people, and what they answered. One row for each try that asks.
CREATE TABLE hitl_detail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_pk INTEGER NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, try_number INTEGER NOT NULL,
  subject TEXT NOT NULL,
  body TEXT,
  options TEXT NOT NULL,              -- JSON list of texts, as the next
  defaults TEXT,                      -- chosen when nobody answers in time
  multiple INTEGER NOT NULL,
  params TEXT NOT NULL,               -- JSON: name -> {value, description, schema}
  assigned_users TEXT NOT NULL,       -- JSON list of {id, name}; empty: everybody may answer
  created_at INTEGER NOT NULL,
  responded_at INTEGER,
  responded_by_id TEXT,               -- null with responded_at: the defaults, because nobody answered
  responded_by_name TEXT,
  chosen_options TEXT,                -- JSON list
  params_input TEXT NOT NULL,         -- JSON
  UNIQUE (run_pk, task_id, map_index, try_number)
);
CREATE INDEX hitl_open ON hitl_detail (created_at) WHERE responded_at IS NULL;
