"""Memos and matrices as Word documents whose footnotes quote the sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.exports.docx.markup import Notes, paragraph, run, signatures, statement, table
from api.exports.docx.package import LANDSCAPE, PORTRAIT, Page, packed
from api.exports.numbering import numbered_matrix, numbered_memo
from api.exports.types import Cell, Matrix, Memo, Passage, Source
from api.exports.wording import CHECKED, appendix, empty, reading, records

_SIDE_BY_SIDE = 5  # questions in one table; more would be too narrow to read
_NEW_PAGE = "<w:pageBreakBefore/>"


def docx(told: Memo | Matrix) -> bytes:
    """The same bytes for the same value."""
    return _matrix(numbered_matrix(told)) if isinstance(told, Matrix) else _memo(numbered_memo(told))


def _memo(memo: Memo) -> bytes:
    notes = _notes(memo.sources)
    several = len(memo.passages) > 1
    body = _opening(memo)
    for number, passage in enumerate(memo.passages, 1):
        body += _passage(passage, f"{number}. " if several else "", notes)
    body += "".join(_appendix(memo, PORTRAIT))
    return packed(body, notes, PORTRAIT, memo.title, memo.by, memo.made_at)


def _matrix(matrix: Matrix) -> bytes:
    notes = _notes(matrix.sources)
    body = _opening(matrix)
    for start in range(0, len(matrix.questions), _SIDE_BY_SIDE):
        body += "".join(_questions(matrix, start, notes))
    body += "".join(_appendix(matrix, LANDSCAPE))
    return packed(body, notes, LANDSCAPE, matrix.title, matrix.by, matrix.made_at)


def _notes(sources: Sequence[Source]) -> Notes:
    return Notes({source.number: source for source in sources})


def _opening(told: Memo | Matrix) -> str:
    lead = paragraph(run(CHECKED), "Lead")
    return paragraph(run(told.title), "Title") + paragraph(run(reading(told)), "Subtitle") + lead


def _passage(passage: Passage, number: str, notes: Notes) -> str:
    told = paragraph(run(number + passage.question), "Heading1")
    sentences = [statement(one.text, one.sources, one.signed, notes) for one in passage.statements]
    if sentences:
        told += paragraph(run(" ").join(sentences))
    if passage.note or not sentences:
        told += paragraph(run(passage.note or "There is no answer."), "Note")
    if passage.signed:
        told += paragraph(run("The answer as a whole:", "Signed") + signatures(passage.signed))
    return told


def _questions(matrix: Matrix, start: int, notes: Notes) -> Iterator[str]:
    """A table of some of the questions."""
    some = slice(start, start + _SIDE_BY_SIDE)
    asked = matrix.questions[some]
    if len(matrix.questions) > _SIDE_BY_SIDE:
        title = f"Questions {start + 1} to {start + len(asked)}"
        yield paragraph(run(title), "Heading1", _NEW_PAGE if start else "")
    first = 2400
    each = (LANDSCAPE.text - first) // len(asked)
    head = ["Document", *(f"{number}. {words}" for number, words in enumerate(asked, start + 1))]
    rows = (
        [paragraph(run(document), "TableLabel"), *(_cell(one, notes) for one in cells[some])]
        for document, cells in zip(matrix.documents, matrix.cells, strict=True)
    )
    yield table([first, *[each] * len(asked)], head, rows)
    yield paragraph("")


def _cell(one: Cell, notes: Notes) -> str:
    if one.text:
        told = paragraph(statement(one.text, one.sources, one.signed, notes), "TableText")
        return told + (paragraph(run(one.note), "TableNote") if one.note else "")
    return paragraph(run(empty(one)) + signatures(one.signed), "TableNote")


def _appendix(told: Memo | Matrix, page: Page) -> Iterator[str]:
    """What was cited, with the digests of the files, and under which ids the trail has the answers."""
    if told.sources:
        yield paragraph(run("Sources"), "Heading1", _NEW_PAGE)
        widths = [1100, page.text - 1100 - 1000 - 3300, 1000, 3300]
        rows = (
            [
                paragraph(run(", ".join(map(str, entry.numbers))), "TableText"),
                paragraph(run(entry.source.title or "Untitled"), "TableText")
                + (paragraph(run(entry.source.source), "Record") if entry.source.source else "")
                + paragraph(run(f"Document {entry.source.document_id}"), "Record"),
                paragraph(run(str(entry.source.version)), "TableText"),
                paragraph(run(entry.source.content_sha256, "Digest"), "TableText"),
            ]
            for entry in appendix(told.sources)
        )
        yield table(widths, ["Notes", "Document", "Version", "SHA-256 of the file"], rows)
    yield paragraph(run("Records of the audit trail"), "Heading1")
    matrix = isinstance(told, Matrix)
    first, named = (3000, "Document") if matrix else (page.text - 3300, "Question")
    answers = (
        [
            paragraph(run(asked), "TableText") + (paragraph(run(at), "Record") if at else ""),
            paragraph(run(id_, "Digest"), "TableText"),
        ]
        for asked, at, id_ in records(told)
    )
    yield table([first, page.text - first], [named, "Records by question" if matrix else "Record"], answers)
    yield paragraph("")
