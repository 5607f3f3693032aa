"""Headings as questions: what stands under one answers it, what stands under others of the same subject does not.

So the selector learns what reranking does not tell: that "who is at risk" is not answered by how it is treated, nor
"penalties" by another section of the same act. Where the heading gives the answer away it is shown shortened, mostly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from random import Random

from generation.training.data.pairs import split_of
from generation.training.data.text import Document
from generation.training.data.words import overlap
from generation.training.selector.asked import Asked, Line, whole

_ASKED = re.compile(r"\?+")
_SUBJECT = re.compile(r"^.*?(?:for|of|is \(are\)|are the symptoms of|causes|about) ")
_SECTION = re.compile(r"(?:> s\. \S+|§ \S+) (?P<name>.{6,70})$")
_WAYS = (
    "What does the {act} say about {name}?",
    "What are the provisions on {name} in the {act}?",
    "Under the {act}, what is provided on {name}?",
    "What are the rules on {name}?",
    "Which part deals with {name} in the {act}?",
)
_SECTIONS, _NEIGHBOURS = 8, 4  # of an act; of the D.C. Code, whose documents are single sections, on either side
_NAMES, _NAMED = 0.3, 0.5  # share of a heading's words: that its first sentence has, and that no other one has


def heading_questions(prose: Sequence[Document], random: Random) -> Iterator[Asked]:
    """Of pages about health and of laws; documents of the split "cases" are left out."""
    usable = [document for document in prose if split_of(document.id) != "cases"]
    yield from chain.from_iterable(_health(page, random) for page in usable if page.source == "medquad")
    yield from chain.from_iterable(_act(act, random) for act in usable if act.source == "canada_en")
    code = [document for document in usable if document.source == "dc_law"]
    for at, section in enumerate(code):
        near = [*code[max(0, at - _NEIGHBOURS) : at], *code[at + 1 : at + 1 + _NEIGHBOURS]]
        yield from _sections(section, [_under(other) for other in near], random, 1)


def _under(document: Document) -> Mapping[str, list[str]]:
    """The sentences under each heading."""
    found: dict[str, list[str]] = {}
    for block in document.blocks:
        found.setdefault(block.heading, []).extend(text for text in block.sentences if whole(text))
    return found


def _health(page: Document, random: Random) -> Iterator[Asked]:
    asked = {heading: texts for heading, texts in _under(page).items() if "?" in heading and texts}
    for heading, texts in asked.items():
        subject = _SUBJECT.sub("", heading).strip("? ")
        beside = [
            Line(random.choice((subject, subject, other)), text)
            for other, said in asked.items()
            if other != heading
            for text in said
        ]
        answer = Line(random.choice((subject, subject, heading)), texts[0])
        yield Asked("heading", page.source, page.id, _ASKED.sub("?", heading), [answer], beside)


def _act(act: Document, random: Random) -> Iterator[Asked]:
    yield from _sections(act, [_under(act)], random, _SECTIONS)


def _sections(
    document: Document, near: Sequence[Mapping[str, list[str]]], random: Random, most: int
) -> Iterator[Asked]:
    """Questions about at most so many of its sections, each with other sections that are `near`."""
    under = _under(document)
    named = [(heading, found) for heading in under if (found := _SECTION.search(heading)) and under[heading]]
    for heading, found in random.sample(named, min(most, len(named))):
        act, name, first = heading.partition(" > ")[0], found["name"].rstrip("."), under[heading][0]
        if overlap(name, first) < _NAMES:
            continue
        beside = [
            Line(random.choice((act, other)), text)
            for sections in near
            for other, texts in sections.items()
            if other != heading
            for text in texts
            if overlap(name, text) < _NAMED
        ]
        question = random.choice(_WAYS).format(act=act, name=name[:1].lower() + name[1:])
        shown = random.choice((act, heading[: found.start("name")].rstrip(" >"), heading))
        yield Asked("heading", document.source, document.id, question, [Line(shown, first)], beside)
