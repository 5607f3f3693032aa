"""What a replay compares: settings, passages, replies and judgements of then and now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.wiring.in_use import Answering
from infra.postgres.chain import canonical, is_erased, is_unknown

CLOSE = 1e-4  # support and scores: the same number, whatever the processor adds up first


class Outcome(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    CANNOT = "cannot be replayed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class StageReport:
    """What became of a stage: `documents`, `setup`, `search`, `context`, `guard` (what looked like an
    instruction), `draft` or `gate`; `said`: how, or why."""

    stage: str
    outcome: Outcome
    said: str = ""


def erased(record: Mapping[str, Any]) -> dict[str, StageReport]:
    """The stages that lack what was erased."""
    answer = record["answer"]
    quoted = (answer.get("citations"), answer.get("abstention"), record.get("cited"), record.get("context"))
    asked = [record.get(name) for name in ("question", "groups", "shut", "follow_up", "filter", "search", "hits")]
    stages = ["documents"] if is_erased(list(quoted)) else []
    if is_erased(asked) or is_unknown(record["principal"]):
        stages += ["search", "context", "draft", "gate"]
    elif is_erased(record.get("replies")) or is_erased(answer):
        stages += ["context", "draft", "gate"]
    return {stage: StageReport(stage, Outcome.ERASED, "its record was erased") for stage in stages}


def other_setup(record: Mapping[str, Any], answering: Answering, recipe: Mapping[str, object]) -> dict[str, str]:
    """What decides an answer and is not what it was, by name: then and now."""
    model, own = record["answer"]["model"], answering.language.generator()
    then = {**_flat(record.get("recipe", {})), "judge": model["judge"], "release": record.get("release")}
    now = {**_flat(json.loads(canonical(recipe))), "judge": answering.gate.name, "release": answering.release}
    if not record.get("routing"):  # else a tier wrote it, and the recipe names all tiers
        then |= {"adapter": model["adapter"], "prompt": model["prompt"]}
        now |= {"adapter": own.adapter, "prompt": answering.language.prompt.pinned}
    names = sorted(name for name in then.keys() | now.keys() if not name.startswith("strictness."))  # as it was then
    return {
        name: f"{name} was {then.get(name)!r} and is {now.get(name)!r}"
        for name in names
        if then.get(name) != now.get(name)
    }


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in value.items():
        found |= _flat(one, f"{before}{name}.") if isinstance(one, dict) and one else {f"{before}{name}": one}
    return found


def setup(other: Mapping[str, str]) -> StageReport:
    return StageReport("setup", Outcome.DIFFERS if other else Outcome.SAME, "; ".join(other.values()))


def changed(other: Mapping[str, str], *names: str) -> str:
    """What of these is not as it was."""
    return "; ".join(
        said for name, said in other.items() if any(name == one or name.startswith(f"{one}.") for one in names)
    )


def context(record: Mapping[str, Any], again: Mapping[str, Any], changed: str) -> StageReport:
    if record["context"] == again["context"]:
        return StageReport("context", Outcome.SAME, f"{len(again['context'])} passages")
    if changed:
        return StageReport("context", Outcome.CANNOT, changed)
    same = sum(one in again["context"] for one in record["context"])
    return StageReport("context", Outcome.DIFFERS, f"{same} of {len(record['context'])} passages are the same")


def guard(record: Mapping[str, Any], again: Mapping[str, Any], changed: str) -> StageReport:
    if "guard" not in record:
        return StageReport("guard", Outcome.CANNOT, "the record is of a time when nothing was looked for")
    if _suspected(record["guard"]) == _suspected(again["guard"]):
        count = len(again["guard"]["passages"])
        return StageReport("guard", Outcome.SAME, f"{count} passages hold words that look like an instruction")
    if changed:
        return StageReport("guard", Outcome.CANNOT, changed)
    then, now = record["guard"]["passages"], again["guard"]["passages"]
    return StageReport("guard", Outcome.DIFFERS, f"in {len(then)} passages, now in {len(now)}")


def draft(record: Mapping[str, Any], again: Mapping[str, Any] | str) -> StageReport:
    """A reply that was enough is not read to its end, so one may be longer than the other."""
    if isinstance(again, str):
        return StageReport("draft", Outcome.CANNOT, again)
    then, now = record["replies"], again["replies"]
    for number, (old, new) in enumerate(zip(then, now, strict=False), 1):
        length = min(len(old["text"]), len(new["text"]))
        if old["text"][:length] != new["text"][:length]:
            at = next(n for n in range(length) if old["text"][n] != new["text"][n])
            was, now_is = old["text"][max(0, at - 20) : at + 40], new["text"][max(0, at - 20) : at + 40]
            return StageReport("draft", Outcome.DIFFERS, f"reply {number} from character {at}: {was!r}, now {now_is!r}")
    if len(then) != len(now):
        return StageReport("draft", Outcome.DIFFERS, f"{len(then)} replies, now {len(now)}")
    return StageReport("draft", Outcome.SAME, f"{len(now)} replies, {sum(len(one['text']) for one in now)} characters")


def gate(record: Mapping[str, Any], again: Mapping[str, Any]) -> StageReport:
    """The recorded draft, judged again."""
    then, now = list(_judged(record)), list(_judged(again))
    for old, new in zip(then, now, strict=False):
        if old[:-1] != new[:-1]:
            return StageReport("gate", Outcome.DIFFERS, f"{_spelled(old)}, now {_spelled(new)}")
        if abs(old[-1] - new[-1]) > CLOSE:
            return StageReport(
                "gate", Outcome.DIFFERS, f"{_spelled(old)} with support {old[-1]:.4f}, now {new[-1]:.4f}"
            )
    if len(then) != len(now):
        return StageReport("gate", Outcome.DIFFERS, f"{len(then)} sentences were judged, now {len(now)}")
    shipped = len(record["answer"]["sentences"])
    return StageReport("gate", Outcome.SAME, f"{shipped} sentences shipped, {len(record['withheld'])} withheld")


def _suspected(guard: Mapping[str, Any]) -> tuple[Any, ...]:
    """What was suspected how much; scores may differ in their last digits."""
    spans = [(marker, *map(_suspicion, found)) for marker, found in guard["passages"].items()]
    return guard["question"] and _suspicion(guard["question"]), sorted(spans), guard["headings"]


def _suspicion(one: Mapping[str, Any]) -> tuple[int, int, str]:
    return one["start"], one["end"], one["level"]


def _judged(record: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Every sentence with what became of it; the support last."""
    quotes = {
        one["id"]: (one["document_id"], one["version"], one["start"], one["end"])
        for one in record["answer"]["citations"]
    }
    for one in record["answer"]["sentences"]:
        yield "shipped", one["text"], one["verdict"], [quotes[id_] for id_ in one["citations"]], one["support"]
    for kind, found in (("withheld", record["withheld"]), ("opening", record["openings"])):
        for one in found:
            judged = one["judgement"]
            yield kind, one["text"], judged["verdict"], judged["stage"], judged["support"]


def _spelled(judged: tuple[Any, ...]) -> str:
    return f"{judged[0]}, {judged[2]}: {judged[1][:80]!r}"
