"""Passages cut down to the sentences that bear on the question, so that a small model reads less.

Extractive compression as in RECOMP (Xu et al. 2023, arXiv 2310.04408), with the reranker as the scorer. A passage stays
one unbroken span of its text: what the model sees can be cited as it stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.context.leaning import opening
from retrieval.protocols import Reranker
from retrieval.text.tables import BAR, header_above, told, unit_above
from retrieval.text.terms import terms

Span = tuple[int, int]
Split = Callable[[str], Sequence[Span]]
"""The spans of a text's sentences, in order."""
READ = 24  # sentences that the reranker reads for one question
_STEP = 1.5  # logits that a sentence is worth less than the one beside it, whatever it says by itself


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be cut. `heading` is read with every sentence, and not counted; so are a table's unit and header with
    every row. `table_header` is the first row of a table which the text begins inside of. `standing` is what the whole
    text is worth to the question, beside its sentences (logits)."""

    heading: str
    text: str
    table_header: str = ""
    standing: float = 0.0

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


@dataclass(frozen=True, slots=True)
class Scored:
    """Texts with the spans of their sentences and the reranker's score of each (a logit); sentences that were not read
    have one below all others."""

    texts: Sequence[Text]
    spans: Sequence[Sequence[Span]]
    scores: Sequence[Sequence[float]]

    def best(self) -> Best | None:
        """The most relevant sentence of all, by its own score."""
        places = [(score, -at, -place) for at, row in enumerate(self.scores) for place, score in enumerate(row)]
        if not places:
            return None
        score, at, place = max(places)
        return Best(-at, self.spans[-at][-place], score, _ahead(self, -at, -place))


class Trimmer:
    """Cuts texts to `budget_chars` in all: each to one run of its sentences, or to nothing.

    A sentence is worth its own score with its text's standing, or what the sentences around it are worth less `_STEP`
    for each sentence between: so what is good is shown with its surroundings, and a short text mostly whole. The most
    relevant sentence of all opens the first run. Then every other text is opened with its best sentence, what is worth
    most first, while there is room and up to `most` texts: the reranker is often wrong about which of a few texts
    answers, and rarely about which of its sentences. What room is left goes to what is worth most beside a run. What a
    sentence leans on (`leaning.opening`) comes with it.
    """

    def __init__(self, reranker: Reranker, split: Split, budget_chars: int, most: int = 1000) -> None:
        self._reranker, self._split, self._budget, self._most = reranker, split, budget_chars, most

    @property
    def budget_chars(self) -> int:
        return self._budget

    def cut(self, query: str, texts: Sequence[Text]) -> Cut:
        return self.chosen(self.scored(query, texts), self._budget)

    def scored(self, query: str, texts: Sequence[Text], read: int = READ) -> Scored:
        """The sentences of each text with their relevance to the query; the reranker reads at most `read` of them, but
        one of each text at least."""
        spans = [self._split(text.text) for text in texts]
        sentences = [[text.text[start:end] for start, end in found] for text, found in zip(texts, spans, strict=True)]
        places = _worth_reading(query, sentences, read)
        said = [texts[at].read(spans[at][number]) for at, number in places]
        scores = dict(zip(places, self._reranker.score(query, said).tolist(), strict=True))
        least = min(scores.values(), default=0.0) - 1.0
        rows = [[scores.get((at, number), least) for number in range(len(found))] for at, found in enumerate(spans)]
        return Scored(texts, spans, rows)

    def chosen(self, scored: Scored, budget: int) -> Cut:
        """The runs that fit `budget` characters; the first sentence of all is taken at any cost."""
        best, texts = scored.best(), scored.texts
        if best is None or (sum(len(text.text) for text in texts) <= budget and len(texts) <= self._most):
            return Cut([(0, len(text.text)) for text in texts], best)
        parts = zip(texts, scored.spans, scored.scores, strict=True)
        runs = [_Run(text, spans, scores) for text, spans, scores in parts]
        first = runs[best.at]
        left = budget - first.take(scored.spans[best.at].index(best.span))
        while True:
            full = sum(run.begun for run in runs) >= self._most
            open_to = [(at, run) for at, run in enumerate(runs) if run.begun or not full]
            steps = [(not run.begun, *step, -at) for at, run in open_to if (step := run.next(left))]
            if not steps:
                break
            _, _, place, at = max(steps, key=lambda step: (step[0], step[1], step[3]))
            left -= runs[-at].take(place)
        return Cut([run.span for run in runs], best)


def _worth_reading(query: str, sentences: Sequence[Sequence[str]], count: int) -> list[tuple[int, int]]:
    """(text, sentence) of the `count` sentences that share most with the query, but of each text one at least.

    A shared term counts the more, the fewer sentences have it (inverse document frequency).
    """
    found = {(at, number): set(terms(one)) for at, text in enumerate(sentences) for number, one in enumerate(text)}
    if len(found) <= count:
        return list(found)
    asked = set(terms(query))
    spread = Counter(term for held in found.values() for term in held & asked)
    rarity = {term: math.log(1 + len(found) / count) for term, count in spread.items()}
    weight = {place: math.fsum(rarity[term] for term in held & asked) for place, held in found.items()}
    order = sorted(found, key=lambda place: (-weight[place], place))
    best = {next(place for place in order if place[0] == at) for at, text in enumerate(sentences) if text}
    rest = [place for place in order if place not in best]
    return sorted([*best, *rest[: max(0, count - len(best))]])


def _ahead(scored: Scored, at: int, best: int) -> float | None:
    """How far the best sentence is ahead of all other rows of tables, if it is one."""
    rows = {
        (number, place): score
        for number, (text, spans, scores) in enumerate(zip(scored.texts, scored.spans, scored.scores, strict=True))
        for place, (span, score) in enumerate(zip(spans, scores, strict=True))
        if BAR in text.text[slice(*span)]
    }
    score = rows.pop((at, best), None)
    return score - max(rows.values()) if score is not None and rows else None


class _Run:
    """Neighbouring sentences of a text, `first` to `last`; none before one is taken."""

    def __init__(self, text: Text, spans: Sequence[Span], scores: Sequence[float]) -> None:
        self._text, self._spans = text, spans
        self._worth = _spread([score + text.standing for score in scores])
        self._first = self._last = -1

    @property
    def begun(self) -> bool:
        return self._first >= 0

    @property
    def best(self) -> float:
        """What its best sentence is worth."""
        return max(self._worth, default=-math.inf)

    @property
    def span(self) -> Span:
        return (self._spans[self._first][0], self._spans[self._last][1]) if self.begun else (0, 0)

    def next(self, left: int) -> tuple[float, int] | None:
        """What would be taken next within `left` characters, as (its worth, which); None for nothing."""
        if self.begun:
            choice = [at for at in (self._last + 1, self._first - 1) if at in range(len(self._spans))]
        else:
            choice = [at for at in range(len(self._spans)) if self._worth[at] == self.best][:1]
        fitting = [at for at in choice if self._cost(at) <= left]
        best = max(fitting, key=self._worth.__getitem__, default=None)
        return None if best is None else (self._worth[best], best)

    def take(self, at: int) -> int:
        """Takes that sentence with what it leans on; returns the characters that it costs."""
        cost = self._cost(at)
        start = opening(self._text.text, self._spans, at)
        self._first, self._last = (min(self._first, start), max(self._last, at)) if self.begun else (start, at)
        return cost

    def _cost(self, at: int) -> int:
        """Of the sentence and what it leans on, with the gap to the run."""
        start, end = self._spans[opening(self._text.text, self._spans, at)][0], self._spans[at][1]
        if not self.begun:
            return end - start
        first, last = self.span
        return max(last, end) - min(first, start) - (last - first)


def _spread(scores: Sequence[float]) -> list[float]:
    """Each score, or that of a sentence further off less `_STEP` for each step, whichever is higher."""
    return [max(score - _STEP * abs(at - other) for other, score in enumerate(scores)) for at in range(len(scores))]
