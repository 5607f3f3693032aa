-- Releases: what a service answers by, named. settings: those that decide answers. pins: what these came out as on the
-- machine that proposed it (models with their digests, adapter, prompts, limits, code); pins_sha256 is the digest by which an
-- evaluation is known to be of it. Never changed. by: operator, or user:NAME.
CREATE TABLE releases (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    by text NOT NULL,
    settings jsonb NOT NULL,
    pins jsonb NOT NULL,
    pins_sha256 text NOT NULL CHECK (pins_sha256 ~ '^[0-9a-f]{64}$'),
    note text NOT NULL
);

-- What was done to them, only ever appended to; what is in use follows from it. previous: for a promotion what was current
-- until then, for a rollback what is current again. share: of the people, for a canary and an A/B test.
CREATE TABLE release_events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL CHECK (action IN ('propose', 'shadow', 'canary', 'ab', 'promote', 'rollback', 'retire')),
    name text NOT NULL REFERENCES releases,
    previous text REFERENCES releases,
    by text NOT NULL,
    share double precision CHECK (share > 0 AND share < 1),
    evidence jsonb NOT NULL,
    CHECK ((share IS NOT NULL) = (action IN ('canary', 'ab')))
);
