"""Documents that came out of another one share its label, owner and fate."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.rereading import PostgresRereading
from ingest.chunkers import Chunkers
from ingest.errors import DamagedFile, NotAllowed, UnreadableFile
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.storing import FileReport
from ingest.types import MAX_SOURCE_BYTES, OPERATOR, Author, Chunking, ChunkingKind, document_id
from retrieval.types import Principal

LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})
ANA = Principal("ana", frozenset({"legal"}))
CARLA = Principal("carla", frozenset({"hr"}))
MAIL = "m/offer.eml"
ANAS = Author("ana", ANA.tokens)


class Parsing:
    """The real parsers, which fail when told to: the process is killed, or the file cannot be read."""

    fails = refuses = blind = ""  # blind: to the files in a file
    instead: Mapping[str, str] = MappingProxyType({})  # words that are read otherwise
    calls = 0

    def parse(self, data: bytes, name: str) -> Any:
        self.calls += 1
        parsed = parse(data, name)
        if name == self.blind:
            parsed = replace(parsed, parts=())
        for old, new in self.instead.items():
            elements = [replace(one, text=one.text.replace(old, new)) for one in parsed.elements]
            parsed = replace(parsed, elements=tuple(elements))
        if self.refuses and name == self.refuses:
            raise DamagedFile(f"{name} is damaged. Save it anew.")
        if self.fails and name == self.fails:
            raise KeyboardInterrupt
        return parsed


class Embedding:
    name, dimension = "count", 4

    def embed_documents(self, texts: Any) -> Any:
        return np.ones((len(texts), 4), np.float32)

    def embed_query(self, text: str) -> Any:
        raise NotImplementedError


class Desk:
    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool, self.parsing = pool, Parsing()
        HeadFile(folder / "audit" / "head.json", b"k" * 32).begin()
        self.trail = PostgresAudit(pool, b"k" * 32, folder / "audit" / "head.json")
        self.store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"), trail=self.trail)
        self.rereading = PostgresRereading(pool, BlobStore(folder / "blobs"), trail=self.trail)
        self.pipeline = IngestPipeline(
            parser=self.parsing, chunkers=Chunkers(), embedder=Embedding(), store=self.store, publish=lambda: None,
            rereading=self.rereading,
        )  # fmt: skip

    def put(self, data: bytes, allow: frozenset[str] = LEGAL, author: Author = OPERATOR) -> FileReport:
        return self.pipeline.ingest(data, "offer.eml", MAIL, allow, author=author)

    def seen(self, principal: Principal = ANA) -> list[str]:
        return [info.source for info in self.store.list(principal)]

    def actions(self) -> list[tuple[str, str]]:
        rows = [json.loads(row.record) for row in reversed(self.trail.show(limit=1000))]
        return [(row["action"], row["source"]) for row in rows]


@pytest.fixture
def desk(fresh_database: Pool, tmp_path: Path) -> Desk:
    return Desk(fresh_database, tmp_path)


def mail(*attachments: tuple[str, bytes], words: str = "Please see the annexes.") -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Offer", "a@example.org", "b@example.org"
    message.set_content(words)
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if message.is_multipart():
        message.set_boundary("b")
    return message.as_bytes()


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


A, B = ("a.txt", b"The rent is 5 euros."), ("b.txt", b"The fee is 6 euros.")
BOTH = [MAIL, f"{MAIL}/a.txt", f"{MAIL}/b.txt"]


def test_attachments_are_documents_of_their_own(desk: Desk) -> None:
    report = desk.put(mail(A, B, A))
    assert [child.source for child in report.children] == [*BOTH[1:], f"{MAIL}/a (2).txt"]
    assert {child.outcome for child in report.children} == {"added"}
    assert desk.seen() == [MAIL, f"{MAIL}/a (2).txt", *BOTH[1:]]
    assert desk.seen(CARLA) == []
    again = desk.put(mail(A, B, A))
    assert (again.outcome, again.children) == ("unchanged", ())


def test_a_new_label_of_the_mail_is_that_of_all_of_it_at_once(desk: Desk) -> None:
    desk.put(mail(A, B))
    assert desk.put(mail(A, B), HR).outcome == "relabelled"
    assert (desk.seen(), desk.seen(CARLA)) == ([], BOTH)
    assert [what for what in desk.actions() if what[0] == "relabel"] == [
        ("relabel", BOTH[1]), ("relabel", BOTH[2]), ("relabel", MAIL)
    ]  # fmt: skip
    desk.store.relabel(document_id(MAIL), LEGAL)
    assert (desk.seen(), desk.seen(CARLA)) == (BOTH, [])
    desk.parsing.fails = "b.txt"  # killed after the mail was stored anew and before its attachments are
    with pytest.raises(KeyboardInterrupt):
        desk.put(mail(A, ("b.txt", b"Other words.")), HR)
    assert (desk.seen(), desk.seen(CARLA)) == ([], BOTH)


def test_a_part_has_no_label_and_no_fate_of_its_own(desk: Desk) -> None:
    desk.put(mail(A))
    part = document_id(BOTH[1])
    for author in (OPERATOR, Author("ana", ANA.tokens, True)):
        with pytest.raises(NotAllowed, match=f"part of {MAIL}"):
            desk.store.delete(part, author)
        with pytest.raises(NotAllowed, match="part of"):
            desk.store.relabel(part, HR, author=OPERATOR)
    assert desk.store.changeable(OPERATOR) == {document_id(MAIL)}


def test_deleted_restored_and_purged_with_its_mail(desk: Desk) -> None:
    desk.put(mail(A, B))
    desk.put(mail(A))  # b.txt is gone
    assert desk.seen() == BOTH[:2]
    assert desk.actions()[-1] == ("delete", BOTH[2])
    assert desk.store.delete(document_id(MAIL), OPERATOR)
    assert desk.seen() == []
    assert not desk.store.restore(document_id(BOTH[1]), OPERATOR)
    assert [info.source for info in desk.store.deleted(OPERATOR)] == [MAIL]
    assert desk.store.restore(document_id(MAIL), OPERATOR)
    assert desk.seen() == BOTH[:2]  # and not b.txt, which had gone before
    since = PostgresCatalog(desk.pool).generation()
    assert desk.store.delete(document_id(MAIL), OPERATOR, now=True)
    assert desk.store.contents() == ()
    assert len(PostgresCatalog(desk.pool).changes(since).documents) == 2  # the index hears of the attachment too
    assert desk.put(mail(A, B)).version == 3


def test_an_attachment_comes_back(desk: Desk) -> None:
    desk.put(mail(A, B), author=ANAS)
    desk.put(mail(A), author=ANAS)
    report = desk.put(mail(A, B, words="Once more."), author=ANAS)
    assert [child.outcome for child in report.children] == ["unchanged", "added"]
    assert desk.seen() == BOTH
    desk.put(mail(words="No annex any more."), author=ANAS)
    assert desk.seen() == [MAIL]


def test_what_was_killed_in_the_middle_is_completed(desk: Desk) -> None:
    desk.parsing.fails = "b.txt"
    with pytest.raises(KeyboardInterrupt):
        desk.put(mail(A, B))
    assert desk.seen() == BOTH[:2]
    desk.parsing.fails = ""
    report = desk.put(mail(A, B))
    assert (report.outcome, report.version) == ("unchanged", 1)
    assert [child.outcome for child in report.children] == ["unchanged", "added"]
    assert desk.put(mail(A, B)).children == ()


def test_a_part_that_fails_stops_nothing(desk: Desk) -> None:
    report = desk.put(mail(("bad.csv", b"\x00\x01" * 500), ("empty.html", b"<p></p>"), B))
    assert [(child.source, child.outcome) for child in report.children] == [
        (f"{MAIL}/empty.html", "failed"), (BOTH[2], "added")
    ]  # fmt: skip
    assert report.children[0].reason
    assert report.failed
    again = desk.put(mail(("bad.csv", b"\x00\x01" * 500), ("empty.html", b"<p></p>"), B))
    assert [child.outcome for child in again.children] == ["failed", "unchanged"]  # it is tried, and told, again
    assert desk.put(mail(B)).failed is False
    assert desk.put(mail(B)).children == ()


def test_a_part_that_failed_once_is_read_when_the_same_file_comes_again(desk: Desk) -> None:
    inner = mail(A, B)
    outer = mail(("inner.eml", inner))
    desk.parsing.refuses = "b.txt"
    assert desk.put(outer).failed
    assert desk.seen() == [MAIL, f"{MAIL}/inner.eml", f"{MAIL}/inner.eml/a.txt"]
    desk.parsing.refuses = ""
    report = desk.put(outer)
    assert [(one.source, one.outcome) for one in report.all()] == [
        (MAIL, "unchanged"), (f"{MAIL}/inner.eml", "unchanged"),
        (f"{MAIL}/inner.eml/a.txt", "unchanged"), (f"{MAIL}/inner.eml/b.txt", "added"),
    ]  # fmt: skip
    calls = desk.parsing.calls
    assert desk.put(outer).children == ()
    assert desk.parsing.calls == calls


def test_what_lies_in_a_file_inside_another_one_is_read_again(desk: Desk) -> None:
    inner, deep = f"{MAIL}/inner.eml", f"{MAIL}/inner.eml/a.txt"
    desk.parsing.blind = "inner.eml"
    desk.put(mail(("inner.eml", mail(A, words="The fee is 5OO."))))
    assert desk.seen() == [MAIL, inner]
    desk.parsing.blind, desk.parsing.instead = "", {"5OO": "500"}
    with transaction(desk.pool) as conn:
        conn.execute("UPDATE versions SET parser_rules = 0")
    reports = list(desk.pipeline.reread(desk.rereading.behind(None)))
    assert {one.source: one.corrected for one in reports} == {MAIL: {}, inner: {1: 2}}
    assert desk.seen() == [MAIL, inner, deep]
    view = desk.store.text(document_id(inner), None, ANA)
    assert view is not None
    assert "The fee is 500." in view.text
    with transaction(desk.pool) as conn:
        conn.execute("UPDATE versions SET parser_rules = 0")
    desk.parsing.instead = {"5OO": "500", "rent is 5 euros": "rent is 6 euros"}  # two files deep
    reports = list(desk.pipeline.reread(desk.rereading.behind(None)))
    assert {one.source: one.corrected for one in reports} == {MAIL: {}, inner: {}, deep: {1: 2}}
    assert desk.rereading.behind(None) == ()
    assert desk.seen() == [MAIL, inner, deep]


def test_what_is_stored_of_a_part_stays_when_it_cannot_be_read_again(desk: Desk) -> None:
    outer = mail(("inner.eml", mail(A)), B)
    desk.put(outer)
    seen = desk.seen()
    desk.parsing.refuses = "inner.eml"
    kind = Chunking(ChunkingKind.RECURSIVE)
    report = desk.pipeline.ingest(outer, "offer.eml", MAIL, LEGAL, chunking=kind)
    assert report.failed
    assert desk.seen() == seen


def test_names_of_parts_belong_to_their_mail(desk: Desk) -> None:
    desk.put(mail(A), author=ANAS)
    with pytest.raises(NotAllowed):
        desk.pipeline.ingest(b"Mine.", "a.txt", BOTH[1], LEGAL, author=OPERATOR)
    desk.pipeline.ingest(b"Mine.", "b.txt", BOTH[2], HR)
    report = desk.put(mail(A, B, words="Other."), author=ANAS)
    assert [child.code for child in report.children] == ["", "not_allowed"]
    assert desk.seen(CARLA) == [BOTH[2]]


def test_owner_and_managers_are_those_of_the_mail_and_a_deleted_mail_takes_nothing(desk: Desk) -> None:
    desk.pipeline.ingest(mail(A), "offer.eml", MAIL, LEGAL, author=ANAS, manage=frozenset({"group:deeds"}))
    with transaction(desk.pool) as conn:
        rows = conn.execute("SELECT DISTINCT owner, managers FROM documents").fetchall()
    assert rows == [("ana", ["group:deeds"])]
    desk.store.delete(document_id(MAIL), ANAS)
    stored = parse(*(A[1], A[0]))
    from ingest.chunking import assemble

    document = assemble(stored, source=BOTH[1], content_sha256=hashlib.sha256(A[1]).hexdigest())
    with pytest.raises(UnreadableFile, match="deleted"):
        desk.store.add_version(
            document, [], np.ones((0, 4), np.float32), LEGAL, A[1], author=ANAS, parent=document_id(MAIL)
        )


def test_mails_in_archives(desk: Desk, tmp_path: Path) -> None:
    def put(data: bytes) -> FileReport:
        return desk.pipeline.ingest(data, "x.zip", "x.zip", LEGAL)

    inner = ("in/offer.eml", mail(A))
    report = put(packed(inner, B))
    assert desk.seen() == ["x.zip", "x.zip/b.txt", "x.zip/in/offer.eml", "x.zip/in/offer.eml/a.txt"]
    assert report.children[0].children[0].source == "x.zip/in/offer.eml/a.txt"
    put(packed(inner))  # the mail is untouched, and so is what is in it
    assert desk.seen() == ["x.zip", "x.zip/in/offer.eml", "x.zip/in/offer.eml/a.txt"]
    put(packed(("in/offer.eml", mail(words="Nothing."))))
    assert desk.seen() == ["x.zip", "x.zip/in/offer.eml"]
    deep = packed(("2.zip", packed(("3.zip", packed(("4.txt", b"Too deep."))))))
    (two,) = put(deep).children
    assert two.children[0].children[0].code == "file_too_large"


def test_parts_of_a_file_with_the_longest_path_have_room_below_it(desk: Desk) -> None:
    def scattered(size: int) -> str:  # that nothing compresses
        return "".join(hashlib.sha512(b"%d" % at).hexdigest() for at in range(size // 128 + 1))[:size]

    long = scattered(2000)
    inner = packed((f"{long}/a.txt", A[1]), (f"{long}/b.txt", B[1]))
    source = f"upload/ana/{scattered(1125)}"
    report = desk.pipeline.ingest(packed((f"{long}.zip", inner)), "x.zip", source, LEGAL)
    (middle,) = report.children
    assert [child.code for child in (middle, *middle.children)] == ["", "", ""]
    seen = desk.seen()
    assert len(seen) == 4
    assert all(len(one.encode()) <= MAX_SOURCE_BYTES for one in seen)
    assert {one[-4:] for one in seen[1:]} == {".zip", ".txt"}
    again = desk.pipeline.ingest(packed((f"{long}.zip", inner), B), "x.zip", source, LEGAL)
    assert again.children[0].outcome == "unchanged"
