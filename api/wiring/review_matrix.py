"""A review as what is exported: its cells with their sources, numbered through, as its reader sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from api.exports.docx import docx
from api.exports.types import Cell, Matrix
from api.exports.xlsx import xlsx
from api.wiring.exporting import Sources, note_of, signs_of
from api.wiring.kept import Numbers
from api.wiring.recall.noting import noted
from api.wiring.review_seeing import STALE, ShownCell
from api.wiring.reviews import ReviewDesk, ShownRow
from generation.people import SignOff
from retrieval.types import Numbering, Principal

Writer = Callable[[Matrix], bytes]
WRITERS: dict[str, Writer] = {"xlsx": xlsx, "docx": docx}
_NOTES = {"waiting": "Not asked yet.", "running": "Being asked.", STALE: "The document has another version by now."}


class Signed(Protocol):
    def of(self, audit_ids: Collection[str]) -> list[SignOff]: ...


@dataclass(frozen=True, slots=True)
class Export:
    """Implements `api.http.review_desk.Exported`."""

    data: bytes
    shown: tuple[tuple[str, int], ...]


class MatrixExport:
    """Writes a review in one format. `public_url`: where the page is reached, "" where nobody said."""

    def __init__(self, desk: ReviewDesk, numbers: Numbers, signed: Signed, public_url: str, writer: Writer) -> None:
        self._desk, self._numbers, self._signed, self._writer = desk, numbers, signed, writer
        self._page = f"{public_url.rstrip('/')}/" if public_url else ""

    def __call__(self, review_id: str, principal: Principal) -> Export:
        """Raises `ReviewMissing`. What is opened is held for some rows at a time."""
        every = self._desk.every_row(review_id, principal)
        review, seen = every.shown.review, self._numbers.of(principal, every.documents)
        making = _Making(len(review.questions), seen, self._page)
        for rows in every.pages:
            ids = [cell.kept.audit_id for row in rows for cell in row.cells if cell.kept]
            making.add(rows, self._signed.of(ids), own=every.shown.own)
        matrix = Matrix(
            review.title,
            f"user:{principal.user}",
            datetime.now(UTC),
            tuple(review.questions),
            tuple(_titles(making.rows)),
            tuple(making.cells),
            making.sources.all,
        )
        return Export(self._writer(matrix), tuple(sorted(making.shown)))


class _Making:
    """What is written of rows: title and source, cells, quotes, and the versions that are shown."""

    def __init__(self, questions: int, seen: Numbering, page: str) -> None:
        self._questions, self._seen = questions, seen
        self.sources = Sources(seen, page)
        self.rows: list[tuple[str, str]] = []
        self.cells: list[tuple[Cell, ...]] = []
        self.shown: set[tuple[str, int]] = set()

    def add(self, rows: Sequence[ShownRow], signed: Sequence[SignOff], *, own: bool) -> None:
        by_answer: dict[str, list[SignOff]] = {}
        for one in signed:
            by_answer.setdefault(one.audit_id, []).append(one)
        for row in rows:
            self.rows.append((row.title, row.source))
            self.shown |= {(row.document_id, row.version)}
            self.shown |= {place for cell in row.cells if cell.kept for place in cell.kept.rests_on}
            told = {cell.question: self._cell(cell, by_answer.get(cell.audit_id or "", ()), own) for cell in row.cells}
            self.cells.append(tuple(told.get(at, _NOTHING) for at in range(1, self._questions + 1)))

    def _cell(self, cell: ShownCell, signed: Sequence[SignOff], own: bool) -> Cell:
        """`note`: why it is not a whole answer of the newest version."""
        status = cell.status.replace("_", " ")
        notes = [_NOTES.get(cell.status, "")]
        if cell.kept is None:
            notes.append(f"It could not be answered ({cell.code})." if cell.code else "")
            return Cell(status, "", (), cell.audit_id or "", _joined(notes))
        answer = cell.kept.answer
        notes += [noted(one, self._seen) for one in cell.kept.changed]
        notes.append(note_of(cell.kept, asker=own))
        text = answer.answer if answer.sentences else ""
        numbers = dict.fromkeys(self.sources.number(one) for one in answer.citations)
        signs = [*signs_of(signed, None)]
        for number in range(1, len(answer.sentences) + 1):
            signs += [replace(sign, sentence=number) for sign in signs_of(signed, number)]
        return Cell(status, text, tuple(numbers), cell.kept.audit_id, _joined(notes), tuple(signs))


_NOTHING = Cell("", "", (), "", "")


def _joined(notes: Iterable[str]) -> str:
    return " ".join(filter(None, notes))


def _titles(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Where several are called alike, with the source."""
    alike = Counter(title for title, _ in rows)
    return [title if alike[title] == 1 else f"{title} ({source})" for title, source in rows]
