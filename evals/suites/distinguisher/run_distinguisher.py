"""Can response times tell a stranger that documents exist which they may not read?

Installations in one process hold the same readable documents: some nothing else, as many again the same (what these
two groups differ in is chance), some a hidden document with the very words that are asked for, some 10 % hidden rows.
Each kind is built several times, in random order, because where an installation happens to lie in memory makes a
difference too, which no attacker can tell from a hidden document's; their times are taken together.

All are asked the same in random order, over and over: the index alone, the search without embedding, and the HTTP
route; without reranking, near-duplicates and understanding, which a caller can switch off and which would only add
noise. The attacker knows both distributions; AUC is the chance that their best single threshold orders a pair of
observations right: .5 is blind, 1 is certain. What they see is the wall clock; the processor's clock shows what they
would see of a machine that does nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.terminal import note, say, say_json, say_table
from evals.measuring.machine import circumstances
from evals.measuring.statistics import auc, interval
from evals.systems.in_process import Api, Models, Process, bearer, digest, search_body
from evals.systems.memory_store import Content, MemoryStore
from retrieval.index.find import find
from retrieval.text.terms import terms
from retrieval.types import Principal, SearchOptions

DIMENSION = 384
ROWS_EACH, WORDS_EACH, VOCABULARY = 5, 60, 30_000
GROUPS = 8
MEDIAN_OF = 20
TOP_K = 10
STRANGER = Principal("stranger", frozenset(f"team{number}" for number in range(GROUPS)))
QUIET = SearchOptions(rerank=0, understand=False, collapse=False)
HIDDEN = frozenset({"group:board"})
DAY = date(2024, 1, 1)
NOTHING, AGAIN, ONE, TENTH = "nothing", "nothing (again)", "1 document", "10 % of rows"
WALL, CPU = "wall", "processor"
WARM_UP = 50
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finding:
    """How well an attacker does who sees `of` requests a guess; `low` and `high`: 95 % bootstrap interval.

    `shift_us` is the difference of the medians in microseconds.
    """

    hidden: str
    level: str
    words: str
    clock: str
    of: int
    auc: float
    low: float
    high: float
    shift_us: float
    median_us: float


class RandomEmbedder:
    """A random unit vector for each text, the same every time."""

    name = "random"
    dimension = DIMENSION

    @staticmethod
    @lru_cache(maxsize=1000)
    def embed_query(text: str) -> NDArray[np.float32]:
        vector = np.random.default_rng(np.frombuffer(digest(text), np.uint32)).standard_normal(DIMENSION)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])


def run(*, rows: int, rounds: int, copies: int, number: int, as_json: bool) -> int:
    """Builds, asks, prints; 0 if no single request tells more than an AUC of .55 does."""
    rng = np.random.default_rng(number)
    questions = {"in hidden only": ["kestrel zugzwang"], "in both": [" ".join(_words(rng, 3)) for _ in range(20)]}
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="footnote-distinguisher-")))
        processes = _installations(root, rows, copies, questions, rng)
        api = Api()
        stack.callback(api.close)
        findings: list[Finding] = []
        for level, ask in (("index", _find), ("search", _search), ("route", _route(api))):
            for words, queries in questions.items():
                note(f"{level}, words {words}...")
                for clock, times in _measure(processes, ask, queries, rounds, rng).items():
                    findings += _findings(times, level, words, clock, rng)
    single = [finding for finding in findings if finding.of == 1 and finding.clock == WALL]
    worst = max(finding.auc for finding in single if finding.hidden != AGAIN)
    if as_json:
        setup = {"visible_rows": rows, "rounds": rounds, "copies": copies, "seed": number}
        say_json({**setup, "worst_single": worst, "rows": findings, **circumstances()})
    else:
        _say(findings, worst)
    return 0 if worst <= 0.55 else 1


def _installations(
    root: Path, rows: int, copies: int, questions: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> dict[str, list[Process]]:
    """Of each kind so many, each published as a segment on disk."""
    readable = [_content(rng) for _ in range(rows // ROWS_EACH)]
    asked = " ".join(query for queries in questions.values() for query in queries)
    tenth = [_content(rng) for _ in range(len(readable) // 9)]
    hidden = {NOTHING: [], AGAIN: [], ONE: [Content("Minutes", (asked,) * ROWS_EACH)], TENTH: tenth}
    made: dict[str, list[Process]] = {name: [] for name in hidden}
    for place, name in enumerate(rng.permutation([*hidden] * copies).tolist()):
        note(f"Building {place + 1}/{len(hidden) * copies}: hidden {name}...")
        store = MemoryStore(RandomEmbedder())
        for at, content in enumerate(readable):
            store.add_version(f"files/{at}", content, frozenset({f"group:team{at % GROUPS}"}), DAY)
        for at, content in enumerate(hidden[name]):
            store.add_version(f"hidden/{at}", content, HIDDEN, DAY)
        process = Process(store, root / str(place), Models(RandomEmbedder()), QUIET)
        process.index.publish()
        made[name].append(process)
    return made


def _content(rng: np.random.Generator) -> Content:
    return Content("Minutes", tuple(" ".join(_words(rng, WORDS_EACH)) for _ in range(ROWS_EACH)))


def _words(rng: np.random.Generator, count: int) -> list[str]:
    """Words as frequent as in a language (Zipf)."""
    return [f"w{number}x" for number in (rng.zipf(1.2, count) - 1) % VOCABULARY]


def _find(process: Process, query: str) -> None:
    view = process.index.view(STRANGER)
    find(view, RandomEmbedder.embed_query(query), terms(query), QUIET.candidates)


def _search(process: Process, query: str) -> None:
    process.search.search_now(query, STRANGER, TOP_K)


def _route(api: Api) -> Callable[[Process, str], None]:
    credential = bearer(STRANGER)

    def ask(process: Process, query: str) -> None:
        api.search(process, search_body(query, top_k=TOP_K), credential)

    return ask


def _measure(
    processes: Mapping[str, Sequence[Process]],
    ask: Callable[[Process, str], None],
    queries: Sequence[str],
    rounds: int,
    rng: np.random.Generator,
) -> dict[str, dict[str, Times]]:
    """By clock and kind (copies, rounds) seconds. All are asked the same query in a round, in random order."""
    places = [(name, copy) for name, copies in processes.items() for copy in range(len(copies))]
    clocks = {WALL: time.perf_counter, CPU: time.process_time}
    times = {clock: {name: np.empty((len(copies), rounds)) for name, copies in processes.items()} for clock in clocks}
    for at in range(-WARM_UP, rounds):
        query = queries[at % len(queries)]
        for place in rng.permutation(len(places)):
            name, copy = places[place]
            began = [read() for read in clocks.values()]
            ask(processes[name][copy], query)
            for (clock, read), start in zip(clocks.items(), began, strict=True):
                times[clock][name][copy, max(at, 0)] = read() - start
    return times


def _findings(
    times: Mapping[str, Times], level: str, words: str, clock: str, rng: np.random.Generator
) -> Iterator[Finding]:
    for name in (AGAIN, ONE, TENTH):
        for of in (1, MEDIAN_OF):
            without, with_hidden = _medians(times[NOTHING], of), _medians(times[name], of)
            drawn = [auc(_resampled(with_hidden, rng), _resampled(without, rng)) for _ in range(1000)]
            low, high = interval(np.array(drawn))
            area = auc(with_hidden.ravel(), without.ravel())
            yield Finding(
                hidden=name,
                level=level,
                words=words,
                clock=clock,
                of=of,
                auc=max(area, 1 - area),
                low=low if area >= 0.5 else 1 - high,
                high=high if area >= 0.5 else 1 - low,
                shift_us=float(np.median(times[name]) - np.median(times[NOTHING])) * 1e6,
                median_us=float(np.median(times[NOTHING])) * 1e6,
            )


def _medians(times: Times, of: int) -> Times:
    """(copies, rounds // of): medians of so many requests in a row."""
    copies, rounds = times.shape
    medians: Times = np.median(times[:, : rounds // of * of].reshape(copies, -1, of), axis=2)
    return medians


def _resampled(times: Times, rng: np.random.Generator) -> Times:
    """Drawn again with replacement: copies, then each one's rounds."""
    copies, rounds = times.shape
    drawn: Times = times[rng.integers(0, copies, (copies, 1)), rng.integers(0, rounds, (copies, rounds))]
    return drawn.ravel()


def _say(findings: Sequence[Finding], worst: float) -> None:
    table: list[Sequence[Any]] = [
        (
            finding.hidden,
            finding.level,
            finding.words,
            finding.clock,
            finding.of,
            f"{finding.auc:.3f}",
            f"{finding.low:.3f}-{finding.high:.3f}",
            f"{finding.shift_us:+.1f}",
            f"{finding.median_us:.0f}",
        )
        for finding in findings
    ]
    header = ("hidden", "level", "words asked", "clock", "requests", "AUC", "95 %", "shift in us", "median in us")
    say_table(header, table)
    say(f"\nworst AUC of a single request: {worst:.3f} (target: at most .55)")
