"""The selector that ships, on sentences written for this test: its weights, tokenizer and the profile's limit together."""

from __future__ import annotations

import json

import pytest

from generation.gate.nli import PairClassifier
from generation.gate.selector import AnswerSelector
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
from infra.settings import load_settings

pytestmark = pytest.mark.models

RENT = "The rent of Unit 7 is 500 euros per month."
NOTICE = "Either party may end this Agreement by giving the other three months' notice in writing."
KEEPING = "Records of every delivery are kept for seven years."


@pytest.fixture(scope="module")
def selector() -> AnswerSelector:
    folder = ModelStore(default_cache_dir(), Manifest.load()).path("footnote-selector-small")
    temperature = json.loads((folder / "config.json").read_text("utf-8"))["temperature"]
    encoder = OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")
    return AnswerSelector(PairClassifier(encoder, name="s", temperature=temperature))


@pytest.mark.parametrize(
    ("question", "sentence", "answers"),
    [
        ("What is the rent of Unit 7?", RENT, True),
        ("How can this agreement be ended?", NOTICE, True),
        ("For how long are records of deliveries kept?", KEEPING, True),
        ("What is the rent of Unit 8?", RENT, False),
        ("How high is the deposit for Unit 7?", RENT, False),
        ("Who has to be told if this agreement is assigned?", NOTICE, False),
        ("Who keeps the records of deliveries?", KEEPING, False),
    ],
)
def test_what_answers_may_open_and_what_is_merely_about_it_may_not(
    selector: AnswerSelector, question: str, sentence: str, answers: bool
) -> None:
    assert (selector.answers(question, sentence, "Lease") >= load_settings().quote_from) == answers
