"""Where a night asks: this installation, and one beside it that holds the sample documents; and where it writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from evals.metrics.chosen import metrics
from evals.systems.asking import Setup, Timed, timed
from evals.systems.installations import Installation, ingest_sample, opened
from evals.types import Case, Metric
from infra.postgres.decisions import PostgresDecisions
from infra.postgres.evaluations import CaseResult, Dataset, EvalRun, MetricValue, NewRun, PostgresEvaluations
from retrieval.types import SearchResult

__all__ = [
    "CaseResult", "Dataset", "EvalRun", "MetricValue", "NewRun", "Night", "PostgresEvaluations", "Service", "nights",
]  # fmt: skip
TOP = 10


@dataclass(frozen=True, slots=True)
class Service:
    """What a night asks; both raise what the service raises. `store`: "own" or "sample". `search`: with its seconds."""

    store: str
    ask: Callable[[Case], Timed]
    search: Callable[[Case], tuple[SearchResult, float]]
    metrics: Mapping[str, Metric]


@dataclass(frozen=True, slots=True)
class Night:
    """`results`: of this installation, also of what is asked elsewhere. `over`: opens the service of a store. `setup`:
    what decides the answers, worked out only where somebody asks."""

    results: PostgresEvaluations
    decisions: PostgresDecisions
    setup: Callable[[], Setup]
    over: Callable[[str], AbstractContextManager[Service]]


@contextmanager
def nights() -> Iterator[Night]:
    """The sample is asked over a folder beside this one, with a database of its own: its people are in groups that real
    people may be in, too, and who would then find its documents among their own."""
    with opened() as parts:

        @contextmanager
        def over(store: str) -> Iterator[Service]:
            if store == "own":
                with _service(store, parts) as service:
                    yield service
                return
            home = parts.settings.home
            with opened(home=home.with_name(f"{home.name}.sample"), DATABASE_URL="") as sample:
                ingest_sample(sample)
                with _service(store, sample) as service:
                    yield service

        yield Night(PostgresEvaluations(parts.pool), PostgresDecisions(parts.pool), lambda: Setup.of(parts), over)


@contextmanager
def _service(store: str, parts: Installation) -> Iterator[Service]:
    def search(case: Case) -> tuple[SearchResult, float]:
        started = time.perf_counter()
        found = parts.search.search_now(case.question, case.asker, TOP)
        return found, round(time.perf_counter() - started, 4)

    with asyncio.Runner() as loop:
        yield Service(
            store, lambda case: loop.run(timed(parts, case.question, case.asker)), search, metrics(parts.documents)
        )
