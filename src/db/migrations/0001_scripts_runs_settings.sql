CREATE TABLE scripts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  runtime TEXT NOT NULL,
  filename TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  alias TEXT,
  description TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '[]',
  enabled INTEGER NOT NULL DEFAULT 1,
  missing_since INTEGER,
  error TEXT,
  warnings TEXT NOT NULL DEFAULT '[]',
  params TEXT NOT NULL DEFAULT '{}',
  own_params TEXT,
  sidecar_owned_hash TEXT,
  content_hash TEXT NOT NULL DEFAULT '',
  file_stamp TEXT NOT NULL DEFAULT '',
  sidecar_stamp TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (runtime, filename)
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  params TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  duration_ms INTEGER,
  exit_code INTEGER,
  signal TEXT,
  error_type TEXT,
  reason TEXT,
  result TEXT,
  files TEXT NOT NULL DEFAULT '[]',
  stderr_tail TEXT NOT NULL DEFAULT '',
  log_lines INTEGER NOT NULL DEFAULT 0,
  log_bytes INTEGER NOT NULL DEFAULT 0,
  output_bytes INTEGER NOT NULL DEFAULT 0,
  idempotency_key TEXT,
  request_hash TEXT
) STRICT;

CREATE INDEX runs_by_script ON runs (script_id, id);
CREATE INDEX runs_by_status ON runs (status, id);
CREATE INDEX runs_by_trigger ON runs (trigger, id);
CREATE INDEX runs_by_time ON runs (queued_at);
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (script_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
