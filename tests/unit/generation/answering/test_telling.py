"""What a reader is told of an answer as a whole: whether it is complete, why not, part by part, and what it assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from generation.answering.telling import asks_several
from generation.types import Answer, Delta, Status, Usage, Why
from retrieval.types import Context, Hit, NamedDocument, Principal, SearchResult

ANA = Principal("ana", frozenset({"legal"}))
RENT, NOTICE, PETS = "The rent is £500 per month.", "Notice is 60 days.", "Dogs are welcome."
PARTS = ("What is the rent?", "How much notice must be given?")


class Answering:
    """A `ChatModel` with a reply for each question that is asked of it."""

    name, adapter = "by part", ""

    def __init__(self, **replies: str) -> None:
        self.replies, self.prompts, self.tokens = replies, [], []  # type: ignore[var-annotated]

    async def stream(self, messages: Sequence[Any], *, max_tokens: int, **_: Any) -> Any:
        asked = messages[-1].content
        self.prompts.append(asked)
        self.tokens.append(max_tokens)
        reply = next(reply for word, reply in self.replies.items() if word in asked.rpartition("Question:")[2])
        yield Delta(reply)
        yield Delta("", Usage(5, 2))


@pytest.fixture
def ask(parts: Any, shelf: Any, source: Any) -> Any:
    """Asks a question that the search splits into `PARTS`, each with a passage of its own."""

    async def asked(
        *, missing: int = 0, caught: Any = None, gate: Any = None, result: Any = None, **replies: str
    ) -> Any:
        held = shelf(
            (source(RENT, name="lease", title="Acme lease"), source(NOTICE, name="beta", title="Beta lease", version=2))
        )
        search, build = held.search, held.build

        async def searched(*given: Any, **more: Any) -> SearchResult:
            return replace(await search(*given, **more), **(result or {"parts": PARTS}))

        async def built(*given: Any) -> Context:
            whole = await build(*given)
            marked = (replace(p, part=number) for number, p in enumerate(whole.passages, 1) if number != missing)
            return replace(whole, passages=tuple(marked))

        held.search, held.build = searched, built
        service, _, trail = parts("", shelf=held, caught=caught or {}, gate=gate)
        model = Answering(**replies)
        service._turns = replace(service._turns, model=model)
        service._drafting = replace(service._drafting, turns=service._turns)
        return await service.answer("What is the rent and how much notice must be given?", ANA), model, trail.records[0]

    return asked


def status(answer: Answer) -> list[tuple[Status, Why]]:
    return [(part.status, part.why) for part in answer.parts]


async def test_each_part_is_answered_from_its_own_evidence_in_order(ask: Any) -> None:
    answer, model, record = await ask(rent=f"{RENT[:-1]} [1].", notice=f"{NOTICE[:-1]} [2].")
    assert answer.answer == f"{RENT}\n\n{NOTICE}"
    assert [answer.answer[s.start : s.end] for s in answer.sentences] == [RENT, NOTICE]
    assert [(s.part, s.citations) for s in answer.sentences] == [(1, (1,)), (2, (2,))]
    assert (answer.status, answer.why, answer.explanation) == (Status.ANSWERED, Why.NONE, "")
    assert status(answer) == [(Status.ANSWERED, Why.NONE)] * 2
    assert [RENT in prompt for prompt in model.prompts] == [True, False]
    assert [NOTICE in prompt for prompt in model.prompts] == [False, True]
    assert model.tokens == [100, 100]
    assert [passage["part"] for passage in record["context"]] == [1, 2]
    assert answer.usage == Usage(10, 4)


@pytest.mark.parametrize(
    ("notice", "missing", "why", "told"),
    [
        ("NOT FOUND", 0, Why.NOTHING_DRAFTED, "the passages nearest to it do not seem to answer it"),
        (f"{NOTICE[:-1]} [2].", 2, Why.NOTHING_FOUND, "nothing was found on it in the documents that you may read"),
        ("Notice is 90 days [2].", 0, Why.NOT_SUPPORTED, "what was drafted on it did not pass the check"),
    ],
)
async def test_a_part_without_an_answer_is_named(ask: Any, notice: str, missing: int, why: Why, told: str) -> None:
    answer, _, record = await ask(rent=f"{RENT[:-1]} [1].", notice=notice, missing=missing, caught={"90": "figures"})
    assert answer.answer == RENT
    assert answer.status is Status.PARTIAL
    assert answer.why is (why if why is Why.NOT_SUPPORTED else Why.ASKED_FOR_MORE)
    assert answer.explanation == f"Not answered, or not in full: “{PARTS[1]}”: {told}."
    assert status(answer) == [(Status.ANSWERED, Why.NONE), (Status.ABSTAINED, why)]
    assert record["answer"]["parts"][1]["why"] == why


async def test_a_part_whose_hits_are_not_shown_is_asked_of_all_passages(ask: Any, source: Any) -> None:
    hits = (
        Hit(source(RENT, name="lease").chunk(), 1.0, {}, parts=(1,)),
        Hit(source(PETS).chunk(), 1.0, {}, parts=(2,)),
    )
    answer, _, _ = await ask(
        rent=f"{RENT[:-1]} [1].", notice="NOT FOUND", missing=2, result={"parts": PARTS, "hits": hits}
    )
    assert status(answer) == [(Status.ANSWERED, Why.NONE), (Status.ABSTAINED, Why.NOTHING_DRAFTED)]


async def test_without_any_part_answered_it_abstains_and_claims_the_least(ask: Any) -> None:
    answer, _, _ = await ask(rent="NOT FOUND", notice="Notice is 90 days [2].", caught={"90": "figures"})
    assert (answer.status, answer.why) == (Status.ABSTAINED, Why.NOT_SUPPORTED)
    assert "may hold the answer" in answer.explanation
    assert answer.abstention is not None
    assert len(answer.abstention.nearest) == 2


async def test_a_part_says_again_nothing_of_the_same_document(ask: Any) -> None:
    answer, _, _ = await ask(rent=f"{RENT[:-1]} [1].", notice=f"{RENT[:-1]} [1]. {NOTICE[:-1]} [2].")
    assert [s.text for s in answer.sentences] == [RENT, NOTICE]


async def test_each_part_is_checked_as_an_answer_and_its_pronouns_mean_nothing_of_another(
    ask: Any, scripted_gate: Any
) -> None:
    gate = scripted_gate({})
    await ask(rent=f"{RENT[:-1]} [1]. It is due soon [1].", notice=f"{NOTICE[:-1]} [2].", gate=gate)
    assert [(opening, before) for _, opening, before in gate.asked] == [(True, ""), (False, RENT), (True, "")]


async def test_a_comparison_tells_the_document_of_each_part(ask: Any, source: Any) -> None:
    named = (
        NamedDocument("lease", "Acme lease", "Acme lease", "title", 1),
        NamedDocument("beta", "Beta lease", "Beta lease", "title", 1),
    )
    split = ("What is the rent in the Acme lease?", "What is the rent in the Beta lease?")
    chunks = source(RENT, name="lease").chunk(), source(NOTICE, name="beta").chunk()
    hits = tuple(Hit(chunk, 1.0, {}, parts=(number,)) for number, chunk in enumerate(chunks, 1))
    result = {"parts": split, "named": named, "hits": hits}
    answer, _, _ = await ask(Acme=f"{RENT[:-1]} [1].", Beta=f"{NOTICE[:-1]} [2].", result=result)
    assert [part.title for part in answer.parts] == ["Acme lease", "Beta lease"]
    assert answer.assumed == ()


async def test_an_ambiguous_name_tells_which_document_and_version_was_assumed(ask: Any) -> None:
    named = tuple(NamedDocument(name, name.title(), "the lease", "kind", 3) for name in ("lease", "beta", "unread"))
    result = {"parts": (), "named": named}
    answer, _, record = await ask(rent=f"{NOTICE[:-1]} [2].", result=result)
    (one,) = answer.assumed
    assert (one.words, one.document_id, one.version, one.title, one.alternatives) == ("the lease", "beta", 2, "Beta", 3)
    assert record["search"]["named"][0]["words"] == "the lease"
    answer, _, _ = await ask(rent="NOT FOUND", result=result)
    assert [one.document_id for one in answer.assumed] == ["lease", "beta"]


async def test_what_failed_before_the_answer_is_missed(parts: Any) -> None:
    service, _, _ = parts("The rent is £900 [1]. The rent is £500 per month [1].", caught={"£900": "figures"})
    answer = await service.answer("What is the rent?", ANA)
    assert (answer.status, answer.why) == (Status.PARTIAL, Why.NOT_SUPPORTED)
    assert answer.explanation.startswith("Something may be missing")


async def test_what_fails_is_missed_where_several_things_are_asked(parts: Any) -> None:
    text = "The rent is £500 per month [1]. The deposit is £900 [1]."
    service, _, _ = parts(text, caught={"£900": "figures"})
    assert (await service.answer("What is the rent?", ANA)).status is Status.ANSWERED
    assert (await service.answer("What are the charges?", ANA)).status is Status.PARTIAL


@pytest.mark.parametrize(
    "question",
    [
        "What is the rent?", "In the Acme lease, what is the rent?", "Which state's law governs it?", "Who owns the marks?",
        "How much notice must be given to end it?", "May the tenant keep dogs?", "What was the loss in 2019?",
    ],
)  # fmt: skip
def test_one_thing_is_asked(question: str) -> None:
    assert not asks_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the rent and when is it due?", "Which expenses are paid?", "What are the grounds for termination?",
        "Who may terminate, how, at what notice?", "List the fees.", "What rights does the tenant have?",
        "Is there a deposit? Is it repaid?", "How do the two leases differ?", "Do both parties sign?",
    ],
)  # fmt: skip
def test_several_things_may_be_asked(question: str) -> None:
    assert asks_several(question)
