CREATE TABLE schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
  -- As it was written, and as it was understood.
  expression TEXT NOT NULL,
  timing TEXT NOT NULL,
  timezone TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  -- As they were sent, secrets masked; and sealed, with their secrets.
  params TEXT NOT NULL,
  sealed_params BLOB NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  starts_at INTEGER,
  ends_at INTEGER,
  jitter_ms INTEGER NOT NULL DEFAULT 0,
  misfire TEXT NOT NULL,
  misfire_window_ms INTEGER NOT NULL,
  misfire_max INTEGER NOT NULL,
  overlap TEXT NOT NULL,
  retry TEXT,
  -- Sealed: such an address is a secret.
  heartbeat_url BLOB,
  heartbeat_signals TEXT NOT NULL DEFAULT '["success"]',
  -- Why it cannot run: its parameters and the script's schema.
  problems TEXT NOT NULL DEFAULT '[]',
  -- The occurrence that is next, and when it is fired: jitter later. Null: never.
  next_at INTEGER,
  fire_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT
) STRICT;

CREATE INDEX schedules_by_script ON schedules (script_id, id);
CREATE INDEX schedules_due ON schedules (fire_at) WHERE fire_at IS NOT NULL;

-- One row for each time a schedule was due: the trace of what became of it, and the claim that it fires once.
CREATE TABLE occurrences (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  schedule_id INTEGER NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  script_id INTEGER NOT NULL,
  -- When it was due, jitter aside. Of a run that somebody asked for: when that was.
  due_at INTEGER NOT NULL,
  is_manual INTEGER NOT NULL DEFAULT 0,
  claimed_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  -- Of its last attempt.
  run_id INTEGER,
  attempt INTEGER NOT NULL DEFAULT 1,
  -- When the next attempt, or the next try to start, is due.
  retry_at INTEGER,
  -- Of many that were missed in a row, one row tells: how many, and the last of them.
  count INTEGER NOT NULL DEFAULT 1,
  last_due_at INTEGER,
  -- Whether somebody has seen that it was missed.
  is_seen INTEGER NOT NULL DEFAULT 0,
  -- Who asked for it, of a manual one.
  asked_by TEXT
) STRICT;

CREATE UNIQUE INDEX occurrences_once ON occurrences (schedule_id, due_at) WHERE is_manual = 0;
CREATE INDEX occurrences_by_schedule ON occurrences (schedule_id, id);
CREATE INDEX occurrences_by_time ON occurrences (claimed_at);
CREATE INDEX occurrences_open ON occurrences (state, schedule_id) WHERE state IN ('claimed', 'waiting', 'started');
CREATE INDEX occurrences_retries ON occurrences (retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX occurrences_missed ON occurrences (schedule_id) WHERE state = 'missed' AND is_seen = 0;

-- Which gateway schedules, of all that use this database by mistake.
CREATE TABLE scheduler (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  owner TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;

ALTER TABLE runs ADD COLUMN schedule_id INTEGER;
ALTER TABLE runs ADD COLUMN occurrence_id INTEGER;
-- Of an attempt after the first: the first one. Of one that was followed by another attempt: that one.
ALTER TABLE runs ADD COLUMN first_attempt_id INTEGER;
ALTER TABLE runs ADD COLUMN next_attempt_id INTEGER;
-- When its next attempt is due.
ALTER TABLE runs ADD COLUMN retry_at INTEGER;
CREATE INDEX runs_by_schedule ON runs (schedule_id, id) WHERE schedule_id IS NOT NULL;
-- Few: so all but these are counted without reading every run.
CREATE INDEX runs_followed ON runs (script_id, id) WHERE next_attempt_id IS NOT NULL;
CREATE INDEX runs_by_first_attempt ON runs (first_attempt_id, id) WHERE first_attempt_id IS NOT NULL;
