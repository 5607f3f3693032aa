"""Reviews with gold: contracts of CUAD by ten clauses, and non-disclosure agreements of Kleister by four fields."""

from __future__ import annotations

import json
import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from api.terminal import UsageError
from evals.datasets.cuad import SEED, SOURCE_PREFIX, qa_file
from evals.types import Gold

Suite = Literal["contracts", "kleister"]
SUITES: tuple[Suite, ...] = ("contracts", "kleister")
KLEISTER_PREFIX = "kleister/"


@dataclass(frozen=True, slots=True)
class CellGold:
    """Where the answer stands in the document (contracts), or the values that it has to name (Kleister); neither:
    there is none to find."""

    places: tuple[Gold, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        return bool(self.places or self.values)


@dataclass(frozen=True, slots=True)
class ReviewSet:
    """`documents`: by source, a file, or the text itself. `questions`: by what they ask for. `gold`: by source and
    that; what is not in it was not labelled."""

    documents: Mapping[str, Path | str]
    questions: Mapping[str, str]
    gold: Mapping[tuple[str, str], CellGold]


def load(data: Path, suite: Suite, documents: int, questions: int) -> ReviewSet:
    """The first so many of each, the same ones every time; raises `UsageError` where `data` does not hold them."""
    told = tomllib.loads(files("evals.datasets").joinpath("review_questions.toml").read_text(encoding="utf-8"))[suite]
    asked = dict(list(told.items())[:questions])
    return _contracts(data, documents, asked) if suite == "contracts" else _kleister(data, documents, asked)


def _contracts(data: Path, count: int, asked: Mapping[str, str]) -> ReviewSet:
    by_pdf: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in _lines(qa_file(data)):
        by_pdf[row["pdf"]][row["category"]] = row
    names = sorted(name for name, rows in by_pdf.items() if asked.keys() <= rows.keys())
    chosen = random.Random(SEED).sample(names, min(count, len(names)))
    gold = {
        (SOURCE_PREFIX + name, category): CellGold(
            tuple(Gold(SOURCE_PREFIX + name, one["page"], one["text"]) for one in by_pdf[name][category]["evidence"])
        )
        for name in chosen
        for category in asked
        if by_pdf[name][category]["evidence"] or not by_pdf[name][category]["answerable"]
    }
    return ReviewSet({SOURCE_PREFIX + name: data / "cuad" / "pdf" / name for name in chosen}, asked, gold)


def _kleister(data: Path, count: int, asked: Mapping[str, str]) -> ReviewSet:
    folder = data / "kleister_nda"
    if not (folder / "texts.jsonl").is_file():
        raise UsageError(f"{data} must hold kleister_nda/texts.jsonl and qa.jsonl (see docs/benchmarks.md).")
    texts = {KLEISTER_PREFIX + row["doc"]: row["text"] for row in _lines(folder / "texts.jsonl")}
    chosen = {source: texts[source] for source in sorted(texts)[:count]}
    gold = {
        (source, row["field"]): CellGold(values=tuple(row["values"]))
        for row in _lines(folder / "qa.jsonl")
        if (source := KLEISTER_PREFIX + row["doc"]) in chosen and row["field"] in asked
    }
    return ReviewSet(chosen, asked, gold)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
