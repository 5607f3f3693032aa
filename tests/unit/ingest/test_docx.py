"""Word files written part by part, for what python-docx cannot make."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.symbols import sign
from ingest.types import ParsedFile, WarningKind

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROOTS = {"charts": "c:chartSpace", "diagrams": "dgm:dataModel", "commentsExtended": "w15:commentsEx"}


def packed(body: str, **parts: str) -> bytes:
    """A file with this body; `parts` are the contents of word/NAME.xml."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>")
        lines = ""
        for name, content in parts.items():
            root = _ROOTS.get(name, f"w:{name}")
            archive.writestr(f"word/{name}.xml", f"<{root} {_NAMESPACES}>{content}</{root}>")
            lines += f'<Relationship Id="{name}" Type="{_RELATION}/{name}" Target="{name}.xml"/>'
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{space}">{lines}</Relationships>')
    return buffer.getvalue()


def read(body: str, **parts: str) -> ParsedFile:
    return parse(packed(body, **parts), "a.docx")


def texts(body: str, **parts: str) -> list[str]:
    return [element.text for element in read(body, **parts).elements]


def run(text: str, marks: str = "") -> str:
    return f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*runs: str, marks: str = "") -> str:
    inner = "".join(part if part.startswith("<") else run(part) for part in runs)
    return f"<w:p><w:pPr>{marks}</w:pPr>{inner}</w:p>"


def numbered(text: str, number: int = 1, level: int = 0) -> str:
    return p(text, marks=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def level(at: int, text: str, form: str = "decimal", more: str = "", start: int = 1) -> str:
    return f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def lists(*levels: str, more: str = "") -> str:
    return (
        f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'
    )


def kinds(parsed: ParsedFile) -> list[tuple[str, str]]:
    return [(element.kind.value, element.text) for element in parsed.elements]


def warned(parsed: ParsedFile) -> set[WarningKind]:
    return {w.kind for holder in (parsed, *parsed.elements) for w in holder.warnings}


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def row(*cells: str, marks: str = "") -> str:
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


THREE = (level(0, "%1."), level(1, "%1.%2"), level(2, "(%3)", "lowerLetter"))


def test_lists_go_on_and_restart() -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
        '</w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>'
    )
    body = numbered("a") + numbered("b", level=1) + numbered("c", 2) + numbered("d", 2) + numbered("e", 3)
    assert texts(body, numbering=lists(*THREE, more=again)) == ["1. a", "1.1 b", "5. c", "6. d", "7. e"]


def test_a_list_that_replaces_a_level() -> None:
    own = f'<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">{level(0, "Part %1:", "upperRoman", start=4)}</w:lvlOverride></w:num>'
    assert texts(numbered("x", 2) + numbered("y", 2), numbering=lists(*THREE, more=own)) == ["Part IV: x", "Part V: y"]


def test_levels_restart_or_not() -> None:
    levels = (level(0, "%1."), level(1, "%2)", more='<w:lvlRestart w:val="0"/>'))
    body = numbered("a") + numbered("b", level=1) + numbered("c") + numbered("d", level=1)
    assert texts(body, numbering=lists(*levels)) == ["1. a", "1) b", "2. c", "2) d"]


def test_legal_numbers_and_gaps() -> None:
    levels = (level(0, "Article %1", "upperRoman"), level(1, "%1.%2", more='<w:isLgl/><w:suff w:val="nothing"/>'))
    body = numbered("Scope") + numbered("applies", level=1) + numbered(". Ends", level=1)
    assert texts(body, numbering=lists(*levels)) == ["Article I Scope", "1.1 applies", "1.2. Ends"]


def test_levels_by_style_and_a_list_switched_off() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>'
    )
    numbering = lists(level(0, "%1."), level(1, "%1.%2", more='<w:pStyle w:val="H2"/>'))
    off = '<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    body = p("A", marks='<w:pStyle w:val="H1"/>') + p("B", marks='<w:pStyle w:val="H2"/>') + p("C", marks=off)
    assert texts(body, styles=styles, numbering=numbering) == ["1. A", "1.1 B", "C"]


def test_numbering_through_a_list_style() -> None:
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    linked = '<w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="L"/></w:abstractNum>'
    numbering = linked + lists(*THREE, more='<w:num w:numId="2"><w:abstractNumId w:val="9"/></w:num>')
    assert texts(numbered("a", 2) + numbered("b", 2, 1), styles=styles, numbering=numbering) == ["1. a", "1.1 b"]


@pytest.mark.parametrize(
    ("form", "number", "written"),
    [
        ("decimalZero", 3, "03"), ("decimalZero", 12, "12"), ("upperLetter", 28, "BB"), ("lowerRoman", 14, "xiv"),
        ("ordinal", 11, "11th"), ("ordinal", 22, "22nd"), ("cardinalText", 21, "Twenty-one"),
        ("ordinalText", 20, "Twentieth"), ("ordinalText", 112, "One hundred twelfth"), ("hex", 26, "1A"),
        ("decimalEnclosedCircle", 20, "⑳"), ("decimalEnclosedCircle", 36, "㊱"), ("numberInDash", 4, "- 4 -"),
        ("chicago", 3, "‡"), ("chicago", 5, "**"), ("none", 3, ""), ("custom 001, 002, 003, ...", 7, "007"),
        ("decimalEnclosedParen", 2, "⑵"), ("japaneseCounting", 25, "二十五"), ("russianLower", 2, "б"),
    ],
)  # fmt: skip
def test_number_formats(form: str, number: int, written: str) -> None:
    assert write(number, form) == (written, True)


def test_an_unknown_number_format_is_warned_about() -> None:
    parsed = read(numbered("x"), numbering=lists(level(0, "%1.", "bahtText")))
    assert parsed.elements[0].text == "1. x"
    assert warned(parsed) == {WarningKind.NUMBER_FORMAT}


def test_bullets_stay_out_and_boxes_and_empty_numbers_in() -> None:
    marks = '<w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr>'
    levels = (level(0, "\uf0a8", "bullet", marks), level(1, "\uf0b7", "bullet"), level(2, "%3."))
    body = numbered("left") + numbered("dot", level=1) + numbered("", level=2) + numbered("next", level=2)
    assert texts(body, numbering=lists(*levels)) == ["☐ left", "dot", "1.", "2. next"]


def test_numbers_in_cells_and_boxes_count_in_order() -> None:
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{numbered('boxed')}</w:txbxContent></v:textbox></w:pict></w:r>"
    body = numbered("a") + table(row(numbered(""), p("cell"))) + p("host", box) + numbered("z")
    assert texts(body, numbering=lists(*THREE)) == ["1. a", "2. | cell", "host", "3. boxed", "4. z"]


def test_a_cell_that_goes_on_from_above_prints_no_number() -> None:
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    first = f'<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{p("Insure", marks=number)}'
    below = f"<w:tcPr><w:vMerge/></w:tcPr><w:p><w:pPr>{number}</w:pPr></w:p>"
    made = texts(
        table(row(first, p("fire")), row(below, p("flood")), row(p("Repair", marks=number), p("roof"))),
        numbering=lists(level(0, "%1.")),
    )
    assert made == ["1. Insure | fire\n1. Insure | flood\n2. Repair | roof"]


def test_symbols() -> None:
    symbol = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
    sym = '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
    assert texts(p("n ", sym, " 5 ", run("m", symbol), run("g, "), run("\uf0b1", symbol), "2")) == ["n ≥ 5 µg, ±2"]
    assert [sign("Wingdings", code)[0] for code in (0xF0FE, 0xA8, 0xF0FC, 0xF06F)] == ["☒", "☐", "✓", "☐"]
    assert sign("MS Gothic", 0x2612) == ("☒", True)


def test_unknown_signs_are_visible_and_warned_about() -> None:
    parsed = read(p("Limit ", '<w:r><w:sym w:font="House Font" w:char="F041"/></w:r>'))
    assert parsed.elements[0].text == "Limit [sign F041 in House Font]"
    assert warned(parsed) == {WarningKind.FONT_MAPPING}


def test_boxes_to_tick() -> None:
    control = '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>'
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>{}</w:checkBox></w:ffData>'
        '</w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = p("Yes ", control.format(1, run("✔")), " No ", control.format(0, run("☐")))
    body += p("A ", field.format("<w:checked/>"), " B ", field.format(""))
    assert texts(body) == ["Yes ☒ No ☐", "A ☒ B ☐"]


def test_drop_down_form_field() -> None:
    data = '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Red"/><w:listEntry w:val="Blue"/></w:ddList></w:ffData>'
    field = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert texts(p("Colour: ", field)) == ["Colour: Blue"]
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    held = field.replace(end, '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("Red") + end)
    assert texts(p("Colour: ", held, " only")) == ["Colour: Blue only"]


def test_content_controls_around_rows_and_cells() -> None:
    def control(inner: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    body = control(
        table(
            row(p("a"), p("b")),
            control(control(row(p("c"), p("d")))),
            f"<w:tr>{control('<w:tc>' + p('e') + '</w:tc>')}<w:tc>{p('f')}</w:tc></w:tr>",
        )
    )
    assert texts(body) == ["a | b\nc | d\ne | f"]


def box(inner: str) -> str:
    modern = f"<w:drawing><wp:anchor><a:graphic><wps:wsp><wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict>"
    return f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{modern}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>'


def test_text_boxes_stand_apart_and_once() -> None:
    nested = box(p("outer", box(p("inner"))))
    body = p("6", nested, " percent") + table(row(p("First", box(p("consent"))), p("Date")))
    assert texts(body) == ["6 percent", "outer", "inner", "First | Date", "consent"]


def test_a_shape_that_is_not_shown() -> None:
    hidden = (
        '<w:r><w:drawing><wp:anchor><wp:docPr hidden="1"/><w:txbxContent>'
        + p("SECRET")
        + "</w:txbxContent></wp:anchor></w:drawing></w:r>"
    )
    assert texts(p("seen", hidden)) == ["seen"]


def reference(kind: str, name: int, more: str = "") -> str:
    return f'<w:r><w:{kind}Reference w:id="{name}"{more}/></w:r>'


def note(kind: str, name: int, text: str) -> str:
    return f'<w:{kind} w:id="{name}"><w:p><w:r><w:{kind}Ref/></w:r>{run(text)}</w:p></w:{kind}>'


def test_notes_have_their_printed_numbers_and_stand_at_their_place() -> None:
    body = p("One", reference("footnote", 7), "; two", reference("endnote", 3), ".") + table(
        row(p("Cell", reference("footnote", 4)))
    )
    body += p("End.")
    notes = note("footnote", 4, " Four.") + note("footnote", 7, " Seven.")
    assert kinds(read(body, footnotes=notes, endnotes=note("endnote", 3, " Three."))) == [
        ("paragraph", "One (note 1); two (note i)."),
        ("note", "Note 1: Seven."),
        ("note", "Note i: Three."),
        ("table", "Cell (note 2)"),
        ("note", "Note 2: Four."),
        ("paragraph", "End."),
    ]


def test_notes_with_other_formats_and_own_marks() -> None:
    own = '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'
    section = '<w:sectPr><w:footnotePr><w:numFmt w:val="upperRoman"/><w:numRestart w:val="eachSect"/></w:footnotePr></w:sectPr>'
    body = p("A", own, " b", reference("footnote", 3)) + p("C", reference("footnote", 4), marks=section)
    body += p("D", reference("footnote", 5)) + section
    notes = (
        "".join(note("footnote", n, f" N{n}.") for n in (3, 4, 5))
        + '<w:footnote w:id="2">'
        + p("* Own.")
        + "</w:footnote>"
    )
    found = kinds(read(body, footnotes=notes))
    assert [text for kind, text in found if kind == "note"] == [
        "Note *: Own.",
        "Note I: N3.",
        "Note II: N4.",
        "Note I: N5.",
    ]
    assert found[0][1] == "A (note *) b (note I)"


def test_comments_with_replies() -> None:
    comments = (
        '<w:comment w:id="0" w:author="A. Meyer" w:date="2024-03-01T09:00:00Z"><w:p w14:paraId="01"><w:r><w:annotationRef/></w:r>'
        f'{run("Too high.")}</w:p></w:comment><w:comment w:id="1" w:author="B"><w:p w14:paraId="02">{run("Agreed.")}</w:p></w:comment>'
    )
    extended = '<w15:commentEx w15:paraId="01"/><w15:commentEx w15:paraId="02" w15:paraIdParent="01"/>'
    body = p(
        '<w:commentRangeStart w:id="0"/>',
        "The cap",
        '<w:commentRangeEnd w:id="0"/>',
        '<w:r><w:commentReference w:id="0"/></w:r>',
        " is 5.",
    )
    parsed = read(body, comments=comments, commentsExtended=extended)
    assert kinds(parsed) == [
        ("paragraph", "The cap is 5."),
        ("comment", "[comment by A. Meyer on 2024-03-01: Too high.]"),
        ("comment", "[reply by B: Agreed.]"),
    ]
    assert (parsed.elements[1].author, parsed.elements[1].date) == ("A. Meyer", "2024-03-01T09:00:00Z")
    assert warned(parsed) == set()


def deleted(inner: str, tag: str = "del") -> str:
    return f'<w:{tag} w:author="Ada" w:date="2024-03-01T00:00:00Z">{inner}</w:{tag}>'


def test_tracked_changes() -> None:
    gone = deleted("<w:r><w:delText>1 million</w:delText></w:r>")
    parsed = read(p("The cap is EUR ", gone, deleted(run("2 million"), "ins"), " a year."))
    assert kinds(parsed) == [
        ("paragraph", "The cap is EUR 2 million a year."),
        ("revision", "[deleted by Ada on 2024-03-01: 1 million]"),
    ]
    assert [w.kind for w in parsed.elements[0].warnings] == [WarningKind.REDLINE]
    assert parsed.elements[1].author == "Ada"


def test_moved_text_is_read_where_it_went() -> None:
    body = p(deleted(run("Clause A."), "moveFrom"), "Rest.") + p(deleted(run("Clause A."), "moveTo"))
    assert texts(body) == ["Rest.", "[moved elsewhere by Ada on 2024-03-01: Clause A.]", "Clause A."]


def test_deleted_paragraph_ends_rows_and_cells() -> None:
    end = f"<w:rPr>{deleted('')}</w:rPr>"
    assert texts(p("runs for two ", marks=end) + p("years.")) == ["runs for two years."]
    whole = '<w:numPr><w:numId w:val="1"/></w:numPr>' + end
    body = p(deleted("<w:r><w:delText>Old</w:delText></w:r>"), marks=whole) + numbered("New")
    parsed = read(body, numbering=lists(*THREE))
    assert [element.text for element in parsed.elements] == ["[deleted by Ada on 2024-03-01: Old]", "1. New"]
    assert [bool(element.warnings) for element in parsed.elements] == [True, False]
    rows = table(row(p("a"), p("b")), row(p("c"), p("d"), marks=deleted("")), row(p("e"), p("f")))
    assert texts(rows) == ["a | b\ne | f", "[deleted by Ada on 2024-03-01: c | d]"]


@pytest.mark.parametrize("marks", ["<w:strike/>", "<w:dstrike/>", '<w:rStyle w:val="Out"/>'])
def test_struck_out_words(marks: str) -> None:
    styles = '<w:style w:type="character" w:styleId="Out"><w:rPr><w:strike/></w:rPr></w:style>'
    parsed = read(p("within ", run("thirty (30)", marks), " sixty (60) days"), styles=styles)
    assert kinds(parsed) == [("paragraph", "within sixty (60) days"), ("revision", "[struck out: thirty (30)]")]
    assert warned(parsed) == {WarningKind.REDLINE}


def test_strike_that_is_switched_off() -> None:
    styles = '<w:style w:type="character" w:styleId="Out"><w:rPr><w:strike/></w:rPr></w:style>'
    parsed = read(p(run("stays", '<w:rStyle w:val="Out"/><w:strike w:val="0"/>')), styles=styles)
    assert kinds(parsed) == [("paragraph", "stays")]


def test_hidden_text_by_run_and_styles_and_toggles() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="Note"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Sub"><w:basedOn w:val="Note"/></w:style>'
        '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    body = p(
        "Seen", run(" SECRET", "<w:vanish/>"), run(" SECRET", '<w:rStyle w:val="Gone"/>'), run(" web", "<w:webHidden/>")
    )
    body += p("SECRET", run(" twice is shown", '<w:rStyle w:val="Gone"/>'), marks='<w:pStyle w:val="Sub"/>')
    body += p("SECRET", marks='<w:pStyle w:val="Note"/>')
    parsed = read(body, styles=styles)
    assert [element.text for element in parsed.elements] == ["Seen web", "twice is shown"]
    assert warned(parsed) == {WarningKind.HIDDEN_TEXT}
    assert not any("SECRET" in w.words for w in (*parsed.warnings, *parsed.elements[0].warnings))


def test_white_words_on_white_paper_are_hidden() -> None:
    white = '<w:color w:val="FFFFFF"/>'
    dark = '<w:shd w:val="clear" w:fill="000000"/>'
    parsed = read(
        p(
            "Seen",
            run(" SECRET", white),
            run(" SECRET", '<w:sz w:val="2"/>'),
            run(" SECRET", white + '<w:sz w:val="24"/>'),
        )
    )
    assert parsed.elements[0].text == "Seen"
    assert warned(parsed) == {WarningKind.HIDDEN_TEXT}
    shaded = f"<w:tcPr>{dark}</w:tcPr>" + p(run("Head", white))
    shown = p(run("Banner", white + dark)) + p(run("Bar", white), marks=dark) + table(row(shaded))
    assert warned(read(shown)) == set()
    assert texts(shown) == ["Banner", "Bar", "Head"]
    styled = f"<w:tbl><w:tblPr><w:tblStyle w:val='T'/></w:tblPr>{row(p(run('Head', white)))}</w:tbl>"
    style = f'<w:style w:type="table" w:styleId="T"><w:tblStylePr w:type="firstRow"><w:tcPr>{dark}</w:tcPr></w:tblStylePr></w:style>'
    assert texts(styled, styles=style) == ["Head"]
    grey = '<w:tcPr><w:shd w:val="pct50" w:color="auto" w:fill="auto"/></w:tcPr>' + p(run("Grey", white))
    assert texts(table(row(grey))) == ["Grey"]
    bare = read(table(row(p("Fee"), p("5", run(" SECRET", white)))))
    assert (bare.elements[0].text, warned(bare)) == ("Fee | 5", {WarningKind.HIDDEN_TEXT})
    picture = p("<w:r><w:drawing/></w:r>")
    assert texts(picture + p(run("Cover", white))) == ["Cover"]


def test_raised_signs() -> None:
    up = '<w:vertAlign w:val="superscript"/>'
    shifted = '<w:position w:val="6"/>'
    styles = f'<w:style w:type="character" w:styleId="Up"><w:rPr>{up}</w:rPr></w:style>'
    body = p(
        "10",
        run("6", up),
        " units, EUR 1,500",
        run("2", '<w:rStyle w:val="Up"/>'),
        " net, 10",
        run("-", shifted),
        run("3", shifted),
        " m, H",
        run("2", '<w:vertAlign w:val="subscript"/>'),
        "O, 1",
        run("st", up),
    )
    assert texts(body, styles=styles) == ["10^6 units, EUR 1,500 (note 2) net, 10^-3 m, H2O, 1st"]


def mr(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (mr("base rate + 5"), "base rate + 5"),
        (f"<m:f><m:num>{mr('a+b')}</m:num><m:den>{mr('2')}</m:den></m:f>", "(a+b)/2"),
        (f"<m:sSup><m:e>{mr('10')}</m:e><m:sup>{mr('6')}</m:sup></m:sSup>", "10^6"),
        (f"<m:sSubSup><m:e>{mr('x')}</m:e><m:sub>{mr('i')}</m:sub><m:sup>{mr('n+1')}</m:sup></m:sSubSup>", "x_i^(n+1)"),
        (f"<m:rad><m:deg/><m:e>{mr('2x')}</m:e></m:rad>", "√(2x)"),
        (f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{mr("i=1")}</m:sub><m:sup>{mr("n")}</m:sup><m:e>{mr("x")}</m:e></m:nary>', "∑_(i=1)^n x"),
        (f"<m:m><m:mr><m:e>{mr('1')}</m:e><m:e>{mr('2')}</m:e></m:mr><m:mr><m:e>{mr('3')}</m:e><m:e>{mr('4')}</m:e></m:mr></m:m>", "[1, 2; 3, 4]"),
        (f"<m:d><m:e>{mr('a')}</m:e></m:d>", "(a)"),
        (f"<m:unknown><m:e>{mr('kept')}</m:e></m:unknown>", "kept"),
        (f"{mr('3')}<m:f><m:num>{mr('1')}</m:num><m:den>{mr('2')}</m:den></m:f>", "3 1/2"),
        (f"<m:f><m:num>{mr('1')}</m:num><m:den>{mr('2a')}</m:den></m:f>{mr('x')}", "1/(2a) x"),
        (f"<m:sSup><m:e>{mr('x')}</m:e><m:sup>{mr('2')}</m:sup></m:sSup>{mr('y')}", "x^2 y"),
    ],
)  # fmt: skip
def test_formulas(formula: str, text: str) -> None:
    assert texts(p("It is ", f"<m:oMath>{formula}</m:oMath>", " a year.")) == [f"It is {text} a year."]
    assert texts(f"<m:oMathPara><m:oMath>{formula}</m:oMath></m:oMathPara>") == [text]


def field(instruction: str, result: str) -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    return f"{mark('begin')}<w:r><w:instrText>{instruction}</w:instrText></w:r>{mark('separate')}{result}{mark('end')}"


def test_fields_give_their_result() -> None:
    nested = field("IF x", run("old")).replace(
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        field("MERGEFIELD a", run("NOT SHOWN")) + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
    )
    assert texts(p("See ", field("REF _a", run("clause 5")), ", ", nested, ".")) == ["See clause 5, old."]
    assert texts(p("Plan B", field("NOTEREF _n", run("3", '<w:vertAlign w:val="superscript"/>')), " too")) == [
        "Plan B (note 3) too"
    ]
    open_ended = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert texts(p("a ", open_ended, "b") + p("c")) == ["a b", "c"]


def test_ruby_hyphens_and_links() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{run('kana')}</w:rt><w:rubyBase>{run('kanji')}</w:rubyBase></w:ruby></w:r>"
    body = p(
        ruby,
        "<w:r><w:t>co</w:t><w:softHyphen/><w:t>op third</w:t><w:noBreakHyphen/><w:t>party</w:t><w:tab/><w:t>x</w:t></w:r>",
        f"<w:hyperlink>{run(' link')}</w:hyperlink>",
    )
    assert texts(body) == ["kanji(kana)coop third-party x link"]


def test_what_is_not_read_is_warned_about() -> None:
    body = (
        p("Before.")
        + '<w:altChunk r:id="x"/>'
        + p("Sheet: ", '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>')
    )
    parsed = read(body)
    assert [w.words for w in parsed.warnings] == [
        "Not read: a document that is embedded in this one after “Before.”; open the original to see it.",
        "Not read: an embedded object (Excel.Sheet.12) after “Sheet:”; open the original to see it.",
    ]
    picture = "<w:r><w:drawing><wp:inline><a:graphic/></wp:inline></w:drawing></w:r>"
    assert warned(read(p("Plain words with a picture.", picture))) == set()


def test_charts_and_diagrams() -> None:
    chart = '<w:r><w:drawing><c:chart r:id="charts"/></w:drawing></w:r>'
    diagram = '<w:r><w:drawing><dgm:relIds r:dm="diagrams"/></w:drawing></w:r>'
    title = "<c:title><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:title><c:cat><c:strCache><c:pt><c:v>2024</c:v></c:pt></c:strCache></c:cat>"
    points = "<dgm:pt><dgm:t><a:p><a:r><a:t>Board</a:t></a:r></a:p></dgm:t></dgm:pt>"
    parsed = read(p("See", chart, diagram), charts=title, diagrams=points)
    assert [element.text for element in parsed.elements] == ["See", "[chart: Sales; 2024]", "Board"]
    assert warned(parsed) == {WarningKind.UNREAD_PART}
    space = "http://schemas.microsoft.com/office/drawing/2014/chartex"
    excuse = "<w:drawing><a:p><a:r><a:t>No chart for you.</a:t></a:r></a:p></w:drawing>"
    newer = f'<mc:Choice Requires="cx1"><w:drawing><cx:chart xmlns:cx="{space}"/></w:drawing></mc:Choice>'
    body = p("See", f"<w:r><mc:AlternateContent>{newer}<mc:Fallback>{excuse}</mc:Fallback></mc:AlternateContent></w:r>")
    assert texts(body) == ["See"]


def test_table_grids() -> None:
    span, down = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>', "<w:tcPr><w:vMerge{}/></w:tcPr>"
    body = table(
        row(p("A"), p("B"), p("C")),
        row(down.format(' w:val="restart"') + p("South"), span + p("wide")),
        row(down.format("") + p(""), p("x"), p("y")),
        row(p("late"), p("z"), marks='<w:gridBefore w:val="1"/>'),
        row(p("SECRET"), marks="<w:hidden/>"),
    )
    parsed = read(body)
    assert parsed.elements[0].text == "A | B | C\nSouth | wide |\nSouth | x | y\n| late | z"
    assert warned(parsed) == {WarningKind.HIDDEN_TEXT}


def test_a_large_first_letter_belongs_to_its_word() -> None:
    assert texts(p("T", marks='<w:framePr w:dropCap="drop"/>') + p("he fee is due.")) == ["The fee is due."]


def test_the_title_without_properties() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    assert read(p("Supply Deed", marks='<w:pStyle w:val="T"/>'), styles=styles).title == "Supply Deed"
    assert read(p("Some words.")).title == "a"
    body = p("Supply Deed", reference("footnote", 2), marks='<w:pStyle w:val="T"/>')
    assert read(body, styles=styles, footnotes=note("footnote", 2, "Draft.")).title == "Supply Deed"


def test_strict_files() -> None:
    data = packed(p("Strict words."))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            usual, strict = (
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            new.writestr(name, old.read(name).replace(usual, strict))
    assert [element.text for element in parse(buffer.getvalue(), "a.docx").elements] == ["Strict words."]


def test_no_visible_word_is_lost() -> None:
    """Every w:t of a file that uses everything at once is in some element."""
    word = iter(f"word{n}" for n in range(1000))

    def said(*_: Any) -> str:
        return run(f"{next(word)} ")

    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    inline = (
        said(), control.format(said()), f"<w:smartTag>{said()}</w:smartTag>", f"<w:hyperlink>{said()}</w:hyperlink>",
        f'<w:fldSimple w:instr="REF x">{said()}</w:fldSimple>', field("DATE", said()), f"<w:dir>{said()}</w:dir>",
        f"<w:bdo>{said()}</w:bdo>", f"<w:customXml>{said()}</w:customXml>", deleted(said(), "ins"), deleted(said()),
        deleted(said(), "moveFrom"), deleted(said(), "moveTo"), f"<m:oMath>{mr(next(word))}{said()}</m:oMath>",
        f"<w:unknown>{said()}</w:unknown>", reference("footnote", 2), box(p(said())),
    )  # fmt: skip
    body = (
        p(*inline)
        + control.format(p(said()))
        + table(row(p(*inline[:3]), p(said()) + table(row(p(said())))))
        + deleted(p(said()))
    )
    body += f"<w:customXml>{p(said())}</w:customXml><w:ins>{p(said())}</w:ins>{said()}"
    parsed = read(body, footnotes=note("footnote", 2, next(word)))
    found = " ".join(element.text for element in parsed.elements)
    missing = [name for name in set(re.findall(r"word\d+", body)) if name not in re.findall(r"word\d+", found)]
    assert missing == []


def test_hostile_files_end_in_an_error_or_in_text() -> None:
    wide = '<w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>' + p("x")
    assert texts(table(row(wide))) == ["x"]
    circle = '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style>'
    assert texts(p("x", marks='<w:pStyle w:val="A"/>'), styles=circle) == ["x"]
    looped = '<w:footnote w:id="2"><w:p>' + reference("footnote", 2) + run("again") + "</w:p></w:footnote>"
    assert texts(p("x", reference("footnote", 2)), footnotes=looped)[:1] == ["x (note 1)"]
    deep = "<w:sdt><w:sdtContent>" * 2000 + p("x") + "</w:sdtContent></w:sdt>" * 2000
    with pytest.raises(IngestError):
        texts(deep)
    huge = lists(level(0, "%1.", "upperLetter", start=999999))
    assert texts(numbered("x"), numbering=huge) == ["999999. x"]


def test_words_in_the_colour_of_their_ground_are_hidden() -> None:
    black = '<w:color w:val="000000"/>'
    parsed = read(
        p("The price is ", run("nine", f'{black}<w:highlight w:val="black"/>'), " euros.")
        + p("Payable ", run("soon", f'{black}<w:shd w:val="clear" w:fill="000000"/>'), " after ", run("May", black))
        + p(run("On red", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="C00000"/>'))
        + p(run("Marked", '<w:highlight w:val="yellow"/>'))
    )
    assert [element.text for element in parsed.elements] == [
        "The price is euros.",
        "Payable after May",
        "On red",
        "Marked",
    ]
    assert [[w.kind for w in element.warnings] for element in parsed.elements] == [[WarningKind.HIDDEN_TEXT]] * 2 + [
        [],
        [],
    ]


def test_formulas_on_lines_of_their_own() -> None:
    made = texts(p(f"<m:oMathPara><m:oMath>{mr('a=b')}</m:oMath><m:oMath>{mr('c=d')}</m:oMath></m:oMathPara>"))
    assert made == ["a=b; c=d"]


def test_fractions_of_raised_and_lowered_digits() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    half = (run("1", up), run("/"), run("2", down))
    assert texts(p("pays 2", *half, " per cent, then ", *half)) == ["pays 2 1/2 per cent, then 1/2"]
    assert texts(p("8", run("3", up), run("\u20448 inch"))) == ["8 3/8 inch"]
    assert texts(p("10", run("9", up), run("/"), run("L"), ", 120 m", run("2", up), run("/24 h"))) == [
        "10^9/L, 120 m^2/24 h"
    ]
    assert texts(p("a fee", run("1", up), run("/"), run("month"))) == ["a fee (note 1)/month"]
    assert texts(p("fee", run("1", up), run("/"), run("2", up))) == ["fee (note 1)/ (note 2)"]


@pytest.mark.parametrize(
    ("first", "title"),
    [
        (p("Lease of Oak House", marks='<w:jc w:val="center"/>'), "Lease of Oak House"),
        (p(run("Lease of Oak House", '<w:sz w:val="36"/>')), "Lease of Oak House"),
        (p("Lease of Oak House"), "a"),
        (p("The rent is due.", marks='<w:jc w:val="center"/>'), "a"),
    ],
)
def test_the_title_of_a_file_without_headings(first: str, title: str) -> None:
    assert read(first + p("The rent is due on the first of May.")).title == title


def _styled(look: str, *rows: str) -> str:
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblLook {look}/></w:tblPr>{"".join(rows)}</w:tbl>'


def _grid(*parts: str, own: str = "") -> str:
    special = "".join(f'<w:tblStylePr w:type="{part}"><w:rPr><w:vanish/></w:rPr></w:tblStylePr>' for part in parts)
    return (
        f'<w:style w:type="table" w:styleId="Base">{own}{special}</w:style>'
        '<w:style w:type="table" w:styleId="Grid"><w:basedOn w:val="Base"/></w:style>'
    )


@pytest.mark.parametrize(
    ("parts", "look", "left"),
    [
        (("firstRow",), 'w:firstRow="1"', "c | d\ne | f"),
        (("firstRow",), 'w:val="0020"', "c | d\ne | f"),
        (("firstRow",), 'w:val="0620" w:firstRow="0"', "a | b\nc | d\ne | f"),
        (("lastRow",), 'w:val="0440"', "a | b\nc | d"),
        (("firstCol",), 'w:firstColumn="1"', "b\nd\nf"),
        (("lastCol",), 'w:val="0100"', "a\nc\ne"),
        (("band2Horz",), 'w:val="0000"', "a | b\ne | f"),
        (("band1Horz",), 'w:val="0220"', "a | b\nc | d\ne | f"),
        (("band1Horz",), 'w:val="0020"', "a | b\ne | f"),
        (("band2Vert",), 'w:val="0000"', "a\nc\ne"),
        (("seCell",), 'w:val="0140"', "a | b\nc | d\ne |"),
    ],
)
def test_words_that_a_tables_style_hides_are_left_out(parts: tuple[str, ...], look: str, left: str) -> None:
    body = p("before") + _styled(look, row(p("a"), p("b")), row(p("c"), p("d")), row(p("e"), p("f"))) + p("after")
    parsed = read(body, styles=_grid(*parts))
    assert [element.text for element in parsed.elements] == ["before", left, "after"]
    assert warned(parsed) == ({WarningKind.HIDDEN_TEXT} if len(left.replace(" ", "")) < 11 else set())


def test_a_tables_style_hides_all_of_it_or_a_row_and_is_overruled() -> None:
    whole = _grid(own="<w:rPr><w:vanish/></w:rPr>")
    shown = p(run("seen", '<w:vanish w:val="0"/>'))
    assert texts(p("before") + _styled("", row(p("SECRET"), shown)), styles=whole) == ["before", "seen"]
    first = '<w:tblStylePr w:type="firstRow"><w:trPr><w:hidden/></w:trPr></w:tblStylePr>'
    assert texts(_styled('w:val="0020"', row(p("SECRET")), row(p("seen"))), styles=_grid(own=first)) == ["seen"]
    struck = _grid(own="<w:rPr><w:strike/></w:rPr>")
    assert texts(_styled("", row(p("gone"))), styles=struck) == ["[struck out: gone]"]
    inner = "<w:tbl>" + row(p("inner")) + "</w:tbl>"
    assert texts(_styled("", row(p("SECRET") + inner)), styles=whole) == ["inner"]
