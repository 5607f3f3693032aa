-- The rows of one answer by its id. No quote inside a JSON string is bare, so that nothing said there can match.
CREATE INDEX audit_answer_idx ON audit (substring(record from '"answer_id":"([0-9a-f-]{36})"'));
