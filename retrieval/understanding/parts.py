"""Splits a question that holds several into parts that each make sense alone. When unsure it doesn't."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.understanding.words import (
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    PRONOUNS,
    QUESTION_WORDS,
    blank,
    straight,
)

MOST_PARTS = 5
_MOST_CHARS = 1000  # a longer text is a story, not a list of questions
_MOST_CONTEXT = 300

_ASKING = "|".join(sorted(QUESTION_WORDS))
_AUXILIARY = "|".join(sorted(AUXILIARIES))
_BEFORE = r"(?:in|on|at|by|for|from|to|under|until|within|with|of|after|before)"
_SENTENCE = re.compile(r"(?<=\?)\s+|(?<=\w\w\w[.!])\s+(?=[A-Z])")
_NUMBERING = re.compile(r"\s*(?:(?:\(?(?:\d{1,2}|[a-e]|[ivx]{1,3})[.)]|[-•*])\s+)?")
_OPENING = re.compile(
    rf"(?:and\s)?(?:(?:up\s)?{_BEFORE}\s)?(?:{_ASKING}|{_AUXILIARY})\b",
    re.I,
)
_SCOPE = re.compile(
    r"(?:according\sto|as\sof|based\son|by|concerning|consider(?:ing)?|during|for|from|given|if|in|on|per|"
    r"pursuant\sto|regarding|under|with|within)\s",
    re.I,
)
_SCOPE_END = re.compile(r"[,;:]\s+")
_JOINT = re.compile(
    rf"(?P<comma>[,;])?\s+and\s+(?:also\s+)?(?=(?P<before>{_BEFORE}\s)?(?P<first>{_ASKING}|{_AUXILIARY})\s(?P<rest>.{{0,60}}))"
    rf"|(?P<mark>[,;])\s+(?=(?P<listed>what|how|why)\s(?P<more>.{{0,60}}))",
    re.I,
)
_POINTING = PRONOUNS | frozenset(
    "afterwards then there else otherwise instead such same either neither latter former ones".split()
)
_THINGS = frozenset("it its".split())
_PEOPLE = frozenset("he him his she her hers".split())
_ALLOWED = re.compile(
    rf"\bthis\s(?:year|quarter|month|week)\b|\bone\s(?:day|week|month|year|hour|go)\b|\b(?:{_AUXILIARY})\sthere\b", re.I
)
_SUBJECTS = DETERMINERS | frozenset("a an we i you there".split())
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_DETERMINER = re.compile(r"\b(?:the|our|my|your|their|this)\s$", re.I)

Span = tuple[int, int]


def split(question: str, quoted: Sequence[Span], named: Sequence[Span]) -> tuple[str, ...]:
    """The questions in it, at least two and each self-contained, or ().

    `quoted` and `named` are the spans of quotations and of documents' names and kinds: nothing is split inside them.
    What the first part says of the matter ("In the Kestrel lease, ...", a sentence before the questions, or the one
    document that it names) is put before the parts that don't say it themselves.
    """
    if len(question) > _MOST_CHARS:
        return ()
    return _Splitter(question, quoted, named).parts()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A question in `question[start:end]` and the span of the words before it that hold for it, perhaps empty."""

    start: int
    end: int
    scope: Span


class _Splitter:
    def __init__(self, question: str, quoted: Sequence[Span], named: Sequence[Span]) -> None:
        self._question = question
        self._named = named
        self._masked = blank(straight(question), [*quoted, *named], "X")  # one long capitalised word each

    def parts(self) -> tuple[str, ...]:
        context, sentences = self._sentences()
        pieces = [piece for start, end in sentences for piece in self._pieces(start, end, scoped=bool(context))]
        if not 2 <= len(pieces) <= MOST_PARTS:
            return ()
        first = pieces[0]
        said = set(_words(self._masked[first.scope[0] : first.end]))
        parts = [self._render(context, self._text(first.scope), first)]
        for piece in pieces[1:]:
            scope = self._scope_of(first, piece, context)
            if not self._stands_alone(piece.start, piece.end, scoped=bool(scope or context), said=said):
                return ()
            parts.append(self._render(context, scope, piece))
        return tuple(parts) if len(set(parts)) == len(parts) else ()

    def _sentences(self) -> tuple[str, list[Span]]:
        """The statements before the questions, as they are, and the spans of the questions; none if it is no plain
        list of questions."""
        spans, start = [], 0
        for match in [*_SENTENCE.finditer(self._masked), None]:
            end = match.start() if match else len(self._masked)
            begin = _NUMBERING.match(self._masked, start, end)
            spans.append((begin.end() if begin else start, end))
            start = match.end() if match else end
        spans = [(start, end) for start, end in spans if self._masked[start:end].strip()]
        asks = [self._asks(start, end) for start, end in spans]
        if True not in asks or not all(asks[asks.index(True) :]):
            return "", []
        before = spans[: asks.index(True)]
        if before and before[-1][1] - before[0][0] > _MOST_CONTEXT:
            return "", []
        return " ".join(self._text(span) for span in before), spans[len(before) :]

    def _asks(self, start: int, end: int) -> bool:
        return self._masked[start:end].rstrip().endswith("?") or bool(
            _OPENING.match(self._masked, self._scope_end(start, end))
        )

    def _scope_end(self, start: int, end: int) -> int:
        """Where the question itself begins after "In the Kestrel lease, " or "Kestrel lease: "."""
        scoped = _SCOPE.match(self._masked, start)
        if _OPENING.match(self._masked, start):
            return start
        for match in _SCOPE_END.finditer(self._masked, start, min(end, start + _MOST_CONTEXT)):
            if (scoped or match.group()[0] == ":") and _OPENING.match(self._masked, match.end()):
                return match.end()
        return start

    def _pieces(self, start: int, end: int, *, scoped: bool) -> list[_Piece]:
        """The questions that "and" joins in a sentence; the sentence itself if the joined ones don't stand alone."""
        body = self._scope_end(start, end)
        scope = (start, body)
        whole = [_Piece(body, end, scope)]
        if not _OPENING.match(self._masked, body):
            return whole
        cuts: list[re.Match[str]] = []
        for match in _JOINT.finditer(self._masked, body, end):
            if self._joins_questions(cuts[-1].end() if cuts else body, match):
                cuts.append(match)
        starts = [body, *(match.end() for match in cuts)]
        ends = [*(match.start() for match in cuts), end]
        pieces = [_Piece(begin, stop, scope) for begin, stop in zip(starts, ends, strict=True)]
        said = set(_words(self._masked[start : ends[0]]))
        scoped = scoped or body > start or bool(self._names_in(start, ends[0]))
        if not scoped and (
            self._names_in(ends[0], end) or not self._stands_alone(body, ends[0], scoped=True, said=said)
        ):
            return whole  # "What is the excess and what is the premium of the Kestrel policy?"
        if not all(self._stands_alone(piece.start, piece.end, scoped=scoped, said=said) for piece in pieces[1:]):
            return whole
        return pieces

    def _joins_questions(self, start: int, match: re.Match[str]) -> bool:
        """Whether direct questions stand on both sides: not "how and when", not "the supplier who sells and who ...",
        not "know what it is and where it goes"."""
        opening = _OPENING.match(self._masked, start)
        left = _words(self._masked[opening.end() if opening else start : match.start()])
        if not left or left[-1] in FUNCTION_WORDS - PRONOUNS or not QUESTION_WORDS.isdisjoint(left):
            return False
        word = (match["first"] or match["listed"]).lower()
        rest = (match["rest"] or match["more"] or "").split()
        if word in AUXILIARIES:
            return bool(match["comma"] and rest) and (rest[0].lower() in _SUBJECTS or rest[0][:1].isupper())
        if match["before"] and word not in {"how", "what", "when"}:  # not "the sum for which it is liable"
            after = rest[0].lower() if rest else ""
            return after in AUXILIARIES if word == "whom" else word == "which" and after not in _SUBJECTS | PRONOUNS
        following = {token.lower() for token in rest[: 5 if word == "how" else 1]}
        return word not in {"when", "where", "why", "how"} or not AUXILIARIES.isdisjoint(following)

    def _stands_alone(self, start: int, end: int, *, scoped: bool, said: set[str]) -> bool:
        """Enough words of its own, and none that points at something the part doesn't say."""
        text = self._masked[start:end]
        found = _words(_ALLOWED.sub(" ", text))
        pointing = [word for word in found if word in _POINTING]
        known = said | _THINGS if said & _THINGS else said
        if any(not (scoped and (word in _PEOPLE or word in known)) for word in pointing):
            return False
        content = [word for word in found if word not in FUNCTION_WORDS and len(word) > 1]
        return len(content) >= (1 if scoped else 2 if _names_something(text) else 3)

    def _scope_of(self, first: _Piece, piece: _Piece, context: str) -> str:
        """The words that a later part needs before it: its sentence's own, else the first part's, unless it names
        another document itself."""
        if self._names_in(piece.start, piece.end):
            return ""
        return self._text(piece.scope) or self._text(first.scope) or self._carried(first, piece, bool(context))

    def _carried(self, first: _Piece, piece: _Piece, context: bool) -> str:
        """ "In the Kestrel lease," where only the first part names it and nothing else is named in this one."""
        names = self._names_in(first.start, first.end)
        text = self._masked[piece.start : piece.end]
        if context or len(names) != 1 or _names_something(text):
            return ""
        start, end = names[0]
        determiner = _DETERMINER.search(self._question[:start])
        if not determiner and self._question[start:end].islower():
            return ""
        return f"In {self._question[determiner.start() if determiner else start : end]},"

    def _names_in(self, start: int, end: int) -> list[Span]:
        return [span for span in self._named if start <= span[0] and span[1] <= end]

    def _text(self, span: Span) -> str:
        return self._question[slice(*span)].strip()

    def _render(self, context: str, scope: str, piece: _Piece) -> str:
        text = self._question[piece.start : piece.end].strip(" \t\n,;?") + "?"
        if scope and _OPENING.match(text):
            text = text[:1].lower() + text[1:]
        elif not scope:
            text = text[:1].upper() + text[1:]
        return " ".join(" ".join(filter(None, (context, scope, text))).split())


def _names_something(text: str) -> bool:
    """A capitalised word that doesn't open the text, or a number."""
    return bool(re.search(r"(?<=\s)(?:[A-Z][A-Za-z0-9]|\d)", text.strip()))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
