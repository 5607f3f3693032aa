"""`footnote adapters promote`: is an adapter better than what answers now? Decided on the same questions, paired."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, StrictBool, ValidationError

from api.terminal import UsageError, say, say_json
from evals.measuring.statistics import paired_interval
from evals.systems.adapters import Adapter, is_whole, pins
from evals.systems.installations import Installation, opened
from evals.types import Kind
from generation.adapter_files import GGUF, WEIGHTS
from generation.types import Status

FEWEST = 50  # questions
Question = tuple[str, str]  # id, question


class Setup(BaseModel):
    """How the questions of one file were asked, as far as it counts. `judge` names who checked, for the evidence;
    what is compared of the gate is in `recipe`."""

    generator: str
    adapter: str
    judge: str
    engine: str
    recipe: dict[str, str]

    @property
    def weights(self) -> str:
        """The file that an adapter's weights are in for this engine."""
        return GGUF if self.engine.startswith(("llama.cpp", "openvino")) else WEIGHTS


class Row(BaseModel):
    """One line of `footnote eval --out`, as far as it counts."""

    id: str
    question: str
    kind: Kind
    status: Status
    right: StrictBool
    setup: Setup


@dataclass(frozen=True, slots=True)
class Results:
    """A file of results, all of one setup. `sha256` is that of its bytes."""

    file: str
    sha256: str
    setup: Setup
    rows: Mapping[Question, Row]


@dataclass(frozen=True, slots=True)
class Scores:
    """One side: the share of right answers over all `n` questions, and how many of the unanswerable it refused."""

    file: str
    sha256: str
    adapter: str
    judge: str
    n: int
    right: float
    unanswerable: int
    abstained: int
    right_by_kind: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides on the same questions. `interval`: of `difference`, the new share of right answers less the old."""

    new: Scores
    old: Scores
    difference: float
    interval: tuple[float, float]


def promote(name: str, new: Path | None, old: Path | None, force: str, as_json: bool) -> int:
    """Promotes if the results say so, or with a reason in `force`, then also without results. 1 if it did not."""
    if (new is None) != (old is None) or (new is None and not force.strip()):
        raise UsageError("Give the results of both, --new and --old, or a reason in --force.")
    sides = (read(new), read(old)) if new and old else None
    with opened() as parts:
        adapter = parts.adapters.named(name)
        if not is_whole(parts.settings.home, adapter):
            raise UsageError(f"The files of {name} are missing or damaged on this machine: add it again.")
        current = parts.adapters.current(adapter.base)
        found = _compared(*sides, adapter, current, parts) if sides else None
        reasons = objections(found) if found else ()
        if reasons and not force.strip():
            _report(as_json, f"{name} is not promoted: {'; '.join(reasons)}.", False, found, reasons)
            return 1
        previous = parts.adapters.promote(
            name,
            _metrics(found) if found else None,
            {"comparison": asdict(found) if found else None, "objections": reasons, "forced": force.strip() or None},
            over=(current.name if current else "") if found else None,
        )
    instead = f" instead of {previous.name}" if previous else ""
    why = _told(found) if found else "without results"
    _report(as_json, f"{name} is current for {adapter.base}{instead}: {why}.", True, found, reasons)
    return 0


def read(path: Path) -> Results:
    """Raises `UsageError` for what is no whole file of results of one setup."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    rows: dict[Question, Row] = {}
    setups = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = Row.model_validate_json(line)
            setups.append(json.loads(line)["setup"])
        except ValidationError as error:
            raise UsageError(f"{path}, line {number}, {_unsound(error)}") from error
        if (row.id, row.question) in rows:
            raise UsageError(f"{path}, line {number}: {row.id} is there twice. Evaluate into a new file.")
        rows[row.id, row.question] = row
        if setups[-1] != setups[0]:
            raise UsageError(f"{path}, line {number}, has another setup than the first. Evaluate into a new file.")
    if not rows:
        raise UsageError(f"{path} holds no results.")
    return Results(str(path), hashlib.sha256(data).hexdigest(), next(iter(rows.values())).setup, rows)


def compare(new: Results, old: Results) -> Comparison:
    """Raises `UsageError` unless both hold the same questions, and only the adapter differs."""
    for field in ("generator", "engine"):
        mine, other = getattr(new.setup, field), getattr(old.setup, field)
        if mine != other:
            raise UsageError(f"The results are not comparable: {field} {mine} in {new.file}, {other} in {old.file}.")
    if parts := sorted({part for part, _ in new.setup.recipe.items() ^ old.setup.recipe.items()}):
        raise UsageError(
            f"The results are not comparable: {new.file} and {old.file} differ in {', '.join(parts)}. Evaluate both "
            "with the same settings and the same version of Footnote."
        )
    for has, lacks in ((new, old), (old, new)):
        if missing := sorted(has.rows.keys() - lacks.rows.keys()):
            first = ", ".join(key[0] for key in missing[:5]) + (", …" if len(missing) > 5 else "")
            raise UsageError(f"{lacks.file} lacks {len(missing)} questions of {has.file}: {first}. Evaluate them too.")
    order = sorted(new.rows)
    if changed := [key[0] for key in order if new.rows[key].kind != old.rows[key].kind]:
        raise UsageError(f"{', '.join(changed[:5])}: of another kind in {old.file} than in {new.file}. Evaluate again.")
    right = [[side.rows[key].right for key in order] for side in (new, old)]
    scores = _scores(new), _scores(old)
    return Comparison(*scores, difference=scores[0].right - scores[1].right, interval=paired_interval(*right))


def objections(found: Comparison) -> tuple[str, ...]:
    """Why the new one is not to be promoted; empty if it is."""
    new, old = found.new, found.old
    reasons = []
    if new.n < FEWEST:
        reasons.append(f"{new.n} questions are too few, {FEWEST} are needed")
    if found.interval[0] <= 0:
        reasons.append(f"{_told(found)}, whose lower end has to be above 0")
    if new.abstained < old.abstained:
        reasons.append(
            f"it refuses {new.abstained} of {new.unanswerable} questions without an answer, against {old.abstained} now"
        )
    return tuple(reasons)


def _unsound(error: ValidationError) -> str:
    """What is wrong with a line, and what to do."""
    first = error.errors()[0]
    if first["loc"] in {("setup", "engine"), ("setup", "recipe")}:
        return "is of an earlier Footnote, which did not note all that decides an answer. Evaluate into a new file."
    return (
        f"is no result of `footnote eval --out` ({first['msg']}). If the evaluation was cut off, run it again: it goes "
        "on where it was."
    )


def _scores(side: Results) -> Scores:
    rows = side.rows.values()
    unanswerable = [row for row in rows if row.kind.wants_abstention]
    by_kind = {kind: [row.right for row in rows if row.kind is kind] for kind in Kind}
    return Scores(
        file=Path(side.file).name,
        sha256=side.sha256,
        adapter=side.setup.adapter,
        judge=side.setup.judge,
        n=len(rows),
        right=sum(row.right for row in rows) / len(rows),
        unanswerable=len(unanswerable),
        abstained=sum(row.status is Status.ABSTAINED for row in unanswerable),
        right_by_kind={kind.value: sum(right) / len(right) for kind, right in by_kind.items() if right},
    )


def _compared(new: Results, old: Results, adapter: Adapter, current: Adapter | None, parts: Installation) -> Comparison:
    """Raises `UsageError` if the results are not of `adapter` and of what answers for its base now."""
    _check_adapter(new, adapter)
    _check_adapter(old, current)
    asked = new.setup.generator
    known = {model.name.lower() for model in parts.models.manifest.models}
    if asked.lower() in known - {adapter.base.lower()}:
        raise UsageError(f"{new.file}: asked of {asked}, but {adapter.name} is an adapter of {adapter.base}.")
    return compare(new, old)


def _check_adapter(side: Results, adapter: Adapter | None) -> None:
    """The service writes NAME@DIGEST, of the form that its engine loads, or NAME alone where another server has the
    adapter by its name."""
    pinned = f"{adapter.name}@{pins(adapter)[side.setup.weights][:12]}" if adapter else ""
    if side.setup.adapter not in {adapter.name if adapter else "", pinned}:
        said = f"the adapter {side.setup.adapter}" if side.setup.adapter else "no adapter"
        wanted = pinned or "no adapter, for none is current"
        raise UsageError(f"{side.file} was answered with {said}; it has to be {wanted}.")


def _metrics(found: Comparison) -> dict[str, Any]:
    """What the adapter's row keeps: its own scores, and against what they were weighed."""
    weighed = asdict(found)
    scores: dict[str, Any] = weighed.pop("new")
    return scores | weighed


def _told(found: Comparison) -> str:
    """The numbers in words; points are percentage points."""
    points, low, high = (100 * value for value in (found.difference, *found.interval))
    return (
        f"over {found.new.n} questions {100 * found.new.right:.1f} % right against {100 * found.old.right:.1f} %, "
        f"a difference of {points:+.1f} points with a 95 % interval of {low:+.1f} to {high:+.1f}"
    )


def _report(as_json: bool, text: str, promoted: bool, found: Comparison | None, reasons: Sequence[str]) -> None:
    if as_json:
        say_json({"promoted": promoted, "comparison": found, "objections": reasons, "text": text})
    else:
        say(text)
