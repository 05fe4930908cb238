-- Bytes left on disk of a run that has ended: null until measured, 0 when there is nothing (any more).
ALTER TABLE runs ADD COLUMN log_kept_bytes INTEGER;
ALTER TABLE runs ADD COLUMN output_kept_bytes INTEGER;
-- When retention removed its log, its files and long result.
ALTER TABLE runs ADD COLUMN log_expired_at INTEGER;
ALTER TABLE runs ADD COLUMN output_expired_at INTEGER;

-- Whatever retention looks for is found by an index, however long the history is.
CREATE INDEX runs_by_script_end ON runs (script_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX runs_unmeasured ON runs (id) WHERE finished_at IS NOT NULL AND log_kept_bytes IS NULL;
CREATE INDEX runs_with_log ON runs (script_id, finished_at) WHERE log_kept_bytes > 0;
CREATE INDEX runs_with_output ON runs (script_id, finished_at) WHERE output_kept_bytes > 0;
CREATE INDEX runs_with_files ON runs (finished_at) WHERE log_kept_bytes > 0 OR output_kept_bytes > 0;

-- The sums, so that nobody has to add up a million rows; held by triggers, also where a script goes with its runs.
CREATE TABLE kept_bytes (
  script_id INTEGER PRIMARY KEY REFERENCES scripts (id) ON DELETE CASCADE,
  log_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL
) STRICT;
CREATE TRIGGER runs_measured AFTER UPDATE OF log_kept_bytes, output_kept_bytes ON runs BEGIN
  INSERT INTO kept_bytes (script_id, log_bytes, output_bytes)
  VALUES (
    new.script_id,
    ifnull(new.log_kept_bytes, 0) - ifnull(old.log_kept_bytes, 0),
    ifnull(new.output_kept_bytes, 0) - ifnull(old.output_kept_bytes, 0)
  )
  ON CONFLICT (script_id) DO UPDATE SET
    log_bytes = log_bytes + excluded.log_bytes,
    output_bytes = output_bytes + excluded.output_bytes;
END;
CREATE TRIGGER runs_removed AFTER DELETE ON runs WHEN old.log_kept_bytes > 0 OR old.output_kept_bytes > 0 BEGIN
  UPDATE kept_bytes SET
    log_bytes = log_bytes - ifnull(old.log_kept_bytes, 0),
    output_bytes = output_bytes - ifnull(old.output_kept_bytes, 0)
  WHERE script_id = old.script_id;
END;
