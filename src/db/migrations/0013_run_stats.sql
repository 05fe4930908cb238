-- Who asked for a run, by the name that the audit log has for them; null: a schedule, by itself.
ALTER TABLE runs ADD COLUMN asked_by TEXT;
UPDATE runs SET asked_by = started_by WHERE started_by IS NOT NULL AND schedule_id IS NULL;

CREATE INDEX runs_by_asker ON runs (asked_by, id) WHERE asked_by IS NOT NULL;
CREATE INDEX runs_by_duration ON runs (duration_ms, id) WHERE duration_ms IS NOT NULL;
CREATE INDEX runs_by_script_duration ON runs (script_id, duration_ms, id) WHERE duration_ms IS NOT NULL;

-- Runs that have ended, by the hour and by the day (UTC) in which they were accepted: of one script, and of all (script_id 0).
CREATE TABLE run_counts (
  hours INTEGER NOT NULL,
  script_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  success INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  timeout INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  killed INTEGER NOT NULL,
  interrupted INTEGER NOT NULL,
  -- What those took together that have a duration.
  total_ms INTEGER NOT NULL,
  -- Numbers go by time but where a clock was set back: so a time is found among them all the same.
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  PRIMARY KEY (hours, script_id, at)
) STRICT, WITHOUT ROWID;

-- How many of them took from_ms or longer, and less than the next bound.
CREATE TABLE run_durations (
  hours INTEGER NOT NULL,
  script_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  PRIMARY KEY (hours, script_id, at, from_ms)
) STRICT, WITHOUT ROWID;

-- Each is at most a tenth more than the one before it: a middle of both is wrong by less than 5 %.
CREATE TABLE duration_bounds (from_ms INTEGER PRIMARY KEY) STRICT;
WITH RECURSIVE bounds (from_ms) AS (
  SELECT 0 UNION ALL SELECT max(from_ms + 1, from_ms * 11 / 10) FROM bounds WHERE from_ms < 4000000000
)
INSERT INTO duration_bounds SELECT from_ms FROM bounds;

CREATE TEMP TABLE ended AS
SELECT id, script_id, status, queued_at, duration_ms,
  (SELECT max(from_ms) FROM duration_bounds WHERE from_ms <= duration_ms) AS from_ms
FROM runs WHERE finished_at IS NOT NULL;

INSERT INTO run_counts
SELECT 24, script_id, queued_at / 86400000 * 86400000, sum(status = 'success'), sum(status = 'failed'), sum(status = 'timeout'),
  sum(status = 'cancelled'), sum(status = 'killed'), sum(status = 'interrupted'),
  ifnull(sum(duration_ms), 0), min(id), max(id)
FROM ended GROUP BY 2, 3;
INSERT INTO run_durations
SELECT 24, script_id, queued_at / 86400000 * 86400000, from_ms, count(*) FROM ended WHERE from_ms IS NOT NULL GROUP BY 2, 3, 4;
-- By the hour only as far back as they are kept.
DELETE FROM ended WHERE queued_at < (SELECT max(queued_at) FROM ended) - 35 * 86400000;
INSERT INTO run_counts
SELECT 1, script_id, queued_at / 3600000 * 3600000, sum(status = 'success'), sum(status = 'failed'), sum(status = 'timeout'),
  sum(status = 'cancelled'), sum(status = 'killed'), sum(status = 'interrupted'),
  ifnull(sum(duration_ms), 0), min(id), max(id)
FROM ended GROUP BY 2, 3;
INSERT INTO run_durations
SELECT 1, script_id, queued_at / 3600000 * 3600000, from_ms, count(*) FROM ended WHERE from_ms IS NOT NULL GROUP BY 2, 3, 4;
DROP TABLE temp.ended;
INSERT INTO run_counts
SELECT hours, 0, at, sum(success), sum(failed), sum(timeout), sum(cancelled), sum(killed), sum(interrupted),
  sum(total_ms), min(first_id), max(last_id)
FROM run_counts GROUP BY hours, at;

-- Counted in the write that ends a run, whichever that is. What is removed stays counted, but for a script that is forgotten.
CREATE VIEW run_ends AS SELECT id, script_id, status, queued_at, duration_ms FROM runs;
CREATE TRIGGER run_ends_counted INSTEAD OF INSERT ON run_ends BEGIN
  INSERT INTO run_counts
  SELECT p.hours, p.script_id, new.queued_at / (p.hours * 3600000) * (p.hours * 3600000), new.status = 'success',
    new.status = 'failed', new.status = 'timeout', new.status = 'cancelled', new.status = 'killed',
    new.status = 'interrupted', ifnull(new.duration_ms, 0), new.id, new.id
  FROM (
    SELECT 1 AS hours, new.script_id AS script_id UNION ALL SELECT 24, new.script_id UNION ALL SELECT 1, 0 UNION ALL SELECT 24, 0
  ) p WHERE true
  ON CONFLICT DO UPDATE SET
    success = success + excluded.success,
    failed = failed + excluded.failed,
    timeout = timeout + excluded.timeout,
    cancelled = cancelled + excluded.cancelled,
    killed = killed + excluded.killed,
    interrupted = interrupted + excluded.interrupted,
    total_ms = total_ms + excluded.total_ms,
    first_id = min(first_id, excluded.first_id),
    last_id = max(last_id, excluded.last_id);
  INSERT INTO run_durations
  SELECT p.hours, new.script_id, new.queued_at / (p.hours * 3600000) * (p.hours * 3600000),
    (SELECT max(from_ms) FROM duration_bounds WHERE from_ms <= new.duration_ms), 1
  FROM (SELECT 1 AS hours UNION ALL SELECT 24) p WHERE new.duration_ms IS NOT NULL
  ON CONFLICT DO UPDATE SET runs = runs + 1;
END;
CREATE TRIGGER runs_ended AFTER UPDATE OF status ON runs
WHEN old.status IN ('queued', 'running') AND new.status NOT IN ('queued', 'running') BEGIN
  INSERT INTO run_ends VALUES (new.id, new.script_id, new.status, new.queued_at, new.duration_ms);
END;
CREATE TRIGGER runs_inserted_ended AFTER INSERT ON runs WHEN new.status NOT IN ('queued', 'running') BEGIN
  INSERT INTO run_ends VALUES (new.id, new.script_id, new.status, new.queued_at, new.duration_ms);
END;
CREATE TRIGGER run_counts_forgotten AFTER DELETE ON scripts BEGIN
  UPDATE run_counts SET
    success = run_counts.success - s.success,
    failed = run_counts.failed - s.failed,
    timeout = run_counts.timeout - s.timeout,
    cancelled = run_counts.cancelled - s.cancelled,
    killed = run_counts.killed - s.killed,
    interrupted = run_counts.interrupted - s.interrupted,
    total_ms = run_counts.total_ms - s.total_ms
  FROM run_counts s
  WHERE s.hours IN (1, 24) AND s.script_id = old.id
    AND run_counts.hours = s.hours AND run_counts.script_id = 0 AND run_counts.at = s.at;
  DELETE FROM run_counts WHERE hours IN (1, 24) AND script_id = old.id;
  DELETE FROM run_durations WHERE hours IN (1, 24) AND script_id = old.id;
END;
