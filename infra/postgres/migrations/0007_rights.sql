-- Who may change a document, and a recycle bin: a deleted document is hidden at once and kept for a while.
ALTER TABLE documents ADD COLUMN owner text;
ALTER TABLE documents ADD COLUMN managers text[] NOT NULL DEFAULT '{}';
ALTER TABLE documents ADD COLUMN deleted_at timestamptz;
CREATE INDEX documents_deleted ON documents (deleted_at) WHERE deleted_at IS NOT NULL;

DROP POLICY reader ON documents;
CREATE POLICY reader ON documents FOR SELECT TO footnote_reader
    USING (deleted_at IS NULL AND (SELECT true FROM access_labels WHERE access_labels.id = documents.label_id));

UPDATE documents SET owner = (regexp_match(source, '^upload/([^/]+)/[^/]+$'))[1];
