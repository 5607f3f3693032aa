"""What the suites share: what is asked for, the judge under test, and what a result was measured with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from api.terminal import note
from evals.measuring.code import CHECKING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from generation.gate.checking import Checker
from generation.protocols import EntailmentModel
from generation.types import Limits

T = TypeVar("T")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GateRun:
    """What the command line asks for. `llm_sample`: so many responses also by our LLM (0: none); `sample`: so many
    responses and statements by the gate with the language model."""

    data: Path
    suites: Sequence[str]
    threads: int
    out: Path | None = None
    llm_sample: int = 0
    sample: int = 100
    cases: Path | None = None
    home: Path | None = None
    questions: int = 200
    step: Literal["record", "replay", "all"] = "all"
    sheet: Path | None = None
    labels: Path | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """The judge under test, the limits that ship, and where the results go."""

    model: EntailmentModel
    limits: Limits
    threads: int
    results: ResultFile

    @property
    def checker(self) -> Checker:
        """As it ships, but for this: it always looks for the best span, not for the first that is good enough, so
        that supports do not depend on the limits. What passes is the same."""
        return Checker(self.model, replace(self.limits, ship=math.inf))

    @property
    def setup(self) -> Row:
        """What decides supports: rows of another setup are never gone on from."""
        return {"judge": self.model.name, "code": code(*CHECKING)}

    def measured(self, suite: str, items: Mapping[str, T], measure: Callable[[T], Row]) -> list[Row]:
        """A row for every item in their order, measured now on all threads, or known from an earlier run."""
        head = {"suite": suite, "setup": self.setup}
        known = {row["key"]: row for row in self.results.rows if head.items() <= row.items()}
        todo = [key for key in items if key not in known]
        if len(todo) < len(items):
            note(f"{suite}: {len(items) - len(todo)} of {len(items)} are in the results file already.")
        pool = ThreadPoolExecutor(self.threads)
        try:
            with progress(suite, len(todo)) as step:
                for key, found in zip(todo, pool.map(lambda key: measure(items[key]), todo), strict=True):
                    known[key] = self.results.add(head | {"key": key} | found)
                    step(key)
        finally:
            pool.shutdown(cancel_futures=True)
        return [known[key] for key in items]
