"""OpenDocument texts written part by part."""

from __future__ import annotations

import pytest

from ingest.errors import DamagedFile, EncryptedFile, UnsupportedFormat
from ingest.parsers import parse
from ingest.types import ParsedFile, WarningKind
from tests.unit.ingest.making import repacked, warned, zipped

_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES = " ".join(
    [f'xmlns:{name}="{_URN}{name}:1.0"' for name in ("office", "text", "table", "style")]
    + [f'xmlns:draw="{_URN}drawing:1.0"', 'xmlns:dc="http://purl.org/dc/elements/1.1/"']
)
ODT = "application/vnd.oasis.opendocument.text"


def packed(body: str, styles: str = "", mimetype: str = ODT, manifest: str = "") -> bytes:
    content = f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
    document = f"<office:document-content {_NAMESPACES}>{content}</office:document-content>"
    return zipped({"mimetype": mimetype, "content.xml": document, "META-INF/manifest.xml": manifest})


def read(body: str, styles: str = "") -> ParsedFile:
    return parse(packed(body, styles), "a.odt")


def kinds(body: str, styles: str = "") -> list[tuple[str, str]]:
    return [(element.kind.value, element.text) for element in read(body, styles).elements]


def text_style(name: str, properties: str) -> str:
    return f'<style:style style:name="{name}" style:family="text"><style:text-properties {properties}/></style:style>'


LIST = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-prefix="(" style:num-suffix=")"/>'
    '<text:list-level-style-number text:level="3" style:num-format="1" text:display-levels="3"/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>'
)


def item(*inner: str, start: str = "") -> str:
    return f"<text:list-item {start}>{''.join(inner)}</text:list-item>"


def listed(*items: str, more: str = "", style: str = "L") -> str:
    return f'<text:list text:style-name="{style}" {more}>{"".join(items)}</text:list>'


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def test_headings_and_blanks() -> None:
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>'
    )
    body = '<text:h text:outline-level="1">Term</text:h><text:h text:outline-level="2">Start</text:h>'
    body += p("two<text:s/>words<text:tab/>and<text:line-break/>more")
    parsed = read(body, outline)
    assert [(e.text, e.level) for e in parsed.elements] == [("I. Term", 1), ("I.1 Start", 2), ("two words and more", 0)]
    assert parsed.title == "I. Term"


def test_lists() -> None:
    inner = f"<text:list>{item(p('deep'))}{item(p('deeper'))}</text:list>"
    body = listed(item(p("one")), item(p("two"), inner)) + listed(
        item(p("three")), more='text:continue-numbering="true"'
    )
    body += listed(item(p("anew")), item(p("nine"), start='text:start-value="9"')) + listed(item(p("dot")), style="B")
    assert [text for _, text in kinds(body, LIST)] == [
        "1. one", "2. two", "(a) deep", "(b) deeper", "3. three", "1. anew", "9. nine", "dot",
    ]  # fmt: skip


def test_tables() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}>{p(text)}</table:table-cell>"

    two = 'table:number-rows-spanned="2"'
    rows = (
        f"<table:table-header-rows><table:table-row>{cell('A')}{cell('B')}</table:table-row></table:table-header-rows>"
        f"<table:table-row>{cell('South', two)}{cell('x')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{cell('y')}</table:table-row>"
        f"<table:table-row><table:table-cell>{listed(item(p('n')))}</table:table-cell>{cell('z')}</table:table-row>"
    )
    assert kinds(f"<table:table>{rows}</table:table>", LIST) == [("table", "A | B\nSouth | x\nSouth | y\n1. n | z")]


def test_notes_comments_and_boxes() -> None:
    note = "<text:note><text:note-citation>7</text:note-citation><text:note-body><text:p>Net of tax.</text:p></text:note-body></text:note>"
    comment = "<office:annotation><dc:creator>Ada</dc:creator><dc:date>2024-03-01T08:00:00</dc:date><text:p>High.</text:p></office:annotation>"
    box = "<draw:frame><draw:text-box><text:p>Draft</text:p></draw:text-box></draw:frame>"
    assert kinds(p(f"The fee{note} is{comment} 5{box} percent.")) == [
        ("paragraph", "The fee (note 7) is 5 percent."),
        ("note", "Note 7: Net of tax."),
        ("comment", "[comment by Ada on 2024-03-01: High.]"),
        ("paragraph", "Draft"),
    ]


def test_tracked_and_struck_out_words() -> None:
    info = "<office:change-info><dc:creator>Ada</dc:creator><dc:date>2024-03-01T08:00:00</dc:date></office:change-info>"
    changes = (
        f'<text:tracked-changes><text:changed-region text:id="c"><text:deletion>{info}<text:p>thirty</text:p></text:deletion>'
        "</text:changed-region></text:tracked-changes>"
    )
    styles = text_style("S", 'style:text-line-through-style="solid"')
    body = changes + p(
        'within <text:change text:change-id="c"/>sixty <text:span text:style-name="S">old</text:span> days'
    )
    parsed = read(body, styles)
    assert [element.text for element in parsed.elements] == [
        "within sixty days", "[deleted by Ada on 2024-03-01: thirty]", "[struck out: old]",
    ]  # fmt: skip
    assert warned(parsed) == {WarningKind.REDLINE}


def test_hidden_words() -> None:
    styles = text_style("H", 'text:display="none"')
    body = p('Seen<text:span text:style-name="H"> SECRET</text:span>.')
    body += f'<text:section text:display="none">{p("SECRET")}</text:section><text:section>{p("Open.")}</text:section>'
    parsed = read(body, styles)
    assert [element.text for element in parsed.elements] == ["Seen.", "Open."]
    assert warned(parsed) == {WarningKind.HIDDEN_TEXT}


def test_raised_signs() -> None:
    styles = text_style("U", 'style:text-position="super 58%"') + text_style("D", 'style:text-position="sub 58%"')
    up, down = '<text:span text:style-name="U">{}</text:span>', '<text:span text:style-name="D">2</text:span>'
    assert kinds(p(f"10{up.format(6)} and 1,500{up.format(2)} H{down}O"), styles) == [
        ("paragraph", "10^6 and 1,500 (note 2) H2O")
    ]


def test_signs_of_a_symbol_font() -> None:
    face = '<style:font-face xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" style:name="F1" svg:font-family="\'Symbol\'"/>'
    styles = face + text_style("S", 'style:font-name="F1"')
    assert kinds(p('at <text:span text:style-name="S">\uf0b3</text:span> 5'), styles) == [("paragraph", "at \u2265 5")]
    parsed = read(p('at <text:span text:style-name="S">\uf0ff</text:span> 5'), styles)
    assert warned(parsed) == {WarningKind.FONT_MAPPING}


def test_the_title_has_no_note_marks() -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>net</text:p></text:note-body></text:note>"
    assert read(f'<text:h text:outline-level="1">Fees{note}</text:h>').title == "Fees"


def test_what_is_no_readable_text() -> None:
    with pytest.raises(EncryptedFile):
        parse(packed(p("x"), manifest="<encryption-data/>"), "a.odt")
    with pytest.raises(UnsupportedFormat):
        parse(packed(p("x"), mimetype="application/vnd.oasis.opendocument.graphics"), "a.odg")
    broken = repacked(packed(p("x")), lambda _, held: held.replace(b"office:text", b"office:tex_"))
    with pytest.raises(DamagedFile):
        parse(broken, "a.odt")
