"""Evidence to citations: a span resolved to bytes of an immutable version, with its page and boxes, its cells, and what
ingestion was unsure of there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from generation.errors import UnresolvedCitation
from generation.types import Citation, CitedFrame, Evidence, Frame, SourceText, TableSpan
from ingest.types import Box, FileWarning, LineBox, PageInfo, WarningKind
from retrieval.text.tables import BAR, framing

# What is missing elsewhere on a page says nothing against the words that were read there.
_OF_OTHER_WORDS = {WarningKind.UNREAD_PAGE, WarningKind.UNREAD_PART}


def resolve(evidence: Evidence, number: int, source: SourceText) -> Citation:
    """The citation with id `number`, checked against the version's canonical text; raises `UnresolvedCitation`."""
    start, end = evidence.start, evidence.end
    if source.text[start:end] != evidence.quote or not evidence.quote:
        raise UnresolvedCitation(f"characters {start}-{end} are not the quoted words")
    chunk = evidence.passage.chunk
    lines = _printed(source.lines, start, end)
    page = lines[0].box.page if lines else chunk.page
    printed = source.pages.get(page, PageInfo(page)) if page else None
    return Citation(
        id=number,
        document_id=chunk.document_id,
        version=chunk.version,
        content_sha256=chunk.content_sha256,
        title=chunk.title,
        source=chunk.source,
        section_path=chunk.section_path,
        page=page,
        start=start,
        end=end,
        quote=evidence.quote,
        boxes=tuple(line.box for line in lines),
        page_label=(printed.label or str(page)) if printed else "",
        bates=printed.bates if printed else "",
        cell=cell_of(source.text, source.tables, start, end),
        confidence=min((line.confidence for line in lines if line.confidence is not None), default=None),
        warnings=warnings_of(source.warnings, start, end, {line.box.page for line in lines} | {page}),
        version_id=chunk.version_id,
        context=tuple(_frame(source, start, end)),
    )


def _frame(source: SourceText, start: int, end: int) -> Iterator[CitedFrame]:
    """What the last row of a table in the quote is read under, as far as the quote does not hold it."""
    text = source.text
    bar = text.rfind(BAR, start, end)
    for kind, first, last in framing(text, bar) if bar >= 0 else ():
        if start <= first and last <= end:
            continue
        lines = _printed(source.lines, first, last)
        yield CitedFrame(
            kind=Frame(kind),
            start=first,
            end=last,
            quote=text[first:last],
            page=lines[0].box.page if lines else None,
            boxes=tuple(line.box for line in lines),
            cell=cell_of(text, source.tables, first, last),
        )


def boxes_of(lines: Sequence[LineBox], start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the printed lines that hold any of the characters [start, end)."""
    return tuple(line.box for line in _printed(lines, start, end))


def _printed(lines: Sequence[LineBox], start: int, end: int) -> list[LineBox]:
    return [line for line in lines if line.start < end and start < line.end]


def warnings_of(
    warnings: Sequence[FileWarning], start: int, end: int, pages: Collection[int | None]
) -> tuple[FileWarning, ...]:
    """Those about any of the characters [start, end), and those about the words of one of these pages."""

    def concerns(one: FileWarning) -> bool:
        if one.start >= 0:
            return one.start < end and start < one.end
        return one.page is not None and one.page in pages and one.kind not in _OF_OTHER_WORDS

    return tuple(dict.fromkeys(one for one in warnings if concerns(one)))


def cell_of(text: str, tables: Sequence[TableSpan], start: int, end: int) -> str:
    """The cell that holds the characters [start, end), or the range of cells from the first to the last, as a
    spreadsheet writes it; "" outside of any."""
    table = next((table for table in tables if table.start <= start < table.end), None)
    if table is None:
        return ""
    first = _place(text, table, start)
    last = _place(text, table, max(start, min(end, table.end) - 1))
    if first is None or last is None:
        return ""
    (row, column), (last_row, last_column) = first, last
    columns = table.grid.columns
    if row != last_row:  # whole rows: from the first cell of a line to the last one
        column, last_column = 0, len(columns) - 1
    corners = [f"{columns[column]}{row}", f"{columns[last_column]}{last_row}"]
    return table.grid.named(":".join(dict.fromkeys(corners)))


def _place(text: str, table: TableSpan, at: int) -> tuple[int, int] | None:
    """Row, and number of the column, of a character; None where the grid does not have it."""
    line = text.count("\n", table.start, at)
    begin = max(text.rfind("\n", table.start, at) + 1, table.start)
    column = text.count("|", begin, at)  # a bar inside a cell is another character there
    known = line < len(table.grid.rows) and column < len(table.grid.columns)
    return (table.grid.rows[line], column) if known else None
