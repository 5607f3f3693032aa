-- What a case asked and what it was asked over, so that two runs are compared over the cases that are the same in both, also
-- where the file has grown; and which nights were asked by what was in use.

-- version: digest of what the case asks and expects, alone; '' before this migration. evidence: digest of the versions of
-- the documents of its gold as the asker read them; '' where it has none, and before this migration.
ALTER TABLE eval_cases
    ADD COLUMN version text NOT NULL DEFAULT '' CHECK (version ~ '^([0-9a-f]{64})?$'),
    ADD COLUMN evidence text NOT NULL DEFAULT '' CHECK (evidence ~ '^([0-9a-f]{64})?$');

-- The release that was current at a moment; '' for none. As `standing` of infra/postgres/releases.py tells it.
CREATE FUNCTION current_release(at timestamptz) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT CASE e.action WHEN 'promote' THEN e.name ELSE e.previous END FROM public.release_events e
        WHERE e.action IN ('promote', 'rollback') AND e.at <= $1 ORDER BY e.number DESC LIMIT 1
    ), '')
$$;
