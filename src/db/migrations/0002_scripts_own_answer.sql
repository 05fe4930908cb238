-- What the scanner has to remember of a script's own answer, so that a changed sidecar needs no new question.
ALTER TABLE scripts ADD COLUMN own_error TEXT;
ALTER TABLE scripts ADD COLUMN own_rejected_hash TEXT;
ALTER TABLE scripts ADD COLUMN file_description TEXT NOT NULL DEFAULT '';
