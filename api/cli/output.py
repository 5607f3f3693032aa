"""Printing: JSON as the HTTP API has it, answers and tables for people."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from generation.types import Answer, Citation

# File names may hold characters that a terminal obeys.
_HARMLESS = dict.fromkeys([*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")


class UsageError(FootnoteError):
    """The command was called in a way that cannot work."""

    code = "usage"


def explained(error: Exception) -> str | None:
    """One line for a foreseen error, None for any other."""
    if isinstance(error, FootnoteError | BrokenPipeError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'the operating system'}: {error.strerror or error}"
    return None


def say(text: str = "") -> None:
    """Lines on stdout."""
    sys.stdout.write(text.translate(_HARMLESS) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line on stderr, so that it never mixes with what scripts read."""
    sys.stderr.write(text.translate(_HARMLESS).replace("\n", "\N{REPLACEMENT CHARACTER}") + "\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """One JSON document on stdout; dataclasses and pydantic models as the HTTP API gives them."""
    from pydantic_core import to_jsonable_python

    say(json.dumps(to_jsonable_python(value), ensure_ascii=False))


def say_answer(answer: Answer) -> None:
    """The answer with its numbers, then each source with page and quote."""
    body = " ".join(
        s.text + "".join(f" [{number}]" for number in s.citations) for s in answer.sentences
    )  # fmt: skip
    say(textwrap.fill(body or answer.answer, 100))
    _say_sources("Sources", answer.citations)
    if answer.abstention:
        _say_sources("Nearest passages", answer.abstention.nearest)
    withheld = f"; {answer.withheld} withheld for want of support" if answer.withheld else ""
    seconds = answer.timings_ms.get("total", 0.0) / 1000
    say(f"\n{answer.status} | {len(answer.sentences)} checked{withheld} | {seconds:.1f} s | audit {answer.audit_id}")


def _say_sources(title: str, citations: Sequence[Citation]) -> None:
    if citations:
        say(f"\n{title}")
    for citation in citations:
        page = f", page {citation.page}" if citation.page else ""
        place = " > ".join((citation.title, *citation.section_path))
        say(f"[{citation.id}] {place}{page} (version {citation.version})")
        quote = textwrap.fill(citation.quote, 94, initial_indent='    "', subsequent_indent="     ")
        say(f'{quote}"')


def say_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; nothing is cut off."""
    cells = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
