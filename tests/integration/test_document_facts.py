"""Facts of documents in PostgreSQL: found in the words, corrected by people, seen by readers, used by names."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from api.wiring.facts import FactKeeper
from api.wiring.naming import name_documents
from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.facts import PostgresFacts
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, connection
from infra.postgres.rereading import PostgresRereading
from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.errors import InvalidFact, NotAllowed
from ingest.protocols import ReadAgain
from ingest.types import (
    OPERATOR,
    Author,
    Chunking,
    Document,
    DocumentFacts,
    Element,
    ElementKind,
    FactKind,
    NewFact,
    ParsedFile,
)
from retrieval.search.names import NameIndex
from retrieval.search.resolving import resolve
from retrieval.types import KEY, Principal

LEGAL = frozenset({"group:legal"})
ANA, CARLA = Principal("ana", frozenset({"legal"})), Principal("carla", frozenset({"hr"}))
AUTHOR, OTHER = Author("ana", ANA.tokens), Author("ben", Principal("ben", frozenset({"legal"})).tokens)
STRANGER = Author("carla", CARLA.tokens)
BODY = (
    'This Supply Agreement is made on 4 May 2019 by and between {party}, a Delaware corporation ("{short}"), and Osprey '
    'Foods Limited (the "Supplier").\n\nThis Agreement shall be governed by the laws of the State of Delaware.'
)


class Shelf:
    def __init__(self, pool: Pool, folder: Path) -> None:
        HeadFile(folder / "head.json", b"k" * 32).begin()
        self.trail = PostgresAudit(pool, b"k" * 32, folder / "head.json")
        self.store = PostgresDocumentStore(pool, BlobStore(folder / "blobs"), trail=self.trail)
        self.rereading = PostgresRereading(pool, BlobStore(folder / "blobs"))
        self.facts = FactKeeper(PostgresFacts(pool, trail=self.trail))
        self.catalog = PostgresCatalog(pool)
        self.pool = pool

    def put(self, source: str = "a.txt", party: str = "Kestrel Robotics, Inc.", author: Author = AUTHOR) -> Document:
        body = text_of(party)
        document = made(source, body)
        chunks = StructureChunker().chunks(document)
        vectors = np.ones((len(chunks), 4), np.float32)
        self.store.add_version(document, chunks, vectors, LEGAL, body.encode(), author=author)
        return document

    def of(self, document: Document, version: int | None = None) -> DocumentFacts:
        found = self.facts.of(document.id, version, ANA, AUTHOR)
        assert found is not None
        return found

    def values(self, document: Document, kind: str = "party", version: int | None = None) -> list[str]:
        return [one.value for one in self.of(document, version).facts if one.kind == kind]

    def records(self) -> list[dict[str, Any]]:
        rows = [json.loads(row.record) for row in reversed(self.trail.show(limit=1000))]
        return [row for row in rows if row["action"] == "fact"]

    def view(self) -> Any:
        keys = np.array(sorted(key.ljust(48, b"\0") for key in self.catalog.changes(-1).versions.keys.tolist()), KEY)
        part = SimpleNamespace(segment=SimpleNamespace(slot_keys=keys), slots=np.ones(len(keys), bool))
        return SimpleNamespace(segments=(part,), digest=hashlib.sha256(keys.tobytes()).hexdigest())


def text_of(party: str) -> str:
    return BODY.format(party=party, short=party.split()[0])


def made(source: str, body: str) -> Document:
    elements = (Element(ElementKind.TITLE, "SUPPLY AGREEMENT"), Element(ElementKind.PARAGRAPH, body))
    parsed = ParsedFile("SUPPLY AGREEMENT", "text/plain", elements)
    return assemble(parsed, source=source, content_sha256=hashlib.sha256(body.encode()).hexdigest())


@pytest.fixture
def shelf(fresh_database: Pool, tmp_path: Path) -> Shelf:
    return Shelf(fresh_database, tmp_path)


def test_each_fact_has_its_quote(shelf: Shelf) -> None:
    document = shelf.put()
    known = shelf.of(document)
    assert known.may_change
    assert {one.kind for one in known.facts} == {
        FactKind.PARTY, FactKind.AGREEMENT_DATE, FactKind.DOCUMENT_KIND, FactKind.GOVERNING_LAW
    }  # fmt: skip
    for one in known.facts:
        assert document.text[one.start : one.end] == one.quote != ""
        assert (one.version, one.set_by) == (1, None)


def test_hidden_deleted_and_purged_documents_have_none(shelf: Shelf) -> None:
    document = shelf.put()
    assert shelf.facts.of(document.id, None, CARLA, STRANGER) is None
    assert shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme Ltd"), STRANGER) is False
    assert shelf.facts.of("no-uuid", None, ANA, AUTHOR) is None
    shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme Ltd"), AUTHOR)
    shelf.store.delete(document.id, AUTHOR)
    assert shelf.facts.of(document.id, None, ANA, AUTHOR) is None
    shelf.store.restore(document.id, AUTHOR)
    assert "Acme Ltd" in shelf.values(document)
    shelf.store.delete(document.id, AUTHOR, now=True)
    with connection(shelf.pool) as conn:
        assert conn.execute("SELECT count(*) FROM facts").fetchone() == (0,)


def test_row_level_security_shows_facts_of_what_may_be_read(shelf: Shelf) -> None:
    document = shelf.put()
    shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme Ltd"), AUTHOR)
    for principal, seen in ((ANA, True), (CARLA, False)):
        with connection(shelf.pool) as conn, conn.transaction():
            conn.execute("SELECT set_config('footnote.principals', %s::text[]::text, true)", [sorted(principal.tokens)])
            conn.execute("SET LOCAL ROLE footnote_reader")
            assert (conn.execute("SELECT count(*) FROM facts").fetchone() != (0,)) is seen


def test_a_correction_outlives_versions_and_rereading(shelf: Shelf) -> None:
    document = shelf.put()
    wanted = NewFact(FactKind.PARTY, "Acme Ltd", role="Buyer", replaces="Kestrel Robotics, Inc.")
    assert shelf.facts.set(document.id, wanted, AUTHOR)
    assert shelf.facts.set(document.id, NewFact(FactKind.EFFECTIVE_DATE, "1 June 2019", quote="4 May 2019"), OPERATOR)
    assert set(shelf.values(document)) == {"Osprey Foods Limited", "Acme Ltd"}
    said = next(one for one in shelf.of(document).facts if one.kind == "effective_date")
    assert (said.value, said.quote, said.set_by, said.version) == ("2019-06-01", "4 May 2019", "operator", 1)
    assert (said.start, said.end) == (said.start, said.start + len("4 May 2019"))
    shelf.put(party="Kestrel Robotics, Inc. of Ghent")
    shelf.put(party="Kestrel Robotics, Inc.")
    assert set(shelf.values(document)) == {"Osprey Foods Limited", "Acme Ltd"}
    _, readings = shelf.rereading.readings(document.id)
    other = made("a.txt", text_of("Kestrel Robotics, Inc.") + "\n\nMore words.")
    chunks = StructureChunker().chunks(other)
    again = ReadAgain(other, chunks, np.ones((len(chunks), 4), np.float32), Chunking())
    corrected = shelf.rereading.reread(document.id, readings, {readings[-1].version: again}, author=OPERATOR)
    assert corrected
    assert set(shelf.values(document)) == {"Osprey Foods Limited", "Acme Ltd"}
    assert shelf.values(document, "governing_law") == ["Delaware"]
    assert shelf.values(document, "effective_date") == ["2019-06-01"]


def test_removed_facts_stay_away(shelf: Shelf) -> None:
    document = shelf.put()
    assert shelf.facts.remove(document.id, FactKind.GOVERNING_LAW, "", AUTHOR)
    assert shelf.facts.remove(document.id, FactKind.PARTY, "osprey foods limited", AUTHOR)
    shelf.put(party="Kestrel Robotics, Inc. of Ghent")
    assert shelf.values(document, "governing_law") == []
    assert "Osprey Foods Limited" not in shelf.values(document)
    with pytest.raises(InvalidFact, match="Say which party"):
        shelf.facts.remove(document.id, FactKind.PARTY, " ", AUTHOR)
    with pytest.raises(InvalidFact, match="no such fact"):
        shelf.facts.remove(document.id, FactKind.GOVERNING_LAW, "", AUTHOR)
    shelf.facts.set(document.id, NewFact(FactKind.GOVERNING_LAW, "delaware"), AUTHOR)
    assert shelf.values(document, "governing_law") == ["Delaware"]


def test_changes_are_recorded_with_what_was_there(shelf: Shelf) -> None:
    document = shelf.put()
    shelf.facts.set(document.id, NewFact(FactKind.GOVERNING_LAW, "Ohio"), AUTHOR)
    shelf.facts.remove(document.id, FactKind.GOVERNING_LAW, "", OPERATOR)
    told = [(one["principal"], one["fact"], one["value"], one["before"]) for one in shelf.records()]
    assert told == [
        ("user:ana", "governing_law", "Ohio", ["Delaware"]),
        ("operator", "governing_law", None, ["Ohio"]),
    ]


def test_what_cannot_be_understood_or_is_not_allowed_changes_nothing(shelf: Shelf) -> None:
    document = shelf.put()
    for new in (
        NewFact(FactKind.AGREEMENT_DATE, "03/04/2019"),
        NewFact(FactKind.AGREEMENT_DATE, "soon"),
        NewFact(FactKind.PARTY, "  \x07 "),
        NewFact(FactKind.PARTY, "x" * 400),
        NewFact(FactKind.PARTY, "Acme", quote="words that are not there"),
        NewFact(FactKind.PARTY, "Acme", replaces="Nobody Ltd"),
        NewFact(FactKind.GOVERNING_LAW, "Ohio", role="Buyer"),
    ):
        with pytest.raises(InvalidFact):
            shelf.facts.set(document.id, new, AUTHOR)
    with pytest.raises(InvalidFact, match="which party"):
        shelf.facts.remove(document.id, FactKind.PARTY, " ", AUTHOR)
    assert not shelf.facts.of(document.id, None, ANA, OTHER).may_change  # type: ignore[union-attr]
    with pytest.raises(NotAllowed):
        shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme"), OTHER)
    assert shelf.records() == []


def test_only_a_party_that_is_told_of_is_replaced(shelf: Shelf) -> None:
    document = shelf.put()
    before = shelf.values(document)
    with pytest.raises(InvalidFact, match="no party 'Kestral Robotics' to replace"):
        shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme Ltd", replaces="Kestral Robotics"), AUTHOR)
    assert shelf.values(document) == before
    wanted = NewFact(FactKind.PARTY, "Acme Ltd", replaces="KESTREL ROBOTICS INC")
    assert shelf.facts.set(document.id, wanted, AUTHOR)
    assert shelf.facts.set(document.id, wanted, AUTHOR)  # the same again
    assert sorted(shelf.values(document)) == ["Acme Ltd", "Osprey Foods Limited"]


def test_who_replaces_a_party_learns_nothing_of_versions_that_are_hidden(shelf: Shelf) -> None:
    document = shelf.put()
    shelf.put(party="Plover Estates, Inc.")
    hidden = NewFact(FactKind.PARTY, "Acme Ltd", replaces="Kestrel Robotics, Inc.")
    with connection(shelf.pool) as conn:
        conn.execute("INSERT INTO access_labels (id, principals, number) VALUES ('hr', '{group:hr}', 99)")
        conn.execute("UPDATE versions SET label_id = 'hr' WHERE version = 1")
    with pytest.raises(InvalidFact, match="no party"):
        shelf.facts.set(document.id, hidden, AUTHOR)
    assert shelf.facts.set(document.id, hidden, OPERATOR)


def test_questions_find_the_document_by_the_corrected_party(shelf: Shelf) -> None:
    document = shelf.put()
    other = shelf.put("b.txt", "Plover Estates, Inc.")
    index = NameIndex(shelf.catalog)
    before = index.of(shelf.view())
    question = "What is the term of the Acme agreement?"
    assert resolve(question, before, ()).documents == ()
    assert resolve("What is the term of the Kestrel agreement?", before, ()).documents == (document.id,)
    assert before.said == ""
    shelf.facts.set(document.id, NewFact(FactKind.PARTY, "Acme Ltd", replaces="Kestrel Robotics, Inc."), AUTHOR)
    after = index.of(shelf.view())
    assert resolve(question, after, ()).documents == (document.id,)
    assert resolve("What is the term of the Kestrel agreement?", after, ()).documents == ()
    assert resolve("What is the term of the Plover agreement?", after, ()).documents == (other.id,)
    assert len(after.said) == 64
    kept = NewFact(FactKind.PARTY, "Acme Limited", term="Kestrel", replaces="Acme Ltd")
    shelf.facts.set(document.id, kept, AUTHOR)
    again = index.of(shelf.view())
    assert again.said != after.said
    for question in ("What is the term of the Kestrel agreement?", "What is the term of the Acme agreement?"):
        assert resolve(question, again, ()).documents == (document.id,)


def test_older_versions_get_their_facts_in_the_background(shelf: Shelf) -> None:
    document = shelf.put()
    expected = shelf.of(document).facts
    with connection(shelf.pool) as conn:
        conn.execute("DELETE FROM facts")
        conn.execute("UPDATE versions SET names = NULL, name_rules = 0")
    assert shelf.of(document).facts == ()
    assert name_documents(shelf.store) == 1
    assert shelf.of(document).facts == expected
