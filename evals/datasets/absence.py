"""Which contracts of CUAD v1 (Hendrycks et al. 2021, arXiv 2103.06268) have which clauses, described as a lawyer would,
split by contract: one half to choose bounds by, one half to report."""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

from evals.metrics.matching import tokens

Split = Literal["calibration", "test"]
EACH = 6  # clauses that a contract has, and as many that it has not, at most
_SAME_WORDS = 0.7  # of a labelled clause's words, from which a passage counts as holding it


@dataclass(frozen=True, slots=True)
class ClauseCase:
    """`clause`: the description. `quotes`: what the experts marked, none where the contract has no such clause."""

    contract: str
    category: str
    clause: str
    quotes: tuple[str, ...]
    held: bool

    def is_in(self, text: str) -> bool:
        """Whether the words of a passage are those that an expert marked, or part of them."""
        own = set(tokens(text))
        return any(_shared(set(tokens(quote)), own) >= _SAME_WORDS for quote in self.quotes)


def split_of(contract: str) -> Split:
    """By a hash of the contract's name, so that no contract is in both."""
    return "calibration" if int(_hash(contract)[:2], 16) % 2 == 0 else "test"


def clause_cases(qa: Path, split: Split, contracts: int) -> tuple[ClauseCase, ...]:
    """Up to twelve cases of each of the first `contracts` contracts of a split, both in an order by hash, so the same
    ones every time."""
    clauses = tomllib.loads(files("evals.datasets").joinpath("absence_clauses.toml").read_text(encoding="utf-8"))
    by_contract: defaultdict[str, list[ClauseCase]] = defaultdict(list)
    for line in qa.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["category"] in clauses and split_of(row["pdf"]) == split:
            quotes = tuple(one["text"] for one in row["evidence"])
            case = ClauseCase(row["pdf"], row["category"], clauses[row["category"]], quotes, row["answerable"])
            by_contract[row["pdf"]].append(case)
    chosen = sorted(by_contract, key=_hash)[:contracts]
    return tuple(case for contract in chosen for case in _spread(by_contract[contract]))


def _spread(cases: Sequence[ClauseCase]) -> list[ClauseCase]:
    ordered = sorted(cases, key=lambda case: _hash(case.contract + case.category))
    return [case for held in (True, False) for case in [one for one in ordered if one.held is held][:EACH]]


def _shared(quote: set[str], own: set[str]) -> float:
    """The share of the smaller one's words that both have."""
    return len(quote & own) / max(1, min(len(quote), len(own)))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
