-- Who started a run, where, with what priority, and what it used.
ALTER TABLE runs ADD COLUMN started_by TEXT;
ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN environment_hash TEXT;
ALTER TABLE runs ADD COLUMN isolation TEXT;
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cpu_ms INTEGER;
ALTER TABLE runs ADD COLUMN memory_bytes_peak INTEGER;
ALTER TABLE runs ADD COLUMN processes_peak INTEGER;
ALTER TABLE runs ADD COLUMN limit_hit TEXT;
-- The run this one repeats, and the one that repeats this one after an interruption.
ALTER TABLE runs ADD COLUMN retry_of INTEGER;
ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
-- What a queued run needs to begin after a restart, sealed; gone when it has ended.
ALTER TABLE runs ADD COLUMN request BLOB;
