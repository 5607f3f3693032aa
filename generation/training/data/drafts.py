"""What a training pair is made of before it is corrupted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from generation.training.data.pairs import Label, Pair
from generation.training.data.words import words

MOST_WORDS = 110  # of evidence; with a heading and a claim it stays near 192 tokens
_SIZES, _WEIGHTS = (1, 2, 3, 4, 5), (25, 25, 25, 15, 10)


@dataclass(frozen=True, slots=True)
class Draft:
    """A true pair, the one sentence that its claim was made from ("" if of several), where its evidence stands (block
    and sentences of the document; None for tables), and corruptions that only its maker could make, by kind."""

    pair: Pair
    sentence: str = ""
    place: tuple[int, int, int] | None = None
    ready: Mapping[str, Pair] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Material:
    """What corruptions draw on, none of it from the pair's evidence: names and phrases of the same document and of
    others of its source, clauses (shortened sentences) from near the evidence first, list items; `sentence` is the
    one that the claim was made from ("" if of several); `elsewhere` and `similar` are evidence of the same
    and of another document."""

    names: Sequence[str] = ()
    numbers: Sequence[str] = ()
    details: Sequence[str] = ()
    clauses: Sequence[str] = ()
    items: Sequence[str] = ()
    sentence: str = ""
    elsewhere: str = ""
    similar: str = ""


def changed(pair: Pair, kind: str, label: Label, claim: str) -> Pair | None:
    same = " ".join(claim.lower().split()) == " ".join(pair.claim.lower().split())
    return None if same or claim in pair.evidence else replace(pair, claim=claim, label=label, kind=kind)


def put(text: str, span: tuple[int, int], other: str) -> str:
    return text[: span[0]] + other + text[span[1] :]


def window(sentences: Sequence[str], first: int, last: int, random: Random) -> tuple[int, int]:
    """A span [start, end) of one to five sentences that holds `first` to `last`, at a random place in it, and has at
    most MOST_WORDS words (or only the wanted sentences)."""
    size = max(last - first + 1, random.choices(_SIZES, _WEIGHTS)[0])
    start = max(0, first - random.randint(0, size - (last - first + 1)))
    end = min(len(sentences), start + size)
    while words(" ".join(sentences[start:end])) > MOST_WORDS and (start < first or end > last + 1):
        if end > last + 1 and (start == first or random.random() < 0.5):
            end -= 1
        else:
            start += 1
    return start, end


def under_heading(heading: str, text: str, random: Random, rate: float = 0.5) -> str:
    """The text, at the given rate under its heading line."""
    short = " ".join(heading.split()[:25])
    return f"{short}\n{text}" if short and random.random() < rate else text
