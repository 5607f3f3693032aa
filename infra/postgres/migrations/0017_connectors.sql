-- Collections: label NULL: documents keep their own. walls: principals who may not read, whatever else a label says.
CREATE TABLE collections (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    label text[],
    walls text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Which documents are in a collection, also before they are stored and after they were purged. asked: the label that
-- somebody gave it itself, of which its collection lets through what its own label names.
CREATE TABLE collection_documents (
    document_id uuid PRIMARY KEY,
    collection text NOT NULL REFERENCES collections,
    asked text[]
);
CREATE INDEX collection_documents_collection ON collection_documents (collection);

-- Sources that documents are kept in step with. options: where it is, with the names of secrets and never a secret.
-- mapping: the file that says who may read what. synced_at, problem, summary: of the last look that was finished.
CREATE TABLE connectors (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    kind text NOT NULL,
    options jsonb NOT NULL,
    mapping text NOT NULL,
    collection text REFERENCES collections,
    every_s real NOT NULL CHECK (every_s > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    synced_at timestamptz,
    problem text NOT NULL DEFAULT '',
    summary jsonb NOT NULL DEFAULT '{}'
);

-- Items of a source as they were last brought in step. settled: false while one is being changed. seen_at: when it last
-- was another one; what is unchanged is not written to.
CREATE TABLE connector_items (
    connector text NOT NULL REFERENCES connectors ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint text NOT NULL,
    facts jsonb NOT NULL,
    label text[] NOT NULL,
    settled boolean NOT NULL,
    code text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connector, key)
);

-- A label that walls a reader off ("!user:bob") does not let them in, whoever else it names.
ALTER POLICY reader ON access_labels
    USING (
        principals && (SELECT nullif(current_setting('footnote.principals', true), '')::text[])
        AND NOT principals && (
            SELECT coalesce(array_agg('!' || token), '{}')
            FROM unnest(nullif(current_setting('footnote.principals', true), '')::text[]) AS token
        )
    );
