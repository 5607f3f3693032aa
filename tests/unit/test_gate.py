"""The gate withholds what its evidence does not hold, at the cheapest stage that can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from generation.faithfulness import Decision, Gate, YesNoJudge
from generation.prompts import load_prompt
from generation.types import ChatMessage, Verdict

RENT = "Kestrel Ltd shall pay £500 to Heron within 30 days of 1 March 2024. Dogs are welcome."
DOGS = "Cats are welcome too. The kennel fee is £7."


@pytest.fixture
def check(source: Any, context: Any, scorer: Any, judge: Any) -> Any:
    async def checked(sentence: str, *, refused: tuple[str, ...] = (), judges: list[Any] | None = None) -> Decision:
        said = judge(refused)
        if judges is not None:
            judges.append(said)
        shown = context(source(RENT), source(DOGS, name="pets", title="Pets"))
        gate = Gate(said, judge(), scorer)
        return await gate.check(sentence, shown, {1: RENT, 2: DOGS}, "What is the rent?", opening=True)

    return checked


@pytest.mark.parametrize(
    "sentence",
    [
        "Kestrel Ltd pays £500 within 30 days of 1 March 2024 [1].",
        "Kestrel pays 500 within thirty days. [1]",
        "- The kennel fee is **£7** [2].",
    ],
)
async def test_a_supported_sentence_passes_without_its_signs(check: Any, sentence: str) -> None:
    decision = await check(sentence)
    assert decision.judgement.passed
    assert "[" not in decision.text
    assert "*" not in decision.text
    assert decision.evidence


@pytest.mark.parametrize(
    ("sentence", "stage", "reason"),
    [
        ("Kestrel pays £501 within 30 days [1].", "figures", "501"),
        ("Kestrel pays £500 within 31 days [1].", "figures", "31"),
        ("Kestrel pays £500 on 2 March 2024 [1].", "figures", "2024-03-02"),
        ("Kestrel pays £500 on 1 March 2025 [1].", "figures", "2025-03-01"),
        ("Under the lease Osprey pays £500 [1].", "figures", "Osprey"),
        ("Kestrel pays £501 [3].", "figures", "501"),
        ("Kestrel pays £501 [1][9].", "figures", "501"),
        ("Kestrel pays £501.", "figures", "501"),  # no marker: held against the source that fits best
        ("[1]", "marker", "no words"),
        ("--- [1].", "marker", "no words"),
    ],
)
async def test_what_is_not_in_the_cited_evidence_is_withheld_before_any_model_is_asked(
    check: Any, sentence: str, stage: str, reason: str
) -> None:
    judges: list[Any] = []
    decision = await check(sentence, judges=judges)
    assert not decision.judgement.passed
    assert decision.judgement.stage == stage
    assert reason in decision.judgement.reason
    assert decision.evidence == ()
    assert judges[0].pairs == []


async def test_the_judge_has_the_last_word_and_sees_evidence_first_claim_second(check: Any) -> None:
    judges: list[Any] = []
    decision = await check("Dogs are forbidden [1].", refused=("forbidden",), judges=judges)
    assert decision.judgement.verdict is Verdict.NEUTRAL
    narrow, wide, elsewhere = judges[0].pairs
    assert narrow == ("Lease\nDogs are welcome.", "Dogs are forbidden.")
    assert wide == (f"Lease\n{RENT}", "Dogs are forbidden.")
    assert elsewhere[0].startswith("Pets\n")


async def test_the_narrow_quote_wins_where_it_suffices(check: Any) -> None:
    decision = await check("Dogs are welcome [1].")
    assert [item.quote for item in decision.evidence] == ["Dogs are welcome."]


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [("Dogs are welcome.", "Dogs are welcome."), ("Cats are welcome too.", "Cats are welcome too.")],
)
async def test_a_sentence_without_a_marker_is_attributed_to_the_source_that_fits_best(
    check: Any, sentence: str, quote: str
) -> None:
    assert [item.quote for item in (await check(sentence)).evidence] == [quote]
    assert not (await check(sentence, refused=("welcome",))).judgement.passed


async def test_a_true_sentence_with_the_wrong_marker_is_moved_to_the_source_that_supports_it(check: Any) -> None:
    decision = await check("The kennel fee is £7 [1].")
    assert decision.judgement.passed
    assert [(item.passage.marker, item.quote) for item in decision.evidence] == [(2, "The kennel fee is £7.")]
    assert not (await check("The kennel fee is £7 [1].", refused=("kennel",))).judgement.passed


@pytest.mark.parametrize("sentence", ["Dogs are welcome [3].", "Dogs are welcome [1][9].", "Dogs are welcome [0]."])
async def test_an_unknown_marker_never_ships(check: Any, sentence: str) -> None:
    decision = await check(sentence)
    assert [(item.passage.marker, item.quote) for item in decision.evidence] == [(1, "Dogs are welcome.")]


async def test_a_sentence_with_two_markers_rests_on_both(check: Any) -> None:
    judges: list[Any] = []
    decision = await check("Dogs are welcome and the kennel fee is £7 [1, 2].", judges=judges)
    assert decision.judgement.passed
    assert [item.passage.marker for item in decision.evidence] == [1, 2]
    assert judges[0].pairs[0][0] == "Lease\nDogs are welcome.\n\nPets\nThe kennel fee is £7."


class FirstToken:
    """A chat model that knows only how it would begin."""

    name, adapter = "tiny", ""

    def __init__(self, **tokens: float) -> None:
        self.tokens = tokens
        self.asked: list[Sequence[ChatMessage]] = []

    def stream(self, messages: Sequence[ChatMessage], **_: Any) -> Any:
        raise NotImplementedError

    async def first_token(self, messages: Sequence[ChatMessage], **_: Any) -> Mapping[str, float]:
        self.asked.append(messages)
        return self.tokens


@pytest.mark.parametrize(
    ("tokens", "support", "passed"),
    [
        ({"Yes": 0.6, "No": 0.2, "The": 0.2}, 0.75, True),
        ({" yes": 0.1, "Yes": 0.2, "No": 0.3}, 0.5, True),
        ({"Yes": 0.49, "No": 0.51}, 0.49, False),
        ({"Maybe": 1.0}, 0.0, False),
        ({}, 0.0, False),
    ],
)
async def test_the_yes_no_judge_weighs_yes_against_no(tokens: dict[str, float], support: float, passed: bool) -> None:
    model = FirstToken(**tokens)
    judgement = await YesNoJudge(model, load_prompt("judge"), threshold=0.5).judge("{E}", "{claim}", question="Q?")
    assert judgement.support == pytest.approx(support)
    assert judgement.passed is passed
    user = model.asked[0][-1].content
    assert "{E}" in user
    assert "{claim}" in user  # braces of the text are no blanks
