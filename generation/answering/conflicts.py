"""Two sources that say different things: which is newer, and how that is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from generation.types import Decision, Evidence, Judgement, Stage, Verdict


@dataclass(frozen=True, slots=True)
class Source:
    """A side of a conflict: its words, the day from which its version holds (None: not known), and its place in the
    ranking."""

    evidence: Evidence
    day: date | None
    rank: int


def at_odds(evidence: Sequence[Evidence], other: Evidence) -> Evidence | None:
    """Of what a sentence rests on, the span that `other` contradicts: the one that shares most words with it.

    None if there is nothing to tell: the same words, or another version of the same document.
    """
    said = max(evidence, key=lambda item: (len(_words(item.quote) & _words(other.quote)), -item.start), default=None)
    if said is None or said.quote == other.quote:
        return None
    return None if said.passage.chunk.document_id == other.passage.chunk.document_id else said


def differing(said: Source, other: Source) -> Decision:
    """A sentence that quotes both sources, the newer one first.

    Newer is what holds from a later day. Where that is not known nothing is said about age, and what was ranked
    higher comes first. The sentence is entailed by construction: what it says of the documents are their very words,
    and it ships only if both quotes resolve to them.
    """
    first, second = sorted((said, other), key=lambda source: source.rank)
    one, two = "one", "another"
    if first.day and second.day and first.day != second.day:
        first, second = sorted((first, second), key=lambda source: source.day or date.min, reverse=True)
        one = f"the newer one, in force since {first.day},"
        two = f"the older one, in force since {second.day},"
    stop = "" if second.evidence.quote.endswith((".", "!", "?")) else "."
    text = f"The sources differ: {one} says “{first.evidence.quote}”, {two} says “{second.evidence.quote}”{stop}"
    return Decision(text, Judgement(Verdict.ENTAILED, 1.0, Stage.CONFLICT), (first.evidence, second.evidence))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
