"""The golden questions of the sample documents, and those of other documents in files of the same format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from evals.types import Case, Gold, Kind
from retrieval.types import Principal

SOURCE_PREFIX = "sample/"


def load_cases(path: Path | None = None) -> tuple[Case, ...]:
    """Every golden question, in the order of the file; None: those of the sample documents. Evidence has the `source`
    of a document as it is stored, or its place among the samples as `document`. Raises `UsageError`."""
    if path is None:
        text = files("evals").joinpath("datasets", "sample", "golden.jsonl").read_text(encoding="utf-8")
        return tuple(_case(json.loads(line)) for line in text.splitlines() if line.strip())
    cases = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # as JSON lines end: splitlines knows more ends
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            cases += [_case(json.loads(line))] if line.strip() else []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{path}, line {number} is no golden question: {error!r}") from error
    return tuple(cases)


def chosen(cases: Sequence[Case], limit: int) -> tuple[Case, ...]:
    """`limit` cases of each kind (0: all), always the same ones, in the order given."""
    kept: set[str] = set()
    for kind in Kind:
        ids = sorted((case.id for case in cases if case.kind is kind), key=_shuffled)
        kept.update(ids[: limit or None])
    return tuple(case for case in cases if case.id in kept)


def _shuffled(case_id: str) -> str:
    return hashlib.sha256(case_id.encode()).hexdigest()


def _case(row: Mapping[str, Any]) -> Case:
    _check(row)
    return Case(
        id=row["id"],
        kind=Kind(row["kind"]),
        question=row["question"],
        asker=Principal(row["asker"]["user"], frozenset(row["asker"]["groups"])),
        gold=tuple(Gold(_source(e), e["page"], e["quote"]) for e in row["evidence"]),
        must_contain=tuple(tuple(facts) for facts in row["must_contain"]),
        must_not_contain=tuple(row.get("must_not_contain", ())),
    )


def _check(row: Mapping[str, Any]) -> None:
    """Text where text is expected: letters of a fact given as text would be facts, and nearly every answer right."""
    facts = row["must_contain"]
    apart = [facts, *facts, row.get("must_not_contain", []), row["asker"]["groups"], row["evidence"]]
    if not all(isinstance(one, list) for one in apart):
        raise ValueError('must_contain is a list of lists, [["90 days", "ninety days"]]; the others are lists')
    words = [
        row["id"],
        row["question"],
        row["asker"]["user"],
        *row["asker"]["groups"],
        *(one for of in facts for one in of),
    ]
    words += [*row.get("must_not_contain", []), *(one["quote"] for one in row["evidence"])]
    if not all(isinstance(one, str) and one.strip() and "\0" not in one for one in words) or [] in facts:
        raise ValueError("id, question, user, groups, facts and quotes are text, and not empty")


def _source(evidence: Mapping[str, Any]) -> str:
    return str(evidence["source"]) if "source" in evidence else SOURCE_PREFIX + evidence["document"]
