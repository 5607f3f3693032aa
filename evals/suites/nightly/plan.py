"""What a night asks: which cases, over whose documents, in which order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from pydantic_core import to_jsonable_python

from api.terminal import UsageError
from evals.datasets.attacks import Attempt
from evals.datasets.golden import load_cases
from evals.datasets.standing_attacks import case_of, standing
from evals.datasets.strangers import strangers
from evals.systems.nights import Dataset
from evals.types import Case

SAMPLE, STRANGERS, ATTACKS = "sample/golden.jsonl", "sample, asked by strangers", "attacks"


class Suite(StrEnum):
    """Golden: of the sample, with an answer. Regression: of this installation, as `feedback golden` writes them.
    Adversarial: where abstaining is right, and attacks. Performance: how long search takes, and whether it finds the
    document."""

    GOLDEN = "golden"
    REGRESSION = "regression"
    ADVERSARIAL = "adversarial"
    PERFORMANCE = "performance"


@dataclass(frozen=True, slots=True)
class Task:
    """`dataset`: the digest of the set that the case is of. `attempt`: what is tried, of an attack."""

    suite: Suite
    case: Case
    store: str
    dataset: str
    attempt: Attempt | None = None

    @property
    def version(self) -> str:
        """The digest of what it asks and expects, alone: a set that grows is another, its cases are not."""
        return _digest([_told(self.case), asdict(self.attempt) if self.attempt else None])


@dataclass(frozen=True, slots=True)
class Plan:
    """`tasks` in their order."""

    tasks: tuple[Task, ...]
    datasets: tuple[Dataset, ...]

    @property
    def told(self) -> Mapping[str, object]:
        """As the run keeps it."""
        suites = {suite.value: sum(task.suite is suite for task in self.tasks) for suite in Suite}
        return {"suites": {name: n for name, n in suites.items() if n}, "datasets": [asdict(d) for d in self.datasets]}

    @property
    def sha256(self) -> str:
        return _digest([[task.suite, task.case.id, task.store, task.dataset] for task in self.tasks])


def planned(suites: Sequence[str], files: Sequence[Path], attacks: int = 0) -> Plan:
    """`attacks`: so many of those that every night has, the first ones. Raises `UsageError` where a file is no set of
    cases, or nothing is left to ask."""
    tasks: list[Task] = []
    datasets = []
    sample = load_cases()
    wanted = {Suite(name) for name in suites}
    if wanted - {Suite.REGRESSION}:
        datasets.append(dataset_of(SAMPLE, sample))
        for case in sample:
            suite = Suite.ADVERSARIAL if case.kind.wants_abstention else Suite.GOLDEN
            tasks.append(Task(suite, case, "sample", datasets[0].sha256))
            if suite is Suite.GOLDEN:
                tasks.append(Task(Suite.PERFORMANCE, case, "sample", datasets[0].sha256))
    if Suite.ADVERSARIAL in wanted:
        asked = strangers()
        datasets.append(dataset_of(STRANGERS, asked))
        tasks += [Task(Suite.ADVERSARIAL, case, "sample", datasets[-1].sha256) for case in asked]
    if attacks and Suite.ADVERSARIAL in wanted:
        every = standing()
        datasets.append(Dataset(_digest([asdict(one) for one in every]), ATTACKS, len(every)))
        tasks += [Task(Suite.ADVERSARIAL, case_of(one), "attacks", datasets[-1].sha256, one) for one in every[:attacks]]
    for path in files:
        cases = _of_file(path)
        datasets.append(dataset_of(path.name, cases))
        for case in cases:
            suite = Suite.ADVERSARIAL if case.kind.wants_abstention else Suite.REGRESSION
            tasks.append(Task(suite, case, "own", datasets[-1].sha256))
    kept = [task for task in tasks if task.suite in wanted]
    places = [(task.suite, task.case.id) for task in kept]
    if twice := sorted({case_id for suite, case_id in places if places.count((suite, case_id)) > 1}):
        raise UsageError(f"{', '.join(twice[:5])}: in two files. Every case needs an id of its own.")
    if not kept:
        raise UsageError("There is nothing to ask: the regression suite needs --questions FILE.")
    return Plan(tuple(_spread(kept)), tuple(datasets))


def _of_file(path: Path) -> tuple[Case, ...]:
    if not path.is_file():
        raise UsageError(f"There is no file {path}: `footnote feedback golden ID --out {path}` makes one.")
    cases = load_cases(path)
    if not cases:
        raise UsageError(f"{path} has no question.")
    return cases


def _spread(tasks: Iterable[Task]) -> list[Task]:
    """This installation's first; within a store every suite in an order drawn by id, in step with the others: a night
    that is cut off has asked of each suite the same share, and no choice of anybody's."""
    by_suite: dict[tuple[str, Suite], list[Task]] = {}
    for task in tasks:
        by_suite.setdefault((task.store, task.suite), []).append(task)
    placed = []
    for (store, suite), group in by_suite.items():
        group.sort(key=lambda task: _digest(task.case.id))
        placed += [(store, (at + 0.5) / len(group), suite, task) for at, task in enumerate(group)]
    return [task for *_, task in sorted(placed, key=lambda one: one[:3])]


def dataset_of(name: str, cases: Sequence[Case]) -> Dataset:
    """The version, by what the cases ask and expect."""
    return Dataset(_digest([_told(case) for case in cases]), name, len(cases))


def _told(case: Case) -> dict[str, object]:
    return {**to_jsonable_python(case), "asker": [case.asker.user, sorted(case.asker.groups)]}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
