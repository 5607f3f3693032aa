"""A data folder with very many documents, for lists: rows of the catalog alone, without passages."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg_pool import ConnectionPool

from ingest.types import PARSER_RULES

_LABELS: LiteralString = """
    INSERT INTO access_labels (id, principals, number)
    SELECT 'listing-' || at, principals::text[], at + (SELECT coalesce(max(number), 0) FROM access_labels)
    FROM (VALUES (1, '{group:legal}'), (2, '{group:finance,group:legal}'), (3, '{user:ana}'), (4, '{group:hr}'))
        made (at, principals)
"""
_DOCUMENTS: LiteralString = """
    INSERT INTO documents (id, source, label_id, current_version, generation, owner, managers, created_at)
    SELECT md5('listing ' || n)::uuid, format('upload/ana/deals/%%s/agreement %%s.pdf', n %% 400, n),
        'listing-' || CASE WHEN n > %(readable)s THEN 4 ELSE 1 + n %% 3 END, 1,
        (SELECT generation FROM catalog_generation), 'ana', '{}', now() - n * interval '1 minute'
    FROM generate_series(1, %(readable)s + %(hidden)s) n
"""
_VERSIONS: LiteralString = """
    INSERT INTO versions (
        document_id, version, content_sha256, media_type, bytes, page_count, title, document_date, text, layout,
        label_id, names, name_rules, warnings, pages, parser_rules, reading, language, effective, created_at
    )
    SELECT md5('listing ' || n)::uuid, 1, encode(sha256(convert_to('listing ' || n, 'UTF8')), 'hex'),
        (ARRAY['application/pdf', 'application/pdf', 'text/plain', 'message/rfc822'])[1 + n %% 4],
        4000 + n * 37 %% 900000,
        CASE WHEN n %% 4 < 2 THEN 1 + n %% 90 END,
        (ARRAY['Supply agreement', 'Lease', 'Engagement letter', 'Board minutes', 'Loan note'])[1 + n %% 5] || ' ' || n,
        (date '2015-01-01' + n %% 4000)::text, 'The terms.', '{"lines": [], "elements": []}', d.label_id,
        '[]', 1, '[]', '{}', %(rules)s, encode(sha256(convert_to('listing ' || n, 'UTF8')), 'hex'), 'en',
        date '2015-01-01' + n %% 4000, d.created_at
    FROM generate_series(1, %(readable)s + %(hidden)s) n
    JOIN documents d ON d.id = md5('listing ' || n)::uuid
"""


def filled(pool: ConnectionPool[Any], readable: int, hidden: int) -> None:
    """Adds so many documents that the sample person Ana may read and change, and some that she may not."""
    asked: dict[str, Any] = {"readable": readable, "hidden": hidden, "rules": PARSER_RULES}
    with pool.connection() as conn, conn.transaction():
        conn.execute("SET CONSTRAINTS ALL DEFERRED")
        conn.execute(_LABELS)
        conn.execute(_DOCUMENTS, asked)
        conn.execute(_VERSIONS, asked)
    with pool.connection() as conn:
        conn.execute("ANALYZE documents, versions, access_labels")
