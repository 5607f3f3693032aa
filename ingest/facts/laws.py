"""The law that governs a document, and the language whose words prevail."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

from ingest.types import Fact, FactKind

_GOVERNS = re.compile(
    r"\b(?:govern(?:ed|ing|s)?|controlled|construed|constructed|interpret(?:ed|ation)|construction|validity|"
    r"subject\s+to|"
    r"contracted\s+with\s+reference)\b",
    re.I,
)
_RULED = re.compile(
    r"\b(?:govern(?:ed|s)?|controlled|construed|constructed|interpreted|enforced|determined|resolved|"
    r"contracted|applicable|apply|"
    r"subject|accordance|under|pursuant|"
    r"by)\b[^.;]{0,160}?$",
    re.I,
)
_LAWS_OF = re.compile(
    r"\b(?:laws?|legislation|statutes)\s+(?:(?:in\s+force|as\s+applied|applicable)\s+)?(?:(?:of|in|"
    r"and\s+(?:the\s+)?(?:decisions|courts)\s+of)\s+)?"
    r"(?:the\s+)?(?:courts\s+of\s+the\s+)?"
    r"(?:(?:state|commonwealth|province|republic|kingdom|federal\s+republic|country|territory|country\s+of|"
    r"sovereign\s+state)\s+(?:of\s+)?(?:the\s+)?)?",
    re.I,
)
_APPLIES = re.compile(r"^\W{0,3}(?:shall\s+|will\s+)?(?:appl(?:y|ies)|govern)\b", re.I)
_LAW = re.compile(r"\b(?:laws?|legislation|statutes)\b", re.I)
_EXISTS_UNDER = re.compile(
    r"\b(?:organi[sz]ed|existing|incorporated|formed|established|corporation|company|partnership|registered|duly|"
    r"constituted|chartered|qualified|licensed)\b[^.;]{0,60}$",
    re.I,
)
_ASIDE = re.compile(
    r"\b(?:withholding|tax(?:es|ation)?|employment|except|other\s+than|excluding|conflicts?|choice|regardless|"
    r"without|"
    r"securities|patents?|bankruptcy|labou?r|not\s+be)\b[^.;]{0,50}$",
    re.I,
)
_OWN_STATE = re.compile(r"\s+and\s+(?:of\s+)?(?:the\s+)?(?:State|Commonwealth)\s+of\s+", re.I)
_MOST = 3_000  # mentions of laws that are looked at
_NAME = 40  # characters that a place before "law" may take
_SENTENCE = 700  # characters of a sentence that are looked at on each side
_LANGUAGES = (
    "English|French|German|Spanish|Italian|Portuguese|Chinese|Japanese|Korean|Dutch|Russian|Polish|Swedish|Danish|"
    "Hebrew|Arabic"
)
_PREVAILS = re.compile(
    rf"\b(?P<l>{_LANGUAGES})(?:\s+(?:language|text|version|original|translation))+\b[^.;]{{0,120}}?"
    r"\b(?:shall|will|must|to)?\s?(?:prevails?|controls?|controlling|govern(?:s|ing)?|authoritative|binding)\b"
    rf"|\b(?:governing|controlling|official|authoritative)\s+language\b[^.;]{{0,60}}?\b(?P<g>{_LANGUAGES})\b"
    rf"|\b(?:in|"
    rf"into)\s+(?:the\s+)?(?P<w>{_LANGUAGES})(?:\s+language)?\b[^.;]{{0,80}}?\bwhich\s+(?:language\s+|"
    rf"version\s+)?"
    r"(?:shall|will)\s+(?:be\s+)?(?:prevail|control(?:ling)?|govern|binding)\b",
    re.I,
)


def governing_law(text: str) -> Iterator[Fact]:
    """The place whose law the document says governs it; nothing where it names two."""
    found: list[tuple[str, int, int]] = []
    for lead, place, span in _laws(text):
        law = _law(text, lead, place)
        if law:
            found.append((law, *span))
    if not found:
        return
    values = dict.fromkeys(value for value, _, _ in found)
    if len(values) > 1:  # the law of a state is that of the union too
        values.pop("United States", None)
    value = next(iter(values))
    if len(values) > 1:
        counts = {one: sum(other == one for other, _, _ in found) for one in values}
        best = max(counts.values())
        if list(counts.values()).count(best) > 1:
            return
        value = next(one for one, count in counts.items() if count == best)
    start, end = next((start, end) for law, start, end in found if law == value)
    yield Fact(FactKind.GOVERNING_LAW, value, start, end)


def governing_language(text: str) -> Iterator[Fact]:
    """The language whose text prevails; nothing where the document says so of two."""
    found = [(next(filter(None, match.group("l", "g", "w"))).capitalize(), match) for match in _PREVAILS.finditer(text)]
    if len({language for language, _ in found}) == 1:
        language, match = found[0]
        yield Fact(FactKind.GOVERNING_LANGUAGE, language, *match.span())


def _law(text: str, lead: int, place: re.Match[str]) -> str:
    """The place, if the words around it make it the one whose law governs; else "". What leads to it ends at `lead`."""
    begin = max(0, lead - _SENTENCE)
    before = re.split(r"\n\n|(?<=[a-z)])[.;]\s+(?=[A-Z])", text[begin:lead])[-1]
    applies = bool(_APPLIES.search(text[place.end() : place.end() + 40]))
    if not (applies or _GOVERNS.search(before)) or _EXISTS_UNDER.search(before) or _ASIDE.search(before):
        return ""
    return known_place(" ".join(place.group("place").split())) if applies or _RULED.search(before) else ""


def _laws(text: str) -> Iterator[tuple[int, re.Match[str], tuple[int, int]]]:
    """Every "laws of the State of Ohio" and "Ohio law": where what leads to it ends, the place, and
    the span of all of it."""
    for law in islice(_LAW.finditer(text), _MOST):
        named = _LAWS_OF.match(text, law.start())
        place = _places().match(text, named.end()) if named else None
        if place:
            state = _OWN_STATE.match(text, place.end())
            place = (_places().match(text, state.end()) if state else None) or place
            yield law.start(), place, (law.start(), place.end())
        elif places := list(_places().finditer(text, max(0, law.start() - _NAME), law.start())):
            place = places[-1]
            between = text[place.end() : law.start()]
            if not between.strip() or between.strip().casefold() == "state":
                article = re.search(
                    r"(?:\b(?:the|substantive|internal|of|State)\s*)*$",
                    text[max(0, place.start() - 30) : place.start()],
                )
                lead = place.start() - (len(article.group()) if article else 0)
                yield lead, place, (place.start(), law.end())


def known_place(words: str) -> str:
    """The place that these words name, as facts spell it; "" for others."""
    plain = words.casefold().strip(" ,")
    return _canonical().get(plain, "") or _canonical().get(plain.strip(" ."), "")


@cache
def _canonical() -> dict[str, str]:
    """What each spelling, in small letters, stands for."""
    known = tomllib.loads(files(__package__).joinpath("places.toml").read_text(encoding="utf-8"))
    plain = [name.strip() for key in ("states", "countries") for name in known[key].split(",")]
    spelled = {name.casefold(): name for name in plain}
    for entry in known["provinces"].split(","):
        name, _, country = entry.strip().partition(":")
        spelled[name.casefold()] = f"{known['same'].get(name, name)}, {country}" if country else name
    for name, meant in (*known["same"].items(), *known["adjectives"].items()):
        spelled.setdefault(name.casefold(), spelled.get(meant.casefold(), meant))
    spelled["québec"] = spelled["quebec"]
    return spelled


@cache
def _places() -> re.Pattern[str]:
    names = sorted(_canonical(), key=len, reverse=True)
    spelled = "|".join(re.escape(name).replace(r"\ ", r"\s+").replace("'", "['’]") for name in names)
    return re.compile(rf"\b(?P<place>{spelled})(?!\w)", re.I)
