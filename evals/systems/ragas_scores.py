"""RAGAS 0.4 (Es et al. 2023, arXiv 2309.15217) with any chat model as its judge and our embedder.

Prompts, reply types and arithmetic are RAGAS' own. It is asked through its two abstract classes instead of its clients:
those ask up to three times for a reply that can be read, and nothing of them can be bounded in time or counted. Here
each reply is asked for once, as it comes from a greedy model. Needs the extra `ragas`.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, TypeVar

from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from api.terminal import UsageError
from generation.errors import GeneratorRejected
from generation.protocols import ChatModel
from generation.types import ChatMessage

FAITHFULNESS, RELEVANCY = "faithfulness", "answer_relevancy"
PRECISION, RECALL = "context_precision", "context_recall"
METRICS = (FAITHFULNESS, RELEVANCY, PRECISION, RECALL)
REPLY_TOKENS = 1024  # RAGAS' own limit
STRICTNESS = 1  # RAGAS asks three times for the same question; a greedy model writes the same three times
_MARKS = {"verdict", "attributed", "noncommittal"}
Reply = TypeVar("Reply", bound=BaseModel)
Embed = Callable[[str], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Sample:
    """What RAGAS looks at: an answer, the passages that it was made from, best first, and the right answer ("" where
    nobody knows it)."""

    question: str
    answer: str
    contexts: tuple[str, ...]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """`value`: None where there is no number, and `why`: "time", "cut" (the reply was longer than it may be), "unread"
    (no reply of the asked form), "rejected" (too long for the model), "nan" (of RAGAS itself), "off scale" (a verdict
    that is neither 0 nor 1). `statements` are what the judge took the answer apart into, `verdicts` what it gave: of
    faithfulness only, else 0. `read` and `written`: tokens of the replies that came to their end, where the server
    tells them."""

    name: str
    value: float | None
    why: str
    seconds: float
    statements: int = 0
    verdicts: int = 0
    read: int = 0
    written: int = 0

    @property
    def miscounted(self) -> bool:
        """RAGAS divides by the verdicts that came: a statement without one is in no share."""
        return self.statements != self.verdicts


class _Unread(Exception):
    """The reply is not what was asked for; says why."""


def installed() -> bool:
    return find_spec("ragas") is not None


def pinned() -> str:
    return f"ragas@{version('ragas')}"


class Ragas:
    """Scores of one answer after the other.

    Args:
        model: the judge, asked greedily.
        embed: (d,) of a text; answer relevancy compares questions by it.
        seconds: limit for one metric of one answer.
    """

    def __init__(self, model: ChatModel, embed: Embed, seconds: float) -> None:
        self.name = model.name
        self._judge, self._seconds = _Judge(model), seconds
        self._metrics = _metrics(self._judge, _Embedding(embed))

    async def scores(self, sample: Sample, names: Sequence[str] = METRICS) -> list[Score]:
        """Those of `names` for which the sample has what they need. Raises `GenerationError` where the judge is gone;
        what it rejects has no number."""
        return [await self._score(name, _given(name, sample)) for name in names if _told(name, sample)]

    async def _score(self, name: str, given: dict[str, Any]) -> Score:
        started = time.perf_counter()
        self._judge.begin()
        value, why = None, ""
        try:
            async with asyncio.timeout(self._seconds):
                value = float((await self._metrics[name].ascore(**given)).value)
        except TimeoutError:
            why = "time"
        except _Unread as error:
            why = str(error)
        except GeneratorRejected:
            why = "rejected"
        if value is not None:
            why = _why_not(value, self._judge.seen)
        seconds = round(time.perf_counter() - started, 2)
        counted = self._counts() if name == FAITHFULNESS else (0, 0)
        return Score(name, None if why else value, why, seconds, *counted, self._judge.read, self._judge.written)

    def _counts(self) -> tuple[int, int]:
        said, *judged = [len(reply.statements) for reply in self._judge.seen] or [0]
        return said, judged[0] if judged else 0


def _why_not(value: float, replies: Sequence[BaseModel]) -> str:
    """Why a value is none. RAGAS takes verdicts as they come: it counts -1 as supported, makes a recall of 2 from twos,
    and calls an answer beside the point (0) of which the judge wrote no question."""
    if math.isnan(value):
        return "nan"
    dumped = [reply.model_dump() for reply in replies]
    said = [one for reply in dumped for one in (reply, *reply.get("statements", ()), *reply.get("classifications", ()))]
    marks = [one[name] for one in said if isinstance(one, dict) for name in _MARKS & one.keys()]
    if any(mark not in {0, 1} for mark in marks):
        return "off scale"
    return "unread" if any(reply.get("question") == "" for reply in dumped) else ""


def _told(name: str, sample: Sample) -> bool:
    wanted = [sample.question]
    if name in {FAITHFULNESS, RELEVANCY}:
        wanted.append(sample.answer)
    if name in {PRECISION, RECALL}:
        wanted.append(sample.reference)
    if name != RELEVANCY:
        wanted.append("".join(sample.contexts))
    return all(text.strip() for text in wanted)


def _given(name: str, sample: Sample) -> dict[str, Any]:
    asked: dict[str, Any] = {"user_input": sample.question}
    if name in {FAITHFULNESS, RELEVANCY}:
        asked["response"] = sample.answer
    if name in {PRECISION, RECALL}:
        asked["reference"] = sample.reference
    return asked if name == RELEVANCY else asked | {"retrieved_contexts": list(sample.contexts)}


class _Judge:
    """RAGAS' `InstructorBaseRagasLLM` on a chat model. `seen`: the replies of a score that were read, in order; `read`
    and `written`: its tokens."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.begin()

    def begin(self) -> None:
        """Another score."""
        self.seen: list[Any] = []
        self.read = self.written = 0

    async def agenerate(self, prompt: str, response_model: type[Reply]) -> Reply:
        text, cut = "", False
        asked = [ChatMessage("user", prompt)]
        async with aclosing(self._model.stream(asked, max_tokens=REPLY_TOKENS)) as deltas:
            async for delta in deltas:
                text, cut = text + delta.text, cut or delta.cut
                if delta.usage is not None:
                    self.read += delta.usage.prompt_tokens
                    self.written += delta.usage.completion_tokens
        try:
            found = response_model.model_validate_json(text[text.find("{") : text.rfind("}") + 1])
        except ValidationError as error:
            raise _Unread("cut" if cut else "unread") from error
        self.seen.append(found)
        return found


class _Embedding:
    """RAGAS' `BaseRagasEmbedding` on an embedder."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed

    async def aembed_text(self, text: str) -> list[float]:
        return [float(value) for value in self._embed(text)]

    async def aembed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        return [await self.aembed_text(text) for text in texts]


def _metrics(judge: _Judge, embedding: _Embedding) -> dict[str, Any]:
    kinds = _library()
    return {
        FAITHFULNESS: kinds.Faithfulness(llm=judge),
        RELEVANCY: kinds.AnswerRelevancy(llm=judge, embeddings=embedding, strictness=STRICTNESS),
        PRECISION: kinds.ContextPrecisionWithReference(llm=judge),
        RECALL: kinds.ContextRecall(llm=judge),
    }


@cache
def _library() -> Any:
    """Its metrics. It tells its makers of every use unless it is told not to before its first import."""
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    try:
        kinds = import_module("ragas.metrics.collections")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"RAGAS needs the package {error.name}: pip install -c constraints.txt -e '.[ragas]' in Footnote's folder."
        ) from error
    import_module("ragas.llms.base").InstructorBaseRagasLLM.register(_Judge)
    import_module("ragas.embeddings.base").BaseRagasEmbedding.register(_Embedding)
    return kinds
