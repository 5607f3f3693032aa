-- Every statement that the stores run. `%(name)s` is a parameter.

-- name: read_as
SELECT set_config('footnote.principals', %(tokens)s::text[]::text, true), set_config('role', 'footnote_reader', true)

-- name: snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY


-- Migrations

-- name: lock_migrations
SELECT pg_advisory_xact_lock(7305508901)

-- name: create_schema_migrations
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- name: applied_migrations
SELECT name, sha256 FROM schema_migrations ORDER BY name

-- name: record_migration
INSERT INTO schema_migrations (name, sha256) VALUES (%(name)s, %(sha256)s)


-- Installation

-- name: is_demo
SELECT demo FROM installation

-- name: mark_demo
UPDATE installation SET demo = true WHERE NOT demo


-- Documents, written and deleted

-- name: bump_generation
UPDATE catalog_generation SET generation = generation + 1 RETURNING generation

-- name: bind_embedder
UPDATE catalog_generation SET embedder = %(name)s WHERE embedder IS NULL

-- name: bound_embedder
SELECT embedder FROM catalog_generation

-- name: lock_generation
SELECT generation FROM catalog_generation FOR UPDATE

-- name: find_document
SELECT d.id::text, d.current_version, v.content_sha256, l.principals, d.owner, d.managers, d.deleted_at IS NOT NULL,
    v.parser_rules, d.parent_id::text, d.parts_pending,
    EXISTS (SELECT FROM documents part WHERE part.parent_id = d.id AND part.deleted_at IS NULL), v.chunking, v.language,
    c.document_id IS NOT NULL, c.asked
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
LEFT JOIN collection_documents c ON c.document_id = d.id
WHERE d.id = %(id)s

-- name: add_label
INSERT INTO access_labels (id, principals, number)
SELECT %(id)s, %(principals)s, 1 + coalesce(max(number), 0) FROM access_labels
ON CONFLICT (id) DO NOTHING

-- name: next_version
SELECT 1 + coalesce(
    (SELECT current_version FROM documents WHERE id = %(id)s),
    (SELECT last_version FROM retired_documents WHERE document_id = %(id)s),
    0
)

-- name: put_document
INSERT INTO documents (
    id, source, label_id, current_version, generation, owner, managers, parent_id, parts_pending
) VALUES (
    %(id)s, %(source)s, %(label)s, %(version)s, %(generation)s, %(owner)s, coalesce(%(managers)s::text[], '{}'),
    %(parent)s, %(pending)s
)
ON CONFLICT (id) DO UPDATE
SET label_id = excluded.label_id, current_version = excluded.current_version, generation = excluded.generation,
    managers = coalesce(%(managers)s::text[], documents.managers), parts_pending = excluded.parts_pending

-- name: children
SELECT d.id::text, d.source, d.current_version, v.content_sha256, l.principals
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE d.parent_id = ANY (%(parents)s::uuid[]) AND (d.deleted_at IS NULL OR %(deleted)s)
ORDER BY d.source COLLATE "C"

-- name: settle_parts
UPDATE documents SET parts_pending = %(pending)s WHERE id = %(id)s

-- name: inherit
UPDATE documents c SET owner = p.owner, managers = p.managers
FROM documents p
WHERE p.id = %(id)s AND c.parent_id = p.id

-- name: unretire_document
DELETE FROM retired_documents WHERE document_id = %(id)s

-- name: content_is_indexed
SELECT FROM versions
WHERE document_id = %(id)s AND reading = %(reading)s AND index_key = %(index_key)s LIMIT 1

-- name: is_reading
SELECT FROM versions WHERE document_id = %(id)s AND reading = %(reading)s LIMIT 1

-- name: delete_chunks
DELETE FROM chunks WHERE document_id = %(id)s AND reading = %(reading)s

-- name: said_language
SELECT language FROM versions WHERE document_id = %(id)s AND reading = %(reading)s AND language_set LIMIT 1

-- name: put_language
UPDATE versions SET language = %(language)s, language_set = true
WHERE document_id = %(id)s AND reading = (
    SELECT own.reading FROM versions own WHERE own.document_id = %(id)s AND own.version = %(version)s
)
RETURNING reading, content_sha256

-- name: key_language
UPDATE versions SET index_key = %(index_key)s WHERE document_id = %(id)s AND reading = %(reading)s

-- name: content_chunks
SELECT id, ordinal, start_offset, end_offset, text, title, section_path, page, table_header, summary, parent
FROM chunks WHERE document_id = %(id)s AND reading = %(reading)s ORDER BY ordinal

-- name: key_content
UPDATE versions SET index_key = %(index_key)s, chunking = %(chunking)s
WHERE document_id = %(id)s AND reading = %(reading)s

-- name: add_version
INSERT INTO versions (
    document_id, version, content_sha256, media_type, bytes, page_count, title, document_date, text, layout, label_id,
    names, name_rules, warnings, pages, parser_rules, reading, chunking, language,
    language_set, effective
)
SELECT
    %(id)s, %(version)s, %(content_sha256)s, %(media_type)s, %(bytes)s, %(page_count)s, %(title)s,
    coalesce(%(date)s, later.day::text), %(text)s, %(layout)s, %(label)s, %(names)s, %(name_rules)s, %(warnings)s,
    %(pages)s, %(parser_rules)s, %(reading)s, %(chunking)s, %(language)s, %(language_set)s,
    coalesce(%(effective)s::date, later.day, date '0001-01-01')
FROM (
    SELECT CASE WHEN EXISTS (SELECT FROM versions before WHERE before.document_id = %(id)s)
        THEN (now() AT TIME ZONE 'UTC')::date END AS day
) later

-- name: unnamed_versions
SELECT d.id::text, v.version, d.source, v.title, v.media_type, left(v.text, %(chars)s)
FROM versions v JOIN documents d ON d.id = v.document_id
WHERE v.name_rules < %(rules)s
LIMIT %(limit)s

-- name: name_version
UPDATE versions SET names = %(names)s, name_rules = %(name_rules)s WHERE document_id = %(id)s AND version = %(version)s

-- name: behind_documents
SELECT d.id::text FROM documents d
WHERE d.deleted_at IS NULL AND (d.id = ANY (%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL) AND EXISTS (
    SELECT FROM versions v
    WHERE v.document_id = d.id AND v.parser_rules < %(rules)s AND NOT EXISTS (
        SELECT FROM versions later WHERE later.document_id = v.document_id AND later.corrects = v.version
    )
)
ORDER BY d.source COLLATE "C"

-- name: readings
SELECT d.source, v.version, v.content_sha256, v.text, v.reading, v.index_key, v.parser_rules, v.chunking,
    v.language, v.language_set
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND d.deleted_at IS NULL AND NOT EXISTS (
    SELECT FROM versions later WHERE later.document_id = v.document_id AND later.corrects = v.version
)
ORDER BY v.version

-- name: copy_version
INSERT INTO versions (
    document_id, version, content_sha256, media_type, bytes, page_count, title, document_date, text, layout, label_id,
    index_key, effective, names, name_rules, warnings, pages, parser_rules, corrects, reading, chunking,
    language, language_set
)
SELECT document_id, %(version)s, content_sha256, media_type, bytes, page_count, title, document_date, text, layout,
    label_id, index_key, effective, names, name_rules, warnings, pages, parser_rules, version, reading, chunking,
    language, language_set
FROM versions WHERE document_id = %(id)s AND version = %(corrects)s

-- name: forget_facts
DELETE FROM facts WHERE document_id = %(id)s AND version = %(version)s AND set_by IS NULL

-- name: add_fact
INSERT INTO facts (document_id, version, kind, value, role, term, start_offset, end_offset)
VALUES (%(id)s, %(version)s, %(kind)s, %(value)s, %(role)s, %(term)s, %(start)s, %(end)s)

-- name: copy_facts
INSERT INTO facts (document_id, version, kind, value, role, term, start_offset, end_offset)
SELECT document_id, %(version)s, kind, value, role, term, start_offset, end_offset
FROM facts WHERE document_id = %(id)s AND version = %(corrects)s AND set_by IS NULL ORDER BY id

-- name: corrections
SELECT id, kind, value, replaces FROM facts WHERE document_id = %(id)s AND set_by IS NOT NULL ORDER BY id

-- name: told_values
SELECT f.value, f.replaces FROM facts f
LEFT JOIN versions v ON v.document_id = f.document_id AND v.version = f.version
LEFT JOIN access_labels l ON l.id = v.label_id
WHERE f.document_id = %(id)s AND f.kind = %(kind)s
    AND (f.set_by IS NOT NULL OR %(operator)s
        OR l.principals && %(tokens)s::text[] AND NOT l.principals && %(walls)s::text[])

-- name: drop_fact
DELETE FROM facts WHERE id = %(row)s

-- name: set_fact
INSERT INTO facts (document_id, version, kind, value, role, term, start_offset, end_offset, replaces, set_by, set_at)
VALUES (%(id)s, %(version)s, %(kind)s, %(value)s, %(role)s, %(term)s, %(start)s, %(end)s, %(replaces)s, %(by)s, now())

-- name: facts_changed
UPDATE documents SET facts_changed = %(generation)s WHERE id = %(id)s

-- name: set_reading
UPDATE versions
SET media_type = %(media_type)s, page_count = %(page_count)s, title = %(title)s, text = %(text)s, layout = %(layout)s,
    names = %(names)s, name_rules = %(name_rules)s, warnings = %(warnings)s, pages = %(pages)s,
    parser_rules = %(parser_rules)s, reading = %(reading)s, chunking = %(chunking)s,
    language = %(language)s, language_set = %(language_set)s
WHERE document_id = %(id)s AND version = %(version)s

-- name: read_by_rules
UPDATE versions SET parser_rules = %(rules)s WHERE document_id = %(id)s AND version = ANY (%(versions)s::integer[])

-- name: move_current_version
UPDATE documents SET current_version = coalesce(%(version)s::integer, current_version), generation = %(generation)s
WHERE id = %(id)s

-- name: correcting_versions
SELECT document_id::text, corrects, version FROM versions WHERE corrects IS NOT NULL

-- name: version_words
SELECT d.source, v.text FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = %(version)s

-- name: add_chunk
INSERT INTO chunks (
    id, document_id, reading, ordinal, start_offset, end_offset, text, title, section_path, page, table_header,
    summary, parent, embedding
) VALUES (
    %(id)s, %(document_id)s, %(reading)s, %(ordinal)s, %(start)s, %(end)s, %(text)s, %(title)s, %(section_path)s,
    %(page)s, %(table_header)s, %(summary)s, %(parent)s, %(embedding)b
)

-- name: relabel_document
WITH relabelled AS (
    UPDATE documents
    SET label_id = %(label)s, generation = %(generation)s, managers = coalesce(%(managers)s::text[], managers)
    WHERE id = %(id)s OR parent_id = %(id)s
    RETURNING id, current_version
)
UPDATE versions v SET label_id = %(label)s FROM relabelled r WHERE v.document_id = r.id AND v.version = r.current_version

-- name: content_of_documents
SELECT DISTINCT content_sha256 FROM versions WHERE document_id = ANY (%(ids)s::uuid[])

-- name: document_rights
SELECT d.id::text, d.source, d.current_version, v.content_sha256, l.principals, d.parent_id IS NULL AND (%(operator)s OR (
    coalesce(%(admin)s OR d.owner = %(user)s OR d.managers && %(tokens)s::text[], false)
    AND NOT EXISTS (
        SELECT FROM versions hidden
        JOIN access_labels own ON own.id = hidden.label_id
        WHERE hidden.document_id = d.id AND (NOT own.principals && %(tokens)s::text[] OR own.principals && %(walls)s::text[])
    )
    AND NOT EXISTS (
        SELECT FROM documents part
        JOIN versions hidden ON hidden.document_id = part.id
        JOIN access_labels own ON own.id = hidden.label_id
        WHERE part.parent_id = d.id AND (NOT own.principals && %(tokens)s::text[] OR own.principals && %(walls)s::text[])
    )
)), (SELECT p.source FROM documents p WHERE p.id = d.parent_id)
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE (d.id = ANY (%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL)
    AND (%(operator)s OR l.principals && %(tokens)s::text[] AND NOT l.principals && %(walls)s::text[])
    AND CASE WHEN %(deleted)s THEN d.deleted_at > now() - make_interval(days => %(days)s) ELSE d.deleted_at IS NULL END

-- name: delete_document
UPDATE documents SET deleted_at = now(), generation = %(generation)s
WHERE id = %(id)s OR (parent_id = %(id)s AND deleted_at IS NULL)

-- name: restore_document
UPDATE documents SET deleted_at = NULL, generation = %(generation)s
WHERE id = %(id)s OR (
    parent_id = %(id)s AND deleted_at = (SELECT p.deleted_at FROM documents p WHERE p.id = %(id)s)
)

-- name: expired_documents
SELECT d.id::text, d.source, d.current_version, v.content_sha256, l.principals
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE d.deleted_at <= now() - make_interval(days => %(days)s)
    AND NOT EXISTS (SELECT FROM held_documents h WHERE h.document_id = d.id)
ORDER BY d.deleted_at LIMIT %(limit)s

-- name: purge_documents
WITH gone AS (
    DELETE FROM documents WHERE id = ANY (%(ids)s::uuid[]) AND deleted_at IS NOT NULL
    RETURNING id, current_version, generation
)
INSERT INTO retired_documents (document_id, last_version, generation)
SELECT id, current_version, generation FROM gone

-- name: unreferenced_content
SELECT h FROM unnest(%(hashes)s::text[]) AS h
WHERE NOT EXISTS (SELECT FROM versions v WHERE v.content_sha256 = h)
    AND NOT EXISTS (SELECT FROM held_versions v WHERE v.content_sha256 = h)
    AND NOT EXISTS (SELECT FROM job_files f WHERE f.content_sha256 = h AND f.state <> 'done')


-- Documents, read as a principal

-- name: list_documents
SELECT d.id::text, v.title, d.source, v.version, v.media_type, v.page_count, v.bytes, v.document_date,
    (SELECT min(own.created_at) FROM versions own WHERE own.document_id = d.id),
    l.principals, v.warnings, v.pages -> 'counts', v.parser_rules, v.chunking, v.language
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
ORDER BY d.source COLLATE "C"

-- name: list_deleted
SELECT d.id::text, v.title, d.source, v.version, v.media_type, v.page_count, v.bytes, v.document_date,
    (SELECT min(own.created_at) FROM versions own WHERE own.document_id = d.id),
    d.deleted_at, d.deleted_at + make_interval(days => %(days)s), l.principals, v.warnings,
    v.pages -> 'counts', v.parser_rules, v.chunking, v.language
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE d.id = ANY (%(ids)s::uuid[])
ORDER BY d.deleted_at DESC, d.source COLLATE "C"

-- name: list_contents
SELECT d.source, v.content_sha256
FROM documents d
JOIN versions v ON v.document_id = d.id
ORDER BY d.source COLLATE "C", v.version

-- name: list_versions
SELECT document_id::text, version, created_at, content_sha256, corrects FROM versions
WHERE document_id = ANY (%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL
ORDER BY document_id, version

-- name: read_version
SELECT d.id::text, v.version, v.title, d.source, v.media_type, v.page_count, v.content_sha256, v.text, v.layout,
    v.warnings, v.pages, v.language
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: placed_text
SELECT d.id::text, v.version, v.title, v.media_type, v.text, (
    SELECT coalesce(jsonb_agg(part ORDER BY place), '[]')
    FROM jsonb_array_elements(v.layout -> 'elements') WITH ORDINALITY AS parts (part, place)
    WHERE part ->> 0 IN ('heading', 'table')
), v.warnings, v.pages, v.language
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: paged_version
SELECT d.id::text, v.version, v.title, v.media_type, v.page_count, v.content_sha256, v.pages
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: page_starts
SELECT (
    SELECT coalesce(jsonb_agg(jsonb_build_array(first.page, first.start)), '[]')
    FROM (
        SELECT place.page, min(place.start) FROM (
            SELECT (line ->> 2)::integer, (line ->> 0)::integer FROM jsonb_array_elements(v.layout -> 'lines') line
            UNION ALL
            SELECT (part ->> 4)::integer, (part ->> 2)::integer FROM jsonb_array_elements(v.layout -> 'elements') part
        ) AS place (page, start)
        WHERE place.page IS NOT NULL GROUP BY place.page
    ) AS first (page, start)
), char_length(v.text)
FROM versions v WHERE v.document_id = %(id)s AND v.version = %(version)s

-- name: boxes_of_version
SELECT v.version, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(line -> 2, line -> 3, line -> 4, line -> 5, line -> 6) ORDER BY place), '[]')
    FROM jsonb_array_elements(v.layout -> 'lines') WITH ORDINALITY AS lines (line, place)
    WHERE %(start)s < %(end)s AND (line ->> 0)::integer < %(end)s AND %(start)s < (line ->> 1)::integer
)
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: readable_version
SELECT v.version FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: read_facts
SELECT f.kind, f.value, f.role, f.term, f.version, f.start_offset, f.end_offset, f.replaces, f.set_by, f.set_at,
    substr(v.text, f.start_offset + 1, f.end_offset - f.start_offset)
FROM facts f LEFT JOIN versions v ON v.document_id = f.document_id AND v.version = f.version
WHERE f.document_id = %(id)s AND (f.set_by IS NOT NULL OR f.version = %(version)s)
ORDER BY f.id

-- name: read_day
SELECT v.effective
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = %(version)s

-- name: read_labels
SELECT v.document_id::text, v.version, of_document.principals, of_version.principals
FROM unnest(%(ids)s::uuid[], %(versions)s::integer[]) AS wanted (id, version)
JOIN versions v ON v.document_id = wanted.id AND v.version = wanted.version
JOIN documents d ON d.id = v.document_id
JOIN access_labels of_document ON of_document.id = d.label_id
JOIN access_labels of_version ON of_version.id = v.label_id

-- name: read_original
SELECT v.content_sha256, v.media_type, d.source, v.version
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(%(version)s::integer, d.current_version)

-- name: read_chunks
SELECT c.id, c.document_id::text, v.version, v.content_sha256, c.title, d.source, c.ordinal, c.start_offset,
    c.end_offset, c.text, c.section_path, c.page, c.table_header, c.parent,
    coalesce(v.language, 'und')
FROM chunks c
JOIN documents d ON d.id = c.document_id
CROSS JOIN LATERAL (
    SELECT version, content_sha256, language FROM versions
    WHERE document_id = c.document_id AND reading = c.reading
        AND (effective <= %(as_of)s::date OR %(as_of)s::date IS NULL)
    ORDER BY version DESC LIMIT 1
) v
WHERE c.id = ANY (%(ids)s::text[])

-- name: read_neighbours
SELECT c.id, c.document_id::text, v.version, v.content_sha256, c.title, d.source, c.ordinal, c.start_offset,
    c.end_offset, c.text, c.section_path, c.page, c.table_header, c.parent,
    coalesce(v.language, 'und')
FROM versions v
JOIN documents d ON d.id = v.document_id
JOIN chunks c ON c.document_id = v.document_id AND c.reading = v.reading
WHERE v.document_id = %(id)s AND v.version = %(version)s AND c.ordinal BETWEEN %(first)s AND %(last)s
ORDER BY c.ordinal

-- name: read_holding
SELECT c.id, c.document_id::text, v.version, v.content_sha256, c.title, d.source, c.ordinal, c.start_offset,
    c.end_offset, c.text, c.section_path, c.page, c.table_header, c.parent,
    coalesce(v.language, 'und')
FROM versions v
JOIN documents d ON d.id = v.document_id
JOIN chunks c ON c.document_id = v.document_id AND c.reading = v.reading
WHERE v.document_id = %(id)s AND v.version = %(version)s AND EXISTS (
    SELECT FROM unnest(%(words)s::text[]) word
    WHERE strpos(lower(coalesce(c.section_path[cardinality(c.section_path)], '') || ' ' || c.text), word) > 0
)
ORDER BY c.ordinal
LIMIT %(limit)s


-- name: read_parent
SELECT substr(v.text, c.parent[1] + 1, c.parent[2] - c.parent[1]), first.page, first.table_header
FROM versions v
JOIN chunks c ON c.document_id = v.document_id AND c.reading = v.reading
JOIN chunks first ON first.document_id = c.document_id AND first.reading = c.reading AND first.start_offset = c.parent[1]
WHERE v.document_id = %(id)s AND v.version = %(version)s AND c.id = %(chunk)s


-- Catalog

-- name: generation
SELECT generation FROM catalog_generation

-- name: changed_versions
SELECT string_agg(
    uuid_send(v.document_id) || coalesce(v.index_key, decode(repeat('00', 32), 'hex')) || int4send(l.number)
    || int4send(own.number) || int4send(v.version) || int4send(v.effective - date '1970-01-01')
    || boolsend(v.version = d.current_version),
    ''::bytea
)
FROM documents d
JOIN versions v ON v.document_id = d.id
JOIN access_labels l ON l.id = d.label_id
JOIN access_labels own ON own.id = v.label_id
WHERE d.generation > %(since)s AND d.deleted_at IS NULL

-- One value holds a gigabyte at most, so that of millions of documents come some at a time: those after one id and up to
-- another. Both tables are told the bounds, or each time all of `versions` is read.
-- name: last_of_documents
SELECT id FROM documents WHERE id > %(after)s ORDER BY id OFFSET %(more)s LIMIT 1

-- name: versions_of_page
SELECT string_agg(
    uuid_send(v.document_id) || coalesce(v.index_key, decode(repeat('00', 32), 'hex')) || int4send(l.number)
    || int4send(own.number) || int4send(v.version) || int4send(v.effective - date '1970-01-01')
    || boolsend(v.version = d.current_version),
    ''::bytea
)
FROM documents d
JOIN versions v ON v.document_id = d.id
JOIN access_labels l ON l.id = d.label_id
JOIN access_labels own ON own.id = v.label_id
WHERE d.id > %(after)s AND d.id <= %(last)s AND v.document_id > %(after)s AND v.document_id <= %(last)s
    AND d.deleted_at IS NULL

-- name: changed_documents
SELECT string_agg(uuid_send(id), ''::bytea) FROM (
    SELECT id FROM documents WHERE generation > %(since)s
    UNION ALL SELECT document_id FROM retired_documents WHERE generation > %(since)s
) changed

-- name: labels
SELECT number, principals FROM access_labels
WHERE number = ANY (%(numbers)s::integer[]) OR %(numbers)s::integer[] IS NULL

-- name: index_rows
SELECT k.place, c.id, c.document_id::text, c.ordinal, c.start_offset, c.end_offset, c.text, c.title, c.section_path,
    c.page, c.table_header, c.summary, v.language, c.embedding
FROM unnest(%(documents)b::uuid[], %(digests)b::bytea[]) WITH ORDINALITY AS k (document_id, index_key, place)
CROSS JOIN LATERAL (
    SELECT reading, language FROM versions v
    WHERE v.document_id = k.document_id AND v.index_key = k.index_key LIMIT 1
) v
JOIN chunks c ON c.document_id = k.document_id AND c.reading = v.reading
ORDER BY k.place, c.ordinal


-- name: names_of_keys
SELECT k.place, v.version, v.names, v.media_type
FROM unnest(%(documents)b::uuid[], %(digests)b::bytea[]) WITH ORDINALITY AS k (document_id, index_key, place)
CROSS JOIN LATERAL (
    SELECT version, names, media_type FROM versions v
    WHERE v.document_id = k.document_id AND v.index_key = k.index_key AND v.names IS NOT NULL
    ORDER BY version DESC LIMIT 1
) v

-- name: facts_of_versions
SELECT k.place, f.kind, f.value, f.role, f.term, f.replaces, f.set_by
FROM unnest(%(documents)b::uuid[], %(versions)b::integer[]) WITH ORDINALITY AS k (document_id, version, place)
JOIN facts f ON f.document_id = k.document_id AND (f.set_by IS NOT NULL OR f.version = k.version)
ORDER BY k.place, f.id

-- name: last_correction
SELECT coalesce(max(facts_changed), 0) FROM documents WHERE facts_changed IS NOT NULL

-- name: corrected_documents
SELECT id FROM documents WHERE facts_changed > %(since)s


-- Segments

-- name: list_segments
SELECT name, rows FROM segments ORDER BY created_at, name COLLATE "C"

-- name: remove_segments
DELETE FROM segments WHERE name = ANY (%(names)s::text[])

-- name: add_segment
INSERT INTO segments (name, rows) VALUES (%(name)s, %(rows)s)

-- name: try_publishing
SELECT pg_try_advisory_xact_lock(7305508903)


-- Indexes beside. The schema has the tables of an index under the names that queries know: a connection that has it first in
-- its search_path and names the index in footnote.index reads and writes that one, by the very same queries. Row-level
-- security is that of the tables beneath, for who asks. A column that versions gets later, and a query of an index needs, is
-- added here too.

-- name: make_beside
CREATE SCHEMA IF NOT EXISTS beside;
GRANT USAGE ON SCHEMA beside TO footnote_reader;
CREATE OR REPLACE VIEW beside.versions WITH (security_invoker = true) AS
    SELECT v.document_id, v.version, v.content_sha256, v.media_type, v.page_count, v.title, v.text, v.label_id,
        k.index_key, v.effective, v.names, v.corrects, v.reading, v.chunking, v.language, v.language_set
    FROM public.versions v
    LEFT JOIN public.index_keys k ON k.index_name = current_setting('footnote.index')
        AND k.document_id = v.document_id AND k.reading = v.reading;
CREATE OR REPLACE VIEW beside.chunks WITH (security_invoker = true) AS
    SELECT id, document_id, ordinal, start_offset, end_offset, text, title, section_path, page, table_header, embedding,
        reading, summary, parent
    FROM public.index_chunks WHERE index_name = current_setting('footnote.index');
CREATE OR REPLACE VIEW beside.segments WITH (security_invoker = true) AS
    SELECT name, created_at, rows FROM public.index_segments WHERE index_name = current_setting('footnote.index');
GRANT SELECT ON beside.versions, beside.chunks TO footnote_reader

-- name: connect_beside
SELECT set_config('search_path', 'beside, ' || current_setting('search_path'), false),
    set_config('footnote.index', %(name)s, false), 'beside.versions'::regclass

-- name: add_index
INSERT INTO indexes (name, embedder, chunking, base_chunking)
VALUES (%(name)s, %(embedder)s, %(chunking)s, %(base_chunking)s)
ON CONFLICT (name) DO NOTHING

-- name: list_indexes
SELECT name, embedder, chunking, base_chunking, created_at FROM indexes ORDER BY created_at, name

-- name: count_index
SELECT
    (
        SELECT count(DISTINCT (v.document_id, v.reading)) FROM versions v
        LEFT JOIN index_keys k ON k.index_name = %(name)s AND k.document_id = v.document_id AND k.reading = v.reading
        WHERE v.index_key IS NOT NULL AND (k.of_key, k.of_chunking) IS DISTINCT FROM (v.index_key, v.chunking)
    ),
    (SELECT count(*) FROM index_keys WHERE index_name = %(name)s),
    (SELECT count(*) FROM index_chunks WHERE index_name = %(name)s),
    (
        SELECT count(*) FROM index_keys k WHERE k.index_name = %(name)s AND k.cut_by <> (
            SELECT i.chunking FROM indexes i WHERE i.name = k.index_name
        )
    )

-- name: index_behind
SELECT DISTINCT ON (v.document_id, v.reading) v.document_id::text, d.source, v.reading, v.index_key, v.content_sha256,
    v.text, v.chunking, coalesce(v.language, ''), v.language_set
FROM versions v
JOIN documents d ON d.id = v.document_id
JOIN indexes i ON i.name = %(name)s
LEFT JOIN index_keys k ON k.index_name = i.name AND k.document_id = v.document_id AND k.reading = v.reading
WHERE v.index_key IS NOT NULL AND (k.of_key, k.of_chunking) IS DISTINCT FROM (v.index_key, v.chunking)
    AND (v.document_id, v.reading) > (%(after)s::uuid, %(reading)s)
    AND (v.document_id = ANY (%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL)
ORDER BY v.document_id, v.reading, v.version DESC
LIMIT %(limit)s

-- name: index_is_asked_for
SELECT FROM public.versions v JOIN indexes i ON i.name = %(name)s
LEFT JOIN index_keys k ON k.index_name = i.name AND k.document_id = v.document_id AND k.reading = v.reading
WHERE v.document_id = %(id)s AND v.reading = %(reading)s AND v.index_key = %(of_key)s AND v.chunking = %(of_chunking)s
    AND (k.of_key, k.of_chunking) IS DISTINCT FROM (v.index_key, v.chunking)
LIMIT 1

-- name: is_ahead
SELECT EXISTS (SELECT FROM indexes WHERE name = %(name)s)
    AND NOT EXISTS (SELECT FROM public.versions v WHERE v.document_id = %(id)s AND v.reading = %(reading)s)

-- name: forget_what_nothing_has
WITH gone AS (
    DELETE FROM index_keys k
    WHERE k.index_name = %(name)s AND k.made_at < now() - interval '1 hour'
        AND NOT EXISTS (SELECT FROM versions v WHERE v.document_id = k.document_id AND v.reading = k.reading)
    RETURNING k.document_id, k.reading
)
DELETE FROM index_chunks c USING gone
WHERE c.index_name = %(name)s AND c.document_id = gone.document_id AND c.reading = gone.reading

-- name: generation_beside
SELECT generation FROM catalog_generation WHERE EXISTS (SELECT FROM indexes WHERE name = %(name)s)

-- name: put_index_key
INSERT INTO index_keys (index_name, document_id, reading, index_key, of_key, of_chunking, cut_by)
VALUES (%(name)s, %(id)s, %(reading)s, %(index_key)s, %(of_key)s, %(of_chunking)s, %(cut_by)s)
ON CONFLICT (index_name, document_id, reading) DO UPDATE SET index_key = excluded.index_key, of_key = excluded.of_key,
    of_chunking = excluded.of_chunking, cut_by = excluded.cut_by, made_at = now()

-- name: try_following
SELECT pg_try_advisory_lock(hashtextextended('footnote ' || %(name)s, 0))

-- name: end_following
SELECT pg_advisory_unlock(hashtextextended('footnote ' || %(name)s, 0))

-- name: drop_index
DELETE FROM indexes WHERE name = %(name)s


-- Adapters

-- name: lock_adapters
SELECT pg_advisory_xact_lock(7305508904)

-- name: add_adapter
INSERT INTO adapters (name, base, base_sha256, gguf_sha256, peft_sha256, prompt_sha256, data_sha256, config)
VALUES (
    %(name)s, %(base)s, %(base_sha256)s, %(gguf_sha256)s, %(peft_sha256)s, %(prompt_sha256)s, %(data_sha256)s,
    %(config)s
)

-- name: list_adapters
SELECT name, base, base_sha256, gguf_sha256, peft_sha256, prompt_sha256, data_sha256, config, metrics, status,
    created_at, promoted_at
FROM adapters
ORDER BY created_at, name COLLATE "C"

-- name: current_adapter
SELECT name, base, base_sha256, gguf_sha256, peft_sha256, prompt_sha256, data_sha256, config, metrics, status,
    created_at, promoted_at
FROM adapters
WHERE base = %(base)s AND status = 'current'

-- name: retire_adapter
UPDATE adapters SET status = 'retired' WHERE base = %(base)s AND status = 'current'

-- name: promote_adapter
UPDATE adapters SET status = 'current', metrics = %(metrics)s, promoted_at = now() WHERE name = %(name)s

-- name: restore_adapter
UPDATE adapters SET status = 'current' WHERE name = %(name)s

-- name: log_adapter
INSERT INTO adapter_changes (action, name, previous, evidence)
VALUES (%(action)s, %(name)s, %(previous)s, %(evidence)s)

-- name: adapter_changes
SELECT c.number, c.at, c.action, c.name, c.previous, c.evidence
FROM adapter_changes c
JOIN adapters a ON a.name = c.name
WHERE a.base = %(base)s
ORDER BY c.number


-- Audit

-- name: lock_audit
SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(7305508902)

-- name: audit_tail
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1

-- name: audit_hash
SELECT hash FROM audit WHERE seq = %(seq)s

-- name: append_audit
INSERT INTO audit (seq, id, recorded_at, principal, prev_hash, record, hash)
VALUES (%(seq)s, %(id)s, %(recorded_at)s, %(principal)s, %(prev_hash)s, %(record)s, %(hash)s)

-- name: audit_chain
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit ORDER BY seq

-- name: show_audit
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
ORDER BY seq DESC LIMIT %(limit)s

-- name: audit_answer
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE id = %(id)s::uuid OR substring(record from '"answer_id":"([0-9a-f-]{36})"') = %(id)s::text
ORDER BY seq DESC


-- Jobs

-- name: lock_owner_jobs
SELECT pg_advisory_xact_lock(730552, hashtext(coalesce(%(owner)s::text, '')))

-- name: find_job_by_key
SELECT id::text, request_sha256 FROM jobs
WHERE owner = %(owner)s::text AND idempotency_key = %(key)s

-- name: waiting_of_owner
SELECT count(f.job_id), coalesce(sum(f.bytes), 0)::bigint
FROM jobs j JOIN job_files f ON f.job_id = j.id
WHERE j.owner IS NOT DISTINCT FROM %(owner)s::text AND j.finished_at IS NULL AND f.state IN ('queued', 'running')

-- name: add_job
INSERT INTO jobs (
    id, kind, title, owner, tokens, admin, queue, priority, idempotency_key, request_sha256, request, created_at
) VALUES (
    %(id)s, %(kind)s, %(title)s, %(owner)s, %(tokens)s, %(admin)s, %(queue)s, %(priority)s, %(key)s,
    %(request_sha256)s, %(request)s,
    greatest(clock_timestamp(), (
        SELECT max(created_at) + interval '1 microsecond' FROM jobs WHERE owner IS NOT DISTINCT FROM %(owner)s::text
    ))
)

-- name: lock_job
SELECT owner, kind, queue, priority, files, cancelled_at IS NOT NULL, sealed, finished_at IS NOT NULL FROM jobs
WHERE id = %(id)s FOR UPDATE

-- name: add_job_file
INSERT INTO job_files (job_id, number, name, source, content_sha256, bytes, state, report, event, ended_at)
VALUES (
    %(job)s, %(number)s, %(name)s, %(source)s, %(content_sha256)s, %(bytes)s, %(state)s, %(report)s,
    (SELECT event + 1 FROM jobs WHERE id = %(job)s), CASE WHEN %(state)s <> 'queued' THEN now() END
)

-- name: count_job_files
UPDATE jobs SET
    files = files + %(count)s, failed = failed + %(failed)s, done = done + %(done)s, event = event + 1, touched_at = now(),
    started_at = coalesce(started_at, CASE WHEN %(failed)s + %(done)s > 0 THEN now() END)
WHERE id = %(id)s

-- name: seal_job
UPDATE jobs SET sealed = true, finished_at = CASE WHEN done + failed + cancelled = files THEN now() END
WHERE id = %(id)s

-- name: open_request
SELECT request FROM jobs WHERE id = %(id)s AND NOT sealed AND cancelled_at IS NULL

-- name: sources_of_job
SELECT source FROM job_files WHERE job_id = %(id)s

-- name: forsaken_jobs
UPDATE jobs SET sealed = true, finished_at = CASE WHEN done + failed + cancelled = files THEN now() END
WHERE NOT sealed AND kind = 'ingest' AND touched_at < now() - %(seconds)s * interval '1 second'

-- name: note_task
UPDATE job_files SET task = %(task)s WHERE job_id = %(job)s AND number = %(number)s

-- name: touch_job
UPDATE jobs SET touched_at = now() WHERE id = %(id)s

-- name: unseal_job
UPDATE jobs SET sealed = false, cut_short = false, cancelled_at = NULL, finished_at = NULL, event = event + 1
WHERE id = %(id)s

-- name: raise_tasks_before
UPDATE procrastinate_jobs SET priority = greatest(priority, %(priority)s), queue_name = %(queue)s
WHERE status = 'todo' AND lock = ANY(%(locks)s)

-- name: begin_job_file
UPDATE job_files f SET
    state = 'running',
    attempt = attempt + 1,
    tries = tries + 1,
    lost = lost + 1,
    started_at = coalesce(f.started_at, now()),
    before = coalesce(
        f.before, (SELECT d.current_version FROM documents d WHERE d.id = %(document)s AND d.deleted_at IS NULL), 0
    )
FROM jobs j
WHERE f.job_id = %(job)s AND f.number = %(number)s AND j.id = f.job_id AND f.state IN ('queued', 'running')
RETURNING f.name, f.source, f.content_sha256, f.attempt, f.tries, f.lost, f.before, j.owner, j.tokens, j.admin, j.request

-- name: begin_job
UPDATE jobs SET started_at = now(), event = event + 1 WHERE id = %(id)s AND started_at IS NULL

-- name: source_of_job_file
SELECT source FROM job_files WHERE job_id = %(job)s AND number = %(number)s

-- name: end_job_file
WITH ended AS (
    UPDATE job_files f SET
        state = %(state)s,
        lost = 0,
        ended_at = now(),
        report = %(report)s,
        event = (SELECT event + 1 FROM jobs WHERE id = f.job_id)
    WHERE f.job_id = %(job)s AND f.number = %(number)s AND f.state = 'running' AND f.attempt = %(attempt)s
    RETURNING f.job_id, f.state
)
UPDATE jobs j SET
    event = event + 1,
    done = done + (ended.state = 'done')::int,
    failed = failed + (ended.state = 'failed')::int,
    finished_at = CASE WHEN sealed AND done + failed + cancelled + 1 = files THEN now() END
FROM ended WHERE j.id = ended.job_id

-- name: hand_back_job_file
UPDATE job_files SET state = CASE WHEN state = 'running' THEN 'queued' ELSE state END, lost = greatest(lost - 1, 0)
WHERE job_id = %(job)s AND number = %(number)s AND attempt = %(attempt)s

-- name: cancel_job_files
WITH gone AS (
    UPDATE job_files f SET
        state = 'cancelled', ended_at = now(), event = (SELECT event + 1 FROM jobs WHERE id = f.job_id)
    WHERE f.job_id = %(id)s AND f.state = 'queued'
    RETURNING f.task
), unqueued AS (
    DELETE FROM procrastinate_jobs WHERE id IN (SELECT task FROM gone) AND status = 'todo' RETURNING id
)
UPDATE jobs SET
    cut_short = cut_short OR NOT sealed,
    sealed = true,
    cancelled_at = now(),
    event = event + 1,
    cancelled = cancelled + (SELECT count(*) FROM gone),
    finished_at = CASE WHEN done + failed + cancelled + (SELECT count(*) FROM gone) = files THEN now() END
WHERE id = %(id)s AND (SELECT count(*) FROM unqueued) IS NOT NULL

-- name: unfinished_alike
SELECT id FROM jobs
WHERE owner IS NULL AND finished_at IS NULL AND request_sha256 = %(asked)s
ORDER BY id

-- name: retry_job_files
WITH again AS (
    UPDATE job_files f SET
        state = 'queued', ended_at = NULL, report = NULL, tries = 0, lost = 0, task = NULL,
        event = (SELECT event + 1 FROM jobs WHERE id = f.job_id)
    FROM job_files o
    WHERE o.job_id = f.job_id AND o.number = f.number AND f.job_id = %(id)s AND f.state IN ('failed', 'cancelled')
        AND f.content_sha256 <> ''
    RETURNING f.number, f.source, o.state AS before
), counted AS (
    UPDATE jobs SET
        cancelled_at = NULL,
        finished_at = NULL,
        event = event + 1,
        failed = failed - (SELECT count(*) FROM again WHERE before = 'failed'),
        cancelled = cancelled - (SELECT count(*) FROM again WHERE before = 'cancelled')
    WHERE id = %(id)s AND EXISTS (SELECT FROM again)
)
SELECT number, source FROM again ORDER BY number

-- name: last_job_file
SELECT coalesce(max(number), 0) FROM job_files WHERE job_id = %(id)s

-- name: drop_unstaged_files
WITH gone AS (
    DELETE FROM job_files
    WHERE job_id = %(id)s AND state IN ('failed', 'cancelled') AND content_sha256 = ''
    RETURNING state
), counted AS (
    UPDATE jobs SET
        files = files - (SELECT count(*) FROM gone),
        failed = failed - (SELECT count(*) FROM gone WHERE state = 'failed'),
        cancelled = cancelled - (SELECT count(*) FROM gone WHERE state = 'cancelled')
    WHERE id = %(id)s AND EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone

-- name: give_up_kept
WITH kept AS (
    SELECT f.job_id, f.number, f.content_sha256,
        sum(f.bytes) OVER (ORDER BY j.created_at DESC, f.job_id, f.number) AS upto
    FROM jobs j JOIN job_files f ON f.job_id = j.id
    WHERE j.owner = %(owner)s::text AND j.finished_at IS NOT NULL AND f.state IN ('failed', 'cancelled')
        AND f.content_sha256 <> ''
), gone AS (
    UPDATE job_files f SET content_sha256 = '' FROM kept k
    WHERE f.job_id = k.job_id AND f.number = k.number AND f.state IN ('failed', 'cancelled') AND k.upto > %(bytes)s
    RETURNING k.content_sha256
)
SELECT DISTINCT content_sha256 FROM gone

-- name: read_jobs
SELECT j.id::text, j.kind, j.title, j.owner, j.created_at, j.started_at, j.finished_at, j.cancelled_at IS NOT NULL,
    j.sealed, j.cut_short, j.files, j.done, j.failed, j.cancelled, j.event,
    (extract(epoch FROM j.created_at) * 1000000)::bigint
FROM jobs j
WHERE (%(everyone)s OR j.owner = %(owner)s::text)
    AND (%(id)s::uuid IS NULL OR j.id = %(id)s::uuid)
    AND (%(before)s::bigint IS NULL OR (extract(epoch FROM j.created_at) * 1000000)::bigint < %(before)s::bigint)
ORDER BY j.created_at DESC, j.number DESC
LIMIT %(limit)s

-- name: job_pace
SELECT count(*), extract(epoch FROM now() - greatest(min(started_at), now() - interval '1 minute'))::float8
FROM job_files
WHERE job_id = %(id)s AND state IN ('done', 'failed') AND ended_at > now() - interval '1 minute'

-- name: job_outcomes
SELECT report ->> 'outcome', count(*)::int FROM job_files
WHERE job_id = %(id)s AND report IS NOT NULL GROUP BY 1 ORDER BY 1

-- name: read_job_files
SELECT number, name, source, bytes, state, attempt, started_at, ended_at, report, event FROM job_files
WHERE job_id = %(id)s AND number > %(after)s AND (%(state)s::text IS NULL OR state = %(state)s::text)
ORDER BY number
LIMIT %(limit)s

-- name: changed_job_files
SELECT number, name, source, bytes, state, attempt, started_at, ended_at, report, event FROM job_files
WHERE job_id = %(id)s AND (event, number) > (%(event)s, %(after)s)
ORDER BY event, number
LIMIT %(limit)s

-- name: adopt_tasks
UPDATE procrastinate_jobs t SET queue_name = CASE
    WHEN j.queue LIKE 'job-%%' AND j.touched_at < now() - %(seconds)s * interval '1 second' THEN %(bulk)s ELSE j.queue
END
FROM jobs j
WHERE t.status = 'todo' AND t.queue_name LIKE 'job-%%' AND j.id = (t.args ->> 'job')::uuid AND NOT EXISTS (
    SELECT FROM jobs k
    WHERE k.queue = t.queue_name AND k.finished_at IS NULL
        AND k.touched_at >= now() - %(seconds)s * interval '1 second'
)

-- name: stalled_tasks
UPDATE procrastinate_jobs t SET status = 'todo', attempts = attempts + 1, worker_id = NULL
WHERE t.status = 'doing' AND NOT EXISTS (
    SELECT FROM procrastinate_workers w
    WHERE w.id = t.worker_id AND w.last_heartbeat >= now() - %(seconds)s * interval '1 second'
)

-- name: lost_tasks
SELECT f.job_id::text, f.number, f.source FROM job_files f JOIN jobs j ON j.id = f.job_id
WHERE f.state IN ('queued', 'running') AND j.finished_at IS NULL
    AND NOT EXISTS (SELECT FROM procrastinate_jobs t WHERE t.id = f.task)
ORDER BY f.job_id, f.number
LIMIT %(limit)s

-- name: lost_folders
SELECT j.id::text, j.priority FROM jobs j
WHERE j.kind <> 'ingest' AND NOT j.sealed AND j.finished_at IS NULL
    AND NOT EXISTS (SELECT FROM procrastinate_jobs t WHERE t.lock = 'job ' || j.id::text)
ORDER BY j.id

-- name: purge_jobs
DELETE FROM jobs j WHERE j.finished_at < now() - %(days)s * interval '1 day' AND NOT EXISTS (
    SELECT FROM holds h WHERE h.kind = 'person' AND h.lifted_at IS NULL AND lower(h.subject) = lower(j.owner)
)

-- name: staged_of_old_jobs
SELECT DISTINCT f.content_sha256 FROM jobs j JOIN job_files f ON f.job_id = j.id
WHERE j.finished_at < now() - %(days)s * interval '1 day' AND f.state <> 'done'
    AND NOT EXISTS (
        SELECT FROM holds h WHERE h.kind = 'person' AND h.lifted_at IS NULL AND lower(h.subject) = lower(j.owner)
    )

-- name: stored_report
SELECT d.current_version, v.page_count, v.warnings, v.pages -> 'counts', v.language,
    (SELECT count(*)::int FROM chunks c WHERE c.document_id = d.id AND c.reading = v.reading)
FROM documents d JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
WHERE d.id = %(id)s


-- People, keys and sessions

-- name: add_api_key
INSERT INTO api_keys (id, hash, user_name, groups, scopes, label, expires_at)
VALUES (%(id)s, %(hash)s, %(user)s, %(groups)s, %(scopes)s, %(label)s, %(expires)s)

-- name: find_api_key
SELECT id, user_name, groups, scopes, label, created_at, revoked_at, expires_at, last_used_at,
    coalesce(expires_at <= now(), false), coalesce(last_used_at < now() - interval '1 hour', true)
FROM api_keys
WHERE hash = %(hash)s AND revoked_at IS NULL

-- name: list_api_keys
SELECT id, user_name, groups, scopes, label, created_at, revoked_at, expires_at, last_used_at,
    coalesce(expires_at <= now(), false)
FROM api_keys ORDER BY created_at, id

-- name: use_api_key
UPDATE api_keys SET last_used_at = now() WHERE id = %(id)s

-- name: revoke_api_key
UPDATE api_keys SET revoked_at = now() WHERE id = %(id)s AND revoked_at IS NULL

-- name: add_session
INSERT INTO sessions (hash, way, user_name, groups, scopes, key_id, expires_at)
VALUES (
    %(hash)s, %(way)s, %(user)s, %(groups)s, %(scopes)s, %(key)s,
    least(now() + make_interval(secs => %(seconds)s), (SELECT expires_at FROM api_keys WHERE id = %(key)s))
)
RETURNING expires_at

-- name: find_session
SELECT s.way, s.user_name, s.groups, s.scopes, k.expires_at
FROM sessions s LEFT JOIN api_keys k ON k.id = s.key_id
WHERE s.hash = %(hash)s AND s.expires_at > now() AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)

-- name: end_session
DELETE FROM sessions WHERE hash = %(hash)s RETURNING user_name

-- name: end_sessions_of
DELETE FROM sessions WHERE lower(user_name) = ANY (%(users)s::text[])

-- name: end_old_sessions
DELETE FROM sessions WHERE expires_at <= now()

-- name: find_standing
SELECT p.user_name, p.active AND p.deleted_at IS NULL,
    ARRAY(SELECT g.name FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.person_id = p.id)
FROM people p
WHERE lower(p.user_name) = lower(%(user)s) OR p.external_id = %(user)s OR p.former_names @> ARRAY[lower(%(user)s)]
ORDER BY p.deleted_at IS NOT NULL, lower(p.user_name) <> lower(%(user)s), p.external_id IS DISTINCT FROM %(user)s,
    p.changed_at DESC
LIMIT 1

-- name: list_people
SELECT p.id::text, p.user_name, p.external_id, p.active, p.attributes, p.created_at, p.changed_at,
    ARRAY(
        SELECT ARRAY[g.id::text, g.display_name] FROM memberships m JOIN groups g ON g.id = m.group_id
        WHERE m.person_id = p.id ORDER BY g.name COLLATE "C"
    )
FROM people p
WHERE p.deleted_at IS NULL
    AND (%(id)s::uuid IS NULL OR p.id = %(id)s)
    AND (%(user_name)s::text IS NULL OR lower(p.user_name) = lower(%(user_name)s))
    AND (%(external_id)s::text IS NULL OR p.external_id = %(external_id)s)
    AND (%(display_name)s::text IS NULL OR lower(p.attributes ->> 'displayName') = lower(%(display_name)s))
    AND (%(active)s::boolean IS NULL OR p.active = %(active)s)
ORDER BY p.created_at, p.id
OFFSET %(offset)s LIMIT %(limit)s

-- name: count_people
SELECT count(*) FROM people p
WHERE p.deleted_at IS NULL
    AND (%(id)s::uuid IS NULL OR p.id = %(id)s)
    AND (%(user_name)s::text IS NULL OR lower(p.user_name) = lower(%(user_name)s))
    AND (%(external_id)s::text IS NULL OR p.external_id = %(external_id)s)
    AND (%(display_name)s::text IS NULL OR lower(p.attributes ->> 'displayName') = lower(%(display_name)s))
    AND (%(active)s::boolean IS NULL OR p.active = %(active)s)

-- name: lock_person
SELECT id FROM people WHERE id = %(id)s AND deleted_at IS NULL FOR UPDATE

-- name: add_person
INSERT INTO people (id, user_name, external_id, active, attributes)
VALUES (%(id)s, %(user_name)s, %(external_id)s, %(active)s, %(attributes)s)

-- name: change_person
UPDATE people
SET user_name = %(user_name)s, external_id = %(external_id)s, active = %(active)s, attributes = %(attributes)s,
    former_names = ARRAY(SELECT DISTINCT unnest(former_names || %(former)s::text[])), changed_at = now()
WHERE id = %(id)s

-- name: remove_person
UPDATE people SET active = false, attributes = '{}', deleted_at = now() WHERE id = %(id)s

-- name: leave_groups
DELETE FROM memberships WHERE person_id = %(id)s

-- name: list_groups
SELECT g.id::text, g.name, g.display_name, g.external_id, g.created_at, g.changed_at,
    ARRAY(
        SELECT ARRAY[p.id::text, p.user_name] FROM memberships m JOIN people p ON p.id = m.person_id
        WHERE m.group_id = g.id AND %(members)s ORDER BY p.user_name COLLATE "C"
    )
FROM groups g
WHERE (%(id)s::uuid IS NULL OR g.id = %(id)s)
    AND (%(display_name)s::text IS NULL OR lower(g.display_name) = lower(%(display_name)s))
    AND (%(external_id)s::text IS NULL OR g.external_id = %(external_id)s)
    AND (
        %(member)s::uuid IS NULL
        OR EXISTS (SELECT FROM memberships m WHERE m.group_id = g.id AND m.person_id = %(member)s)
    )
ORDER BY g.created_at, g.id
OFFSET %(offset)s LIMIT %(limit)s

-- name: count_groups
SELECT count(*) FROM groups g
WHERE (%(id)s::uuid IS NULL OR g.id = %(id)s)
    AND (%(display_name)s::text IS NULL OR lower(g.display_name) = lower(%(display_name)s))
    AND (%(external_id)s::text IS NULL OR g.external_id = %(external_id)s)
    AND (
        %(member)s::uuid IS NULL
        OR EXISTS (SELECT FROM memberships m WHERE m.group_id = g.id AND m.person_id = %(member)s)
    )

-- name: lock_group
SELECT id FROM groups WHERE id = %(id)s FOR UPDATE

-- name: add_group
INSERT INTO groups (id, name, display_name, external_id)
VALUES (%(id)s, %(name)s, %(display_name)s, %(external_id)s)

-- name: change_group
UPDATE groups
SET name = %(name)s, display_name = %(display_name)s, external_id = %(external_id)s, changed_at = now()
WHERE id = %(id)s

-- name: remove_group
DELETE FROM groups WHERE id = %(id)s

-- name: add_members
INSERT INTO memberships (group_id, person_id)
SELECT %(id)s, p.id FROM people p WHERE p.id = ANY (%(people)s::uuid[]) AND p.deleted_at IS NULL
ON CONFLICT DO NOTHING

-- name: remove_members
DELETE FROM memberships WHERE group_id = %(id)s AND person_id = ANY (%(people)s::uuid[])

-- name: names_of_people
SELECT id::text, user_name FROM people WHERE id = ANY (%(people)s::uuid[]) AND deleted_at IS NULL
-- Lists of documents: which ones is told by labels alone, the first enforcer; they are read under row-level security

-- name: page_of_documents
SELECT l.document_id::text, (:key)::text
FROM listed_documents l
WHERE (%(key)s::text IS NULL OR (:key, l.document_id) :beyond (%(key)s:::type, %(id)s::uuid)) AND :passes
ORDER BY :key :order, l.document_id :order
OFFSET %(skip)s LIMIT %(limit)s

-- name: sought_documents
WITH passing AS MATERIALIZED (
    SELECT l.document_id AS id, :key AS key
    FROM listed_documents l
    WHERE :passes
)
SELECT place.id::text, place.key::text, (SELECT count(*) FROM passing)
FROM (SELECT 1) AS once LEFT JOIN LATERAL (
    SELECT p.id, p.key FROM passing p
    WHERE %(key)s::text IS NULL OR (p.key, p.id) :beyond (%(key)s:::type, %(id)s::uuid)
    ORDER BY p.key :order, p.id :order
    OFFSET %(skip)s LIMIT %(limit)s
) AS place ON true
ORDER BY place.key :order, place.id :order

-- name: count_all_documents
SELECT count(*) FROM listed_documents l WHERE l.label_id = ANY (%(labels)s::text[])

-- name: admitting_labels
SELECT id FROM access_labels
WHERE principals && %(tokens)s::text[] AND NOT principals && %(walls)s::text[]
    AND (%(groups)s::text[] IS NULL OR principals && %(groups)s::text[])
    AND (%(allowed)s::text[] IS NULL OR principals @> %(allowed)s::text[])

-- name: document_passes
l.label_id = ANY (%(labels)s::text[])

-- name: document_of_kind
:kind <@ l.kinds

-- name: document_has_word
AND strpos(l.sought, lower(:word)) > 0

-- name: document_in_language
AND (l.language = ANY (%(languages)s::text[]) OR split_part(l.language, '-', 1) = ANY (%(languages)s::text[]))

-- name: document_is_warned
AND l.warned = %(warned)s::boolean

-- name: document_is_dated
AND l.effective > date '0001-01-01'
AND l.effective BETWEEN coalesce(%(since)s::date, l.effective) AND coalesce(%(until)s::date, l.effective)

-- name: look_up_labels
-- The few labels would be looked through for each row, every one held against the reader's names.
SET LOCAL enable_seqscan = off

-- name: read_documents
SELECT d.id::text, v.title, d.source, v.version, v.media_type, v.page_count, v.bytes, v.document_date,
    (SELECT l.principals FROM access_labels l WHERE l.id = d.label_id),
    v.warnings, v.pages -> 'counts', v.parser_rules, v.chunking, v.language
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
WHERE d.id = ANY (%(ids)s::uuid[])

-- name: document_versions
SELECT v.version, v.created_at, v.content_sha256, v.corrects, v.title, v.media_type, v.bytes, v.document_date,
    nullif(v.effective, date '0001-01-01'), v.version = d.current_version, v.page_count, v.warnings,
    v.pages -> 'counts', v.parser_rules, v.chunking, coalesce(v.language, 'und')
FROM documents d
JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s
ORDER BY v.version DESC


-- Connectors and collections

-- name: label_documents
WITH relabelled AS (
    UPDATE documents SET label_id = %(label)s, generation = %(generation)s
    WHERE (id = ANY (%(ids)s::uuid[]) OR parent_id = ANY (%(ids)s::uuid[]))
    RETURNING id, current_version
)
UPDATE versions v SET label_id = %(label)s FROM relabelled r WHERE v.document_id = r.id AND v.version = r.current_version

-- name: labelled_documents
SELECT d.id::text, d.source, d.current_version, v.content_sha256, l.principals, d.deleted_at IS NOT NULL
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE d.id = ANY (%(ids)s::uuid[])

-- name: owned_document
SELECT owner IS NOT NULL FROM documents WHERE id = %(id)s

-- name: collection_of_document
SELECT c.label, c.walls FROM collection_documents d JOIN collections c ON c.name = d.collection
WHERE d.document_id = %(id)s

-- name: ask_in_collection
UPDATE collection_documents SET asked = %(asked)s::text[] WHERE document_id = %(id)s

-- name: enter_collection
INSERT INTO collection_documents (document_id, collection) VALUES (%(id)s, %(collection)s)
ON CONFLICT (document_id) DO NOTHING

-- name: leave_collection
DELETE FROM collection_documents WHERE document_id = %(id)s

-- name: add_collection
INSERT INTO collections (name, label, walls) VALUES (%(name)s, %(label)s::text[], %(walls)s::text[])
ON CONFLICT (name) DO NOTHING

-- name: list_collections
SELECT c.name, c.label, c.walls, (
    SELECT count(*) FROM collection_documents e JOIN documents d ON d.id = e.document_id AND d.deleted_at IS NULL
    WHERE e.collection = c.name
), (SELECT coalesce(array_agg(k.name ORDER BY k.name), '{}') FROM connectors k WHERE k.collection = c.name)
FROM collections c ORDER BY c.name COLLATE "C"

-- name: set_collection
UPDATE collections SET label = %(label)s::text[], walls = %(walls)s::text[] WHERE name = %(name)s

-- name: lock_collection
SELECT label, walls FROM collections WHERE name = %(name)s FOR UPDATE

-- name: documents_of_collection
SELECT document_id::text, asked FROM collection_documents WHERE collection = %(name)s

-- name: drop_collection
WITH gone AS (DELETE FROM collection_documents WHERE collection = %(name)s)
DELETE FROM collections WHERE name = %(name)s

-- name: add_connector
INSERT INTO connectors (name, kind, options, mapping, collection, every_s)
VALUES (%(name)s, %(kind)s, %(options)s, %(mapping)s, %(collection)s, %(every)s)
ON CONFLICT (name) DO NOTHING

-- name: list_connectors
SELECT name, kind, options, mapping, collection, every_s, synced_at, problem, summary,
    synced_at IS NOT NULL OR EXISTS (SELECT FROM connector_items WHERE connector = name)
FROM connectors
WHERE name = %(name)s OR %(name)s::text IS NULL
ORDER BY name COLLATE "C"

-- name: drop_connector
DELETE FROM connectors WHERE name = %(name)s

-- name: finish_connector
UPDATE connectors SET synced_at = now(), problem = %(problem)s, summary = %(summary)s WHERE name = %(name)s

-- name: connector_items
SELECT key, fingerprint, facts, label, settled, code, reason FROM connector_items
WHERE connector = %(name)s AND (key = ANY (%(keys)s::text[]) OR %(keys)s::text[] IS NULL)

-- name: begin_items
UPDATE connector_items SET settled = false WHERE connector = %(name)s AND key = ANY (%(keys)s::text[])

-- name: put_item
INSERT INTO connector_items (connector, key, fingerprint, facts, label, settled, code, reason)
VALUES (%(name)s, %(key)s, %(fingerprint)s, %(facts)s, %(label)s, %(settled)s, %(code)s, %(reason)s)
ON CONFLICT (connector, key) DO UPDATE
SET fingerprint = excluded.fingerprint, facts = excluded.facts, label = excluded.label, settled = excluded.settled,
    code = excluded.code, reason = excluded.reason, seen_at = now()

-- name: forget_items
DELETE FROM connector_items WHERE connector = %(name)s AND key = ANY (%(keys)s::text[])

-- name: try_syncing
SELECT pg_try_advisory_lock(730550, hashtext(%(name)s))

-- name: end_syncing
SELECT pg_advisory_unlock(730550, hashtext(%(name)s))

-- name: settle_connector
SELECT pg_advisory_xact_lock(730551, hashtext(%(name)s))

-- name: asked_labels
SELECT document_id::text, asked FROM collection_documents WHERE document_id = ANY (%(ids)s::uuid[])

-- name: collection_filling
SELECT
    (SELECT count(*) FROM collection_documents e JOIN documents d ON d.id = e.document_id
     WHERE e.collection = %(name)s AND d.deleted_at IS NULL),
    (SELECT count(*) FROM collection_documents e JOIN documents d ON d.id = e.document_id
     WHERE e.collection = %(name)s AND d.deleted_at IS NOT NULL),
    EXISTS (SELECT FROM connectors k WHERE k.collection = %(name)s)

-- name: parts_among
SELECT d.source, p.source FROM documents d JOIN documents p ON p.id = d.parent_id
WHERE d.id = ANY (%(ids)s::uuid[])
ORDER BY d.source COLLATE "C" LIMIT 1

-- name: follow_walls
UPDATE collections SET walls = walls || ARRAY[%(token)s::text]
WHERE lower(walls::text)::text[] && %(tokens)s::text[] AND NOT walls @> ARRAY[%(token)s::text]
RETURNING name

-- name: labels_with_wall
SELECT id, principals FROM access_labels
WHERE lower(principals::text)::text[] && %(tokens)s::text[] AND NOT principals @> ARRAY[%(token)s::text]

-- name: move_label
WITH moved AS (
    UPDATE versions SET label_id = %(new)s WHERE label_id = %(label)s
    RETURNING document_id
)
UPDATE documents
SET label_id = CASE label_id WHEN %(label)s THEN %(new)s ELSE label_id END, generation = %(generation)s
WHERE label_id = %(label)s OR id IN (SELECT document_id FROM moved)

-- name: group_called
SELECT name FROM groups WHERE lower(name) = lower(%(name)s)

-- name: earlier_accounts
SELECT user_name FROM people WHERE external_id = %(external_id)s AND id <> %(id)s

-- Jobs as lists and command lines ask for them

-- name: jobs_outcomes
SELECT job_id::text, report ->> 'outcome', count(*)::int FROM job_files
WHERE job_id = ANY (%(ids)s::uuid[]) AND report IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2

-- name: jobs_beginning
SELECT id::text FROM jobs WHERE starts_with(id::text, %(first)s) ORDER BY number DESC LIMIT 2

-- name: list_all_documents
SELECT d.id::text, v.title, d.source, v.version, v.media_type, v.page_count, v.bytes, v.document_date,
    (SELECT min(own.created_at) FROM versions own WHERE own.document_id = d.id),
    l.principals, v.warnings, v.pages -> 'counts', v.parser_rules, v.chunking, v.language
FROM documents d
JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
JOIN access_labels l ON l.id = d.label_id
WHERE d.deleted_at IS NULL
ORDER BY d.source COLLATE "C"

-- What `footnote doctor` asks

-- name: health_server
SELECT current_setting('server_version_num')::int, coalesce(host(inet_server_addr()), ''),
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false), clock_timestamp(),
    (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)

-- name: health_has_migrations
SELECT to_regclass('public.schema_migrations') IS NOT NULL

-- name: health_unguarded
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    AND has_table_privilege('footnote_reader', oid, 'SELECT') AND NOT (relrowsecurity AND relforcerowsecurity)
ORDER BY 1

-- name: health_writable
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
    AND has_table_privilege('footnote_reader', oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
ORDER BY 1

-- name: health_reader_powers
SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
FROM pg_roles WHERE rolname = 'footnote_reader'

-- name: health_seen
SELECT (SELECT count(*) FROM (SELECT FROM access_labels LIMIT 1) AS a)
    + (SELECT count(*) FROM (SELECT FROM documents LIMIT 1) AS d)
    + (SELECT count(*) FROM (SELECT FROM versions LIMIT 1) AS v)
    + (SELECT count(*) FROM (SELECT FROM chunks LIMIT 1) AS c)
    + (SELECT count(*) FROM (SELECT FROM facts LIMIT 1) AS f)

-- name: health_erasures
SELECT count(*) FROM erasures WHERE finished_at IS NULL

-- name: health_documents
SELECT count(*), count(*) FILTER (
    WHERE d.deleted_at < now() - make_interval(days => %(days)s, hours => 1)
        AND NOT EXISTS (SELECT FROM held_documents h WHERE h.document_id = d.id)
)
FROM documents d

-- name: health_for_all
SELECT count(*) FROM documents JOIN access_labels ON access_labels.id = documents.label_id
WHERE deleted_at IS NULL AND %(everyone)s = ANY (principals)

-- name: health_jobs
SELECT
    (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %(seconds)s)),
    (SELECT count(*) FROM job_files WHERE state = 'queued'),
    (
        SELECT count(*) FROM procrastinate_jobs LEFT JOIN procrastinate_workers AS w ON w.id = worker_id
        WHERE status = 'doing' AND (w.id IS NULL OR last_heartbeat < now() - make_interval(secs => %(seconds)s))
    ),
    (SELECT count(*) FROM job_files WHERE state = 'failed' AND ended_at > now() - interval '1 day')

-- name: health_index
SELECT (SELECT embedder FROM catalog_generation), (SELECT octet_length(embedding) / 4 FROM chunks LIMIT 1)

-- name: health_connectors
SELECT name, problem FROM connectors
WHERE problem <> '' OR synced_at IS NULL OR synced_at < now() - make_interval(secs => 10 * every_s + 600)
ORDER BY name


-- Backups and what is checked after a restore

-- name: backup_export
SELECT pg_export_snapshot()

-- name: backup_counts
SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM versions), (SELECT count(*) FROM chunks),
    (SELECT count(*) FROM facts), (SELECT count(*) FROM audit), (SELECT count(*) FROM api_keys),
    (SELECT count(*) FROM people), (SELECT count(*) FROM jobs)

-- name: backup_originals
SELECT content_sha256 FROM versions UNION SELECT content_sha256 FROM held_versions

-- name: backup_staged
SELECT DISTINCT content_sha256 FROM job_files WHERE state <> 'done' AND content_sha256 <> ''

-- name: backup_is_empty
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')

-- name: backup_make_reader
DO $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'footnote_reader') THEN
            CREATE ROLE footnote_reader NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    BEGIN
        SET LOCAL ROLE footnote_reader;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT footnote_reader TO %I', current_user);
    END;
END
$$

-- name: backup_own_policies
DO $$
DECLARE
    guarded text;
BEGIN
    FOR guarded IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity
            AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'owner')
    LOOP
        EXECUTE format('CREATE POLICY owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', guarded);
    END LOOP;
END
$$

-- name: backup_end_sessions
DELETE FROM sessions

-- name: backup_forget_segments
WITH beside AS (DELETE FROM index_segments) DELETE FROM segments

-- name: backup_recorded
SELECT EXISTS (
    SELECT FROM audit WHERE seq > %(seq)s AND position('"action":"restore"' IN record) > 0
        AND position(%(backup)s::text IN record) > 0
)
-- Budgets

-- name: budgets_of
SELECT b.subject, b.questions, b.tokens, coalesce(u.questions, 0), coalesce(u.tokens, 0), d.day,
    extract(epoch FROM d.day + 1 - (now() AT TIME ZONE 'utc'))::float8
FROM budgets b
CROSS JOIN (SELECT (now() AT TIME ZONE 'utc')::date AS day) AS d
LEFT JOIN budget_use u
    ON u.day = d.day AND u.subject = CASE b.subject WHEN 'everyone' THEN %(user)s::text ELSE b.subject END
WHERE b.subject = ANY (%(subjects)s::text[])
OR (b.subject = 'everyone' AND NOT EXISTS (SELECT FROM budgets WHERE subject = %(user)s))
ORDER BY b.subject

-- name: lock_budgets
SELECT pg_advisory_xact_lock(730552)

-- name: use_budget
INSERT INTO budget_use (subject, day, questions, tokens)
VALUES (%(subject)s, %(day)s, greatest(%(questions)s, 0), %(tokens)s)
ON CONFLICT (subject, day) DO UPDATE
SET questions = greatest(budget_use.questions + %(questions)s, 0), tokens = budget_use.tokens + excluded.tokens

-- name: list_budgets
SELECT b.subject, b.questions, b.tokens, coalesce(u.questions, 0), coalesce(u.tokens, 0)
FROM budgets b
LEFT JOIN budget_use u ON u.subject = b.subject AND u.day = (now() AT TIME ZONE 'utc')::date
ORDER BY b.subject COLLATE "C"

-- name: set_budget
INSERT INTO budgets (subject, questions, tokens) VALUES (%(subject)s, %(questions)s, %(tokens)s)
ON CONFLICT (subject) DO UPDATE SET questions = excluded.questions, tokens = excluded.tokens

-- name: drop_budget
DELETE FROM budgets WHERE subject = %(subject)s

-- name: forget_budget_use
DELETE FROM budget_use WHERE day < (now() AT TIME ZONE 'utc')::date - 30

-- name: owner_of_job
SELECT owner FROM jobs WHERE id = %(id)s
-- Metrics

-- name: files_by_state
SELECT waiting.state, count(f.state)
FROM (VALUES ('queued'), ('running')) AS waiting (state)
LEFT JOIN job_files f ON f.state = waiting.state AND f.state IN ('queued', 'running')
GROUP BY waiting.state
UNION ALL
SELECT 'failed', coalesce(sum(failed), 0) FROM jobs

-- Witnesses

-- name: audit_following
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq > %(seq)s ORDER BY seq LIMIT %(limit)s

-- name: audit_times
SELECT seq, recorded_at FROM audit WHERE seq = ANY(%(positions)s::bigint[])

-- name: audit_hashes
SELECT seq, hash FROM audit WHERE seq = ANY(%(positions)s::bigint[])

-- The trail, searched and handed out

-- name: trail_newest
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq <= %(seq)s AND recorded_at >= %(since)s AND recorded_at < %(until)s
    AND (record ILIKE %(like)s OR position('"sealing":1' IN record) > 0)
ORDER BY seq DESC LIMIT %(limit)s

-- name: trail_matching
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq <= %(seq)s AND recorded_at >= %(since)s AND recorded_at < %(until)s
    AND (record ILIKE %(like)s OR position('"sealing":1' IN record) > 0)
    AND (audit_terms(record) @> %(terms)s::text[] OR audit_terms(record) @> %(sealed_terms)s::text[])
ORDER BY seq DESC LIMIT %(limit)s

-- name: trail_bounds
SELECT min(seq), max(seq) FROM audit
WHERE recorded_at >= %(since)s AND recorded_at < %(until)s AND (
    %(terms)s::text[] = '{}' OR audit_terms(record) @> %(terms)s::text[] OR audit_terms(record) @> %(sealed_terms)s::text[]
)

-- name: trail_onwards
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit WHERE seq >= %(seq)s ORDER BY seq

-- Erasure: what was asked for and how far it has come

-- name: add_erasure
INSERT INTO erasures (id, kind, subjects, indices, originals, counts, asked_by, copies_until)
VALUES (%(id)s, %(kind)s, %(subjects)s, %(indices)s, %(originals)s, %(counts)s, %(asked_by)s, %(copies_until)s)

-- name: erasures
SELECT id::text, kind, subjects, indices, originals, counts, asked_by, copies_until, begun_at, finished_at FROM erasures
WHERE finished_at IS NULL OR NOT %(open)s ORDER BY begun_at

-- name: finish_erasure
UPDATE erasures SET originals = '{}', counts = %(counts)s, finished_at = now() WHERE id = %(id)s

-- Erasure of documents

-- name: documents_to_erase
SELECT d.id::text, d.source, d.parent_id::text, d.owner, c.collection,
    ARRAY(SELECT DISTINCT content_sha256 FROM versions v WHERE v.document_id = d.id), d.created_at
FROM documents d LEFT JOIN collection_documents c ON c.document_id = d.id
WHERE d.id = ANY (%(ids)s::uuid[]) OR d.parent_id = ANY (%(ids)s::uuid[])
ORDER BY d.parent_id IS NOT NULL, d.source COLLATE "C"

-- name: retired_to_erase
SELECT document_id::text FROM retired_documents WHERE document_id = ANY (%(ids)s::uuid[])

-- name: bin_for_erasure
UPDATE documents SET deleted_at = coalesce(deleted_at, now()), generation = %(generation)s WHERE id = ANY (%(ids)s::uuid[])

-- name: erase_from_collections
DELETE FROM collection_documents WHERE document_id = ANY (%(ids)s::uuid[])

-- name: erase_held_versions
DELETE FROM held_versions WHERE document_id = ANY (%(ids)s::uuid[]) RETURNING content_sha256

-- name: job_sources
SELECT job_id::text, number, source, state, content_sha256, name FROM job_files
WHERE source = ANY (%(sources)s::text[]) OR EXISTS (SELECT FROM unnest(%(sources)s::text[]) AS s WHERE starts_with(s, source || '/'))

-- name: erase_job_file
UPDATE job_files SET name = '[erased]', source = '[erased]', content_sha256 = '', report = NULL
WHERE job_id = %(job)s AND number = %(number)s

-- name: sources_of_job_files
SELECT DISTINCT source FROM job_files

-- name: erase_job_title
UPDATE jobs SET title = '[erased]'
WHERE id = %(job)s AND position(regexp_replace(title, '…?( and \d+ more)?$', '') IN %(source)s) > 0 AND title <> ''

-- name: erase_job_key
UPDATE jobs SET idempotency_key = NULL, request_sha256 = '' WHERE id = %(job)s

-- name: erase_item
DELETE FROM connector_items WHERE connector = %(connector)s AND key = %(key)s

-- name: mark_erased_item
INSERT INTO erased_items (connector, mark) VALUES (%(connector)s, %(mark)s) ON CONFLICT DO NOTHING

-- name: erased_marks
SELECT mark FROM erased_items WHERE connector = %(connector)s AND mark = ANY (%(marks)s::text[])

-- name: erase_connector_problem
UPDATE connectors SET problem = '' WHERE name = %(connector)s AND position(right(%(key)s, 80) IN problem) > 0

-- Erasure of persons. names: lower case; tokens: user:NAME of each.

-- name: person_to_erase
WITH called AS (
    SELECT id, external_id, rank() OVER (
        ORDER BY lower(user_name) <> %(name)s, lower(external_id) IS DISTINCT FROM %(name)s
    ) AS near
    FROM people
    WHERE lower(user_name) = %(name)s OR lower(external_id) = %(name)s OR former_names @> ARRAY[%(name)s::text]
)
SELECT id::text, user_name, external_id, former_names, attributes, active AND deleted_at IS NULL FROM people p
WHERE EXISTS (SELECT FROM called c WHERE c.near = 1 AND (c.id = p.id OR c.external_id = p.external_id))

-- name: names_of_others
SELECT name FROM unnest(%(names)s::text[]) AS name
WHERE EXISTS (SELECT FROM people p WHERE p.id <> ALL (%(ids)s::uuid[]) AND name IN (lower(p.user_name), lower(p.external_id)))

-- name: erase_people
DELETE FROM people WHERE id = ANY (%(accounts)s::uuid[])

-- name: erase_keys_of_person
DELETE FROM api_keys WHERE lower(user_name) = ANY (%(names)s::text[])

-- name: erase_sessions_of_person
DELETE FROM sessions WHERE lower(user_name) = ANY (%(names)s::text[])

-- name: erase_budgets_of_person
DELETE FROM budgets WHERE lower(subject) = ANY (%(tokens)s::text[])

-- name: erase_budget_use_of_person
DELETE FROM budget_use WHERE lower(subject) = ANY (%(tokens)s::text[])

-- name: labels_of_person
SELECT id, principals FROM access_labels
WHERE EXISTS (SELECT FROM unnest(principals) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: drop_label
DELETE FROM access_labels WHERE id = %(id)s

-- name: erase_owner
UPDATE documents SET owner = NULL WHERE lower(owner) = ANY (%(names)s::text[])

-- name: erase_manager
UPDATE documents
SET managers = ARRAY(SELECT p FROM unnest(managers) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[]))
WHERE EXISTS (SELECT FROM unnest(managers) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: erase_walls
UPDATE collections SET walls = ARRAY(SELECT p FROM unnest(walls) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[]))
WHERE EXISTS (SELECT FROM unnest(walls) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: erase_collection_label
UPDATE collections SET label = ARRAY(SELECT p FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[]))
WHERE EXISTS (SELECT FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: erase_asked
UPDATE collection_documents
SET asked = ARRAY(SELECT p FROM unnest(asked) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[]))
WHERE EXISTS (SELECT FROM unnest(asked) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: erase_item_label
UPDATE connector_items
SET label = ARRAY(SELECT p FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[]))
WHERE EXISTS (SELECT FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[]))

-- name: erase_held_label
UPDATE held_versions
SET label = ARRAY(SELECT p FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) <> ALL (%(tokens)s::text[])),
    owner = CASE WHEN lower(owner) = ANY (%(names)s::text[]) THEN NULL ELSE owner END
WHERE EXISTS (SELECT FROM unnest(label) AS p WHERE lower(ltrim(p, '!?')) = ANY (%(tokens)s::text[])) OR lower(owner) = ANY (%(names)s::text[])

-- name: erase_facts_setter
UPDATE facts SET set_by = '[erased]' WHERE lower(set_by) = ANY (%(tokens)s::text[] || %(names)s::text[])

-- name: erase_upload_names
UPDATE documents SET source = 'upload/[erased]/' || substr(source, length(split_part(source, '/', 2)) + 9), generation = %(generation)s
WHERE source LIKE 'upload/%%' AND lower(split_part(source, '/', 2)) = ANY (%(names)s::text[])

-- name: erase_held_upload_names
UPDATE held_versions SET source = 'upload/[erased]/' || substr(source, length(split_part(source, '/', 2)) + 9)
WHERE source LIKE 'upload/%%' AND lower(split_part(source, '/', 2)) = ANY (%(names)s::text[])

-- name: jobs_of_person
SELECT j.id::text, j.finished_at IS NOT NULL FROM jobs j
WHERE lower(j.owner) = ANY (%(names)s::text[])
    OR lower(j.tokens::text)::text[] && %(tokens)s::text[]
    OR EXISTS (SELECT FROM unnest(%(tokens)s::text[]) AS t WHERE position(t || '"' IN lower(j.request::text)) > 0)
    OR EXISTS (
        SELECT FROM job_files f WHERE f.job_id = j.id AND f.source LIKE 'upload/%%'
            AND lower(split_part(f.source, '/', 2)) = ANY (%(names)s::text[])
    )

-- name: staged_of_jobs
SELECT DISTINCT content_sha256 FROM job_files WHERE job_id = ANY (%(ids)s::uuid[]) AND content_sha256 <> ''

-- name: erase_jobs
DELETE FROM jobs WHERE id = ANY (%(ids)s::uuid[])

-- name: erase_lifted_holds
DELETE FROM holds WHERE kind = 'person' AND lower(subject) = ANY (%(names)s::text[]) AND lifted_at IS NOT NULL

-- name: known_since
SELECT min(since) FROM (
    SELECT created_at FROM people WHERE lower(user_name) = %(name)s
    UNION ALL SELECT created_at FROM api_keys WHERE lower(user_name) = %(name)s
    UNION ALL SELECT created_at FROM documents WHERE lower(owner) = %(name)s
    UNION ALL SELECT created_at FROM jobs WHERE lower(owner) = %(name)s
    UNION ALL SELECT created_at FROM reviews WHERE owner = 'user:' || %(name)s
    UNION ALL SELECT created_at FROM conversations WHERE lower(owner) = 'user:' || %(name)s
    UNION ALL SELECT created_at FROM sessions WHERE lower(user_name) = %(name)s
    UNION ALL SELECT given_at FROM feedback WHERE lower(owner) = 'user:' || %(name)s
    UNION ALL SELECT signed_at FROM sign_offs WHERE lower(signed_by) = 'user:' || %(name)s
    UNION ALL SELECT asked_at FROM answer_marks WHERE lower(owner) = 'user:' || %(name)s
) AS found (since)

-- name: user_names
SELECT DISTINCT name FROM (
    SELECT user_name FROM people UNION SELECT user_name FROM api_keys UNION SELECT user_name FROM sessions
    UNION SELECT owner FROM documents UNION SELECT owner FROM jobs
    UNION SELECT unnest(former_names) FROM people
    UNION SELECT substr(ltrim(p, '!?'), 6) FROM access_labels, unnest(principals) AS p WHERE ltrim(p, '!?') LIKE 'user:%'
    UNION SELECT substr(subject, 6) FROM budgets WHERE subject LIKE 'user:%'
    UNION SELECT substr(subject, 6) FROM budget_use WHERE subject LIKE 'user:%'
    UNION SELECT owner FROM held_versions
    UNION SELECT substr(ltrim(p, '!?'), 6) FROM (
        SELECT unnest(managers) FROM documents UNION SELECT unnest(walls || label) FROM collections
        UNION SELECT unnest(asked) FROM collection_documents UNION SELECT unnest(label) FROM connector_items
        UNION SELECT unnest(label) FROM held_versions UNION SELECT set_by FROM facts
    ) AS named (p) WHERE ltrim(p, '!?') LIKE 'user:%'
    UNION SELECT split_part(source, '/', 2) FROM (
        SELECT source FROM documents UNION SELECT source FROM held_versions UNION SELECT source FROM job_files
    ) AS uploaded WHERE source LIKE 'upload/%/%' AND source NOT LIKE 'upload/[erased]/%'
    UNION SELECT substr(signed_by, 6) FROM sign_offs
    UNION SELECT substr(owner, 6) FROM reviews
    UNION SELECT substr(principal, 6) FROM review_shares WHERE principal LIKE 'user:%'
    UNION SELECT substr(owner, 6) FROM conversations
    UNION SELECT substr(principal, 6) FROM conversation_shares WHERE principal LIKE 'user:%'
    UNION SELECT substr(owner, 6) FROM feedback
    UNION SELECT substr(owner, 6) FROM answer_marks WHERE owner <> ''
    UNION SELECT substr(by, 6) FROM releases WHERE by LIKE 'user:%'
    UNION SELECT substr(by, 6) FROM release_events WHERE by LIKE 'user:%'
) AS found (name) WHERE name <> ''

-- Erasure: words wherever they may stand

-- name: word_columns
SELECT c.relname, a.attname, coalesce((
        SELECT array_agg(k.attname ORDER BY k.attnum) FROM pg_index i
        JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary
    ), '{}')::text[]
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
    AND format_type(a.atttypid, NULL) IN
        ('text', 'character varying', 'character', 'json', 'jsonb', 'xml', 'text[]', 'character varying[]', 'jsonb[]')
ORDER BY c.relname, a.attnum

-- name: words_in_column
SELECT concat_ws(', ', {key}) FROM {table}
WHERE EXISTS (
    SELECT FROM unnest(%(words)s::text[]) AS w, (
        SELECT regexp_replace({column}::text, '\s+', ' ', 'g') AS said
    ) AS t WHERE position(w IN t.said) > 0 OR position(w IN lower(t.said)) > 0
)
LIMIT %(limit)s

-- name: files_of_tables
SELECT pg_relation_filepath(c.oid), coalesce(base.relname, owner.relname, c.relname) FROM pg_class c
LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_class owner ON owner.oid = i.indrelid OR owner.reltoastrelid = c.oid
LEFT JOIN pg_class base ON base.reltoastrelid = owner.oid
WHERE c.relkind IN ('r', 'i', 't', 'm', 'S') AND pg_relation_filepath(c.oid) IS NOT NULL

-- name: titles_of_documents
SELECT d.id::text, d.source FROM documents d WHERE d.id = ANY (%(ids)s::uuid[]) ORDER BY d.source COLLATE "C"

-- name: remains_of_document
SELECT 'documents', count(*) FROM documents WHERE id = %(id)s OR parent_id = %(id)s
UNION ALL SELECT 'versions', count(*) FROM versions WHERE document_id = %(id)s
UNION ALL SELECT 'chunks', count(*) FROM chunks WHERE document_id = %(id)s
UNION ALL SELECT 'index_chunks', count(*) FROM index_chunks WHERE document_id = %(id)s
UNION ALL SELECT 'index_keys', count(*) FROM index_keys WHERE document_id = %(id)s
UNION ALL SELECT 'facts', count(*) FROM facts WHERE document_id = %(id)s
UNION ALL SELECT 'collection_documents', count(*) FROM collection_documents WHERE document_id = %(id)s
UNION ALL SELECT 'held_versions', count(*) FROM held_versions WHERE document_id = %(id)s

-- Erasure: bytes of rows that are gone

-- name: older_readers
SELECT pid, application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (age(backend_xmin) > age(%(xid)s::text::xid) OR age(backend_xid) > age(%(xid)s::text::xid))

-- name: new_xid
SELECT mod(pg_current_xact_id()::text::bigint, 4294967296)::text

-- name: wait_for_locks
SELECT set_config('lock_timeout', %(most)s, false)

-- name: rewrite_table
VACUUM (FULL) {table}

-- name: analyze_table
ANALYZE {table}

-- name: drop_statistics
DELETE FROM pg_statistic WHERE starelid IN (
    SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s::text[])
    UNION ALL
    SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s::text[])
)

-- name: rewrite_statistics
VACUUM (FULL) pg_statistic

-- name: keep_no_old_log
ALTER SYSTEM SET wal_recycle = off

-- name: log_no_details
ALTER SYSTEM SET log_error_verbosity = terse

-- name: reload_settings
SELECT pg_reload_conf()

-- name: say_in_log
SELECT pg_logical_emit_message(false, 'footnote', '')

-- name: switch_log
SELECT pg_switch_wal()

-- name: checkpoint
CHECKPOINT

-- name: log_files
SELECT name, name < pg_walfile_name(pg_current_wal_lsn()), name > pg_walfile_name(pg_current_wal_lsn()) FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{24}$'

-- Legal holds

-- name: place_hold
INSERT INTO holds (id, kind, subject, reason) VALUES (%(id)s, %(kind)s, %(subject)s, %(reason)s)
ON CONFLICT (kind, subject) WHERE lifted_at IS NULL DO NOTHING

-- name: lift_hold
UPDATE holds SET lifted_at = now() WHERE id = %(id)s AND lifted_at IS NULL RETURNING kind, subject

-- name: list_holds
SELECT id::text, kind, subject, reason, placed_at, lifted_at FROM holds
WHERE lifted_at IS NULL OR %(all)s ORDER BY placed_at

-- name: holds_on_documents
SELECT DISTINCT h.id::text, h.kind, h.subject FROM held_documents d JOIN holds h ON h.id = d.hold
WHERE d.document_id = ANY (%(ids)s::uuid[])
UNION
SELECT h.id::text, h.kind, h.subject FROM holds h
WHERE h.lifted_at IS NULL AND h.kind = 'document' AND h.subject = ANY (%(ids)s::uuid[]::text[])
LIMIT 1

-- name: holds_on_person
SELECT id::text, kind, subject FROM holds
WHERE lifted_at IS NULL AND kind = 'person' AND lower(subject) = ANY (%(names)s::text[])
LIMIT 1

-- name: holds_on_collections
SELECT h.id::text, h.kind, h.subject FROM holds h
WHERE h.lifted_at IS NULL AND h.kind = 'collection' AND h.subject IN (
    SELECT collection FROM collection_documents WHERE document_id = ANY (%(ids)s::uuid[])
)
LIMIT 1

-- name: is_document
SELECT true FROM documents WHERE id = %(id)s

-- name: keep_held_versions
INSERT INTO held_versions
SELECT d.id, v.version, d.source, v.title, v.media_type, v.content_sha256, v.text, d.owner, l.principals, v.created_at,
    coalesce(d.deleted_at, now())
FROM documents d JOIN versions v ON v.document_id = d.id JOIN access_labels l ON l.id = v.label_id
WHERE d.id = ANY (%(ids)s::uuid[]) AND EXISTS (SELECT FROM held_documents h WHERE h.document_id = d.id)
ON CONFLICT DO NOTHING

-- name: free_held_versions
DELETE FROM held_versions k
WHERE NOT EXISTS (
    SELECT FROM holds h WHERE h.lifted_at IS NULL AND (
        (h.kind = 'document' AND h.subject = k.document_id::text)
        OR (h.kind = 'person' AND lower(h.subject) = lower(k.owner))
        OR (h.kind = 'collection' AND h.subject = (
            SELECT collection FROM collection_documents c WHERE c.document_id = k.document_id
        ))
    )
)
RETURNING content_sha256

-- name: list_held_versions
SELECT document_id::text, version, source, content_sha256, deleted_at FROM held_versions ORDER BY source, version

-- Retention

-- name: retention
SELECT class, days, ran_at FROM retention ORDER BY class

-- name: set_retention
INSERT INTO retention (class, days) VALUES (%(class)s, %(days)s) ON CONFLICT (class) DO UPDATE SET days = excluded.days

-- name: drop_retention
DELETE FROM retention WHERE class = %(class)s

-- name: retention_ran
UPDATE retention SET ran_at = now()

-- name: months_of_trail
SELECT DISTINCT date_trunc('month', recorded_at AT TIME ZONE 'UTC') AS month FROM audit
WHERE recorded_at < date_trunc('month', (now() - make_interval(days => %(days)s)) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
ORDER BY month

-- name: held_subjects
SELECT 'document', document_id::text FROM held_documents
UNION SELECT 'document', document_id::text FROM held_versions
UNION SELECT 'document', subject FROM holds WHERE kind = 'document' AND lifted_at IS NULL
UNION SELECT 'document', c.document_id::text FROM collection_documents c
    JOIN holds h ON h.kind = 'collection' AND h.subject = c.collection AND h.lifted_at IS NULL
UNION SELECT 'person', subject FROM holds WHERE kind = 'person' AND lifted_at IS NULL

-- name: month_tells_of
SELECT EXISTS (
    SELECT FROM audit
    WHERE recorded_at >= %(month)s AND recorded_at < %(month)s + interval '1 month'
        AND (audit_terms(record) && %(terms)s::text[] OR EXISTS (
            SELECT FROM unnest(%(terms)s::text[]) AS t
            WHERE t LIKE 'principal:%%' AND position('"' || substr(t, 11) || '"' IN record) > 0
        ))
)

-- name: drop_old_keys
DELETE FROM api_keys k
WHERE least(k.revoked_at, k.expires_at) < now() - make_interval(days => %(days)s) AND NOT EXISTS (
    SELECT FROM holds h WHERE h.kind = 'person' AND h.lifted_at IS NULL AND lower(h.subject) = lower(k.user_name)
)

-- name: drop_removed_people
DELETE FROM people p
WHERE p.deleted_at < now() - make_interval(days => %(days)s) AND NOT EXISTS (
    SELECT FROM holds h WHERE h.kind = 'person' AND h.lifted_at IS NULL
        AND lower(h.subject) = ANY (lower(p.user_name) || p.former_names)
)

-- Privacy

-- name: open_documents
SELECT d.id, v.version, d.source, v.title, v.text, l.principals, r.readers
FROM documents d
JOIN versions v ON v.document_id = d.id
JOIN access_labels l ON l.id = v.label_id
JOIN access_labels dl ON dl.id = d.label_id
CROSS JOIN LATERAL (
    SELECT lower(l.principals::text)::text[] AS own, lower(dl.principals::text)::text[] AS whole
) a
CROSS JOIN LATERAL (
    SELECT count(*) AS readers FROM people p
    CROSS JOIN LATERAL (
        SELECT array_agg('group:' || lower(g.name)) || ('user:' || lower(p.user_name)) AS tokens
        FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.person_id = p.id
    ) t
    WHERE p.active AND p.deleted_at IS NULL AND t.tokens && a.own AND t.tokens && a.whole
) r
WHERE d.deleted_at IS NULL AND (
    a.own && %(principals)s::text[] AND a.whole && %(principals)s::text[] OR r.readers > %(more_than)s
)
ORDER BY d.source COLLATE "C", v.version

-- Keys that are replaced

-- name: retire_api_key
UPDATE api_keys SET expires_at = least(expires_at, now() + make_interval(secs => %(seconds)s))
WHERE id = %(id)s AND revoked_at IS NULL AND coalesce(expires_at > now(), true)
RETURNING user_name, groups, scopes, label, expires_at

-- The vault: records that are sealed

-- name: vault_is_unused
SELECT NOT EXISTS (
    SELECT FROM (SELECT record FROM audit ORDER BY seq DESC LIMIT 1) AS newest
    WHERE position('"sealing":1' IN record) > 0
)

-- name: vault_unsealed
SELECT min(seq), max(seq), count(*) FROM audit WHERE position('"sealing":1' IN record) = 0

-- name: vault_erased
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE audit_terms(record) @> '{action:erased}' ORDER BY seq

-- name: next_reseal_round
SELECT coalesce(max(round), 0) + 1 FROM audit_resealed

-- name: rewrite_audit
UPDATE audit SET principal = %(principal)s, prev_hash = %(prev_hash)s, record = %(record)s, hash = %(hash)s
WHERE seq = %(seq)s

-- name: add_resealed
INSERT INTO audit_resealed (seq, round, hash, leaf) VALUES (%(seq)s, %(round)s, %(former)s, %(leaf)s)

-- name: reseal_rounds
SELECT round FROM audit_resealed WHERE seq = %(seq)s AND hash = %(hash)s

-- name: records_of_reseals
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE audit_terms(record) @> '{action:reseal}' ORDER BY seq

-- name: stray_reseals
SELECT EXISTS (SELECT FROM audit_resealed WHERE round NOT BETWEEN 1 AND %(rounds)s)

-- name: resealed_rows
SELECT DISTINCT ON (seq) seq, hash, leaf FROM audit_resealed
WHERE seq BETWEEN %(start)s AND %(last)s AND round BETWEEN %(round)s AND %(newest)s
ORDER BY seq, round

-- name: resealed_round
SELECT seq, hash, leaf FROM audit_resealed WHERE round = %(round)s ORDER BY seq

-- name: audit_records
SELECT recorded_at, record::json FROM audit WHERE seq = ANY(%(positions)s::bigint[]) ORDER BY seq

-- name: vacuum_audit
VACUUM (FULL, ANALYZE) audit

-- The trail, verified by several processes

-- name: audit_extent
SELECT coalesce(max(seq), 0), EXISTS (SELECT FROM audit WHERE seq IS NULL), pg_export_snapshot() FROM audit

-- name: audit_share
SET TRANSACTION SNAPSHOT %(snapshot)s

-- name: audit_segment
COPY (
    SELECT seq, id, recorded_at, principal, prev_hash, record, hash FROM audit
    WHERE seq >= %(first)s AND seq <= %(last)s ORDER BY seq
) TO STDOUT (FORMAT BINARY)

-- name: audit_opening
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit WHERE id = %(id)s::uuid

-- name: audit_opened
SELECT id::text, recorded_at, principal FROM audit WHERE seq = ANY(%(positions)s::bigint[]) ORDER BY seq

-- Versions as a reader counts them

-- name: readable_versions
SELECT document_id::text, version FROM versions
WHERE document_id = ANY (%(ids)s::uuid[])
ORDER BY document_id, version

-- name: current_words
SELECT v.text FROM documents d JOIN versions v ON v.document_id = d.id AND v.version = d.current_version
WHERE d.id = %(id)s


-- Feedback on answers

-- name: put_feedback
INSERT INTO feedback (id, audit_id, owner, kind, sentence, words, document_id, version, start_offset, end_offset)
VALUES (%(id)s, %(audit_id)s, %(owner)s, %(kind)s, %(sentence)s, %(words)s, %(document_id)s, %(version)s, %(start)s, %(end)s)
ON CONFLICT (audit_id, owner, sentence) DO UPDATE
SET kind = excluded.kind, words = excluded.words, document_id = excluded.document_id, version = excluded.version,
    start_offset = excluded.start_offset, end_offset = excluded.end_offset, given_at = now(), state = 'open', review = '',
    reviewed_by = NULL, reviewed_at = NULL
RETURNING id::text

-- name: find_feedback
SELECT number, id::text, audit_id::text, owner, kind, sentence, words, document_id::text, version, start_offset, end_offset,
    given_at, state, review, reviewed_by, reviewed_at
FROM feedback WHERE id = %(id)s

-- name: list_feedback
SELECT number, id::text, audit_id::text, owner, kind, sentence, words, document_id::text, version, start_offset, end_offset,
    given_at, state, review, reviewed_by, reviewed_at
FROM feedback
WHERE number > %(after)s AND (state = %(state)s::text OR %(state)s::text IS NULL)
    AND (owner = %(owner)s::text OR %(owner)s::text IS NULL) AND (audit_id = %(audit_id)s::uuid OR %(audit_id)s::uuid IS NULL)
ORDER BY number LIMIT %(limit)s

-- name: review_feedback
UPDATE feedback SET state = %(state)s, review = %(review)s, reviewed_by = %(by)s, reviewed_at = now() WHERE id = %(id)s
RETURNING audit_id::text

-- name: erase_feedback_of_person
DELETE FROM feedback WHERE lower(owner) = ANY (%(tokens)s::text[])

-- name: erase_reviewer
UPDATE feedback SET reviewed_by = '[erased]' WHERE lower(reviewed_by) = ANY (%(tokens)s::text[])

-- name: erase_feedback_on_documents
DELETE FROM feedback WHERE document_id = ANY (%(ids)s::uuid[]) OR audit_id IN (
    SELECT substring(record FROM '"answer_id":"([0-9a-f-]{36})"')::uuid FROM audit
    WHERE audit_terms(record) && %(terms)s::text[] AND audit_terms(record) @> '{kind:closed}'
        AND jsonb_path_exists(
            record::jsonb -> 'answer', '$.**.document_id ? (@ == $ids[*])', jsonb_build_object('ids', %(ids)s::text[])
        )
)

-- name: erase_feedback_on_answers
DELETE FROM feedback WHERE audit_id = ANY (%(answers)s::uuid[]) OR id = ANY (%(feedback)s::uuid[])
    OR document_id = ANY (%(documents)s::uuid[])

-- name: words_of_feedback
SELECT id::text, owner, words, review FROM feedback

-- name: said_of_documents
SELECT d.id::text FROM unnest(%(ids)s::uuid[]) AS d (id)
WHERE EXISTS (SELECT FROM feedback f WHERE f.document_id = d.id)
    OR EXISTS (SELECT FROM wrong_versions w WHERE w.document_id = d.id)
    OR EXISTS (
        SELECT FROM audit a
        WHERE audit_terms(a.record) @> ARRAY['document_id:' || d.id, 'kind:closed']
            AND substring(a.record FROM '"answer_id":"([0-9a-f-]{36})"')::uuid IN (
                SELECT audit_id FROM feedback UNION SELECT audit_id FROM sign_offs
            )
    )

-- name: count_erasures
SELECT count(*) FROM erasures

-- name: forget_feedback_of_month
DELETE FROM feedback f USING audit a
WHERE a.id = f.audit_id AND a.recorded_at >= %(month)s AND a.recorded_at < %(month)s + interval '1 month'

-- Answers that rest on what has changed

-- name: answers_marked
SELECT generation, seq, clock_timestamp(), (SELECT max(seq) FROM audit) FROM answers_marked

-- name: move_answers_marked
UPDATE answers_marked
SET generation = greatest(generation, %(generation)s::bigint), seq = greatest(seq, %(seq)s::bigint)

-- name: documents_to_mark
WITH changed AS (
    SELECT id, generation, current_version = 1 AND deleted_at IS NULL AS first FROM documents
    WHERE generation > %(generation)s
    UNION ALL SELECT document_id, generation, false FROM retired_documents WHERE generation > %(generation)s
)
SELECT id::text, generation, NOT first OR EXISTS (SELECT FROM answer_marks m WHERE m.document_id = changed.id)
FROM changed
WHERE generation <= (
    SELECT max(generation) FROM (SELECT generation FROM changed ORDER BY generation LIMIT %(limit)s) AS next
)

-- name: answers_after
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq > %(seq)s AND seq <= %(upto)s AND position('"kind":"closed"' IN record) > 0 ORDER BY seq

-- name: answers_on_documents
WITH found AS MATERIALIZED (  -- else many terms are looked for in every record instead of in the index
    SELECT seq FROM audit WHERE audit_terms(record) && %(terms)s::text[] AND audit_terms(record) @> '{kind:closed}'
)
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq IN (SELECT seq FROM found WHERE seq > %(seq)s ORDER BY seq LIMIT %(limit)s)
ORDER BY seq

-- name: erasing_since
SELECT EXISTS (SELECT FROM erasures WHERE kind = 'person' AND (finished_at IS NULL OR finished_at > %(since)s))

-- name: states_of_versions
SELECT v.document_id::text, v.version, v.created_at, v.effective, d.deleted_at
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = ANY (%(ids)s::uuid[])

-- name: ends_of_documents
SELECT document_id::text, deleted_at, false FROM retired_documents WHERE document_id = ANY (%(ids)s::uuid[])
UNION ALL
SELECT subject, max(begun_at), true FROM erasures, unnest(subjects) AS subject
WHERE kind = 'document' AND subjects && %(ids)s::uuid[]::text[] GROUP BY subject

-- name: wrong_versions
SELECT document_id::text, version, at, reason FROM wrong_versions
WHERE document_id = ANY (%(ids)s::uuid[]) OR %(ids)s::uuid[] IS NULL
ORDER BY document_id, version

-- name: put_wrong_version
INSERT INTO wrong_versions (document_id, version, reason) VALUES (%(id)s, %(version)s, %(reason)s)
ON CONFLICT (document_id, version) DO UPDATE SET reason = excluded.reason, at = now()

-- name: drop_wrong_version
DELETE FROM wrong_versions WHERE document_id = %(id)s AND version = %(version)s

-- name: is_version
SELECT true FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND (v.version = %(version)s OR %(version)s = 0) LIMIT 1

-- name: which_are_marked
SELECT DISTINCT audit_id::text FROM answer_marks WHERE audit_id = ANY (%(ids)s::uuid[])

-- name: put_answer_mark
INSERT INTO answer_marks (audit_id, document_id, version, reason, owner, asked_at, as_of, at, by_version)
VALUES (%(audit_id)s, %(document_id)s, %(version)s, %(reason)s, %(owner)s, %(asked_at)s, %(as_of)s, %(at)s, %(by)s)
ON CONFLICT (audit_id, document_id, version, reason) DO UPDATE
SET at = excluded.at, by_version = excluded.by_version,
    owner = CASE WHEN excluded.owner = '' THEN answer_marks.owner ELSE excluded.owner END

-- name: drop_answer_marks
DELETE FROM answer_marks
WHERE audit_id = %(audit_id)s AND document_id = ANY (%(ids)s::uuid[])
    AND NOT document_id::text || ' ' || version || ' ' || reason = ANY (%(kept)s::text[])

-- name: marked_answers
SELECT asked_at, audit_id::text FROM (
    SELECT DISTINCT asked_at, audit_id FROM answer_marks m
    WHERE (asked_at, audit_id) < (%(asked_at)s, %(audit_id)s::uuid) AND asked_at >= %(since)s
        AND (document_id = %(document_id)s::uuid OR %(document_id)s::uuid IS NULL)
        AND (version = %(version)s::integer OR %(version)s::integer IS NULL)
        AND (owner = %(owner)s::text OR %(owner)s::text IS NULL)
        AND (NOT %(unread)s OR (
            (seen_at IS NULL OR by_version > seen_version OR at > seen_at)
            AND NOT EXISTS (
                SELECT FROM answer_marks gone WHERE gone.audit_id = m.audit_id AND gone.reason IN ('deleted', 'erased')
            )
        ))
    ORDER BY asked_at DESC, audit_id DESC LIMIT %(limit)s
) AS found
ORDER BY found.asked_at DESC, found.audit_id DESC

-- name: marks_of_answers
SELECT audit_id::text, document_id::text, version, reason, owner, asked_at, as_of, at, by_version, seen_at, seen_version,
    asked_again::text
FROM answer_marks WHERE audit_id = ANY (%(ids)s::uuid[]) ORDER BY document_id, version, reason

-- name: see_mark
UPDATE answer_marks SET seen_at = now(), seen_version = %(seen)s
WHERE audit_id = %(audit_id)s AND document_id = %(document_id)s AND version = %(version)s AND reason = %(reason)s

-- name: mark_asked_again
UPDATE answer_marks SET asked_again = %(again)s WHERE audit_id = %(audit_id)s

-- name: versions_to_compare
SELECT document_id::text, version, created_at, effective FROM versions
WHERE document_id = ANY (%(ids)s::uuid[]) ORDER BY document_id, version

-- name: words_to_compare
SELECT text FROM versions WHERE document_id = %(id)s AND version = %(version)s

-- name: erase_mark_owner
UPDATE answer_marks SET owner = '' WHERE lower(owner) = ANY (%(tokens)s::text[])

-- name: erase_wrong_versions
DELETE FROM wrong_versions WHERE document_id = ANY (%(ids)s::uuid[])

-- Proof of absence

-- name: whole_version
SELECT v.version, v.title, d.source, v.content_sha256, v.page_count,
    (SELECT count(*) FROM chunks c WHERE c.document_id = v.document_id AND c.reading = v.reading),
    ARRAY(SELECT part.id::text FROM documents part WHERE part.parent_id = d.id ORDER BY 1),
    d.parts_pending
FROM documents d
JOIN versions v ON v.document_id = d.id
WHERE d.id = %(id)s AND v.version = coalesce(
    %(version)s::integer,
    (
        SELECT max(held.version) FROM versions held
        WHERE held.document_id = d.id AND held.effective <= %(as_of)s::date
    ),
    CASE WHEN %(as_of)s::date IS NULL THEN d.current_version END
)

-- name: documents_without_text
SELECT d.id::text
FROM documents d
CROSS JOIN LATERAL (
    SELECT v.index_key FROM versions v
    WHERE v.document_id = d.id AND CASE
        WHEN %(as_of)s::date IS NULL THEN v.version = d.current_version
        ELSE v.effective <= %(as_of)s::date
    END
    ORDER BY v.version DESC LIMIT 1
) held
WHERE held.index_key IS NULL
ORDER BY d.id

-- Sign-offs of answers

-- name: sign_off
INSERT INTO sign_offs (id, audit_id, sentence, signed_by, verdict, words)
VALUES (%(id)s, %(audit_id)s, %(sentence)s::integer, %(by)s, %(verdict)s, %(words)s)
ON CONFLICT (audit_id, coalesce(sentence, 0), signed_by)
DO UPDATE SET verdict = excluded.verdict, words = excluded.words, signed_at = now()
RETURNING audit_id::text, sentence, signed_by, signed_at, verdict, words, id::text

-- name: sign_offs_of
SELECT audit_id::text, sentence, signed_by, signed_at, verdict, words FROM sign_offs
WHERE audit_id = ANY (%(ids)s::uuid[]) ORDER BY signed_at, number

-- name: withdraw_sign_off
DELETE FROM sign_offs
WHERE audit_id = %(audit_id)s AND coalesce(sentence, 0) = coalesce(%(sentence)s::integer, 0) AND signed_by = %(by)s

-- name: erase_sign_offs_of_person
DELETE FROM sign_offs WHERE signed_by = ANY (%(tokens)s::text[])

-- name: erase_sign_offs
DELETE FROM sign_offs WHERE audit_id = ANY (%(answers)s::uuid[]) OR id = ANY (%(ids)s::uuid[])

-- name: drop_sign_offs_of_months
DELETE FROM sign_offs WHERE date_trunc('month', signed_at AT TIME ZONE 'UTC') = ANY (%(months)s::timestamp[])

-- name: forget_sign_offs_of_month
DELETE FROM sign_offs s USING audit a
WHERE a.id = s.audit_id AND a.recorded_at >= %(month)s AND a.recorded_at < %(month)s + interval '1 month'

-- Reviews, as their owner sees them

-- name: add_review
INSERT INTO reviews (id, owner, tokens, key_id, title, questions, as_of, live, strict)
VALUES (%(id)s, %(owner)s, %(tokens)s, %(key_id)s, %(title)s, %(questions)s, %(as_of)s, %(live)s, %(strict)s)

-- name: add_review_documents
INSERT INTO review_documents (review_id, number, document_id)
SELECT %(id)s, place, wanted.id FROM unnest(%(documents)s::uuid[]) WITH ORDINALITY AS wanted (id, place)

-- name: add_review_cells
INSERT INTO review_cells (review_id, number, question)
SELECT %(id)s, number, question FROM generate_series(1, %(documents)s::integer) AS number, generate_series(1, %(questions)s::integer) AS question

-- name: lock_owner_reviews
SELECT pg_advisory_xact_lock(hashtextextended('reviews ' || %(owner)s, 0))

-- name: open_cells_of_owner
SELECT count(*) FROM review_cells c JOIN reviews r ON r.id = c.review_id
WHERE r.owner = %(owner)s AND c.state IN ('waiting', 'running')

-- name: read_reviews
SELECT id::text, owner, title, questions, as_of, live, strict, created_at, cancelled_at IS NOT NULL, event,
    ARRAY(SELECT principal FROM review_shares WHERE review_id = id ORDER BY principal)
FROM reviews
WHERE owner = %(owner)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
    AND (%(at)s::timestamptz IS NULL OR (created_at, id) < (%(at)s, %(last)s::uuid))
ORDER BY created_at DESC, id DESC LIMIT %(limit)s

-- name: read_shared_reviews
SELECT id::text, owner, title, questions, as_of, live, strict, created_at, cancelled_at IS NOT NULL, event, ARRAY[]::text[]
FROM reviews r
WHERE owner <> %(owner)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
    AND EXISTS (SELECT FROM review_shares s WHERE s.review_id = r.id AND s.principal = ANY (%(tokens)s::text[]))
    AND (%(at)s::timestamptz IS NULL OR (created_at, id) < (%(at)s, %(last)s::uuid))
ORDER BY created_at DESC, id DESC LIMIT %(limit)s

-- name: lock_own_review
SELECT true FROM reviews WHERE id = %(id)s AND owner = %(owner)s FOR UPDATE

-- name: unshare_review
DELETE FROM review_shares WHERE review_id = %(id)s RETURNING principal

-- name: share_review
INSERT INTO review_shares (review_id, principal) SELECT %(id)s, p FROM unnest(%(principals)s::text[]) AS p

-- name: cells_of_answers
SELECT c.audit_id::text, r.id::text, r.owner, r.title, r.as_of, d.document_id::text, c.question, c.state, c.version, c.rests_on,
    ARRAY(SELECT principal FROM review_shares s WHERE s.review_id = r.id)
FROM review_cells c
JOIN reviews r ON r.id = c.review_id
JOIN review_documents d ON d.review_id = c.review_id AND d.number = c.number
WHERE c.audit_id = ANY (%(ids)s::uuid[])
ORDER BY r.created_at, r.id, c.number, c.question

-- name: change_review
UPDATE reviews SET title = coalesce(%(title)s, title), live = coalesce(%(live)s, live), checked = -1, event = event + 1
WHERE id = %(id)s AND owner = %(owner)s

-- name: delete_review
DELETE FROM reviews WHERE id = %(id)s AND owner = %(owner)s

-- name: cancel_review
UPDATE reviews SET cancelled_at = now(), event = event + 1 WHERE id = %(id)s AND owner = %(owner)s AND cancelled_at IS NULL

-- name: resume_review
UPDATE reviews SET cancelled_at = NULL, due_at = now(), tokens = %(tokens)s, key_id = %(key_id)s, event = event + 1
WHERE id = %(id)s AND owner = %(owner)s RETURNING event

-- name: documents_of_reviews
SELECT review_id::text, number, document_id::text FROM review_documents WHERE review_id = ANY (%(ids)s::uuid[])
ORDER BY review_id, number

-- name: review_counts
SELECT review_id::text, number, state, version, rests_on, count(*) FROM review_cells WHERE review_id = ANY (%(ids)s::uuid[])
GROUP BY review_id, number, state, version, rests_on

-- name: review_cells
SELECT number, question, state, code, audit_id::text, version, rests_on, computed_at, event FROM review_cells
WHERE review_id = %(id)s AND number = ANY (%(numbers)s::integer[]) ORDER BY number, question

-- name: changed_review_cells
SELECT number, question, state, code, audit_id::text, version, rests_on, computed_at, event FROM review_cells
WHERE review_id = %(id)s AND event > 0 AND (event, number, question) > (%(event)s, %(number)s, %(question)s)
ORDER BY event, number, question LIMIT %(limit)s

-- name: versions_in_force
SELECT DISTINCT ON (d.id) d.id::text, v.version, v.title, d.source,
    ARRAY(SELECT known.version FROM versions known WHERE known.document_id = d.id)
FROM documents d JOIN versions v ON v.document_id = d.id
WHERE d.id = ANY (%(ids)s::uuid[])
    AND CASE WHEN %(as_of)s::date IS NULL THEN v.version = d.current_version ELSE v.effective <= %(as_of)s::date END
ORDER BY d.id, v.version DESC

-- name: ask_cells_again
UPDATE review_cells c
SET state = 'waiting', code = '', audit_id = NULL, version = NULL, rests_on = NULL, computed_at = NULL, tries = 0, lost = 0, event = %(event)s
FROM unnest(%(numbers)s::integer[], %(versions)s::integer[]) AS seen (number, version)
WHERE c.review_id = %(id)s AND c.number = seen.number AND (
    c.state = 'absent' OR (c.state = 'failed' AND %(failed)s)
    OR (c.state IN ('answered', 'partial', 'not_found', 'failed') AND c.version <> seen.version)
    OR c.audit_id = ANY (%(gone)s::uuid[])
)

-- name: ask_chosen_cells_again
UPDATE review_cells
SET state = 'waiting', code = '', audit_id = NULL, version = NULL, rests_on = NULL, computed_at = NULL, tries = 0, lost = 0,
    event = %(event)s
WHERE review_id = %(id)s AND number = %(number)s AND question = ANY (%(questions)s::integer[])
    AND state NOT IN ('waiting', 'running')

-- name: take_over_cell
WITH told AS (UPDATE reviews SET event = event + 1, checked = -1 WHERE id = %(id)s RETURNING event)
UPDATE review_cells c
SET state = %(state)s, code = '', audit_id = %(audit_id)s, version = %(version)s, rests_on = %(rests_on)s, computed_at = now(),
    event = told.event
FROM told WHERE c.review_id = %(id)s AND c.question = %(question)s AND c.audit_id = %(old)s

-- name: learn_what_a_cell_rests_on
UPDATE review_cells SET rests_on = %(rests_on)s WHERE review_id = %(id)s AND audit_id = %(audit_id)s AND rests_on IS NULL

-- Reviews, as they are worked on

-- name: review_to_serve
SELECT r.id FROM reviews r
WHERE r.cancelled_at IS NULL AND r.due_at <= now() AND (%(id)s::uuid IS NULL OR r.id = %(id)s) AND EXISTS (
    SELECT FROM review_cells c WHERE c.review_id = r.id
        AND (c.state = 'waiting' OR (c.state = 'running' AND c.leased_until < now()))
)
ORDER BY (SELECT max(own.served_at) FROM reviews own WHERE own.owner = r.owner) NULLS FIRST, r.served_at NULLS FIRST, r.number
LIMIT 1 FOR UPDATE OF r SKIP LOCKED

-- name: serve_review
UPDATE reviews SET event = event + 1, served_at = clock_timestamp() WHERE id = %(id)s
RETURNING tokens, key_id, questions, as_of, strict, event

-- name: begin_review_cell
WITH taken AS (
    SELECT review_id, number, question FROM review_cells
    WHERE review_id = %(id)s AND (state = 'waiting' OR (state = 'running' AND leased_until < now()))
    ORDER BY number, question LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE review_cells c
SET state = 'running', attempt = attempt + 1, tries = tries + 1, lost = lost + (c.state = 'running')::integer,
    leased_until = now() + make_interval(secs => %(lease)s), event = %(event)s
FROM taken t JOIN review_documents d USING (review_id, number)
WHERE (c.review_id, c.number, c.question) = (t.review_id, t.number, t.question)
RETURNING c.number, c.question, d.document_id::text, c.attempt, c.tries, c.lost

-- name: keep_review_cell
UPDATE review_cells SET leased_until = now() + make_interval(secs => %(lease)s)
WHERE review_id = %(id)s AND number = %(number)s AND question = %(question)s AND attempt = %(attempt)s
    AND state = 'running'

-- name: review_changed
UPDATE reviews SET event = event + 1, checked = CASE WHEN %(ended)s THEN -1 ELSE checked END WHERE id = %(id)s
RETURNING event

-- name: lock_review
SELECT event FROM reviews WHERE id = %(id)s FOR UPDATE

-- name: end_review_cell
UPDATE review_cells
SET state = %(state)s, code = %(code)s, audit_id = %(audit_id)s, version = %(version)s, rests_on = %(rests_on)s,
    leased_until = NULL, computed_at = now(), event = %(event)s
WHERE review_id = %(id)s AND number = %(number)s AND question = %(question)s AND attempt = %(attempt)s
    AND state = 'running'

-- name: hand_back_review_cell
UPDATE review_cells SET state = 'waiting', leased_until = NULL, tries = tries - %(untried)s::integer, event = %(event)s
WHERE review_id = %(id)s AND number = %(number)s AND question = %(question)s AND attempt = %(attempt)s
    AND state = 'running'

-- name: postpone_review
UPDATE reviews SET due_at = greatest(due_at, now() + make_interval(secs => %(seconds)s)) WHERE id = %(id)s

-- name: open_cells_of_review
SELECT count(*) FROM review_cells c JOIN reviews r ON r.id = c.review_id
WHERE r.id = %(id)s AND r.cancelled_at IS NULL AND c.state IN ('waiting', 'running')

-- name: reviews_to_check
SELECT r.id::text, r.tokens, r.key_id, r.as_of FROM reviews r
WHERE r.live AND r.cancelled_at IS NULL AND r.checked < %(generation)s ORDER BY r.number

-- name: review_checked
UPDATE reviews SET checked = %(generation)s, event = event + %(changed)s WHERE id = %(id)s

-- name: key_stands
SELECT revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FROM api_keys WHERE id = %(id)s

-- name: erase_reviews_of_person
DELETE FROM reviews WHERE owner = ANY (%(tokens)s::text[])

-- name: erase_review_shares_with_person
DELETE FROM review_shares WHERE lower(principal) = ANY (%(tokens)s::text[])

-- name: erase_answers_of_cells
WITH gone AS (
    UPDATE reviews SET event = event + 1
    WHERE id IN (SELECT review_id FROM review_cells WHERE audit_id = ANY (%(answers)s::uuid[])) RETURNING id, event
)
UPDATE review_cells c
SET state = 'failed', code = 'answer_gone', audit_id = NULL, version = NULL, rests_on = NULL, event = gone.event
FROM gone WHERE c.review_id = gone.id AND c.audit_id = ANY (%(answers)s::uuid[])

-- name: forget_cells_of_month
UPDATE review_cells c SET state = 'failed', code = 'answer_gone', audit_id = NULL, version = NULL, rests_on = NULL
FROM audit a
WHERE a.id = c.audit_id AND a.recorded_at >= %(month)s AND a.recorded_at < %(month)s + interval '1 month'

-- Conversations

-- name: read_conversations
SELECT c.id::text, c.owner, c.title, c.matter, c.created_at, c.updated_at,
    (SELECT count(*)::int FROM conversation_answers a WHERE a.conversation_id = c.id),
    (SELECT a.audit_id::text FROM conversation_answers a WHERE a.conversation_id = c.id AND a.number = 1)
FROM conversations c
WHERE c.owner = %(owner)s
    AND (%(id)s::uuid IS NULL OR c.id = %(id)s::uuid)
    AND (%(matter)s::text IS NULL OR lower(c.matter) = lower(%(matter)s::text))
    AND (%(at)s::timestamptz IS NULL OR (c.updated_at, c.id) < (%(at)s::timestamptz, %(last)s::uuid))
ORDER BY c.updated_at DESC, c.id DESC
LIMIT %(limit)s

-- name: count_conversations
SELECT count(*)::int FROM conversations c
WHERE c.owner = %(owner)s AND (%(matter)s::text IS NULL OR lower(c.matter) = lower(%(matter)s::text))

-- name: conversation_turns
SELECT number, audit_id::text, carried, added_at FROM conversation_answers WHERE conversation_id = %(id)s ORDER BY number

-- name: conversation_shares
SELECT number, principal FROM conversation_shares WHERE conversation_id = %(id)s ORDER BY number, principal

-- name: shared_turns
SELECT c.id::text, c.owner, a.number, a.audit_id::text, a.carried, a.added_at
FROM conversations c JOIN conversation_answers a ON a.conversation_id = c.id
WHERE c.owner <> %(owner)s AND (%(id)s::uuid IS NULL OR c.id = %(id)s::uuid)
    AND EXISTS (
        SELECT FROM conversation_shares s
        WHERE s.conversation_id = c.id AND s.number IN (0, a.number) AND s.principal = ANY (%(tokens)s::text[])
    )
ORDER BY c.id, a.number

-- name: turns_of_shared_answer
WITH RECURSIVE needed AS (
    SELECT conversation_id, number, audit_id, carried, added_at FROM conversation_answers WHERE audit_id = %(audit_id)s
    UNION
    SELECT a.conversation_id, a.number, a.audit_id, a.carried, a.added_at
    FROM needed n JOIN conversation_answers a ON a.conversation_id = n.conversation_id AND a.number = ANY (n.carried)
)
SELECT c.id::text, c.owner, n.number, n.audit_id::text, n.carried, n.added_at
FROM needed n JOIN conversations c ON c.id = n.conversation_id
WHERE c.owner <> %(owner)s
    AND EXISTS (
        SELECT FROM conversation_shares s
        WHERE s.conversation_id = c.id AND s.number IN (0, n.number) AND s.principal = ANY (%(tokens)s::text[])
    )
ORDER BY c.id, n.number

-- name: lock_conversation
SELECT title, matter FROM conversations WHERE id = %(id)s AND owner = %(owner)s FOR UPDATE

-- name: add_conversation
INSERT INTO conversations (id, owner, title, matter) VALUES (%(id)s, %(owner)s, %(title)s, %(matter)s)

-- name: add_conversation_answer
INSERT INTO conversation_answers (conversation_id, number, audit_id, carried)
SELECT %(id)s, coalesce(max(number), 0) + 1, %(audit_id)s, %(carried)s::integer[]
FROM conversation_answers WHERE conversation_id = %(id)s
RETURNING number

-- name: change_conversation
UPDATE conversations SET title = %(title)s, matter = %(matter)s, updated_at = now() WHERE id = %(id)s

-- name: touch_conversation
UPDATE conversations SET updated_at = now() WHERE id = %(id)s

-- name: delete_conversation
DELETE FROM conversations WHERE id = %(id)s

-- name: unshare_conversation
DELETE FROM conversation_shares WHERE conversation_id = %(id)s AND number = %(number)s RETURNING principal

-- name: share_conversation
INSERT INTO conversation_shares (conversation_id, number, principal)
SELECT %(id)s, %(number)s, p FROM unnest(%(principals)s::text[]) AS p

-- name: erase_conversations_of_person
DELETE FROM conversations WHERE lower(owner) = ANY (%(tokens)s::text[])

-- name: erase_shares_with_person
DELETE FROM conversation_shares WHERE lower(principal) = ANY (%(tokens)s::text[])

-- name: audit_answers
SELECT coalesce(substring(record from '"answer_id":"([0-9a-f-]{36})"'), id::text),
    seq, id::text, recorded_at, principal, prev_hash, record, hash
FROM audit
WHERE (id = ANY (%(ids)s::uuid[]) OR substring(record from '"answer_id":"([0-9a-f-]{36})"') = ANY (%(ids)s::text[]))
    AND position('"kind":"sentence"' IN record) = 0
ORDER BY seq DESC

-- name: try_evaluating
SELECT pg_try_advisory_lock(7305508905)

-- name: end_evaluating
SELECT pg_advisory_unlock(7305508905)

-- name: add_eval_dataset
INSERT INTO eval_datasets (sha256, name, cases) VALUES (%(sha256)s, %(name)s, %(cases)s) ON CONFLICT (sha256) DO NOTHING

-- name: abandon_eval_runs
UPDATE eval_runs SET status = 'abandoned'
WHERE what = %(what)s AND status IN ('running', 'stopped')
    AND (started_at < now() - make_interval(hours => %(hours)s) OR coalesce(plan->>'release', '') = %(release)s
        AND (config_sha256 <> %(config_sha256)s OR data_sha256 <> %(data_sha256)s OR %(anew)s))

-- name: resume_eval_run
UPDATE eval_runs SET status = 'running', ended_at = NULL
WHERE id = (
    SELECT id FROM eval_runs
    WHERE what = %(what)s AND status IN ('running', 'stopped') AND coalesce(plan->>'release', '') = %(release)s
    ORDER BY number DESC LIMIT 1
)
RETURNING id::text

-- name: add_eval_run
INSERT INTO eval_runs (id, what, code_commit, config_sha256, data_sha256, setup, plan)
VALUES (%(id)s, %(what)s, %(commit)s, %(config_sha256)s, %(data_sha256)s, %(setup)s, %(plan)s)

-- name: end_eval_run
UPDATE eval_runs SET status = %(status)s, ended_at = now() WHERE id = %(id)s

-- name: put_eval_case
INSERT INTO eval_cases (run_id, suite, case_id, dataset, store, outcome, status, code, first_seconds, seconds, audit_id,
    snapshot, slices, version, evidence)
VALUES (%(run_id)s, %(suite)s, %(case_id)s, %(dataset)s, %(store)s, %(outcome)s, %(status)s, %(code)s, %(first_seconds)s,
    %(seconds)s, %(audit_id)s, %(snapshot)s, %(slices)s, %(version)s, %(evidence)s)
ON CONFLICT (run_id, suite, case_id) DO UPDATE
SET outcome = excluded.outcome, status = excluded.status, code = excluded.code, first_seconds = excluded.first_seconds,
    seconds = excluded.seconds, audit_id = excluded.audit_id, snapshot = excluded.snapshot, slices = excluded.slices,
    evidence = excluded.evidence, at = now()

-- name: put_eval_metric
INSERT INTO eval_metrics (run_id, suite, case_id, name, value, low, high, n, nans)
VALUES (%(run_id)s, %(suite)s, %(case_id)s, %(name)s, %(value)s, %(low)s, %(high)s, %(n)s, %(nans)s)
ON CONFLICT (run_id, suite, case_id, name) DO UPDATE
SET value = excluded.value, low = excluded.low, high = excluded.high, n = excluded.n, nans = excluded.nans

-- name: list_eval_runs
SELECT r.id::text, r.what, r.started_at, r.ended_at, r.status, r.code_commit, r.config_sha256, r.data_sha256, r.setup, r.plan,
    count(c.case_id)::int, (count(*) FILTER (WHERE c.outcome = 'right'))::int,
    (count(*) FILTER (WHERE c.outcome = 'error'))::int
FROM eval_runs r LEFT JOIN eval_cases c ON c.run_id = r.id
WHERE starts_with(r.id::text, %(prefix)s)
GROUP BY r.id ORDER BY r.number DESC LIMIT %(limit)s

-- name: eval_run_before
SELECT b.id::text FROM eval_runs b JOIN eval_runs r ON r.id = %(id)s
WHERE b.what = %(what)s AND b.status = 'done' AND b.number < r.number
ORDER BY coalesce(b.plan->>'release', '') IN ('', current_release(r.started_at)) DESC, b.number DESC LIMIT 1

-- name: eval_cases
SELECT suite, case_id, dataset, store, outcome, status, code, first_seconds, seconds, audit_id::text, snapshot, slices, version,
    evidence
FROM eval_cases WHERE run_id = %(id)s ORDER BY suite, case_id

-- name: eval_metrics
SELECT suite, case_id, name, value, low, high, n, nans FROM eval_metrics WHERE run_id = %(id)s ORDER BY suite, name, case_id

-- Releases

-- name: lock_releases
SELECT pg_advisory_xact_lock(7305508906)

-- name: add_release
INSERT INTO releases (name, by, settings, pins, pins_sha256, note)
VALUES (%(name)s, %(by)s, %(settings)s, %(pins)s, %(pins_sha256)s, %(note)s)

-- name: list_releases
SELECT name, settings, pins, pins_sha256, by, note, created_at FROM releases ORDER BY created_at, name COLLATE "C"

-- name: find_release
SELECT name, settings, pins, pins_sha256, by, note, created_at FROM releases WHERE name = %(name)s

-- name: add_release_event
INSERT INTO release_events (action, name, previous, by, share, evidence)
VALUES (%(action)s, %(name)s, %(previous)s, %(by)s, %(share)s, %(evidence)s)

-- name: release_events
SELECT number, at, action, name, previous, by, share, evidence FROM release_events ORDER BY number

-- name: release_steps
SELECT number, at, action, name, previous, by, share, '{}'::jsonb FROM release_events ORDER BY number

-- name: erase_release_proposer
UPDATE releases SET by = '[erased]' WHERE lower(by) = ANY (%(tokens)s::text[])

-- name: erase_release_actor
UPDATE release_events SET by = '[erased]' WHERE lower(by) = ANY (%(tokens)s::text[])

-- name: erase_release_notes
UPDATE releases SET note = regexp_replace(note, %(told)s, '[erased]', 'gi') WHERE note ~* %(told)s

-- name: erase_release_reasons
UPDATE release_events SET evidence = evidence || jsonb_strip_nulls(jsonb_build_object(
    'reason', regexp_replace(evidence->>'reason', %(told)s, '[erased]', 'gi'),
    'forced', regexp_replace(evidence->>'forced', %(told)s, '[erased]', 'gi')
))
WHERE concat_ws(' ', evidence->>'reason', evidence->>'forced') ~* %(told)s

-- name: answers_of_release
SELECT seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE seq < %(before)s AND recorded_at >= %(since)s
    AND audit_terms(record) @> '{kind:closed}' AND position(%(release)s::text IN record) > 0
ORDER BY seq DESC LIMIT %(limit)s

-- Trials of releases

-- name: add_observation
INSERT INTO release_observations (trial, release, arm, person, status, code, shipped, withheld, first_seconds, seconds,
    tokens, alone, audit_id, overlap, same_status)
VALUES (%(trial)s, %(release)s, %(arm)s, %(person)s, %(status)s, %(code)s, %(shipped)s, %(withheld)s, %(first_seconds)s,
    %(seconds)s, %(tokens)s, %(alone)s, %(audit_id)s, %(overlap)s, %(same_status)s)

-- name: newest_observation
SELECT coalesce(max(number), 0) FROM release_observations WHERE trial = %(trial)s

-- name: first_observations
SELECT person, arm, status, shipped, withheld, seconds FROM (
    SELECT *, row_number() OVER (PARTITION BY person ORDER BY number) AS nth FROM release_observations
    WHERE trial = %(trial)s AND arm <> 'shadow'
) AS o WHERE nth <= %(each)s ORDER BY number

-- name: first_pairs
SELECT person, s_status, s_shipped, s_withheld, s_seconds, status, shipped, withheld, seconds FROM (
    SELECT c.person, s.status AS s_status, s.shipped AS s_shipped, s.withheld AS s_withheld, s.seconds AS s_seconds, c.status,
        c.shipped, c.withheld, c.seconds, s.number, row_number() OVER (PARTITION BY c.person ORDER BY s.number) AS nth
    FROM release_observations s
    JOIN release_observations c ON c.trial = s.trial AND c.audit_id = s.audit_id AND c.arm = 'current'
    WHERE s.trial = %(trial)s AND s.arm = 'shadow'
) AS p WHERE nth <= %(each)s ORDER BY number

-- name: count_observations
SELECT arm, count(*)::int, count(DISTINCT person)::int, (count(*) FILTER (WHERE status = 'answered'))::int,
    (count(*) FILTER (WHERE status = 'partial'))::int, (count(*) FILTER (WHERE status = 'abstained'))::int,
    (count(*) FILTER (WHERE status = 'error' AND code <> 'left'))::int, (count(*) FILTER (WHERE code = 'left'))::int,
    (count(*) FILTER (WHERE alone))::int, sum(shipped)::int,
    sum(withheld)::int, percentile_cont(0.5) WITHIN GROUP (ORDER BY first_seconds),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE status <> 'error'),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE status <> 'error'), sum(tokens)::int,
    (count(*) FILTER (WHERE arm <> 'shadow' AND EXISTS (
        SELECT FROM feedback f WHERE f.audit_id = o.audit_id AND f.kind = 'wrong'
    )))::int, avg(overlap), avg(same_status::int)::double precision, min(at), max(at)
FROM release_observations o WHERE trial = %(trial)s GROUP BY arm

-- name: tell_trial_process
INSERT INTO release_processes AS p (trial, process, host, state, code)
VALUES (%(trial)s, %(process)s, %(host)s, %(state)s, %(code)s)
ON CONFLICT (trial, process) DO UPDATE
SET state = excluded.state, code = excluded.code, at = now(),
    since = CASE WHEN p.state = excluded.state THEN p.since ELSE now() END

-- name: forget_trial_processes
DELETE FROM release_processes WHERE trial < %(trial)s

-- name: trial_processes
SELECT process::text, host, state, code, since FROM release_processes
WHERE trial = %(trial)s AND at > now() - make_interval(secs => %(seconds)s) ORDER BY host, since, process

-- name: erase_observations_of_person
DELETE FROM release_observations WHERE person = ANY (%(observed)s::text[])

-- name: drop_old_observations
DELETE FROM release_observations WHERE at < now() - make_interval(days => %(days)s)

-- name: shared_answers
SELECT a.audit_id::text FROM conversation_answers a
JOIN conversation_shares s ON s.conversation_id = a.conversation_id AND s.number IN (0, a.number)
WHERE a.audit_id = ANY (%(ids)s::uuid[])
UNION SELECT c.audit_id::text FROM review_cells c JOIN review_shares s ON s.review_id = c.review_id
WHERE c.audit_id = ANY (%(ids)s::uuid[])

-- name: page_eval_runs
SELECT r.number, r.id::text, r.what, r.started_at, r.ended_at, r.status, r.code_commit, r.config_sha256, r.data_sha256,
    r.setup, r.plan, c.cases, c.rightly, c.errors
FROM (
    SELECT * FROM eval_runs WHERE %(before)s::bigint IS NULL OR number < %(before)s ORDER BY number DESC LIMIT %(limit)s
) r CROSS JOIN LATERAL (
    SELECT count(*)::int AS cases, (count(*) FILTER (WHERE outcome = 'right'))::int AS rightly,
        (count(*) FILTER (WHERE outcome = 'error'))::int AS errors
    FROM eval_cases WHERE run_id = r.id
) c
ORDER BY r.number DESC

-- name: eval_run
SELECT r.number, r.id::text, r.what, r.started_at, r.ended_at, r.status, r.code_commit, r.config_sha256, r.data_sha256,
    r.setup, r.plan, c.cases, c.rightly, c.errors
FROM eval_runs r CROSS JOIN LATERAL (
    SELECT count(*)::int AS cases, (count(*) FILTER (WHERE outcome = 'right'))::int AS rightly,
        (count(*) FILTER (WHERE outcome = 'error'))::int AS errors
    FROM eval_cases WHERE run_id = r.id
) c
WHERE r.id = %(id)s

-- name: eval_figures
SELECT run_id::text, suite, case_id, name, value, low, high, n, nans FROM eval_metrics
WHERE run_id = ANY (%(ids)s::uuid[]) AND case_id = '' ORDER BY suite, name

-- name: page_eval_cases
SELECT suite, case_id, dataset, store, outcome, status, code, first_seconds, seconds, audit_id::text, snapshot, slices, version,
    evidence
FROM eval_cases
WHERE run_id = %(id)s AND (%(suite)s = '' OR suite = %(suite)s) AND (%(outcome)s = '' OR outcome = %(outcome)s)
    AND (suite, case_id) > (%(after_suite)s, %(after_case)s)
ORDER BY suite, case_id LIMIT %(limit)s

-- name: eval_case
SELECT suite, case_id, dataset, store, outcome, status, code, first_seconds, seconds, audit_id::text, snapshot, slices, version,
    evidence
FROM eval_cases WHERE run_id = %(id)s AND suite = %(suite)s AND case_id = %(case_id)s

-- name: eval_case_metrics
SELECT suite, case_id, name, value, low, high, n, nans FROM eval_metrics
WHERE run_id = %(id)s AND suite = %(suite)s AND case_id = %(case_id)s ORDER BY name

-- name: drop_old_eval_runs
DELETE FROM eval_runs r
WHERE coalesce(r.ended_at, r.started_at) < now() - make_interval(days => %(days)s) AND r.number < (
    SELECT max(l.number) FROM eval_runs l
    WHERE l.what = r.what AND l.status = 'done' AND coalesce(l.plan->>'release', '') IN ('', current_release(now()))
)

-- name: add_eval_decision
INSERT INTO eval_decisions (id, new_run, old_run, outcome, results, gates)
VALUES (%(id)s, %(new_run)s, %(old_run)s, %(outcome)s, %(results)s, %(gates)s)
RETURNING at

-- name: list_eval_decisions
SELECT id::text, new_run::text, old_run::text, at, outcome, results, gates
FROM eval_decisions WHERE starts_with(id::text, %(prefix)s) ORDER BY number DESC LIMIT %(limit)s

-- name: last_outcome_of_release
SELECT d.outcome FROM eval_decisions d JOIN eval_runs r ON r.id = d.new_run
WHERE r.plan->>'release' = %(name)s ORDER BY d.number DESC LIMIT 1

-- name: page_eval_decisions
SELECT number, id::text, new_run::text, old_run::text, at, outcome, results, gates FROM eval_decisions
WHERE (%(before)s::bigint IS NULL OR number < %(before)s)
    AND (%(run)s::uuid IS NULL OR %(run)s IN (new_run, old_run))
ORDER BY number DESC LIMIT %(limit)s

-- name: evaluations_seen
SELECT max(ended_at) FILTER (WHERE status = 'done'), max(greatest(started_at, ended_at))
FROM eval_runs WHERE what = 'nightly' AND coalesce(plan->>'release', '') IN ('', current_release(now()))

-- name: last_evaluation_outcomes
SELECT outcome, count(*)::int FROM eval_cases
WHERE run_id = (
    SELECT id FROM eval_runs
    WHERE what = 'nightly' AND status = 'done' AND coalesce(plan->>'release', '') IN ('', current_release(now()))
    ORDER BY number DESC LIMIT 1
)
GROUP BY outcome

-- name: last_evaluation_stale
SELECT count(*)::int FROM eval_metrics
WHERE run_id = (
    SELECT id FROM eval_runs
    WHERE what = 'nightly' AND status = 'done' AND coalesce(plan->>'release', '') IN ('', current_release(now()))
    ORDER BY number DESC LIMIT 1
)
    AND name = 'stale' AND case_id <> '' AND value = 1

-- name: last_evaluation_sets
SELECT d.name, max(d.added_at) FROM eval_datasets d
WHERE d.sha256 IN (
    SELECT dataset FROM eval_cases
    WHERE store = 'own'
        AND run_id = (
            SELECT id FROM eval_runs
            WHERE what = 'nightly' AND status = 'done' AND coalesce(plan->>'release', '') IN ('', current_release(now()))
            ORDER BY number DESC LIMIT 1
        )
)
GROUP BY d.name

-- name: list_eval_datasets
SELECT d.sha256, d.name, d.cases, d.added_at, max(c.at), count(DISTINCT c.run_id)::int
FROM eval_datasets d LEFT JOIN eval_cases c ON c.dataset = d.sha256
GROUP BY d.sha256 ORDER BY d.name, d.added_at DESC

-- What administrators are told of the installation

-- name: usage_of_answers
SELECT (a.recorded_at AT TIME ZONE 'UTC')::date, a.principal, coalesce(r.said ->> 'purpose', ''),
    split_part(coalesce(r.said -> 'answer' -> 'model' ->> 'generator', ''), '@', 1),
    count(*) FILTER (WHERE NOT r.broken AND r.status = 'answered'),
    count(*) FILTER (WHERE NOT r.broken AND r.status = 'partial'),
    count(*) FILTER (WHERE NOT r.broken AND r.status NOT IN ('answered', 'partial')),
    count(*) FILTER (WHERE r.broken),
    coalesce(sum((r.said -> 'answer' -> 'usage' ->> 'prompt_tokens')::bigint), 0),
    coalesce(sum((r.said -> 'answer' -> 'usage' ->> 'completion_tokens')::bigint), 0),
    coalesce(sum((r.said -> 'answer' -> 'timings_ms' ->> 'total')::double precision) / 1000, 0)
FROM audit a, LATERAL (
    SELECT said, said ? 'interrupted' AS broken, coalesce(said -> 'answer' ->> 'status', '') AS status
    FROM (SELECT a.record::jsonb OFFSET 0) AS once (said)
) AS r
WHERE a.recorded_at >= %(since)s::date::timestamp AT TIME ZONE 'UTC'
    AND a.recorded_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'UTC'
    AND position('"kind":"closed"' IN a.record) > 0
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4

-- name: askers_of_answers
SELECT DISTINCT ON (principal) seq, id::text, recorded_at, principal, prev_hash, record, hash FROM audit
WHERE recorded_at >= %(since)s::date::timestamp AT TIME ZONE 'UTC'
    AND recorded_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'UTC'
    AND position('"kind":"closed"' IN record) > 0
ORDER BY principal, seq DESC

-- name: who_signed_in
SELECT DISTINCT ON (user_name, way) user_name, way, created_at, groups FROM sessions ORDER BY user_name, way, created_at DESC
