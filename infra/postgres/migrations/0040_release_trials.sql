-- A trial can be stopped without putting its release away.
ALTER TABLE release_events DROP CONSTRAINT release_events_action_check,
    ADD CONSTRAINT release_events_action_check
    CHECK (action IN ('propose', 'shadow', 'canary', 'ab', 'promote', 'rollback', 'stop', 'retire'));

-- How the candidate of a trial does in each process that serves, as that said last (at): starting, up, or out: left out
-- there since it cannot be used. code: of the last error. process: drawn when it starts. host: the machine. since: of the
-- state.
CREATE TABLE release_processes (
    trial bigint NOT NULL REFERENCES release_events,
    process uuid NOT NULL,
    host text NOT NULL,
    state text NOT NULL CHECK (state IN ('starting', 'up', 'out')),
    code text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial, process)
);
