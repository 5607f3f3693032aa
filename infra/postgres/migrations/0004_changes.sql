-- The index follows the catalog by its changes, and every version stays searchable.

-- A number for each label, and for every document the generation of its last change.
ALTER TABLE access_labels ADD COLUMN number integer;
UPDATE access_labels SET number = numbered.number
FROM (SELECT id, row_number() OVER (ORDER BY id COLLATE "C") AS number FROM access_labels) numbered
WHERE numbered.id = access_labels.id;
ALTER TABLE access_labels ALTER COLUMN number SET NOT NULL;
CREATE UNIQUE INDEX access_labels_number ON access_labels (number);

ALTER TABLE documents ADD COLUMN generation bigint;
UPDATE documents SET generation = (SELECT generation FROM catalog_generation);
ALTER TABLE documents ALTER COLUMN generation SET NOT NULL;
CREATE INDEX documents_generation ON documents (generation);

ALTER TABLE retired_documents ADD COLUMN generation bigint;
UPDATE retired_documents SET generation = (SELECT generation FROM catalog_generation);
ALTER TABLE retired_documents ALTER COLUMN generation SET NOT NULL;
CREATE INDEX retired_documents_generation ON retired_documents (generation);

-- Chunks belong to a document's content, whatever versions have it, and stay when a newer version comes.
ALTER TABLE chunks ADD COLUMN content_sha256 text;
UPDATE chunks SET content_sha256 = versions.content_sha256 FROM versions
WHERE versions.document_id = chunks.document_id AND versions.version = chunks.version;
ALTER TABLE chunks ALTER COLUMN content_sha256 SET NOT NULL;
DROP POLICY reader ON chunks;
ALTER TABLE chunks DROP COLUMN version;
CREATE UNIQUE INDEX chunks_place ON chunks (document_id, content_sha256, ordinal);
ALTER TABLE chunks ADD FOREIGN KEY (document_id) REFERENCES documents ON DELETE CASCADE;

-- The digest of what the index holds of a version's content (`infra/postgres/rows.py` has the same bytes), NULL if
-- nothing: versions replaced before this migration have lost their chunks, and get some with the same bytes again.
ALTER TABLE versions ADD COLUMN index_key bytea CHECK (octet_length(index_key) = 32);
UPDATE versions SET index_key = held.key
FROM (
    SELECT document_id, content_sha256, sha256(
        convert_to(content_sha256, 'UTF8') || string_agg(
            sha256(convert_to(id || E'\n' || array_to_string(
                ARRAY[
                    array_to_string(title || section_path, ' > '), nullif(table_header, ''), nullif(text, '')
                ],
                E'\n'
            ), 'UTF8')),
            ''::bytea ORDER BY ordinal
        )
    ) AS key
    FROM chunks GROUP BY document_id, content_sha256
) held
WHERE held.document_id = versions.document_id AND held.content_sha256 = versions.content_sha256;

-- The day from which a version holds: that of the document if it names one, else the day it was added; but a first
-- version without a day holds since ever, for nobody knows what was before it.
ALTER TABLE versions ADD COLUMN effective date;
UPDATE versions SET effective =
    CASE version WHEN 1 THEN date '0001-01-01' ELSE (created_at AT TIME ZONE 'UTC')::date END;
DO $$
DECLARE
    dated record;
BEGIN
    FOR dated IN
        SELECT document_id, version, document_date || substr('-01-01', length(document_date) - 3) AS day
        FROM versions WHERE document_date ~ '^\d{4}(-\d\d(-\d\d)?)?$'
    LOOP
        BEGIN
            UPDATE versions SET effective = dated.day::date
            WHERE document_id = dated.document_id AND version = dated.version;
        EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
            NULL;  -- no day of the calendar
        END;
    END LOOP;
END
$$;
ALTER TABLE versions ALTER COLUMN effective SET NOT NULL;
CREATE INDEX versions_document_content ON versions (document_id, content_sha256);
CREATE INDEX versions_catalog ON versions (document_id, version) INCLUDE (index_key, label_id, effective);

CREATE POLICY reader ON chunks FOR SELECT TO footnote_reader
    USING (
        (
            SELECT true FROM versions
            WHERE versions.document_id = chunks.document_id AND versions.content_sha256 = chunks.content_sha256 LIMIT 1
        )
    );

-- A segment's folder names what it holds. Those of before have another format.
DELETE FROM segments;
ALTER TABLE segments DROP COLUMN keys;
ALTER TABLE segments ADD COLUMN rows bigint NOT NULL;
