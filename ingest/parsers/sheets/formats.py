"""A number as a spreadsheet shows it: number formats of ECMA-376 part 1, 18.8.31.

`ssf` on PyPI (a port of SheetJS/SSF) was looked at: last changed in 2020, seven dependencies, and it shows dates in the
order of the computer that it runs on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from ingest.parsers.sheets.dates import date_text
from ingest.parsers.sheets.numbers import fraction_text, general, number_text, scientific_text

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>general)|(?P<half>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])|(?P<letters>[A-Za-z]+)"
    r"|(?P<digit>[0#?])|(?P<mark>[.,%/@])|(?P<number>[1-9]\d*)|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_DATE_LETTERS = re.compile(r"(y+|m+|d+|h+|s+)", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:E[+-]?\d+)?)", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|colou?r\s*\d+|dbnum\d|natnum\d+.*", re.IGNORECASE)
_OF_THE_COMPUTER = frozenset(("F800", "F400", "X-SYSDATE", "X-SYSTIME"))  # dates in the way that it is set to
_SPLIT = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|;|.', re.DOTALL)


class Kind(StrEnum):
    """What one token of a format is."""

    LITERAL = "literal"
    FILL = "fill"
    DIGIT = "digit"
    MARK = "mark"
    NUMBER = "number"
    EXPONENT = "exponent"
    DATE = "date"
    ELAPSED = "elapsed"
    HALF = "half"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two semicolons. `condition`: operator and operand, None where the place decides.
    `known`: whether everything in it was understood. `system`: a date in the way that the computer is set to."""

    tokens: tuple[tuple[Kind, str], ...]
    condition: tuple[str, float] | None
    known: bool
    system: bool

    def has(self, *kinds: Kind) -> bool:
        return any(kind in kinds for kind, _ in self.tokens)

    def has_mark(self, mark: str) -> bool:
        return (Kind.MARK, mark) in self.tokens

    @property
    def is_fraction(self) -> bool:
        """Whether a bar stands before digits: "per" is written with one too."""
        bar = (Kind.MARK, "/")
        after = self.tokens[self.tokens.index(bar) + 1 :] if bar in self.tokens else ()
        below = next((kind for kind, text in after if text.strip()), None)
        return below in (Kind.DIGIT, Kind.NUMBER)

    @property
    def is_date(self) -> bool:
        return self.has(Kind.DATE, Kind.ELAPSED)


@dataclass(frozen=True, slots=True)
class Shown:
    """`text`: what is seen, with runs of blanks. `sure`: whether the format was understood. `hidden`: whether the
    format shows nothing of a value that is there."""

    text: str
    sure: bool = True
    hidden: bool = False


def shown(value: float | str, code: str, *, epoch_1904: bool = False) -> Shown:
    """`value` in the format `code`; one that is not understood leaves the value as it is, followed by the format."""
    sections = _sections(code)
    if isinstance(value, str):
        return _words(value, sections)
    section, negative = _chosen(value, sections)
    if section is None:
        return Shown(general(value), hidden=False)
    if not section.known:
        return Shown(f"{general(value)} [{code}]", sure=False)
    if not section.tokens:
        return Shown("", hidden=value != 0)
    if section.is_date:
        text = date_text(section.tokens, value, epoch_1904=epoch_1904, system=section.system)
        return Shown(f"{general(value)} [{code}]", sure=False) if text is None else Shown(text)
    return _number(value, section, negative)


def _words(value: str, sections: tuple[Section, ...]) -> Shown:
    section = sections[3] if len(sections) > 3 else sections[-1]
    if len(sections) > 3 and not section.tokens:
        return Shown("", hidden=bool(value.strip()))
    if not section.has_mark("@"):
        return Shown(value)
    return Shown("".join(value if text == "@" else text for kind, text in section.tokens if kind is not Kind.FILL))


def _number(value: float, section: Section, negative: bool) -> Shown:
    size = abs(value)
    if section.has(Kind.GENERAL) or section.has_mark("@"):
        body = "".join(
            general(size) if kind is Kind.GENERAL or text == "@" else text
            for kind, text in section.tokens
            if kind is not Kind.FILL
        )
    elif not section.has(Kind.DIGIT):
        body = _tidy("".join(_fill(kind, text) for kind, text in section.tokens))
        return Shown(body, hidden=not body.strip() and value != 0)
    elif section.has(Kind.EXPONENT):
        body = scientific_text(section.tokens, size)
    elif section.is_fraction:
        body = fraction_text(section.tokens, size)
    else:
        body = number_text(section.tokens, Decimal(f"{size:.15g}"))
    body = _tidy(body)
    return Shown(f"-{body.lstrip()}" if negative and re.search("[1-9]", body) else body)


def _fill(kind: Kind, text: str) -> str:
    return "\0" if kind is Kind.FILL else text


def _tidy(text: str) -> str:
    """A fill becomes a blank, but none between a sign and its number: "$1,200", "CHF 1,200"."""
    return re.sub(r"(?<=[$€£¥₹-])\0+ *(?=[\d.])", "", text).replace("\0", " ") if "\0" in text else text


def _chosen(value: float, sections: tuple[Section, ...]) -> tuple[Section | None, bool]:
    """The section for a number, and whether a minus goes before what it shows."""
    numeric = sections[:3] if len(sections) > 3 else sections
    if len(numeric) > 1 and numeric[-1].has_mark("@") and not numeric[-1].condition:
        numeric = numeric[:-1]
    if not any(section.condition for section in numeric):
        if len(numeric) == 1:
            return numeric[0], value < 0
        if value < 0:
            return numeric[1], False
        return (numeric[2], False) if value == 0 and len(numeric) > 2 else (numeric[0], False)
    for place, section in enumerate(numeric):
        condition = section.condition or (("<", 0.0) if place == 1 and len(numeric) > 2 else None)
        if condition is None or _holds(value, condition):
            below = condition is not None and condition[0] in ("<", "<=") and condition[1] == 0
            below = below or (condition is not None and _signs_itself(section))
            rest = condition is None and place == 1 and numeric[0].condition in ((">", 0.0), (">=", 0.0))
            return section, value < 0 and not below and not rest
    return None, False


def _signs_itself(section: Section) -> bool:
    literal = "".join(text for kind, text in section.tokens if kind is Kind.LITERAL)
    return literal.lstrip().startswith(("-", "\u2212", "("))


def _holds(value: float, condition: tuple[str, float]) -> bool:
    operator, operand = condition
    return {
        "<": value < operand, "<=": value <= operand, ">": value > operand, ">=": value >= operand,
        "=": value == operand, "<>": value != operand,
    }[operator]  # fmt: skip


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[Section, ...]:
    parts = [""]
    for piece in _SPLIT.findall(code or "General"):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return tuple(_section(part) for part in parts)


def _section(code: str) -> Section:  # noqa: C901, PLR0912 - one branch for each kind of token
    tokens: list[tuple[Kind, str]] = []
    condition: tuple[str, float] | None = None
    known, system = True, False
    has_digits = bool(re.search(r"[0#?]", re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code)))
    for match in _TOKEN.finditer(code):
        name, text = match.lastgroup or "", match[match.lastgroup or 0]
        if name == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = (found[1], float(found[2]))
            elif text.startswith("$"):
                symbol, locale = _currency(text[1:])
                system = system or locale in _OF_THE_COMPUTER
                tokens.append((Kind.LITERAL, symbol))
            elif _ELAPSED.fullmatch(text):
                tokens.append((Kind.ELAPSED, text.lower()))
            else:
                known = known and bool(_COLOUR.fullmatch(text))
        elif name in ("quoted", "escaped", "literal"):
            tokens.append((Kind.LITERAL, text))
        elif name == "space":
            tokens.append((Kind.LITERAL, " "))
        elif name == "fill":
            tokens.append((Kind.FILL, text))
        elif name == "letters":
            pieces = _DATE_LETTERS.findall(text)
            if "".join(pieces) == text:
                tokens.extend((Kind.DATE, piece.lower()) for piece in pieces)
            else:
                tokens.append((Kind.LITERAL, text))
                known = known and has_digits
        else:
            tokens.append((Kind(name), text))
    return Section(tuple(token for token in tokens if token[1]), condition, known, system)


def _currency(text: str) -> tuple[str, str]:
    """ "CHF-807" or "CHF-de-CH" as its sign and its locale."""
    symbol, _, locale = text.partition("-")
    return symbol, locale.upper()
