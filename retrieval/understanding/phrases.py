"""Quoted phrases: the asker wants these very words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.types import ChunkText, Clue
from retrieval.understanding.words import in_a_row, shown, straight, words

_DOUBLE = re.compile(r'(?<!\w)"(?=\S)([^"]{1,300}?)(?<=\S)"(?!\w)')
_SINGLE_OPEN = re.compile(r"(?<![^\s(\[])'(?=\w)(?!(?:tis|twas|til|till|em|cause|n)\b|\d\ds?\b)", re.I)
_SINGLE_CLOSE = re.compile(r"(?<=[^\s'])'(?!\w)")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with its marks in `question[start:end]`."""

    start: int
    end: int
    inner: str


def quotes(question: str) -> list[Quote]:
    """Quotations in double or single quotes of any style, in order. Apostrophes and inch marks open none."""
    text = straight(question)
    found = [
        Quote(*match.span(), question[match.start(1) : match.end(1)])
        for match in _DOUBLE.finditer(text)
        if sum(map(str.isalnum, match[1])) > 1
    ]
    text = "".join(_outside(text, found))
    opens = [match.start() for match in _SINGLE_OPEN.finditer(text)]
    closes = [match.start() for match in _SINGLE_CLOSE.finditer(text)]
    return sorted(found + list(_singles(question, text, opens, closes)), key=lambda quote: quote.start)


def _outside(text: str, found: list[Quote]) -> list[str]:
    pieces, position = [], 0
    for quote in found:
        pieces += [text[position : quote.start], "\0" * (quote.end - quote.start)]
        position = quote.end
    return [*pieces, text[position:]]


def _singles(question: str, text: str, opens: list[int], closes: list[int]) -> list[Quote]:
    """Pairs of single quotes. A plural possessive ("the parties' duties") can look like an end: where the word ends
    in s and a surer end follows before the next opening, that one is taken."""
    found: list[Quote] = []
    at = 0
    for number, start in enumerate(opens):
        if found and start < found[-1].end:
            continue
        limit = opens[number + 1] if number + 1 < len(opens) else len(text)
        while at < len(closes) and closes[at] <= start:
            at += 1
        ends = [end for end in closes[at : at + 4] if end < limit]
        if not ends:
            continue
        end = ends[0]
        if text[end - 1] == "s" and len(ends) > 1 and text[ends[1] - 1] != "s":
            end = ends[1]
        inner = question[start + 1 : end]
        if len(inner) <= 300 and "\0" not in text[start:end] and sum(map(str.isalnum, inner)) > 1:
            found.append(Quote(start, end + 1, inner))
    return found


def phrase_clue(question: str, quote: Quote) -> Clue | None:
    """The clue that a quotation gives, if there are words in it."""
    value = " ".join(words(quote.inner))
    if not value:
        return None
    effect = f'Passages that hold "{shown(quote.inner)}" come first.'
    return Clue("phrase", question[quote.start : quote.end], value, effect)


def support(value: str, chunk: ChunkText) -> float:
    """1 where the chunk sets the words in quotes itself, as definitions do; 0.9 where they stand in its text in a row,
    0.7 where only in its title or headings; case, blanks, hyphens and the style of quotes don't count."""
    wanted = value.split(" ")
    present = words(chunk.text)
    if in_a_row(wanted, present):
        defined = any(words(quote.inner) == wanted for quote in quotes(chunk.text))
        return 1.0 if defined else 0.9
    return 0.7 if in_a_row(wanted, words(chunk.heading)) else 0.0
