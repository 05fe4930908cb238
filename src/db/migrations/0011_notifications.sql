-- Where notifications go.
CREATE TABLE channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  -- JSON, sealed: addresses and tokens of channels are secrets.
  config BLOB NOT NULL,
  -- JSON, what of it may be shown.
  shown TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Which events are told to which channel: of every script, or of one.
CREATE TABLE notify_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_id INTEGER REFERENCES scripts (id) ON DELETE CASCADE,
  channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  events TEXT NOT NULL,
  -- Empty: of all.
  triggers TEXT NOT NULL DEFAULT '[]',
  tags TEXT NOT NULL DEFAULT '[]',
  title TEXT,
  body TEXT,
  slow_factor REAL NOT NULL DEFAULT 2,
  quiet_from TEXT,
  quiet_to TEXT,
  timezone TEXT NOT NULL DEFAULT 'UTC',
  max_per_hour INTEGER NOT NULL DEFAULT 0,
  enabled INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notify_rules_by_script ON notify_rules (script_id);

-- Scripts of which the rules for all say nothing.
CREATE TABLE notify_mutes (
  script_id INTEGER PRIMARY KEY REFERENCES scripts (id) ON DELETE CASCADE
) STRICT;

-- What was told, is to be told, or was not, and why.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Null: NOTIFY_URL, or a heartbeat.
  channel_id INTEGER REFERENCES channels (id) ON DELETE CASCADE,
  rule_id INTEGER,
  kind TEXT NOT NULL,
  event TEXT NOT NULL,
  script_id INTEGER,
  run_id INTEGER,
  schedule_id INTEGER,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  -- JSON: all that a template or a webhook may say; secrets masked.
  facts TEXT NOT NULL,
  -- Sealed: the address of a heartbeat.
  target BLOB,
  state TEXT NOT NULL,
  -- Deliveries of one lane are sent one after the other: of a channel, of NOTIFY_URL, of the heartbeats of a schedule.
  lane TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  -- Since when it may be sent, of what the rule's limit of an hour counts; null while it is held.
  queued_at INTEGER,
  status INTEGER,
  problem TEXT,
  answer TEXT,
  duration_ms INTEGER,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  redelivery_of INTEGER
) STRICT;
CREATE INDEX deliveries_by_lane ON deliveries (lane, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_in_order ON deliveries (lane, id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (rule_id, id) WHERE state = 'held';
CREATE INDEX deliveries_by_channel ON deliveries (channel_id, id);
-- Its newest, among the heartbeats, which have no channel either.
CREATE INDEX deliveries_of_notify_url ON deliveries (id) WHERE kind = 'notify_url';
CREATE INDEX deliveries_by_rule ON deliveries (rule_id, queued_at) WHERE queued_at IS NOT NULL;
CREATE INDEX deliveries_by_run ON deliveries (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX deliveries_by_script ON deliveries (script_id, id);
CREATE INDEX deliveries_by_time ON deliveries (created_at);

-- What ended before, of runs that no schedule asked for; those of a schedule have an index of their own.
CREATE INDEX runs_unscheduled_ends ON runs (script_id, finished_at) WHERE schedule_id IS NULL AND finished_at IS NOT NULL;
