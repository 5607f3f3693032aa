"""What OpenAI's clients are answered: a completion, or its chunks, with what `Answer` tells beside OpenAI's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Literal, Self

from pydantic import BaseModel

from generation.types import (
    Abstention,
    Answer,
    Assumed,
    Caution,
    Citation,
    FollowUp,
    LeftAside,
    ModelCard,
    PartAnswer,
    Sentence,
    Status,
    Strictness,
    Usage,
    Why,
)


class FootnoteOut(BaseModel):
    """What /v1/query tells of an answer beside its text, citations and usage. `sentences` have their places in the
    content and the numbers of their citations. `follow_up`: the earlier questions of the asker with which the question
    was put together, as `question`; `ignored`: fields and messages of the request that changed nothing."""

    status: Status
    audit_id: str
    why: Why
    explanation: str
    sentences: Sequence[Sentence]
    withheld: int
    abstention: Abstention | None
    parts: Sequence[PartAnswer]
    assumed: Sequence[Assumed]
    cautions: Sequence[Caution]
    left_aside: Sequence[LeftAside]
    model: ModelCard
    timings_ms: Mapping[str, float]
    question: str
    follow_up: FollowUp | None
    strictness: Strictness
    ignored: Sequence[str]

    @classmethod
    def of(cls, answer: Answer, question: str, ignored: Sequence[str]) -> Self:
        """`question`: as it was typed."""
        told = {one.name: getattr(answer, one.name) for one in fields(answer)}
        asked = answer.follow_up.asked if answer.follow_up else question
        return cls.model_validate({**told, "question": asked, "ignored": ignored})


class CompletionUsage(BaseModel):
    """Tokens as the generator counts them; zeros where it was not asked or did not tell."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, usage: Usage) -> Self:
        return cls(**asdict(usage), total_tokens=usage.prompt_tokens + usage.completion_tokens)


class UrlCitation(BaseModel):
    """What characters [start_index, end_index) of the content rest on. `url`: the words in Footnote's web page, for
    those who may read them."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(BaseModel):
    """OpenAI's own form of a citation, which chat pages show as a source."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation

    @classmethod
    def each_of(cls, answer: Answer, page: str) -> list[Self]:
        """One for each citation of each sentence; `page`: the address of the web page, "" if there is none."""
        if not page:
            return []
        cited = {citation.id: citation for citation in answer.citations}
        return [cls.to(cited[number], sentence, page) for sentence in answer.sentences for number in sentence.citations]

    @classmethod
    def to(cls, citation: Citation, sentence: Sentence, page: str) -> Self:
        place = citation.page_label or citation.page
        title = f"{citation.title}, page {place}" if place else citation.title
        url = f"{page}#source/{citation.document_id}/{citation.version_id}/{citation.start}/{citation.end}"
        return cls(
            type="url_citation",
            url_citation=UrlCitation(start_index=sentence.start, end_index=sentence.end, title=title, url=url),
        )


class CompletionMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: Sequence[Annotation]
    citations: Sequence[Citation]


class CompletionChoice(BaseModel):
    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Completion(BaseModel):
    """An answer at once. An abstention is a completion, too: its content says why, and `footnote.status` that it is."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: Sequence[CompletionChoice]
    usage: CompletionUsage
    footnote: FootnoteOut


class Delta(BaseModel):
    """What is new: the role, first of all; a sentence that has passed the gate, with the blank before it; at the end
    the citations, in OpenAI's form (`annotations`) and in full."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: Sequence[Annotation] | None = None
    citations: Sequence[Citation] | None = None


class ChunkChoice(BaseModel):
    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class Chunk(BaseModel):
    """A piece of a streamed answer. `footnote` comes with the citations in the chunk that has a finish reason; `usage`,
    where it was asked for, in one without choices after it, and is null before."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: Sequence[ChunkChoice]
    usage: CompletionUsage | None = None
    footnote: FootnoteOut | None = None


class ModelOut(BaseModel):
    """Something that can be asked. `created`: when this interface came, in seconds since 1970."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "footnote"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: Sequence[ModelOut]
