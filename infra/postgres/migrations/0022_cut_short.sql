-- Whether a job was cancelled before all its files were known.
ALTER TABLE jobs ADD COLUMN cut_short boolean NOT NULL DEFAULT false;
