CREATE TABLE installations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  runtime TEXT NOT NULL,
  -- Folder below .deps_cache/python or .deps_cache/nodejs.
  environment TEXT NOT NULL,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  is_update INTEGER NOT NULL DEFAULT 0,
  -- That it was begun for; null for what every script gets.
  script_id INTEGER,
  -- Where its packages are declared, below SCRIPTS_DIR.
  file TEXT NOT NULL,
  requirements TEXT NOT NULL,
  reason TEXT,
  packages TEXT NOT NULL DEFAULT '[]',
  bytes INTEGER,
  queued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  log_lines INTEGER NOT NULL DEFAULT 0,
  started_by TEXT
);
CREATE INDEX installations_by_environment ON installations (environment, id);
CREATE INDEX installations_by_script ON installations (script_id, id) WHERE script_id IS NOT NULL;
CREATE INDEX installations_under_way ON installations (id) WHERE status IN ('queued', 'running');

-- To the hour: for whoever cleans up.
CREATE TABLE environment_uses (
  environment TEXT PRIMARY KEY,
  used_at INTEGER NOT NULL
);

-- The packages that a run was given.
ALTER TABLE runs ADD COLUMN packages_environment TEXT;
