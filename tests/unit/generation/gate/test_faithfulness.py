"""The gate as a library: the service's verdicts, with quotes that stand in the texts that were given."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generation.answering.service import AnswerOptions
from generation.gate import FaithfulnessGate, Source
from generation.gate.gate import CascadeGate
from generation.types import Entailment, Judgement, Limits, Stage, Verdict
from retrieval.types import Principal

RENT = "Kestrel Ltd shall pay £500 to Heron within 30 days of 1 March 2024. Dogs are welcome here."
PETS = "Cats are welcome too.  The kennel fee is £7."
LIMITS = Limits(ship=0.9, grey=0.5, conflict=0.95)
SENTENCES = [
    "Kestrel pays £500 within 30 days [1].",
    "Kestrel pays £501 within 30 days [1].",
    "Dogs are welcome here [2].",
    "- The fee for kennels is **£7**.",
    "Dogs bark [1].",
    "[1]",
]


class WordModel:
    """Entailed as far as the evidence holds the claim's longer words."""

    name = "words"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        words = [word.strip(".,").lower() for word in claim.split() if len(word) > 3 and word.strip(".,").isalpha()]
        held = sum(word[:3] in evidence.lower() for word in words) / (len(words) or 1)
        return Entailment(held, 1.0 - held, 0.0)


class Bound:
    """A judge with a client that works in the event loop of its first request, and says yes."""

    name = "bound"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        self._loop = self._loop or asyncio.get_running_loop()
        assert self._loop is asyncio.get_running_loop(), "Event loop is closed"
        self.asked.append((claim, question))
        return Judgement(Verdict.ENTAILED, 0.9, Stage.SECOND)


class OnlyRent:
    """A relevance judge that takes what speaks of payment for an answer."""

    name = "only rent"

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        assert question
        verdict = Verdict.ENTAILED if "pay" in claim else Verdict.NEUTRAL
        return Judgement(verdict, 0.5, Stage.RELEVANCE)


@pytest.fixture
def gate() -> Iterator[FaithfulnessGate]:
    with FaithfulnessGate(CascadeGate(WordModel(), LIMITS, relevance=OnlyRent())) as gate:
        yield gate


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("opening", [True, False])
async def test_the_verdict_is_the_services(
    gate: FaithfulnessGate, source: Callable[..., Any], context: Callable[..., Any], sentence: str, opening: bool
) -> None:
    start = RENT.index("Dogs")
    shown = context(source(RENT, title="Lease", section_path=("4 Rent",), start=start), source(PETS, title="Pets"))
    service = CascadeGate(WordModel(), LIMITS, relevance=OnlyRent())
    theirs = await service.check(
        sentence, shown, {1: RENT, 2: PETS}, "Who pays?", opening=opening, before="" if opening else "So."
    )
    given = [Source(RENT[start:], title="Lease", section=("4 Rent",), document=RENT), Source(PETS, title="Pets")]
    ours = await gate.acheck(sentence, given, question="Who pays?", before="" if opening else "So.")
    judgement = Judgement(ours.verdict, ours.support, ours.stage, ours.reason)
    assert (ours.text, judgement, ours.moved) == (theirs.text, theirs.judgement, theirs.moved)
    assert [quote.text for quote in ours.quotes] == [item.quote for item in theirs.evidence]


def test_quotes_stand_in_the_text_that_was_given(gate: FaithfulnessGate) -> None:
    start = RENT.index("Dogs")
    given = [Source(PETS, id="pets"), Source(RENT[start:], id="rent", document=RENT)]
    for sentence, index, name in (("The kennel fee is £7.", 0, "pets"), ("Dogs are welcome here.", 1, "rent")):
        (quote,) = gate.check(sentence, given).quotes
        assert (quote.index, quote.id) == (index, name)
        assert given[index].text[quote.start : quote.end] == quote.text == sentence


def test_every_sentence_of_an_answer_is_judged_where_it_stands(gate: FaithfulnessGate) -> None:
    answer = "Kestrel pays £500 within 30 days [1]. It pays in gold [1].\n- Dogs are welcome here. [1]\n"
    checked = gate.check_answer(answer, [RENT])
    assert [sentence.passed for sentence in checked.sentences] == [True, False, True]
    assert [answer[s.start : s.end] for s in checked.sentences] == [
        "Kestrel pays £500 within 30 days [1].", "It pays in gold [1].", "- Dogs are welcome here. [1]",
    ]  # fmt: skip
    assert checked.supported == "Kestrel pays £500 within 30 days. Dogs are welcome here."
    assert not checked.faithful
    assert gate.check_answer(checked.supported, RENT).faithful


def test_the_first_sentence_that_passes_has_to_answer_and_later_ones_need_not(gate: FaithfulnessGate) -> None:
    answer = "Dogs are welcome here. Kestrel pays £500 within 30 days. Dogs are welcome here."
    stages = [sentence.stage for sentence in gate.check_answer(answer, RENT, question="Who pays?").sentences]
    assert stages[0] == "relevance"
    assert "relevance" not in stages[1:]
    assert gate.check_answer(answer, RENT).faithful  # without a question nothing has to answer one
    assert gate.check_answer(answer, RENT, question=" ").faithful


async def test_pronouns_are_those_of_the_last_sentence_that_passed() -> None:
    befores = []

    class Watching:
        name = "watching"

        async def check(self, sentence: str, *given: Any, before: str, **named: Any) -> Any:
            befores.append(before)
            return await CascadeGate(WordModel(), LIMITS).check(sentence, *given, before=before, **named)

    with FaithfulnessGate(Watching()) as gate:  # type: ignore[arg-type]
        await gate.acheck_answer("Kestrel pays £500 [1]. Cows bark. Dogs are welcome here.", RENT)
    assert befores == ["", "Kestrel pays £500.", "Kestrel pays £500."]


@pytest.mark.parametrize("evidence", [[], "", ["", " \n"]])
def test_without_evidence_nothing_passes(gate: FaithfulnessGate, evidence: Any) -> None:
    found = gate.check("Dogs are welcome here.", evidence)
    assert (found.verdict, found.stage, found.quotes) == ("neutral", "marker", ())


def test_an_answer_that_says_nothing_is_not_faithful(gate: FaithfulnessGate) -> None:
    checked = gate.check_answer(" \n", RENT)
    assert (checked.sentences, checked.supported, checked.faithful) == ((), "", False)


def test_a_language_models_client_stays_in_one_loop_whoever_asks() -> None:
    second = Bound()
    unsure = "Dogs are mostly welcome here."
    with FaithfulnessGate(CascadeGate(WordModel(), Limits(1.1, 0.1, 0.95), second=second)) as gate:
        ask = [lambda: gate.check(unsure, RENT), lambda: asyncio.run(gate.acheck(unsure, RENT))] * 2

        async def within_a_loop() -> Any:
            return gate.check(unsure, RENT)  # as in a notebook

        found = [one() for one in ask] + [asyncio.run(within_a_loop())]
        threads = [threading.Thread(target=lambda: found.append(gate.check(unsure, RENT))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.stage for one in found] == ["second"] * 8
    assert len(second.asked) == 8


def test_what_fails_has_a_reason_where_the_language_model_gives_none() -> None:
    class SaysNo:
        name = "no"

        async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
            return Judgement(Verdict.NEUTRAL, 0.1, Stage.SECOND)

    with FaithfulnessGate(CascadeGate(WordModel(), Limits(1.1, 0.1, 0.95), second=SaysNo())) as gate:
        found = gate.check("Dogs are mostly welcome here.", RENT)
    assert (found.stage, found.reason) == ("second", "the evidence does not say this")


def test_errors_reach_the_caller_and_close_ends_the_thread() -> None:
    class Gone:
        name = "gone"

        async def check(self, *given: Any, **named: Any) -> Any:
            raise LookupError("gone")

    gate, before = FaithfulnessGate(Gone()), set(threading.enumerate())  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(LookupError, match="gone"):
            gate.check("Dogs bark.", RENT)
        assert [thread.name for thread in threading.enumerate() if thread not in before] == ["footnote-gate"]
        gate.close()
        gate.close()
        assert set(threading.enumerate()) <= before


async def test_what_the_service_ships_is_what_the_library_supports(
    parts: Callable[..., Any], source: Callable[..., Any], shelf: Callable[..., Any]
) -> None:
    reply = (
        "Dogs bark [1]. Dogs are welcome here [1]. Kestrel pays £501 within 30 days [1]. The kennel fee is £7 [1]. "
        "Kestrel pays £500 within 30 days. It barks in gold [2]. The kennel fee is £7. Dogs are welcome here [2]."
    )
    service_gate = CascadeGate(WordModel(), LIMITS, relevance=OnlyRent())
    held = shelf((source(RENT, title="Lease"), source(PETS, title="Pets", name="pets")))
    service, _, trail = parts(reply, gate=service_gate, shelf=held, options=AnswerOptions(max_sentences=9))
    theirs = await service.answer("Who pays?", Principal("ana"))
    with FaithfulnessGate(CascadeGate(WordModel(), LIMITS, relevance=OnlyRent())) as gate:
        given = [Source(RENT, title="Lease"), Source(PETS, title="Pets")]
        ours = await gate.acheck_answer(reply, given, question="Who pays?")
    assert ours.supported == theirs.answer
    failed = [(one.text, one.stage) for one in ours.sentences if not one.passed]
    assert [(one["text"], one["judgement"]["stage"]) for one in trail.records[0]["withheld"]] == failed
    assert {stage for _, stage in failed} == {"relevance", "figures", "judge"}
    assert {quote.text for s in ours.sentences for quote in s.quotes} == {cited.quote for cited in theirs.citations}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_process_that_is_forked_after_a_check_checks_on() -> None:
    with FaithfulnessGate(CascadeGate(WordModel(), LIMITS)) as gate:
        assert gate.check("Dogs are welcome here.", RENT).passed
        child = os.fork()
        if child == 0:
            os._exit(0 if gate.check("Dogs are welcome here.", RENT).passed else 1)
        for _ in range(200):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            time.sleep(0.1)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("it waits for a thread that stayed with its parent")
        assert os.waitstatus_to_exitcode(status) == 0
