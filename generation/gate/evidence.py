"""Where in a passage a claim may stand: ranked windows of one to three sentences, by words alone, without a model."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from generation.gate.claims import sentence_spans
from generation.gate.figures import figures
from generation.types import Evidence
from retrieval.text.tables import BAR, header_above, told
from retrieval.types import Passage

_WINDOWS = 3  # windows returned, and sentences in the widest
_WIDE = 700  # characters of the widest window
_WIDTH_COST = 0.05  # what each further sentence of a window costs, in shares of the claim
_FOCUS = 0.1  # what a window gains that holds nothing but the claim's words
_PARTICULAR, _NAME = 2.0, 1.5  # how much more than other words a figure and a name count
_LEAD_IN_REACH = 1200  # characters above a list item within which its lead-in line is sought
_ITEM = re.compile(r"(?:[-*•–]|\(?(?:[a-z]{1,4}|\d{1,2})[.)])\s|[a-z]")  # marked, or a line that goes on in lower case
_ANAPHOR = re.compile(r"(?:It|Its|This|That|They|Their|These|Those|He|She|His|Her|Such|Both)\b")
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand|\w*illion|half|"
    r"third|quarter|twice|dozen|nil|zero)",
    re.I,
)
_TERM = re.compile(r"\w+")
_STOP_WORDS = frozenset(
    (
        "a an and any are as at be been by can did do does for from had has have he her his i if in into is it its may "
        "more must no not of on or our shall she should so such than that the their them then there these they this "
        "those to was we were what when where which who whose will with would you your"
    ).split()
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or table row and what it says, with the line that frames it, in stems and figures."""

    start: int
    end: int
    terms: frozenset[Hashable]
    row: bool


def spans(claim: str, text: str, headings: Collection[str] = ()) -> list[tuple[int, int]]:
    """Windows of at most three adjacent sentences in which the claim may stand: at most three, best first, narrow
    before wide where both say as much. Lines equal to one of `headings` are left out unless there is nothing else."""
    return [(start, end) for start, end, _ in _ranked(claim, text, headings)]


def candidates(claim: str, passage: Passage) -> list[Evidence]:
    """The same windows as evidence from a passage."""
    headings = {passage.chunk.title, *passage.chunk.section_path}
    found = _ranked(claim, passage.text, headings)
    return [Evidence(passage, passage.start + start, passage.start + end, score) for start, end, score in found]


def covering(claim: str, texts: Sequence[str], headings: Collection[str] = ()) -> list[tuple[int, int, int]]:
    """At most three sentences, as (which text, start, end) in their order, that together hold most of a claim whose
    words are spread over places that no window spans; empty if one sentence holds what can be found."""
    found = [(at, unit) for at, text in enumerate(texts) for unit in _units(text)]
    units = [(at, unit) for at, unit in found if texts[at][unit.start : unit.end] not in headings]
    left = _weights(claim, [unit for _, unit in units])
    chosen: list[tuple[int, _Unit]] = []
    while units and left and len(chosen) < _WINDOWS:
        best = max(units, key=lambda item: sum(left.get(term, 0.0) for term in item[1].terms))
        if not left.keys() & best[1].terms:
            break
        chosen.append(best)
        units.remove(best)
        left = {term: weight for term, weight in left.items() if term not in best[1].terms}
    return sorted((at, unit.start, unit.end) for at, unit in chosen) if len(chosen) > 1 else []


def wide(claim: str, text: str, headings: Collection[str] = ()) -> tuple[int, int] | None:
    """The likeliest window with what stands around it, up to a short passage: for a claim that sums up more than three
    sentences. None if there is nothing around it."""
    ranked = _ranked(claim, text, headings)
    if not ranked:
        return None
    start, end, _ = ranked[0]
    units = [unit for unit in _units(text) if text[unit.start : unit.end] not in headings]
    before = [unit.start for unit in units if unit.end <= start]
    after = [unit.end for unit in reversed(units) if unit.start >= end]
    grown = (start, end)
    while before or after:
        down = len(after) >= len(before)
        longer = (grown[0], after.pop()) if down else (before.pop(), grown[1])
        if longer[1] - longer[0] > _WIDE:
            break
        grown = longer
    return None if grown == (start, end) else grown


def surroundings(claim: str, best: Evidence) -> Evidence | None:
    """The same in the passage of the likeliest evidence."""
    passage = best.passage
    found = wide(claim, passage.text, {passage.chunk.title, *passage.chunk.section_path})
    return Evidence(passage, passage.start + found[0], passage.start + found[1], 0.0) if found else None


def joint(claim: str, passages: Sequence[Passage]) -> tuple[Evidence, ...]:
    """The same over passages, as evidence."""
    headings = {heading for passage in passages for heading in (passage.chunk.title, *passage.chunk.section_path)}
    places = covering(claim, [passage.text for passage in passages], headings)
    return tuple(Evidence(passages[at], passages[at].start + i, passages[at].start + j, 0.0) for at, i, j in places)


def likeliest(claim: str, passages: Sequence[Passage]) -> list[Evidence]:
    """The sentences and table rows of passages, those first that hold most of the claim; `score`: the share of its
    words, rare ones heavier."""
    units = [(passage, unit) for passage in passages for unit in _units(passage.text)]
    weights = _weights(claim, [unit for _, unit in units])
    total = sum(weights.values()) or 1.0
    found = [
        Evidence(
            passage,
            passage.start + unit.start,
            passage.start + unit.end,
            sum(weights[term] for term in unit.terms & weights.keys()) / total,
        )
        for passage, unit in units
    ]
    return sorted(found, key=lambda evidence: -evidence.score)


def in_frame(evidence: Evidence) -> str:
    """The quote under its title, headings and, of a table or list, the line that says what it is about."""
    chunk = evidence.passage.chunk
    quote = framed(chunk.text, evidence.start - chunk.start, evidence.quote, chunk.table_header)
    return "\n".join(part for part in (chunk.heading, quote) if part)


def framed(text: str, start: int, quote: str, header: str = "") -> str:
    """The quote at `start` of a text with what says what it is about: table rows told by their header, a list item
    under its lead-in. `header` is that of a table which the text begins in."""
    row = BAR in quote
    above = header_above(text, start, header) if row else lead_in(text, start)
    if not above or above in quote:
        return quote
    return told(above, quote) if row else f"{above}\n{quote}"


def lead_in(text: str, start: int) -> str:
    """The line that leads in to the list item which begins at `start` ("The following are excluded:"), or ""."""
    opens = text.rfind("\n", 0, start) + 1
    item = _ITEM.match(text[opens : start + 12])
    above = text[max(0, opens - _LEAD_IN_REACH) : opens].split("\n")
    for line in reversed([line.strip() for line in above if line.strip()]):
        if line.endswith(":"):
            return line[sentence_spans(line)[-1][0] :]
        if not (item and _ITEM.match(line)):
            return ""
    return ""


def _ranked(claim: str, text: str, headings: Collection[str]) -> list[tuple[int, int, float]]:
    units = _units(text)
    body = [unit for unit in units if text[unit.start : unit.end] not in headings] or list(units)
    weights = _weights(claim, body)
    total = sum(weights.values()) or 1.0
    scored = []
    for first in range(len(body)):
        held: set[Hashable] = set()
        for last in range(first, min(first + _WINDOWS, len(body))):
            if last > first and not _adjacent(text, body[last - 1], body[last]):
                break
            held |= body[last].terms
            found = held & weights.keys()
            share = sum(weights[term] for term in found) / total
            focus = len(found) / (len(held) or 1)
            score = share * (1 - _FOCUS + _FOCUS * focus) - _WIDTH_COST * (last - first)
            scored.append((score, first, last, frozenset(found)))
    scored.sort(key=lambda item: (-item[0], item[2] - item[1], item[1]))
    windows = {(first, last): max(0.0, score) for score, first, last, _ in _different(scored)}
    if windows:
        windows = _with_antecedent(text, body, windows)
    return [(body[first].start, body[last].end, score) for (first, last), score in windows.items()]


def _with_antecedent(
    text: str, body: Sequence[_Unit], windows: dict[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """With the best window from the sentence before it on, as the second, where a pronoun opens it."""
    (first, last), *others = windows
    wide = (first - 1, last)
    alone = not first or last - first + 1 >= _WINDOWS or not _adjacent(text, body[first - 1], body[first])
    if alone or wide in windows or not _ANAPHOR.match(text, body[first].start):
        return windows
    best = windows[first, last]
    return {(first, last): best, wide: best} | {window: windows[window] for window in others[: _WINDOWS - 2]}


_Scored = tuple[float, int, int, frozenset[Hashable]]


def _different(scored: Sequence[_Scored]) -> list[_Scored]:
    """The best windows of which none merely repeats what a better one that it overlaps already says."""
    kept: list[_Scored] = []
    for item in scored:
        _, first, last, found = item
        repeats = any(first <= other[2] and other[1] <= last and found <= other[3] for other in kept)
        if not repeats:
            kept.append(item)
        if len(kept) == _WINDOWS:
            break
    return kept


def _weights(claim: str, body: Sequence[_Unit]) -> dict[Hashable, float]:
    """The claim's terms, rarer ones in this text heavier (inverse sentence frequency)."""
    names = {_stem(name.casefold()) for name in figures(claim).names}
    weights = {}
    for term in _terms(claim):
        rare = math.log(1 + len(body) / (sum(term in unit.terms for unit in body) or 0.5))
        weights[term] = rare * (_PARTICULAR if not isinstance(term, str) else _NAME if term in names else 1.0)
    return weights


def _adjacent(text: str, above: _Unit, below: _Unit) -> bool:
    return above.row == below.row and not text[above.end : below.start].strip()


@lru_cache(maxsize=256)
def _units(text: str) -> tuple[_Unit, ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if joined and _wrapped(text, joined[-1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    header = next((text[start:end] for start, end in joined if BAR in text[start:end]), "")
    units = []
    for start, end in joined:
        row = BAR in text[start:end]
        frame = header if row else lead_in(text, start)
        units.append(_Unit(start, end, _terms(text[start:end]) | _terms(frame), row))
    return tuple(units)


def _wrapped(text: str, above: tuple[int, int], start: int) -> bool:
    """Whether the line break before `start` lies inside a sentence. Parsers join such lines; raw texts have them."""
    between = text[above[1] : start]
    line = text[text.rfind("\n", 0, above[1]) + 1 : above[1]]
    rest = text[start : start + 200].split("\n", 1)[0]
    if between.strip(" \t\r") != "\n" or BAR in line + rest or line[-1] in ".!?:;|" or not rest[0].isalnum():
        return False
    return (len(line) >= 30 and rest[0].islower()) or (len(line) >= 60 and not _ITEM.match(rest))


@lru_cache(maxsize=1024)
def _terms(text: str) -> frozenset[Hashable]:
    """Stems of the words that say something, and the numbers and dates by value."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = {_stem(word) for word in _TERM.findall(folded) if word not in _STOP_WORDS and not word[0].isdigit()}
    if not _NUMBER.search(text):
        return frozenset(words)
    found = figures(text)
    days = {float(part) for day in found.dates for part in (day.year, day.day)}
    return frozenset((*words, *found.numbers, *found.dates, *days))


@lru_cache(maxsize=1 << 15)
def _stem(word: str) -> str:
    """The English Snowball stemmer ("Porter2")."""
    return str(snowballstemmer.stemmer("english").stemWord(word[:64]))  # a new one: they are not thread-safe
