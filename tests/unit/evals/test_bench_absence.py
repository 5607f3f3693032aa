"""Bounds of a proof of absence: chosen at a stated risk, on contracts that are not reported."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from evals.datasets.absence import EACH, ClauseCase, clause_cases, split_of
from evals.suites.absence.fitting import as_toml, fitted, score_of
from generation.absence.types import Presence
from generation.absence.weighing import limits_of


def row(held: bool, relevance: float, answers: float) -> dict[str, Any]:
    return {"held": held, "passages": [{"relevance": relevance, "answers": answers}]}


def rows() -> list[dict[str, Any]]:
    held = [row(True, -6 + 0.1 * at, 0.2 + at / 250) for at in range(150)]
    return held + [row(False, -9 + 0.1 * at, 0.1 + at / 250) for at in range(150)]


def test_no_more_than_the_stated_risk_falls_on_the_wrong_side() -> None:
    limits = fitted(rows(), 0.02)
    said = [(one["held"], limits.presence(score_of(one, limits.weights))) for one in rows()]
    assert sum(held and status is Presence.ABSENT for held, status in said) == 2  # (2 + 1) / 151 <= 0.02
    assert sum(not held and status is Presence.FOUND for held, status in said) == 14  # (14 + 1) / 151 <= 0.1
    assert sum(not held and status is Presence.ABSENT for held, status in said) > 50


def test_too_few_cases_allow_nothing() -> None:
    limits = fitted(
        [row(True, 1.0 + at, 0.9) for at in range(20)] + [row(False, -3.0 - at, 0.1) for at in range(5)], 0.02
    )
    assert (limits.bounds.absent_below, limits.bounds.found_from > 0.999) == (0.0, True)


def test_what_is_written_is_read_again() -> None:
    limits = fitted(rows(), 0.02)
    assert limits_of(tomllib.loads(as_toml(limits, {"reranker": "a@1", "pairs": 300}))) == limits


def test_cases_are_the_same_every_time_and_no_contract_is_in_both_splits(tmp_path: Path) -> None:
    categories = [
        "Insurance",
        "Governing Law",
        "Audit Rights",
        "Exclusivity",
        "Non-Compete",
        "License Grant",
        "Parties",
    ]
    categories += ["Source Code Escrow", "Anti-Assignment", "Change Of Control"]
    told = [
        {
            "pdf": f"{at}.pdf",
            "category": category,
            "answerable": place % 5 > 0,
            "evidence": [{"text": "Such a clause."}],
        }
        for at in range(30)
        for place, category in enumerate(categories)
    ]
    qa = tmp_path / "qa.jsonl"
    qa.write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    splits = {name: clause_cases(qa, name, 5) for name in ("calibration", "test")}
    assert splits["test"] == clause_cases(qa, "test", 5)
    for name, cases in splits.items():
        assert len({case.contract for case in cases}) == 5
        assert {split_of(case.contract) for case in cases} == {name}
        assert all(case.category != "Parties" for case in cases)
        for contract in {case.contract for case in cases}:
            assert sum(case.contract == contract and case.held for case in cases) <= EACH


@pytest.mark.parametrize(
    ("text", "is_in"),
    [
        ("9.2 Insurance. Each Party shall maintain adequate liability insurance at its own cost.", True),
        ("shall maintain adequate liability insurance", True),
        ("Each Party shall pay the other.", False),
        ("", False),
    ],
)
def test_a_passage_holds_what_was_marked(text: str, is_in: bool) -> None:
    case = ClauseCase("a.pdf", "Insurance", "", ("Each Party shall maintain adequate liability insurance.",), True)
    assert case.is_in(text) is is_in
