"""BM25 over a view, equal to `rank_bm25.BM25Plus` fitted on just the rows of that view."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment
from retrieval.index.view import SegmentView, View
from retrieval.index.workers import in_parallel, shares

K1, B, DELTA = 1.5, 0.75, 1.0  # rank_bm25's defaults
_NORMS = 1024  # row lengths whose norm is looked up
_MOSTLY = 0.8  # share of visible rows from which counting the visible postings is cheaper than copying them
_SEEK = 150  # postings that can be filtered in the time of finding one range in a list of them

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matches:
    """What BM25 found in one segment: rows, ascending, with their scores, and the scores of the rows asked for."""

    rows: Rows
    scores: Scores
    wanted: Scores


@dataclass(frozen=True, slots=True)
class Weights:
    """What BM25 has to know of the whole view: the idf of each term, the score of a row that holds none, and the mean
    length of the rows, in terms."""

    idf: tuple[float, ...]
    floor: float
    mean_length: float

    @classmethod
    def of(cls, view: View, document_frequencies: Iterable[int]) -> Weights:
        """`document_frequencies`: in how many visible rows each term occurs, all segments together."""
        idf = [math.log((view.row_count + 1) / int(df)) if df else 0.0 for df in document_frequencies]
        floor = 0.0
        for value in idf:
            floor += value * DELTA
        return cls(tuple(idf), floor, view.mean_length or 1.0)


@dataclass(frozen=True, slots=True)
class Bm25:
    """`matches` of each segment of the view and where its postings of each query term lie, see `Segment.spans`."""

    matches: list[Matches]
    spans: list[tuple[Rows, Rows]]
    weights: Weights


@dataclass(frozen=True, slots=True)
class Counted:
    """The postings of the query's terms in the visible rows of some segments: where they lie in each, how they are
    shared out, and how many there are of each term, (terms,) int64."""

    spans: list[tuple[Rows, Rows]]
    shares: list[_Share]
    frequencies: Rows


@dataclass(frozen=True, slots=True)
class _Share:
    """Some ranges of a segment's rows; where each term's postings enter and leave them, (ranges, terms); how many
    of them are visible, (terms,); and which rows are (empty: all that have postings)."""

    part: int
    starts: Rows
    stops: Rows
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint16]
    lows: Rows
    highs: Rows
    counts: Rows
    mask: NDArray[np.bool_]


def bm25(view: View, query_terms: Sequence[str], k: int, wanted: Sequence[Rows], threads: int = 1) -> Bm25:
    """The k best rows above the floor, with all that tie with the last of them.

    `wanted`: rows of each segment, ascending and visible, that are scored in any case.
    Lv and Zhai 2011, "Lower-bounding term frequency normalization". Document frequency, N and mean length
    are counted over the visible rows, so that no hidden row can move a score. As in rank_bm25, a term
    adds idf * delta to every row once it occurs in the view at all: the floor.
    """
    counted = count(view, query_terms, threads)
    weights = Weights.of(view, counted.frequencies.tolist())
    return Bm25(score(view, counted, weights, k, wanted, threads), counted.spans, weights)


def count(view: View, query_terms: Sequence[str], threads: int = 1) -> Counted:
    """The postings of the query's terms: the part of BM25 that needs nothing of other segments."""
    tasks = []
    spans = [part.segment.spans(query_terms) for part in view.segments]
    for at, (part, (firsts, lasts)) in enumerate(zip(view.segments, spans, strict=True)):
        for starts, stops in shares(part.starts, part.stops, threads):
            tasks.append(partial(_share, at, part, starts, stops, firsts, lasts))
    found = in_parallel(tasks, threads if any(len(part.starts) > 1 for part in view.segments) else 1)
    nothing = np.zeros(len(query_terms), np.int64)
    return Counted(spans, found, np.sum([nothing, *(share.counts for share in found)], axis=0))


def score(
    view: View, counted: Counted, weights: Weights, k: int, wanted: Sequence[Rows], threads: int = 1
) -> list[Matches]:
    """Of each segment of the view what can be among the k best, see `bm25`; `weights`: of these segments and any others
    that the principal's view has."""
    if not view.segments:
        return []
    scored = _scorer(view, weights, k)
    asked = [wanted[share.part][slice(*_within(wanted[share.part], share))] for share in counted.shares]
    found = in_parallel(
        [partial(scored, share, rows) for share, rows in zip(counted.shares, asked, strict=True)], threads
    )
    return _matches(len(view.segments), [share.part for share in counted.shares], found, k)


def coverage(segment: Segment, rows: Rows, spans: tuple[Rows, Rows], idf: Sequence[float]) -> Scores:
    """(len(rows),) sum of idf * delta of the terms that each row holds; `spans` are those of the terms' postings.

    This is what BM25+ as published adds to a row; rank_bm25 adds it to every row, which ranks nothing.
    """
    from retrieval.index.kernels.postings import sum_held

    held: Scores = sum_held(segment.rows, *spans, np.array(idf, np.float64) * DELTA, rows)
    return held


def _share(at: int, part: SegmentView, starts: Rows, stops: Rows, firsts: Rows, lasts: Rows) -> _Share:
    """The cheapest way to the visible postings: seek the ranges; or drop the hidden ones; or only count the others,
    score all and leave the hidden rows out at the end."""
    from retrieval.index.kernels.postings import count_visible, keep_visible, locate

    segment, everything = part.segment, np.zeros(0, np.bool_)
    if len(starts) == 1 or len(starts) * len(firsts) * _SEEK <= int((lasts - firsts).sum()):
        lows, highs = locate(segment.rows, firsts, lasts, starts, stops)
        counts = (highs - lows).sum(axis=0)
        return _Share(at, starts, stops, segment.rows, segment.frequencies, lows, highs, counts, everything)
    visible = int((stops - starts).sum()) / int(stops[-1] - starts[0])
    starts, stops = starts[:1], stops[-1:]
    lows, highs = locate(segment.rows, firsts, lasts, starts, stops)
    if visible > _MOSTLY:
        counts = count_visible(segment.rows, lows[0], highs[0], part.mask)
        return _Share(at, starts, stops, segment.rows, segment.frequencies, lows, highs, counts, part.mask)
    rows, frequencies, offsets = keep_visible(segment.rows, segment.frequencies, lows[0], highs[0], part.mask)
    rows.flags.writeable = frequencies.flags.writeable = False  # as those of a segment: one kernel serves both
    lows, highs = offsets[None, :-1], offsets[None, 1:]
    return _Share(at, starts, stops, rows, frequencies, lows, highs, np.diff(offsets), everything)


def _within(rows: Rows, share: _Share) -> tuple[int, int]:
    """Which of the rows lie in the share: [first, last)."""
    first, last = np.searchsorted(rows, (share.starts[0], share.stops[-1]))
    return int(first), int(last)


def _scorer(view: View, weights: Weights, k: int) -> Callable[[_Share, Rows], Matches]:
    from retrieval.index.kernels.postings import length_norms, score_postings

    idf, mean_length = np.array(weights.idf), weights.mean_length
    norms = length_norms(_NORMS, mean_length, K1, B)

    def scored(share: _Share, wanted: Rows) -> Matches:
        lengths = view.segments[share.part].segment.lengths
        return Matches(
            *score_postings(
                share.rows, share.frequencies, lengths, share.starts, share.stops, share.lows, share.highs,
                idf, norms, mean_length, K1, B, weights.floor, k, share.mask, wanted,
            )
        )  # fmt: skip

    return scored


def _matches(count: int, parts: Sequence[int], scored: Sequence[Matches], k: int) -> list[Matches]:
    """The shares of each segment joined, without what cannot be among the k best of all."""
    scores = np.concatenate([matches.scores for matches in scored])
    least = np.partition(scores, len(scores) - k)[len(scores) - k] if len(scores) > k else -np.inf
    joined = []
    for at in range(count):
        mine = [matches for part, matches in zip(parts, scored, strict=True) if part == at]
        rows, found, wanted = (
            np.concatenate([getattr(m, name) for m in mine]) for name in ("rows", "scores", "wanted")
        )
        joined.append(Matches(rows[found >= least], found[found >= least], wanted))
    return joined
