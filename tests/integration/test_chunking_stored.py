"""The kind of chunking that a document has: kept by its versions, changed without a new text, told in lists."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.rereading import PostgresRereading
from infra.postgres.segments import PostgresSegments
from ingest.chunkers import Chunkers
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.storing import FileReport
from ingest.types import Chunking, ChunkingKind, ParsedFile, document_id
from retrieval.context.context import SectionContextBuilder
from retrieval.index.access import AccessIndex
from retrieval.types import ChunkText, Hit, Principal

LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})
ANA, BO = Principal("ana", frozenset({"legal"})), Principal("bo")
SMALL, SUMMED = Chunking(ChunkingKind.SMALL_TO_BIG), Chunking(ChunkingKind.STRUCTURE, summary=True)
RENT = "The rent of this room is EUR {} a month and is due on the first day of it, in advance."
LEASE = "# Lease\n\n## Rent\n\n" + " ".join(RENT.format(400 + number) for number in range(12))


class InProcess:
    def parse(self, data: bytes, name: str) -> ParsedFile:
        return parse(data, name)


class Embedding:
    name, dimension = "even", 4

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.full((len(texts), 4), 0.5, np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        raise NotImplementedError


class Office:
    def __init__(self, pool: Pool, home: Path) -> None:
        self.pool, self.embedder = pool, Embedding()
        HeadFile(home / "head.json", b"k" * 32).begin()
        audit, blobs = PostgresAudit(pool, b"k" * 32, home / "head.json"), BlobStore(home / "blobs")
        self.documents = PostgresDocumentStore(pool, blobs, trail=audit)
        self.rereading = PostgresRereading(pool, blobs, trail=audit)
        self.index = AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), home / "segments", dimension=4)
        self.chunks = PostgresChunkReader(pool)
        self.pipeline = IngestPipeline(
            parser=InProcess(), chunkers=Chunkers(), embedder=self.embedder, store=self.documents,
            publish=self.index.publish, rereading=self.rereading,
        )  # fmt: skip

    def put(
        self, text: str | bytes, name: str = "lease.md", chunking: Chunking | None = None, allow: frozenset[str] = LEGAL
    ) -> FileReport:
        data = text if isinstance(text, bytes) else text.encode()
        return self.pipeline.ingest(data, name, name, allow, chunking=chunking)

    def found(self, asker: Principal = ANA) -> list[ChunkText]:
        """What a search by this principal can find, in reading order."""
        self.index.publish()
        ids = [name.decode() for part in self.index.view(asker, None).segments
               for name in part.segment.chunk_ids[part.mask].tolist()]  # fmt: skip
        return sorted(self.chunks.read(ids, asker), key=lambda one: (one.source, one.ordinal))

    def told(self) -> dict[str, str]:
        return {info.source: info.chunking for info in self.documents.list(ANA)}

    def rows(self) -> list[tuple[int, str]]:
        with transaction(self.pool) as conn:
            return conn.execute("SELECT version, chunking FROM versions ORDER BY document_id, version").fetchall()


@pytest.fixture
def office(fresh_database: Pool, tmp_path: Path) -> Office:
    return Office(fresh_database, tmp_path)


def test_a_kind_is_kept_until_another_one_is_given(office: Office) -> None:
    assert office.put(LEASE, chunking=SMALL).outcome == "added"
    assert office.put(LEASE.replace("EUR 40", "EUR 70")).outcome == "replaced"
    assert office.rows() == [(1, "small-to-big"), (2, "small-to-big")]
    office.put(LEASE.replace("EUR 40", "EUR 80"), chunking=SUMMED)
    assert office.rows()[2] == (3, "structure+summary")
    assert office.told() == {"lease.md": "structure+summary"}


def test_the_same_bytes_are_chunked_again_as_the_same_version(office: Office) -> None:
    office.put(LEASE)
    before, text = office.found(), office.documents.text(document_id("lease.md"), 1, ANA)
    report = office.put(LEASE, chunking=SMALL)
    after = office.found()
    assert (report.outcome, report.version, report.chunks) == ("rechunked", 1, len(after))
    assert len(after) > len(before)
    assert office.rows() == [(1, "small-to-big")]
    assert office.documents.text(document_id("lease.md"), 1, ANA) == text  # so what was cited still resolves
    assert all(text is not None and text.text[one.start : one.end] == one.text for one in after)
    embedded = len(office.embedder.texts)
    assert office.put(LEASE, chunking=SMALL).outcome == "unchanged"
    assert office.put(LEASE).outcome == "unchanged"
    assert len(office.embedder.texts) == embedded
    with transaction(office.pool) as conn:
        records = [row[0] for row in conn.execute("SELECT record FROM audit ORDER BY seq")]
    assert sum('"action":"rechunk"' in record and '"chunking":"small-to-big"' in record for record in records) == 1


def test_chunked_again_where_nothing_else_changes_costs_no_embedding(office: Office) -> None:
    office.put("Rent is 5.", "a.txt")
    embedded = len(office.embedder.texts)
    assert office.put("Rent is 5.", "a.txt", Chunking(ChunkingKind.RECURSIVE)).outcome == "rechunked"
    assert office.rows() == [(1, "recursive")]
    assert len(office.embedder.texts) == embedded


def test_what_was_stored_before_there_were_readings_is_chunked_again(office: Office) -> None:
    office.put(LEASE)
    with transaction(office.pool) as conn:
        conn.execute("UPDATE versions SET reading = content_sha256")
        conn.execute("UPDATE chunks SET reading = (SELECT content_sha256 FROM versions)")
    office.put(LEASE, chunking=SMALL)
    assert all(one.parent for one in office.found())


def test_a_rereading_keeps_the_kind(office: Office) -> None:
    office.put(LEASE, chunking=SMALL)
    before = office.found()
    with transaction(office.pool) as conn:
        conn.execute("UPDATE versions SET parser_rules = 0")
    (report,) = office.pipeline.reread(office.rereading.behind(None))
    assert (report.corrected, report.rechunked) == ({}, 0)
    assert office.rows() == [(1, "small-to-big")]
    assert office.found() == before


def test_stored_documents_are_cut_anew_without_their_files(office: Office) -> None:
    office.put(LEASE)
    office.put(LEASE, "b.md", SMALL)
    reports = list(office.pipeline.reread(office.rereading.there(), SMALL))
    assert [one.rechunked > 0 for one in reports] == [False, True]  # b.md is cut so already
    assert set(office.told().values()) == {"small-to-big"}
    assert office.rereading.behind() == ()


@pytest.mark.parametrize("behind", [False, True])
def test_files_in_a_file_are_cut_anew_with_it(office: Office, behind: bool) -> None:
    mail = EmailMessage()
    mail["Subject"] = "The lease"
    mail.set_content("It is attached.")
    mail.add_attachment(LEASE.encode(), maintype="text", subtype="markdown", filename="lease.md")
    outer = office.put(mail.as_bytes(), "mail.eml")
    if behind:  # a build that did not look into mails
        office.documents.settle(outer.document_id, frozenset(), frozenset())
        with transaction(office.pool) as conn:
            conn.execute("UPDATE versions SET parser_rules = 0")
    list(office.pipeline.reread([outer.document_id], SMALL))
    assert office.told() == {"mail.eml": "small-to-big", "mail.eml/lease.md": "small-to-big"}


def test_the_larger_span_is_shown_once_and_only_to_its_readers(office: Office) -> None:
    office.put(LEASE, chunking=SMALL)
    small = office.found()
    whole = office.documents.text(document_id("lease.md"), 1, ANA)
    assert whole is not None
    shown = [office.chunks.parent(one, ANA) for one in small]
    for one, parent in zip(small, shown, strict=True):
        assert one.parent is not None
        assert parent is not None
        assert parent.text == whole.text[slice(*one.parent)]
        assert one.text in parent.text
    assert office.chunks.parent(small[0], BO) is None
    hits = [Hit(one, 1.0) for one in small]
    passages = SectionContextBuilder(office.chunks).build_now("rent?", hits, ANA).passages
    assert {passage.text for passage in passages} <= {parent.text for parent in shown if parent}
    assert len(passages) == len({passage.start for passage in passages})
    office.put(LEASE, allow=HR)
    assert office.chunks.parent(small[0], ANA) is None  # from the next query on


def test_a_summary_is_indexed_and_never_shown(office: Office) -> None:
    office.put(LEASE, chunking=SUMMED)
    with transaction(office.pool) as conn:
        (summary,) = {row[0] for row in conn.execute("SELECT summary FROM chunks")}
    assert 30 < len(summary) <= 150
    rows = [row.indexed_text for row, _ in PostgresCatalog(office.pool).index_rows(office_keys(office))]
    assert rows
    assert all(f"\n{summary}\n" in row for row in rows)
    assert rows == office.embedder.texts[-len(rows) :]
    assert not any(one.text.startswith(summary) for one in office.found()[1:])


def office_keys(office: Office) -> list[bytes]:
    return [key.ljust(48, b"\0") for key in PostgresCatalog(office.pool).changes(-1).versions.keys.tolist()]


def test_files_in_files_are_chunked_again_with_the_file(office: Office) -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.md", LEASE)
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("lease.md", LEASE)
        archive.writestr("inner.zip", inner.getvalue())
    office.put(outer.getvalue(), "all.zip")
    assert set(office.told().values()) == {"structure"}
    report = office.put(outer.getvalue(), "all.zip", SMALL)
    assert {one.source: one.outcome for one in report.all()}["all.zip/lease.md"] == "rechunked"
    assert office.told() == dict.fromkeys(office.told(), "small-to-big")
    assert all(one.parent for one in office.found() if one.source.endswith(".md"))
    embedded = len(office.embedder.texts)
    again = office.put(outer.getvalue(), "all.zip", SMALL)
    assert {one.outcome for one in again.all()} == {"unchanged"}
    assert len(office.embedder.texts) == embedded
