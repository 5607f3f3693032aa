"""The state machine behind the tests of non-interference.

A history runs against one store with two processes over it; every question is also put to an installation made anew,
which never held anything that the principal may not read. HTTP API, authentication, index, segments on disk and
search are real; the store is lists in memory; embedder, reranker and writer are hashes with few values, so that
different texts tie.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import retrieval.index.access
import retrieval.index.cluster.requests
import retrieval.index.find
import retrieval.index.sparse
from evals.systems.in_process import Api, HashEmbedder, HashReranker, HashWriter, Models, Process, Reply, bearer
from evals.systems.memory_store import Content, MemoryStore, Stored
from ingest.types import document_id
from retrieval.index.cluster.gathering import Gathering
from retrieval.index.cluster.legs import ClusterLegs
from retrieval.index.dense import CpuScan
from retrieval.index.legs import Legs
from retrieval.types import EVERYONE, ChunkText, Principal, SearchOptions
from retrieval.understanding import understand
from tests.hosts import HostsHere

# How long a draw or an example takes on a busy machine is no property of the code.
settings.register_profile("footnote", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("footnote")

Label = frozenset[str]
WORDS = ("rent", "notice", "kestrel", "fee", "thirty", "the", "zebra")  # small: ties, duplicates, shared rare words
TITLES = ("Lease", "Fee table")
SOURCES = tuple(f"files/doc{number}.txt" for number in range(6))
OPEN = (["group:legal"], ["group:hr"], ["user:ana"], ["group:legal", "user:ben"], [EVERYONE])
WALLED = (["group:legal", "!user:ana"], [EVERYONE, "!group:hr"])
LABELS = tuple(map(frozenset, (*OPEN, *WALLED)))
NOBODY = frozenset({"group:kitchen"})  # rows lie by label: between those of others
ANA, CARLA = Principal("ana", frozenset({"legal"})), Principal("carla", frozenset({"hr", "legal"}))
PEOPLE = (ANA, CARLA, Principal("ben"), Principal("dora"))
DAYS = (date(2023, 12, 31), date(2024, 3, 1), date(2024, 6, 15))
MODELS = Models(HashEmbedder(dimension=4), HashReranker(), HashWriter())
BEARERS = {person: bearer(person) for person in PEOPLE}

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
contents = st.builds(Content, st.sampled_from(TITLES), st.lists(texts, min_size=1, max_size=3).map(tuple)) | (
    st.sampled_from((Content("Lease", ("zebra",)), Content("Lease", ("rent fee", "zebra"))))
)
queries = texts | st.sampled_from(
    (
        '"rent fee" notice',
        "the fee in clause 2",
        "What does the lease say about rent?",
        "rent as of 1 March 2024",
        "What is the rent of the zebra? What is the fee for thirty kestrels?",
        "zebra in doc1.txt",
        "What fee does Kestrel owe Zebra under the lease?",
    )
)
IDS = tuple(map(document_id, SOURCES))
FILTERS = {
    "documents": st.lists(st.sampled_from((*IDS, document_id("nowhere"), "?")), min_size=1, max_size=4),
    "kinds": st.lists(st.sampled_from(("lease", "spreadsheet", "text/plain", "table of fees", "pdf")), min_size=1),
    "groups": st.lists(st.sampled_from(("legal", "hr", "everyone", "kitchen")), min_size=1),
    "dates": st.sampled_from(
        ({"from": "2024-01-01"}, {"to": "2024-03-01"}, {"from": "2024-03-01", "to": "2024-03-01"}, {"to": "2020-01-01"})
    ),
}
SWITCHES = {
    "top_k": st.sampled_from((1, 2, 3, 50)),
    "as_of": st.sampled_from(("2023-12-30", "2023-12-31", "2024-05-01", "2025-01-01")),
    "fusion": st.sampled_from(("min_max", "rrf", "dense", "sparse")),
    "rerank": st.booleans(),
    "collapse": st.booleans(),
    "hyde": st.sampled_from(("off", "unsure", "always")),
    "understand": st.booleans(),
}
plain = st.fixed_dictionaries({"query": queries}, optional=SWITCHES)
filtered = st.fixed_dictionaries({"query": queries}, optional=SWITCHES | FILTERS)
requests = st.one_of(plain, plain, filtered)
WRONG = (b'{"query": " \\u0000 "}', b'{"query": "rent", "top_k": 0}', b'{"query": "rent", "who": "ana"}', b"{", b"")
bodies = st.one_of(*(requests.map(json.dumps).map(str.encode) for _ in range(9)), st.sampled_from(WRONG))


@dataclass(frozen=True)
class Way:
    """How the index finds: its first pass, whether hidden postings are skipped, counted out or dropped, its threads.

    None of it may show in a response, so the two installations compared go different ways.
    """

    flat_rows: int = 1024
    seek: int = 0
    mostly: float = 1.0
    threads: int = 1

    def take(self) -> None:
        scan = partial(CpuScan, flat_rows=self.flat_rows)
        retrieval.index.find.CpuScan = retrieval.index.cluster.requests.CpuScan = scan
        retrieval.index.find.thread_count = lambda: self.threads
        retrieval.index.sparse._SEEK, retrieval.index.sparse._MOSTLY = self.seek, self.mostly


ALWAYS = 10**6
WAYS = (Way(), Way(0), Way(1024, ALWAYS, 0.0), Way(0, ALWAYS), Way(0, ALWAYS, 0.0, threads=3), Way(0, threads=3))


@dataclass(frozen=True)
class Question:
    """Who asks what of which process, how the installation to compare with is laid out, and what happens
    between the search's view and its reading of the texts."""

    principal: Principal
    body: bytes
    process: int
    ways: tuple[Way, Way]
    layout: str
    backwards: bool
    relabelled: bool
    meanwhile: str


questions = st.builds(
    Question,
    st.sampled_from(PEOPLE),
    bodies,
    st.sampled_from((0, 1)),
    st.sampled_from([(one, other) for one in WAYS for other in WAYS]),
    st.sampled_from(("one", "each", "disk", "hosts")),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("", "publish", "hidden")),
)


class WatchedStore(MemoryStore):
    """Lets something happen once, when a search has found its rows and reads their texts."""

    meanwhile: Callable[[], object] | None = None

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: date | None = None) -> Sequence[ChunkText]:
        happen, self.meanwhile = self.meanwhile, None
        if happen:
            happen()
        return super().read(chunk_ids, principal, as_of)


class Interference(RuleBasedStateMachine):
    """A history of documents and of what the index makes of them."""

    api: ClassVar[Api]
    folder: ClassVar[Path]
    histories: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        self.root = Path(tempfile.mkdtemp(dir=self.folder))
        self.store = WatchedStore(MODELS.embedder)
        self.options = SearchOptions()
        self.made = 0
        self.last: Sequence[Question] = ()

    @initialize(
        candidates=st.sampled_from((1, 2, 3, 100)),
        documents=st.dictionaries(
            st.sampled_from(SOURCES), st.tuples(contents, st.sampled_from((*LABELS, NOBODY))), min_size=3
        ),
        published=st.sampled_from((0, 3, 4)),
        last=st.lists(questions, min_size=1, max_size=2),
    )
    def begin(
        self, candidates: int, documents: Mapping[str, tuple[Content, Label]], published: int, last: Sequence[Question]
    ) -> None:
        """Some documents, the first of them in a segment; and the questions that end the history."""
        self.options = SearchOptions(candidates=candidates)
        self.processes = [self.process(0), self.process(1)]
        self.last = last
        for count, (source, (content, allow)) in enumerate(documents.items(), 1):
            self.store.add_version(source, content, allow, DAYS[0])
            if count == published:
                self.processes[0].index.publish()

    def process(self, which: int) -> Process:
        """The second one has hosts search what is published."""
        root = self.root / "whole"
        return Process(self.store, root, MODELS, self.options, self.clustered(root, hosts=3) if which else None)

    def clustered(self, root: Path, hosts: int) -> Legs:
        return ClusterLegs(Gathering(HostsHere([f"host-{number}" for number in range(hosts)], root)), threads=1)

    @rule(source=st.sampled_from(SOURCES), content=contents, allow=st.sampled_from(LABELS), day=st.sampled_from(DAYS))
    def add(self, source: str, content: Content, allow: Label, day: date) -> None:
        """A document, or a new version of one."""
        self.store.add_version(source, content, allow, day)

    @rule(content=contents, allow=st.sampled_from(LABELS), sources=st.permutations(SOURCES), day=st.sampled_from(DAYS))
    def add_twins(self, content: Content, allow: Label, sources: list[str], day: date) -> None:
        """The same content in three documents, one of them hidden from all."""
        for source, label in zip(sources[:3], (allow, allow, NOBODY), strict=True):
            self.store.add_version(source, content, label, day)

    @rule(source=st.sampled_from(SOURCES), back=st.integers(0, 2), allow=st.sampled_from(LABELS))
    def go_back(self, source: str, back: int, allow: Label) -> None:
        """An earlier version's bytes again."""
        held = self.store.documents.get(source)
        if held:
            self.store.add_version(source, held.versions[back % len(held.versions)].content, allow, DAYS[-1])

    @rule(source=st.sampled_from(SOURCES), allow=st.sampled_from((*LABELS, NOBODY)))
    def relabel(self, source: str, allow: Label) -> None:
        if source in self.store.documents:
            self.store.relabel(source, allow)

    @rule(source=st.sampled_from(SOURCES))
    def delete(self, source: str) -> None:
        if source in self.store.documents:
            self.store.delete(source)

    @rule(which=st.sampled_from((0, 1)))
    def publish(self, which: int) -> None:
        self.processes[which].index.publish()

    @rule(which=st.sampled_from((0, 1)))
    def compact(self, which: int) -> None:
        self.processes[which].index.compact()

    @rule(which=st.sampled_from((0, 1)))
    def restart(self, which: int) -> None:
        self.processes[which] = self.process(which)

    @rule(which=st.integers(0, 5), how=st.sampled_from(("gone", "short", "garbled")))
    def damage(self, which: int, how: str) -> None:
        """One published segment can no longer be opened. Processes that hold it keep the files that they mapped."""
        names = [info.name for info in self.store.list()]
        folder = self.root / "whole" / names[which % len(names)] if names else None
        if folder and folder.is_dir():
            spoil(folder, how)

    @rule(question=questions)
    def ask(self, question: Question) -> None:
        process, alone = self.processes[question.process], self.alone(question)
        other = self.processes[1 - question.process]
        self.store.meanwhile = {"publish": other.index.publish, "hidden": self._hide_more}.get(question.meanwhile)
        credential = BEARERS[question.principal]
        question.ways[0].take()
        seen = self.api.search(process, question.body, credential)
        self.store.meanwhile = None
        question.ways[1].take()
        anew = self.api.search(alone, question.body, credential)
        assert seen == anew, f"with nothing hidden {question.principal.user} would get other bytes"
        assert seen.status in {200, 422}
        self.unfiltered(question, seen)

    def unfiltered(self, question: Question, seen: Reply) -> None:
        """A filtered search is the plain one of an installation that holds what passes, and nothing else."""
        asked = json.loads(question.body) if seen.status == 200 else {}
        if FILTERS.keys().isdisjoint(asked):
            return
        body = json.dumps({name: value for name, value in asked.items() if name not in FILTERS}).encode()
        passing = self.alone(replace(question, body=body), lambda document: passes(document, asked, question.principal))
        anew = self.api.search(passing, body, BEARERS[question.principal])
        assert seen == anew, "a filter lets something else show"

    def _hide_more(self) -> None:
        self.store.add_version(SOURCES[0] + ".hidden", Content("Lease", ("rent fee zebra",)), NOBODY, DAYS[-1])

    def alone(self, question: Question, passing: Callable[[Stored], bool] = lambda document: True) -> Process:
        """An installation made anew of just what this person may read, and what passes: in memory in one segment or one
        for each document, or on disk."""
        store = MemoryStore(MODELS.embedder)
        relabelled = question.relabelled and b'"groups"' not in question.body  # by which labels are asked for
        seen = [document.as_seen_by(question.principal) for document in self.store.documents.values()]
        own = frozenset({f"user:{question.principal.user}"})
        self.made += 1
        root = self.root / f"alone-{self.made}"
        legs = self.clustered(root, hosts=1) if question.layout == "hosts" else None
        process = Process(store, root, MODELS, self.options, legs)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("retrieval.index.access.to_rewrite", lambda *_, **__: [])
            for document in sorted(filter(None, seen), key=lambda one: one.source, reverse=question.backwards):
                if not passing(document):
                    continue
                counted = document.renumbered()
                store.put(counted.under(own) if relabelled else counted)
                if question.layout == "each":
                    process.index.view(question.principal)
        if question.layout in {"disk", "hosts"}:
            process.index.publish()
        return process

    def teardown(self) -> None:
        """Every history ends with a question."""
        try:
            for question in self.last:
                self.ask(question)
        finally:
            shutil.rmtree(self.root)


def passes(document: Stored, asked: Mapping[str, Any], principal: Principal) -> bool:
    """Whether a document, as the principal sees it, passes the filters of a request; written without the product's."""
    stated = understand(asked["query"]).as_of if asked.get("understand", True) else None
    day = date.fromisoformat(asked["as_of"]) if "as_of" in asked else stated
    shown = [version for version in document.versions if day is None or version.day <= day]
    if not shown:
        return False
    title, since = shown[-1].content.title, asked.get("dates", {})
    kinds = {"Lease": {"lease", "text/plain"}, "Fee table": {"spreadsheet"}}[title]
    groups = {f"group:{group}" for group in asked.get("groups", ())} & principal.tokens
    return (
        ("documents" not in asked or document_id(document.source) in asked["documents"])
        and ("kinds" not in asked or not kinds.isdisjoint(asked["kinds"]))
        and ("groups" not in asked or not groups.isdisjoint(document.allow))
        and since.get("from", "0") <= shown[-1].day.isoformat() <= since.get("to", "9")
    )


def spoil(folder: Path, how: str) -> None:
    """Damages a segment by new files in the place of the old ones."""
    if how == "gone":
        shutil.rmtree(folder)
        return
    for file in folder.iterdir():
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data[: len(data) // 2] if how == "short" else b"?" * len(data))


@pytest.fixture(scope="session")
def _api() -> Iterator[Api]:
    made = Api()
    yield made
    made.close()


@pytest.fixture
def machine(_api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Interference]]:
    """The state machine with a folder of its own. Merges begin early; nothing waits for a disk or another thread."""

    async def at_once(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return function(*args, **options)

    monkeypatch.setattr("anyio.to_thread.run_sync", at_once)
    monkeypatch.setattr("asyncio.to_thread", at_once)
    monkeypatch.setattr("retrieval.index.storage._flush", lambda path: None)
    monkeypatch.setattr("retrieval.index.workers._ROWS_WORTH_A_THREAD", 1)
    monkeypatch.setattr("retrieval.index.compaction.SMALL_ROWS", 1)
    monkeypatch.setattr("retrieval.index.versions._FEW", 2)  # what changed is often put in with the rest
    for place in ("find.CpuScan", "cluster.requests.CpuScan", "find.thread_count", "sparse._SEEK", "sparse._MOSTLY"):
        monkeypatch.setattr(f"retrieval.index.{place}", None)  # every question says which way it goes
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="footnote-", dir=memory if memory.is_dir() else None) as folder:
        yield type("Histories", (Interference,), {"api": _api, "folder": Path(folder), "histories": 0})
