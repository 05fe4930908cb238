-- A run's page names the runs that repeat it, however long the history is.
CREATE INDEX runs_by_retry ON runs (retry_of) WHERE retry_of IS NOT NULL;
