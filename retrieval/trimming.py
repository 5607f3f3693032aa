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
from retrieval.terms import terms

Span = tuple[int, int]
Split = Callable[[str], Sequence[Span]]
"""The spans of a text's sentences, in order."""
_READ = 16  # sentences that the reranker reads for one question


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be cut: `heading` is read with every sentence, and not counted."""

    heading: str
    text: str


class Trimmer:
    """Cuts texts to `budget_chars` in all; each keeps at least its best sentence while there is room.

    From each text's best sentence on, its window grows by the neighbouring sentence that is most relevant of all.
    """

    def __init__(self, reranker: Reranker, split: Split, budget_chars: int) -> None:
        self._reranker, self._split, self._budget = reranker, split, budget_chars

    def spans(self, query: str, texts: Sequence[Text]) -> list[Span]:
        """One span for each of `texts`, best first; an empty one where there was no room for it."""
        if sum(len(text.text) for text in texts) <= self._budget:
            return [(0, len(text.text)) for text in texts]
        windows = [_Window(spans, scores) for spans, scores in self._scored(query, texts)]
        left = self._budget
        for at, window in enumerate(windows):
            left -= window.open() if at == 0 or window.best <= left else 0
        while growing := [window for window in windows if window.step(left) is not None]:
            left -= max(growing, key=lambda window: window.gain(left)).grow(left)
        return [window.span for window in windows]

    def _scored(self, query: str, texts: Sequence[Text]) -> list[tuple[Sequence[Span], list[float]]]:
        """The sentences of each text with their relevance; those that are not read are worth less than all others."""
        spans = [self._split(text.text) for text in texts]
        sentences = [[text.text[start:end] for start, end in found] for text, found in zip(texts, spans, strict=True)]
        read = _worth_reading(query, sentences)
        shown = [f"{texts[at].heading}\n{sentences[at][number]}" for at, number in read]
        scores = dict(zip(read, self._reranker.score(query, shown).tolist(), strict=True))
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


class _Window:
    """A run of a text's sentences, `first` to `last`; none before it is opened."""

    def __init__(self, spans: Sequence[Span], scores: Sequence[float]) -> None:
        self._spans, self._scores = spans, scores
        self._first = self._last = -1

    @property
    def best(self) -> int:
        """Length of the most relevant sentence."""
        start, end = self._spans[self._top]
        return end - start

    @property
    def span(self) -> Span:
        return (self._spans[self._first][0], self._spans[self._last][1]) if self._first >= 0 else (0, 0)

    @property
    def _top(self) -> int:
        return max(range(len(self._spans)), key=lambda at: self._scores[at])

    def open(self) -> int:
        """Returns the characters that it takes."""
        self._first = self._last = self._top
        return self.best

    def step(self, left: int) -> int | None:
        """The more relevant one of the sentences next to it that fit into `left` characters."""
        if self._first < 0:
            return None
        beside = [at for at in (self._last + 1, self._first - 1) if 0 <= at < len(self._spans)]
        return max((at for at in beside if self._cost(at) <= left), key=lambda at: self._scores[at], default=None)

    def gain(self, left: int) -> float:
        at = self.step(left)
        return float("-inf") if at is None else self._scores[at]

    def grow(self, left: int) -> int:
        """Takes that sentence in; returns the characters that it takes."""
        at = self.step(left)
        assert at is not None
        cost = self._cost(at)
        self._first, self._last = min(self._first, at), max(self._last, at)
        return cost

    def _cost(self, at: int) -> int:
        """Of the sentence with the gap to the window."""
        start, end = self._spans[at]
        return end - self._spans[self._last][1] if at > self._last else self._spans[self._first][0] - start
