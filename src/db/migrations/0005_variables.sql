-- Variables of scripts: global (script_id 0) or one script's; a secret's value is sealed.
CREATE TABLE variables (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_id INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL,
  is_secret INTEGER NOT NULL DEFAULT 0,
  value BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (script_id, name)
) STRICT;
