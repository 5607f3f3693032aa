"""Two versions of a source that differ in one amount, each with its date where documents have it: in the text."""

from __future__ import annotations

import re
from random import Random

from generation.gate.splitting.clauses import CONDITIONS, DETERMINERS, PREPOSITIONS

_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,3})(?:\s?%(?!\w)|"
    r" (?:percent|(?:business |calendar )?days?|weeks?|months?|years?|hours?|minutes?)\b)"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_OPENING = DETERMINERS | PREPOSITIONS | CONDITIONS
_LINES = (
    "Effective {day}.",
    "Version of {year}.",
    "Last updated on {day}.",
    "In force since {day}.",
    "As amended on {day}.",
    "Edition of {month} {year}.",
    "This version was published on {day} and replaces all earlier ones.",
)


def other_amount(sentence: str, text: str, random: Random) -> tuple[str, str] | None:
    """Both with a higher number in the one amount that the sentence has from the text; None if it is not clear which
    number that is."""
    amounts = [found[1] for found in _AMOUNT.finditer(sentence) if len(re.findall(_whole(found[1]), text)) == 1]
    if len(amounts) != 1:
        return None
    (number,) = amounts
    other = str(int(number) + random.randint(1, 9))
    return re.sub(_whole(number), other, sentence), re.sub(_whole(number), other, text)


def dated(new: str, old: str, year: int, random: Random) -> tuple[str, str]:
    """Both texts with a line that dates them, the older one to `year`: above or below the text, below a table."""
    line, above = random.choice(_LINES), random.random() < 0.5
    day, month = random.choice((1, 15, 28)), random.choice(_MONTHS)

    def with_line(text: str, of: int) -> str:
        stated = line.format(day=f"{day} {month} {of}", month=month, year=of)
        return f"{stated}\n{text}" if above and not text.startswith("|") else f"{text}\n{stated}"

    return with_line(new, year + random.randint(1, 3)), with_line(old, year)


def earlier(sentence: str, year: int, text: str) -> str:
    """The sentence as one on the older version. Its first word keeps its capital if it may be a name: it is no word
    that opens any sentence, and the text does not have it in small letters."""
    small = sentence[:1].lower() + sentence[1:]
    words = re.findall(r"\w+", small)[:1]
    common = any(word in _OPENING or re.search(rf"\b{word}\b", text) for word in words)
    return f"In the version of {year}, {small if common else sentence}"


def _whole(number: str) -> str:
    return rf"(?<![\w.,]){number}(?![\d.,]?\d)"
