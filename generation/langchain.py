"""The gate as a LangChain runnable. Importing this module imports langchain_core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from generation.gate import CheckedAnswer, CheckedSentence, FaithfulnessGate, Quote, Source

_SHAPE = '{"question": str, "answer": str or message, "documents": list of Document}'


class GateInput(TypedDict):
    """Without a question, no sentence has to answer one."""

    question: NotRequired[str]
    answer: str | BaseMessage
    documents: Sequence[Document]


@dataclass(frozen=True, slots=True)
class DocumentQuote:
    """`quote.text == document.page_content[quote.start:quote.end]`."""

    document: Document
    quote: Quote


class GateOutput(TypedDict):
    """The sentences that passed, joined ("" if none did); every sentence with its verdict; and the quotes that the
    answer rests on, each once."""

    answer: str
    sentences: list[CheckedSentence]
    citations: list[DocumentQuote]


class FootnoteGate(Runnable[GateInput, GateOutput]):
    """Lets through what the documents say of what a chain wrote.

    Of a document the text is read, and of its metadata `title` and `section_path`, which `FootnoteRetriever` gives.
    Raises `ValueError` for an input of another shape, and `GenerationError` where a language model that judges is gone.
    """

    def __init__(self, gate: FaithfulnessGate) -> None:
        self.gate = gate

    def invoke(self, input: GateInput, config: RunnableConfig | None = None, **kwargs: Any) -> GateOutput:  # noqa: A002
        return self._call_with_config(self._gated, input, config)

    async def ainvoke(
        self,
        input: GateInput,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> GateOutput:
        return await self._acall_with_config(self._agated, input, config)

    def _gated(self, given: GateInput) -> GateOutput:
        answer, documents, question = _read(given)
        return _output(self.gate.check_answer(answer, _sources(documents), question=question), documents)

    async def _agated(self, given: GateInput) -> GateOutput:
        answer, documents, question = _read(given)
        return _output(await self.gate.acheck_answer(answer, _sources(documents), question=question), documents)


def _read(given: GateInput) -> tuple[str, list[Document], str]:
    try:
        answer, documents = given["answer"], list(given["documents"])
        text = str(answer.text) if isinstance(answer, BaseMessage) else answer
        question = given.get("question", "")
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"The gate takes {_SHAPE}.") from None
    if not isinstance(text, str) or not isinstance(question, str) or not all(map(_is_document, documents)):
        raise ValueError(f"The gate takes {_SHAPE}.")
    return text, documents, question


def _is_document(value: object) -> bool:
    return isinstance(value, Document)


def _sources(documents: Sequence[Document]) -> list[Source]:
    return [_source(document) for document in documents]


def _source(document: Document) -> Source:
    title, section = document.metadata.get("title"), document.metadata.get("section_path")
    return Source(
        document.page_content,
        id=document.id or "",
        title=title if isinstance(title, str) else "",
        section=tuple(map(str, section)) if isinstance(section, list | tuple) else (),
    )


def _output(checked: CheckedAnswer, documents: Sequence[Document]) -> GateOutput:
    quotes = dict.fromkeys(quote for sentence in checked.sentences for quote in sentence.quotes)
    return GateOutput(
        answer=checked.supported,
        sentences=list(checked.sentences),
        citations=[DocumentQuote(documents[quote.index], quote) for quote in quotes],
    )
