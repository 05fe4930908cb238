-- What a script's file was at each save. The same content is kept once, whoever has it.
CREATE TABLE script_contents (
  hash TEXT PRIMARY KEY,
  packed BLOB NOT NULL
) STRICT;

CREATE TABLE script_versions (
  script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  how TEXT NOT NULL,
  author TEXT,
  restored_from INTEGER,
  lines_added INTEGER,
  lines_removed INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (script_id, number)
) STRICT;

CREATE INDEX script_versions_by_hash ON script_versions (hash, script_id, number);

CREATE TRIGGER script_contents_of_nobody AFTER DELETE ON script_versions
BEGIN
  DELETE FROM script_contents
  WHERE hash = OLD.hash AND NOT EXISTS (SELECT 1 FROM script_versions WHERE hash = OLD.hash);
END;
