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
