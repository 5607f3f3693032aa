"""Answers that people judged, and questions whose documents conflict: what judges are held against."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from api.terminal import UsageError
from evals.datasets.beir import json_lines

T = TypeVar("T")
SEED = 20261130
SUMMARY = "Summarise the text."  # what a response without a question was asked for
_PASSAGE = re.compile(r"^[ \t]*passage \d+:[ \t]*", re.IGNORECASE | re.MULTILINE)
_NOTHING = {"", "unknown"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a model made of its passages (RAGTruth: Niu et al. 2024, arXiv 2401.00396, outside the test split), and
    whether people found a hallucination in it. Up to six models a `source`."""

    id: str
    source: str
    question: str
    evidence: str
    text: str
    hallucinated: bool


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to a question, and by each of two people how much better the second is, -2 to 2 (RAGChecker: Ru et
    al. 2024, arXiv 2408.08067)."""

    id: str
    question: str
    first: str
    second: str
    people: tuple[int, int]

    @property
    def sided(self) -> bool:
        """Whether both people name a side, be it the same or not."""
        return 0 not in self.people


@dataclass(frozen=True, slots=True)
class Disputed:
    """A question over documents of its own, each with the answer that it gives, "" for none (RAMDocs: Wang et al. 2025,
    arXiv 2504.13079). An answer must hold all of `right` and none of `wrong`."""

    id: str
    question: str
    documents: tuple[str, ...]
    answers: tuple[str, ...]
    right: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def conflict(self) -> bool:
        """Whether its documents give different answers."""
        return len({answer.casefold() for answer in self.answers if answer}) > 1


def labelled(data: Path) -> tuple[Labelled, ...]:
    rows = json_lines(_file(data, "ragtruth_outside_test/pairs.jsonl"))
    return tuple(
        Labelled(
            id=row["id"],
            source=row["source_id"],
            question=row.get("question") or SUMMARY,
            evidence=plain(row["premise"]),
            text=row["hypothesis"],
            hallucinated=row["hallucinated"],
        )
        for row in rows
    )


def preferences(data: Path) -> tuple[Preference, ...]:
    """Of the instances that two people judged."""
    path = _file(data, "ragchecker/human_labeled_data.json")
    by_instance: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        by_instance.setdefault(f"{row['dataset']}:{row['instance_id']}", []).append(row)
    return tuple(
        Preference(
            id=key,
            question=rows[0]["query"],
            first=rows[0]["model1"]["response"],
            second=rows[0]["model2"]["response"],
            people=(rows[0]["overall_label"], rows[1]["overall_label"]),
        )
        for key, rows in by_instance.items()
        if len(rows) == 2
    )


def disputed(data: Path) -> tuple[Disputed, ...]:
    rows = json_lines(_file(data, "ramdocs/qa.jsonl"))
    return tuple(
        Disputed(
            id=hashlib.sha256(row["question"].encode()).hexdigest()[:10],
            question=row["question"],
            documents=tuple(one["text"] for one in row["documents"]),
            answers=tuple("" if one["answer"].casefold() in _NOTHING else one["answer"] for one in row["documents"]),
            right=tuple(row["gold_answers"]),
            wrong=tuple(row["wrong_answers"]),
        )
        for row in rows
    )


def drawn(items: Sequence[T], count: int) -> tuple[T, ...]:
    """A random sample, always the same; a smaller one is the beginning of a larger one."""
    return tuple(random.Random(SEED).sample(list(items), len(items))[:count])


def plain(passages: str) -> str:
    """The passages without their numbers, lines as they are."""
    return _PASSAGE.sub("", passages).strip()


def _file(data: Path, name: str) -> Path:
    if not (data / name).is_file():
        raise UsageError(f"{data} must hold {name} (see docs/evaluation.md).")
    return data / name
