"""Answers and errors as people read them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.terminal import say
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from generation.types import Answer, Citation


def explained(error: Exception) -> str | None:
    """One line for a foreseen error, None for any other."""
    if isinstance(error, FootnoteError | BrokenPipeError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'the operating system'}: {error.strerror or error}"
    return None


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
