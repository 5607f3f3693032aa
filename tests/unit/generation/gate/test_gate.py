"""The gate withholds what its evidence does not hold, at the cheapest stage that can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from generation.errors import GeneratorRejected
from generation.gate.gate import CascadeGate
from generation.gate.relevance import Relevance
from generation.gate.yes_no import YesNoJudge
from generation.prompts import load_prompt
from generation.types import ChatMessage, Decision, Entailment, Limits, Pooled, Reading, Verdict

RENT = "Kestrel Ltd shall pay £500 to Heron within 30 days of 1 March 2024. Dogs are welcome."
DOGS = "Cats are welcome too. The kennel fee is £7."
QUESTION = "What is the rent?"
LIMITS = Limits(ship=0.9, grey=0.5, conflict=0.95)


@dataclass
class RuledModel:
    """Implements `EntailmentModel`: a claim that holds a word of `unsure` has support .7, one of `denied` .1 and is
    contradicted; any other is entailed by a text that holds all its longer words."""

    denied: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    name: str = "ruled"
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def entailment(self, evidence: str, claim: str) -> Entailment:
        self.pairs.append((evidence, claim))
        if any(word in claim for word in self.denied):
            return Entailment(0.01, 0.01, 0.98)
        if any(word in claim for word in self.unsure):
            return Entailment(0.7, 0.2, 0.1)
        words = [word.strip(".,").lower() for word in claim.split()]
        held = all(word[:4] in evidence.lower() for word in words if word.isalpha() and len(word) > 3)
        return Entailment(0.97, 0.02, 0.01) if held else Entailment(0.02, 0.97, 0.01)


@pytest.fixture
def check(source: Any, context: Any) -> Any:
    async def checked(
        sentence: str,
        *,
        model: RuledModel | None = None,
        opening: bool = True,
        limits: Limits = LIMITS,
        question: str = QUESTION,
        **judges: Any,
    ) -> Decision:
        shown = context(source(RENT), source(DOGS, name="pets", title="Pets"))
        gate = CascadeGate(model or RuledModel(), limits, **judges)
        return await gate.check(sentence, shown, {1: RENT, 2: DOGS}, question, opening=opening)

    return checked


@pytest.mark.parametrize(
    "sentence",
    [
        "Kestrel Ltd shall pay £500 within 30 days of 1 March 2024 [1].",
        "Kestrel shall pay 500 within 30 days. [1]",
        "- The fee for kennels is **£7** [2].",
    ],
)
async def test_a_supported_sentence_passes_without_its_signs(check: Any, sentence: str) -> None:
    decision = await check(sentence)
    assert decision.judgement.passed
    assert decision.judgement.stage == "judge"
    assert "[" not in decision.text
    assert "*" not in decision.text
    assert decision.evidence
    assert not decision.moved
    assert decision.checks == (("marker", False), ("figures", False), ("judge", False))


@pytest.mark.parametrize(
    ("sentence", "stage", "reason"),
    [
        ("Kestrel pays £501 within 30 days [1].", "figures", "501"),
        ("Kestrel pays £500 within 31 days [1].", "figures", "31"),
        ("Kestrel pays £500 within 30 months [1].", "figures", "30 months"),
        ("Kestrel pays £500 on 2 March 2024 [1].", "figures", "2024-03-02"),
        ("Kestrel pays £500 on 1 March 2025 [1].", "figures", "2025-03-01"),
        ("Under the lease Osprey pays £500 [1].", "figures", "Osprey"),
        ("Kestrel pays £501 [3].", "figures", "501"),
        ("Kestrel pays £501 [1][9].", "figures", "501"),
        ("Kestrel pays £501.", "figures", "501"),  # no marker: held against every source
        ("[1]", "marker", "no words"),
        ("--- [1].", "marker", "no words"),
    ],
)
async def test_what_is_not_in_the_evidence_is_withheld_before_any_model_is_asked(
    check: Any, sentence: str, stage: str, reason: str
) -> None:
    model = RuledModel()
    decision = await check(sentence, model=model)
    assert not decision.judgement.passed
    assert decision.judgement.stage == stage
    assert reason in decision.judgement.reason
    assert decision.evidence == ()
    assert decision.checks[-1] == (stage, True)
    assert model.pairs == []


async def test_the_judge_sees_evidence_first_and_claim_second(check: Any) -> None:
    model = RuledModel(denied=("forbidden",))
    decision = await check("Dogs are forbidden [1].", model=model)
    assert decision.judgement.verdict is Verdict.CONTRADICTED
    assert decision.evidence == ()
    assert decision.checks[-1] == ("judge", True)
    assert model.pairs[0] == ("Lease\nDogs are welcome.", "Dogs are forbidden.")
    assert any(evidence.startswith("Pets\n") for evidence, _ in model.pairs)  # the other source was tried, too


async def test_the_narrow_quote_wins_where_it_suffices(check: Any) -> None:
    assert [item.quote for item in (await check("Dogs are welcome [1].")).evidence] == ["Dogs are welcome."]


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [("Dogs are welcome.", "Dogs are welcome."), ("Cats, too, are welcome.", "Cats are welcome too.")],
)
async def test_a_sentence_without_a_marker_is_attributed_to_the_source_that_supports_it(
    check: Any, sentence: str, quote: str
) -> None:
    decision = await check(sentence)
    assert [item.quote for item in decision.evidence] == [quote]
    assert not decision.moved
    assert not (await check(sentence, model=RuledModel(denied=("welcome",)))).judgement.passed


async def test_a_true_sentence_with_the_wrong_marker_is_moved_to_the_source_that_supports_it(check: Any) -> None:
    decision = await check("The fee for kennels is £7 [1].")
    assert decision.judgement.passed
    assert decision.moved
    assert [(item.passage.marker, item.quote) for item in decision.evidence] == [(2, "The kennel fee is £7.")]
    assert not (await check("The fee for kennels is £7 [1].", model=RuledModel(denied=("kennel",)))).judgement.passed


@pytest.mark.parametrize(("cited", "moved"), [(" [2]", False), (" [1]", True), ("", False)])
async def test_a_source_in_its_own_words_needs_no_judge(check: Any, cited: str, moved: bool) -> None:
    decision = await check(f"The kennel fee is £7{cited}.", model=RuledModel(denied=("kennel",)))
    assert (decision.judgement.passed, decision.judgement.stage, decision.moved) == (True, "verbatim", moved)
    assert [(item.passage.marker, item.quote) for item in decision.evidence] == [(2, "The kennel fee is £7.")]
    assert decision.checks == (("marker", False), ("verbatim", False))


async def test_a_source_in_its_own_words_still_has_to_answer(check: Any, judge: Any) -> None:
    decision = await check("The kennel fee is £7 [2].", relevance=judge(("kennel",)))
    assert (decision.judgement.passed, decision.judgement.stage) == (False, "relevance")


@pytest.mark.parametrize("sentence", ["Dogs are welcome [3].", "Dogs are welcome [1][9].", "Dogs are welcome [0]."])
async def test_an_unknown_marker_never_ships(check: Any, sentence: str) -> None:
    decision = await check(sentence)
    assert [(item.passage.marker, item.quote) for item in decision.evidence] == [(1, "Dogs are welcome.")]


async def test_each_claim_of_a_sentence_needs_its_own_evidence(check: Any) -> None:
    decision = await check("Dogs are welcome and the kennel fee is £7 [1, 2].")
    assert decision.judgement.passed
    assert [item.quote for item in decision.evidence] == ["Dogs are welcome.", "The kennel fee is £7."]
    half = await check("Dogs are welcome and the kennel has a heated floor [1, 2].")
    assert not half.judgement.passed
    assert half.checks.count(("judge", True)) == 1


async def test_a_claim_may_rest_on_sentences_of_two_sources_together(check: Any) -> None:
    decision = await check("Dogs and the kennel fee are welcome [1, 2].")
    assert decision.judgement.passed
    assert {item.passage.marker for item in decision.evidence} == {1, 2}


async def test_an_opening_sentence_has_to_answer_the_question(check: Any, judge: Any) -> None:
    aside = judge(("welcome",))
    decision = await check("Dogs are welcome [1].", relevance=aside)
    assert (decision.judgement.stage, decision.judgement.passed) == ("relevance", False)
    assert (await check("Dogs are welcome [1].", relevance=aside, opening=False)).judgement.passed


async def test_in_the_grey_zone_the_second_judge_decides(check: Any, judge: Any) -> None:
    unsure = RuledModel(unsure=("welcome",))
    alone = await check("Dogs are welcome [1].", model=unsure)
    assert (alone.judgement.stage, alone.judgement.passed) == ("judge", False)
    agreed = await check("Dogs are welcome [1].", model=unsure, second=judge())
    assert (agreed.judgement.stage, agreed.judgement.passed) == ("second", True)
    assert agreed.judgement.support == pytest.approx(0.7)
    assert agreed.checks[-2:] == (("judge", False), ("second", False))
    refused = await check("Dogs are welcome [1].", model=unsure, second=judge(("Dogs",)))
    assert (refused.judgement.stage, refused.judgement.passed) == ("second", False)
    assert ("second", True) in refused.checks


@dataclass
class Knowing:
    """Implements `Reader`: what it understands is given, the same of every claim."""

    supported: float = 0.99
    answers: float = 0.9
    name: str = "knowing"
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def read(self, evidence: str, claim: str, question: str) -> Reading:
        self.asked.append((evidence, claim, question))
        return Reading(self.supported, self.answers)


POOLED = Pooled(bias=-1.0, entailed=0.3, contradicted=-0.1, said=1.0, ship=0.8, answers=0.3, alone=0.9)
BOTH = replace(LIMITS, pooled=POOLED)


async def test_a_paraphrase_ships_on_what_reader_and_judge_say_together(check: Any) -> None:
    sure, unsure = Knowing(), Knowing(0.6)
    shipped = await check("Hounds may come along [1].", reader=sure, limits=BOTH)
    assert (shipped.judgement.stage, shipped.judgement.passed) == ("second", True)
    assert shipped.judgement.support == pytest.approx(POOLED.support(Entailment(0.02, 0.97, 0.01), 0.99))
    assert sure.asked[0][1:] == ("Hounds may come along.", QUESTION)
    assert len(sure.asked) == 1  # one reading tells both
    assert shipped.checks == (
        ("marker", False), ("figures", False), ("judge", False), ("second", False), ("relevance", False),
    )  # fmt: skip
    withheld = await check("Hounds may come along [1].", reader=unsure, limits=BOTH)
    assert (withheld.judgement.stage, withheld.judgement.passed) == ("second", False)
    assert not (await check("Hounds may come along [1].", limits=BOTH)).judgement.passed


async def test_the_judge_alone_does_not_pass_what_the_reader_denies(check: Any) -> None:
    assert (await check("The fee for kennels is £7 [2].", limits=BOTH)).judgement.passed
    denied = await check("The fee for kennels is £7 [2].", reader=Knowing(0.01), limits=BOTH)
    assert (denied.judgement.stage, denied.judgement.passed) == ("second", False)


async def test_the_reader_is_not_asked_of_what_the_figures_keep_back(check: Any) -> None:
    reader = Knowing()
    decision = await check("The fee for kennels is £8 [2].", reader=reader, limits=BOTH)
    assert (decision.judgement.stage, reader.asked) == ("figures", [])


@pytest.mark.parametrize("sentence", ["Hounds may come along [1].", "The kennel fee is £7 [2]."])
async def test_an_opening_sentence_has_to_answer_in_the_readers_eyes(check: Any, sentence: str) -> None:
    """A quotation too, which nobody else looks at."""
    aside = Knowing(answers=0.2)
    decision = await check(sentence, reader=aside, limits=BOTH)
    assert (decision.judgement.stage, decision.judgement.passed) == ("relevance", False)
    assert decision.checks[-1] == ("relevance", True)
    assert (await check(sentence, reader=aside, limits=BOTH, opening=False)).judgement.passed
    assert (await check(sentence, reader=Knowing(), limits=BOTH)).judgement.passed


async def test_a_sentence_of_two_claims_answers_as_a_whole(check: Any) -> None:
    reader = Knowing()
    await check("Dogs are welcome and the fee for kennels is £7 [1, 2].", reader=reader, limits=BOTH)
    assert [claim for _, claim, _ in reader.asked][-1] == "Dogs are welcome and the fee for kennels is £7."
    assert len(reader.asked) == 3
    assert "Dogs are welcome." in reader.asked[-1][0]
    assert "kennel fee is £7" in reader.asked[-1][0]


async def test_a_reader_takes_the_place_of_the_yes_or_no(check: Any, judge: Any) -> None:
    relevance, second = judge(("welcome",)), judge()
    unsure = RuledModel(unsure=("welcome",))
    both = {"relevance": relevance, "second": second}
    decision = await check("Dogs are welcome [1].", model=unsure, reader=Knowing(), limits=BOTH, **both)
    assert decision.judgement.passed
    assert relevance.pairs == second.pairs == []


async def test_the_reader_sees_the_yes_or_no_that_a_claim_is_stripped_of(check: Any) -> None:
    reader = Knowing()
    await check("Yes, dogs are welcome [1].", reader=reader, limits=BOTH)
    assert [claim for _, claim, _ in reader.asked] == ["Yes, dogs are welcome."]


async def test_what_the_judge_is_sure_that_the_evidence_denies_does_not_ship(check: Any) -> None:
    decision = await check("Dogs may come [1].", model=RuledModel(denied=("come",)), reader=Knowing(1.0), limits=BOTH)
    assert (decision.judgement.verdict, decision.judgement.passed) == ("contradicted", False)


async def test_each_of_several_claims_needs_the_surer_reader(check: Any) -> None:
    both = "Hounds may come along and the fee for kennels is £7 [1, 2]."
    assert not (await check(both, reader=Knowing(0.97), limits=BOTH)).judgement.passed
    assert (await check(both, reader=Knowing(0.9999), limits=BOTH)).judgement.passed


async def test_what_need_not_answer_needs_a_surer_reader(check: Any) -> None:
    """No answer judge looks at it: one without a question, or after the opening."""
    claim, between = "Hounds may come along [1].", Knowing(0.97)
    assert POOLED.ship < POOLED.support(Entailment(0.02, 0.97, 0.01), 0.97) < POOLED.alone
    assert (await check(claim, reader=between, limits=BOTH)).judgement.passed
    assert not (await check(claim, reader=between, limits=BOTH, opening=False)).judgement.passed
    assert not (await check(claim, reader=between, limits=BOTH, question=" ")).judgement.passed
    sure = Knowing(0.9999)
    assert (await check(claim, reader=sure, limits=BOTH, opening=False)).judgement.passed
    assert (await check(claim, reader=sure, limits=BOTH, question=" ")).judgement.passed
    assert [question for *_, question in sure.asked] == [QUESTION, ""]


class TooLong:
    name = "short"

    async def read(self, evidence: str, claim: str, question: str) -> Reading:
        raise GeneratorRejected("the request exceeds the available context size: 5000 tokens of 4096")


async def test_what_is_too_long_to_be_read_is_withheld_and_nothing_else_is_lost(check: Any) -> None:
    for sentence, stage in (("Hounds may come along [1].", "second"), ("The kennel fee is £7 [2].", "relevance")):
        decision = await check(sentence, reader=TooLong(), limits=BOTH)
        assert (decision.judgement.stage, decision.judgement.passed) == (stage, False)


@pytest.fixture
def instead(source: Any, context: Any) -> Any:
    async def asked(sentence: str, limits: Limits = BOTH, question: str = QUESTION, **judges: Any) -> Decision | None:
        shown = context(source(RENT), source(DOGS, name="pets", title="Pets"))
        return await CascadeGate(RuledModel(), limits, **judges).instead(sentence, shown, {1: RENT, 2: DOGS}, question)

    return asked


async def test_in_the_place_of_a_sentence_that_failed_stands_its_source_if_that_answers(instead: Any) -> None:
    reader = Knowing(supported=0.0)
    said = await instead("Keeping hounds in the kennels costs £7 as a fee [1].", reader=reader)
    assert (said.text, said.judgement.passed, said.judgement.stage) == ("The kennel fee is £7.", True, "verbatim")
    assert [item.passage.marker for item in said.evidence] == [2]
    assert [claim for _, claim, _ in reader.asked] == ["The kennel fee is £7."]
    beside = await instead("Keeping hounds in the kennels costs £7 as a fee [1].", reader=Knowing(answers=0.2))
    assert (beside.judgement.passed, beside.judgement.stage, beside.evidence) == (False, "relevance", ())


async def test_nobody_but_a_reader_finds_what_a_sentence_was_drawn_from(instead: Any, judge: Any) -> None:
    claim = "Keeping hounds in the kennels costs £7 as a fee [1]."
    assert await instead(claim, LIMITS, relevance=judge(), second=judge()) is None
    assert await instead(claim, reader=Knowing(), question=" ") is None
    assert await instead("Keeping hounds in the kennels costs £8 as a fee [1].", reader=Knowing()) is None


def test_a_reader_needs_weights_and_is_named() -> None:
    with pytest.raises(ValueError, match="weights"):
        CascadeGate(RuledModel(), LIMITS, reader=Knowing())
    assert CascadeGate(RuledModel(), BOTH, reader=Knowing()).name.endswith("pooled@-1/0.3/-0.1/1/0.8/0.3/0.9 knowing")


def test_both_judges_move_the_support_and_extremes_do_not_break_it() -> None:
    assert POOLED.support(Entailment(0.0, 1.0, 0.0), 0.0) < POOLED.support(Entailment(0.5, 0.5, 0.0), 0.0)
    assert POOLED.support(Entailment(0.5, 0.5, 0.0), 0.2) < POOLED.support(Entailment(0.5, 0.5, 0.0), 0.9) < 1.0


async def test_outside_the_grey_zone_no_second_judge_is_asked(check: Any, judge: Any) -> None:
    second = judge()
    await check("Dogs are welcome [1].", second=second)
    await check("Dogs are sold at noon [1].", second=second)
    assert second.pairs == []


async def test_another_document_that_says_the_opposite_is_found(source: Any, context: Any) -> None:
    old = "The kennel fee is £9."
    shown = context(source(DOGS, name="pets", title="Pets"), source(old, name="old", title="Old"))
    texts = {1: DOGS, 2: old}
    gate = CascadeGate(RuledModel(), LIMITS)
    decision = await gate.check("The kennel fee is £7 [1].", shown, texts, QUESTION, opening=False)
    assert await gate.conflict(decision, shown) is None  # not contradicted by the model's word
    against = CascadeGate(RuledModel(denied=("kennel",)), LIMITS)
    found = await against.conflict(decision, shown)
    assert found is not None
    assert (found.passage.marker, found.quote) == (2, old)


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


async def test_relevance_asks_an_llm_only_where_the_encoder_is_unsure(scorer: Any, judge: Any) -> None:
    second = judge(("cats",))
    relevance = Relevance(scorer, sure=2.0, beside=1.0, second=second)
    question = "what is the rent"
    assert (await relevance.judge("", "the rent is due", question=question)).passed
    assert not (await relevance.judge("", "dogs bark", question=question)).passed
    assert second.pairs == []
    assert (await relevance.judge("", "rent rises", question=question)).passed
    assert not (await relevance.judge("", "cats pay rent", question=question)).passed
    assert len(second.pairs) == 2
    assert not (await Relevance(scorer, sure=2.0, beside=1.0, second=None).judge("", "rent", question=question)).passed


async def test_a_short_reply_is_read_under_the_heading_of_what_it_cites(scorer: Any) -> None:
    relevance = Relevance(scorer, sure=2.0, beside=2.0, second=None)
    assert not (await relevance.judge("", "500 euros", question="what is the rent")).passed
    assert (await relevance.judge("what rent\n", "500 euros", question="what is the rent")).passed
