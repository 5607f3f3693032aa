"""Lists of documents, page by page, and all versions of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  a field is called date
from datetime import datetime
from functools import lru_cache
from typing import Any

from infra.postgres.documents import info_of, versions_of
from infra.postgres.layout import DocumentInfo, unpack_coverage, unpack_warnings
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.types import PARSER_RULES, Coverage, FileWarning, walled
from retrieval.types import FORMATS, Principal

# Since when there is a version that the reader may read: an earlier one must not show in the order. Where all are for
# the same readers, that is told without looking for them.
_ADDED = (
    b"coalesce(l.added_at, (SELECT min(own.created_at) FROM versions own"
    b" WHERE own.document_id = l.document_id AND own.label_id = ANY (%(own)s::text[])))"
)
# By what a list is sorted: the expression, and its type. None of them is ever null.
_SORTS = {
    "source": (b"l.source_key", b"text"),
    "title": (b"l.title_key", b"text"),
    "added_at": (_ADDED, b"timestamptz"),
    "updated_at": (b"l.updated_at", b"timestamptz"),
    "date": (b"l.document_date", b"text"),
    "effective": (b"l.effective", b"date"),
    "bytes": (b"l.bytes", b"bigint"),
}
_SIGN = re.compile(r"[^\w\s/]")  # what may mean something in an expression
_FILTERS = {
    "languages": SQL["document_in_language"],
    "warned": SQL["document_is_warned"],
    "dated": SQL["document_is_dated"],
}


@lru_cache(maxsize=1000)
def _statement(sort: str, descending: bool, filters: tuple[str, ...] = (), words: int = 0, kinds: int = -1) -> bytes:
    """A page in this order. Where something is filtered, so many words are sought or so many kinds (-1: any), all that
    passes is counted on the way."""
    counted = bool(filters or words or kinds >= 0)
    passes = [SQL["document_passes"], *(_FILTERS[name] for name in filters)]
    passes += [SQL["document_has_word"].replace(b":word", b"%%(word%d)s::text" % number) for number in range(words)]
    if kinds >= 0:
        either = [b"l.media_type ~ ANY (%(formats)s::text[])", *(_of_kind(number) for number in range(kinds))]
        passes.append(b"AND (%b)" % b" OR ".join(either))
    key, kind = _SORTS[sort]
    parts = {b":passes": b"\n".join(passes), b":key": key, b":type": kind}
    parts |= {b":order": b"DESC" if descending else b"ASC", b":beyond": b"<" if descending else b">"}
    statement = SQL["sought_documents"] if counted else SQL["page_of_documents"]
    for name, written in parts.items():
        statement = statement.replace(name, written)
    return statement


def _of_kind(number: int) -> bytes:
    return SQL["document_of_kind"].replace(b":kind", b"%%(kind%d)s::text[]" % number)


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Some documents of a list, in its order, how many it has in all, and the place of the last one if more follow: its
    key and its id."""

    documents: tuple[DocumentInfo, ...]
    total: int
    last: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class VersionDetail:
    """A version with all that is told of it. `date` as ingestion gave it; `effective`: the day from which it holds,
    None: since ever. The rest as in `DocumentInfo`."""

    version: int
    added_at: datetime
    content_sha256: str
    corrects: int | None
    title: str
    media_type: str
    bytes: int
    date: str | None
    effective: Day | None
    current: bool
    pages: int | None
    warnings: tuple[FileWarning, ...]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str


class PostgresListing:
    """Each call is one transaction. Which documents a page has is told by their labels, which is quick; what is shown
    of them is read under row-level security: either keeps hidden ones out."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def page(
        self,
        principal: Principal,
        *,
        sort: str = "source",
        descending: bool = False,
        after: tuple[str, str] | None = None,
        skip: int = 0,
        limit: int = 1000,
        words: Sequence[str] = (),
        kinds: Sequence[str] = (),
        groups: Sequence[str] = (),
        allowed: Sequence[str] = (),
        languages: Sequence[str] = (),
        warned: bool | None = None,
        since: Day | None = None,
        until: Day | None = None,
    ) -> DocumentPage:
        """The next `limit` documents that the principal may read, after the one at that place (key, id) and without the
        first `skip` of those.

        words: each stands in the title, the source or a name; kinds and groups as in `retrieval.types.Filter`, empty:
        any; allowed: principals that the label names, all of them; languages: BCP 47, "de" is "de-CH" too; warned:
        whether ingestion was unsure of something; since, until: the day from which it holds lies between, both
        included. `total` counts what passes, whatever the place.
        """
        key, last = after or (None, None)
        of_kinds = _kinds(kinds)
        asked: dict[str, Any] = {"key": key, "id": last and as_uuid(last), "skip": skip, "limit": limit + 1, **of_kinds}
        asked |= {f"word{number}": word for number, word in enumerate(words)}
        asked |= {"languages": list(languages) or None, "warned": warned, "since": since, "until": until}
        asked |= {"dated": since or until, "allowed": sorted(allowed) or None}
        asked |= {"tokens": sorted(principal.tokens), "walls": sorted(walled(principal.tokens))}
        asked["groups"] = sorted(principal.tokens & {f"group:{group}" for group in groups}) if groups else None
        filters = tuple(name for name in _FILTERS if asked[name] is not None)
        with transaction(self._pool) as conn:
            asked["labels"] = [label for (label,) in conn.execute(SQL["admitting_labels"], asked)]
            own = asked | {"groups": None, "allowed": None}
            asked["own"] = [label for (label,) in conn.execute(SQL["admitting_labels"], own)]
            counted = filters or words or kinds
            statement = _statement(sort, descending, filters, len(words), len(of_kinds) - 1 if kinds else -1)
            rows = conn.execute(statement, asked).fetchall()
            if counted:
                total, places = rows[0][2], [(id_, key) for id_, key, _ in rows if id_ is not None]
            else:
                total, places = conn.execute(SQL["count_all_documents"], asked).fetchall()[0][0], rows
            conn.execute(SQL["read_as"], {"tokens": sorted(principal.tokens)})
            ids = [id_ for id_, _ in places[:limit]]
            found = self._read(conn, ids)
        shown = tuple(found[id_] for id_ in ids if id_ in found)
        return DocumentPage(shown, int(total), (places[limit - 1][1], ids[-1]) if len(places) > limit else None)

    def one(self, document_id: str, principal: Principal) -> DocumentInfo | None:
        """None if it is missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            return next(iter(self._read(conn, [document_id]).values()), None)

    def _read(self, conn: Connection, ids: Sequence[str]) -> dict[str, DocumentInfo]:
        """Those of them that the connection's reader may read."""
        conn.execute(SQL["look_up_labels"])
        wanted = [as_uuid(id_) for id_ in ids]
        versions = versions_of(conn, wanted)
        found: dict[str, DocumentInfo] = {}
        for id_, *about, allow, warnings, counts, rules, chunking, language in conn.execute(
            SQL["read_documents"], {"ids": wanted}
        ):
            own = versions[id_]
            facts = (id_, *about, min(version.added_at for version in own))
            found[id_] = info_of(facts, allow, own, (None, None), (warnings, counts, rules, chunking, language))
        return found

    def versions(self, document_id: str, principal: Principal) -> tuple[VersionDetail, ...]:
        """Those that the principal may read, newest first; none if the document is missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["document_versions"], {"id": as_uuid(document_id)}).fetchall()
        return tuple(_detail(*row) for row in rows)


def _kinds(kinds: Sequence[str]) -> dict[str, object]:
    """Expressions for media types, and the words of each kind that has any; nothing without kinds."""
    spelled = [" ".join(kind.casefold().split()) for kind in kinds]
    words = [found for kind in spelled if (found := re.sub(r"[\W_]+", " ", kind).split())]
    formats = [f"^(?:{FORMATS.get(kind) or re.sub(_SIGN, _escaped, kind)})$" for kind in spelled]
    asked: dict[str, object] = {"formats": formats} if kinds else {}
    return asked | {f"kind{number}": kind for number, kind in enumerate(words)}


def _escaped(sign: re.Match[str]) -> str:
    return f"[{sign.group()}]" if sign.group() not in "^\\" else f"\\{sign.group()}"


def _detail(*row: Any) -> VersionDetail:
    *facts, warnings, counts, rules, chunking, language = row
    told: list[Any] = [unpack_warnings(warnings), unpack_coverage(counts), rules < PARSER_RULES, chunking, language]
    return VersionDetail(*(*facts, *told))
