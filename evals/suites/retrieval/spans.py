"""Spans of a text: where a cleaned piece of it came from, and what spans have in common."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
_PROBE = 24  # characters that find the place again where both texts differ


def located(original: str, text: str, spans: Iterable[Span]) -> list[Span]:
    """The span of `original` that each span of `text` was made from.

    `text` is the original with blanks changed, odd characters replaced and some lines left out. Both are followed
    without their blanks; where they differ, the next `_PROBE` characters are looked up further on.
    """
    source, places = _dense(original)
    target, back = _dense(text)
    follow = _aligned(source, target)
    return [_span(start, end, back, follow, places) for start, end in spans]


def _dense(text: str) -> tuple[str, list[int]]:
    """The text without blanks, and where each of its characters stood."""
    opened = [(character, at) for at, raw in enumerate(text) for character in unicodedata.normalize("NFKC", raw)]
    kept = [(character, at) for character, at in opened if not character.isspace()]
    return "".join(character for character, _ in kept), [at for _, at in kept]


def _aligned(source: str, target: str) -> list[int]:
    """For each character of the target its place in the source, never descending."""
    follow, at = [], 0
    for number, character in enumerate(target):
        if at >= len(source) or source[at] != character:
            probe = target[number : number + _PROBE]
            found = source.find(probe, at)
            if found >= 0:
                at = found
            else:
                follow.append(min(at, len(source) - 1))
                continue
        follow.append(at)
        at += 1
    return follow


def _span(start: int, end: int, back: Sequence[int], follow: Sequence[int], places: Sequence[int]) -> Span:
    first, last = bisect_right(back, start - 1), bisect_right(back, end - 1) - 1
    if not places or first > last:
        return 0, 0
    return places[follow[first]], places[follow[last]] + 1


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same characters as ascending spans that neither touch nor overlap."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        elif end > start:
            joined.append((start, end))
    return joined


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def overlap(one: Sequence[Span], other: Sequence[Span]) -> int:
    """Characters in both lists of merged spans."""
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)
