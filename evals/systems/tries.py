"""What came of configurations, case by case in a file that a killed run goes on from, and two of them weighed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from typing import Any

from pydantic_core import to_json

from api.gating.gates import Aim, Decision, Gate, Kind, decide
from evals.measuring.results import ResultFile
from evals.measuring.statistics import Seconds, seconds
from evals.systems.trying import (
    ABSTAINED,
    ERROR,
    RIGHT,
    WRONG,
    Asking,
    Configuration,
    Places,
    Put,
    Tried,
    asking,
    digest,
)

ROW = "tried"
_NAMED = ("config", "key", "case", "documents")
_FIELDS = frozenset(field.name for field in fields(Tried))


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts of `n` cases that gave no error; seconds and tokens are of an answer."""

    n: int
    right: int
    wrong: int
    abstained: int
    refused: int  # of `unanswerable`
    unanswerable: int
    withheld: int  # sentences
    errors: int
    first: Seconds
    end: Seconds
    prompt_tokens: float
    completion_tokens: float

    def quality(self, wrong: float) -> float:
        """Right less `wrong` times the wrong, a case."""
        return (self.right - wrong * self.wrong) / self.n if self.n else math.nan


def tried(
    places: Places,
    configuration: Configuration,
    puts: Sequence[Put],
    results: ResultFile,
    *,
    go_on: Callable[[Sequence[Tried]], bool] = lambda _: True,
    step: Callable[[str], None] = lambda _: None,
    opening: Callable[..., object] = asking,
) -> list[Tried]:
    """Of every case in the order given, until `go_on` says no; what is known of this configuration is not asked again,
    but for errors."""
    found: list[Tried] = []
    known = {tuple(row[name] for name in _NAMED): row for row in results.rows if _whole(row)}
    with ExitStack() as stack:
        opened: dict[str, Asking] = {}
        for put in puts:
            if not go_on(found):
                break
            if put.store not in opened:
                opened[put.store] = stack.enter_context(opening(places, put.store, configuration))  # type: ignore[arg-type]
            found.append(_one(opened[put.store], configuration, put, known, results, step))
    return found


def _whole(row: Mapping[str, Any]) -> bool:
    return row.get("row") == ROW and row["outcome"] != ERROR


def _one(
    here: Asking,
    configuration: Configuration,
    put: Put,
    known: Mapping[tuple[str, ...], Mapping[str, Any]],
    results: ResultFile,
    step: Callable[[str], None],
) -> Tried:
    named = dict(zip(_NAMED, (here.config, put.key, _case(put), here.documents), strict=True))
    if row := known.get(tuple(named.values())):
        return Tried(**{name: value for name, value in row.items() if name in _FIELDS})
    one = here.ask(put)
    told = {"row": ROW, "configuration": configuration.name, "settings": dict(configuration.settings)}
    results.add({**told, **named, **asdict(one)})
    step(f"{configuration.name}  {put.key}  {one.outcome}  {one.seconds:.1f} s, {one.asked} prompts asked")
    return one


def _case(put: Put) -> str:
    case = put.case
    asker = [case.asker.user, sorted(case.asker.groups)]
    told = [case.question, case.kind, asker, case.must_contain, case.must_not_contain]
    return digest(to_json(told).decode())[:12]


def sums(found: Iterable[Tried]) -> Sums:
    every = list(found)
    known = [one for one in every if one.outcome != ERROR]
    refusable = [one for one in known if one.wants_abstention]
    n = len(known)

    def count(outcome: str) -> int:
        return sum(one.outcome == outcome for one in known)

    return Sums(
        n=n,
        right=count(RIGHT),
        wrong=count(WRONG),
        abstained=count(ABSTAINED),
        refused=sum(one.outcome == RIGHT for one in refusable),
        unanswerable=len(refusable),
        withheld=sum(one.withheld for one in known),
        errors=len(every) - n,
        first=seconds(one.first_seconds for one in known),
        end=seconds(one.seconds for one in known),
        prompt_tokens=sum(one.prompt_tokens for one in known) / n if n else 0.0,
        completion_tokens=sum(one.completion_tokens for one in known) / n if n else 0.0,
    )


def paired(new: Iterable[Tried], old: Iterable[Tried]) -> list[tuple[Tried, Tried]]:
    """Of the same cases, in the order of the old, without those that gave the old an error: one of the new is no right
    answer."""
    ours = {one.key: one for one in new}
    return [(ours[one.key], one) for one in old if one.outcome != ERROR and one.key in ours]


def weighed(new: Iterable[Tried], old: Iterable[Tried]) -> Decision:
    """By the gates of a night (`footnote eval weigh`), as far as something was measured for them."""
    pairs = paired(new, old)
    among = {None: pairs} | {
        apart: [one for one in pairs if one[1].wants_abstention is apart] for apart in (True, False)
    }
    sides = [(gate, _values(of, among[which])) for gate, which, of in _GATES]
    needed = {gate.metric for gate, which, _ in _GATES if which is None} | {"right"}
    return decide([(gate, *side) for gate, side in sides if side[0] or gate.metric in needed])


def _values(of: Callable[[Tried], Any], pairs: Sequence[tuple[Tried, Tried]]) -> tuple[list[Any], list[Any]]:
    """Of both sides, where both have one."""
    told = [(of(new), of(old)) for new, old in pairs]
    known = [(new, old) for new, old in told if new is not None and old is not None]
    return [new for new, _ in known], [old for _, old in known]


def _amount(found: float | None) -> float | None:
    """A duration, or another amount of which less is better; nothing has no ratio."""
    return found or None


def _told(one: Tried, value: Any) -> Any:
    return None if one.outcome == ERROR else value


_GATES: tuple[tuple[Gate, bool | None, Callable[[Tried], Any]], ...] = (
    (Gate("right", Kind.YES_NO, margin=0.05), False, lambda one: one.outcome == RIGHT),
    (Gate("quote overlap", Kind.SCORE, margin=0.05), False, lambda one: _told(one, one.overlap)),
    (Gate("refused rightly", Kind.YES_NO, margin=0.10, guard=True), True, lambda one: one.outcome == RIGHT),
    (Gate("no leak", Kind.YES_NO, Aim.NEVER, guard=True), None, lambda one: _told(one, not one.leaked)),
    (Gate("citations resolve", Kind.YES_NO, Aim.NEVER, guard=True), None, lambda one: _told(one, not one.unresolved)),
    (Gate("no error", Kind.YES_NO, margin=0.05, guard=True), None, lambda one: one.outcome != ERROR),
    (Gate("seconds to the end", Kind.DURATION, margin=0.20, guard=True), False, lambda one: _amount(one.seconds)),
    (
        Gate("seconds to the first sentence", Kind.DURATION, margin=0.20, guard=True),
        False,
        lambda one: _amount(one.first_seconds),
    ),
    (
        Gate("tokens written", Kind.DURATION, margin=0.30, guard=True),
        False,
        lambda one: _amount(float(one.completion_tokens)),
    ),
)
"""Each with the cases that it is of: those with an answer (False), those where abstaining is right (True), or all."""
