"""Another of the same kind: after "What is the storage fee in Leeds?", "And the parking fee?" is "What is the parking
fee in Leeds?"; after "What is paid during sick leave?", "And during study leave?" asks that of study leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from retrieval.understanding.words import FUNCTION_WORDS

_DETERMINERS = frozenset("a an the our my your".split())
_PREPOSITIONS = frozenset(
    "in of under for to from on at by with after before during within over above below until".split()
)
_WORD = re.compile(r"[^\s,;:?!()\"“”]+")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str

    @property
    def plain(self) -> str:
        return self.text.lower().rstrip(".").removesuffix("'s")

    @property
    def singular(self) -> str:
        return self.plain if self.plain.endswith("ss") else self.plain.removesuffix("s")

    @property
    def number(self) -> bool:
        return self.text[0].isdigit()

    @property
    def says(self) -> bool:
        """Not merely how words are put together."""
        return self.plain not in FUNCTION_WORDS


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A noun with what goes before it, a determiner included where there is one. `by`: the preposition before it."""

    by: str
    words: tuple[_Word, ...]

    @property
    def said(self) -> tuple[_Word, ...]:
        return tuple(word for word in self.words if word.says)

    @property
    def kind(self) -> str:
        """Its noun, in the singular; "unit" of "Unit 7", "" of a number alone."""
        return next((word.singular for word in reversed(self.said) if not word.number), "")

    def upto(self, kind: str) -> _Phrase | None:
        """As far as that noun, without what follows: "the drain valve" of "the drain valve tested"."""
        last = max((at for at, word in enumerate(self.words) if word.says and word.singular == kind), default=None)
        if last is None:
            return None
        while last + 1 < len(self.words) and self.words[last + 1].number:
            last += 1
        return _Phrase(self.by, self.words[: last + 1])


def put_in(fragment: str, question: str) -> str:
    """The question with `fragment` in the place of the one phrase of its kind, after the same preposition if it has
    one; "" where there is no such phrase, or more would be lost with it than the fragment says."""
    other = _whole(fragment)
    if other is None or len(other.said) < 2 or not other.kind:
        return ""
    phrases = (one.upto(other.kind) for one in _phrases(question) if other.by in {"", one.by})
    found = [one for one in phrases if one is not None]
    if len(found) != 1 or len(found[0].said) > len(other.said):
        return ""
    one = found[0]
    if [word.singular for word in one.said] == [word.singular for word in other.said]:
        return ""
    bare = other.said == other.words  # the determiner stays where it brings none
    start, end = (one.said if bare else one.words)[0].start, one.words[-1].end
    return question[:start] + fragment[other.words[0].start : other.words[-1].end] + question[end:]


def _whole(fragment: str) -> _Phrase | None:
    """The phrase, where the fragment is one and nothing else."""
    words = _words(fragment)
    by = words[0].plain if words and words[0].plain in _PREPOSITIONS else ""
    rest = words[bool(by) :]
    told = rest[bool(rest) and rest[0].plain in _DETERMINERS :]
    together = all(not fragment[one.end : two.start].strip() for one, two in pairwise(words))
    return _Phrase(by, rest) if told and together and all(word.says for word in told) else None


def _phrases(question: str) -> Iterator[_Phrase]:
    """Those that a determiner or a preposition begins: of others it is not known where they do."""
    words = _words(question)
    for at, word in enumerate(words):
        by = words[at - 1].plain if at and words[at - 1].plain in _PREPOSITIONS else ""
        if word.plain in _DETERMINERS or (by and word.says):
            end = at + 1
            while end < len(words) and words[end].says and not question[words[end - 1].end : words[end].start].strip():
                end += 1
            yield _Phrase(by, words[at:end])


def _words(text: str) -> tuple[_Word, ...]:
    return tuple(_Word(*match.span(), match.group()) for match in _WORD.finditer(text))
