-- What ingestion was unsure of: [[kind, words, page, start, end], ...], and what became of each page:
-- {"counts": {"text", "ocr", "unread", "blank"}, "pages": [[number, source, label, bates, confidence], ...]}.
ALTER TABLE versions ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]';
ALTER TABLE versions ADD COLUMN pages jsonb NOT NULL DEFAULT '{}';

-- parser_rules: by which rules the original was last read. Where other words were found then than the version has, a
-- later version of the same bytes corrects it.
ALTER TABLE versions ADD COLUMN parser_rules integer NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN corrects integer;
CREATE INDEX versions_parser_rules ON versions (parser_rules);

-- Chunks belong to a content as it was read: the same bytes, read by other rules, have others. What was stored before
-- goes by the content's own digest.
ALTER TABLE versions ADD COLUMN reading text;
UPDATE versions SET reading = content_sha256;
ALTER TABLE versions ALTER COLUMN reading SET NOT NULL;
ALTER TABLE chunks ADD COLUMN reading text;
UPDATE chunks SET reading = content_sha256;
ALTER TABLE chunks ALTER COLUMN reading SET NOT NULL;
DROP POLICY reader ON chunks;
DROP INDEX chunks_place;
DROP INDEX versions_document_content;
ALTER TABLE chunks DROP COLUMN content_sha256;
CREATE UNIQUE INDEX chunks_place ON chunks (document_id, reading, ordinal);
CREATE INDEX versions_document_reading ON versions (document_id, reading);
CREATE POLICY reader ON chunks FOR SELECT TO footnote_reader
    USING (
        (
            SELECT true FROM versions
            WHERE versions.document_id = chunks.document_id AND versions.reading = chunks.reading LIMIT 1
        )
    );
