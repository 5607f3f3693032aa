"""Questions about the contracts of CUAD v1 (Hendrycks et al. 2021, arXiv 2103.06268), each naming its contract."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from api.terminal import UsageError
from evals.types import Case, Gold, Kind
from retrieval.types import Principal

ASKER = Principal("bench", frozenset({"legal"}))
LABEL = frozenset(f"group:{group}" for group in ASKER.groups)
SOURCE_PREFIX = "cuad/"
SEED = 20260101
HELD_PER_CONTRACT, ABSENT_PER_CONTRACT = 2, 1
_ASIDE = re.compile(
    r"\(.*?\)+|[“\"”]|\b(?:f/k/a|d/b/a|dba|formerly known as|and/or|and all of its)\b.*|,? on behalf of .*", re.DOTALL
)
_CUT_OFF = re.compile(r"\s*(?:\(.*|, \w)$")  # some labels end in the middle: `AGREEMENT (t`

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClauseQuestion:
    """A question about one clause category of one contract; the gold of its case is empty where the contract has no
    such clause. `contract` is the source of the document."""

    case: Case
    contract: str
    category: str


def qa_file(data: Path, page: str = "docs/benchmarks.md") -> Path:
    """Raises `UsageError`, which names the page of the documentation, if `data` does not hold the contracts."""
    folder, qa = data / "cuad" / "pdf", data / "cuad" / "qa.jsonl"
    if not folder.is_dir() or not qa.is_file():
        raise UsageError(f"{data} must hold cuad/pdf and cuad/qa.jsonl (see {page}).")
    return qa


def load_questions(qa: Path, count: int) -> tuple[ClauseQuestion, ...]:
    """`count` questions, half of them about clauses that their contract does not hold, the same ones every time."""
    usable, names, wording = _usable(qa)
    held, absent = [row for row in usable if _is_held(row)], [row for row in usable if _is_absent(row)]
    contracts: Counter[str] = Counter()
    picked = _spread(held, count - count // 2, contracts) + _spread(absent, count // 2, contracts)
    return tuple(_question(row, names[row["pdf"]], wording[row["category"]]) for row in picked)


def split_questions(qa: Path, split: Literal["dev", "test"], already_asked: int = 40) -> tuple[ClauseQuestion, ...]:
    """For every contract that can be named up to two clauses that it has and one that it has not.

    "dev" is for choosing settings, "test" for reporting: no question is in both, and none of the first
    `already_asked` that `load_questions` gives (they were looked at before) is in "test".
    """
    rows, names, wording = _usable(qa)
    seen = {question.case.id for question in load_questions(qa, already_asked)}
    by_contract: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_contract[row["pdf"]].append(row)
    picked: list[Row] = []
    for pdf in sorted(by_contract):
        for kind, wanted in ((_is_held, HELD_PER_CONTRACT), (_is_absent, ABSENT_PER_CONTRACT)):
            fresh = [row for row in by_contract[pdf] if kind(row) and row["id"] not in seen]
            old = [row for row in by_contract[pdf] if kind(row) and row["id"] in seen]
            test = fresh[:wanted]
            picked += test if split == "test" else [*old, *fresh[wanted:]][:wanted]
    return tuple(_question(row, names[row["pdf"]], wording[row["category"]]) for row in picked)


def contract_names(rows: Iterable[Row]) -> dict[str, str]:
    """`<document name> between <party> and <party>` by PDF name, where the labels give two parties and the name
    fits no other contract."""
    labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row["category"] in {"Document Name", "Parties"} and row["answers"]:
            labels[row["pdf"]][row["category"]] = row["answers"][0]
    names = {}
    for pdf, label in labels.items():
        parties = _parties(label.get("Parties", ""))
        if "Document Name" in label and len(parties) >= 2:
            names[pdf] = f"{_plain_case(label['Document Name'])} between {parties[0]} and {parties[1]}"
    uses = Counter(name.casefold() for name in names.values())
    return {pdf: name for pdf, name in names.items() if uses[name.casefold()] == 1}


def _usable(qa: Path) -> tuple[list[Row], Mapping[str, str], Mapping[str, str]]:
    """Shuffled rows that a question can be made of, names by PDF, and wording by category."""
    rows = [json.loads(line) for line in qa.read_text(encoding="utf-8").splitlines() if line.strip()]
    wording = tomllib.loads(files("evals.datasets").joinpath("cuad_questions.toml").read_text(encoding="utf-8"))
    names = contract_names(rows)
    usable = [row for row in rows if row["category"] in wording and row["pdf"] in names]
    random.Random(SEED).shuffle(usable)
    return usable, names, wording


def _is_held(row: Row) -> bool:
    return bool(row["answerable"] and _pages(row))


def _is_absent(row: Row) -> bool:
    return not row["answerable"]


def _parties(label: str) -> list[str]:
    """The first names in `Party A ("A"); Party B ("B")`, without what stands in brackets."""
    names = (" ".join(_ASIDE.sub(" ", part).split()).strip(" ,.;[]") for part in label.split(";"))
    return list(dict.fromkeys(_plain_case(name) for name in names if re.search("[A-Za-z]{2}", name)))


def _plain_case(name: str) -> str:
    """One line; shouted names in title case."""
    name = _CUT_OFF.sub("", " ".join(name.split()))
    return name.title().replace("'S", "'s") if name.isupper() and len(name) > 8 else name


def _spread(rows: Sequence[Row], count: int, contracts: Counter[str]) -> list[Row]:
    """The first rows that repeat contracts and categories as little as can be."""
    left, picked = list(rows), list[Row]()
    categories: Counter[str] = Counter()
    while left and len(picked) < count:
        row = min(left, key=lambda row: contracts[row["pdf"]] + categories[row["category"]])
        left.remove(row)
        picked.append(row)
        contracts[row["pdf"]] += 1
        categories[row["category"]] += 1
    return picked


def _pages(row: Row) -> list[Row]:
    return [evidence for evidence in row["evidence"] if evidence["page"] is not None]


def _question(row: Row, name: str, wording: str) -> ClauseQuestion:
    contract = SOURCE_PREFIX + row["pdf"]
    case = Case(
        id=row["id"],
        kind=Kind.ANSWERABLE if row["answerable"] else Kind.UNANSWERABLE,
        question=f"In the {name}, {wording}",
        asker=ASKER,
        gold=tuple(Gold(contract, evidence["page"], evidence["text"]) for evidence in _pages(row)),
    )
    return ClauseQuestion(case, contract, row["category"])
