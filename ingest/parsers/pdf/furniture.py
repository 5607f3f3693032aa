"""Running heads and feet, page numbers and stamps taken off the pages; what differs from page to page stays.

A line is taken off where the same words stand at the same place outside the text of several pages. Digits may only
differ as a page number does; "Certificate no. 4711" is content however regularly it stands there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ingest.parsers.captions import CLOSED
from ingest.parsers.pdf.folios import at_edge, in_flow, numbers_of, outer_lines, stamped
from ingest.parsers.pdf.lines import Line, Role
from ingest.parsers.pdf.margins import slanted
from ingest.parsers.pdf.words import Word

_OUTER = 5  # lines at either end of a page that can be running heads
_SHIFT = 6.0  # points by which a running head may move from page to page
_APART = 1.9  # times the size: the gap between a running head of the text's size and the text
_LONE = re.compile(r"[\W_]*(page\s*)?[A-Z]?-?(\d{1,4}|[ivxl]{1,6})(\s*(of|/)\s*\d{1,4})?[\W_]*", re.I)
_BLANK = re.compile(r"___|:$")  # something to fill in
_FEW = 12  # words of a foot in the text's size that a date makes one
_DATED = re.compile(r"\d[.:/]\d\d|\d{4}")
_LONG = 60  # characters of a head that is a sentence, not an entry of a form
_ENTRY = re.compile(r"\d|^[\w ./-]{2,40}:(\s|$)")
_MARK = "\0"  # stands for the page's own number

_Key = tuple[bool, str]


def without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Pages without running headers, footers, page numbers, Bates numbers and stamps."""
    pages = _without_counts(pages)
    marks = _numbers(pages)
    seen = _Seen(pages, marks)
    gone = _lone_numbers(pages, marks) | in_flow(pages) | _stamps(pages)
    close: list[Line] = []
    for pair in seen.ends:
        for end in pair:
            head, tight = _head(end, seen, gone)
            gone |= head
            for line in tight:
                goes_on = bool(close) and close[-1].page == line.page and not CLOSED.search(close[-1].text)
                if seen.everywhere(line, goes_on):
                    close.append(line)
    for lines in pages:
        gone |= _closing(_last(lines)[::-1], seen, gone)
    first: dict[str, int] = {}
    tied = {id(line): first.setdefault(seen.texts[id(line)], id(line)) == id(line) for line in close}
    gone_or_tied = gone | tied.keys()
    aside = {**_varying(seen, gone_or_tied), **_changing(pages, seen, gone_or_tied), **tied}
    return [[kept for line in lines for kept in _kept(line, marks, gone, aside)] for lines in pages]


class _Seen:
    """What stands at the ends of the pages, and on how many of them. `body`: the size of the file's text."""

    def __init__(self, pages: list[list[Line]], marks: dict[int, frozenset[int]]) -> None:
        self.count = len(pages)
        self.body = _body_size(pages)
        self.ends = [outer_lines(lines, _OUTER) for lines in pages]
        edges = [x for pair, lines in zip(self.ends, pages, strict=True) for x in (*pair[0], *pair[1], *_last(lines))]
        self.texts = {id(line): _text(line, marks) for line in edges}
        self._pages = Counter(text for text, _ in {(self.texts[id(line)], line.page) for line in edges})
        levels = {(self.texts[id(line)], round(line.y0 / _SHIFT), line.page) for line in edges}
        self._rows = Counter((text, level) for text, level, _ in levels)

    def repeats(self, line: Line) -> bool:
        """Seen at one height on several pages."""
        text, level = self.texts[id(line)], round(line.y0 / _SHIFT)
        need = 3 if self.count > 3 else 2
        if _BLANK.search(text):
            return False
        return at_edge(line) and sum(self._rows[(text, level + step)] for step in (-1, 0, 1)) >= need

    def ends_pages(self, line: Line) -> bool:
        """The last words of many pages, wherever their text ends."""
        text = self.texts[id(line)]
        return self._pages[text] >= max(4, 0.3 * self.count) and sum(map(str.isalpha, text)) >= 8

    def everywhere(self, line: Line, goes_on: bool) -> bool:
        """On most pages, and no entry of a form that each page has: without digits and label, or long, or a part of it
        (`goes_on`)."""
        text = self.texts[id(line)]
        return self._pages[text] >= max(4, 0.5 * self.count) and (
            goes_on or len(text) > _LONG or not _ENTRY.search(text)
        )

    def apart(self, end: Sequence[Line], place: int) -> bool:
        """Whether a line differs in size from the text or keeps its distance from the next one inwards."""
        line = end[place]
        if abs(line.size - self.body) > 0.04 * self.body or place + 1 == len(end):
            return True
        return abs(end[place + 1].y0 - line.y0) > _APART * self.body


def _closing(last: Sequence[Line], seen: _Seen, gone: set[int]) -> set[int]:
    """Ids of the last lines of a page, from its foot up, that end many pages."""
    apart = 0
    for place, line in enumerate(last):
        if id(line) not in gone and not seen.ends_pages(line):
            break
        if seen.apart(last, place):
            apart = place + 1
    return {id(line) for line in last[:apart]}


def _without_counts(pages: list[list[Line]]) -> list[list[Line]]:
    """Pages without line numbers: those told apart on one page go from the same places of pages with few lines."""
    counts = [[line for line in lines if line.role is Role.COUNT] for lines in pages]
    known = {_place(word, step) for lines in counts for line in lines for word in line.words for step in (-1, 0, 1)}
    if not known:
        return pages
    kept: list[list[Line]] = []
    for lines, told in zip(pages, counts, strict=True):
        rest = [line for line in lines if line.role is not Role.COUNT]
        if not told:
            rest = [replace(line, words=words) for line in rest if (words := _unless(line.words, known))]
        kept.append(rest)
    return kept


def _place(word: Word, step: int = 0) -> tuple[str, int, int]:
    return word.text, round(word.x1 / 4), round(word.y0 / 4) + step


def _unless(words: tuple[Word, ...], known: set[tuple[str, int, int]]) -> tuple[Word, ...]:
    ends = {id(word) for word in (words[0], words[-1]) if _place(word) in known}
    return tuple(word for word in words if id(word) not in ends)


def _kept(line: Line, marks: dict[int, frozenset[int]], gone: set[int], aside: dict[int, bool]) -> list[Line]:
    if id(line) in gone:
        return []
    if not aside.get(id(line), True):
        return []
    marked = marks.get(id(line), frozenset())
    words = tuple(word for word in line.words if id(word) not in marked)
    role = Role.ASIDE if id(line) in aside else line.role
    return [replace(line, words=words, role=role)] if words else []


def _last(lines: Sequence[Line]) -> list[Line]:
    return sorted((line for line in lines if line.upright), key=lambda line: line.y0)[_OUTER:][-_OUTER:]


def _numbers(pages: Sequence[Sequence[Line]]) -> dict[int, frozenset[int]]:
    """line -> the words in it that are the page's number or its Bates number (ids)."""
    found: dict[int, frozenset[int]] = defaultdict(frozenset)
    for folio in numbers_of(pages):
        found[id(folio.line)] |= {id(word) for word in folio.words}
    for line, words in stamped(pages).values():
        found[id(line)] |= {id(word) for word in words}
    return found


def _text(line: Line, marks: dict[int, frozenset[int]]) -> str:
    marked = marks.get(id(line), frozenset())
    return " ".join(_MARK if id(word) in marked else word.text.casefold() for word in line.words)


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _head(end: Sequence[Line], seen: _Seen, gone: set[int]) -> tuple[set[int], list[Line]]:
    """The running lines at one end of a page, from the outermost on: those down to the last that is set apart (ids),
    and those that follow close to the text."""
    held: list[Line] = []
    last = 0
    for line in end:
        if id(line) not in gone and not seen.repeats(line):
            break
        held.append(line)
        if seen.apart(end, len(held) - 1):
            last = len(held)
    return {id(line) for line in held[:last]}, [line for line in held[last:] if id(line) not in gone]


def _lone_numbers(pages: Sequence[Sequence[Line]], marks: dict[int, frozenset[int]]) -> set[int]:
    """Lines that are nothing but a page number: one that counts, or one alone in the middle of a page's edge."""
    found = set()
    for lines in pages:
        level = [line for line in lines if line.upright]
        for line in level:
            if len(level) > 1 and len(marks.get(id(line), ())) == len(line.words):
                found.add(id(line))
        for line in (level[0], level[-1]) if len(level) > 1 else ():
            if (at_edge(line) or line.centred) and _LONE.fullmatch(line.text):
                found.add(id(line))
    return found


def _stamps(pages: Sequence[Sequence[Line]]) -> set[int]:
    """Sideways lines that stand on several pages at one place, beside the text of at least one of them."""
    places: dict[_Key, list[Line]] = defaultdict(list)
    for lines in pages:
        for line in lines:
            if not line.upright or slanted(line.words[0]):
                places[(True, f"{line.text.casefold()}|{round(line.x0 / 12)}")].append(line)
    need = 3 if len(pages) > 4 else 2
    several = [held for held in places.values() if len({line.page for line in held}) >= need]
    return {id(line) for held in several if any(x.role is Role.ASIDE for x in held) for line in held}


def _varying(seen: _Seen, gone: set[int]) -> dict[int, bool]:
    """Small heads and feet that differ from page to page in digits only, as a date or the number of a file: kept, aside
    from the text."""
    slots: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for top, foot in seen.ends:
        for end in (top, foot):
            for place, line in enumerate(end):
                dated = len(line.words) < _FEW and _DATED.search(line.text) is not None
                small = dated and (line.size < 0.96 * seen.body or (place == 0 and seen.apart(end, place)))
                if small and at_edge(line) and id(line) not in gone:
                    shape = re.sub(r"\d+", "#", seen.texts[id(line)])
                    slots[(shape, round(line.y0 / _SHIFT))].append(line)
    need = max(3, 0.5 * seen.count)
    return {id(x): True for (shape, _), held in slots.items() if "#" in shape and len(held) >= need for x in held}


def _changing(pages: Sequence[Sequence[Line]], seen: _Seen, gone: set[int]) -> dict[int, bool]:
    """Heads that stay for some pages and then change, as those of chapters do: line -> whether it is kept aside.

    The first of each is kept where its last words stand nowhere else in the file.
    """
    slots: dict[tuple[int, int, float], list[Line]] = defaultdict(list)
    for pair in seen.ends:
        for place, end in enumerate(pair):
            for depth, line in enumerate(line for line in end if id(line) not in gone):
                if depth == 0 and at_edge(line) and seen.apart(end, end.index(line)):
                    slots[(place, round(line.y0 / 3), line.size)].append(line)
    lines = {_fold(line.text) for page in pages for line in page if not at_edge(line) or line.size >= seen.body}
    found: dict[int, bool] = {}
    for held in slots.values():
        if len(held) < 3:
            continue
        where = {(seen.texts[id(line)], line.page) for line in held}
        near = sum(any((seen.texts[id(x)], x.page + step) in where for step in (-2, -1, 1, 2)) for x in held)
        if near < 0.6 * len(held):
            continue
        common = _common([seen.texts[id(line)] for line in held])
        first: set[str] = set()
        for line in held:
            text = seen.texts[id(line)]
            found[id(line)] = text not in first and not _is_said(text.replace(_MARK, ""), common, lines)
            first.add(text)
    return found


def _is_said(text: str, common: int, lines: set[str]) -> bool:
    """Whether what sets a head apart from the others, or more of it, stands in the file as a line of its own."""
    starts = [0, *(at + 1 for at, letter in enumerate(text[:common]) if letter == " "), common]
    return any(_fold(text[start:]) in lines for start in starts if _fold(text[start:]))


def _common(texts: Sequence[str]) -> int:
    """The length of the words with which all texts begin."""
    low, high = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low.rfind(" ", 0, same) + 1


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
