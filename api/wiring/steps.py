"""Of a recorded answer each sentence that was looked at, in order, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from generation.people import FoundPassage, LookedAt
from generation.types import Fate, Note, Origin, Stage, Verdict
from infra.postgres.chain import is_erased

_BY_NOTE = {Note.QUOTED.value: Origin.INSTEAD, Note.CONFLICT.value: Origin.ODDS}  # of a sentence that did not open


def looked_at(record: Mapping[str, Any], passages: Sequence[FoundPassage], *, open_: bool) -> Iterator[LookedAt]:
    """`open_`: with the words of what did not ship, and why; else neither, for the reason names words of it."""
    withheld, shown = _withheld(record), {one["marker"] for one in record.get("context", ())}
    for step in _steps(record, withheld):
        sentence = step["at"] + 1 if step["fate"] == Fate.SHIPPED else 0
        text, reason = _kept_back(record, step, withheld) if open_ and not sentence else ("", "")
        named = step.get("markers", ())
        yield LookedAt(
            origin=Origin(step["origin"]),
            fate=Fate(step["fate"]),
            part=step["part"],
            stage=Stage(step["stage"]) if step["stage"] else None,
            verdict=Verdict(step["verdict"]),
            support=step["support"],
            passages=tuple(one.quote.id for one in passages if set(one.markers) & set(named)),
            unknown=any(marker not in shown for marker in named),
            sentence=sentence,
            text=text,
            reason=reason,
        )


def _steps(record: Mapping[str, Any], withheld: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As they were recorded; of an older record those that shipped, with no stage, then the others."""
    known = record.get("steps")
    if isinstance(known, list):
        return known
    openings = record.get("openings", ())
    opened = {one["part"] for one in openings if one["judgement"]["verdict"] == Verdict.ENTAILED}
    told: list[Mapping[str, Any]] = []
    for at, one in enumerate(record["answer"]["sentences"]):
        origin = _BY_NOTE.get(one["note"], Origin.WROTE)
        if origin is Origin.INSTEAD and one.get("part", 0) in opened:
            origin = Origin.OPEN
        judged = {"stage": "", "verdict": one["verdict"], "support": one["support"]}
        told.append({"origin": origin, "fate": Fate.SHIPPED, "part": one.get("part", 0), "at": at, **judged})
    kept_back = chain(
        ((Origin.OPEN, at, one) for at, one in enumerate(openings)),
        ((Origin.WROTE, at, one) for at, one in enumerate(withheld)),
    )
    for origin, at, one in kept_back:
        if one["judgement"]["verdict"] != Verdict.ENTAILED:
            judged = {name: one["judgement"][name] for name in ("stage", "verdict", "support")}
            told.append({"origin": origin, "fate": Fate.WITHHELD, "part": one.get("part", 0), "at": at, **judged})
    return told


def _withheld(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of every try."""
    tries = [one for tried in record.get("routing", ()) for one in tried.get("withheld", ())]
    return [*tries, *record.get("withheld", ())]


def _kept_back(
    record: Mapping[str, Any], step: Mapping[str, Any], withheld: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    """The words of what did not ship, and why; "" where they are erased."""
    if step["fate"] == Fate.LEFT_OUT:
        text, reason = record["left_out"][step["at"]], ""
    else:
        one = (record["openings"] if step["origin"] == Origin.OPEN else withheld)[step["at"]]
        text, reason = one["text"], one["judgement"].get("reason", "")
    return ("", "") if is_erased([text, reason]) else (text, reason)
