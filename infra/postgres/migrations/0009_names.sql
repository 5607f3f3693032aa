-- What people call a version: [[kind, text, value, origin, start, end], ...], NULL where nobody has looked yet.
-- name_rules: by which rules it was looked; older ones are looked at again, a batch a transaction.
ALTER TABLE versions ADD COLUMN names jsonb;
ALTER TABLE versions ADD COLUMN name_rules integer NOT NULL DEFAULT 0;
CREATE INDEX versions_name_rules ON versions (name_rules);
