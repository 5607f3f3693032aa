"""Bounds and hedges around a number: "at least", "up to", "about"."""

from __future__ import annotations

import re

_FILLER = r"\s?(?:(?:an?|the|of|be|is|total of|period of|approximately|about|sum of|than|to)\s){0,3}"
_BEFORE = re.compile(
    r"(?:(?P<atleast>\b(?:at\s(?:the\s(?:very\s)?)?least|(?:no|not)\s(?:be\s)?(?:less|fewer|lower|shorter|smaller)\sthan"
    r"|minimum(?:\s[a-z]+)?(?:\sof)?)|≥|>=)"
    r"|(?P<atmost>\b(?:at\s(?:the\s(?:very\s)?)?most|(?:no|not)\s(?:be\s)?(?:more|greater|higher|longer|larger)\sthan"
    r"|not\s(?:to\s)?exceed(?:ing)?|up\sto|maximum(?:\s[a-z]+)?(?:\sof)?|(?:capped|limited)\s(?:at|to))|≤|<=)"
    r"|(?P<over>\b(?:(?:more|greater|higher|longer|larger|older|later)\sthan|over|above|exceed(?:s|ed|ing)?|in\sexcess\sof)|>)"
    r"|(?P<under>\b(?:(?:less|fewer|lower|shorter|smaller|younger|sooner)\sthan|under|below)|<)"
    r"|(?P<within>\bwithin)"
    r"|(?P<nearly>\b(?:nearly|almost|just\sunder|just\sbelow|close\sto))"
    r"|(?P<about>\b(?:about|approximately|approx\.?|around|roughly|circa|ca?\.|some|an?\sestimated)|~|≈))"
    + _FILLER + r"$",
    re.IGNORECASE,
)  # fmt: skip
_AFTER = re.compile(
    r"[)\]]?(?:\s[a-z]{2,14})?\s(?:or|and)\s(?:(?P<atleast>more|greater|longer|above|older|higher|over|up)"
    r"|(?P<atmost>less|fewer|under|below|younger|lower|shorter))\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|cannot|\w+n't)\b(?=(?P<near>(?:\s[\w']+){0,4}\s?$)?)", re.IGNORECASE
)
_CONDITION = re.compile(
    r"\b(?:without|unless|except|exclud\w+|prohibit\w*|void|fail\w*|if|other than)\b", re.IGNORECASE
)
_TURNED = {"over": "atmost", "under": "atleast"}
_OPPOSITE = {
    "atleast": {"atmost", "under", "within"},
    "over": {"atmost", "under"},
    "atmost": {"atleast", "over"},
    "under": {"atleast", "over"},
    "within": {"atleast"},
}
_REACH = 48


def bound(text: str, start: int, end: int) -> str:
    """How the words around the number at `text[start:end]` bound it: atleast, atmost, over, under, within, nearly,
    about, or "" where none does or a negation or condition before may turn it round."""
    window = text[max(0, start - _REACH) : start]
    before = _BEFORE.search(window)
    name = (before.lastgroup if before else None) or ""
    if not name and (after := _AFTER.match(text, end, end + _REACH)):
        name = after.lastgroup or ""
    if name not in _OPPOSITE:
        return name
    at = start - len(window) + before.start() if before else start
    clause = re.split(r"[.;:\n]", text[max(0, at - 2 * _REACH) : at])[-1]
    negations = list(_NEGATION.finditer(clause))
    if _CONDITION.search(clause) or len(negations) > 1:
        return ""
    if negations:  # "shall not give more than"
        return _TURNED.get(name, "") if negations[0]["near"] is not None else ""
    return name


def opposed(one: str, other: str) -> bool:
    """Whether both bounds cannot describe the same limit."""
    return other in _OPPOSITE.get(one, ())
