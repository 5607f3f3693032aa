"""Lists of documents in PostgreSQL: pages that nothing shifts, counts of what is readable alone, every version."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

import infra.postgres.listing
from infra.files.blobs import BlobStore
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.facts import PostgresFacts
from infra.postgres.listing import DocumentPage, PostgresListing
from infra.postgres.pool import Pool, reading_as, transaction
from infra.postgres.segments import PostgresSegments
from ingest.types import (
    OPERATOR,
    Chunk,
    Document,
    Element,
    ElementKind,
    Fact,
    FactKind,
    Name,
    NewFact,
    PlacedElement,
    chunk_id,
    document_id,
)
from retrieval.index.access import AccessIndex
from retrieval.search.names import NameIndex
from retrieval.search.narrowing import narrowed
from retrieval.types import Filter, Principal

LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})
ANA, CARLA = Principal("ana", frozenset({"legal"})), Principal("carla", frozenset({"hr"}))
TEXT = "between Kestrel Robotics and Heron Estates, a lease"


@pytest.fixture
def store(fresh_database: Pool, tmp_path: Path) -> PostgresDocumentStore:
    return PostgresDocumentStore(fresh_database, BlobStore(tmp_path / "blobs"))


@pytest.fixture
def listing(fresh_database: Pool) -> PostgresListing:
    return PostgresListing(fresh_database)


def put(
    store: PostgresDocumentStore, source: str, title: str = "", allow: frozenset[str] = LEGAL, *, kind: str = "",
    media_type: str = "text/plain", day: str | None = None, text: str = TEXT, party: str = "",
) -> str:  # fmt: skip
    original = f"{source}{text}".encode()
    sha256 = hashlib.sha256(original).hexdigest()
    facts = (Fact(FactKind.DOCUMENT_KIND, kind, len(text) - 5, len(text)),) if kind else ()
    names = (Name("title", title, "", "page 1"), *((Name("party", party, "", "page 1"),) if party else ()))
    body = PlacedElement(Element(ElementKind.PARAGRAPH, text), 0, len(text))
    document = Document(source, title or source, media_type, sha256, text, (body,), names=names, facts=facts)
    identity = chunk_id(document.id, sha256, 0, len(text))
    chunk = Chunk(identity, document.id, 0, 0, len(text), text, document.title, (), None)
    store.add_version(document, [chunk], np.ones((1, 4), np.float32), allow, original, day)
    return document.id


def sources(page: DocumentPage) -> list[str]:
    return [info.source for info in page.documents]


def walked(
    listing: PostgresListing, who: Principal = ANA, between: Callable[[], Any] = list, **asked: Any
) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = listing.page(who, after=after, limit=2, **asked)
        found += sources(page)
        if page.last is None:
            return found
        after = page.last
        between()


def test_pages_hold_each_document_once_in_every_order(store: PostgresDocumentStore, listing: PostgresListing) -> None:
    for number, (source, title, day) in enumerate(
        [
            ("b", "lease", "2024"),
            ("Ä", "Fee", None),
            ("a/b", "lease", "2023-05-01"),
            ("c", "Annex", "2024"),
            ("d", "x", None),
        ]
    ):
        put(store, source, title, day=day, text=TEXT + "!" * number)
    by = {
        "source": ["a/b", "b", "c", "d", "Ä"],
        "title": ["c", "Ä", "a/b", "b", "d"],
        "added_at": ["b", "Ä", "a/b", "c", "d"],
        "updated_at": ["b", "Ä", "a/b", "c", "d"],
        "bytes": ["b", "c", "d", "Ä", "a/b"],
    }
    for sort, expected in by.items():
        told = walked(listing, sort=sort)
        assert sorted(told) == sorted(expected)
        if sort not in {"title", "bytes"}:  # where keys tie, the id decides
            assert told == expected
        assert walked(listing, sort=sort, descending=True) == told[::-1]
    dates = [info.date or "" for info in listing.page(ANA, sort="date").documents]
    assert dates == sorted(dates) == ["", "", "2023-05-01", "2024", "2024"]
    titles = [info.title.lower() for info in listing.page(ANA, sort="title").documents]
    assert titles == sorted(titles)


def test_what_comes_and_goes_meanwhile_moves_nothing(store: PostgresDocumentStore, listing: PostgresListing) -> None:
    for source in "bdfhj":
        put(store, source)
    news = iter("ega")

    def change() -> None:
        put(store, next(news))
        store.delete(document_id("d"), OPERATOR)  # the last one of the first page

    assert walked(listing, between=change) == ["b", "d", "e", "f", "g", "h", "j"]


def test_a_page_from_the_middle_is_the_one_that_a_walk_comes_to(
    store: PostgresDocumentStore, listing: PostgresListing
) -> None:
    for number, source in enumerate("hbecgadf"):
        put(store, source, "lease" if number % 2 else "Fee", day="2024" if number % 3 else None)
        put(store, f"{source} hidden", "lease", HR)
        put(store, f"{source} walled", "lease", LEGAL | {"!user:ana"})
    for sort in ("source", "title", "added_at", "updated_at", "date", "effective", "bytes"):
        for asked in ({}, {"words": ["lease"]}, {"kinds": ["lease"]}, {"groups": ["legal"]}):
            for descending in (False, True):
                how: dict[str, Any] = {"sort": sort, "descending": descending, **asked}
                whole = walked(listing, **how)
                for skip in (0, 1, 3, len(whole) - 1, len(whole), 50):
                    page = listing.page(ANA, skip=skip, limit=2, **how)
                    assert (sources(page), page.total) == (whole[skip : skip + 2], len(whole)), (how, skip)
                    assert (page.last is None) == (skip + 2 >= len(whole))
                    if page.last is not None:
                        following = listing.page(ANA, after=page.last, skip=1, limit=9, **how)
                        assert sources(following) == whole[skip + 3 :]


def test_what_lists_ask_is_what_documents_are_whatever_changes_them(
    store: PostgresDocumentStore, listing: PostgresListing, fresh_database: Pool
) -> None:
    def as_documents_are() -> None:
        with transaction(fresh_database) as conn:
            kept = conn.execute("SELECT * FROM listed_documents ORDER BY document_id").fetchall()
            conn.execute("TRUNCATE listed_documents")
            conn.execute("SELECT list_documents(ARRAY(SELECT id FROM documents))")
            assert conn.execute("SELECT * FROM listed_documents ORDER BY document_id").fetchall() == kept
        assert len(kept) == len(store.everything())

    facts = PostgresFacts(fresh_database)
    a, b = put(store, "a", "First", HR, kind="lease"), put(store, "b", "Other", day="2023", party="Acme")
    changes: list[Callable[[], Any]] = [
        lambda: put(store, "a", "Second", LEGAL, kind="lease", text=TEXT + " again"),
        lambda: store.relabel(a, LEGAL | HR),
        lambda: facts.set(a, NewFact(FactKind.PARTY, "Osprey Ltd"), OPERATOR),
        lambda: facts.set(a, NewFact(FactKind.DOCUMENT_KIND, "permit"), OPERATOR),
        lambda: facts.remove(a, FactKind.DOCUMENT_KIND, "", OPERATOR),
        lambda: store.set_language(b, "de"),
        lambda: store.put_names([(b, 1, (Name("kind", "invoice", "invoice", "title"),), ())]),
        lambda: store.delete(a, OPERATOR),
        lambda: store.restore(a, OPERATOR),
        lambda: store.delete(b, OPERATOR),
    ]
    for change in changes:
        change()
        as_documents_are()
    page = listing.page(ANA, words=["osprey"])
    assert [(one.title, one.source) for one in page.documents] == [("Second", "a")]


def test_nobody_reads_what_lists_ask_but_its_owner(store: PostgresDocumentStore, fresh_database: Pool) -> None:
    put(store, "a")
    with reading_as(fresh_database, ANA) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT FROM listed_documents")


def test_nothing_hidden_is_listed_or_counted(store: PostgresDocumentStore, listing: PostgresListing) -> None:
    put(store, "a", "Kestrel lease", kind="lease")
    put(store, "b", "Heron lease", HR, kind="lease")
    for asked in ({}, {"words": ["lease"]}, {"kinds": ["lease"]}, {"groups": ["legal", "hr"]}):
        page = listing.page(ANA, **asked)  # type: ignore[arg-type]
        assert (sources(page), page.total, page.last) == (["a"], 1, None)
    assert listing.page(ANA, groups=["hr"]).total == 0
    assert listing.page(Principal("nina")).total == 0
    store.relabel(document_id("a"), HR)
    assert (listing.page(ANA).total, sources(listing.page(CARLA))) == (0, ["a", "b"])
    store.delete(document_id("a"), OPERATOR)
    assert (listing.page(CARLA).total, sources(listing.page(CARLA))) == (1, ["b"])


def test_what_a_wall_hides_is_in_no_total_no_words_and_no_place(
    store: PostgresDocumentStore, listing: PostgresListing
) -> None:
    put(store, "a")
    put(store, "b", "Falcon merger", LEGAL | {"!user:ana"}, party="Acme")
    put(store, "c", "Falcon merger", LEGAL | {"!group:legal"}, party="Acme")
    put(store, "d")
    page = listing.page(ANA, limit=1)
    assert (sources(page), page.total, page.last) == (["a"], 2, ("a", document_id("a")))
    assert (walked(listing), listing.page(ANA, limit=2).last) == (["a", "d"], None)
    for asked in ({"words": ["falcon"]}, {"words": ["acme"]}, {"kinds": ["merger"]}):
        page = listing.page(ANA, **asked)  # type: ignore[arg-type]
        assert (sources(page), page.total, page.last) == ([], 0, None)
    assert listing.page(ANA, groups=["legal"]).total == 2
    assert sources(listing.page(Principal("bea", frozenset({"legal"})))) == ["a", "b", "d"]


def test_either_enforcer_alone_keeps_hidden_documents_off_a_page(
    store: PostgresDocumentStore, listing: PostgresListing, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "a")
    put(store, "b", allow=HR)
    put(store, "c", allow=LEGAL | {"!user:ana"})
    blind = infra.postgres.listing.SQL | {
        "admitting_labels": b"SELECT id FROM access_labels WHERE %(tokens)s::text[] IS NOT NULL"
    }
    with monkeypatch.context() as patch:
        patch.setattr(infra.postgres.listing, "SQL", blind)
        assert sources(listing.page(ANA)) == ["a"]
    owner = infra.postgres.listing.SQL | {"read_as": b"SELECT %(tokens)s::text[]"}
    monkeypatch.setattr(infra.postgres.listing, "SQL", owner)
    assert sources(listing.page(ANA)) == ["a"]


def test_words_are_sought_in_title_source_and_names(
    store: PostgresDocumentStore, listing: PostgresListing, fresh_database: Pool
) -> None:
    put(store, "files/2024/one.pdf", "Unit 7", party="Kestrel Robotics")
    put(store, "files/2025/two.pdf", "100% lease_back")
    for words, expected in (
        (["KESTREL"], ["files/2024/one.pdf"]), (["unit", "2024"], ["files/2024/one.pdf"]), (["unit", "2025"], []),
        (["100%"], ["files/2025/two.pdf"]), (["e_b"], ["files/2025/two.pdf"]), (["page 1"], []), (["party"], []),
        (["osprey"], []),
    ):  # fmt: skip
        page = listing.page(ANA, words=words)
        assert (sources(page), page.total) == (expected, len(expected)), words
    PostgresFacts(fresh_database).set(
        document_id("files/2025/two.pdf"), NewFact(FactKind.PARTY, "Osprey Ltd"), OPERATOR
    )
    assert sources(listing.page(ANA, words=["osprey"])) == ["files/2025/two.pdf"]


def test_kinds_of_a_list_are_those_of_a_search(
    store: PostgresDocumentStore, listing: PostgresListing, fresh_database: Pool, tmp_path: Path
) -> None:
    put(store, "a", "Unit 7", kind="commercial lease")
    put(store, "b", "Lease of pumps", kind="supply agreement", media_type="application/pdf")
    put(store, "c", "A lease, signed", media_type="message/rfc822")
    put(store, "d", "Form 10-K", media_type="text/x-c++")
    put(store, "e", "Notes")
    facts = PostgresFacts(fresh_database)
    facts.set(document_id("e"), NewFact(FactKind.DOCUMENT_KIND, "lease"), OPERATOR)
    facts.remove(document_id("a"), FactKind.DOCUMENT_KIND, "", OPERATOR)
    catalog = PostgresCatalog(fresh_database)
    index = AccessIndex(catalog, PostgresSegments(fresh_database), tmp_path / "segments", dimension=4)
    names = NameIndex(catalog)
    expected = {
        "lease": {"c", "e"}, "Supply Agreement": {"b"}, "unit": {"a"}, "email": {"c"}, "PDF": {"b"}, "10-K": {"d"},
        "application/pdf": {"b"}, "text/x-c++": {"d"}, "code": {"d"}, ".*": set(), "[a": {"c"}, "%": set(),
        "^lease$": {"c", "e"},
    }  # fmt: skip
    for kind, wanted in expected.items():
        view = narrowed(index.view(ANA), Filter(kinds=frozenset({kind})), names)
        found = {one for one in "abcde" if view.within(np.array([_bytes(one)], "S16")).row_count}
        assert found == set(sources(listing.page(ANA, kinds=[kind]))) == wanted, kind


def _bytes(source: str) -> bytes:
    import uuid

    return uuid.UUID(document_id(source)).bytes


def test_filters_count_what_passes_and_nothing_hidden(store: PostgresDocumentStore, listing: PostgresListing) -> None:
    put(store, "a", day="2024-03-01")
    put(store, "b", allow=LEGAL | HR, day="2024-03")
    put(store, "c", allow=HR, day="2024-03-01")
    put(store, "d")
    march: dict[str, Any] = {"since": date(2024, 3, 1), "until": date(2024, 3, 31)}
    for asked, expected in (
        (march, ["a", "b"]), (march | {"since": date(2024, 3, 2)}, []), ({"until": date(2024, 3, 1)}, ["a", "b"]),
        ({"allowed": ["group:hr"]}, ["b"]), ({"allowed": ["group:hr", "group:legal"]}, ["b"]), ({"warned": True}, []),
        ({"warned": False}, ["a", "b", "d"]), ({"languages": ["fi"]}, []), (march | {"words": ["kestrel"]}, []),
        (march | {"words": ["b"], "warned": False}, ["b"]),
    ):  # fmt: skip
        page = listing.page(ANA, **asked)  # type: ignore[arg-type]
        assert (sources(page), page.total) == (expected, len(expected)), asked
    assert (
        walked(listing, **march, sort="effective") == walked(listing, **march, sort="effective", descending=True)[::-1]
    )


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["source", "title", "updated_at", "date", "effective", "bytes"])
def test_an_index_serves_each_order(fresh_database: Pool, sort: str, descending: bool) -> None:
    asked = dict.fromkeys(("key", "id")) | {"skip": 0, "limit": 3, "labels": ["x"]}
    with transaction(fresh_database) as conn:
        conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        statement = infra.postgres.listing._statement(sort, descending)
        rows = conn.execute(b"EXPLAIN " + statement, asked).fetchall()
    assert not any("Sort" in line for (line,) in rows), rows
    assert any("Index Only Scan" in line for (line,) in rows), rows  # so that what is skipped is not read


def test_every_version_that_may_be_read_is_told(
    store: PostgresDocumentStore, listing: PostgresListing, fresh_database: Pool
) -> None:
    id_ = put(store, "a", "First", HR, day=None)
    put(store, "a", "Second", LEGAL | HR, day="2024-03", text=TEXT + " again")
    put(store, "a", "Third", LEGAL | HR, text=TEXT + " and again", media_type="application/pdf")
    shown = listing.versions(id_, CARLA)
    assert [(v.version, v.title, v.current, v.date) for v in shown] == [
        (3, "Third", True, datetime.now(UTC).date().isoformat()), (2, "Second", False, "2024-03"),
        (1, "First", False, None),
    ]  # fmt: skip
    assert [v.effective for v in shown[1:]] == [date(2024, 3, 1), None]
    assert (shown[0].media_type, shown[0].bytes, shown[0].corrects) == (
        "application/pdf",
        len(f"a{TEXT} and again"),
        None,
    )
    assert [v.version for v in listing.versions(id_, ANA)] == [3, 2]
    assert listing.versions(id_, Principal("nina")) == listing.versions("no id", ANA) == ()
    store.delete(id_, OPERATOR)
    assert listing.versions(id_, CARLA) == ()
