-- In the order in which documents are listed, page by page.
CREATE INDEX documents_source ON documents (source COLLATE "C", id);
CREATE INDEX documents_created ON documents (created_at, id);
