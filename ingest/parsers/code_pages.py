"""Which code page a text without a label is in, by what its letters beyond ASCII would stand beside.

Each page is tried; what makes no sense in a word speaks against it: a sign between two letters, a capital after a small
letter, a control character. Files of one line are often all there is, so no statistics of a language are asked for.
"""

from __future__ import annotations

import re

LATIN = (
    "cp1252",
    "iso8859_15",
    "cp1250",
    "iso8859_2",
    "cp1254",
    "cp850",
    "cp852",
    "mac_roman",
)  # the likely ones first
CYRILLIC_AND_GREEK = ("cp1251", "koi8_r", "cp866", "iso8859_5", "cp1253", "iso8859_7")
_WEST = frozenset("äöüßéèàâêîôûçñáíóúëïùœæøåìòãõÄÖÜÉÈÀÂÊÎÔÛÇÑÁÍÓÚËÏÙŒÆØÅÃÕ")
_EAST = frozenset("łąęśćżźńčřšžýůěťďňőűğşıľŁĄĘŚĆŻŹŃČŘŠŽÝŮĚŤĎŇŐŰĞŞİĽ")
_ICELANDIC = frozenset("þðýÞÐÝ")
_LANGUAGES = tuple(map(frozenset, (
    "äöüß", "éèàâêîôûçëïùœæ", "áéíóúñü", "àèéìòù", "ãõáéíóúâêôçà", "åäöæøé", "łąęśćżźńó", "čřšžýůěťďňáéíóú",
    "ľščťžýáíéúäôňďĺŕó", "áéíóöőúüű", "ğşıçöü", "čšžćđ",
)))  # fmt: skip
_SIGNS = frozenset("€£§°–—’‘“”„«»…•©®™·\xa0¿¡½¼¾±µ²³º×")
_IN_WORDS = frozenset("’‘-–—·\xad")
_FREQUENT = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъέίάόήώύςαοιετσνηυρπκμλωδγχθφβξζψ")
_HIGH = re.compile(r"[^\x00-\x7f]")
_MUCH = 4000  # signs beyond ASCII that are looked at


def latin(data: bytes) -> tuple[str, bool]:
    """(code page, whether another than Windows-1252 makes more sense, or that makes none)."""
    scores = {page: _score(data.decode(page, errors="replace"), page) for page in LATIN}
    best = max(LATIN, key=lambda page: scores[page])
    return best, best != "cp1252" or scores[best] < 0


def other_script(data: bytes) -> str:
    """The page in which words are Cyrillic or Greek, with small letters after the first; "" where none is such."""
    shares = {page: _share(data.decode(page, errors="replace")) for page in CYRILLIC_AND_GREEK}
    best = max(CYRILLIC_AND_GREEK, key=lambda page: shares[page])
    return best if shares[best] > 0.85 else ""


def _score(text: str, page: str) -> float:
    icelandic = page != "cp1254" and any(letter in text for letter in "áéíóúæ")
    letters = {sign.lower() for sign in text if sign in _WEST or sign in _EAST}
    total = 0.5 * any(letters <= language for language in _LANGUAGES)
    for count, found in enumerate(_HIGH.finditer(text)):
        if count == _MUCH:
            break
        at, sign = found.start(), found.group()
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        inside = before.isalpha() and after.isalpha()
        if sign in _SIGNS:
            misplaced = inside and sign not in _IN_WORDS
            misplaced = misplaced or (sign in "¿¡„" and before.isalpha()) or (sign in "°²³" and after.isalpha())
            total += -2 if misplaced else 1
        elif sign in _WEST or sign in _EAST or (icelandic and sign in _ICELANDIC):
            alone = not (before.isalpha() or after.isalpha())
            wrong = (sign.isupper() and before.islower()) or (before.isdigit() or after.isdigit())
            wrong = wrong or (alone and sign not in "àáéèÀÁÉoóòäöåÅÄÖyæ") or _lone_capital(sign, before, after)
            total += -2 if wrong else 1
        else:
            total -= 3 if sign < "\xa0" or sign == "\ufffd" else 2
    return total


def _lone_capital(sign: str, before: str, after: str) -> bool:
    """A capital between a capital and a small letter, as no name has it but in "McÉ"."""
    return sign.isupper() and before.isupper() and after.islower()


def _share(text: str) -> float:
    """The share of the signs beyond ASCII that are frequent letters in their place."""
    high = [found for count, found in enumerate(_HIGH.finditer(text)) if count < _MUCH]
    good = 0
    for found in high:
        at, sign = found.start(), found.group()
        before = text[at - 1 : at]
        small = sign in _FREQUENT
        good += small or sign in _SIGNS or (sign.lower() in _FREQUENT and not before.islower())
    lower = sum(found.group().islower() for found in high)
    return good / len(high) if high and 2 * lower > len(high) else 0.0
