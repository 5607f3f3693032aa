"""Passages cut down to the sentences that bear on the question, so that a small model reads less.

Extractive compression as in RECOMP (Xu et al. 2023, arXiv 2310.04408), with the reranker as the scorer. A passage stays
one unbroken span of its text: what the model sees can be cited as it stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.protocols import Reranker
from retrieval.text.tables import BAR, header_above, told, unit_above
from retrieval.text.terms import terms

Span = tuple[int, int]
Split = Callable[[str], Sequence[Span]]
"""The spans of a text's sentences, in order."""
_READ = 16  # sentences that the reranker reads for one question
_FAR = 4.0  # of the reranker's scores (logits): passages so far behind the best one are left out


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be cut. `heading` is read with every sentence, and not counted; so are a table's unit and header with
    every row. `table_header` is the first row of a table which the text begins inside of."""

    heading: str
    text: str
    table_header: str = ""

    def read(self, span: Span) -> str:
        """A sentence as the reranker reads it."""
        start, end = span
        sentence = self.text[start:end]
        if BAR in sentence and (header := header_above(self.text, start, self.table_header)):
            sentence = f"{unit_above(self.text, start)} {told(header, sentence)}".strip()
        return f"{self.heading}\n{sentence}"


@dataclass(frozen=True, slots=True)
class Best:
    """The most relevant sentence of all: in which text, its span there, its score, and how far a table's row is ahead
    of the next row (None for prose and for an only row)."""

    at: int
    span: Span
    score: float
    ahead: float | None


@dataclass(frozen=True, slots=True)
class Cut:
    """One span for each text, empty if nothing of it is shown, and the best sentence; without texts there is none."""

    spans: Sequence[Span]
    best: Best | None


class Trimmer:
    """Cuts texts to `budget_chars` in all: each to one run of its sentences, or to nothing.

    The most relevant sentence of all opens the first run. Then, while there is room, the most relevant one comes that
    is beside a run, or is the best of another text and not `_FAR` behind the best of all.
    """

    def __init__(self, reranker: Reranker, split: Split, budget_chars: int) -> None:
        self._reranker, self._split, self._budget = reranker, split, budget_chars

    def cut(self, query: str, texts: Sequence[Text]) -> Cut:
        runs = [_Run(spans, scores) for spans, scores in self._scored(query, texts)]
        first = max(runs, key=lambda run: run.best, default=None)
        if first is None or first.best_at is None:
            return Cut([(0, len(text.text)) for text in texts], None)
        at = runs.index(first)
        best = Best(at, first.spans[first.best_at], first.best, _ahead(texts, runs, at, first.best_at))
        if sum(len(text.text) for text in texts) <= self._budget:
            return Cut([(0, len(text.text)) for text in texts], best)
        least = first.best - _FAR
        left = self._budget - first.take()
        while taking := [(gain, -at) for at, run in enumerate(runs) if (gain := run.gain(left, least)) is not None]:
            left -= runs[-max(taking)[1]].take(left)
        return Cut([run.span for run in runs], best)

    def _scored(self, query: str, texts: Sequence[Text]) -> list[tuple[Sequence[Span], list[float]]]:
        """The sentences of each text with their relevance; those that are not read are worth less than all others."""
        spans = [self._split(text.text) for text in texts]
        sentences = [[text.text[start:end] for start, end in found] for text, found in zip(texts, spans, strict=True)]
        read = _worth_reading(query, sentences)
        said = [texts[at].read(spans[at][number]) for at, number in read]
        scores = dict(zip(read, self._reranker.score(query, said).tolist(), strict=True))
        least = min(scores.values(), default=0.0) - 1.0
        return [
            (found, [scores.get((at, number), least) for number in range(len(found))]) for at, found in enumerate(spans)
        ]


def _worth_reading(query: str, sentences: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """(text, sentence) of the `_READ` sentences that share most with the query, but of each text one at least.

    A shared term counts the more, the fewer sentences have it (inverse document frequency).
    """
    found = {(at, number): set(terms(one)) for at, text in enumerate(sentences) for number, one in enumerate(text)}
    if len(found) <= _READ:
        return list(found)
    asked = set(terms(query))
    spread = Counter(term for held in found.values() for term in held & asked)
    rarity = {term: math.log(1 + len(found) / count) for term, count in spread.items()}
    weight = {place: math.fsum(rarity[term] for term in held & asked) for place, held in found.items()}
    order = sorted(found, key=lambda place: (-weight[place], place))
    best = {next(place for place in order if place[0] == at) for at, text in enumerate(sentences) if text}
    rest = [place for place in order if place not in best]
    return sorted([*best, *rest[: max(0, _READ - len(best))]])


def _ahead(texts: Sequence[Text], runs: Sequence[_Run], at: int, best: int) -> float | None:
    """How far the best sentence is ahead of all other rows of tables, if it is one."""
    rows = {
        (number, place): score
        for number, (text, run) in enumerate(zip(texts, runs, strict=True))
        for place, (span, score) in enumerate(zip(run.spans, run.scores, strict=True))
        if BAR in text.text[slice(*span)]
    }
    score = rows.pop((at, best), None)
    return score - max(rows.values()) if score is not None and rows else None


class _Run:
    """Neighbouring sentences of a text, `first` to `last`; none before the best one is taken."""

    def __init__(self, spans: Sequence[Span], scores: Sequence[float]) -> None:
        self.spans, self.scores = spans, scores
        self._first = self._last = -1

    @property
    def best_at(self) -> int | None:
        """Which sentence is the most relevant one."""
        return max(range(len(self.spans)), key=self.scores.__getitem__, default=None)

    @property
    def best(self) -> float:
        """Its score."""
        return max(self.scores, default=-math.inf)

    @property
    def span(self) -> Span:
        return (self.spans[self._first][0], self.spans[self._last][1]) if self._first >= 0 else (0, 0)

    def gain(self, left: int, least: float) -> float | None:
        """The score of what would be taken next within `left` characters; None for nothing, or to begin below
        `least`."""
        at = self._next(left)
        if at is None or (self._first < 0 and self.scores[at] < least):
            return None
        return self.scores[at]

    def take(self, left: int | None = None) -> int:
        """Takes that sentence; returns the characters that it costs. Without `left` at any cost."""
        at = self._next(left)
        if at is None:
            return 0
        cost = self._cost(at)
        self._first, self._last = (min(self._first, at), max(self._last, at)) if self._first >= 0 else (at, at)
        return cost

    def _next(self, left: int | None) -> int | None:
        """The most relevant of all sentences, then of those beside the run; None if it does not fit."""
        if self._first < 0:
            choice = [] if self.best_at is None else [self.best_at]
        else:
            choice = [at for at in (self._last + 1, self._first - 1) if at in range(len(self.spans))]
        fitting = [at for at in choice if left is None or self._cost(at) <= left]
        return max(fitting, key=self.scores.__getitem__, default=None)

    def _cost(self, at: int) -> int:
        """Of the sentence with the gap to the run."""
        start, end = self.spans[at]
        if self._first < 0:
            return end - start
        return end - self.spans[self._last][1] if at > self._last else self.spans[self._first][0] - start
