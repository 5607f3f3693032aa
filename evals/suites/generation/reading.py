"""A raw reply read as the service reads it: sentences, markers, refusal; and what is wrong with its form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evals.metrics.matching import folded
from generation.answering.abstaining import refuses
from generation.gate.claims import SentenceStream, claim_text, markers
from retrieval.types import Context

NO_MARKER, UNKNOWN_MARKER, MIXED, EMPTY, CUT, REPEATED, LEFTOVER = ERRORS = (
    "sentence without marker",
    "marker without passage",
    "refusal and sentences",
    "empty",
    "cut off",
    "sentence twice",
    "prompt leftover",
)
_LEFTOVER = re.compile(
    r"^\s*(?:(?:questions?|sources?|answer|user|assistant)\s*:|---|<\|)", re.IGNORECASE | re.MULTILINE
)
_NUMBERED_LINE = re.compile(r"^\s*\[\d{1,3}\][ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence: its words as they would ship, the markers that it carries, and whether it says that there is no
    answer."""

    text: str
    markers: tuple[int, ...]
    refuses: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """`said` in order, `errors` of `ERRORS`."""

    said: tuple[Said, ...]
    errors: tuple[str, ...]

    @property
    def sentences(self) -> tuple[Said, ...]:
        """Those that state something; of a refusal there are none, as the service then reads no further."""
        return () if self.refused else tuple(said for said in self.said if not said.refuses)

    @property
    def refused(self) -> bool:
        """The first sentence says that there is no answer."""
        return bool(self.said) and self.said[0].refuses

    @property
    def text(self) -> str:
        """The answer without markers; empty if it refuses."""
        return " ".join(said.text for said in self.sentences)


def read(raw: str, context: Context, *, cut: bool = False) -> Reply:
    said = tuple(sentences(raw))
    stated = [sentence for sentence in said if not sentence.refuses]
    refused = bool(said) and said[0].refuses
    known = {passage.marker for passage in context.passages}
    texts = [folded(sentence.text) for sentence in said]
    found = {
        NO_MARKER: not refused and any(not sentence.markers for sentence in stated),
        UNKNOWN_MARKER: any(not known.issuperset(markers(sentence)) for sentence in _raw_sentences(raw)),
        MIXED: bool(stated) and len(stated) < len(said),
        EMPTY: not said,
        CUT: cut,
        REPEATED: len(set(texts)) < len(texts),
        LEFTOVER: left_over(raw, [passage.chunk.title for passage in context.passages]),
    }
    return Reply(said, tuple(error for error in ERRORS if found[error]))


def sentences(raw: str) -> list[Said]:
    """What has words, sentence by sentence."""
    found = []
    for sentence in _raw_sentences(raw):
        text, cited = claim_text(sentence), markers(sentence)
        if any(character.isalnum() for character in text):
            found.append(Said(text, cited, refuses(sentence) and not cited))
    return found


def left_over(raw: str, titles: Sequence[str]) -> bool:
    """Whether a line begins like a part of a prompt, or is a source's own first line: its number and title."""
    if _LEFTOVER.search(raw):
        return True
    lines = [folded(match[1]) for match in _NUMBERED_LINE.finditer(raw)]
    headings = [folded(title) for title in titles if title.strip()]
    return any(line == heading or line.startswith(f"{heading} >") for line in lines for heading in headings)


def _raw_sentences(raw: str) -> list[str]:
    stream = SentenceStream()
    return [*stream.feed(raw), *stream.finish()]
