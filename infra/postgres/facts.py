"""Facts of documents: what was found in their words, and what people say instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.rights import Known, known
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid, bump
from ingest.errors import InvalidFact, NotAllowed
from ingest.protocols import Stored
from ingest.types import Author, DocumentFacts, FactKind, KnownFact, Name, NewFact, walled
from retrieval.types import Principal

_REFUSED = "You may read this document but not change its facts. Its owner may, and whoever was named to manage it."


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of the table `facts`; `value` None: a person says that it is no fact."""

    kind: str
    value: str | None
    role: str = ""
    term: str = ""
    version: int | None = None
    start: int | None = None
    end: int | None = None
    replaces: str = ""
    set_by: str | None = None
    set_at: datetime | None = None
    quote: str | None = None


def holding(rows: Sequence[FactRow]) -> list[FactRow]:
    """The facts that hold: those of people, and of what was found all that no person has set otherwise."""
    told = [row for row in rows if row.set_by is not None]
    found = [row for row in rows if row.set_by is None and not any(_instead(one, row) for one in told)]
    order = list(FactKind)
    kept = [row for row in (*found, *told) if row.value is not None]
    return sorted(kept, key=lambda row: order.index(FactKind(row.kind)))


def named_by(names: tuple[Name, ...], rows: Sequence[FactRow]) -> tuple[Name, ...]:
    """What a version is called, with its facts: parties as names, the others as `Name`s of their kind. What a person
    says is no party is no name either; `origin` "person" marks what people set."""
    if not rows:
        return names
    kept = holding(rows)
    gone = [row for row in rows if row not in kept and row.set_by is None and row.kind == FactKind.PARTY]
    hidden = {fold(word) for row in gone for word in (row.value or "", row.term)}
    hidden |= {fold(row.replaces) for row in rows if row.set_by is not None and row.kind == FactKind.PARTY}
    hidden -= {"", *(fold(row.term) for row in kept)}  # that is still what the document calls somebody
    own = [name for name in names if name.kind != "party" or fold(name.text) not in hidden]
    known = {fold(name.text) for name in own if name.kind == "party"}
    for row in kept:
        value, origin = row.value or "", "fact" if row.set_by is None else "person"
        if row.kind != FactKind.PARTY:
            own.append(Name(row.kind, value, value, origin))
        elif fold(value) not in known:
            own.append(Name("party", value, "", origin))
    own += [Name("no " + row.kind, row.replaces, "", "person") for row in rows if row.value is None]
    return tuple(own)


def fold(value: str) -> str:
    """As values of a kind are compared: letters and digits alone."""
    return re.sub(r"[\W_]", "", value.casefold())


class PostgresFacts:
    """Reads under row-level security; each change is one transaction with its record in the trail."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def of(self, document_id: str, version: int | None, principal: Principal, author: Author) -> DocumentFacts | None:
        """As a version (None: the current one) and people have them; None if it is missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            asked: dict[str, object] = {"id": as_uuid(document_id), "version": version}
            place = conn.execute(SQL["readable_version"], asked).fetchone()
            if place is None:
                return None
            rows = conn.execute(SQL["read_facts"], asked | {"version": place[0]}).fetchall()
        with transaction(self._pool) as conn:
            mine = known(conn, document_id, author) is not None and _may(conn, document_id, author)
        facts = tuple(map(_known, holding([FactRow(*row) for row in rows])))
        return DocumentFacts(str(as_uuid(document_id)), place[0], facts, mine)

    def set(self, document_id: str, new: NewFact, author: Author) -> bool:
        """A person's fact, in the place of what they or others said of the same; False if the document is missing or
        hidden. Raises `InvalidFact` where the quote does not stand in the current version, and `NotAllowed`."""
        return self._change(document_id, new, author)

    def remove(self, document_id: str, kind: FactKind, value: str, author: Author) -> bool:
        """Says that this is no fact of the document; `value` matters for parties alone. As `set`; raises `InvalidFact`
        where there is no such fact."""
        return self._change(document_id, NewFact(kind, "", replaces=value), author)

    def _change(self, document_id: str, new: NewFact, author: Author) -> bool:
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            generation = bump(conn)
            about = known(conn, document_id, author)
            if about is None:
                return False
            if not _may(conn, document_id, author):
                raise NotAllowed(_REFUSED)
            current = {"id": as_uuid(document_id), "version": about.version}
            place = _place(str(conn.execute(SQL["version_words"], current).fetchall()[0][1]), new.quote)
            rows = [FactRow(*row) for row in conn.execute(SQL["read_facts"], current).fetchall()]
            before = [one.value or "" for one in holding(rows) if _meant(new, one)]
            if not new.value and not before:
                raise InvalidFact(f"The document has no such fact: {new.kind.value} {new.replaces}".rstrip() + ".")
            if new.value and new.replaces and not self._told(conn, document_id, new, author):
                raise InvalidFact(
                    f"The document has no {new.kind.value} {new.replaces!r} to replace. Give it as the facts spell it."
                )
            self._write(change, about, new, place, author)
            conn.execute(SQL["facts_changed"], {"id": as_uuid(document_id), "generation": generation})
            what: dict[str, object] = {"fact": new.kind.value, "value": new.value or None, "before": before}
            change.record("fact", author.name, **about.record(), **what, quoted=bool(new.quote))
        return True

    def _told(self, conn: Connection, document_id: str, new: NewFact, author: Author) -> bool:
        """Whether what is to be replaced was ever found in a version that the author may read, set or replaced."""
        asked: dict[str, object] = {"id": as_uuid(document_id), "kind": new.kind.value}
        asked |= {"operator": author.operator, "tokens": sorted(author.tokens)}
        asked |= {"walls": sorted(walled(author.tokens))}
        told = conn.execute(SQL["told_values"], asked).fetchall()
        return any(fold(new.replaces) == fold(value) for row in told for value in row if value)

    def _write(self, change: Change, about: Known, new: NewFact, place: tuple[int, int] | None, author: Author) -> None:
        replaced = new.replaces
        id_ = as_uuid(about.document_id)
        for row, kind, value, instead in change.conn.execute(SQL["corrections"], {"id": id_}).fetchall():
            said = FactRow(kind, value, replaces=instead, set_by="")
            same = fold(value or instead) == fold(new.value or new.replaces)
            if kind == new.kind and (_meant(new, said) or same):
                replaced = instead or replaced
                change.conn.execute(SQL["drop_fact"], {"row": row})
        start, end = place or (None, None)
        change.conn.execute(
            SQL["set_fact"],
            {
                "id": id_, "version": about.version if place else None, "kind": new.kind.value,
                "value": new.value or None, "role": new.role, "term": new.term, "start": start, "end": end,
                "replaces": replaced, "by": author.name,
            },
        )  # fmt: skip


def _may(conn: Connection, document_id: str, author: Author) -> bool:
    """As `Stored.may_replace`: whoever may add a version."""
    row = conn.execute(SQL["find_document"], {"id": as_uuid(document_id)}).fetchone()
    if row is None:
        return False
    id_, version, sha256, allow, owner, managers, *_ = row
    return Stored(id_, version, sha256, frozenset(allow), owner, frozenset(managers)).may_replace(author)


def _instead(told: FactRow, found: FactRow) -> bool:
    """Whether what a person says stands in the place of what was found."""
    if told.kind != found.kind:
        return False
    several = told.kind == FactKind.PARTY
    return not several or fold(found.value or "") in {fold(told.replaces), fold(told.value or "")} - {""}


def _meant(new: NewFact, one: FactRow) -> bool:
    """Whether a new fact is about this one."""
    if one.kind != new.kind:
        return False
    return new.kind != FactKind.PARTY or fold(one.value or "") in {fold(new.replaces), fold(new.value)} - {""}


def _place(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quote stands first, whatever white space lies between its words; None without one."""
    words = quote.split()
    if not words:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    if found is None:
        raise InvalidFact("These words do not stand in the current version of the document. Copy them from its text.")
    return found.span()


def _known(row: FactRow) -> KnownFact:
    quoted = row.quote is not None and row.start is not None and row.end is not None
    return KnownFact(
        FactKind(row.kind), row.value or "", row.role, row.term,
        version=row.version if quoted else None,
        start=row.start if quoted and row.start is not None else -1,
        end=row.end if quoted and row.end is not None else -1,
        quote=row.quote or "", set_by=row.set_by, set_at=row.set_at,
    )  # fmt: skip
