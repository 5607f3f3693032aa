"""The golden questions of the sample documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from evals.types import Case, Gold, Kind
from retrieval.types import Principal

SOURCE_PREFIX = "sample/"


def load_cases() -> tuple[Case, ...]:
    """Every golden question, in the order of the file."""
    text = files("evals").joinpath("datasets", "sample", "golden.jsonl").read_text(encoding="utf-8")
    return tuple(_case(json.loads(line)) for line in text.splitlines() if line.strip())


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
    return Case(
        id=row["id"],
        kind=Kind(row["kind"]),
        question=row["question"],
        asker=Principal(row["asker"]["user"], frozenset(row["asker"]["groups"])),
        gold=tuple(Gold(SOURCE_PREFIX + e["document"], e["page"], e["quote"]) for e in row["evidence"]),
        must_contain=tuple(tuple(facts) for facts in row["must_contain"]),
        must_not_contain=tuple(row.get("must_not_contain", ())),
    )
