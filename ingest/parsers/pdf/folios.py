"""Page numbers and Bates numbers: what is printed on a page to tell it from the others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.words import Word

_LABEL = r"(?P<label>(?P<lead>[A-Z]{1,2}-?|\d{1,3}-)?(?P<number>\d{1,4})|[ivxlc]{1,7}|[IVXLC]{1,7})"
_FOLIO = re.compile(
    rf"[\W_]*(?P<word>page|p\.|pg\.?|seite|sheet)?[\s.]*{_LABEL}(?P<of>\s*(of|von|/)\s*\d{{1,4}})?[\W_]*", re.I
)
_TAIL = re.compile(rf"(?:^|\s)(?P<word>page|pg\.?|seite)\s+{_LABEL}(?P<of>\s*(of|von|/)\s*\d{{1,4}})?[\W_]*$", re.I)
_LAST = re.compile(
    r"\w+\W+(?!(?:no|nr|number|num|nummer|certificate|policy|record|claim|order|invoice|account|case|file|lot|item|unit|berth"
    r"|section|chapter|article|clause|part|schedule|exhibit|annex|appendix|volume|table|figure|form|rule|step|day|week"
    r"|month|year|january|february|march|april|may|june|july|august|september|october|november|december)\b)"
    rf"[^\W\d]{{3,}}[.,]?\s+{_LABEL}(?P<of>)$",
    re.I,
)
_GAP = 15  # lines that lie at least between one page number and the next
_INNER = "inner"  # of a number that stands alone within a page
_PART = "part"  # of a number apart from other words of its line
_PLAIN = "last"  # of a number that ends a running head without a gap
_BATES = re.compile(r"(?P<prefix>[A-Z][A-Z0-9&._-]*?[-_. ]?)(?P<number>\d{4,10})|(?P<bare>0\d{4,9})")
_ROMAN = re.compile(r"m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})", re.I)
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
EDGE = 0.12  # share of the page's height at the top and bottom in which running heads stand
_FOOT = 0.85  # share of the page's height below which Bates numbers stand
_ROWS = 3  # lines at either end of a page of which one may be its number
_SET_APART = 1.0  # times the size: the gap between a running head and a number on its line
_SHIFT = 8.0  # points by which a number may move from page to page


@dataclass(frozen=True, slots=True)
class Folio:
    """A page number as it stands in a line: its words, its text, what it counts with, "" or why it is less sure."""

    line: Line
    words: tuple[Word, ...]
    label: str
    style: str
    number: int
    where: str


def folios_of(pages: Sequence[Sequence[Line]]) -> dict[int, str]:
    """page -> the label printed on it ("iv", "B-3"), where labels count with the pages."""
    chosen = counted(pages)
    series = _sizes(list(chosen.values()))
    sure = {page: x for page, x in chosen.items() if series[_series(x)] > 1 or len(pages) < 3}
    return {page: folio.label for page, folio in sure.items()}


def bates_of(pages: Sequence[Sequence[Line]]) -> dict[int, str]:
    """page -> its Bates number, where one place on nearly all pages has one that goes up by one a page."""
    return {page: " ".join(word.text for word in words) for page, (_, words) in stamped(pages).items()}


def counted(pages: Sequence[Sequence[Line]]) -> dict[int, Folio]:
    """page -> the number on it that goes up with the pages; "Page 2 of 9" needs no neighbour."""
    found = numbers_of(pages)
    series = _sizes(found)
    chosen: dict[int, Folio] = {}
    for folio in found:
        held = chosen.get(folio.line.page)
        if held is None or series[_series(held)] < series[_series(folio)]:
            chosen[folio.line.page] = folio
    return chosen


def numbers_of(pages: Sequence[Sequence[Line]]) -> list[Folio]:
    """Every number on a page that goes up with the pages."""
    found = [folio for lines in pages for folio in _folios(lines)]
    known = {id(folio.line) for folio in found}
    for lines in pages:
        lone = ((line, _FOLIO.fullmatch(line.text)) for line in lines if line.upright and id(line) not in known)
        found += [folio for line, match in lone if match for folio in _folio(line, line.words, match, _INNER)]
    series = _sizes(found)
    share = {_PART: 0.4, _PLAIN: 0.4, _INNER: 0.6}

    whole = {(_series(folio), folio.line.page) for folio in found if not folio.where}

    def counts(folio: Folio) -> bool:
        if folio.where in (_PART, _INNER) and (_series(folio), folio.line.page) in whole:
            return False  # the page has its number elsewhere
        if folio.where:
            return series[_series(folio)] >= max(2 if folio.where == _PART else 3, share[folio.where] * len(pages))
        own = folio.style.endswith("of") and folio.number == folio.line.page and len(pages) > 1
        return series[_series(folio)] > 1 or own

    return [folio for folio in found if counts(folio)]


def in_flow(pages: Sequence[Sequence[Line]]) -> set[int]:
    """Ids of lines that are page numbers of an earlier print, counting up at least a few lines apart: alone two of
    them, after the same words four."""
    found: set[int] = set()
    seen: dict[tuple[str, int], tuple[int, list[int]]] = {}  # words, number -> position in the document, lines so far
    position = 0
    for lines in pages:
        for line in lines if len(lines) > 1 else ():
            position += 1
            lone = _FOLIO.fullmatch(line.text)
            match = lone or _LAST.search(line.text)
            if match is None or not match["number"]:
                continue
            words, number = "" if lone else line.text[: match.start("label")], int(match["number"])
            place, chain = seen.get((words, number - 1), (position, []))
            chain = [*chain[-3:], id(line)] if position - place > _GAP else [id(line)]
            if len(chain) >= (2 if lone else 4):
                found.update(chain)
            seen[(words, number)] = position, chain
    return found


def _series(folio: Folio) -> tuple[str, int]:
    return folio.style, folio.number - folio.line.page


def _sizes(folios: Sequence[Folio]) -> Counter[tuple[str, int]]:
    """The number of pages of each series."""
    return Counter(series for series, _ in {(_series(folio), folio.line.page) for folio in folios})


def stamped(pages: Sequence[Sequence[Line]]) -> dict[int, tuple[Line, tuple[Word, ...]]]:
    """page -> the line and the words of its Bates number."""
    series: dict[tuple[str, int, int], list[tuple[Line, tuple[Word, ...]]]] = defaultdict(list)
    for lines in pages:
        for line in lines:
            if line.y0 < _FOOT * line.height or not line.upright:
                continue
            for words in _runs(line):
                text = " ".join(word.text for word in words)
                if match := _BATES.fullmatch(text):
                    digits = match["number"] or match["bare"]
                    key = match["prefix"] or "", len(digits), int(digits) - line.page
                    series[key].append((line, words))
    padded = {key: held for key, held in series.items() if _is_series(key, held, len(pages))}
    return {line.page: (line, words) for held in padded.values() for line, words in held}


def _is_series(key: tuple[str, int, int], held: Sequence[tuple[Line, tuple[Word, ...]]], pages: int) -> bool:
    padded = key[1] > len(str(abs(key[2]) + pages)) or key[1] > 5
    level = max(line.y0 for line, _ in held) - min(line.y0 for line, _ in held) <= _SHIFT
    return padded and level and len({line.page for line, _ in held}) >= max(2, 0.3 * pages)


def _runs(line: Line) -> list[tuple[Word, ...]]:
    """The words of a line as they are set apart by wide gaps."""
    runs: list[list[Word]] = []
    for word in line.words:
        if runs and word.x0 - runs[-1][-1].x1 < _SET_APART * word.size:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [tuple(run) for run in runs]


def outer_lines(lines: Iterable[Line], count: int) -> tuple[list[Line], list[Line]]:
    """The first lines of a page from the top down, and its last ones from the foot up."""
    level = sorted((line for line in lines if line.upright and line.role is Role.BODY), key=lambda line: line.y0)
    upper = [line for line in level if line.y0 < line.height / 2]
    return upper[:count], level[len(upper) :][::-1][:count]


def at_edge(line: Line) -> bool:
    return line.y0 < EDGE * line.height or line.y1 > (1 - EDGE) * line.height


def _folios(lines: Sequence[Line]) -> list[Folio]:
    """What may be the page's number: a line of its own, or at the end or beginning of a running head."""
    found = []
    for end in outer_lines(lines, _ROWS):
        for line in end:
            runs = _runs(line)
            for run in {runs[0], runs[-1]}:
                text = " ".join(word.text for word in run)
                match = _FOLIO.fullmatch(text)
                if match and len(run) < len(line.words) and text.endswith((".", ")")):
                    continue  # the number of a clause
                if match and (at_edge(line) or line is end[0]):
                    found += _folio(line, run, match, "" if len(run) == len(line.words) else _PART)
                elif at_edge(line) and (tail := _TAIL.search(text)):
                    count = len(text[tail.start() :].split())
                    found += _folio(line, run[-count:], tail, "" if tail["of"] else _PART)
                elif at_edge(line) and line is end[0] and (last := _LAST.search(text)):
                    found += _folio(line, run[-1:], last, _PLAIN)
    return found


def _folio(line: Line, words: tuple[Word, ...], match: re.Match[str], where: str = "") -> list[Folio]:
    label, lead = match["label"], match["lead"] or ""
    number = int(match["number"]) if match["number"] else roman(label)
    if not number or (lead and not lead.isupper() and not lead[0].isdigit()):
        return []
    kind = "1" if match["number"] else "I" if label.isupper() else "i"
    style = f"{lead}{kind}" + ("of" if match["of"] and match["word"] else "")
    return [Folio(line, words, label, style, number, where)]


def roman(text: str) -> int:
    """0 where it is no number."""
    if not text or not _ROMAN.fullmatch(text):
        return 0
    values = [_VALUES[letter] for letter in text.lower()]
    return sum(-v if v < max(values[i + 1 :], default=0) else v for i, v in enumerate(values))
