"""The gate in a LangChain chain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnableParallel, RunnablePassthrough

from generation.gate import FaithfulnessGate
from generation.gate.gate import CascadeGate
from generation.langchain import FootnoteGate
from generation.types import Entailment, Judgement, Limits, Stage, Verdict

RENT = Document("The rent of Unit 7 is 500 euros.", id="rent", metadata={"title": "Lease", "section_path": ["4 Rent"]})
DOGS = Document("Cats pay nothing. Dogs are welcome in the garden.", metadata={"title": None, "section_path": "x"})
ANSWER = "The rent is 900 euros. The rent of Unit 7 is 500 euros [1]. Dogs are welcome in the garden."
TRUE = "The rent of Unit 7 is 500 euros. Dogs are welcome in the garden."


class Never:
    """A judge that is not asked, as all sentences stand in the documents word for word or state other figures."""

    name = "never"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        raise AssertionError(claim)


class Asked:
    """A relevance judge that notes what it is asked."""

    name = "asked"

    def __init__(self) -> None:
        self.questions: list[tuple[str, str]] = []

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        self.questions.append((question, evidence))
        return Judgement(Verdict.ENTAILED, 1.0, Stage.RELEVANCE)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def gate(asked: Asked) -> Iterator[FootnoteGate]:
    with FaithfulnessGate(CascadeGate(Never(), Limits(0.9, 0.5, 0.95), relevance=asked)) as gate:
        yield FootnoteGate(gate)


def given(**other: Any) -> Any:
    return {"question": "What is the rent?", "answer": ANSWER, "documents": [RENT, DOGS], **other}


def test_what_the_documents_do_not_say_is_left_out(gate: FootnoteGate) -> None:
    found = gate.invoke(given())
    assert found["answer"] == TRUE
    assert [(s.verdict, s.stage) for s in found["sentences"]] == [
        ("neutral", "figures"), ("entailed", "verbatim"), ("entailed", "verbatim"),
    ]  # fmt: skip
    assert [cited.document for cited in found["citations"]] == [RENT, DOGS]
    for cited, sentence in zip(found["citations"], found["sentences"][1:], strict=True):
        assert cited.quote in sentence.quotes
        assert cited.document.page_content[cited.quote.start : cited.quote.end] == cited.quote.text == sentence.text


def test_both_ways_give_the_same_and_each_quote_once(gate: FootnoteGate) -> None:
    twice = given(answer=f"{ANSWER} {ANSWER}")
    found = gate.invoke(twice)
    assert len(found["citations"]) == 2
    assert asyncio.run(gate.ainvoke(twice)) == found
    assert gate.batch([twice, given(answer="")]) == [found, {"answer": "", "sentences": [], "citations": []}]


def test_title_and_headings_are_read_and_the_question_is_optional(gate: FootnoteGate, asked: Asked) -> None:
    gate.invoke(given(answer="The rent of Unit 7 is 500 euros [1]."))
    gate.invoke(given(answer="Dogs are welcome in the garden [2]."))
    assert asked.questions == [("What is the rent?", "Lease > 4 Rent"), ("What is the rent?", "")]
    assert gate.invoke({"answer": TRUE, "documents": [RENT, DOGS]})["answer"] == TRUE
    assert len(asked.questions) == 2


def test_it_ends_a_chain_of_retriever_and_model(gate: FootnoteGate) -> None:
    model = FakeListChatModel(responses=[ANSWER])
    prompt = ChatPromptTemplate.from_template("{documents} {question}")
    retriever = RunnableLambda(lambda question: [RENT, DOGS])
    chain = (
        RunnableParallel(question=RunnablePassthrough(), documents=retriever)
        | RunnablePassthrough.assign(answer=prompt | model)
        | gate
    )
    assert chain.invoke("What is the rent?")["answer"] == TRUE
    assert asyncio.run(chain.ainvoke("What is the rent?"))["answer"] == TRUE
    assert [part["answer"] for part in chain.stream("What is the rent?")] == [TRUE]


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        {"answer": ANSWER},
        {"documents": [RENT]},
        given(answer=7),
        given(documents=["The rent is 900 euros."]),
        given(documents=None),
        given(question=None),
    ],
)
def test_an_input_of_another_shape_is_told(gate: FootnoteGate, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r'^The gate takes \{"question": str, .*\}\.$'):
        gate.invoke(wrong)
    with pytest.raises(ValueError, match="documents"):
        asyncio.run(gate.ainvoke(wrong))
