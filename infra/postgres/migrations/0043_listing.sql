-- Lists of many documents are read in their order, whichever it is, and what people said of documents is found without
-- looking at all facts.
CREATE INDEX versions_title ON versions ((left(lower(title), 500)) COLLATE "C", document_id);
CREATE INDEX versions_created_at ON versions (created_at, document_id);
CREATE INDEX versions_document_date ON versions ((coalesce(document_date, '')) COLLATE "C", document_id);
CREATE INDEX versions_effective ON versions (effective, document_id);
CREATE INDEX versions_bytes ON versions (bytes, document_id);
CREATE INDEX facts_set ON facts (document_id) WHERE set_by IS NOT NULL;
