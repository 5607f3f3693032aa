"""What the gate was not measured in does not pass it, and is never called entailed."""

from __future__ import annotations

from typing import Any

import pytest

from generation.gate.claims import sentence_spans
from generation.gate.gate import CascadeGate
from generation.types import Decision, Entailment, Judgement, Limits, Stage, Verdict

MIETE = "Die Miete beträgt 500 Euro im Monat und ist am dritten Werktag eines jeden Monats fällig."
RENT = "The rent is £500 per month. Dogs are welcome."


class Sure:
    """A judge to whom everything is entailed."""

    name = "sure"

    def entailment(self, premise: str, hypothesis: str) -> Entailment:
        return Entailment(0.99, 0.01, 0.0)


@pytest.fixture
def check(source: Any, context: Any) -> Any:
    async def checked(sentence: str, text: str) -> Any:
        gate = CascadeGate(Sure(), Limits(0.8, 0.5, 0.9))
        return await gate.check(sentence, context(source(text)), {1: text}, "What is the rent?", opening=True)

    return checked


@pytest.mark.parametrize(
    "sentence", ["Die Miete beträgt 500 Euro im Monat [1].", f"{MIETE} [1]", "The rent is 500 Euro per month [1]."]
)
async def test_words_and_evidence_in_another_language_are_withheld(check: Any, sentence: str) -> None:
    decision = await check(sentence, MIETE)
    assert (decision.judgement.stage, decision.judgement.verdict) == (Stage.LANGUAGE, Verdict.NEUTRAL)
    assert decision.judgement.reason == "the gate was not measured in German"
    assert decision.evidence == ()
    assert decision.checks[-1] == (Stage.LANGUAGE, True)


async def test_words_in_another_language_are_withheld_whatever_they_rest_on(check: Any) -> None:
    decision = await check("Die Miete beträgt 500 Euro im Monat [1].", "The rent is 500 Euro per month, dogs or not.")
    assert decision.judgement.stage is Stage.LANGUAGE


MIXED = (
    "The lease ends in May and the tenant shall leave the rooms as they were. The charges of the house are these, "
    "and they are due each month with the rent, as the landlord has said from the first day.\n\n"
    "Posten | Betrag | Fällig\nHausmeister | 310,20 | am ersten Werktag\nWasser | 98,10 | am dritten Werktag"
)


async def test_a_row_is_in_the_language_of_its_table(check: Any) -> None:
    """Its own words are too few to tell, and the passage around it is English."""
    decision = await check("Item Wasser: Betrag = 98,10 [1].", MIXED)
    assert decision.judgement.stage is Stage.LANGUAGE
    assert (await check("The lease ends in May [1].", MIXED)).judgement.passed


async def test_no_sentence_in_another_language_is_told_as_a_conflict(source: Any, context: Any) -> None:
    class Opposed(Sure):
        def entailment(self, premise: str, hypothesis: str) -> Entailment:
            return Entailment(0.0, 0.01, 0.99)

    gate = CascadeGate(Opposed(), Limits(0.8, 0.5, 0.9))
    said = Decision("The rent is 500 Euro.", Judgement(Verdict.ENTAILED, 1.0, Stage.JUDGE), ())
    english, german = source("The rent is 700 Euro.", name="other"), source("Die Miete beträgt 700 Euro.", name="miete")
    assert await gate.conflict(said, context(english)) is not None
    assert await gate.conflict(said, context(german)) is None


async def test_english_passes_as_before_and_leaves_no_trace(check: Any) -> None:
    decision = await check("The rent is £500 per month [1].", RENT)
    assert decision.judgement.passed
    assert Stage.LANGUAGE not in {stage for stage, _ in decision.checks}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Der Mieter haftet nach Abs. 3 bzw. Ziff. 4 des Vertrags. Er zahlt sofort.", 2),
        ("Le bailleur, M. Durand, cite l'art. 5 du contrat dans la lettre. Il a raison.", 2),
        ("Zgodnie z ust. 2 oraz art. 5 umowy wykonawca płaci karę. Termin jest stały.", 2),
        ("Согласно ст. 5 и п. 3 договора хранитель несёт ответственность. Срок указан.", 2),
        ("受领者不得披露秘密信息。本义务五年有效！违反者赔偿损失。", 3),
        ("受領者は開示してはならない。「秘密」とは何か？期間は五年とする。", 3),
        ("It is state of the art. The fee is due. See Mr. Smith.", 3),
    ],
)
def test_sentences_end_as_their_language_has_it(text: str, sentences: int) -> None:
    spans = sentence_spans(text)
    assert len(spans) == sentences
    assert "".join(text[slice(*span)] for span in spans).replace(" ", "") == text.replace(" ", "")
