"""Originals that older rules have read, read again: what is corrected, from which day, for whom, and what cites it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.types import Citation
from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader, PostgresVersionText
from infra.postgres.citing import past_citations
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.rereading import PostgresRereading
from infra.postgres.segments import PostgresSegments
from ingest.chunkers import Chunkers
from ingest.errors import DamagedFile
from ingest.pipeline import IngestPipeline
from ingest.protocols import Outcome
from ingest.rereading import RereadReport
from ingest.types import (
    OPERATOR,
    Coverage,
    Element,
    ElementKind,
    FileWarning,
    Grid,
    PageInfo,
    PageSource,
    ParsedFile,
    WarningKind,
    document_id,
)
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

LEGAL, ALL = frozenset({"group:legal"}), frozenset({"group:everyone"})
ANA, BO = Principal("ana", frozenset({"legal"})), Principal("bo")
WARNING = FileWarning(WarningKind.LOW_CONFIDENCE, "The scan is faint.", 1)


class Words:
    """A parser that reads the words `instead` of some, in a paragraph each; a file of "?" cannot be read by it."""

    def __init__(self) -> None:
        self.instead: dict[str, str] = {}
        self.calls = 0

    def parse(self, data: bytes, name: str) -> ParsedFile:
        self.calls += 1
        text = data.decode()
        if self.instead and text == "?":
            raise DamagedFile(f"{name} is damaged. Save it anew.")
        for old, new in self.instead.items():
            text = text.replace(old, new)
        elements = [Element(ElementKind.PARAGRAPH, part, page=1, warnings=(WARNING,)) for part in text.split("\n")]
        return ParsedFile(
            "Lease", "text/plain", tuple(elements), 1, pages=(PageInfo(1, PageSource.OCR, "iv", "B7", 0.8),)
        )


class Counting:
    name, dimension = "count", 4

    def __init__(self) -> None:
        self.count = 0

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.count += len(texts)
        return np.full((len(texts), 4), 0.5, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        raise NotImplementedError


class Office:
    def __init__(self, pool: Pool, home: Path) -> None:
        self.pool, self.parser, self.embedder = pool, Words(), Counting()
        head, key, blobs = home / "head.json", b"k" * 32, BlobStore(home / "blobs")
        HeadFile(head, key).begin()
        self.audit = PostgresAudit(pool, key, head)
        self.documents = PostgresDocumentStore(pool, blobs, trail=self.audit)
        self.rereading = PostgresRereading(pool, blobs, trail=self.audit)
        self.index = AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), home / "segments", dimension=4)
        self.pipeline = IngestPipeline(
            parser=self.parser, chunkers=Chunkers(), embedder=self.embedder, store=self.documents,
            publish=self.index.publish, rereading=self.rereading,
        )  # fmt: skip

    def put(self, text: str, source: str = "lease.txt", allow: frozenset[str] = LEGAL, day: str | None = None) -> None:
        self.pipeline.ingest(text.encode(), source, source, allow, day)

    def age(self) -> None:
        """As if everything here had been stored before there were rules."""
        with transaction(self.pool) as conn:
            conn.execute("UPDATE versions SET parser_rules = 0, pages = '{}', warnings = '[]'")

    def reread(self, ids: Sequence[str] | None = None) -> list[RereadReport]:
        return list(self.pipeline.reread(self.rereading.behind(ids)))

    def text(self, version: int | None = None, asker: Principal = ANA, source: str = "lease.txt") -> str | None:
        view = self.documents.text(document_id(source), version, asker)
        return view.text if view else None

    def seen(self, asker: Principal, as_of: date | None = None) -> list[tuple[int, str]]:
        """What a search by this principal can find: version and text of every chunk."""
        self.index.publish()
        parts = self.index.view(asker, as_of).segments
        ids = [name.decode() for part in parts for name in part.segment.chunk_ids[part.mask].tolist()]
        return sorted((one.version, one.text) for one in PostgresChunkReader(self.pool).read(ids, asker, as_of))


@pytest.fixture
def office(fresh_database: Pool, tmp_path: Path) -> Office:
    return Office(fresh_database, tmp_path)


def test_the_same_words_stay_one_version_and_are_not_embedded_again(office: Office) -> None:
    office.put("The rent is 500.")
    before = office.seen(ANA)
    office.age()
    embedded, generation = office.embedder.count, PostgresCatalog(office.pool).generation()
    (info,) = office.documents.list(ANA)
    assert info.behind
    (report,) = office.reread()
    assert (report.version, report.corrected, report.warnings[0].words) == (1, {}, "The scan is faint.")
    (info,) = office.documents.list(ANA)
    assert (info.behind, info.version, info.coverage, len(info.warnings)) == (False, 1, Coverage(ocr=1), 1)
    assert office.embedder.count == embedded
    assert PostgresCatalog(office.pool).generation() == generation
    assert office.seen(ANA) == before
    assert office.reread() == []  # nothing is behind any more


def test_what_was_stored_before_there_were_readings_keeps_its_chunks(office: Office) -> None:
    office.put("The rent is 500.")
    office.age()
    with transaction(office.pool) as conn:
        conn.execute("UPDATE versions SET reading = content_sha256")
        conn.execute("UPDATE chunks SET reading = (SELECT content_sha256 FROM versions)")
    (report,) = office.reread()
    assert (report.code, report.corrected) == ("", {})
    assert office.seen(ANA) == [(1, "The rent is 500.")]
    with transaction(office.pool) as conn:
        assert conn.execute("SELECT count(*), count(DISTINCT reading) FROM chunks").fetchone() == (1, 1)


def test_other_words_correct_the_version_from_the_same_day_for_the_same_readers(office: Office) -> None:
    office.put("The rent is 5OO.", day="2020-01-01")
    office.put("The rent is 6OO.\nSecond.", day="2022-01-01")
    office.put("The rent is 700.", day="2024-01-01")
    office.age()
    office.parser.instead = {"6OO": "600"}
    (report,) = office.reread()
    assert report.corrected == {2: 4}
    assert report.version == 5
    # the old versions are what they were
    assert [office.text(n) for n in (1, 2, 3)] == [
        "The rent is 5OO.",
        "The rent is 6OO.\n\nSecond.",
        "The rent is 700.",
    ]
    assert [office.text(n) for n in (4, 5, None)] == ["The rent is 600.\n\nSecond.", *["The rent is 700."] * 2]
    (info,) = office.documents.list(ANA)
    assert [(v.version, v.corrects) for v in info.versions] == [(1, None), (2, None), (3, None), (4, 2), (5, 3)]
    assert office.seen(ANA) == [(5, "The rent is 700.")]
    assert office.seen(ANA, date(2023, 1, 1)) == [(4, "The rent is 600.\n\nSecond.")]
    assert office.seen(ANA, date(2021, 1, 1)) == [(1, "The rent is 5OO.")]
    assert office.seen(BO) == []
    assert office.text(4, BO) is None
    corrected, correcting = (office.documents.original(document_id("lease.txt"), at, ANA) for at in (2, 4))
    assert corrected is not None
    assert correcting == (*corrected[:3], 4)
    assert office.reread() == []
    assert office.audit.verify().ok


def test_an_old_version_stays_closed_to_those_who_read_the_new_one_only(office: Office) -> None:
    office.put("The rent is 5OO.")
    office.put("The rent is 700.", allow=ALL)
    office.age()
    office.parser.instead = {"5OO": "500"}
    office.reread()
    assert office.text(3, ANA) == "The rent is 500."
    assert office.text(3, BO) is None
    assert office.seen(BO) == [(4, "The rent is 700.")]


def test_the_index_equals_one_that_is_built_anew(office: Office, tmp_path: Path) -> None:
    office.put("The rent is 5OO.")
    office.put("Other words.", "other.txt")
    office.age()
    office.index.publish()
    office.parser.instead = {"5OO": "500"}
    office.reread()
    followed = office.seen(ANA)
    office.index = AccessIndex(
        PostgresCatalog(office.pool), PostgresSegments(office.pool), tmp_path / "anew", dimension=4
    )
    assert office.seen(ANA) == followed == [(1, "Other words."), (2, "The rent is 500.")]


def test_ingesting_the_same_bytes_reads_them_again(office: Office) -> None:
    office.put("The rent is 5OO.")
    office.age()
    office.parser.instead = {"5OO": "500"}
    report = office.pipeline.ingest(b"The rent is 5OO.", "lease.txt", "lease.txt", LEGAL)
    assert (report.outcome, report.version, len(report.warnings)) == (Outcome.REPLACED, 2, 1)
    calls = office.parser.calls
    again = office.pipeline.ingest(b"The rent is 5OO.", "lease.txt", "lease.txt", LEGAL)
    assert (again.outcome, again.version, office.parser.calls) == (Outcome.UNCHANGED, 2, calls)


def test_a_file_that_cannot_be_read_any_more_stays_and_stays_behind(office: Office) -> None:
    office.put("?", "a.txt")
    office.put("The rent is 5OO.")
    office.age()
    office.parser.instead = {"5OO": "500"}
    reports = office.reread()
    assert [(r.source, r.code) for r in reports] == [("a.txt", "damaged_file"), ("lease.txt", "")]
    assert office.text(source="a.txt") == "?"
    assert [r.source for r in office.reread()] == ["a.txt"]


def test_an_interrupted_run_goes_on(office: Office) -> None:
    for name in "abc":
        office.put("The rent is 5OO.", f"{name}.txt")
    office.age()
    office.parser.instead = {"5OO": "500"}
    run = office.pipeline.reread(office.rereading.behind())
    next(run)
    run.close()
    assert len(office.rereading.behind()) == 2
    assert [r.source for r in office.reread()] == ["b.txt", "c.txt"]
    assert {office.text(source=f"{name}.txt") for name in "abc"} == {"The rent is 500."}


def test_a_version_that_comes_meanwhile_is_not_lost(office: Office) -> None:
    office.put("The rent is 5OO.")
    office.age()
    office.parser.instead = {"5OO": "500"}
    read, first = office.parser.parse, iter([True])

    def meanwhile(data: bytes, name: str) -> ParsedFile:
        if next(first, False):
            office.put("The rent is 700.")
        return read(data, name)

    office.parser.parse = meanwhile  # type: ignore[method-assign]
    (report,) = office.reread()
    assert report.corrected == {1: 3}
    assert office.text() == "The rent is 700."


def test_deleted_documents_are_left_alone(office: Office) -> None:
    office.put("The rent is 5OO.")
    office.age()
    office.documents.delete(document_id("lease.txt"), OPERATOR)
    assert office.rereading.behind() == ()
    office.documents.restore(document_id("lease.txt"), OPERATOR)
    assert office.rereading.behind() == (document_id("lease.txt"),)


def test_past_answers_that_cite_other_words_are_named(office: Office) -> None:
    office.put("The rent is 5OO.\nDogs are banned.")

    def citation(number: int, quote: str) -> Citation:
        text = office.text(1) or ""
        place = text.index(quote), text.index(quote) + len(quote)
        return Citation(number, document_id("lease.txt"), 1, "ab", "Lease", "lease.txt", (), 1, *place, quote)

    cited = [asdict(citation(1, "The rent is 5OO.")), asdict(citation(2, "Dogs are banned."))]
    who = {"principal": "user:ana"}
    opened = office.audit.append_now({"kind": "opened", "question": "Rent?", **who})
    office.audit.append_now({"kind": "sentence", "citations": cited, "answer_id": opened, **who})
    answer = {"citations": cited, "answer": "5OO", "status": "answered"}
    closed = {"kind": "closed", "question": "Rent?", "answer": answer, "answer_id": opened, **who}
    office.audit.append_now(closed)
    assert past_citations(office.pool, office.audit.vault) == ()
    office.age()
    office.parser.instead = {"5OO": "500"}
    office.reread()
    (found,) = past_citations(office.pool, office.audit.vault)
    assert (found.audit_id, found.asked_by, found.question) == (opened, "user:ana", "Rent?")
    assert (found.source, found.version, found.corrected_by, found.quote) == ("lease.txt", 1, 2, "The rent is 5OO.")
    assert past_citations(office.pool, office.audit.vault, [document_id("other.txt")]) == ()
    assert office.audit.verify().ok


async def test_warnings_pages_and_grids_come_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid("Rents", ("B", "D"), (3, 4, 9))
    table = Element(ElementKind.TABLE, "Unit | Rent\n7 | 500\n8 | 600", grid=grid)
    comment = Element(ElementKind.COMMENT, "[comment by A. Meyer: why?]", author="A. Meyer", date="2024-03-01")
    warning = FileWarning(WarningKind.CUT_TABLE, "Columns were left out.", 2)
    parsed = ParsedFile(
        "Rents", "text/plain", (table, comment), warnings=(warning,), pages=(PageInfo(1, label="iv"), PageInfo(2))
    )
    monkeypatch.setattr(office.parser, "parse", lambda data, name: parsed)
    office.put("x")
    view = office.documents.text(document_id("lease.txt"), None, ANA)
    assert view is not None
    assert view.elements[0].grid == grid
    assert (view.elements[1].author, view.elements[1].date) == ("A. Meyer", "2024-03-01")
    assert (view.warnings, view.page_infos) == ((warning,), parsed.pages)
    source = await PostgresVersionText(office.pool).text(document_id("lease.txt"), 1, ANA)
    assert source is not None
    assert (source.tables[0].grid, source.warnings, source.pages[1].label) == (grid, (warning,), "iv")
    (info,) = office.documents.list(ANA)
    assert (info.warnings, info.coverage) == ((warning,), Coverage(text=2))


def test_the_same_bytes_with_other_words_are_no_business_of_adding_a_version(office: Office, tmp_path: Path) -> None:
    office.put("The rent is 5OO.")
    office.parser.instead = {"5OO": "500"}
    office.age()
    alone = IngestPipeline(
        parser=office.parser, chunkers=Chunkers(), embedder=office.embedder, store=_Forgetful(office.documents),
        publish=office.index.publish,
    )  # fmt: skip
    assert alone.ingest(b"The rent is 5OO.", "lease.txt", "lease.txt", ALL).version == 1
    assert office.seen(BO) == [(1, "The rent is 5OO.")]
    with transaction(office.pool) as conn:
        assert conn.execute("SELECT count(*) FROM chunks").fetchone() == (1,)


class _Forgetful:
    """Finds nothing, as another process that looked before."""

    def __init__(self, store: PostgresDocumentStore) -> None:
        self.add_version, self.relabel = store.add_version, store.relabel

    def find(self, source: str) -> None:
        return None
