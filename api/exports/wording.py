"""What every export says in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from api.exports.types import Cell, Matrix, Memo, SignOff, Source

CHECKED = (
    "Each sentence below was checked against its sources before it was shown, and its notes quote these word for word. "
    "Where a question has no answer, it says why."
)
FROM = "Made by Footnote"
_DONE = {"approved": "Checked", "rejected": "Rejected", "changed": "Changed"}
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # what follows, whoever has said it
_TAME = str.maketrans("[]", "()", _TURNING)
_FOOT_CHARS = 80
_EMPTY = {"abstained": "No answer", "not found": "No answer", "answered": "-"}
_NOTED = {"waiting", "running", "stale"}  # says no more than its note


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the appendix, and the notes that quote it."""

    numbers: tuple[int, ...]
    source: Source


def day(at: datetime) -> str:
    """`30 November 2026`, UTC."""
    moment = at.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"


def moment(at: datetime) -> str:
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def place(source: Source) -> str:
    """Where the quote stands: `page 3, section 4 Rent > 4.1 Due date, version 2`."""
    label = source.page_label or source.page
    section = " > ".join(one.strip(" .:") for one in source.section)
    told = {"page": label, "": source.bates, "cell": source.cell, "section": section, "version": source.version}
    return ", ".join(f"{name} {value}".strip() for name, value in told.items() if value)


def after(source: Source) -> str:
    """What follows a quote: what a table's row is read under, and what ingestion was unsure of; "" where there is
    neither."""
    told = (source.frame, " ".join(source.cautions))
    return " ".join(f"({words})" for words in told if words)


def signed(one: SignOff) -> str:
    """`Checked by user:ana on 2026-11-30: words`, on one line and without brackets, so that no words look like what
    somebody else has said."""
    said = f"{_DONE.get(one.verdict, one.verdict.capitalize())} by {one.by} on {one.at.astimezone(UTC):%Y-%m-%d}"
    said += f" (sentence {one.sentence})" if one.sentence else ""
    words = " ".join(one.words.translate(_TAME).split())
    return f"{said}: {words}" if words else said


def struck(signs: Sequence[SignOff]) -> bool:
    """Whether the last who looked at it, or at a sentence of it, has rejected that."""
    last = {one.sentence: one.verdict for one in sorted(signs, key=lambda one: one.at)}
    return "rejected" in last.values()


def empty(cell: Cell) -> str:
    """What stands in a cell without an answer."""
    if cell.note and cell.status in _NOTED:
        return cell.note
    said = _EMPTY.get(cell.status, cell.status.capitalize())
    return f"{said}. {cell.note}" if cell.note else said


def reading(memo: Memo | Matrix) -> str:
    """Who made it when, and of what."""
    told = f"Prepared by {memo.by} on {moment(memo.made_at)}"
    if isinstance(memo, Matrix):
        return f"{told}. {_count(len(memo.documents), 'document')}, {_count(len(memo.questions), 'question')}."
    return f"{told}. {_count(len(memo.passages), 'question')}, {_count(len(memo.sources), 'source')}."


def appendix(sources: Iterable[Source]) -> list[Entry]:
    """One entry for each version, in the order of its first note."""
    found: dict[tuple[str, str, int], list[Source]] = {}
    for source in sources:
        found.setdefault((source.document_id, source.version_id, source.version), []).append(source)
    return [Entry(tuple(one.number for one in those), those[0]) for those in found.values()]


def records(told: Memo | Matrix) -> Iterator[tuple[str, str, str]]:
    """What was asked, when, and under which id the audit trail has the answer; of a matrix a document, and the ids of
    its cells by question."""
    if isinstance(told, Memo):
        for passage in told.passages:
            yield passage.question, moment(passage.asked_at), passage.audit_id
        return
    for document, row in zip(told.documents, told.cells, strict=True):
        ids = [f"{number}:\N{NO-BREAK SPACE}{cell.audit_id}" for number, cell in enumerate(row, 1) if cell.audit_id]
        if ids:
            yield document, "", "    ".join(ids)


def short(title: str) -> str:
    """For the foot of a page."""
    return title if len(title) <= _FOOT_CHARS else f"{title[: _FOOT_CHARS - 1]}…"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
