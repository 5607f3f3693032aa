"""Capitalised names of a claim, and whether a text knows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from generation.gate.particulars.common import terms
from generation.gate.particulars.units import SIGNS
from retrieval.text.dates import MONTHS

_WORD = re.compile(r"[^\W_][\w&'-]*")
_PIECE = re.compile(r"[^\W_]+")
_CODE_PART = re.compile(r"[^\W\d_]+|\d+")
_RUN = re.compile(r"\b[A-Z][\w'-]*(?:\s(?:(?:of|and|the|for|in|on|to|&)\s){0,2}[A-Z][\w'-]*){1,7}")
_ACRONYM = re.compile(r"\b[A-Z]{2,6}s?\b")
_SMALL_WORDS = frozenset("of and the for in on to a an &".split())
_ROMAN = {roman: str(value) for value, roman in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
_NO_NAMES = frozenset(
    (
        "i it its he she his her they their we our us you your the this that these those there here a an in on at by "
        "for from if when while where who which what why how both each every any all no not yes only under according "
        "however also but and or as to of with within after before either neither such during since until upon unless "
        "although though because therefore thus hence overall moreover furthermore additionally finally instead once "
        "then so than some many most several few more less other another one two three four five six seven eight nine "
        "ten none nobody everyone anyone someone nothing everything is are was were do does did has have had can "
        "could may might must shall should will would be been per via into over between among about against without "
        "through across mr mrs ms dr prof sir st jr sr am pm celsius fahrenheit fy section sections clause clauses "
        "article articles paragraph paragraphs schedule annex exhibit appendix chapter table figure page part item "
        "note see refer please despite except pursuant first second third eleven twelve twenty thirty forty fifty "
        "secondly thirdly lastly yet whether further "
    ).split()
)
_COMMON_ENDINGS = ("s", "ing", "ed", "ly", "ment", "tion", "sion", "ness", "ity", "ance", "ence", "ure", "al")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|vs?|Inc|Ltd|Co|Corp|[A-Z])\.$")
_DOES = re.compile(
    r"\s(?:shall|must|will|pays?|owes?|owns?|agree[sd]?|sells?|sold|buys?|bought|acquired?|acquires|says?|said|argue[sd]?|"
    r"report(?:s|ed)|announce[sd]|(?:may|can)\snot|is\sliable|is\sentitled|supplies|supplied|delivers|warrants|appoints|"
    r"grants|leases|employs|hired|founded|sued|claims|claimed|terminated)\b"
)
_OPENS_WITH_NAME = re.compile(r"\s(?:(?:and|&|of)\s)?[A-Z][a-z]")
_BASES = frozenset(("", "a", "e", "o", "y", "ia", "en", "ain", "es", "ey", "as"))
_ADJECTIVES = frozenset(("n", "an", "ian", "ean", "ese", "ish", "ic", "i", "nian"))
_PLURALS = frozenset(("", "s", "es", "ies", "y"))


def folded(text: str) -> str:
    """Lower case without accents; ligatures and full-width letters as plain ones."""
    if not text.isascii():
        text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return text.casefold()


def names(text: str) -> list[str]:
    """Capitalised words that do not merely begin a sentence, possessive endings removed, in order, each once."""
    return list(dict.fromkeys(word for word, opens in _capitalised(text) if not opens))


def _capitalised(text: str) -> Iterator[tuple[str, bool]]:
    """What may be a name, and whether it begins a sentence and looks like a name there ("Osprey's fee")."""
    for match in _WORD.finditer(text):
        word = match.group().strip("'-&")
        if not word[:1].isupper():
            continue
        named = word.removesuffix("'s")
        if len(named) < 2 or named.lower() in _NO_NAMES or named.lower() in MONTHS or named in SIGNS:
            continue
        before = text[max(0, match.start() - 8) : match.start()].rstrip(" \"'([*•-")
        opens = before[-1] in ".!?:;\n" and not _ABBREVIATED.search(before) if before else match.start() < 8
        if not opens or named.isupper() or any(letter.isdigit() for letter in named):
            yield named, False
        elif _named_at_opening(word, text[match.end() : match.end() + 24]):
            yield named, True


def _named_at_opening(word: str, rest: str) -> bool:
    if word.endswith("'s") or _OPENS_WITH_NAME.match(rest):
        return True
    return _DOES.match(rest) is not None and not word.lower().endswith(_COMMON_ENDINGS)


def unknown(claim: str, evidence: str, document: str) -> list[str]:
    """The names of the claim that neither the evidence nor the document holds, in any case or usual form. A term
    ("the Receiving Party") is no name."""
    wanted = dict.fromkeys(word for word, _ in _capitalised(claim))
    near = _vocabulary(evidence)
    lacking = [name for name in wanted if not _spelled(name, near, evidence)]
    if lacking:
        known = terms(claim)
        lacking = [name for name in lacking if name not in known]
    if lacking and document:
        far = _vocabulary(document)
        lacking = [name for name in lacking if not _spelled(name, far, document)]
    if not lacking:
        return []
    short = _written_out(claim, evidence, f"{evidence}\n{document}", lacking)
    lacking = [name for name in lacking if name not in short]
    return [name for name in lacking if not _related(name, near | _vocabulary(document))]


@lru_cache(maxsize=64)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(_PIECE.findall(folded(text)))


def _spelled(name: str, vocabulary: frozenset[str], text: str) -> bool:
    """Whether the text has every capitalised part of the name; the parts of a code ("IL-6") side by side."""
    if any(letter.isdigit() for letter in name) and "-" in name:
        return _adjacent(name, text)
    pieces = [folded(piece) for piece in _PIECE.findall(name) if not _ordinary(piece)]
    if all(piece in vocabulary or _ROMAN.get(piece) in vocabulary for piece in pieces):
        return True
    plural = name.endswith("s") and name[:-1].isupper()
    return "".join(pieces) in vocabulary or (plural and folded(name[:-1]) in vocabulary) or _adjacent(name, text)


def _ordinary(part: str) -> bool:
    """ "based" in "EQ-5D-based"."""
    return part.islower() and len(part) > 2


def _adjacent(name: str, text: str) -> bool:
    parts = [folded(part) for part in _CODE_PART.findall(name) if not _ordinary(part)]
    if not any(part.isdigit() for part in parts):
        return False
    return re.search(r"(?<![^\W_])" + r"[\W_]{0,2}".join(map(re.escape, parts)) + r"(?!\d)", folded(text)) is not None


def _written_out(claim: str, evidence: str, text: str, lacking: Iterable[str]) -> set[str]:
    """Acronyms that the text writes out (the evidence in any case), and written-out names that it abbreviates."""
    found: set[str] = set()
    acronyms = [name for name in lacking if name.removesuffix("s").isupper() and 2 <= len(name) <= 7]
    if acronyms:
        initials = {_initials(run) for run in _RUN.findall(text)}
        near = _initials(evidence)
        found.update(
            name
            for name in acronyms
            if any(run.endswith(name.removesuffix("s")) for run in initials)
            or (len(name) > 2 and name.removesuffix("s") in near)
        )
    known = {name.removesuffix("s") for name in _ACRONYM.findall(text)}
    for run in _RUN.findall(claim):
        if _initials(run) in known:
            found.update(names(f"x {run}"))
    return found


def _initials(run: str) -> str:
    return "".join(word[0] for word in _PIECE.findall(run) if word not in _SMALL_WORDS).upper()


def _related(name: str, vocabulary: frozenset[str]) -> bool:
    """Whether the vocabulary has the name as plural, adjective or country: "Canada" for "Canadian"."""
    word = folded(name)
    return len(word) > 3 and any(_akin(word, other) for other in vocabulary if other[:4] == word[:4])


def _akin(one: str, other: str) -> bool:
    same = 4
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    for cut in range(same, 3, -1):
        ends = (one[cut:], other[cut:])
        if ends[0] in _PLURALS and ends[1] in _PLURALS:
            return True
        if any(a in _ADJECTIVES and b in _BASES for a, b in (ends, ends[::-1])):
            return True
    return False
