-- What a script's policy sidecar says, and its stamp.
ALTER TABLE scripts ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
ALTER TABLE scripts ADD COLUMN policy_stamp TEXT NOT NULL DEFAULT '';
