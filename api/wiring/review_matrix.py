"""A review as what is exported: its cells with their sources, numbered through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from api.exports.docx import docx
from api.exports.types import Cell, Matrix, Source
from api.exports.xlsx import xlsx
from api.wiring.kept import Numbers
from api.wiring.reviews import STALE, ReviewDesk, ShownCell, ShownRow
from generation.types import Citation
from retrieval.types import Numbering, Principal

Writer = Callable[[Matrix], bytes]
WRITERS: dict[str, Writer] = {"xlsx": xlsx, "docx": docx}
_NOTES = {
    "waiting": "Not asked yet.",
    "running": "Being asked.",
    STALE: "The document has another version by now; resume the review to ask again.",
}


@dataclass(frozen=True, slots=True)
class Export:
    """Implements `api.http.review_desk.Exported`."""

    data: bytes
    shown: tuple[tuple[str, int], ...]


class MatrixExport:
    """Writes a review in one format. `public_url`: where the page is reached, "" where nobody said."""

    def __init__(self, desk: ReviewDesk, numbers: Numbers, public_url: str, writer: Writer) -> None:
        self._desk, self._numbers, self._writer = desk, numbers, writer
        self._url = public_url.rstrip("/")

    def __call__(self, review_id: str, principal: Principal) -> Export:
        """Raises `ReviewMissing`."""
        shown, rows = self._desk.every_row(review_id, principal)
        answers = [cell.kept.answer for row in rows for cell in row.cells if cell.kept]
        cited = {citation.document_id for answer in answers for citation in answer.citations}
        sources = _Sources(self._numbers.of(principal, cited), self._url)
        matrix = Matrix(
            shown.review.title,
            f"user:{principal.user}",
            datetime.now(UTC),
            tuple(shown.review.questions),
            tuple(_titles(rows)),
            tuple(tuple(_cell(cell, sources) for cell in row.cells) for row in rows),
            tuple(sources.all),
        )
        versions = {(row.document_id, row.version) for row in rows}
        versions |= {place for row in rows for cell in row.cells if cell.kept for place in cell.kept.rests_on}
        return Export(self._writer(matrix), tuple(sorted(versions)))


class _Sources:
    """Each quote once, by the order in which cells cite them."""

    def __init__(self, seen: Numbering, url: str) -> None:
        self._seen, self._url = seen, url
        self._known: dict[tuple[str, int, int, int], int] = {}
        self.all: list[Source] = []

    def number(self, citation: Citation) -> int:
        place = (citation.document_id, citation.version, citation.start, citation.end)
        if place not in self._known:
            self._known[place] = len(self.all) + 1
            self.all.append(self._source(citation, len(self.all) + 1))
        return self._known[place]

    def _source(self, one: Citation, number: int) -> Source:
        id_, counted = one.document_id, self._seen.number(one.document_id, one.version)
        version_id = self._seen.id(id_, one.version)
        url = f"{self._url}/#source/{id_}/{version_id}/{one.start}/{one.end}" if self._url else ""
        return Source(
            number, one.title, id_, version_id, counted, one.page, one.page_label, tuple(one.section_path), one.quote,
            one.content_sha256, url, one.bates, one.cell, tuple(warning.words for warning in one.warnings),
            one.source,
        )  # fmt: skip


def _cell(cell: ShownCell, sources: _Sources) -> Cell:
    """`note`: why it is not a whole answer of the newest version."""
    status = cell.status.replace("_", " ")
    notes = [_NOTES.get(cell.status, "")]
    if cell.kept is None:
        notes.append(f"It could not be answered ({cell.code})." if cell.code else "")
        return Cell(status, "", (), cell.audit_id or "", _joined(notes))
    answer = cell.kept.answer
    notes += [answer.explanation, *(caution.words for caution in answer.cautions)]
    text = answer.answer if answer.sentences else ""
    numbers = dict.fromkeys(sources.number(one) for one in answer.citations)
    return Cell(status, text, tuple(numbers), cell.kept.audit_id, _joined(notes))


def _joined(notes: Iterable[str]) -> str:
    return " ".join(filter(None, notes))


def _titles(rows: Sequence[ShownRow]) -> list[str]:
    """Where several are called alike, with the source."""
    alike = Counter(row.title for row in rows)
    return [row.title if alike[row.title] == 1 else f"{row.title} ({row.source})" for row in rows]
