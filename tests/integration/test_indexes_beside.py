"""An index beside the usual one: what it finds is what an installation that was made that way would find."""

from __future__ import annotations

import gc
import hashlib
import shutil
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from psycopg import sql

from api.bootstrap import Container
from api.wiring.backups import back_up, restore
from api.wiring.deployment import Chosen
from api.wiring.searching import every_index
from infra.postgres.pool import Pool, reading_as, transaction
from infra.settings import Settings, SettingsError, load_settings, overlaid
from ingest.parsers import parse
from ingest.types import OPERATOR, Chunking, ParsedFile, document_id
from retrieval.types import ChunkText, Principal

OTHER = {"embedder": "multilingual-e5-small", "chunking": "recursive", "chunk_chars": "300"}
LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})
ANA, BO = Principal("ana", frozenset({"legal"})), Principal("bo", frozenset({"hr"}))
ASKED = ("What is the rent of room 3?", "notice period", "Miete des Zimmers", "who cleans the stairs")
ROOM = "The rent of room {0} is EUR {1} a month; the notice period of room {0} is {2} weeks."
LEASE = "# Lease\n\n## Rent\n\n" + "\n\n".join(ROOM.format(n, 400 + n, n % 5 + 2) for n in range(12))
RULES = "# House rules\n\n## Stairs\n\nEverybody cleans the stairs once a week.\n\n## Noise\n\nQuiet from ten to six."


class Hashed:
    """Vectors that depend on the text and on who embeds it."""

    def __init__(self, name: str) -> None:
        self.name, self.dimension, self.count = name, 6 if name == OTHER["embedder"] else 4, 0

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.count += len(texts)
        return np.stack([self.embed_query(text) for text in texts]) if texts else np.zeros((0, self.dimension), "f4")

    def embed_query(self, text: str) -> NDArray[np.float32]:
        digest = hashlib.sha256(f"{self.name} {text}".encode()).digest()
        vector = np.frombuffer(digest[: self.dimension], np.uint8).astype(np.float32) + 1
        return vector / np.float32(np.linalg.norm(vector))


class InProcess:
    def parse(self, data: bytes, name: str) -> ParsedFile:
        return parse(data, name)

    def close(self) -> None:
        pass


class Parts(Container):
    def embedder_named(self, name: str) -> Any:
        return vars(self).setdefault("hashed", {}).setdefault(name, Hashed(name))


@dataclass
class House:
    """An installation. `settings`: what its searches go by."""

    parts: Parts
    settings: Settings

    def put(self, text: str, name: str = "lease.md", *, allow: frozenset[str] = LEGAL, **more: Any) -> None:
        self.parts.pipeline.ingest(text.encode(), name, name, allow, **more)

    def found(self) -> dict[tuple[str, str], Any]:
        """What everybody finds, with scores and what is read around it."""
        asks = self.parts.settings is not self.settings
        by = self.parts.by(Chosen("other", self.settings, beside=True)) if asks else self.parts

        def told(chunk: ChunkText, score: float, asker: Principal) -> tuple[Any, ...]:
            around = [*by.chunks.neighbours(chunk, asker, 1), by.chunks.parent(chunk, asker)]
            return (score, *(one and replace(one, version_id="") for one in (chunk, *around)))

        return {
            (asker.user, asked): [
                told(hit.chunk, hit.score, asker) for hit in by.search.search_now(asked, asker, 20).hits
            ]
            for asker in (ANA, BO)
            for asked in ASKED
        }

    def sources(self, asker: str, asked: str) -> set[str]:
        return {chunk.source for _, chunk, *_ in self.found()[asker, asked]}

    def rows(self, statement: bytes) -> list[tuple[Any, ...]]:
        with transaction(self.parts.pool) as conn:
            return conn.execute(statement).fetchall()


@pytest.fixture
def houses(database_url: str, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes installations. `home` of the same name is the same one, opened again."""
    opened: list[Parts] = []
    made: set[str] = set()

    def make(home: str, **settings: Any) -> House:
        database = f"beside_{tmp_path.name}_{home}".replace("-", "_").lower()
        if home not in made:
            made.add(home)
            with psycopg.connect(database_url, autocommit=True) as conn:
                conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        url = database_url.replace("/postgres?", f"/{database}?")
        parts = Parts(load_settings(home=tmp_path / home, DATABASE_URL=url, search_rerank=0, **settings))
        vars(parts).update(parser=InProcess(), reranker=None)
        opened.append(parts)
        return House(parts, parts.settings)

    yield make
    for parts in opened:
        parts.close()


@pytest.fixture
def both(houses: Callable[..., House]) -> Callable[[Callable[[House], object]], None]:
    """Does something in an installation with an index beside, and in one that was made as that index is, and compares
    what is found."""
    usual = houses("usual")
    beside, whole = House(usual.parts, overlaid(usual.parts.settings, OTHER)), houses("whole", **OTHER)
    beside.parts.beside.build(beside.settings)

    def does(step: Callable[[House], object]) -> None:
        step(beside)
        step(whole)
        beside.parts.beside.look()
        assert beside.found() == whole.found()

    return does


def test_it_finds_what_an_installation_made_that_way_finds(both: Callable[[Callable[[House], object]], None]) -> None:
    lease, rules = document_id("lease.md"), document_id("rules.md")
    both(lambda house: house.put(LEASE))
    both(lambda house: house.put(RULES, "rules.md", allow=LEGAL | HR))
    both(lambda house: house.put(LEASE.replace("room 3 is EUR 403", "room 3 is EUR 999")))
    both(lambda house: house.put(RULES * 3, "semantic.md", allow=HR, chunking=Chunking.of("semantic")))
    both(lambda house: house.put(LEASE, "summed.md", chunking=Chunking.of("structure+summary")))
    both(lambda house: house.put("def rent(room):\n    return 400 + room\n" * 20, "rent.py"))
    both(lambda house: house.parts.documents.set_language(rules, "de"))
    both(lambda house: house.parts.documents.relabel(lease, HR))
    both(lambda house: house.parts.documents.delete(rules, OPERATOR))
    both(lambda house: house.parts.documents.restore(rules, OPERATOR))
    both(lambda house: house.parts.documents.delete(lease, OPERATOR, now=True))
    both(lambda house: list(house.parts.pipeline.reread([document_id("rules.md")], Chunking.of("small-to-big"))))


def test_what_holds_for_documents_holds_at_once_and_without_following(houses: Callable[..., House]) -> None:
    house = houses("usual")
    asked = House(house.parts, overlaid(house.settings, OTHER))
    house.put(LEASE)
    house.parts.beside.build(asked.settings)
    assert asked.found()["ana", ASKED[0]]
    assert not asked.found()["bo", ASKED[0]]
    house.put(RULES, "rules.md")  # counts as done once it is found
    assert "rules.md" in asked.sources("ana", ASKED[3])
    house.parts.documents.relabel(document_id("lease.md"), HR)
    assert "lease.md" not in asked.sources("ana", ASKED[0])
    assert asked.found()["bo", ASKED[0]]
    house.parts.documents.delete(document_id("lease.md"), OPERATOR, now=True)
    assert not asked.found()["bo", ASKED[0]]
    remains = b"SELECT count(*) FROM index_chunks WHERE document_id NOT IN (SELECT id FROM documents)"
    assert house.rows(remains) == [(0,)]


def test_its_rows_are_read_under_row_level_security(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    house.parts.beside.build(overlaid(house.settings, OTHER))
    name = house.parts.indexes.all()[0].name
    own: Pool = house.parts.pool_beside(name)
    counted = (
        b"SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM index_chunks), "
        b"(SELECT count(*) FROM index_keys), (SELECT count(index_key) FROM versions)"
    )
    with reading_as(own, ANA) as conn:
        assert all(conn.execute(counted).fetchall()[0])
    with reading_as(own, BO) as conn:
        assert conn.execute(counted).fetchall() == [(0, 0, 0, 0)]
    with reading_as(own, ANA) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(b"DELETE FROM chunks")


def test_a_build_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(houses: Callable[..., House]) -> None:
    house = houses("usual")
    for number in range(40):
        house.put(f"{LEASE}\n\nHouse {number}.", f"lease-{number}.md")
    asked = House(house.parts, overlaid(house.settings, OTHER))

    def killed(done: int, of: int) -> None:
        assert of == 40
        if done == 17:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.parts.beside.build(asked.settings, killed)
    name = house.parts.indexes.all()[0].name
    assert house.parts.indexes.count(name).behind == 23
    embedded = house.parts.embedder_named(OTHER["embedder"]).count

    told: list[tuple[int, int]] = []
    again = houses("usual")
    again.parts.beside.build(asked.settings, lambda done, of: told.append((done, of)))
    assert (told[-1], len(told)) == ((23, 23), 23)
    assert again.parts.embedder_named(OTHER["embedder"]).count < 2 * embedded
    whole = houses("whole", **OTHER)
    for number in range(40):
        whole.put(f"{LEASE}\n\nHouse {number}.", f"lease-{number}.md")
    assert House(again.parts, asked.settings).found() == whole.found()
    again.parts.beside.build(asked.settings, lambda done, of: told.append((done, of)))
    assert len(told) == 23


def test_whoever_opens_it_first_makes_what_is_missing(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    asked = House(house.parts, overlaid(house.settings, OTHER))
    house.parts.beside.build(asked.settings)
    vars(house.parts.pipeline)["_followed"] = lambda ids: None  # killed between the two
    house.put(RULES, "rules.md")
    assert house.parts.indexes.count(house.parts.indexes.all()[0].name).behind == 1
    again = houses("usual")
    assert "rules.md" in House(again.parts, asked.settings).sources("ana", ASKED[3])


def test_the_same_cuts_are_only_embedded_and_need_no_original(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    vars(house.parts)["parser"] = None
    asked = House(house.parts, overlaid(house.settings, {"embedder": OTHER["embedder"]}))
    house.parts.beside.build(asked.settings)
    ids = b"SELECT array_agg(id ORDER BY id) FROM "
    assert house.rows(ids + b"chunks") == house.rows(ids + b"index_chunks")
    assert asked.found()["ana", ASKED[0]]


def test_an_original_that_is_gone_is_found_as_it_was_cut_before(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    for path in (house.settings.home / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    asked = House(house.parts, overlaid(house.settings, OTHER))
    house.parts.beside.build(asked.settings)
    assert house.parts.indexes.count(house.parts.indexes.all()[0].name).otherwise == 1
    assert asked.found()["ana", ASKED[0]]


def test_published_compacted_and_dropped_with_its_files(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    made = house.parts.beside.build(overlaid(house.settings, OTHER))
    house.parts.publish()
    folder = house.settings.home / "segments" / made.name
    assert list(folder.glob("segment-*"))
    assert list(folder.parent.glob("segment-*"))
    assert [(name, bool(index.status().segments)) for name, index in every_index(house.parts)] == [
        ("", True),
        (made.name, True),
    ]
    assert house.parts.beside.drop(made.name)
    assert not folder.exists()
    assert house.rows(b"SELECT count(*) FROM index_chunks") == [(0,)]
    assert house.rows(b"SELECT count(*) > 0 FROM chunks") == [(True,)]
    assert not house.parts.beside.drop(made.name)


def test_a_restored_installation_has_it_too(houses: Callable[..., House], tmp_path: Path) -> None:
    house, other = houses("usual"), houses("restored")
    house.put(LEASE)
    asked = House(house.parts, overlaid(house.settings, OTHER))
    house.parts.beside.build(asked.settings)
    before = asked.found()
    place, _ = back_up(house.parts, tmp_path / "backup", None, None, lambda said: None)
    shutil.copytree(house.settings.home / "keys", other.settings.home / "keys")
    restore(other.settings, place, None, None, None, lambda said: None)
    assert House(other.parts, overlaid(other.settings, OTHER)).found() == before
    counts = [count for _, count in other.parts.beside.counted()]
    assert [count.behind for count in counts] == [0]


def test_it_lies_in_memory_only_while_something_is_answered_from_it(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    settings = overlaid(house.settings, OTHER)
    house.parts.beside.build(settings)
    one = house.parts.by(Chosen("one", settings, beside=True))
    other = house.parts.by(Chosen("other", settings, beside=True))
    assert one.index is other.index
    index = weakref.ref(one.index)
    del one, other
    gc.collect()
    assert index() is None


def test_without_it_a_release_is_refused_in_words(houses: Callable[..., House]) -> None:
    house = houses("usual")
    asked = House(house.parts, overlaid(house.settings, OTHER))
    with pytest.raises(SettingsError, match="footnote release build"):
        asked.found()
