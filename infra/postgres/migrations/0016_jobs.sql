-- Work that is handed in and done later. owner: the user it belongs to, NULL for the operator; tokens and admin: what the
-- owner could do when it was handed in. request: what is to be done with each file. request_sha256: of all that was handed
-- in under an idempotency key. sealed: no more files will come. files, done, failed, cancelled: counts of job_files; event:
-- how often one of them has changed.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL,
    title text NOT NULL,
    owner text,
    tokens text[] NOT NULL,
    admin boolean NOT NULL,
    queue text NOT NULL,
    priority integer NOT NULL,
    idempotency_key text,
    request_sha256 text NOT NULL,
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    cancelled_at timestamptz,
    sealed boolean NOT NULL DEFAULT false,
    files integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    event bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX jobs_idempotency ON jobs (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX jobs_owner ON jobs (owner, number);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_open ON jobs (number) WHERE finished_at IS NULL;

-- The files of a job. content_sha256: the original, staged in the blob folder. event: that of the job with which it last
-- changed. task: its row in procrastinate_jobs. attempt: how often it was begun; tries: since it was last
-- asked for; lost: how often the process that had begun it died. before: the version that was current when it was first begun, 0: none. report: what became of it.
CREATE TABLE job_files (
    job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    number integer NOT NULL,
    name text NOT NULL,
    source text NOT NULL,
    content_sha256 text NOT NULL,
    bytes bigint NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    event bigint NOT NULL DEFAULT 0,
    task bigint,
    attempt integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    before integer,
    started_at timestamptz,
    ended_at timestamptz,
    report jsonb,
    PRIMARY KEY (job_id, number)
);
CREATE INDEX job_files_event ON job_files (job_id, event);
CREATE INDEX job_files_staged ON job_files (content_sha256) WHERE state <> 'done';
CREATE INDEX job_files_waiting ON job_files (job_id) WHERE state IN ('queued', 'running');
