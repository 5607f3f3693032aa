-- Lists of very many documents: what they ask lies in rows of its own (before, each list looked at whole versions), and
-- indexes that hold all that an order needs, so that a page from the middle is there as soon as the first.
DROP INDEX versions_title, versions_created_at, versions_document_date, versions_effective, versions_bytes, documents_source;

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

SELECT list_documents(ARRAY(SELECT id FROM documents));
ANALYZE listed_documents;
