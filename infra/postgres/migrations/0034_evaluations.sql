-- What evaluations found: runs, their cases, their figures. No words of questions or answers: those of a case stand in its
-- file, those of an answer in the trail.

-- A version of a set of cases. sha256: of what is asked and expected, in the file's order. name: of its file.
CREATE TABLE eval_datasets (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    name text NOT NULL,
    cases integer NOT NULL CHECK (cases > 0),
    added_at timestamptz NOT NULL DEFAULT now()
);

-- plan: the suites, each with its dataset and number of cases. setup: models, prompts, engine and recipe; config_sha256 is
-- its digest, data_sha256 that of the plan: a run goes on only under both. code_commit: '' where there is none.
-- ended_at: of the last process; NULL while it runs, and after a kill. stopped: out of time, or of luck.
CREATE TABLE eval_runs (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    what text NOT NULL CHECK (what IN ('nightly')),
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'stopped', 'done', 'abandoned')),
    code_commit text NOT NULL,
    config_sha256 text NOT NULL,
    data_sha256 text NOT NULL,
    setup jsonb NOT NULL,
    plan jsonb NOT NULL
);
CREATE INDEX eval_runs_newest ON eval_runs (what, number DESC);

-- store: whose documents it was asked over, this installation's or the sample's, and so in whose trail audit_id is; of
-- attacks the documents are in memory, and there is no trail. status: of the answer. code: of the error. snapshot: of the
-- index as the asker sees it. slices: kind, group, language and the like.
CREATE TABLE eval_cases (
    run_id uuid NOT NULL REFERENCES eval_runs ON DELETE CASCADE,
    suite text NOT NULL CHECK (suite IN ('golden', 'regression', 'adversarial', 'performance')),
    case_id text NOT NULL,
    dataset text NOT NULL REFERENCES eval_datasets,
    store text NOT NULL CHECK (store IN ('own', 'sample', 'attacks')),
    outcome text NOT NULL CHECK (outcome IN ('right', 'wrong', 'error')),
    status text NOT NULL,
    code text NOT NULL,
    first_seconds double precision,
    seconds double precision NOT NULL,
    audit_id uuid,
    snapshot text NOT NULL,
    slices jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, suite, case_id)
);
CREATE INDEX eval_cases_answer ON eval_cases (audit_id) WHERE audit_id IS NOT NULL;

-- case_id '': over the suite. value: NULL where there is no number; of n cases, with its 95 % interval; nans: how many more
-- the metric had no number for.
CREATE TABLE eval_metrics (
    run_id uuid NOT NULL REFERENCES eval_runs ON DELETE CASCADE,
    suite text NOT NULL,
    case_id text NOT NULL DEFAULT '',
    name text NOT NULL,
    value double precision CHECK (value <> 'NaN'),
    low double precision,
    high double precision,
    n integer NOT NULL CHECK (n >= 0),
    nans integer NOT NULL CHECK (nans >= 0),
    PRIMARY KEY (run_id, suite, case_id, name)
);
