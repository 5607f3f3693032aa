"""Lists of elements that unstructured wrote, read by unstructured itself."""

import json
import subprocess
import sys
from typing import Any

import pytest

from ingest.errors import UnsupportedFormat
from ingest.parsers import parse
from ingest.reading.detect import ELEMENTS, TEXT, media_type
from ingest.types import ElementKind, WarningKind

TABLE = "<table><tr><td>Service</td><td>Fee</td></tr><tr><td>Storage</td><td>CHF 1,200.50</td></tr></table>"


def one(kind: str, text: str, **metadata: Any) -> dict[str, Any]:
    return {"type": kind, "element_id": "5f0c7f6e3f0b", "text": text, "metadata": {"filename": "deed.docx", **metadata}}


LISTED = [
    one("Header", "Orvane Ltd - confidential", page_number=1),
    one("Title", "Storage Deed", page_number=1, category_depth=0),
    one("Title", "1. Fees", page_number=1, category_depth=1),
    one("NarrativeText", "The fee of 12.50 euros is due\n each month.", page_number=1),
    one("ListItem", "No later than the third day", page_number=2),
    one("Table", "Service Fee Storage CHF 1,200.50", page_number=2, text_as_html=TABLE),
    {"type": "CheckBox", "element_id": "5f0c7f6e3f0c", "checked": True, "metadata": {"page_number": 2}},
    one("PageBreak", ""),
    one("UncategorizedText", "Bergen, 3 May", page_number=3),
]


@pytest.mark.parametrize("lines", [False, True])
def test_a_list_of_elements_is_the_document_again(lines: bool) -> None:
    text = "\n".join(map(json.dumps, LISTED)) if lines else json.dumps(LISTED, indent=2)
    parsed = parse(text.encode(), "deed.ndjson" if lines else "deed.json")
    assert [(element.kind, element.level, element.page, element.text) for element in parsed.elements] == [
        (ElementKind.TITLE, 0, 1, "Storage Deed"),
        (ElementKind.HEADING, 2, 1, "1. Fees"),
        (ElementKind.PARAGRAPH, 0, 1, "The fee of 12.50 euros is due each month."),
        (ElementKind.LIST_ITEM, 0, 2, "No later than the third day"),
        (ElementKind.TABLE, 0, 2, "Service | Fee\nStorage | CHF 1,200.50"),
        (ElementKind.PARAGRAPH, 0, 2, "☒"),
        (ElementKind.PARAGRAPH, 0, 3, "Bergen, 3 May"),
    ]
    assert (parsed.title, parsed.page_count, parsed.warnings) == ("Storage Deed", 3, ())


def test_a_table_without_its_rows_is_told() -> None:
    parsed = parse(json.dumps([one("Table", "Service Fee Storage 1,200", page_number=4)]).encode(), "a.json")
    assert [warning.kind for warning in parsed.elements[0].warnings] == [WarningKind.CUT_TABLE]
    assert parsed.title == "deed"


def test_chunks_are_refused_as_they_may_overlap() -> None:
    with pytest.raises(UnsupportedFormat, match="before chunking"):
        parse(json.dumps([one("CompositeElement", "The fee is 12 euros. The fee")]).encode(), "a.json")


@pytest.mark.parametrize(
    "text",
    [
        '{"amount": 12.50, "currency": "CHF"}',
        '[{"type": "Title", "text": "no element"}]',
        json.dumps([one("NewKind", "the fee is 12.50")]),
        json.dumps([one("Title", "cut off")])[:-1],
        '{"type": "Title", "element_id": "5f0c7f6e3f0b", "metadata": {"a": ' + "[" * 5_000,
    ],
)
def test_other_json_stays_the_text_that_it_is(text: str) -> None:
    parsed = parse(text.encode(), "a.json")
    assert "".join("".join(element.text for element in parsed.elements).split()) == "".join(text.split())


def test_only_the_content_decides() -> None:
    assert media_type(json.dumps(LISTED).encode(), "list.txt") == ELEMENTS
    assert media_type(b'{"a": 1}', "a.json") == TEXT


def test_the_library_is_loaded_for_such_lists_only() -> None:
    code = (
        "import sys; from ingest.parsers import parse; "
        "parse(b'<ul><li>a</li></ul><p>\\xe2\\x80\\xa2 one</p>', 'a.html'); parse(b'{\"a\": 1}', 'a.json'); "
        "sys.exit('unstructured' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
