"""Rich Text: visible words, marks and numbers; what is hidden or struck out stays out of the sentence."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.parsers.rtf import html_of
from ingest.types import Element, ElementKind, WarningKind

HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fnil\fcharset238 Arial CE;}}{\*\generator x}"


def read(body: bytes) -> tuple[Element, ...]:
    return parse(HEAD + body + b"}", "a.rtf").elements


def texts(body: bytes) -> list[str]:
    return [element.text for element in read(body)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (rb"\pard The fee is \'80 100.\par Next.\par", ["The fee is € 100.", "Next."]),
        (rb"{\f1 \'9aEDO} \u8364?5 \u-4051? {\uc2\u8364ab6} \{x\}", ["šEDO €5 €6 {x}"]),
        (rb"10{\super 9} cells, EUR 1,500{\super 2} is due", ["10^9 cells, EUR 1,500 (note 2) is due"]),
        (rb"Due{\footnote {\super\chftn} Net of tax.} now.\par", ["Due (note 1) now.", "Note 1: Net of tax."]),
        (rb"in {\strike thirty} sixty days", ["in sixty days", "[struck out: thirty]"]),
        (rb"in {\deleted\revauth1 ten}{\revised two} days", ["in two days", "[deleted: ten]"]),
        (rb"{\listtext 4.\tab}\ls1 Pellmoor insures\par", ["4. Pellmoor insures"]),
        (rb"{\field{\*\fldinst HYPERLINK \'22x\'22}{\fldrslt a link}}{\pict 00ff}{\header Head}", ["a link"]),
        (rb"\trowd \pard\intbl A\cell B\cell\row \intbl 1\cell 2\cell\row\pard End\par", ["A | B\n1 | 2", "End"]),
        (rb"a\line b\~c\_d\emdash e", ["a b c-d—e"]),
        (b"over\r\nlines", ["overlines"]),
    ],
)  # fmt: skip
def test_words(body: bytes, found: list[str]) -> None:
    assert texts(body) == found


def test_hidden_words_are_left_out_and_told_of() -> None:
    parsed = parse(HEAD + rb"The fee is 5.{\v  We would take 3.}\par}", "a.rtf")
    assert [element.text for element in parsed.elements] == ["The fee is 5."]
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.HIDDEN_TEXT]
    assert "3" not in parsed.warnings[0].words
    assert not parse(HEAD + rb"The fee is 5.{\v0  All of it.}\par}", "a.rtf").warnings


def test_redlines_warn_and_headings_are_told() -> None:
    heading, body, struck = read(rb"\pard\outlinelevel1 Terms\par\pard in {\strike ten} two\par")
    assert (heading.kind, heading.level) == (ElementKind.HEADING, 2)
    assert [warning.kind for warning in body.warnings] == [WarningKind.REDLINE]
    assert struck.kind is ElementKind.REVISION
    assert parse(HEAD + rb"{\info{\title The Lease}{\author X}}Words.}", "a.rtf").title == "The Lease"


def test_page_inside_rich_text() -> None:
    source = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag19 <html>}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 The fee is \'80 5."
        rb"\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}}"
    )
    assert html_of(source) == "<html><p>The fee is € 5.</p>"
    assert html_of(HEAD) is None


@pytest.mark.parametrize("body", [b"{" * 5000, b"}" * 50, rb"\bin99999999999 x", b"\\'", b"\\u", b"{\\*" * 400])
def test_hostile_text_ends_well(body: bytes) -> None:
    with suppress(IngestError):
        assert parse(HEAD + b"Words. " + body, "a.rtf").elements[0].text.startswith("Words.")
