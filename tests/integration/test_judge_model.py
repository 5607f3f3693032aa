"""The judge that ships, on sentences written for this test: its weights, tokenizer, temperature and limits together."""

from __future__ import annotations

import json

import pytest

from generation.gate.checking import Checker
from generation.gate.limits import load_limits
from generation.gate.nli import NliJudge, PairClassifier
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir

pytestmark = pytest.mark.models

KEEPING = "Records of every delivery are kept for seven years. The keeper destroys them within a month after that."
CLAUSE = "Lease > 4 Rent\nThe tenant shall pay the rent to the landlord in advance. The landlord shall not raise it before the third year."
DOSE = "Patients over 65 receive half of the usual dose. The dose must not be repeated on the same day."


@pytest.fixture(scope="module")
def model() -> NliJudge:
    folder = ModelStore(default_cache_dir(), Manifest.load()).path("footnote-judge-small")
    temperature = json.loads((folder / "config.json").read_text("utf-8"))["temperature"]
    encoder = OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json")
    return NliJudge(PairClassifier(encoder, name="j", temperature=temperature))


@pytest.fixture(scope="module")
def checker(model: NliJudge) -> Checker:
    return Checker(model, load_limits("local", Manifest.load().model("footnote-judge-small").file("model.onnx").sha256))


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (KEEPING, "Records of every delivery are kept for seven years."),
        (KEEPING, "According to the document, records of every delivery are kept for 7 years."),
        (CLAUSE, "The tenant must pay the rent to the landlord in advance."),
        (CLAUSE, "The landlord shall not raise it before the third year."),
        (DOSE, "Patients over 65 receive half of the usual dose."),
    ],
)
def test_what_the_evidence_says_passes(checker: Checker, evidence: str, sentence: str) -> None:
    assert checker.check(sentence, evidence).passed


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (KEEPING, "Records of every delivery are kept for eight years."),  # number
        (KEEPING, "Records of every delivery are not kept for seven years."),  # negation added
        (CLAUSE, "The landlord shall raise it before the third year."),  # negation dropped
        (DOSE, "The dose may be repeated on the same day."),
        (DOSE, "Records of every delivery are kept for seven years."),  # evidence of another document
        (
            "Half of the usual dose.",
            "Patients over 65 receive half of the usual dose.",
        ),  # premise and hypothesis swapped
        (KEEPING, "Records of every delivery are kept for seven years because the tax office asks for them."),  # half
    ],
)
def test_what_the_evidence_does_not_say_is_caught(checker: Checker, evidence: str, sentence: str) -> None:
    assert not checker.check(sentence, evidence).passed


def test_evidence_and_claim_are_not_exchangeable(model: NliJudge) -> None:
    narrow, wide = "Patients over 65 receive half of the usual dose.", DOSE
    assert model.entailment(wide, narrow).entailed > 0.8 > model.entailment(narrow, wide).entailed


def test_a_pair_is_judged_by_itself(model: NliJudge) -> None:
    alone = model.entailment(DOSE, "The dose must not be repeated on the same day.")
    model.entailment(KEEPING, "Something else altogether.")
    assert model.entailment(DOSE, "The dose must not be repeated on the same day.") == alone
    assert alone.entailed + alone.neutral + alone.contradicted == pytest.approx(1)
