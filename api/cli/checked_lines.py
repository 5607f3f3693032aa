"""The lines that `footnote gate check` reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.terminal import UsageError

if TYPE_CHECKING:
    from generation.gate import Source

SHAPE = '{"evidence": "...", "sentence": "..."}'


@dataclass(frozen=True, slots=True)
class Request:
    """`before` is the sentence before, from which pronouns are resolved; `question` what the sentence answers."""

    id: str | int
    evidence: tuple[Source, ...]
    sentence: str
    before: str = ""
    question: str = ""


def parsed(number: int, line: bytes) -> Request:
    """Raises `UsageError` that says what is wrong with the line, and how to write it."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"line {number}: not UTF-8. Save the file as UTF-8.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"line {number}: not a JSON object. Write {SHAPE} on one line.") from None
    if not isinstance(row, dict):
        raise UsageError(f"line {number}: not a JSON object. Write {SHAPE} on one line.")
    name = row.get("id", number)
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise UsageError(f'line {number}: "id" must be a text or a whole number. Change it or leave it out.')
    evidence = _evidence(number, row.get("evidence"))
    sentence = _text(number, "sentence", row.get("sentence"))
    return Request(name, evidence, sentence, _optional(number, row, "before"), _optional(number, row, "question"))


def _evidence(number: int, value: Any) -> tuple[Source, ...]:
    """A text or an object with one, or a list of these."""
    if not isinstance(value, list):
        return (_source(number, "evidence", value),)
    if not value:
        raise UsageError(f'line {number}: "evidence" is an empty list. Put at least one text into it.')
    return tuple(_source(number, f"evidence[{at}]", one) for at, one in enumerate(value))


def _source(number: int, field: str, value: Any) -> Source:
    from generation.gate import Source

    if not isinstance(value, dict):
        return Source(_text(number, field, value))
    text = _text(number, f"{field}.text", value.get("text"))
    name, title, document = (_optional(number, value, key, f"{field}.") for key in ("id", "title", "document"))
    return Source(text, id=name, title=title, document=document)


def _optional(number: int, row: dict[str, Any], field: str, within: str = "") -> str:
    return _text(number, within + field, row[field]) if row.get(field) else ""


def _text(number: int, field: str, value: Any) -> str:
    if value is None:
        raise UsageError(f'line {number}: "{field}" is missing. Write {SHAPE} on one line.')
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'line {number}: "{field}" must be a text that is not empty.')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f'line {number}: "{field}" holds half a character (a lone surrogate). Remove it.') from None
    return value
