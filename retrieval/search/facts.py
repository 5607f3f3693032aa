"""Questions for documents by their facts: "agreements governed by Delaware law", "contracts that expire in 2025"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.types import FactKind
from retrieval.search.names import ViewNames
from retrieval.text.dates import mentions
from retrieval.types import Clue
from retrieval.understanding.days import spell

_KINDS = (
    r"(?:agreement|contract|lease|licen[cs]e|nda|deed|amendment|document|polic(?:y|ie)|addend(?:um|a)|"
    r"guarant(?:y|ee|ie))"
)
_ASKED = re.compile(
    rf"\b{_KINDS}s\b|\b(?:which|what|any|every|each|no)\s+(?:[\w-]+\s+){{0,3}}?{_KINDS}\b|\b(?:is|are)\s+there\s+an?\s+"
    rf"(?:[\w-]+\s+){{0,3}}?{_KINDS}\b",
    re.I,
)
_REACH = 70  # characters after the word for documents that what they have may begin in
_PLACE = r"[A-Z][\w.']*(?:\s(?:(?:and|of)\s)?[A-Z][\w.']*){0,3}"
_OF = r"(?:the\s+)?(?:laws?\s+of\s+(?:the\s+)?(?i:(?:state|commonwealth|province|republic)\s+of\s+)?)?"
_LAW = re.compile(
    rf"\b(?:governed|construed|controlled)\s+(?:by|under|in\s+accordance\s+with)\s+{_OF}(?P<place>{_PLACE})"
    rf"|\bunder\s+{_OF}(?P<bare>{_PLACE})(?=\s+laws?\b|[?.,]|$)"
)
_RELATION = (
    r"(?:\s+(?P<how>in|on|during|before|after|since|by|until|as\s+of|from))?"
    r"\s+(?:the\s+)?(?:year\s+|month\s+of\s+)?$"
)
_EXPIRES = r"(?:expir(?:e[sd]?|ing)|end(?:s|ed|ing)?|terminat(?:e[sd]?|ing)|run(?:s|ning)?\s+out)"
_TAKES_EFFECT = r"(?:effective|(?:took|takes?|taking|came|comes?)\s+(?:in(?:to)?\s+)?(?:effect|force))"
_DAYS = tuple(
    (kind, words, re.compile(rf"\b{verb}{_RELATION}", re.I))
    for kind, words, verb in (
        (FactKind.EXPIRY_DATE, "whose first term ends", _EXPIRES),
        (FactKind.EFFECTIVE_DATE, "effective", _TAKES_EFFECT),
        (FactKind.AGREEMENT_DATE, "made", r"(?:dated|signed|made|executed|concluded|entered\s+into)"),
    )
)
_PLAIN = re.compile(r"\d{4}(?:-\d\d){0,2}")
_DENIED = re.compile(
    r"\b(?:not|never|nor|neither|without|except|excepting|excluding|other\s+than|unless)\b|n['’]t\b", re.I
)
_OR = re.compile(r"[\s,]*(?:(?:state\s+)?laws?[\s,]*)?(?:and/)?or\b", re.I)
_PEOPLE = {
    "english": "england", "german": "germany", "french": "france", "dutch": "netherlands", "swiss": "switzerland",
    "irish": "ireland", "scottish": "scotland", "scots": "scotland", "israeli": "israel", "italian": "italy",
    "spanish": "spain", "japanese": "japan", "chinese": "china", "canadian": "canada", "australian": "australia",
    "indian": "india", "swedish": "sweden", "austrian": "austria", "belgian": "belgium", "danish": "denmark",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a fact of this kind must be, and the clue that says so."""

    kind: FactKind
    fits: Callable[[str], bool]
    clue: Clue


def by_facts(question: str, names: ViewNames) -> tuple[tuple[str, ...], tuple[Clue, ...]]:
    """The visible documents (UUIDs, ascending) that have the facts which the question asks for, and what it asks;
    nothing where it asks for none, or no document has them."""
    asked = [match.end() for match in _ASKED.finditer(question)]
    if not asked:
        return (), ()
    wanted = [*_laws(question, asked), *_days(question, asked)]
    if not wanted:
        return (), ()
    found = {
        record.document
        for record in names.records()
        if all(one.kind in record.facts and one.fits(record.facts[one.kind]) for one in wanted)
    }
    return (tuple(sorted(found)), tuple(one.clue for one in wanted)) if found else ((), ())


def _laws(question: str, asked: list[int]) -> Iterator[_Wanted]:
    match = _LAW.search(question)
    if match is None or not _follows(match.start(), asked) or _unsure(question, match.end()):
        return
    spelled = re.sub(r"\s+(?:State\s+)?Laws?$", "", match["place"] or match["bare"]).strip(" .")
    place = _PEOPLE.get(spelled.casefold(), spelled.casefold())

    def fits(value: str) -> bool:
        own = value.casefold()
        joint = own.startswith(f"{place} and ") or place.startswith(f"{own} and ")
        return joint or place in {own, own.partition(",")[0]}

    effect = f"Documents governed by the law of {spelled} come first."
    yield _Wanted(FactKind.GOVERNING_LAW, fits, Clue("fact", match.group().strip(), f"governing_law={spelled}", effect))


def _days(question: str, asked: list[int]) -> Iterator[_Wanted]:
    for mention in mentions(question):
        value = mention.values[0]
        if len(mention.values) > 1 or not _PLAIN.fullmatch(value):
            continue
        for kind, words, pattern in _DAYS:
            match = pattern.search(question, 0, mention.start)
            if match and _follows(match.start(), asked) and not _unsure(question, mention.end):
                how = " ".join((match["how"] or "in").casefold().split())
                effect = f"Documents {words} {how} {spell(value)} come first."
                text = question[match.start() : mention.end]
                yield _Wanted(kind, _compared(how, value), Clue("fact", text, f"{kind.value} {how} {value}", effect))
                break


def _compared(how: str, wanted: str) -> Callable[[str], bool]:
    """Days (YYYY-MM-DD) against a day, month or year."""

    def fits(day: str) -> bool:
        own = day[: len(wanted)]
        if how == "before":
            return own < wanted
        if how in {"by", "until"}:
            return own <= wanted
        if how == "after":
            return own > wanted
        return own >= wanted if how in {"since", "from"} else own == wanted

    return fits


def _unsure(question: str, end: int) -> bool:
    """Whether what is asked up to `end` is denied, or but one of several: "not governed by", "in 2024 or 2025"."""
    return bool(_DENIED.search(question, 0, end) or _OR.match(question, end))


def _follows(start: int, asked: list[int]) -> bool:
    return any(0 <= start - end <= _REACH for end in asked)
