"""The rule of both judges: what it learns, its limit, how it is kept, and that a run goes on."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from generation.gate.limits import load_limits
from generation.prompts import load_prompt
from generation.training.data.judged import Asked, Sentence
from generation.training.data.pairs import split_of
from generation.training.judge.pooled import FITTED, LIMITED, Scored, pool, score, support, write
from generation.types import Entailment, Pooled


def scored(count: int = 400) -> list[Scored]:
    """The language model knows more than the trained judge; contradiction tells little."""
    draw = random.Random(3)
    found = []
    for number in range(count):
        true = number % 2 == 0
        lift = 0.25 if true else -0.25
        entailed, said = (min(max(draw.gauss(0.5 + lift * weight, 0.25), 0.0), 1.0) for weight in (0.4, 1.0))
        split = FITTED if number % 4 < 2 else LIMITED
        found.append(Scored(str(number), split, "far", true, entailed, (1 - entailed) * draw.random(), said))
    return found


def test_the_better_judge_weighs_more_and_the_limit_holds_its_risk() -> None:
    rows = scored()
    found = pool(rows, risk=0.05, alone=2.0)
    assert found.said > found.entailed > 0
    false = [support(found, row) for row in rows if row.split == LIMITED and not row.true]
    assert sum(value >= found.ship for value in false) <= 0.05 * (len(false) + 1) - 1
    sure = pool(rows, risk=0.05, alone=0.6)  # what the judge ships alone is counted: less is left for both
    assert sure.ship > found.ship
    assert sum(support(found, row) >= found.ship for row in rows if row.true) > 0.25 * len(rows) / 2


def test_it_is_kept_beside_the_limits_and_written_again(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import generation.gate.limits as module

    file = tmp_path / "limits.toml"
    file.write_text('judge = "abc"\n\n[profile.local]\nship = 0.9\ngrey = 0.5\nconflict = 0.95\n')
    for ship in (0.7, 0.8):
        write(Pooled(-1.0, 0.3, -0.1, 1.5, ship), "local", 12, file)
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    assert load_limits("local", "abc").pooled == Pooled(-1.0, 0.3, -0.1, 1.5, 0.8)
    assert file.read_text().count("[pooled.local]") == 1
    file.write_text(file.read_text().replace(load_prompt("judge").digest, "another"))
    with pytest.raises(LookupError, match="another prompt"):
        load_limits("local", "abc")


class Flat:
    name = "flat"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        return Entailment(0.4, 0.5, 0.1)


def test_a_run_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    documents = [name for name in map("d{}".format, range(60)) if split_of(name) != "train"]
    sentences = (Sentence("The fee is 5 pounds.", "far", True, "full"), Sentence("It is 6.", "value", False, "full"))
    questions = [Asked("policyqa", name, "", "The fee is 5 pounds.", "What is it?", sentences) for name in documents]
    calls: list[str] = []

    def opinion(evidence: str, claim: str, question: str) -> float:
        calls.append(claim)
        return 0.9

    file = tmp_path / "scores.jsonl"
    first = score(questions, Flat(), opinion, file, 3, lambda _: None)
    asked = len(calls)
    assert first
    assert score(questions, Flat(), opinion, file, 3, lambda _: None) == first
    assert len(calls) == asked
    assert all("6" not in claim for claim in calls)  # the figures stage has it: no judge is asked
