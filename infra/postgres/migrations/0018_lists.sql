-- In the order in which documents are listed, page by page; the whole of a long source would not fit an index.
CREATE INDEX documents_source ON documents ((left(source, 500)) COLLATE "C", id);
CREATE INDEX documents_created ON documents (created_at, id);
