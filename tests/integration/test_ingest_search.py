"""From files to hits with real PostgreSQL and real models: nothing hidden shows, nothing deleted stays, nothing is lost."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import infra.postgres.chunks
from api.http.schemas.asking import SearchResponse
from api.wiring.publishing import BackgroundPublisher
from infra.files.blobs import BlobStore
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.numbers import PostgresNumbers
from infra.postgres.pool import Pool, transaction
from infra.postgres.segments import PostgresSegments
from ingest.chunkers import Chunkers
from ingest.chunkers.structure import StructureChunker
from ingest.embedding import ClsEmbedder
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.protocols import Embedder
from ingest.types import OPERATOR, ParsedFile, document_id
from retrieval.index.access import AccessIndex
from retrieval.index.snapshot import Visible
from retrieval.index.view import View
from retrieval.protocols import Reranker
from retrieval.search.hybrid import HybridSearch
from retrieval.search.rerank import CrossEncoderReranker
from retrieval.types import Principal, SearchResult

LEGAL, HR, ALL = frozenset({"group:legal"}), frozenset({"group:hr"}), frozenset({"group:everyone"})
ANA, CARLA, NINA = Principal("ana", frozenset({"legal"})), Principal("carla", frozenset({"hr"})), Principal("nina")
FILES = {
    "lease": (
        LEGAL,
        "The rent of Unit 7 is 500 euros per month.\n\nKestrel may end the lease with thirty days of notice.",
    ),
    "nda": (LEGAL, "Kestrel keeps the formula of Osprey secret for five years."),
    "bands": (
        HR,
        "The salary of the chief financial officer is 91,000 euros.\n\nThe zeppelin allowance is 70 euros per month.",
    ),
    "review": (HR, "Kestrel asked about the rent and the notice period of the zeppelin hangar."),
    "canteen": (ALL, "Lunch costs 4 euros. The canteen closes at two o'clock."),
    "copy": (HR, "Kestrel keeps the formula of Osprey secret for five years."),
}
QUERIES = (
    "What is the rent of Unit 7?",
    "zeppelin",
    "How long is the formula secret?",
    "euros per month",
    "Kestrel notice",
)


class InProcess:
    def parse(self, data: bytes, name: str) -> ParsedFile:
        return parse(data, name)


@dataclass
class Models:
    embedder: Embedder
    reranker: Reranker


@pytest.fixture(scope="module")
def models() -> Models:
    store = ModelStore(default_cache_dir(), Manifest.load())

    def encoder(name: str) -> OnnxEncoder:
        folder = store.path(name)
        return OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")

    name, judge = "bge-small-en-v1.5", "ms-marco-MiniLM-L-12-v2"
    return Models(
        ClsEmbedder(encoder(name), name=name, dimension=384), CrossEncoderReranker(encoder(judge), name=judge)
    )


class Installation:
    """A database and a data folder with everything that ingests and searches."""

    def __init__(self, pool: Pool, home: Path, models: Models) -> None:
        self.pool, self.home, self.models = pool, home, models
        self.documents = PostgresDocumentStore(pool, BlobStore(home / "blobs"))
        self.chunks = PostgresChunkReader(pool)
        self.numbers = PostgresNumbers(pool, b"")
        self.restart()

    def restart(self) -> None:
        """A new process: nothing in memory."""
        self.index = AccessIndex(
            PostgresCatalog(self.pool), PostgresSegments(self.pool), self.home / "segments", dimension=384
        )
        self.search = HybridSearch(self.index, self.chunks, self.models.embedder, self.models.reranker)
        self.pipeline = IngestPipeline(
            parser=InProcess(), chunkers=Chunkers(structure=StructureChunker(target_chars=60, max_chars=120)), embedder=self.models.embedder,
            store=self.documents, publish=self.index.publish,
        )  # fmt: skip

    def put(self, name: str, text: str, allow: frozenset[str]) -> None:
        self.pipeline.ingest(text.encode(), f"{name}.txt", name, allow)

    def fill(self, wanted: Callable[[frozenset[str]], bool] = lambda allow: True) -> None:
        for name, (allow, text) in FILES.items():
            if wanted(allow):
                self.put(name, text, allow)

    def ask(self, query: str, principal: Principal, as_of: date | None = None) -> SearchResult:
        return self.search.search_now(query, principal, 10, as_of=as_of)

    def sources(self, query: str, principal: Principal) -> set[str]:
        return {hit.chunk.source for hit in self.ask(query, principal).hits}

    def wire(self, query: str, principal: Principal) -> bytes:
        found = self.ask(query, principal)
        seen = self.numbers.of(principal, {id_ for id_, _ in found.versions})
        told = SearchResponse.of(found, seen).model_dump_json()
        return re.sub(r'"v_[\w-]{16}"', '"v_"', told).encode()  # which each installation draws for itself


@pytest.fixture
def installation(fresh_database: Pool, tmp_path: Path, models: Models) -> Installation:
    return Installation(fresh_database, tmp_path, models)


@pytest.fixture
def second_database(database_url: str, _template: str) -> Iterator[Pool]:
    import psycopg

    from infra.postgres.pool import open_pool

    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE second TEMPLATE footnote_template")
    with open_pool(database_url.replace("/postgres?", "/second?")) as pool:
        yield pool
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("DROP DATABASE second")


def test_the_whole_answers_like_the_readable_part_alone(
    installation: Installation, second_database: Pool, tmp_path: Path, models: Models
) -> None:
    """Invariant 1 with real parts: replaced, relabelled and deleted documents, two segments and rows in memory."""
    installation.put("nda", "An older text about zeppelin rent and notice.", HR)
    installation.put("lease", "The zeppelin rent.", LEGAL)
    installation.put("gone", "A deleted zeppelin document about the rent of Unit 7.", ALL)
    installation.index.publish()
    installation.fill(lambda allow: allow != HR)
    installation.documents.relabel(document_id("nda"), LEGAL)
    installation.documents.delete(document_id("gone"), OPERATOR)
    installation.index.publish()
    installation.fill()

    alone = Installation(second_database, tmp_path / "alone", models)
    for principal in (ANA, CARLA, NINA):
        for source in FILES:
            alone.documents.delete(document_id(source), OPERATOR, now=True)
        alone.restart()  # which follows deletions by what was just forgotten
        if principal is ANA:
            alone.put("lease", "The zeppelin rent.", LEGAL)
        alone.fill(lambda allow, tokens=principal.tokens: bool(allow & tokens))
        for query in QUERIES:
            assert installation.wire(query, principal) == alone.wire(query, principal), (principal.user, query)


def test_restarting_and_rebuilding_the_index_change_nothing(installation: Installation) -> None:
    installation.fill()
    before = [installation.wire(query, ANA) for query in QUERIES]
    installation.index.publish()
    installation.restart()
    assert [installation.wire(query, ANA) for query in QUERIES] == before
    shutil.rmtree(installation.home / "segments")
    installation.restart()
    assert [installation.wire(query, ANA) for query in QUERIES] == before


def everything(index: AccessIndex) -> Callable[[Principal], View]:
    """A sabotaged first enforcer: shows every row to everybody."""

    def view(principal: Principal, as_of: date | None = None, groups: frozenset[str] | None = None) -> View:
        snapshot = index._now()
        table = snapshot.table.whole
        return snapshot.view_of(Visible.of(table, np.flatnonzero(table.columns.current)))

    return view


@contextmanager
def _unguarded(pool: Pool, principal: Principal) -> Iterator[Any]:
    """A sabotaged second enforcer: reads as the owner, who sees every row."""
    with transaction(pool) as conn:
        yield conn


def test_either_enforcer_alone_keeps_hidden_text_in(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 2, both ways; with both broken the text does come out, so the test can fail."""
    installation.fill()
    zeppelin = "The zeppelin allowance is 70 euros per month."
    assert zeppelin in {hit.chunk.text for hit in installation.ask("zeppelin", CARLA).hits}

    with monkeypatch.context() as patch:
        patch.setattr(installation.index, "view", everything(installation.index))
        assert installation.index.view(NINA).row_count > 2
        assert installation.sources("zeppelin", NINA) <= {"canteen"}
    with monkeypatch.context() as patch:
        patch.setattr(infra.postgres.chunks, "reading_as", _unguarded)
        (hidden,) = (hit.chunk for hit in installation.ask("zeppelin", CARLA).hits if hit.chunk.text == zeppelin)
        assert installation.chunks.read([hidden.chunk_id], NINA)  # the guard is really off
        assert installation.sources("zeppelin", NINA) == {"canteen"}
        patch.setattr(installation.index, "view", everything(installation.index))
        assert installation.sources("zeppelin", NINA) > {"canteen"}


def test_the_secured_reader_gives_neighbours_only_to_those_who_may_read(installation: Installation) -> None:
    installation.fill()
    (chunk, *_) = (hit.chunk for hit in installation.ask("rent of Unit 7", ANA).hits if hit.chunk.source == "lease")
    assert len(installation.chunks.neighbours(chunk, ANA, 2)) == 2
    assert installation.chunks.neighbours(chunk, CARLA, 2) == []


def test_the_secured_reader_gives_what_is_referred_to_only_to_those_who_may_read(installation: Installation) -> None:
    installation.fill()
    (chunk, *_) = (hit.chunk for hit in installation.ask("rent of Unit 7", ANA).hits if hit.chunk.source == "lease")
    around = installation.chunks.neighbours(chunk, ANA, 99)
    word = chunk.text.split()[-1].upper()
    found = installation.chunks.holding(chunk, ANA, [word, "no such words"])
    assert [other.chunk_id for other in found] == [one.chunk_id for one in around if word.lower() in one.text.lower()]
    assert chunk in found
    assert len(installation.chunks.holding(chunk, ANA, [""])) == len(around)
    assert len(installation.chunks.holding(chunk, ANA, [""], limit=1)) == 1
    assert installation.chunks.holding(chunk, ANA, ["no such words", "100%_of"]) == []
    assert installation.chunks.holding(chunk, CARLA, [word]) == []


@pytest.mark.parametrize("published", [False, True])
def test_deletion_and_revocation_hold_from_the_next_search_on(installation: Installation, published: bool) -> None:
    """Invariant 7: in memory and from segments on disk, in this process and in another one."""
    installation.fill()
    if published:
        installation.index.publish()
    other = Installation(installation.pool, installation.home, installation.models)
    assert "bands" in installation.sources("zeppelin", CARLA) & other.sources("zeppelin", CARLA)

    installation.documents.relabel(document_id("bands"), LEGAL)
    for process in (installation, other):
        assert "bands" not in process.sources("zeppelin", CARLA)
        assert "bands" in process.sources("zeppelin", ANA)

    assert installation.documents.delete(document_id("bands"), OPERATOR)
    for process in (installation, other):
        assert "bands" not in process.sources("zeppelin", ANA)
        assert b"zeppelin allowance" not in process.wire("zeppelin", ANA)

    installation.put("lease", "The rent of Unit 7 is 900 euros per month.", LEGAL)
    for process in (installation, other):
        texts = " ".join(hit.chunk.text for hit in process.ask("rent of Unit 7", ANA).hits)
        assert "900 euros" in texts
        assert "500 euros" not in texts


def test_an_earlier_version_is_found_and_named_as_of_its_days(installation: Installation) -> None:
    installation.put("lease", "The rent of Unit 7 is 500 euros per month.", LEGAL)
    installation.put("lease", "The rent of Unit 7 is 900 euros per month.", LEGAL | HR)
    with transaction(installation.pool) as conn:  # no document names its day yet
        conn.execute("UPDATE versions SET effective = make_date(2020 + version, 1, 1)")
    for published in (False, True):
        if published:
            installation.index.publish()
        found = {
            (asker.user, day): [
                (hit.chunk.version, hit.chunk.text) for hit in installation.ask("rent", asker, day).hits
            ]
            for asker in (ANA, CARLA)
            for day in (None, date(2021, 12, 31), date(2020, 12, 31))
        }
        old, new = (
            [(1, "The rent of Unit 7 is 500 euros per month.")],
            [(2, "The rent of Unit 7 is 900 euros per month.")],
        )
        assert found == {
            ("ana", None): new, ("ana", date(2021, 12, 31)): old, ("ana", date(2020, 12, 31)): [],
            ("carla", None): new, ("carla", date(2021, 12, 31)): [], ("carla", date(2020, 12, 31)): [],
        }  # fmt: skip


def files_of(installation: Installation) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (installation.home / "segments").rglob("*") if path.is_file()}


def test_a_label_change_moves_no_vector_and_embeds_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.fill()
    installation.index.publish()
    before = files_of(installation)
    assert before
    other = Installation(installation.pool, installation.home, installation.models)
    other.sources("zeppelin", CARLA)
    embedded: list[Sequence[str]] = []
    monkeypatch.setattr(installation.models.embedder, "embed_documents", embedded.append)
    installation.put("bands", FILES["bands"][1], LEGAL)  # the same bytes under another label
    installation.documents.relabel(document_id("review"), ALL)
    installation.index.publish()
    for process in (installation, other):
        assert process.sources("zeppelin", CARLA) == {"review", "copy", "canteen"}
        assert process.sources("zeppelin", ANA) == {"review", "bands", "lease", "nda", "canteen"}
        assert process.index.status().memory_rows == 0
    assert files_of(installation) == before
    assert embedded == []


def test_uploads_and_deletions_reach_the_disk_in_the_background(installation: Installation) -> None:
    publisher = BackgroundPublisher(installation.index, rows=1, every=0.01)
    publisher.start()
    try:
        installation.fill()
        await_disk(installation, lambda data: b"zeppelin" in data)
        for source in ("bands", "review", "copy"):
            assert installation.documents.delete(document_id(source), OPERATOR)
        await_disk(installation, lambda data: b"rent" in data and b"zeppelin" not in data)
    finally:
        publisher.stop()


def await_disk(installation: Installation, wanted: Callable[[bytes], bool]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError):  # swept while it is read
            if wanted(b"".join(files_of(installation).values())):
                return
        time.sleep(0.02)
    raise AssertionError("the segments on disk have not followed")


class Killed(BaseException):
    """What the test raises in the place of a kill."""


@pytest.mark.parametrize("place", ["before the build", "before the rename", "before the list", "after the list"])
def test_a_kill_around_publish_loses_and_doubles_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    installation.fill(lambda allow: allow != HR)
    installation.index.publish()
    installation.fill()
    expected = [installation.wire(query, CARLA) for query in QUERIES]

    def killed(*_: object, **__: object) -> None:
        raise Killed

    replace = PostgresSegments.replace

    def after(self: PostgresSegments, *arguments: Any) -> None:
        replace(self, *arguments)
        raise Killed

    with monkeypatch.context() as patch:
        match place:
            case "before the build":
                patch.setattr("retrieval.index.access.merge", killed)
            case "before the rename":
                patch.setattr(Path, "rename", killed)
            case "before the list":
                patch.setattr(PostgresSegments, "replace", killed)
            case "after the list":
                patch.setattr(PostgresSegments, "replace", after)
        with pytest.raises(Killed):
            installation.index.publish()

    installation.restart()
    assert [installation.wire(query, CARLA) for query in QUERIES] == expected
    installation.index.publish()
    installation.restart()
    assert [installation.wire(query, CARLA) for query in QUERIES] == expected
    view = installation.index.view(CARLA)
    ids = np.concatenate([part.segment.chunk_ids[part.mask] for part in view.segments])
    assert len(set(ids.tolist())) == len(ids) == view.row_count


def test_a_score_does_not_depend_on_its_batch(models: Models) -> None:
    texts: Sequence[str] = [text for _, text in FILES.values()]
    together = models.reranker.score(QUERIES[0], texts)
    assert together.tolist() == [float(models.reranker.score(QUERIES[0], [text])[0]) for text in texts]
    rows = models.embedder.embed_documents(texts)
    assert (rows == np.stack([models.embedder.embed_documents([text])[0] for text in texts])).all()
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-6)
