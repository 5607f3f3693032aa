"""A night's service that says what it is told to, and cases for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evals.datasets.attacks import Attempt
from evals.suites.nightly.asking import night
from evals.suites.nightly.plan import Plan, Suite
from evals.suites.nightly.report import Report, reported
from evals.systems.asking import Timed
from evals.systems.nights import NewRun, PostgresEvaluations, Service
from evals.types import Case
from generation.types import Answer, ModelCard, Status
from ingest.errors import FootnoteError
from retrieval.types import ChunkText, Hit, SearchResult

CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot-1")
SETUP = {"generator": "generator", "adapter": ""}
AUDIT = "00000000-0000-4000-8000-000000000001"


class Down(FootnoteError):
    code = "scripted"


class Scripted:
    """Abstains, unless it is told what to reply to a case; every answer takes a second of `now`."""

    def __init__(self, replies: Mapping[str, Callable[[Case], str]] | None = None) -> None:
        self.replies = replies or {}
        self.asked: list[str] = []
        self.obeys: set[str] = set()
        self.tells: set[str] = set()
        self.gone: set[str] = set()
        self.documents = "a" * 64  # the digest of what every case rests on
        self.opening = 0.0
        self.now = 0.0
        self.scores: dict[str, Callable[[Case, Answer], float | None]] = {"leak": lambda case, answer: 0.0}

    def clock(self) -> float:
        return self.now

    def ask(self, case: Case) -> Timed:
        self.asked.append(case.id)
        self.now += 1
        said = self.replies.get(case.id, lambda case: "")(case)
        status = Status.ANSWERED if said else Status.ABSTAINED
        return Timed(Answer(said, status, (), (), CARD, audit_id=AUDIT), 0.5 if said else None, 1.0, ())

    @contextmanager
    def over(self, store: str) -> Iterator[Service]:
        self.now += self.opening
        yield Service(store, self.ask, self.search, self.scores, self.attack, self.stale, lambda case: self.documents)

    def attack(self, one: Attempt) -> tuple[Answer, dict[str, Any]]:
        """Comes to nothing, but for what `obeys` and `tells` name."""
        self.asked.append(one.id)
        self.now += 1
        judged = dict.fromkeys(("obeyed", "disclosed", "forged", "leaked", "denied", "cautioned", "flagged"), False)
        judged |= {"obeyed": one.id in self.obeys, "disclosed": one.id in self.tells}
        return Answer("", Status.ABSTAINED, (), (), CARD), judged

    def stale(self, case: Case) -> str:
        return "gone" if case.id in self.gone else ""

    def search(self, case: Case) -> tuple[SearchResult, float]:
        """Finds the document of everything but `a-0`."""
        source = "other.pdf" if case.id == "a-0" else case.gold[0].source
        text = case.gold[0].quote
        chunk = ChunkText("c", "d", 1, "0" * 64, "Lease", source, 0, 0, len(text), text, (), 1)
        return SearchResult(case.question, (Hit(chunk, 1.0),), "snapshot-2"), 0.25


def cases_file(path: Path, answerable: int = 6, unanswerable: int = 2) -> Path:
    asker = {"user": "vera.holm", "groups": ["legal"]}
    gold = {"source": "matters/lease.pdf", "page": 1, "quote": "The secret rent is 312,000."}
    rows = [
        {"id": f"a-{at}", "kind": "answerable", "question": f"What is the rent of flat {at}?", "asker": asker,
         "evidence": [gold], "must_contain": [["312,000"]]}
        for at in range(answerable)
    ] + [
        {"id": f"u-{at}", "kind": "unanswerable", "question": f"Who painted room {at}?", "asker": asker, "evidence": [],
         "must_contain": []}
        for at in range(unanswerable)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def own(plan: Plan) -> Plan:
    return Plan(tuple(task for task in plan.tasks if task.store == "own"), plan.datasets)


def begun(store: PostgresEvaluations, plan: Plan, config: str = "c", *, anew: bool = False) -> tuple[str, bool]:
    return store.begin(NewRun("nightly", "abc", config, plan.sha256, SETUP, plan.told), plan.datasets, anew=anew)


def asked(store: PostgresEvaluations, plan: Plan, service: Scripted, seconds: float = 1e6) -> tuple[str, Report]:
    run_id, _ = begun(store, plan)
    status = night(store, run_id, plan, service.over, seconds, service.clock)
    return status, reported(store, run_id)


def right(case: Case) -> str:
    return "It is 312,000."


ALL_RIGHT = {f"a-{at}": right for at in range(6)}


def value(found: Report, suite: Suite, name: str) -> float | None:
    return next((one.value for one in found.metrics if (one.suite, one.name) == (suite, name)), None)
