"""OpenDocument spreadsheets: shown words, repeats, what is hidden, struck out or commented."""

from __future__ import annotations

import pytest

from ingest.errors import FileTooLarge
from ingest.parsers import parse
from ingest.types import ParsedFile, WarningKind
from tests.unit.ingest.making import zipped

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
STYLES = (
    '<style:style style:name="gone"><style:table-properties table:display="false"/></style:style>'
    '<style:style style:name="cut"><style:text-properties style:text-line-through-style="solid"/></style:style>'
)


def cell(text: str = "", **options: object) -> str:
    attributes = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f"<table:table-cell{attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def row(*cells: str, **options: object) -> str:
    attributes = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def read(*rows: str, before: str = "", after: str = "") -> ParsedFile:
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="Fees">{before}{"".join(rows)}</table:table>{after}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return parse(zipped({"mimetype": kind, "content.xml": content}), "a.ods")


def test_the_words_shown_are_taken_and_repeats_are_kept() -> None:
    made = read(
        row(cell("Item"), cell("Fee"), cell("Tax"), cell(number_columns_repeated=16000)),
        row(cell("a"), cell("1.200,50 €", number_columns_repeated=2)),
        row(cell("b"), cell("5"), number_rows_repeated=2),
        row(cell(), number_rows_repeated=1000000),
    )
    assert [one.text for one in made.elements] == [
        "Fees",
        "Item | Fee | Tax\na | 1.200,50 € | 1.200,50 €\nb | 5 |\nb | 5 |",
    ]
    assert made.elements[1].grid is not None
    assert made.elements[1].grid.rows == (1, 2, 3, 4)


def test_hidden_parts_are_left_out_with_a_warning() -> None:
    hidden = f'<table:table table:name="SECRET" table:style-name="gone">{row(cell("SECRET"))}</table:table>'
    made = read(
        row(cell("Item"), cell("Fee"), cell("Note")),
        row(cell("a"), cell("5"), cell("SECRET")),
        row(cell("SECRET"), cell("6"), visibility="collapse"),
        before='<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>',
        after=hidden,
    )
    assert [one.text for one in made.elements] == ["Fees", "Item | Fee\na | 5"]
    assert [one.kind for one in made.warnings] == [WarningKind.HIDDEN_TEXT] * 3
    assert not any("SECRET" in one.words for one in made.warnings)


def test_formulas_never_computed_and_struck_out_words() -> None:
    made = read(
        row(cell("Item"), cell("Fee")),
        row(cell("a"), '<table:table-cell table:formula="of:=SUM([.B1:.B2])"><text:p/></table:table-cell>'),
        row(cell("old", style_name="cut"), cell("6")),
    )
    assert [one.text for one in made.elements[1:]] == [
        "Item | Fee\na | =SUM([.B1:.B2]) [no value saved]\n| 6",
        "A3: [struck out: old]",
    ]
    assert [one.kind for one in made.elements[1].warnings] == [WarningKind.UNCACHED_FORMULA]


def test_a_bomb_of_repeats_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        read(row(cell("x", number_columns_repeated=16000), number_rows_repeated=1000000))
