-- Keys that end, people and groups as the identity provider syncs them, and sessions of the web page.
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
ALTER TABLE api_keys ADD COLUMN last_used_at timestamptz;
ALTER TABLE api_keys ALTER COLUMN groups DROP NOT NULL;

CREATE TABLE people (
    id uuid PRIMARY KEY,
    user_name text NOT NULL,
    external_id text,
    active boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}',
    former_names text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE UNIQUE INDEX people_user_name ON people (lower(user_name)) WHERE deleted_at IS NULL;
CREATE INDEX people_any_user_name ON people (lower(user_name));
CREATE INDEX people_external_id ON people (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX people_former_names ON people USING gin (former_names);

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    display_name text NOT NULL,
    external_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX groups_name ON groups (lower(name));

CREATE TABLE memberships (
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    PRIMARY KEY (group_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE sessions (
    hash bytea PRIMARY KEY,
    way text NOT NULL CHECK (way IN ('demo', 'key', 'oidc')),
    user_name text NOT NULL,
    groups text[],
    scopes text[] NOT NULL,
    key_id text REFERENCES api_keys ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK ((way = 'key') = (key_id IS NOT NULL))
);
CREATE INDEX sessions_expires ON sessions (expires_at);
CREATE INDEX sessions_user ON sessions (lower(user_name));
