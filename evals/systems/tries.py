"""What came of configurations, case by case in a file that a killed run goes on from, and two of them weighed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields
from typing import Any

from pydantic_core import to_json

from api.gating.gates import Decision, decide
from evals.measuring.results import ResultFile
from evals.measuring.statistics import Seconds, seconds
from evals.systems.gate_files import ANSWERED, FIRST, OUTCOME, SECONDS, Rule, load_gates
from evals.systems.trying import (
    ABSTAINED,
    ERROR,
    OWN,
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
    """By the gates of a night (`footnote eval weigh`), as far as there are cases for them: those of this installation
    count as its regression suite, others as golden, and where abstaining is right as adversarial."""
    pairs = paired(new, old)
    sides = []
    for rule in load_gates():
        among = [(a, b) for a, b in pairs if _suite(b) in rule.suites]
        told = [(_value(rule, a), _value(rule, b)) for a, b in among]
        known = [(a, b) for a, b in told if a is not None and b is not None]
        if among and (known or rule.needed):
            sides.append((rule.gate, [a for a, _ in known], [b for _, b in known]))
    return decide(sides)


def _suite(one: Tried) -> str:
    return "adversarial" if one.wants_abstention else "regression" if one.key.startswith(f"{OWN}:") else "golden"


def _value(rule: Rule, one: Tried) -> Any:
    """None: nothing to say of the case, or not measured here."""
    if rule.of in {OUTCOME, ANSWERED}:
        return one.outcome == RIGHT if rule.of == OUTCOME else one.outcome != ERROR
    if one.outcome == ERROR:
        return None
    measured: Mapping[str, Any] = {
        SECONDS: one.seconds or None,
        FIRST: one.first_seconds or None,
        "completion_tokens": float(one.completion_tokens) or None,
        "quote_overlap": one.overlap,
        "refusal": one.outcome == RIGHT if one.wants_abstention else None,
        "leak": not one.leaked,
        "citation_resolves": not one.unresolved,
    }
    return measured.get(rule.of)
