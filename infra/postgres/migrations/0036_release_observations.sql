-- What became of answers while a candidate was tried, without a word of them. trial: the event that began it. release: by
-- which it was answered, '' for none. arm: shadow: the candidate answered what the current release had answered; nothing
-- of it was shipped. person: a keyed pseudonym. code: of the error. shipped, withheld: sentences. alone: the candidate
-- failed and the current release then did not. audit_id: of the answer, of a shadow that of the current release's. overlap,
-- same_status: of a shadow, how far it cited the same documents (0..1), and whether it came out the same.
CREATE TABLE release_observations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trial bigint NOT NULL REFERENCES release_events,
    release text NOT NULL,
    arm text NOT NULL CHECK (arm IN ('current', 'candidate', 'shadow')),
    person text NOT NULL CHECK (person ~ '^[0-9a-f]{32}$'),
    at timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL CHECK (status IN ('answered', 'partial', 'abstained', 'error')),
    code text NOT NULL,
    shipped integer NOT NULL,
    withheld integer NOT NULL,
    first_seconds double precision,
    seconds double precision NOT NULL,
    tokens integer NOT NULL,
    alone boolean NOT NULL,
    audit_id uuid,
    overlap double precision CHECK (overlap BETWEEN 0 AND 1),
    same_status boolean,
    CHECK ((arm = 'shadow') = (same_status IS NOT NULL))
);
CREATE INDEX release_observations_trial ON release_observations (trial, person, number);
CREATE INDEX release_observations_person ON release_observations (person);

ALTER TABLE retention DROP CONSTRAINT retention_class_check;
ALTER TABLE retention ADD CHECK (class IN ('trail', 'keys', 'people', 'observations'));
INSERT INTO retention (class, days) VALUES ('observations', 180);
