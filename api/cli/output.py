"""Answers and errors as people read them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from api.terminal import say
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from generation.types import Answer, Citation, LeftAside


def explained(error: Exception) -> str | None:
    """One line for a foreseen error, None for any other."""
    if isinstance(error, FootnoteError | BrokenPipeError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'the operating system'}: {error.strerror or error}"
    return None


def say_answer(answer: Answer) -> None:
    """The answer with its numbers, what it lacks and assumed, then each source with page and quote."""
    if answer.follow_up:
        say(textwrap.fill(f"Asked instead: {answer.follow_up.asked}", 100))
    for paragraph in _paragraphs(answer) or [answer.answer]:
        say(textwrap.fill(paragraph, 100))
    if answer.sentences and answer.explanation:
        say(textwrap.fill(answer.explanation, 100))
    for caution in answer.cautions:
        numbers = "".join(f"[{number}]" for number in caution.citations)
        say(textwrap.fill(f"Note on {numbers}: {caution.words}" if numbers else f"Note: {caution.words}", 100))
    if answer.left_aside and not answer.abstention:
        say(textwrap.fill(aside_line(answer.left_aside), 100))
    for one in answer.assumed:
        fits = f"“{one.words}” fits {one.alternatives} documents that this person may read; taken to mean"
        say(f"{fits}: {one.title} (version {one.version})")
    nearest = answer.abstention.nearest if answer.abstention else ()
    named = told_apart((one.title, one.source) for one in (*answer.citations, *nearest))
    _say_sources("Sources", answer.citations, named)
    _say_sources("Nearest passages", nearest, named)
    status = f"{answer.status} ({answer.why})" if answer.why else str(answer.status)
    withheld = f"; {answer.withheld} withheld for want of support" if answer.withheld else ""
    took = f" | {answer.timings_ms['total'] / 1000:.1f} s" if answer.timings_ms.get("total") else ""
    if answer.conversation:
        say(f"\nTurn {answer.conversation.number} of conversation {answer.conversation.id}")
    strict = " | strict" if answer.strictness == "strict" else ""
    say(f"\n{status}{strict} | {len(answer.sentences)} checked{withheld}{took} | audit {answer.audit_id}")


def aside_line(aside: Sequence[LeftAside]) -> str:
    """What was found and not used, since no answer is checked in its language."""
    found = [f"{one.passages} in {one.name}" for one in aside if one.passages]
    return f"Passages left aside, since answers are checked in English only: {', '.join(found)}."


def _paragraphs(answer: Answer) -> list[str]:
    """One for each part of the question, after the title of its document where parts ask different ones."""
    told = []
    for part, sentences in groupby(answer.sentences, key=lambda sentence: sentence.part):
        title = answer.parts[part - 1].title if part and answer.parts else ""
        body = " ".join(s.text + "".join(f" [{number}]" for number in s.citations) for s in sentences)
        told.append(f"{title}: {body}" if title else body)
    return told


def told_apart(documents: Iterable[tuple[str, str]]) -> Callable[[str, str], str]:
    """Titles of these documents by title and source; where several are called alike, with the file's name, or its whole
    source where that is alike, too."""
    alike: dict[str, set[str]] = {}
    for title, source in documents:
        alike.setdefault(title, set()).add(source)

    def named(title: str, source: str) -> str:
        sources = alike[title]
        if len(sources) == 1:
            return title
        short = len({_file_name(one) for one in sources}) == len(sources)
        return f"{title} ({_file_name(source) if short else source})"

    return named


def _file_name(source: str) -> str:
    return source.rsplit("/", 1)[-1]


def _say_sources(title: str, citations: Sequence[Citation], named: Callable[[str, str], str]) -> None:
    if citations:
        say(f"\n{title}")
    for citation in citations:
        place = " > ".join((named(citation.title, citation.source), *citation.section_path))
        say(f"[{citation.id}] {place}{_printed(citation)} (version {citation.version})")
        quote = textwrap.fill(citation.quote, 94, initial_indent='    "', subsequent_indent="     ")
        say(f'{quote}"')
        for warning in citation.warnings:
            say(textwrap.fill(f"! {warning.words}", 94, initial_indent="    ", subsequent_indent="      "))


def _printed(citation: Citation) -> str:
    """Where a reader of the file finds it: the cell, or the page as it is printed and as it counts."""
    if citation.cell:
        return f", {citation.cell}"
    if not citation.page:
        return ""
    label = citation.page_label
    counted = f" (page {citation.page} of the file)" if label and label != str(citation.page) else ""
    bates = f", {citation.bates}" if citation.bates else ""
    return f", page {label or citation.page}{counted}{bates}"
