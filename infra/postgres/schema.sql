-- The whole schema as the migrations leave it; a test holds the two equal.
-- Needs PostgreSQL 15 or newer and no extension.

-- Who reads for a principal: sees the rows that its policies show, writes nothing. The connecting user must
-- be able to SET ROLE to it.
DO $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'footnote_reader') THEN
            CREATE ROLE footnote_reader NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server was faster
    END;
    BEGIN
        SET LOCAL ROLE footnote_reader;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT footnote_reader TO %I', current_user);
    END;
END
$$;

CREATE TABLE schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The id is a digest of the sorted principals: one row for each set. "!" before a principal: it may not read.
CREATE TABLE access_labels (
    id text PRIMARY KEY,
    principals text[] NOT NULL,
    number integer NOT NULL
);
CREATE INDEX access_labels_principals ON access_labels USING gin (principals);
CREATE UNIQUE INDEX access_labels_number ON access_labels (number);

-- The id is the UUIDv5 of the source, so a source occurs once. generation: that of the last change. owner: the user who
-- uploaded it, NULL for the operator. managers: the principals who may change it besides. deleted_at: since when it is
-- in the recycle bin, where no reader sees it. parent_id: the outermost file that it came out of, whose label, owner and
-- managers it has. parts_pending: what came out of it is perhaps not all stored yet. facts_changed: the generation in
-- which a person last set a fact of it.
CREATE TABLE documents (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    label_id text NOT NULL REFERENCES access_labels,
    current_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    generation bigint NOT NULL,
    owner text,
    managers text[] NOT NULL DEFAULT '{}',
    deleted_at timestamptz,
    parent_id uuid REFERENCES documents ON DELETE CASCADE,
    parts_pending boolean NOT NULL DEFAULT false,
    facts_changed bigint
);
CREATE INDEX documents_facts_changed ON documents (facts_changed) WHERE facts_changed IS NOT NULL;
CREATE INDEX documents_parent ON documents (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX documents_label ON documents (label_id);
CREATE INDEX documents_generation ON documents (generation);
CREATE INDEX documents_deleted ON documents (deleted_at) WHERE deleted_at IS NOT NULL;

-- index_key: digest of what the index holds of the content, NULL if nothing. effective: the day from which it holds.
-- names: what people call it, [[kind, text, value, origin, start, end], ...], by name_rules; NULL: not looked yet.
-- layout: {"lines": [[start, end, page, x0, y0, x1, y1], ...], "elements": [[kind, level, start, end, page], ...]}; a
-- line may have its confidence at the end, an element {"grid", "author", "date"}.
-- warnings: what ingestion was unsure of, [[kind, words, page, start, end], ...]. pages: what became of each page,
-- {"counts": {"text", "ocr", "unread", "blank"}, "pages": [[number, source, label, bates, confidence], ...]}.
-- parser_rules: by which rules the original was last read. corrects: the version in which other words of the same
-- bytes were read. reading: names the content as it was read. chunking: how its chunks were made, a kind, perhaps with
-- "+summary".
-- language: of its words, a BCP 47 code, "und" where none can be told, NULL where nobody has looked yet. language_set: a
-- person said so, and looking again changes nothing.
CREATE TABLE versions (
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    version integer NOT NULL CHECK (version > 0),
    content_sha256 text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    page_count integer,
    title text NOT NULL,
    document_date text,
    text text NOT NULL,
    layout jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    label_id text NOT NULL REFERENCES access_labels,
    index_key bytea CHECK (octet_length(index_key) = 32),
    effective date NOT NULL,
    names jsonb,
    name_rules integer NOT NULL DEFAULT 0,
    warnings jsonb NOT NULL DEFAULT '[]',
    pages jsonb NOT NULL DEFAULT '{}',
    parser_rules integer NOT NULL DEFAULT 0,
    corrects integer,
    reading text NOT NULL,
    chunking text NOT NULL DEFAULT 'structure',
    language text,
    language_set boolean NOT NULL DEFAULT false,
    PRIMARY KEY (document_id, version)
);
ALTER TABLE versions ALTER COLUMN text SET STORAGE EXTERNAL;
CREATE INDEX versions_content ON versions (content_sha256);
CREATE INDEX versions_label ON versions (label_id);
CREATE INDEX versions_document_reading ON versions (document_id, reading);
CREATE INDEX versions_name_rules ON versions (name_rules);
CREATE INDEX versions_parser_rules ON versions (parser_rules);
CREATE INDEX versions_catalog ON versions (document_id, version) INCLUDE (index_key, label_id, effective);

-- No document without its current version.
ALTER TABLE documents ADD CONSTRAINT documents_current_version
    FOREIGN KEY (id, current_version) REFERENCES versions (document_id, version) DEFERRABLE INITIALLY DEFERRED;

-- The chunks of a document's content as it was read, whatever versions have it. embedding: float32, little-endian.
-- summary: what the document is about, indexed with the chunk, '' without. parent: [start, end) of the text that is
-- shown where the chunk is found; NULL: the chunk itself.
CREATE TABLE chunks (
    id text PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    text text NOT NULL,
    title text NOT NULL,
    section_path text[] NOT NULL,
    page integer,
    table_header text NOT NULL,
    embedding bytea NOT NULL,
    reading text NOT NULL,
    summary text NOT NULL DEFAULT '',
    parent integer[] CHECK (cardinality(parent) = 2)
);
CREATE UNIQUE INDEX chunks_place ON chunks (document_id, reading, ordinal);
ALTER TABLE chunks ALTER COLUMN embedding SET STORAGE EXTERNAL;

-- Facts of documents. Without set_by: found in the words of a version, [start_offset, end_offset) of its text. With it: set
-- by a person about the document, whatever its version, perhaps with a place in one of them. It stands in the place of
-- what was found of its kind or, where there may be several, of the value `replaces`; value NULL: that is no fact.
CREATE TABLE facts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    version integer,
    kind text NOT NULL,
    value text,
    role text NOT NULL DEFAULT '',
    term text NOT NULL DEFAULT '',
    start_offset integer,
    end_offset integer,
    replaces text NOT NULL DEFAULT '',
    set_by text,
    set_at timestamptz,
    FOREIGN KEY (document_id, version) REFERENCES versions (document_id, version) ON DELETE CASCADE,
    CHECK ((set_by IS NULL) = (set_at IS NULL)),
    CHECK ((start_offset IS NULL) = (end_offset IS NULL) AND (start_offset IS NULL OR version IS NOT NULL)),
    CHECK (set_by IS NOT NULL OR (value IS NOT NULL AND start_offset IS NOT NULL))
);
CREATE INDEX facts_document ON facts (document_id, version);
CREATE INDEX facts_set ON facts (document_id) WHERE set_by IS NOT NULL;

-- What lists ask of each document that is not deleted, as its current version has it, in rows that are narrow enough to be
-- looked at all; written by triggers, whoever changes a document. Nobody but the owner reads it. source_key, title_key and
-- the other columns with an index: by what lists are sorted. added_at: of the first version, where all are for the same
-- readers; NULL: each reader has to be told by their own. sought: title, source, names and what people said of it, in lower
-- case, a line each. kinds: the words of its kinds.
CREATE TABLE listed_documents (
    document_id uuid PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    label_id text NOT NULL,
    current_version integer NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    title_key text COLLATE "C" NOT NULL,
    added_at timestamptz,
    updated_at timestamptz NOT NULL,
    document_date text COLLATE "C" NOT NULL,
    effective date NOT NULL,
    bytes bigint NOT NULL,
    media_type text NOT NULL,
    language text NOT NULL,
    warned boolean NOT NULL,
    sought text NOT NULL,
    kinds text[] NOT NULL
);
CREATE INDEX listed_documents_label ON listed_documents (label_id);
CREATE INDEX listed_documents_source ON listed_documents (source_key, document_id) INCLUDE (label_id);
CREATE INDEX listed_documents_title ON listed_documents (title_key, document_id) INCLUDE (label_id);
CREATE INDEX listed_documents_updated_at ON listed_documents (updated_at, document_id) INCLUDE (label_id);
CREATE INDEX listed_documents_date ON listed_documents (document_date, document_id) INCLUDE (label_id);
CREATE INDEX listed_documents_effective ON listed_documents (effective, document_id) INCLUDE (label_id);
CREATE INDEX listed_documents_bytes ON listed_documents (bytes, document_id) INCLUDE (label_id);

CREATE FUNCTION list_documents(ids uuid[]) RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    DELETE FROM listed_documents l USING unnest(ids) AS wanted (id)
    WHERE l.document_id = wanted.id AND NOT EXISTS (
        SELECT FROM documents d JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
        WHERE d.id = l.document_id AND d.deleted_at IS NULL
    );
    INSERT INTO listed_documents AS l
    SELECT d.id, d.label_id, d.current_version, left(d.source, 500), left(lower(v.title), 500),
        (
            SELECT CASE WHEN bool_and(own.label_id = d.label_id) THEN min(own.created_at) END
            FROM versions own WHERE own.document_id = d.id
        ),
        v.created_at, coalesce(v.document_date, ''), v.effective, v.bytes, v.media_type, coalesce(v.language, 'und'),
        v.warnings <> '[]',
        lower(concat_ws(
            E'\n', v.title, d.source,
            (SELECT string_agg(name ->> 1, E'\n') FROM jsonb_array_elements(v.names) AS name),
            (SELECT string_agg(f.value, E'\n') FROM facts f WHERE f.document_id = d.id AND f.set_by IS NOT NULL)
        )),
        string_to_array(btrim(regexp_replace(lower(
            coalesce(
                (
                    SELECT f.value FROM facts f
                    WHERE f.document_id = d.id AND f.kind = 'document_kind'
                        AND (f.set_by IS NOT NULL OR f.version = v.version)
                    ORDER BY f.set_by IS NULL, f.id DESC LIMIT 1
                ),
                v.title
            ) || ' ' || jsonb_path_query_array(coalesce(v.names, '[]'), '$[*] ? (@[0] == "kind")[2]')::text
        ), '[^[:alnum:]]+', ' ', 'g')), ' ')
    FROM unnest(ids) AS wanted (id)
    JOIN documents d ON d.id = wanted.id
    JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
    WHERE d.deleted_at IS NULL
    ON CONFLICT (document_id) DO UPDATE SET
        label_id = EXCLUDED.label_id, current_version = EXCLUDED.current_version, source_key = EXCLUDED.source_key,
        title_key = EXCLUDED.title_key, added_at = EXCLUDED.added_at, updated_at = EXCLUDED.updated_at,
        document_date = EXCLUDED.document_date, effective = EXCLUDED.effective, bytes = EXCLUDED.bytes,
        media_type = EXCLUDED.media_type, language = EXCLUDED.language, warned = EXCLUDED.warned,
        sought = EXCLUDED.sought, kinds = EXCLUDED.kinds
    WHERE l IS DISTINCT FROM EXCLUDED;
$$;
CREATE FUNCTION list_changed_documents() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'documents' THEN
        PERFORM list_documents(ARRAY(SELECT id FROM changed));
    ELSE
        PERFORM list_documents(ARRAY(SELECT DISTINCT document_id FROM changed));
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION list_document_of_fact() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM list_documents(ARRAY[CASE TG_OP WHEN 'DELETE' THEN OLD.document_id ELSE NEW.document_id END]);
    RETURN NULL;
END
$$;
CREATE TRIGGER listed_added AFTER INSERT ON documents REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_changed_documents();
CREATE TRIGGER listed_changed AFTER UPDATE ON documents REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_changed_documents();
CREATE TRIGGER listed_added AFTER INSERT ON versions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_changed_documents();
CREATE TRIGGER listed_changed AFTER UPDATE ON versions REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_changed_documents();
CREATE TRIGGER listed_removed AFTER DELETE ON versions REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_changed_documents();
CREATE TRIGGER listed_added AFTER INSERT ON facts
    FOR EACH ROW WHEN (NEW.set_by IS NOT NULL OR NEW.kind = 'document_kind') EXECUTE FUNCTION list_document_of_fact();
CREATE TRIGGER listed_changed AFTER UPDATE ON facts
    FOR EACH ROW WHEN (NEW.set_by IS NOT NULL OR NEW.kind = 'document_kind') EXECUTE FUNCTION list_document_of_fact();
CREATE TRIGGER listed_removed AFTER DELETE ON facts
    FOR EACH ROW WHEN (OLD.set_by IS NOT NULL OR OLD.kind = 'document_kind') EXECUTE FUNCTION list_document_of_fact();

-- Purged documents that have not come back: where their version numbers go on.
CREATE TABLE retired_documents (
    document_id uuid PRIMARY KEY,
    last_version integer NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    generation bigint NOT NULL
);
CREATE INDEX retired_documents_generation ON retired_documents (generation);

-- One row. Every writer bumps it first, so writers take turns.
CREATE TABLE catalog_generation (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    generation bigint NOT NULL,
    embedder text
);
INSERT INTO catalog_generation (generation) VALUES (0);

-- One row. demo: the demo has been here, so whoever opens its page may sign in and read what this database holds.
CREATE TABLE installation (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    demo boolean NOT NULL
);
INSERT INTO installation (demo) VALUES (false);

CREATE TABLE segments (
    name text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    rows bigint NOT NULL
);

-- groups NULL: whatever groups the identity provider has synced for the user. last_used_at: to the hour.
CREATE TABLE api_keys (
    id text PRIMARY KEY,
    hash bytea NOT NULL UNIQUE,
    user_name text NOT NULL,
    groups text[],
    scopes text[] NOT NULL,
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    expires_at timestamptz,
    last_used_at timestamptz
);

-- People as the identity provider syncs them (SCIM). attributes: displayName, name and emails as they were sent.
-- former_names: earlier user names and external ids, lower case, which credentials may still say. deleted_at: gone for
-- SCIM, kept so that a credential of theirs that is still out opens nothing.
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
CREATE UNIQUE INDEX people_living_external_id ON people (external_id) WHERE deleted_at IS NULL;
CREATE INDEX people_former_names ON people USING gin (former_names);

-- name: as access labels have it behind `group:`. display_name: as the identity provider has it.
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

-- Who is signed in on the web page. hash: of the cookie. groups: as the way of signing in gave them, NULL as for a key.
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

-- record: canonical JSON, kept as text because jsonb would not give back the same bytes.
CREATE TABLE audit (
    seq bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    recorded_at timestamptz NOT NULL,
    principal text NOT NULL,
    prev_hash bytea NOT NULL,
    record text NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_answer_idx ON audit (substring(record from '"answer_id":"([0-9a-f-]{36})"'));

-- What a record of the trail is found by, as "name:value": read from the record itself, so that it cannot say otherwise.
CREATE FUNCTION audit_terms(record text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
    SELECT array_agg(DISTINCT found[1] || ':' || left(found[2], 200))
    FROM regexp_matches(record, '"(kind|action|refused|principal|document_id)":"([^"\\]*)"', 'g') AS found
$$;
CREATE INDEX audit_terms_idx ON audit USING gin (audit_terms(record));
CREATE INDEX audit_recorded_at_idx ON audit (recorded_at);

-- Of records that were written again to seal what they say: the hash that each had before, and its leaf, which older
-- checkpoints of witnesses still name. round: which time it was, from 1.
CREATE TABLE audit_resealed (
    seq bigint NOT NULL,
    round integer NOT NULL,
    hash bytea NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (seq, round)
);
CREATE INDEX audit_unsealed_idx ON audit (seq) WHERE position('"sealing":1' IN record) = 0;

-- Work that is handed in and done later. owner: the user it belongs to, NULL for the operator; tokens and admin: what the
-- owner could do when it was handed in. request: what is to be done with each file. request_sha256: of all that was handed
-- in under an idempotency key. sealed: no more files will come. files, done, failed, cancelled: counts of job_files; event:
-- how often one of them has changed. cut_short: it was cancelled before all its files were known.
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
    event bigint NOT NULL DEFAULT 0,
    cut_short boolean NOT NULL DEFAULT false
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

-- What persons and groups may ask and use in a day (UTC), and what they have; subject: user:NAME, group:NAME, or everyone.
CREATE TABLE budgets (
    subject text PRIMARY KEY,
    questions bigint CHECK (questions >= 0),
    tokens bigint CHECK (tokens >= 0),
    CHECK (questions IS NOT NULL OR tokens IS NOT NULL)
);
CREATE TABLE budget_use (
    subject text NOT NULL,
    day date NOT NULL,
    questions bigint NOT NULL,
    tokens bigint NOT NULL,
    PRIMARY KEY (subject, day)
);

-- What was erased, without a name of it. subjects: ids of documents, or the pseudonym of a person. indices: of the keys of
-- the trail that are destroyed. originals: hashes that are still to be looked for in the blob folder, {} once it is done.
-- counts: what was done, by table.column or store. asked_by, copies_until: as the receipt has them.
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('document', 'person')),
    subjects text[] NOT NULL,
    indices text[] NOT NULL,
    originals text[] NOT NULL,
    counts jsonb NOT NULL,
    asked_by text NOT NULL,
    copies_until date NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

-- Items of sources whose documents were erased, so that no sync brings them back. mark: the keyed hash of the item's key,
-- of its document's id, or of its bytes.
CREATE TABLE erased_items (
    connector text NOT NULL REFERENCES connectors ON DELETE CASCADE,
    mark text NOT NULL,
    PRIMARY KEY (connector, mark)
);

-- What must be kept, whoever asks for what. subject: a document's id, a user's name, or a collection.
CREATE TABLE holds (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('document', 'person', 'collection')),
    subject text NOT NULL,
    reason text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz
);
CREATE UNIQUE INDEX holds_placed ON holds (kind, subject) WHERE lifted_at IS NULL;

-- Documents that a hold keeps: named themselves, by a part or by what they are a part of, in a held collection, or of a
-- held person.
CREATE VIEW held_documents AS
SELECT d.id AS document_id, h.id AS hold FROM documents d JOIN holds h ON h.lifted_at IS NULL AND (
    (h.kind = 'person' AND lower(d.owner) = lower(h.subject))
    OR (h.kind = 'document' AND (
        h.subject IN (d.id::text, d.parent_id::text)
        OR EXISTS (SELECT FROM documents part WHERE part.parent_id = d.id AND part.id::text = h.subject)
    ))
    OR (h.kind = 'collection' AND EXISTS (
        SELECT FROM collection_documents c WHERE c.document_id IN (d.id, d.parent_id) AND c.collection = h.subject
    ))
);

-- Versions of held documents that a new document of the same name has taken the place of.
CREATE TABLE held_versions (
    document_id uuid NOT NULL,
    version integer NOT NULL,
    source text NOT NULL,
    title text NOT NULL,
    media_type text NOT NULL,
    content_sha256 text NOT NULL,
    text text NOT NULL,
    owner text,
    label text[] NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (document_id, version)
);
CREATE INDEX held_versions_content ON held_versions (content_sha256);

-- For how many days what is kept of each class; without a row as documented. ran_at: when it was last carried out.
CREATE TABLE retention (
    class text PRIMARY KEY CHECK (class IN ('trail', 'keys', 'people', 'observations', 'evaluations')),
    days integer NOT NULL CHECK (days > 0),
    ran_at timestamptz
);

-- Row-level security: a reader sees the labels that name it and do not wall it off, the documents under them, and what hangs on those.
-- (SELECT true ...) instead of EXISTS or IN keeps the planner from hashing all documents or all labels for a
-- handful of chunks.
GRANT USAGE ON SCHEMA public TO footnote_reader;
GRANT SELECT ON access_labels, documents, versions, chunks, facts TO footnote_reader;

ALTER TABLE access_labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE chunks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE facts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY reader ON access_labels FOR SELECT TO footnote_reader
    USING (
        principals && (SELECT nullif(current_setting('footnote.principals', true), '')::text[])
        AND NOT principals && (
            SELECT coalesce(array_agg('!' || ltrim(token, '?')), '{}')
            FROM unnest(nullif(current_setting('footnote.principals', true), '')::text[]) AS token
        )
    );
CREATE POLICY reader ON documents FOR SELECT TO footnote_reader
    USING (deleted_at IS NULL AND (SELECT true FROM access_labels WHERE access_labels.id = documents.label_id));
CREATE POLICY reader ON versions FOR SELECT TO footnote_reader
    USING (
        (SELECT true FROM documents WHERE documents.id = versions.document_id)
        AND (SELECT true FROM access_labels WHERE access_labels.id = versions.label_id)
    );
CREATE POLICY reader ON chunks FOR SELECT TO footnote_reader
    USING (
        (
            SELECT true FROM versions
            WHERE versions.document_id = chunks.document_id AND versions.reading = chunks.reading LIMIT 1
        )
    );
CREATE POLICY reader ON facts FOR SELECT TO footnote_reader
    USING (
        CASE WHEN set_by IS NULL THEN (
            SELECT true FROM versions
            WHERE versions.document_id = facts.document_id AND versions.version = facts.version
        ) ELSE (SELECT true FROM documents WHERE documents.id = facts.document_id) END
    );

-- FORCE binds the owner too, so the owner gets a policy of its own.
CREATE POLICY owner ON access_labels TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY owner ON documents TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY owner ON versions TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY owner ON chunks TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY owner ON facts TO CURRENT_USER USING (true) WITH CHECK (true);

-- What people say of answers, and which answers rest on a version of which something has become since.

-- audit_id: of the answer, of which nothing else is here. owner: user:NAME, lower case. sentence: its number from 1, 0: the
-- answer as a whole. document_id and version (as it is stored), start_offset and end_offset: the passage that should have been
-- cited. review: what the reviewer says.
CREATE TABLE feedback (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    audit_id uuid NOT NULL,
    owner text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('right', 'wrong', 'incomplete', 'wrong_source')),
    sentence integer NOT NULL CHECK (sentence >= 0),
    words text NOT NULL,
    document_id uuid,
    version integer,
    start_offset integer,
    end_offset integer,
    given_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'golden')),
    review text NOT NULL DEFAULT '',
    reviewed_by text,
    reviewed_at timestamptz,
    UNIQUE (audit_id, owner, sentence),
    CHECK (num_nulls(document_id, version, start_offset, end_offset) IN (0, 4)),
    CHECK (start_offset < end_offset)
);
CREATE INDEX feedback_state ON feedback (state, number);
CREATE INDEX feedback_owner ON feedback (owner, number);
CREATE INDEX feedback_document ON feedback (document_id) WHERE document_id IS NOT NULL;

-- Versions (0: all of the document) that somebody has found to be wrong.
CREATE TABLE wrong_versions (
    document_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 0),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, version)
);

-- Answers that rest on a version which was superseded, deleted, erased or found wrong. owner: who asked, user:NAME in lower
-- case, '' where that cannot be told any more. as_of: of which day the answer is; a later version changes nothing of it.
-- by_version: that holds since. seen_at: when its owner was told; seen_version: of which newer version. asked_again: the
-- answer that took its place.
CREATE TABLE answer_marks (
    audit_id uuid NOT NULL,
    document_id uuid NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL CHECK (reason IN ('superseded', 'deleted', 'erased', 'wrong')),
    owner text NOT NULL,
    asked_at timestamptz NOT NULL,
    as_of date,
    at timestamptz NOT NULL,
    by_version integer,
    seen_at timestamptz,
    seen_version integer,
    asked_again uuid,
    PRIMARY KEY (audit_id, document_id, version, reason)
);
CREATE INDEX answer_marks_owner ON answer_marks (owner, asked_at, audit_id);
CREATE INDEX answer_marks_asked ON answer_marks (asked_at, audit_id);
CREATE INDEX answer_marks_document ON answer_marks (document_id, version);

-- One row: up to which generation of the catalog, and up to which record of the trail, answers are marked. Records come first:
-- they are compared with the catalog as it is then.
CREATE TABLE answers_marked (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    generation bigint NOT NULL,
    seq bigint NOT NULL
);
INSERT INTO answers_marked (generation, seq) SELECT generation, 0 FROM catalog_generation;

-- Sign-offs: what people say who have looked at an answer, which the audit trail alone holds. audit_id: of the answer.
-- sentence: its number from 1; NULL: of the whole answer. signed_by: user:NAME, lower case.
CREATE TABLE sign_offs (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    audit_id uuid NOT NULL,
    sentence integer CHECK (sentence > 0),
    signed_by text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now(),
    verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected', 'changed')),
    words text NOT NULL
);
CREATE UNIQUE INDEX sign_offs_place ON sign_offs (audit_id, coalesce(sentence, 0), signed_by);
CREATE INDEX sign_offs_by ON sign_offs (signed_by);

-- Reviews: the same questions over many documents, a cell for each question and document. Answers stay in the trail.

-- owner: user:NAME, lower case. tokens: what the credential that it was begun or resumed with vouched for; key_id: of the
-- API key, where it was one. live: cells are computed anew when their document gets a new version; checked: up to which
-- generation of the catalog they were looked at. due_at: until when nothing of it is begun. served_at: when a cell of it
-- was last begun. event counts what has changed in it.
CREATE TABLE reviews (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    owner text NOT NULL,
    tokens text[] NOT NULL,
    key_id text,
    title text NOT NULL,
    questions text[] NOT NULL,
    as_of date,
    live boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    cancelled_at timestamptz,
    due_at timestamptz NOT NULL DEFAULT now(),
    served_at timestamptz,
    checked bigint NOT NULL DEFAULT -1,
    event bigint NOT NULL DEFAULT 0,
    strict boolean NOT NULL DEFAULT false
);
CREATE INDEX reviews_owner ON reviews (owner, number);

CREATE TABLE review_documents (
    review_id uuid NOT NULL REFERENCES reviews ON DELETE CASCADE,
    number integer NOT NULL,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (review_id, number),
    UNIQUE (review_id, document_id)
);
CREATE INDEX review_documents_document ON review_documents (document_id);

-- number: of the document, question: 1.. of the review's. version: that its answer was asked of. attempt: how often it was
-- begun; tries: since it was last asked for; lost: how often the process that had begun it died. A running one whose
-- leased_until is past is begun again. event: that of the review with which it last changed. rests_on: the versions of its
-- document that the answer quotes or names; NULL where that is not known: nobody but the owner sees it.
CREATE TABLE review_cells (
    review_id uuid NOT NULL,
    number integer NOT NULL,
    question integer NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'answered', 'partial', 'not_found', 'failed', 'absent')),
    code text NOT NULL DEFAULT '',
    audit_id uuid,
    version integer,
    attempt integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    leased_until timestamptz,
    computed_at timestamptz,
    event bigint NOT NULL DEFAULT 0,
    rests_on integer[],
    PRIMARY KEY (review_id, number, question),
    FOREIGN KEY (review_id, number) REFERENCES review_documents ON DELETE CASCADE
);
CREATE INDEX review_cells_open ON review_cells (review_id, number, question) WHERE state IN ('waiting', 'running');
CREATE INDEX review_cells_event ON review_cells (review_id, event);
CREATE INDEX review_cells_answer ON review_cells (audit_id) WHERE audit_id IS NOT NULL;

-- With whom (user:NAME or group:NAME) a review is shared.
CREATE TABLE review_shares (
    review_id uuid NOT NULL REFERENCES reviews ON DELETE CASCADE,
    principal text NOT NULL,
    PRIMARY KEY (review_id, principal)
);
CREATE INDEX review_shares_principal ON review_shares (principal);

-- Questions that go on from each other. owner: user:NAME, who asked. title: '' until the owner gives one; what it is called
-- then is told from the first question, which the trail alone has. matter: what the owner files it under.
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    title text NOT NULL DEFAULT '',
    matter text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversations_owner ON conversations (owner, updated_at DESC, id DESC);

-- Its turns, 1..: which answer of the trail, and the numbers of the earlier ones whose questions it was put together with.
CREATE TABLE conversation_answers (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    audit_id uuid NOT NULL,
    carried integer[] NOT NULL DEFAULT '{}',
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX conversation_answers_audit ON conversation_answers (audit_id);

-- With whom (user:NAME or group:NAME) a turn is shared; number 0: all of them, later ones too.
CREATE TABLE conversation_shares (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    principal text NOT NULL,
    PRIMARY KEY (conversation_id, number, principal)
);
CREATE INDEX conversation_shares_principal ON conversation_shares (principal);

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
-- index as the asker sees it. slices: kind, group, language and the like. version: digest of what the case asks and expects,
-- alone; '' before migration 0039. evidence: digest of the versions of the documents of its gold as the asker read them; ''
-- where it has none, and before that migration.
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
    version text NOT NULL DEFAULT '' CHECK (version ~ '^([0-9a-f]{64})?$'),
    evidence text NOT NULL DEFAULT '' CHECK (evidence ~ '^([0-9a-f]{64})?$'),
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
    action text NOT NULL CHECK (
        action IN ('propose', 'shadow', 'canary', 'ab', 'promote', 'rollback', 'stop', 'retire')
    ),
    name text NOT NULL REFERENCES releases,
    previous text REFERENCES releases,
    by text NOT NULL,
    share double precision CHECK (share > 0 AND share < 1),
    evidence jsonb NOT NULL,
    CHECK ((share IS NOT NULL) = (action IN ('canary', 'ab')))
);

-- The release that was current at a moment; '' for none. As `standing` of infra/postgres/releases.py tells it.
CREATE FUNCTION current_release(at timestamptz) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT CASE e.action WHEN 'promote' THEN e.name ELSE e.previous END FROM public.release_events e
        WHERE e.action IN ('promote', 'rollback') AND e.at <= $1 ORDER BY e.number DESC LIMIT 1
    ), '')
$$;

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

-- Other indexes of the same documents, beside the one that `chunks` holds: with another embedder, or cut otherwise. A release
-- may be answered from one (docs/releases.md).

-- embedder: its name and digest. chunking: as in versions. base_chunking: what documents were cut by of which nobody had
-- said anything, when it was made; these are cut by `chunking` here, the others by what was said.
CREATE TABLE indexes (
    name text PRIMARY KEY CHECK (name ~ '^beside-[0-9a-f]{12}$'),
    embedder text NOT NULL,
    chunking text NOT NULL,
    base_chunking text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- What such an index holds of a content as it was read. of_key, of_chunking: the index_key and chunking that its versions had
-- then; where they have others by now, it is behind. cut_by: chunking of its chunks here. made_at: a content may be here before
-- the version that has it.
CREATE TABLE index_keys (
    index_name text NOT NULL REFERENCES indexes ON DELETE CASCADE,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    reading text NOT NULL,
    index_key bytea NOT NULL CHECK (octet_length(index_key) = 32),
    of_key bytea NOT NULL CHECK (octet_length(of_key) = 32),
    of_chunking text NOT NULL,
    cut_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (index_name, document_id, reading)
);
CREATE INDEX index_keys_document ON index_keys (document_id);

-- As chunks.
CREATE TABLE index_chunks (
    index_name text NOT NULL DEFAULT current_setting('footnote.index') REFERENCES indexes ON DELETE CASCADE,
    id text NOT NULL,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    text text NOT NULL,
    title text NOT NULL,
    section_path text[] NOT NULL,
    page integer,
    table_header text NOT NULL,
    embedding bytea NOT NULL,
    reading text NOT NULL,
    summary text NOT NULL DEFAULT '',
    parent integer[] CHECK (cardinality(parent) = 2),
    PRIMARY KEY (index_name, id)
);
CREATE UNIQUE INDEX index_chunks_place ON index_chunks (index_name, document_id, reading, ordinal);
CREATE INDEX index_chunks_document ON index_chunks (document_id);
ALTER TABLE index_chunks ALTER COLUMN embedding SET STORAGE EXTERNAL;

CREATE TABLE index_segments (
    index_name text NOT NULL DEFAULT current_setting('footnote.index') REFERENCES indexes ON DELETE CASCADE,
    name text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    rows bigint NOT NULL
);

GRANT SELECT ON index_keys, index_chunks TO footnote_reader;
ALTER TABLE index_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE index_chunks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reader ON index_keys FOR SELECT TO footnote_reader
    USING (
        (
            SELECT true FROM versions
            WHERE versions.document_id = index_keys.document_id AND versions.reading = index_keys.reading LIMIT 1
        )
    );
CREATE POLICY reader ON index_chunks FOR SELECT TO footnote_reader
    USING (
        (
            SELECT true FROM versions
            WHERE versions.document_id = index_chunks.document_id AND versions.reading = index_chunks.reading LIMIT 1
        )
    );
CREATE POLICY owner ON index_keys TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY owner ON index_chunks TO CURRENT_USER USING (true) WITH CHECK (true);
