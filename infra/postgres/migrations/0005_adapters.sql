-- Adapters (LoRA) as releases. metrics: of the evaluation with which it was last promoted. At most one is current for
-- a base, the name of a generator in the manifest. The files lie in the data folder, adapters/<name>/.
CREATE TABLE adapters (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    base text NOT NULL,
    base_sha256 text NOT NULL,
    gguf_sha256 text NOT NULL,
    peft_sha256 text NOT NULL,
    prompt_sha256 text NOT NULL,
    data_sha256 text NOT NULL,
    config jsonb NOT NULL,
    metrics jsonb,
    status text NOT NULL DEFAULT 'candidate' CHECK (status IN ('candidate', 'current', 'retired')),
    created_at timestamptz NOT NULL DEFAULT now(),
    promoted_at timestamptz
);
CREATE UNIQUE INDEX adapters_current ON adapters (base) WHERE status = 'current';

-- What was done to them, only ever appended to. previous: for a promotion what was current for the base until then, for
-- a rollback what is current again.
CREATE TABLE adapter_changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL CHECK (action IN ('add', 'promote', 'rollback')),
    name text NOT NULL REFERENCES adapters,
    previous text REFERENCES adapters,
    evidence jsonb NOT NULL
);
