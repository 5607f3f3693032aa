"""How a follow-up is asked: by the rule, or as the model writes it where that is the asker's own words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.wiring.answers import continued
from api.wiring.kept import rests_on, told_to_others
from generation.errors import GeneratorUnavailable
from generation.llm.rewriting import QuestionRewriter
from generation.prompts import load_prompt
from generation.types import (
    Abstention,
    Answer,
    Assumed,
    ChatMessage,
    Delta,
    FollowUp,
    LeftAside,
    ModelCard,
    Searched,
    Status,
    Usage,
    Why,
)

RENT = "What is the rent of Unit 7?"
BY_RULE = "About the rent of Unit 7: who pays it?"


@dataclass
class Model:
    text: str = ""
    cut: bool = False
    fails: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append((messages[-1].content, cache_salt))
        if self.fails:
            raise GeneratorUnavailable("gone")
        yield Delta(self.text)
        yield Delta("", None, self.cut)


def asked(model: Model, question: str, *earlier: str) -> FollowUp | None:
    given: Any = model
    rewriter = QuestionRewriter(lambda: given, load_prompt("follow_up"))
    return asyncio.run(continued(question, earlier, rewriter, salt="of lena"))


def test_what_the_model_writes_is_asked() -> None:
    model = Model(" Who pays the rent of Unit 7?\n")
    whole = "Who pays the rent of Unit 7?"
    assert asked(model, "And who pays it?", RENT) == FollowUp("And who pays it?", (RENT,), whole, "model")
    assert model.asked == [(f"Earlier: {RENT}\nLast: And who pays it?", "of lena")]


@pytest.mark.parametrize(
    "model",
    [Model("Who pays the 500 euros of Unit 7?"), Model("Who pays the rent of Unit 7?", cut=True), Model(fails=True)],
)
def test_the_rule_is_asked_where_it_is_not_the_askers_own(model: Model) -> None:
    assert asked(model, "And who pays it?", RENT) == FollowUp("And who pays it?", (RENT,), BY_RULE, "rule")


def test_the_model_is_not_asked_where_the_rule_has_the_whole_question_or_it_stands_alone() -> None:
    model = Model("Who pays the rent of Unit 7?")
    found = asked(model, "And in London?", "What can I spend on a hotel in Oslo?")
    assert found is not None
    assert (found.asked, found.by) == ("What can I spend on a hotel in London?", "rule")
    assert asked(model, RENT, "Who is the CFO?") is None
    assert asked(model, "And who pays it?") is None
    assert model.asked == []


def test_the_prompt_asks_for_what_may_be_asked() -> None:
    """Each example's reply would be accepted."""
    from retrieval.understanding.rewritings import is_own

    examples = load_prompt("follow_up").fixed[1:]
    for told, reply in zip(examples[::2], examples[1::2], strict=True):
        *earlier, last = [line.partition(": ")[2] for line in told.content.splitlines()]
        assert is_own(reply.content, last, earlier), reply.content


def test_others_are_told_nothing_of_what_the_asker_could_read_besides() -> None:
    answer = Answer(
        "Nothing. Passages left aside: 3 in German.", Status.ABSTAINED, (), (), ModelCard(*"abcdef", snapshot="s1"),
        usage=Usage(900, 9), timings_ms={"total": 4.0}, withheld=2, why=Why.NOT_SUPPORTED,
        explanation="Nothing. Passages left aside: 3 in German.",
        abstention=Abstention(Searched("q", documents=40, passages=77)),
        assumed=(Assumed("the lease", "d", 1, "Lease", alternatives=5),), left_aside=(LeftAside("de", "German", 3),),
    )  # fmt: skip
    told = told_to_others(answer)
    assert told.abstention is not None
    assert told.abstention.searched == Searched("q", documents=0, passages=0)
    assert [one.alternatives for one in told.assumed] == [0]
    said = repr(told)
    assert not [one for one in ("German", "40", "77", "s1", "900", "4.0") if one in said]
    assert (told.withheld, told.answer, told.why) == (0, "No answer was given.", Why.NOT_SUPPORTED)


def test_an_answer_with_a_caution_of_no_citation_rests_on_all_that_it_was_drafted_from() -> None:
    context = [{"marker": 1, "document_id": "a", "version": 1}, {"marker": 2, "document_id": "b", "version": 3}]
    answer = {"citations": [{"document_id": "a", "version": 1}], "cautions": [{"words": "...", "citations": [1]}]}
    assert set(rests_on({"answer": answer, "context": context})) == {("a", 1)}
    answer["cautions"] = [{"words": "The document called b ...", "citations": []}]
    assert set(rests_on({"answer": answer, "context": context})) == {("a", 1), ("b", 3)}
