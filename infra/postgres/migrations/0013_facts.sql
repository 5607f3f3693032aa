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

-- facts_changed: the generation in which a person last set a fact of the document.
ALTER TABLE documents ADD COLUMN facts_changed bigint;
CREATE INDEX documents_facts_changed ON documents (facts_changed) WHERE facts_changed IS NOT NULL;

GRANT SELECT ON facts TO footnote_reader;
ALTER TABLE facts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reader ON facts FOR SELECT TO footnote_reader
    USING (
        CASE WHEN set_by IS NULL THEN (
            SELECT true FROM versions
            WHERE versions.document_id = facts.document_id AND versions.version = facts.version
        ) ELSE (SELECT true FROM documents WHERE documents.id = facts.document_id) END
    );
CREATE POLICY owner ON facts TO CURRENT_USER USING (true) WITH CHECK (true);
