"""What a container makes of the gate for texts from elsewhere: the very gate of its answers, or one that needs no
language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.bootstrap import Container
from generation.types import Decision, Entailment, Judgement, Limits, Stage, Verdict
from infra.settings import load_settings

RENT = "The rent is 500 euros."


class Unsure:
    name = "unsure"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        return Entailment(0.6, 0.4, 0.0)


class Reranker:
    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        return [-1.0 for _ in texts]


class OfAnswers:
    name = "of answers"

    async def check(self, sentence: str, *given: Any, **named: Any) -> Decision:
        return Decision(sentence, Judgement(Verdict.ENTAILED, 0.7, Stage.SECOND))


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Container]:
    with Container(load_settings(home=tmp_path / "home")) as parts:
        vars(parts).update(judge=Unsure(), limits=Limits(0.9, 0.5, 0.95))
        yield parts
    assert not (tmp_path / "home").exists()  # no database was started


def test_second_is_the_gate_that_answers_go_through(parts: Container) -> None:
    gate = OfAnswers()
    vars(parts)["in_use"] = SimpleNamespace(now=lambda: SimpleNamespace(gate=gate))
    found = parts.faithfulness(second=True)
    assert (found.name, found.check("It is.", RENT).stage) == ("of answers", "second")


def test_alone_it_asks_no_language_model_and_loads_the_cross_encoder_for_questions_only(parts: Container) -> None:
    vars(parts)["in_use"] = None
    gate = parts.faithfulness()
    found = gate.check("The rent amounts to 500 euros.", RENT)
    assert (found.stage, found.verdict, found.support) == ("judge", "neutral", 0.6)  # unsure does not pass
    assert "reranker" not in vars(parts)
    vars(parts)["reranker"] = Reranker()
    assert gate.check("The rent is 500 euros.", RENT, question="Who pays?").stage == "relevance"
