"""Raised and lowered characters of a PDF page, joined to the words that carry them: 10^9/L, 1,500 (note 2), H2O."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ingest.parsers.pdf.words import Word
from ingest.parsers.raised import raised

_SCRIPT = re.compile(r"[\[(]?[\w*†‡§¶#+\-\u2212\u2013,./ªº™®©℠]{1,7}[\])]?[.,;:]?")
_CLOSING = re.compile(r"[.,;:)\]/%°'’\"”\-–·×*]")
_LAST_MARK = re.compile(r"\(notes? ([^()]{1,20})\),$")
_FRACTION = re.compile(r"[/\u2044]\d")
_NEAR = 0.3  # times the size of the word before, between it and what it carries
_GLUED = 0.15
_BAND = 10.0


def joined(words: Sequence[Word]) -> list[Word]:
    """The words with raised and lowered ones put into those before them, in the same order otherwise."""
    usual = _usual(words)
    scripts = {place for place in range(len(words)) if _could_be(words, place, usual)}
    if not scripts:
        return list(words)
    after = _homes(words, scripts)
    out: dict[int, Word] = {}
    target: dict[int, int] = {}  # of a script, or of what follows it, the word that it was put into
    for place, word in enumerate(words):
        if place - 1 in target and place in scripts and _one_more(words[place - 1], word, out[target[place - 1]]):
            home = target[place - 1]
            out[home] = _with_mark(out[home], word)
            target[place] = home
            continue
        if place in after:
            home = target.get(after[place], after[place])
            if home in out and home != place:
                following = words[place + 1].text if place + 1 < len(words) else ""
                out[home] = _part_of(out[home], word) if _FRACTION.match(following) else _carry(out[home], word)
                target[place] = home
                continue
        elif place - 1 in target and _goes_on(words[place - 1], out[target[place - 1]], word):
            home = target[place - 1]
            out[home] = _grown(out[home], out[home].text + word.text, word)
            continue
        elif place in scripts and _opens(words, place):
            word = replace(word, mark=word.text.strip("[]().,:"))
        out[place] = word
    return [out[place] for place in sorted(out)]


def _homes(words: Sequence[Word], scripts: set[int]) -> dict[int, int]:
    """For each raised or lowered word the one that carries it, by their places."""
    bands: dict[int, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        if word.upright:
            bands[int(word.base // _BAND)].append(place)
    homes = ((place, _home(words, place, bands)) for place in sorted(scripts))
    return {place: home for place, home in homes if home is not None}


def _usual(words: Sequence[Word]) -> float:
    """The size of most characters of the page."""
    weight: dict[float, int] = defaultdict(int)
    for word in words:
        weight[word.size] += len(word.text)
    return max(weight, key=lambda size: (weight[size], size), default=0.0)


def _could_be(words: Sequence[Word], place: int, usual: float) -> bool:
    """Whether the word is smaller than the page's usual ones, or than the one before it, and short enough."""
    word = words[place]
    before = words[place - 1].size if place else 0.0
    if word.size > 0.92 * usual and word.size > 0.92 * before:
        return False
    return word.upright and -5 < word.angle < 5 and bool(_SCRIPT.fullmatch(word.text))


def _home(words: Sequence[Word], place: int, bands: dict[int, list[int]]) -> int | None:
    """The word that carries this one: the one before it in the file, else one that ends where it begins."""
    word = words[place]
    if place and _carries(words[place - 1], word):
        return place - 1
    if place and words[place - 1].upright and abs(words[place - 1].base - word.base) < 0.05 * word.size:
        return None  # an ordinary word on the line of the one before
    band = int(word.base // _BAND)
    for at in (band, band + 1, band - 1):
        for other in bands.get(at, ())[:400]:
            if other < place and _carries(words[other], word):
                return other
    return None


def _carries(base: Word, word: Word) -> bool:
    if not base.upright or base.text == word.text == "" or base.struck != word.struck:
        return False
    gap, lift = word.x0 - base.x1, base.base - word.base
    if not (-0.35 * base.size < gap < _NEAR * base.size and word.y1 > base.y0 and word.y0 < base.y1):
        return False
    if not 0.4 * base.size <= word.size <= 0.92 * base.size:
        return False
    return 0.1 * base.size < lift < 0.75 * base.size or (
        0.08 * base.size < -lift < 0.4 * base.size and word.text.isalnum() and base.text[-1:].isalnum() and gap < 1
    )


def _carry(base: Word, word: Word) -> Word:
    glued = word.x0 - base.x1 < _GLUED * base.size
    if word.base > base.base:  # lowered
        return _grown(base, base.text + word.text, word)
    tail = word.text[-1] if len(word.text) > 1 and word.text[-1] in ".,;:" else ""
    mark = word.text.removesuffix(tail) if tail else word.text
    shown = raised(base.text, mark)
    if not glued and not shown.startswith("^"):  # no exponent: a note's mark after a space, or what stands apart
        shown = f" {raised(f'{base.text} ', mark)}"
    text = base.text + shown
    is_note = text.endswith(")") and "(note" in text[len(base.text) :]
    grown = _grown(base, text + tail, word)
    return replace(grown, mark=mark.strip("[]()")) if is_note else grown


def _one_more(script: Word, word: Word, base: Word) -> bool:
    """Whether a raised number is one more mark of the same place: the 5 of "4, 5"."""
    level = word.upright and abs(word.base - script.base) < 0.1 * script.size
    listed = script.text.endswith(",") and word.text.rstrip(".,;:").isdecimal()
    return bool(base.mark) and listed and level and 0 < word.x0 - script.x1 < script.size


def _with_mark(base: Word, word: Word) -> Word:
    """ "day (note 4)," and 5 as "day (notes 4, 5)"."""
    mark, tail = word.text.rstrip(".,;:"), word.text[len(word.text.rstrip(".,;:")) :]
    text = _LAST_MARK.sub(rf"(notes \1, {mark})", base.text)
    return replace(_grown(base, text + tail, word), mark=mark)


def _part_of(base: Word, word: Word) -> Word:
    """The base word and a fraction's numerator, which is no exponent: "5 1" of 5 1/2."""
    return _grown(base, f"{base.text} {word.text}" if base.text[-1:].isdigit() else base.text + word.text, word)


def _grown(base: Word, text: str, word: Word) -> Word:
    """The base word with other text and room for `word`; its height stays, so that lines are told apart as before."""
    return replace(base, text=text, x1=max(base.x1, word.x1))


def _goes_on(script: Word, base: Word, word: Word) -> bool:
    """Whether the word goes on where the script ends: a unit after an exponent, or closing punctuation."""
    on_line = word.upright and abs(word.base - base.base) < 0.12 * base.size and word.struck == base.struck
    near = -0.3 * base.size < word.x0 - script.x1 < 0.12 * base.size
    return on_line and near and (not base.mark or bool(_CLOSING.match(word.text)))


def _opens(words: Sequence[Word], place: int) -> bool:
    """Whether a raised word stands first on its line, before larger words on a lower baseline: a note's own mark."""
    if place + 1 >= len(words):
        return False
    word, following = words[place], words[place + 1]
    lift = following.base - word.base
    return (
        following.upright
        and word.size <= 0.92 * following.size
        and 0.1 * following.size < lift < 0.75 * following.size
        and 0 <= following.x0 - word.x1 + 1 < 3 * following.size
    )
