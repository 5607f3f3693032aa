"""What can be done to a system so that it gets worse, or should not: to its parts, or to the sample documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.systems.installations import Installation, ingest_sample
from evals.systems.remembered import Remembered
from generation.prompts import parse_prompt
from generation.types import Answer, Citation, Event, FinalEvent, Sentence, Status, Verdict
from ingest.local_files import SourceFile, source_files
from retrieval.types import Principal

Plant = Callable[[Remembered], None]
_SWAPPED = {"legal": "hr", "hr": "legal"}
_CURT = b"Reply with what comes to your mind first, in a few words.\n--- user ---\n{sources}\n\nQuestion: {question}\n"


def curt_prompt(parts: Remembered) -> None:
    """The generator is told nothing of sources and their numbers, and has no examples."""
    parts.told = parse_prompt("curt", _CURT)


class _Reversed:
    def __init__(self, real: Any) -> None:
        self.name, self._real = f"{real.name} reversed", real

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return -np.asarray(self._real.score(query, texts), np.float32)


def reranker_reversed(parts: Remembered) -> None:
    _put(parts, answer_reranker=_Reversed(parts.answer_reranker))


class _Shuffled:
    def __init__(self, real: Any) -> None:
        self.name, self.dimension, self._real = real.name, real.dimension, real
        self._order = np.random.default_rng(0).permutation(real.dimension)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self._real.embed_documents(texts), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self._real.embed_query(text), np.float32)[self._order]


def query_vectors_shuffled(parts: Remembered) -> None:
    """Those of documents are as they were, as after another version of the embedder."""
    _put(parts, embedder=_Shuffled(parts.embedder))


def names_not_resolved(parts: Remembered) -> None:
    """Nothing that a question says of the place of its answer is used."""
    options = replace(parts.answer_search.options, understand=False)
    _put(parts, answer_search=parts.answer_search.with_options(options))


def gate_limits(support: float) -> Plant:
    """Every claim ships from this support on, and may be beside the point as before."""

    def plant(parts: Remembered) -> None:
        limits = parts.limits
        pooled = limits.pooled and replace(limits.pooled, ship=support, alone=support)
        _put(parts, limits=replace(limits, ship=support, grey=min(limits.grey, support), pooled=pooled))

    return plant


def relevance_off(parts: Remembered) -> None:
    """Nobody asks whether a sentence answers the question."""
    limits = parts.limits
    pooled = limits.pooled and replace(limits.pooled, answers=0.0, ship=limits.pooled.alone)
    _put(parts, limits=replace(limits, pooled=pooled))


def _put(parts: Remembered, **values: object) -> None:
    """In the place of parts; what is made of them is made when it is first asked for."""
    vars(parts).update(values)


class _Changed:
    """The answers of a service, each changed at its end; sentences leave as they did."""

    def __init__(self, real: Any, change: Callable[[Answer], Answer]) -> None:
        self._real, self._change = real, change

    async def stream(self, question: str, principal: Principal, **asked: Any) -> AsyncGenerator[Event, None]:
        async with aclosing(self._real.stream(question, principal, **asked)) as events:
            async for event in events:
                yield FinalEvent(self._change(event.answer)) if isinstance(event, FinalEvent) else event


def _answers(change: Callable[[Answer], Answer]) -> Plant:
    def plant(parts: Remembered) -> None:
        _put(parts, answers=_Changed(parts.answers, change))

    return plant


def _shifted(answer: Answer) -> Answer:
    moved = tuple(replace(one, start=one.start + 40, end=one.end + 40) for one in answer.citations)
    return replace(answer, citations=moved)


def _only_sure(answer: Answer) -> Answer:
    if all(sentence.support >= 0.97 for sentence in answer.sentences):
        return answer
    return replace(answer, answer="", status=Status.ABSTAINED, sentences=(), citations=())


def _never_silent(answer: Answer) -> Answer:
    nearest: Citation | None = next(iter(answer.abstention.nearest), None) if answer.abstention else None
    if nearest is None:
        return answer
    text = nearest.quote
    said = Sentence(text, 0, len(text), Verdict.ENTAILED, 1.0, (nearest.id,))
    return replace(
        answer, answer=text, status=Status.ANSWERED, sentences=(said,), citations=(nearest,), abstention=None
    )


citations_shifted = _answers(_shifted)
"""By 40 characters, after all checks."""
only_when_sure = _answers(_only_sure)
"""Abstains where a sentence is not supported by 0.97."""
never_silent = _answers(_never_silent)
"""Where it would abstain it answers with what came closest."""


def outdated_sample(parts: Installation) -> None:
    """The older version of a document counts as the newest one."""
    with _making(parts) as anew:
        if anew:
            ingest_sample(parts)
            with _wave("previous") as groups:
                _ingest(parts, groups, {})


def swapped_sample(parts: Installation) -> None:
    """What is for legal may be read by hr, and the other way round."""
    with _making(parts) as anew:
        for wave in ("previous", "current") if anew else ():
            with _wave(wave) as groups:
                _ingest(parts, groups, _SWAPPED)


@contextmanager
def _making(parts: Installation) -> Iterator[bool]:
    """Whether it is to be made: what was made whole is kept."""
    mark = parts.settings.home / "made"
    yield not mark.exists()
    mark.touch()


def _ingest(parts: Installation, groups: dict[str, list[SourceFile]], swapped: dict[str, str]) -> None:
    for group, sources in groups.items():
        for _ in parts.pipeline.run(sources, frozenset({f"group:{swapped.get(group, group)}"})):
            pass


@contextmanager
def _wave(wave: str) -> Iterator[dict[str, list[SourceFile]]]:
    with as_file(files("api.demo").joinpath("corpus", wave)) as corpus:
        yield {
            folder.name: source_files([folder], prefix=f"sample/{folder.name}/")
            for folder in sorted(path for path in corpus.iterdir() if path.is_dir())
        }
