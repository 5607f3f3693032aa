-- How the chunks of a version were made: a kind, perhaps with "+summary" (`ingest.types.Chunking`).
ALTER TABLE versions ADD COLUMN chunking text NOT NULL DEFAULT 'structure';

-- summary: what the document is about, indexed with the chunk, '' without. parent: [start, end) of the text that is
-- shown where the chunk is found; NULL: the chunk itself.
ALTER TABLE chunks ADD COLUMN summary text NOT NULL DEFAULT '';
ALTER TABLE chunks ADD COLUMN parent integer[] CHECK (cardinality(parent) = 2);
