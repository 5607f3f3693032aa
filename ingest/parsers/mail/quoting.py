"""Which lines of a mail its writer wrote and which are quoted. Quoted words never stand in the writer's own sentence.

Every quoted element opens with "[quoted] ", or "[quoted, level 2] " where it was quoted before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.parsers import text
from ingest.types import Element, ElementKind

_BROKEN_OFF = 30  # characters that stand over when a quoted line is broken
_LONGEST = 700  # characters of a quoted element: each one has to carry its mark into its own chunk
_DEPTH = re.compile(r"(?:>(?!=) ?)+")
_FIGURE = re.compile(r">=? ?[\d€$£]")
_WROTE = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Den|Em|Dnia)\b.{4,300}?"
    r"\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev|escreveu|napisał\(?a?\)?)\b.{0,80}:",
    re.IGNORECASE,
)
_SURE = re.compile(r"@|\d:\d\d|<")
_RULED = re.compile(
    r"[-_\s]*(?:original message|original appointment|urspr[üu]ngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht|forwarded message|weitergeleitete nachricht"
    r"|message transféré)[-_\s]*:?"
    r"|begin forwarded message:|anfang der weitergeleiteten nachricht:",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|Fra|Från) ?:\*? ?\S", re.IGNORECASE)
_SENT = re.compile(
    r"\*?(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado|Fecha|Inviato|Data|Verzonden|Sendt|Skickat) ?:", re.I
)
_ADDRESSED = re.compile(
    r"\*?(?:To|Subject|An|Betreff|À|Objet|Para|Asunto|A|Oggetto|Aan|Onderwerp|Til|Emne|Ämne) ?:", re.I
)
_SENTENCE = re.compile(r"(?<=[.;!?]) ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line or, in flowed text, one paragraph; `depth`: how often it was quoted."""

    depth: int
    text: str


def lines_of(body: str) -> list[Line]:
    """The lines of a text in which ">" in front quotes."""
    rows = re.sub(r"\r\n?", "\n", body).split("\n")
    lines = [_line(rows, at) for at in range(len(rows))]
    for at in range(1, len(lines) - 1):
        if _is_broken_off(lines[at - 1], lines[at], lines[at + 1]):
            lines[at] = replace(lines[at], depth=lines[at - 1].depth)
    return lines


def _is_broken_off(before: Line, line: Line, after: Line) -> bool:
    """Whether a line without ">" is the end of the quoted one before it, which a program broke in two."""
    if line.depth or not before.depth or before.depth != after.depth or not line.text.strip():
        return False
    ends, begins = before.text.rstrip()[-1:], after.text.lstrip()[:1]
    return len(line.text) < _BROKEN_OFF and (ends.isalnum() or ends in ",-€$£") and ends != "" and begins.islower()


def _line(rows: Sequence[str], at: int) -> Line:
    row = rows[at]
    found = _DEPTH.match(row)
    if found is None or _is_comparison(rows, at):
        return Line(0, row)
    return Line(found[0].count(">"), row[found.end() :])


def _is_comparison(rows: Sequence[str], at: int) -> bool:
    """Whether "> 5 percent" goes on with the sentence of the line before it and is no quotation."""
    before = rows[at - 1].strip() if at else ""
    after = rows[at + 1] if at + 1 < len(rows) else ""
    alone = not before.startswith(">") and not after.startswith(">")
    return bool(alone and _FIGURE.match(rows[at]) and before and before[-1] not in ".:!?")


def flowed(body: str, delsp: bool = False) -> list[Line]:
    """The paragraphs of format=flowed text (RFC 3676); an empty line divides them."""
    found: list[Line] = []
    open_ = False
    for row in re.sub(r"\r\n?", "\n", body).split("\n"):
        depth = len(row) - len(row.lstrip(">"))
        words = row[depth:].removeprefix(" ")
        soft = words.endswith(" ") and words != "-- "
        if open_ and found[-1].depth == depth and words != "-- ":
            found[-1] = Line(depth, found[-1].text + words)
        else:
            found.append(Line(depth, words))
        if soft and delsp:
            found[-1] = Line(depth, found[-1].text[:-1])
        open_ = soft
    return [part for line in found for part in (line, Line(line.depth, ""))]


def joined(pieces: Iterable[Line]) -> Iterator[Element]:
    """Elements in reading order, quoted ones marked."""
    lines = list(_with_history(list(pieces)))
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].depth == lines[at].depth:
            end += 1
        words = "\n".join(line.text for line in lines[at:end])
        yield from marked(text.elements_of(words), lines[at].depth)
        at = end


def marked(elements: Iterable[Element], depth: int) -> Iterator[Element]:
    """The elements as quoted `depth` times; 0 leaves them as they are. A quoted heading heads nothing."""
    if depth == 0:
        yield from elements
        return
    mark = "[quoted] " if depth == 1 else f"[quoted, level {depth}] "
    for element in elements:
        if element.kind is ElementKind.TABLE:
            yield Element(ElementKind.PARAGRAPH, f"{mark}The table that follows is quoted.")
            yield element
        elif element.kind in (ElementKind.HEADING, ElementKind.TITLE):
            yield Element(ElementKind.PARAGRAPH, mark + element.text)
        elif len(element.text) <= _LONGEST:
            moved = tuple(
                replace(w, start=w.start + len(mark), end=w.end + len(mark)) if w.start >= 0 else w
                for w in element.warnings
            )
            yield replace(element, text=mark + element.text, lines=(), warnings=moved)
        else:
            for part in _cut(element.text):
                yield replace(
                    element,
                    text=mark + part,
                    lines=(),
                    warnings=tuple(replace(w, start=-1, end=-1) for w in element.warnings),
                )


def _cut(words: str) -> Iterator[str]:
    held = ""
    for sentence in _SENTENCE.split(words):
        if held and len(held) + len(sentence) > _LONGEST:
            yield held
            held = ""
        held = f"{held} {sentence}" if held else sentence
    yield held


def _with_history(lines: list[Line]) -> Iterator[Line]:
    """One level deeper from where an older message stands without ">" before its lines; paragraphs around heads."""
    deeper = 0
    for at, line in enumerate(lines):
        if line.depth:
            yield Line(line.depth + deeper, line.text)
            continue
        if _opens_history(lines, at):
            deeper = min(deeper + 1, 9)
        wrote = _attribution(lines, at)
        if wrote and deeper == 0:
            yield Line(0, "")
        yield Line(deeper, line.text)
        if wrote == 1 or _RULED.fullmatch(line.text.strip()) or (deeper and _ADDRESSED.match(line.text)):
            yield Line(deeper, "")
        if wrote == 1 and not _goes_on_quoted(lines, at) and _SURE.search(line.text):
            deeper = min(deeper + 1, 9)


def _opens_history(lines: Sequence[Line], at: int) -> bool:
    words = lines[at].text.strip()
    if _RULED.fullmatch(words):
        return True
    if not _FROM.match(words):
        return False
    ruled = any(_RULED.fullmatch(line.text.strip()) for line in lines[max(0, at - 3) : at])
    head = [line.text.strip() for line in lines[at + 1 : at + 12]]
    return not ruled and any(map(_SENT.match, head[:5])) and any(map(_ADDRESSED.match, head))


def _attribution(lines: Sequence[Line], at: int) -> int:
    """How many lines "On ... wrote:" takes from here, 0 if it is none."""
    words = lines[at].text.strip()
    if len(words) > 400 or not words:
        return 0
    if _WROTE.fullmatch(words):
        return 1
    after = lines[at + 1].text.strip() if at + 1 < len(lines) and not lines[at + 1].depth else ""
    return 2 if after and len(after) < 200 and _WROTE.fullmatch(f"{words} {after}") else 0


def _goes_on_quoted(lines: Sequence[Line], at: int) -> bool:
    rest = (line for line in lines[at + 1 : at + 6] if line.text.strip())
    return any(line.depth for line in rest)


def history_at(elements: Sequence[Element]) -> int:
    """The first of the elements that belongs to an older message, as Outlook puts it below without a mark; their
    number where there is none."""
    for at, element in enumerate(elements):
        if _RULED.fullmatch(element.text):
            return at
        head = " ".join(one.text for one in elements[at : at + 6])[:600]
        if _FROM.match(element.text) and _SENT.search(head) and _ADDRESSED.search(head):
            return at
    return len(elements)
