"""Several facts after one question word: "What are the term and the renewal notice of the Kestrel lease?"."""

from __future__ import annotations

import re

from retrieval.understanding.words import AUXILIARIES, FUNCTION_WORDS, QUESTION_WORDS

_SMALL = "|".join(sorted(FUNCTION_WORDS | AUXILIARIES | QUESTION_WORDS | {"to"}))
_NOUNS = rf"(?:(?!(?:{_SMALL})\b)[\w'-]+\s+){{0,3}}(?!(?:{_SMALL})\b)[\w'-]+"  # one to four words
_THING = rf"(?:the|its|their|any|a|an)\s+{_NOUNS}"
_ASKED = re.compile(
    rf"(?P<scope>(?:[^,?]{{1,200}},\s+)?)(?P<word>what|who)\s+(?P<verb>are|is|were|was)\s+"
    rf"(?P<first>{_THING})(?P<more>(?:\s*,\s*{_THING})*)\s*,?\s+and\s+(?P<last>(?:{_THING}|{_NOUNS}))"
    rf"(?P<tail>(?:\s+(?:of|in|under|for|to|from|on|by|at|between|according|set|stated|agreed)\b[^?]*)?)\s*\??",
    re.I,
)
_ANOTHER = re.compile(rf"\s(?:and|or|{'|'.join(sorted(QUESTION_WORDS))})\s", re.I)


def listed(question: str, masked: str) -> tuple[str, ...]:
    """A question for each thing, with what stands after the last one; () if it is none of this kind, or may be one
    thing with two words ("the terms and conditions", "research and development costs").

    `masked` is the question with every name of a document as one long word.
    """
    match = _ASKED.fullmatch(masked)
    if not match or _ANOTHER.search(match["tail"]):
        return ()
    spans = [match.span("first")]
    start = match.start("more")
    spans += [
        (start + one.start(1), start + one.end(1)) for one in re.finditer(rf",\s*({_THING})", match["more"], re.I)
    ]
    spans.append(match.span("last"))
    things = [question[start:end] for start, end in spans]
    own = re.match(r"(?:the|its|their|any|an?)\s", things[-1], re.I)
    if not own:
        if match["verb"].lower() not in {"are", "were"} or any(map(_plural, things)):
            return ()  # else two things of which each is one
        things[-1] = f"{things[0].split()[0].lower()} {things[-1]}"
    verb = match["verb"].lower()
    scope, tail = question[match.start("scope") : match.end("scope")], question[match.start("tail") : match.end("tail")]
    one, many = ("is", "are") if verb in {"is", "are"} else ("was", "were")
    word = match["word"].lower() if scope else match["word"].capitalize()
    return tuple(f"{scope}{word} {many if _plural(thing) else one} {thing}{tail}?" for thing in things)


def _spans(more: str, offset: int) -> list[tuple[int, int]]:
    found = re.finditer(rf",\s*({_THING})", more, re.I)
    return [(offset + thing.start(1), offset + thing.end(1)) for thing in found]


def _plural(thing: str) -> bool:
    return thing.endswith("s") and not thing.endswith("ss")
