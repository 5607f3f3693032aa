"""Where the language model reads for the gate: only with heads that were fitted on its very states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from api.wiring import answering
from generation.gate.reader import PROMPT, Heads, StateReader, asked, shipped_heads
from generation.prompts import load_prompt
from infra.models.manifest import Manifest


class Model:
    name = "tiny"

    def __init__(self, *, tells_states: bool = True) -> None:
        self.tells_states = tells_states
        self.asked: list[Any] = []

    async def states(self, messages: Any, since: str) -> list[float]:
        assert messages[-1].content.endswith(since)
        assert since.startswith("Claim: ")
        self.asked = list(messages)
        return [1.0, 2.0]


class Spoken:
    def __init__(self, weights: str, model: Model) -> None:
        self.weights, self.model = weights, model

    def base(self, slot: int) -> Model:
        return self.model


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> Heads:
    weights = np.array([[1.0, -1.0], [0.0, 2.0]], np.float32)
    made = Heads(weights, np.array([0.5, -4.0], np.float32), "abc", load_prompt(PROMPT).digest, "d" * 64)
    monkeypatch.setattr(answering, "shipped_heads", lambda: made)
    return made


async def test_its_state_after_evidence_question_and_claim_is_read(heads: Heads) -> None:
    model = Model()
    reader = answering.reader(Spoken("abc", model))  # type: ignore[arg-type]
    assert reader is not None
    found = await reader.read("The fee is {5}.", "It is 5.", "What is the fee?")
    assert found.supported == pytest.approx(1 / (1 + np.exp(0.5)))
    assert found.answers == pytest.approx(0.5)
    last = model.asked[-1].content
    assert last.index("The fee is {5}.") < last.index("What is the fee?") < last.index("It is 5.")
    assert reader.name == f"tiny:reader@{heads.prompt[:12]}:{'d' * 12}"


async def test_the_claim_is_found_whatever_words_are_in_it(heads: Heads) -> None:
    messages, since = asked(load_prompt(PROMPT), "The fee is 5.", "Under Claim: the fee is {5}.", "What is the fee?")
    assert since == "Claim: Under Claim: the fee is {5}."
    assert messages[-1].content.endswith(since)


def test_heads_of_another_prompt_are_not_used(heads: Heads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "shipped_heads", lambda: replace(heads, prompt="other"))
    assert answering.reader(Spoken("abc", Model())) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("weights", "tells"), [("another", True), ("", True), ("abc", False)])
def test_another_model_or_server_has_no_reader(heads: Heads, weights: str, tells: bool) -> None:
    assert answering.reader(Spoken(weights, Model(tells_states=tells))) is None  # type: ignore[arg-type]


def test_the_shipped_heads_are_of_the_shipped_generator_and_prompt() -> None:
    """Other weights, or another prompt, need heads of their own: `footnote gate read`."""
    heads = shipped_heads()
    generators = [model for model in Manifest.load().models if model.name == "Qwen2.5-Coder-1.5B-Instruct"]
    assert heads.generator in {file.sha256 for model in generators for file in model.files}
    assert heads.prompt == load_prompt(PROMPT).digest
    assert heads.weights.shape == (2, 2 * 1536)
    assert isinstance(StateReader(Model(), load_prompt(PROMPT), heads).name, str)
