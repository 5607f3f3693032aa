"""When a document was made, when it takes effect, and when its first term ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeAlias

from ingest.facts.calendar import LENGTH, days, later, length
from ingest.types import Fact, FactKind

_OPENING = 8_000  # characters that title page and preamble may take
_Q = "[\"“”'‘’]{1,2}"
_MADE = re.compile(
    r"\b(?:made|entered(?:\s+in(?:to)?)?|executed|dated|signed|concluded|agreed|date[ds]?\s+as)(?:,?\s+(?:and|"
    r"as|of|on|this|at|"
    r"the|is|was|effective|entered\s+into|made|by|in|dated|executed|delivered|day|date)\b)*[\s:,_]{0,4}$",
    re.I,
)
_MADE_LABEL = re.compile(
    r"(?:^|\n)\s*(?:agreement\s+|contract\s+|signing\s+)?dated?(?:\s+of\s+(?:this\s+)?agreement)?\s*[:|]\s*$", re.I
)
_THIS_DAY = re.compile(
    r"\bthis(?:\s+the)?\s*$|\bthis\s+(?:[\w-]+\s+){0,4}?(?:agreement|contract|deed|lease)\s+of\s+(?:the\s+)?$", re.I
)
_OTHER = re.compile(
    r"\b(?:that\s+certain|certain|existing|original|prior|previous|amended|by\s+an|to\s+the|under\s+the|"
    r"of\s+the|pursuant\s+to)\b"
    r"[^;\n]{0,140}\bdated\b[^;\n]{0,10}$",
    re.I,
)
_MEANS = re.compile(rf"{_Q}\s+(?:shall\s+)?(?:means?|refers?\s+to)\b")  # what the document defines
_CLOSING = re.compile(
    r"\b(?:in\s+witness\s+whereof|signed\s+and\s+effective|agreement\s+is\s+(?:made|executed|signed)|(?:have|"
    r"has)\s+(?:caused|executed|signed)|"
    r"executed\s+(?:by|this|and))\b[^;]{0,260}\b(?:as\s+of|on|this|effective|dated?|day\s+of|"
    r"of)\s*(?:the\s*)?[_\s]{0,4}$",
    re.I,
)
_NAMED = re.compile(
    rf"^\W{{0,4}}[,;]?\s?[(\[]?[^()\[\]\n]{{0,40}}?{_Q}\s?(?:Effective|Commencement)\s+Date\s?[,.]?{_Q}", re.I
)
_NAMED_BARE = re.compile(r"^\W{0,3}\((?:the\s+)?(?:Effective|Commencement)\s+Date\)", re.I)
_EFFECTIVE = re.compile(
    r"\beffective(?:\s+date)?(?:\s+(?:as|on|of|from|and|is|the|this|date|dated|until|beginning|commencing|"
    r"will|shall|be|mean[s]?)\b)*"
    r"[\s:,_]{0,4}$",
    re.I,
)
_DEFINED = re.compile(
    rf"(?:{_Q}\s?|\b)(?:Effective|Commencement)\s+Date\s?(?:{_Q})?\s*(?:,|:|of\s+(?:this|the)\s+[A-Za-z]+)?\s*"
    r"(?:(?:shall|will)\s+(?:mean|be|refer\s+to)|means|is|of|:|-|–)[\s:,]*(?:(?:on|as\s+of|the\s+date\s+of|"
    r"to\s+be|the\s+date|agreement\s+is|deemed)\s+)*$",
    re.I,
)
_COMMENCES = re.compile(
    r"\b(?:agreement|term|contract|venture|franchise|services|lease)\b[^.;\n]{0,80}\b(?:commence[sd]?|begins?|"
    r"be(?:come)?\s+effective|take\s+effect|"
    r"in\s+(?:force|effect)|start|commencing|beginning)(?:\s+(?:on|as|of|from|and|effective|the|be)\b)*\s*$",
    re.I,
)
_ENDS = re.compile(
    r"\b(?:expir(?:e[sd]?|ing|ation)|terminat(?:e[sd]?|ing)|end(?:s|ed|ing)?|until|through|(?<!prior\s)to|"
    r"conclud(?:e|es|ing)|"
    r"up\s+to\s+and\s+including)"
    r"(?:\s+(?:on|at|date|of|is|be|shall|will|and|including|until|midnight|the|close|business|end|as|earlier|"
    r"later|i\.e\.|later\s+of|day|this|agreement|"
    r"through|p\.m\.|\d{1,2}(?::\d\d)?|its|term|11:59)\b[.,:(]*)*[\s:,(]{0,4}$",
    re.I,
)
_RUNS = re.compile(
    r"\b(?:terms?|agreement|contract|venture|appointment|license|lease|"
    r"amendment)\b[^.;]{0,200}?\b(?:commenc\w+|begin\w*|start\w*|continu\w+|remain\w*|"
    r"expir\w+|terminat\w+|ends?|effective|effect|force|run|extend|be|is|from|for)\b",
    re.I,
)
_NO_TERM = re.compile(
    r"\b(?:renew\w*|extension|extended|option|additional|thereafter|notice|after\s+(?:the\s+)?(?:expiration|"
    r"termination|end)|"
    r"following\s+(?:the\s+)?(?:expiration|termination)|surviv\w*|payment|confidential\w*|warrant\w*|days?|"
    r"non-?compet\w*|lock-?up|exclusiv\w*|"
    r"minimum|milestone|fiscal|report|budget|quarter|phase|terms?\s+of\s+the\s+project|insurance|deliver\w*|if\b|provided\s+that|"
    r"first\s+anniversary|prior\s+agreement|"
    r"amended|sales|calendar\s+year|permit\w*|non-?solicit\w*)\b",
    re.I,
)
_FROM = re.compile(
    r"^[^.;]{0,40}?\b(?:from|after|following|commencing|beginning|starting|as\s+of|on|of)\s+(?:(?:on|with|"
    r"from|as|of|the|upon|and|including)\s+)*"
    rf"(?P<what>(?:{_Q})?(?:Effective|Commencement)\s+Date|date\s+(?:hereof|of\s+(?:this|the|"
    rf"its)\s+(?:\w+\s+)?(?:agreement|document|contract|amendment|execution|signing|signature)|"
    r"first\s+(?:above\s+)?written|of\s+(?:execution|signing|signature)|above\s+written|first\s+set\s+forth|"
    r"set\s+forth\s+above)|execution\s+(?:of\s+this|date|hereof)|signing)",
    re.I,
)
_BEGAN = re.compile(
    rf"\b(?:commenc\w*|begin\w*|effective|start\w*|in\s+effect|in\s+force)\s+(?:(?:on|as|of|from|upon|with|"
    rf"the)\s+)*(?P<what>(?:{_Q})?(?:Effective|Commencement)\s+Date|"
    r"date\s+(?:hereof|of\s+(?:this|the|its)\s+(?:\w+\s+)?(?:agreement|document|contract|amendment|execution|"
    r"signature)|first\s+(?:above\s+)?written))",
    re.I,
)
_LENGTH = re.compile(LENGTH, re.I)
_UNLESS = re.compile(r"\b(?:unless|subject\s+to|except\s+as)\b[^,;:]{0,160}[,:]", re.I)
_CALLED = re.compile(rf"^[\s,]{{0,2}}\(\s?[^()]{{0,30}}{_Q}\s?(?:Initial\s+|Original\s+)?Term\s?[,.]?{_Q}", re.I)
_LABEL = re.compile(
    rf"(?:{_Q})?\b(?:Expir(?:ation|y)|Termination|End(?:ing)?)\s+Date(?:{_Q})?\s*(?:[:|]|means|shall\s+mean|"
    rf"shall\s+be|is)\s*$",
    re.I,
)
_ALONE = re.compile(r"\.?[ \t]{0,9}(?:[\n|]|$)")
_LABELS = (
    (
        FactKind.EFFECTIVE_DATE,
        re.compile(
            r"(?:^|\n)[ |]{0,3}(?:effective(?:\s+(?:date|from|as\s+of))?|"
            r"in\s+force\s+(?:from|since))\s{0,3}[:|]?\s{0,3}$",
            re.I,
        ),
    ),
    (
        FactKind.EXPIRY_DATE,
        re.compile(
            r"(?:^|\n)[ |]{0,3}(?:expir(?:y|ation|es)(?:\s+(?:date|on))?|"
            r"valid\s+(?:until|to|through))\s{0,3}[:|]?\s{0,3}$",
            re.I,
        ),
    ),
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_ANNIVERSARY = re.compile(
    rf"\b(?:(?P<w>{'|'.join(_ORDINALS)})|(?P<n>\d{{1,2}})(?:st|nd|rd|th))\s+(?:\(\d{{1,2}}(?:st|nd|rd|"
    rf"th)?\)\s+)?(?:annual\s+)?anniversary\s+(?:date\s+)?of\s+"
    rf"(?:the\s+)?(?P<what>(?:{_Q})?(?:Effective|Commencement)\s+Date|date\s+(?:hereof|of\s+this\s+agreement|"
    rf"first\s+(?:above\s+)?written))",
    re.I,
)
Day: TypeAlias = tuple[int, int, date]  # [start, end) of the text, and the day that stands there
_MOST = 3_000  # days and lengths that are looked at
_STEP = 900  # characters of a sentence that are looked at


def labelled(text: str) -> Iterator[Fact]:
    """Days after "Effective date:" or "Valid until:" at the beginning of a line of the first pages, as of a policy."""
    for kind, label in _LABELS:
        for start, end, day in days(text, 0, _OPENING):
            if label.search(text[max(0, start - 60) : start]) and _ALONE.match(text, end):
                yield Fact(kind, day.isoformat(), start, end)
                break


def made(text: str, known: Sequence[Day]) -> Iterator[tuple[int, int, date]]:
    """The day of the agreement: that of "this Agreement is made on", of "Dated" on a title page."""
    for start, end, day in known:
        if start >= _OPENING:
            break
        before = _before(text, start, 300)
        if _OTHER.search(text[max(0, start - 200) : start]) or _MEANS.search(before):
            continue
        line = text[text.rfind("\n", 0, start) + 1 : start]
        whole = not line.strip() and text[end : end + 1] in {"\n", ""}
        before = before[-160:]
        if _MADE.search(before) or _MADE_LABEL.search(before) or _THIS_DAY.search(before) or (whole and start < 1_500):
            yield start, end, day
    for start, end, day in known:
        if (
            start >= _OPENING
            and _CLOSING.search(text[max(0, start - 330) : start])
            and not _OTHER.search(text[max(0, start - 200) : start])
        ):
            yield start, end, day


def effective(text: str, known: Sequence[Day]) -> Iterator[tuple[int, int, date]]:
    """The day that is called the effective one, or as of which the agreement holds or begins."""
    opening = 0
    for start, end, day in known:
        before, after = _before(text, start, 160), text[end : end + 90]
        called = _NAMED.search(after) or _NAMED_BARE.search(after)
        if start < _OPENING and (called or (_EFFECTIVE.search(before) and not _OTHER.search(before))):
            opening += 1
            yield start, end, day
        elif (
            called or _DEFINED.search(before) or (not opening and _COMMENCES.search(before) and "hundred" not in before)
        ):
            yield start, end, day


def expiry(text: str, known: Sequence[Day], began: Sequence[tuple[str, date]]) -> Iterator[tuple[int, int, date, str]]:
    """The day on which the first term ends, as stated or counted from one of the days in `began` ("effective", "made");
    with what it was counted from."""
    for start, end, day in known:
        sentence = _before(text, start, _STEP)
        called = _CALLED.search(text[end : end + 60]) and _ENDS.search(sentence)
        if (
            _LABEL.search(sentence[-60:])
            or called
            or (_ENDS.search(sentence) and _RUNS.search(sentence[-400:]) and not _NO_TERM.search(_since_verb(sentence)))
        ):
            yield start, end, day, ""
    bases = dict(began)
    for match in islice(_LENGTH.finditer(text), _MOST):
        yield from _counted(text, match, bases)
    for match in islice(_ANNIVERSARY.finditer(text), _MOST):
        yield from _anniversary(text, match, bases)


def _counted(text: str, match: re.Match[str], began: dict[str, date]) -> Iterator[tuple[int, int, date, str]]:
    before, after = _before(text, match.start(), _STEP), text[match.end() : match.end() + 160]
    if not _RUNS.search(f"{before[-300:]} for") or _NO_TERM.search(before[-160:]):
        return
    if not re.search(
        r"\b(?:for|of|be|is|period|term|least|ending)\W{0,3}(?:an?\s|the\s|initial\s|minimum\s|of\s|fixed\s|"
        r"period\s|term\s)*$",
        before,
        re.I,
    ):
        return
    if not re.search(r"\bterm\b", before[-260:], re.I) and not re.search(r"\bagreement\b[^.;]{0,140}$", before, re.I):
        return
    counts = length(match)
    said = _FROM.search(after)
    anchor = said or _BEGAN.search(before[-260:])
    base: date | None = None
    if anchor:
        base = _base(anchor["what"], began)
    elif _CALLED.search(after) or re.search(
        r"\b(?:initial|original)\s+term\s+(?:of|is|shall\s+be)\s*(?:an?\s)?$", before, re.I
    ):
        unsaid = not re.search(
            r"\b(?:from|after|commenc\w+|begin\w*|start\w*|upon|following)\b", before + after[:60], re.I
        )
        base = (began.get("effective") or began.get("made")) if unsaid else None
    else:
        stated = list(days(text, match.start() - len(before), match.start())) + list(
            days(text, match.end(), match.end() + 60)
        )
        base = stated[-1][2] if len(stated) == 1 else None
    end = later(base, counts) if base and counts else None
    if base and end:
        finish = match.end() + (said.end() if said else 0)
        yield match.start(), finish, end, f"{' '.join(match.group().split())} from {base.isoformat()}"


def _anniversary(text: str, match: re.Match[str], began: dict[str, date]) -> Iterator[tuple[int, int, date, str]]:
    before = _before(text, match.start(), _STEP)
    lead = _since_verb(before)
    if (
        not _RUNS.search(before[-400:])
        or _NO_TERM.search(lead)
        or not re.search(
            r"\b(?:expire|expires|end|ends|until|through|terminate)\s+(?:(?:on|at|upon|the|and|including)\s+)*$",
            lead,
            re.I,
        )
    ):
        return
    years = int(match["n"]) if match["n"] else _ORDINALS.index(match["w"].lower()) + 1
    base = _base(match["what"], began)
    end = later(base, 12 * years) if base else None
    if base and end:
        yield match.start(), match.end(), end, f"{years} years from {base.isoformat()}"


def _base(what: str, began: dict[str, date]) -> date | None:
    return began.get("effective" if re.search(r"effective|commencement", what, re.I) else "made")


def facts(text: str) -> Iterator[Fact]:
    """At most one of each; none where two passages that count the same name different days."""
    known = list(islice(days(text), _MOST))
    told: list[tuple[str, date]] = []
    found = next(made(text, known), None)
    if found:
        told.append(("made", found[2]))
        yield Fact(FactKind.AGREEMENT_DATE, found[2].isoformat(), *found[:2])
    start = next(effective(text, known), None)
    if start:
        told.append(("effective", start[2]))
        yield Fact(FactKind.EFFECTIVE_DATE, start[2].isoformat(), *start[:2])
    ends = next(expiry(text, known, told), None)
    if ends and all(ends[2] > day for _, day in told):
        yield Fact(FactKind.EXPIRY_DATE, ends[2].isoformat(), ends[0], ends[1], role=ends[3])


def _before(text: str, at: int, most: int) -> str:
    """What stands before in the same paragraph and sentence, as far as full stops tell."""
    lead = text[max(0, at - most) : at]
    lead = re.split(r"\n\n(?=[A-Z0-9(])", lead)[-1] if "\n\n" in lead.rstrip() else lead
    return re.split(r"(?<=[a-z)”\"])\.\s+(?=[A-Z])", lead)[-1]


def _since_verb(sentence: str) -> str:
    """The words that lead to the day, without what is said of another case in between."""
    return _UNLESS.sub(" ", sentence)[-160:]
