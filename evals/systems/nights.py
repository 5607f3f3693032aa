"""Where a night asks: this installation, and one beside it that holds the sample documents; and where it writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from api.wiring.indexes import beside_name
from evals.datasets.attacks import Attempt
from evals.metrics.chosen import metrics
from evals.systems.asking import Setup, Timed, timed
from evals.systems.attacked import Row, attacked, succeeded
from evals.systems.installations import Installation, ingest_sample, opened
from evals.systems.second_opinions import JudgeAt, Score, SecondOpinion, ragas_of
from evals.systems.staleness import Staleness, evidence
from evals.types import Case, Metric
from generation.types import Answer
from infra.postgres.decisions import PostgresDecisions
from infra.postgres.evaluations import (
    RESUME_HOURS,
    AskedSet,
    CaseResult,
    Dataset,
    EvalRun,
    MetricValue,
    NewRun,
    PostgresEvaluations,
)
from infra.settings import INDEXED, RELEASABLE
from retrieval.types import SearchResult

__all__ = [
    "RESUME_HOURS", "AskedSet", "CaseResult", "Dataset", "EvalRun", "MetricValue", "NewRun", "Night",
    "PostgresDecisions", "PostgresEvaluations", "Service", "nights", "released", "succeeded",
]  # fmt: skip
TOP = 10


@dataclass(frozen=True, slots=True)
class Service:
    """What a night asks; all raise what the service raises. `store`: "own", "sample" or "attacks". `search`: with its
    seconds. `attack`: the answer, and what the attack came to. `stale`: why a case's gold is none any more, or "".
    `evidence`: the digest of the versions that a case rests on. `second`: RAGAS by a judge, in so many seconds a
    metric, on the answer that a case was given; None where that takes longer than the seconds that are left."""

    store: str
    ask: Callable[[Case], Timed]
    search: Callable[[Case], tuple[SearchResult, float]]
    metrics: Mapping[str, Metric]
    attack: Callable[[Attempt], tuple[Answer, Row]] | None = None
    stale: Callable[[Case], str] | None = None
    evidence: Callable[[Case], str] | None = None
    second: Callable[[JudgeAt, float], Callable[[Case, str, float], list[Score] | None]] | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """`results`: of this installation, also of what is asked elsewhere. `over`: opens the service of a store. `setup`:
    what decides the answers, worked out only where somebody asks. `staleness`: of cases over the documents here."""

    results: PostgresEvaluations
    decisions: PostgresDecisions
    setup: Callable[[], Setup]
    over: Callable[[str], AbstractContextManager[Service]]
    staleness: Callable[[], Staleness]


@contextmanager
def nights(**overrides: object) -> Iterator[Night]:
    """`overrides`: settings that take the place of the installation's, as those of a proposed release.

    The sample is asked over a folder beside this one, with a database of its own: its people are in groups that real
    people may be in, too, and who would then find its documents among their own. It borrows the models, and all ask
    in one event loop, which the connections to the language model belong to."""
    with opened(**overrides) as own, asyncio.Runner() as loop:
        parts = own.deployed

        @contextmanager
        def over(store: str) -> Iterator[Service]:
            if store != "sample":
                yield _service(store, parts, loop)
                return
            with opened(**{**overrides, **sample_settings(parts)}) as sample:
                sample.borrow(parts)
                ingest_sample(sample)
                yield _service(store, sample, loop)

        yield Night(
            PostgresEvaluations(parts.pool),
            PostgresDecisions(parts.pool),
            lambda: Setup.of(parts),
            over,
            lambda: Staleness(parts.documents),
        )


def sample_settings(parts: Installation) -> Mapping[str, object]:
    """Of the installation of the sample documents, to be asked as these parts answer. It is another one for each way
    in which documents are embedded and cut."""
    settings, name = parts.settings, f"{parts.settings.home.name}.sample"
    same = {name: getattr(settings, name) for name in RELEASABLE}
    if parts.chosen.beside:
        same |= {name: getattr(settings, name) for name in INDEXED}
        name = f"{name}.{beside_name(settings, parts.pinned)}"
    return same | {"release": "none", "home": settings.home.with_name(name), "DATABASE_URL": ""}


def released(name: str) -> Mapping[str, object]:
    """The settings by which a night asks by a proposed release, as `nights` takes them; none for "": by what is in
    use."""
    return {"release": name} if name else {}


def _service(store: str, parts: Installation, loop: asyncio.Runner) -> Service:
    def search(case: Case) -> tuple[SearchResult, float]:
        started = time.perf_counter()
        found = parts.search.search_now(case.question, case.asker, TOP)
        return found, round(time.perf_counter() - started, 4)

    def attack(one: Attempt) -> tuple[Answer, Row]:
        return attacked(parts, loop)(one)

    def second(judge: JudgeAt, seconds: float) -> Callable[[Case, str, float], list[Score] | None]:
        opinion = SecondOpinion(parts, ragas_of(parts, judge, seconds))
        return lambda case, audit_id, left: loop.run(opinion.within(case, audit_id, left))

    return Service(
        store,
        lambda case: loop.run(timed(parts, case.question, case.asker)),
        search,
        metrics(parts.documents),
        attack,
        Staleness(parts.documents).of,
        None if store == "attacks" else lambda case: evidence(parts.documents, case),
        second,
    )
