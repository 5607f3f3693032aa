-- Two runs of the evaluation weighed against each other: what a release ships by.

-- results: how both runs were paired, and of each gate its figures and the ids of the cases that were lost. gates: as they
-- were asked. A decision outlives its runs: it says what was known when something shipped.
CREATE TABLE eval_decisions (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    new_run uuid NOT NULL,
    old_run uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    outcome text NOT NULL CHECK (outcome IN ('ship', 'block', 'undecided')),
    results jsonb NOT NULL,
    gates jsonb NOT NULL
);
CREATE INDEX eval_decisions_runs ON eval_decisions (new_run, old_run, number DESC);

ALTER TABLE retention DROP CONSTRAINT retention_class_check,
    ADD CONSTRAINT retention_class_check CHECK (class IN ('trail', 'keys', 'people', 'observations', 'evaluations'));
