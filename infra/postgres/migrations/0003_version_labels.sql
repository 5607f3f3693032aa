-- A version keeps the label under which it was added: a later one for more readers does not open it.
-- A document's label must let the reader in as well, so that a revocation closes every version.
ALTER TABLE versions ADD COLUMN label_id text REFERENCES access_labels;
UPDATE versions SET label_id = documents.label_id FROM documents WHERE documents.id = versions.document_id;
ALTER TABLE versions ALTER COLUMN label_id SET NOT NULL;
CREATE INDEX versions_label ON versions (label_id);

DROP POLICY reader ON versions;
CREATE POLICY reader ON versions FOR SELECT TO footnote_reader
    USING (
        (SELECT true FROM documents WHERE documents.id = versions.document_id)
        AND (SELECT true FROM access_labels WHERE access_labels.id = versions.label_id)
    );
