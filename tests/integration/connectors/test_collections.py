"""Collections: a label that bounds the documents' own, and walls that hold in both enforcers."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.errors import CollectionRefused, ConnectorRefused
from infra.postgres.people import PostgresPeople
from infra.postgres.pool import reading_as, transaction
from ingest.protocols import Outcome
from ingest.types import OPERATOR, Author, Chunk, Document, Element, ElementKind, PlacedElement, chunk_id
from retrieval.types import Principal
from tests.synced import Group, Person

LEGAL, PARTNERS = frozenset({"group:legal"}), frozenset({"group:partners"})
BOTH = '[[rule]]\npath = "**"\nallow = ["group:legal", "group:partners"]'


@pytest.fixture
def people(matter: Any) -> PostgresPeople:
    return PostgresPeople(matter.pool, trail=matter.trail)


@pytest.fixture
def matter(office: Any) -> Any:
    """Two documents in a collection that lets legal and partners in, one outside it."""
    office.collections.add("matter", LEGAL | PARTNERS, frozenset())
    office.added(collection="matter")
    office.rules(BOTH)
    office.write("a.txt", "The rent of Osprey house.")
    office.write("b.txt", "The lease of Osprey house.")
    office.sync()
    office.pipeline.ingest(b"The canteen of Osprey house.", "c.txt", "share:/c.txt", LEGAL)
    return office


def walls(matter: Any, *tokens: str) -> None:
    matter.collections.change("matter", lambda label, _: (label, frozenset(tokens)))


def label(matter: Any, *tokens: str) -> None:
    matter.collections.change("matter", lambda _, walled: (frozenset(tokens) if tokens else None, walled))


@pytest.mark.parametrize("wall", ["user:bob", "group:opposite"])
def test_a_wall_keeps_out_whom_every_label_lets_in(matter: Any, wall: str) -> None:
    assert matter.seen("bob", "legal", "partners", "opposite") == ["a.txt", "b.txt", "c.txt"]
    walls(matter, wall)
    assert matter.seen("bob", "legal", "partners", "opposite") == ["c.txt"]
    assert matter.seen("ana", "legal") == ["a.txt", "b.txt", "c.txt"]
    walls(matter)
    assert matter.seen("bob", "legal", "opposite") == ["a.txt", "b.txt", "c.txt"]


def test_a_group_that_the_credential_does_not_open_lets_nobody_in_and_keeps_them_out(matter: Any) -> None:
    assert matter.seen("bob", shut="legal") == []
    assert matter.seen("bob", "legal", shut="legal opposite") == ["a.txt", "b.txt", "c.txt"]
    walls(matter, "group:opposite")
    assert matter.seen("bob", "legal", shut="opposite") == ["c.txt"]


def test_behind_a_wall_everything_is_as_if_the_documents_were_not_there(matter: Any) -> None:
    """The view of the walled off has the digest, rows and statistics of one in which the documents were deleted."""
    bob = Principal("bob", frozenset({"legal", "partners"}))
    walls(matter, "user:bob")
    behind = matter.index.view(bob)
    chunk_ids = [row[0] for row in _rows(matter, "SELECT id FROM chunks ORDER BY id")]
    read = PostgresChunkReader(matter.pool).read(chunk_ids, bob)
    assert [chunk.source for chunk in read] == ["share:/c.txt"]
    with reading_as(matter.pool, bob) as conn:
        assert conn.execute("SELECT count(*) FROM documents").fetchone() == (1,)
        assert conn.execute("SELECT count(*) FROM versions").fetchone() == (1,)
        assert conn.execute("SELECT count(*) FROM access_labels WHERE '!user:bob' = ANY (principals)").fetchone() == (
            0,
        )
    walls(matter)
    for key in ("a.txt", "b.txt"):
        matter.store.delete(matter.id_of(key), OPERATOR)
    without = matter.index.view(bob)
    assert (behind.digest, behind.row_count, behind.mean_length) == (
        without.digest,
        without.row_count,
        without.mean_length,
    )


def test_the_index_keeps_the_walled_off_out_where_row_level_security_does_not(matter: Any) -> None:
    walls(matter, "user:bob")
    bob = Principal("bob", frozenset({"legal"}))
    with transaction(matter.pool) as conn:
        conn.execute("ALTER POLICY reader ON access_labels USING (true)")
    assert matter.index.view(bob).row_count == 1
    assert len(matter.store.list(bob)) == 3


def test_a_wall_outlasts_new_versions_relabelling_and_the_recycle_bin(matter: Any) -> None:
    walls(matter, "user:bob")
    matter.write("a.txt", "Another rent of Osprey house.")
    matter.sync()
    matter.store.relabel(matter.id_of("b.txt"), frozenset({"group:legal", "user:bob"}))
    assert matter.seen("bob", "legal", "partners") == ["c.txt"]
    matter.store.delete(matter.id_of("a.txt"), OPERATOR, now=True)
    matter.pipeline.ingest(b"Once more", "a.txt", "share:/a.txt", LEGAL)
    assert matter.seen("bob", "legal") == ["c.txt"]
    matter.store.delete(matter.id_of("b.txt"), OPERATOR)
    walls(matter, "user:ana")
    matter.store.restore(matter.id_of("b.txt"), OPERATOR)
    assert matter.seen("ana", "legal") == ["c.txt"]
    assert matter.seen("bob", "legal") == ["a.txt", "b.txt", "c.txt"]


def test_a_wall_stands_before_owners_managers_and_admins(matter: Any) -> None:
    walls(matter, "user:bob")
    bob = Author("bob", frozenset({"user:bob", "group:legal"}), admin=True)
    assert matter.store.delete(matter.id_of("a.txt"), bob) is False
    assert matter.id_of("a.txt") not in matter.store.changeable(bob)


def test_the_label_of_a_collection_bounds_those_of_its_documents(matter: Any) -> None:
    matter.rules(
        '[[rule]]\npath = "a.txt"\nallow = ["group:partners", "group:sales"]\n[[rule]]\npath = "b.txt"\nallow = ["group:sales"]'
    )
    matter.sync()
    assert matter.seen("pat", "partners") == ["a.txt"]
    assert matter.seen("sam", "sales") == []
    label(matter, "group:sales")
    assert matter.seen("sam", "sales") == ["a.txt", "b.txt"]
    assert matter.seen("pat", "partners") == []
    label(matter)
    assert matter.seen("pat", "partners") == ["a.txt"]
    assert matter.sync() == []


def test_documents_move_between_collections(matter: Any) -> None:
    matter.collections.add("closed", PARTNERS, frozenset({"user:ana"}))
    assert matter.collections.put("closed", [matter.id_of("a.txt"), "none"]) == 1
    assert matter.seen("bo", "legal") == ["b.txt", "c.txt"]
    assert matter.seen("pat", "partners") == ["a.txt", "b.txt"]
    assert matter.seen("ana", "partners", "legal") == ["b.txt", "c.txt"]
    matter.write("a.txt", "A new version stays where somebody put it.")
    matter.sync()
    assert matter.seen("ana", "partners", "legal") == ["b.txt", "c.txt"]
    matter.collections.put(None, [matter.id_of("a.txt")])
    assert matter.seen("ana", "partners") == ["a.txt", "b.txt"]


def test_a_collection_is_removed_only_when_nothing_is_left_in_it(matter: Any) -> None:
    document = matter.id_of("a.txt")
    for refused in ("matter", "unknown"):
        with pytest.raises(CollectionRefused):
            matter.collections.remove(refused)
    with pytest.raises(CollectionRefused):
        matter.collections.add("matter", None, frozenset())
    with pytest.raises(ConnectorRefused):
        matter.added(name="other", collection="nowhere")
    matter.collections.add("empty", None, frozenset())
    matter.collections.put("empty", [document])
    with pytest.raises(CollectionRefused, match=r"documents in it: 1 \(`footnote collections take`\)[.]"):
        matter.collections.remove("empty")
    matter.store.delete(document, OPERATOR)
    with pytest.raises(CollectionRefused, match="documents of it in the recycle bin, which may come back: 1"):
        matter.collections.remove("empty")
    matter.store.delete(document, OPERATOR, now=True)
    matter.collections.remove("empty")
    assert [one.name for one in matter.collections.list()] == ["matter"]
    assert matter.collections.list()[0].documents == 1


def test_a_wall_holds_whatever_name_the_person_behind_it_gets(matter: Any, people: PostgresPeople) -> None:
    bob = people.add_person(Person("bob", "00u1"), "sync")
    walls(matter, "user:bob")
    matter.write("a.txt", "Another rent of Osprey house.")
    matter.sync()
    matter.store.delete(matter.id_of("b.txt"), OPERATOR)
    for person in (Person("robert", "00u1"), Person("Bob", "00u1"), Person("00u1", "00u2"), Person("rob", "00u2")):
        people.change_person(bob.id, lambda _, person=person: person, "sync")  # type: ignore[misc]
        assert matter.seen(person.user_name, "legal", "partners") == ["c.txt"], person
    matter.store.restore(matter.id_of("b.txt"), OPERATOR)
    assert matter.seen("rob", "legal") == ["c.txt"]
    assert matter.seen("ana", "legal") == ["a.txt", "b.txt", "c.txt"]
    matter.write("b.txt", "What is stored later.")
    matter.sync()
    assert matter.seen("rob", "legal") == ["c.txt"]
    assert matter.collections.list()[0].walls == {"user:bob", "user:robert", "user:Bob", "user:00u1", "user:rob"}
    people.remove_person(bob.id, "sync")
    people.add_person(Person("robbie", "00u2"), "sync")
    assert matter.seen("robbie", "legal") == ["c.txt"]


def test_a_wall_against_a_former_name_or_another_spelling_meets_who_has_it_now(
    matter: Any, people: PostgresPeople
) -> None:
    bob = people.add_person(Person("bob", "00u1"), "sync")
    people.change_person(bob.id, lambda _: Person("Robert", "00u1"), "sync")
    people.add_group(Group("Opposite"), "sync")
    for wall in ("user:bob", "user:robert", "user:00u1", "group:opposite"):
        assert matter.seen("Robert", "legal", "Opposite") == ["a.txt", "b.txt", "c.txt"]
        walls(matter, wall)
        assert matter.seen("Robert", "legal", "Opposite") == ["c.txt"], wall
        walls(matter)
    matter.collections.add("other", LEGAL, frozenset({"user:bob"}))
    matter.collections.put("other", [matter.id_of("a.txt")])
    assert matter.seen("Robert", "legal") == ["b.txt", "c.txt"]
    walls(matter, "user:bob")
    matter.collections.change("matter", lambda label, before: (label, before - {"user:Robert"}))
    assert matter.seen("Robert", "legal") == ["b.txt", "c.txt"]  # who is let in again is


def test_a_wall_that_was_there_first_meets_whom_the_sync_brings(matter: Any, people: PostgresPeople) -> None:
    walls(matter, "user:00u1", "user:ben", "group:legal-team")
    people.add_person(Person("bob", "00u1"), "sync")
    people.add_person(Person("Ben"), "sync")
    team = people.add_group(Group("Legal Team"), "sync")
    for asker in (("bob", "legal"), ("Ben", "legal"), ("ana", "legal", "Legal-Team")):
        assert matter.seen(*asker) == ["c.txt"], asker
    people.change_group(team.id, lambda _: Group("Deal Team"), "sync")
    assert matter.seen("ana", "legal", "Deal-Team") == ["c.txt"]
    assert matter.seen("ana", "legal") == ["a.txt", "b.txt", "c.txt"]


def test_an_unchanged_file_in_a_collection_is_unchanged(matter: Any) -> None:
    def again(*allow: str) -> Outcome:
        words = b"The canteen of Osprey house."
        outcome: Outcome = matter.pipeline.ingest(words, "c.txt", "share:/c.txt", frozenset(allow)).outcome
        return outcome

    walls(matter, "user:bob")
    assert again("group:legal", "group:sales") == Outcome.RELABELLED
    matter.collections.put("matter", [matter.id_of("c.txt")])
    before = matter.catalog.generation()
    assert again("group:legal", "group:sales") == Outcome.UNCHANGED
    assert matter.catalog.generation() == before
    assert matter.seen("bob", "legal") == matter.seen("sam", "sales") == []
    assert again("group:legal") == Outcome.RELABELLED
    assert again("group:sales") == Outcome.RELABELLED
    assert again("group:sales") == Outcome.UNCHANGED
    assert matter.seen("ana", "legal") == ["a.txt", "b.txt"]


def test_what_was_there_before_a_connector_with_a_collection_found_it_is_walled(office: Any) -> None:
    office.pipeline.ingest(b"The rent.", "a.txt", "share:/legal/a.txt", LEGAL)
    office.collections.add("matter", None, frozenset({"user:bob"}))
    office.added(collection="matter")
    office.write("legal/a.txt", "The rent.")
    office.sync()
    assert office.seen("ana", "legal") == ["legal/a.txt"]
    assert office.seen("bob", "legal") == []


def test_a_part_is_in_no_collection_of_its_own(matter: Any) -> None:
    matter.collections.put(None, [matter.id_of("a.txt")])
    part = _part(matter, "a.txt")
    for name in ("matter", None):
        with pytest.raises(CollectionRefused, match=r"a part of share:/a[.]txt"):
            matter.collections.put(name, [matter.id_of("b.txt"), part])
    walls(matter, "user:bob")
    assert matter.seen("bob", "legal") == ["a.txt", "a.txt/part", "c.txt"]  # as the document that it goes with
    matter.collections.put("matter", [matter.id_of("a.txt")])
    assert matter.seen("bob", "legal") == ["c.txt"]


def _part(matter: Any, key: str) -> str:
    text = "An enclosure."
    original = text.encode()
    sha256 = hashlib.sha256(original).hexdigest()
    body = PlacedElement(Element(ElementKind.PARAGRAPH, text), 0, len(text))
    source = f"{matter.connector.source_of(key)}/part"
    document = Document(source, source, "text/plain", sha256, text, (body,))
    identity = chunk_id(document.id, sha256, 0, len(text))
    chunk = Chunk(identity, document.id, 0, 0, len(text), text, source, (), None)
    vectors = np.ones((1, 4), np.float32)
    matter.store.add_version(document, [chunk], vectors, frozenset(), original, None, parent=matter.id_of(key))
    return document.id


def _rows(matter: Any, query: str) -> list[Any]:
    with transaction(matter.pool) as conn:
        return conn.execute(query.encode()).fetchall()
