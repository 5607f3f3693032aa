"""As many documents as are wanted, with made-up titles, names and labels and next to no text, in an installation that
holds nothing else; and one file as a document that nothing searches."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from api.terminal import UsageError
from evals.systems.installations import Installation
from infra.postgres.pool import transaction
from infra.postgres.writing import put_label
from ingest.chunking import assemble
from ingest.parsers import parse
from ingest.types import document_id
from retrieval.types import Principal

EVERYTHING = Principal("all", frozenset({"all"}))
ONE_IN_A_HUNDRED = Principal("few", frozenset({"g7"}))
LABELS = tuple(frozenset({f"group:g{number}", "group:all"}) for number in range(100))
_NOBODY = frozenset({"group:nobody"})
_COPY_DOCUMENTS = "COPY documents (id, source, label_id, current_version, created_at, generation, owner) FROM STDIN"
_COPY_VERSIONS = (
    "COPY versions (document_id, version, content_sha256, media_type, bytes, page_count, title, document_date, text,"
    " layout, created_at, label_id, effective, names, name_rules, warnings, pages, parser_rules, reading, language)"
    " FROM STDIN"
)
_WORDS = (
    "lease rent tenant notice agreement supply warranty audit policy salary recall master service order invoice annex"
    " schedule amendment kestrel havenbrook report minutes board plan budget tax filing patent licence contract"
).split()
_TYPES = ("application/pdf", "application/pdf", "text/plain", "message/rfc822")
_LANGUAGES = ("en", "en", "de", "fr")
_LONG = "long/"
_FIRST = date(2010, 1, 1)


def fill(
    parts: Installation,
    count: int,
    done: Callable[[int, int], None],
    *,
    labels: Sequence[frozenset[str]] = LABELS,
    hidden: int = 0,
    owner: str = "",
) -> None:
    """Writes so many documents, every twentieth in two versions, each open to those of one of these labels: by
    default one of 100 groups, and `EVERYTHING`. `hidden`: so many more that nobody reads; `owner`: who may change all
    of them, "": fifty people take turns. Nothing is done where they are there already; raises `UsageError` where
    others are."""
    drawn = random.Random(1)
    with transaction(parts.pool) as conn:
        (there,) = conn.execute("SELECT count(*) FROM documents WHERE NOT starts_with(source, %s)", [_LONG]).fetchall()[
            0
        ]
        if there == count + hidden:
            return
        if there:
            raise UsageError(f"This data folder holds {there} documents. Name another one, or an empty one.")
        written = [put_label(conn, label) for label in (*labels, *([_NOBODY] if hidden else []))]
        rows = [(_source(number, drawn), written[drawn.randrange(len(labels))]) for number in range(count)]
        rows += [(_source(count + number, drawn), written[-1]) for number in range(hidden)]
        with conn.cursor().copy(_COPY_DOCUMENTS) as copy:
            for number, (source, label) in enumerate(rows):
                at = datetime(2026, 1, 1, tzinfo=UTC)
                own = owner or f"u{number % 50}"
                copy.write_row((document_id(source), source, label, _versions(number), at, 1, own))
        with conn.cursor().copy(_COPY_VERSIONS) as copy:
            for number, (source, label) in enumerate(rows):
                for version in _written(number, source, label, drawn):
                    copy.write_row(version)
                if number % 10_000 == 0:
                    done(number, count)
        conn.execute("UPDATE catalog_generation SET generation = 1")
    with parts.pool.connection() as conn:
        conn.execute("VACUUM ANALYZE")


def put_file(parts: Installation, data: bytes, name: str) -> str:
    """The id of the document that this file becomes, read as ingestion does, without chunks; for `EVERYTHING`."""
    source = f"{_LONG}{name}"
    sha256 = hashlib.sha256(data).hexdigest()
    if parts.documents.find(source) is None:
        read = assemble(parse(data, source), source=source, content_sha256=sha256)
        none = np.zeros((0, 1), np.float32)
        parts.documents.add_version(read, [], none, frozenset({"group:all"}), data)
    return document_id(source)


def _versions(number: int) -> int:
    return 2 if number % 20 == 0 else 1


def _source(number: int, drawn: random.Random) -> str:
    return f"upload/u{number % 50}/{drawn.choice(_WORDS)}/{drawn.choice(_WORDS)}-{number}.pdf"


def _written(number: int, source: str, label: str, drawn: random.Random) -> Iterator[tuple[object, ...]]:
    for version in range(1, _versions(number) + 1):
        title = " ".join(drawn.choice(_WORDS) for _ in range(4)).title() + f" {number}"
        sha256 = hashlib.sha256(f"{number}-{version}".encode()).hexdigest()
        day = (_FIRST + timedelta(drawn.randrange(6000))).isoformat() if number % 3 else None
        company, kind = f"Company {number % 997} Ltd", drawn.choice(_WORDS)
        names = [["party", company, company.lower(), "page 1", 10, 30], ["kind", kind, kind, "title", 0, 5],
                 ["reference", f"REF-{number}", f"ref {number}", "page 1", 40, 50]]  # fmt: skip
        lines = [[at * 40, at * 40 + 39, 1, 72, 72 + at, 500, 84 + at] for at in range(60)]
        layout = {"lines": lines, "elements": [["paragraph", 0, 0, 40, 1]] * 30}
        warnings = [["low_confidence", "The scan is faint.", 3, 6, 22]] if number % 25 == 0 else []
        pages = {"counts": {"text": 3}, "pages": [[page, "text", "", "", None] for page in (1, 2, 3)]}
        added = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=drawn.randrange(400_000))
        yield (
            document_id(source), version, sha256, drawn.choice(_TYPES), drawn.randrange(1000, 5_000_000),
            drawn.randrange(1, 80), title, day, f"{title} " * 60, json.dumps(layout), added, label, day or "0001-01-01",
            json.dumps(names), 1, json.dumps(warnings), json.dumps(pages), 1, sha256, drawn.choice(_LANGUAGES),
        )  # fmt: skip
