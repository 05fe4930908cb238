-- Who may do what. Times are milliseconds since 1970; passwords, tokens and codes are kept as hashes only.
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email TEXT,
  role TEXT CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
  grants TEXT NOT NULL DEFAULT '[]',
  source TEXT NOT NULL,
  password_hash TEXT,
  oidc_issuer TEXT,
  oidc_subject TEXT,
  totp_secret BLOB,
  totp_enabled_at INTEGER,
  totp_last_step INTEGER NOT NULL DEFAULT 0,
  recovery_codes TEXT NOT NULL DEFAULT '[]',
  disabled_at INTEGER,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER
);
CREATE UNIQUE INDEX users_by_oidc ON users (oidc_issuer, oidc_subject) WHERE oidc_subject IS NOT NULL;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash TEXT NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  address TEXT,
  user_agent TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
  script_ids TEXT,
  rate_per_min INTEGER,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  last_used_address TEXT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

-- One of the two: over this script, or over scripts with this tag, a role says nothing.
CREATE TABLE access_restrictions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_id INTEGER UNIQUE,
  tag TEXT UNIQUE,
  CHECK ((script_id IS NULL) <> (tag IS NULL))
);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  user_id INTEGER,
  token_id INTEGER,
  address TEXT,
  action TEXT NOT NULL,
  object_type TEXT,
  object_id TEXT,
  object_name TEXT,
  status INTEGER,
  before TEXT,
  after TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_object ON audit (object_type, object_id, id);
CREATE INDEX audit_by_user ON audit (user_id, id) WHERE user_id IS NOT NULL;

-- What is removed is always the oldest, and this row says how the chain went on from there.
CREATE TABLE audit_anchor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  removed_to INTEGER NOT NULL,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL
);
-- A REPLACE would remove what it replaces without asking the trigger below.
CREATE TRIGGER audit_is_written_at_its_end BEFORE INSERT ON audit
WHEN NEW.id <= coalesce((SELECT max(id) FROM audit), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
CREATE TRIGGER audit_is_removed_from_its_beginning BEFORE DELETE ON audit
WHEN OLD.id > coalesce((SELECT removed_to FROM audit_anchor), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
