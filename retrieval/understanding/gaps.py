"""Questions whose second half leaves out what the first has said: "Which law governs the Acme lease, and which the Beta
one?", "How long is the term of the Acme lease, and of the Beta lease?", "How much is paid, and how many shares?"."""

from __future__ import annotations

import re

from retrieval.understanding.words import AUXILIARIES, QUESTION_WORDS, words

_LONGEST = 400  # characters
_ASKING = rf"(?:how\s+\w+|{'|'.join(sorted(QUESTION_WORDS))})"
_AUXILIARY = rf"(?:{'|'.join(sorted(AUXILIARIES))})"
_PREPOSITION = r"(?:of|in|under|for|to|from|on|at|by|with|as\s+of)"
_DETERMINER = r"(?:the|our|my|your|their|its)"
_NAME = r"(?-i:[A-Z0-9])[\w&.'’-]*"
_AND = r"\s*,?\s+and\s+"
_SAME_ASKED = re.compile(
    rf"(?P<first>{_ASKING}\s.+?){_AND}(?P<again>{_ASKING})\s+(?P<other>(?:{_DETERMINER}\s+\S.*|{_NAME}.*))", re.I
)
_SAME_PLACE = re.compile(
    rf"(?P<head>(?:.+,\s+)?{_ASKING}\s.+?\s)(?P<by>{_PREPOSITION})\s+(?P<one>.+?){_AND}(?P=by)\s+(?P<other>.+)", re.I
)
_SAME_REST = re.compile(
    rf"(?P<first>(?:how\s+\w+|what|which|when|where)(?:\s+(?!{_AUXILIARY}\s)[\w'’-]+){{0,3}})\s+"
    rf"(?P<rest>{_AUXILIARY}\s.+?){_AND}"
    rf"(?P<other>how\s+(?:many|much|often|long)(?:\s+[a-z'’-]+){{0,3}}|{_PREPOSITION}\s+(?:which|what|how)(?:\s+[a-z'’-]+){{1,3}})",
    re.I,
)
_ADVERBIAL = re.compile(rf"(?:when|where|how\s+(?!many\b|much\b)|{_PREPOSITION}\s)", re.I)
_NAMED = re.compile(rf"\b{_DETERMINER}\s+{_NAME}|(?<=\s){_NAME}", re.I)
_WITH = re.compile(rf"\s(?:{_PREPOSITION}|between|that|which)\s", re.I)


def completed(question: str) -> tuple[str, ...]:
    """Both questions in full, or () if it is none of this kind."""
    text = " ".join(question.split()).rstrip(" ?.")
    if len(text) > _LONGEST or re.search(r"[?;:]\s|[\"“”]", text):
        return ()
    return _same_asked(text) or _same_place(text) or _same_rest(text)


def _same_asked(text: str) -> tuple[str, ...]:
    """The same of another document: the name that ends the first half gives way to the other one."""
    match = _SAME_ASKED.fullmatch(text)
    if not match or not _verbless(match["other"]) or not _is_name(match["other"]):
        return ()
    first = match["first"]
    names = list(_NAMED.finditer(first, len(first.split()[0])))
    name = next((one for one in names if one.group().lower().startswith(("the ", "our ", "their "))), None) or (
        names[0] if names else None
    )
    if name is None or name.start() < len(first.split()[0]) + 2:
        return ()
    head = _WITH.split(first[name.start() :])[0].split()[-1]
    other = re.sub(r"\bones?\b", head, match["other"]) if head.islower() else match["other"]
    return f"{first}?", f"{first[: name.start()]}{other}?"


def _same_place(text: str) -> tuple[str, ...]:
    """The same preposition again: "of the Acme lease, and of the Beta lease", "in 2019 and in 2020"."""
    match = _SAME_PLACE.fullmatch(text)
    if not match or not _verbless(match["other"]) or not _verbless(match["one"]):
        return ()
    return tuple(f"{match['head']}{match['by']} {match[place]}?" for place in ("one", "other"))


def _same_rest(text: str) -> tuple[str, ...]:
    """Another thing of the same: "How much cash is paid for 2020, and how many shares?"."""
    match = _SAME_REST.fullmatch(text)
    if not match or not _verbless(match["other"], but_asking=True):
        return ()
    if bool(_ADVERBIAL.match(match["first"])) != bool(_ADVERBIAL.match(match["other"])):
        return ()  # "How much money may we lend, and for how long?": the second half needs the money
    other = match["other"][:1].upper() + match["other"][1:]
    return f"{match['first']} {match['rest']}?", f"{other} {match['rest']}?"


def _verbless(text: str, *, but_asking: bool = False) -> bool:
    said = set(words(text))
    return not said & AUXILIARIES and (but_asking or not said & QUESTION_WORDS)


def _is_name(text: str) -> bool:
    """ "the Beta one", "Beta's with Gamma"; not "Seller pays the taxes"."""
    if re.match(rf"{_DETERMINER}\s", text, re.I):
        return True
    rest = re.sub(rf"{_NAME}|\b{_PREPOSITION}\b|\band\b", " ", text)
    return not rest.strip(" ,.&'’")
