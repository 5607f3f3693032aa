"""PowerPoint files made on the spot, with python-pptx and, where it has no words for a thing, as XML."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.chart.data import BubbleChartData, CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches

from ingest.errors import DamagedFile, EmptyFile, EncryptedFile, FileTooLarge, UnsupportedFormat, WrongExtension
from ingest.parsers import parse
from ingest.parsers.pptx import pictures
from ingest.types import Coverage, Element, ElementKind, PageInfo, PageSource, ParsedFile, WarningKind
from tests.unit.ingest.making import repacked, saved, warned

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
NAMES = f'xmlns:a="{A}" xmlns:p="{P}" xmlns:r="{R}"'
BLANK = 6


def related(data: bytes, part: str, kind: str, target: str) -> bytes:
    """With one more relation, "rIdX", of a part."""
    folder, name = part.rsplit("/", 1)
    wanted = f"{folder}/_rels/{name}.rels"
    line = f'<Relationship Id="rIdX" Type="http://x/relationships/{kind}" Target="{target}"/></Relationships>'.encode()
    return repacked(data, lambda name, held: held.replace(b"</Relationships>", line) if name == wanted else held)


def texts(parsed: ParsedFile) -> list[str]:
    return [element.text for element in parsed.elements]


def box(shapes: Any, text: str, x: float, y: float, wide: float = 2, high: float = 0.5) -> Any:
    shape = shapes.add_textbox(Inches(x), Inches(y), Inches(wide), Inches(high))
    shape.text_frame.text = text
    return shape


def boxed(*body: str, before: str = "") -> ParsedFile:
    """One slide with one text box of these a:p."""
    deck = Presentation()
    shape = box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, "x", 1, 1)
    held = shape._element.txBody
    for old in held.findall(f"{{{A}}}p"):
        held.remove(old)
    for one in etree.fromstring(f"<x {NAMES}>{before}{''.join(body)}</x>"):
        held.append(one)
    return parse(saved(deck), "a.pptx")


def p(text: str, marks: str = "") -> str:
    return f"<a:p>{marks}<a:r><a:t>{text}</a:t></a:r></a:p>"


def numbered(scheme: str, start: int = 1, level: int = 0) -> str:
    return f'<a:pPr lvl="{level}"><a:buAutoNum type="{scheme}" startAt="{start}"/></a:pPr>'


def added(shapes: Any, xml: str) -> None:
    shapes._spTree.append(etree.fromstring(xml.replace(">", f" {NAMES}>", 1)))


def test_each_slide_is_a_page_under_its_title() -> None:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "Audit Review 2024"
    first.placeholders[1].text = "For the committee"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "Fees"
    second.placeholders[1].text = "The fee is EUR 640,000\vnet.\nIt is due on 3 May."
    parsed = parse(saved(deck), "a.pptx")
    assert [(e.page, e.kind.value, e.level, e.text) for e in parsed.elements] == [
        (1, "heading", 1, "Audit Review 2024"),
        (1, "paragraph", 0, "For the committee"),
        (2, "heading", 1, "Fees"),
        (2, "list_item", 0, "The fee is EUR 640,000 net."),
        (2, "list_item", 0, "It is due on 3 May."),
    ]
    assert (parsed.title, parsed.page_count, warned(parsed)) == ("Audit Review 2024", 2, set())
    assert Coverage.of(parsed.pages) == Coverage(text=2)


@pytest.mark.parametrize(
    ("stated", "title"),
    [("Lease Terms", "Lease Terms"), ("PowerPoint-Präsentation", "Rent"), ("Folie 1", "Rent"), ("x.pptx", "Rent")],
)
def test_title(stated: str, title: str) -> None:
    deck = Presentation()
    deck.core_properties.title = stated
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Rent"
    assert parse(saved(deck), "deck.pptx").title == title


def test_sections_hold_the_slides_after_them() -> None:
    deck = Presentation()
    for layout, title in ((0, "Deck"), (2, "Part"), (1, "Topic")):
        deck.slides.add_slide(deck.slide_layouts[layout]).shapes.title.text = title
    assert [(e.text, e.level) for e in parse(saved(deck), "a.pptx").elements] == [
        ("Deck", 1),
        ("Part", 1),
        ("Topic", 2),
    ]


def test_a_slide_without_a_title_does_not_go_on_under_the_last_one() -> None:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Germany"
    box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, "EUR 7", 1, 1)
    deck.slides.add_slide(deck.slide_layouts[BLANK])
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["Germany", "[slide 2]", "EUR 7"]
    assert [page.source for page in parsed.pages] == [PageSource.TEXT, PageSource.TEXT, PageSource.BLANK]


def test_numbers_of_lists() -> None:
    parsed = boxed(
        p("four", numbered("arabicPeriod", 4)),
        p("sub", numbered("alphaLcParenBoth", level=1)),
        "<a:p><a:pPr><a:buNone/></a:pPr></a:p>",
        p("five", numbered("arabicPeriod", 4)),
        p("sub again", numbered("alphaLcParenBoth", level=1)),
        p("plain", "<a:pPr><a:buNone/></a:pPr>"),
        p("anew", numbered("arabicPeriod", 4)),
        p("roman", numbered("romanUcParenR", 9)),
        p("dot", '<a:pPr><a:buChar char="•"/></a:pPr>'),
        p("done", '<a:pPr><a:buFont typeface="Wingdings"/><a:buChar char="ü"/></a:pPr>'),
    )
    assert [(e.kind.value, e.text) for e in parsed.elements] == [
        ("list_item", "4. four"),
        ("list_item", "(a) sub"),
        ("list_item", "5. five"),
        ("list_item", "(a) sub again"),
        ("paragraph", "plain"),
        ("list_item", "4. anew"),
        ("list_item", "IX) roman"),
        ("list_item", "dot"),
        ("list_item", "✓ done"),
    ]
    assert not warned(parsed)


def test_an_unknown_scheme_is_written_in_digits_and_said() -> None:
    parsed = boxed(p("word", numbered("madeUpPeriod", 2)))
    assert texts(parsed) == ["2. word"]
    assert warned(parsed) == {WarningKind.NUMBER_FORMAT}


def test_numbers_come_from_the_layout_too() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Steps"
    slide.placeholders[1].text = "sign\npay"
    style = deck.slide_layouts[1].placeholders[1]._element.txBody.find(f"{{{A}}}lstStyle")
    style.append(etree.fromstring(f'<a:lvl1pPr {NAMES}><a:buAutoNum type="arabicParenR"/></a:lvl1pPr>'))
    assert texts(parse(saved(deck), "a.pptx")) == ["Steps", "1) sign", "2) pay"]


def test_raised_struck_and_clear_words() -> None:
    parsed = boxed(
        "<a:p><a:r><a:t>up to 10</a:t></a:r><a:r><a:rPr baseline='30000'/><a:t>6</a:t></a:r><a:r><a:t> of H</a:t></a:r>"
        "<a:r><a:rPr baseline='-25000'/><a:t>2</a:t></a:r><a:r><a:t>O</a:t></a:r></a:p>",
        "<a:p><a:r><a:t>EUR 1,500</a:t></a:r><a:r><a:rPr baseline='30000'/><a:t>2</a:t></a:r></a:p>",
        "<a:p><a:r><a:t>within </a:t></a:r><a:r><a:rPr strike='sngStrike'/><a:t>thirty (30)</a:t></a:r>"
        "<a:r><a:rPr strike='noStrike'/><a:t> 45 days</a:t></a:r></a:p>",
        "<a:p><a:r><a:t>seen</a:t></a:r><a:r><a:rPr><a:noFill/></a:rPr><a:t> SECRET</a:t></a:r></a:p>",
        "<a:p><a:r><a:rPr><a:ln><a:solidFill><a:srgbClr val='000000'/></a:solidFill></a:ln><a:noFill/></a:rPr>"
        "<a:t>outlined</a:t></a:r></a:p>",
    )
    assert texts(parsed) == [
        "up to 10^6 of H2O",
        "EUR 1,500 (note 2)",
        "within 45 days",
        "[struck out: thirty (30)]",
        "seen",
        "outlined",
    ]
    assert [[w.kind for w in e.warnings] for e in parsed.elements] == [
        [],
        [],
        [WarningKind.REDLINE],
        [],
        [WarningKind.HIDDEN_TEXT],
        [],
    ]


def test_formulas_fields_and_signs() -> None:
    m = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    formula = (
        f'<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" xmlns:m="{m}"><m:oMath><m:sSup>'
        "<m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m>"
    )
    parsed = boxed(
        f"<a:p><a:r><a:t>let </a:t></a:r>{formula}<a:r><a:t> be</a:t></a:r></a:p>",
        "<a:p><a:r><a:t>slide </a:t></a:r><a:fld id='{1}' type='slidenum'><a:t>‹#›</a:t></a:fld></a:p>",
        "<a:p><a:r><a:rPr><a:sym typeface='Wingdings'/></a:rPr><a:t>\uf0e0 next</a:t></a:r></a:p>",
    )
    assert texts(parsed) == ["let x^2 be", "slide 1", "→ next"]


def test_a_formula_s_slide_has_it_once() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    shape = "<p:sp><p:nvSpPr><p:cNvPr id='9' name='f'/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody>{}</p:txBody></p:sp>"
    new = shape.format(p("area a", "<a:pPr/>"))
    added(
        shapes,
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice Requires='a14'>{new}</mc:Choice><mc:Fallback>{shape.format(p('no formula'))}</mc:Fallback>"
        "</mc:AlternateContent>",
    )
    assert texts(parse(saved(deck), "a.pptx")) == ["area a"]


def test_reading_order_is_by_place() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    box(shapes, "bottom", 1, 6)
    box(shapes, "right", 5, 3)
    box(shapes, "left", 1, 3.1)
    group = shapes.add_group_shape().shapes
    box(group, "second", 5, 1)
    box(group, "first", 1, 1)
    box(shapes, "top", 1, 0.2, 8)
    assert texts(parse(saved(deck), "a.pptx")) == ["top", "first", "second", "left", "right", "bottom"]


@pytest.mark.parametrize("order", [["A", "a", "B", "b"], ["A", "B", "a", "b"]])
def test_cards_and_rows_are_told_apart_by_the_order_in_the_file(order: list[str]) -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    places = {"A": (1.0, 1.0), "a": (1.0, 2.0), "B": (5.0, 1.0), "b": (5.0, 2.0)}
    for name in order:
        box(shapes, name, *places[name])
    assert texts(parse(saved(deck), "a.pptx")) == order


def test_shapes_in_scaled_groups_stand_where_they_are_drawn() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    group = shapes.add_group_shape()
    box(group.shapes, "below", 1, 0)
    frame = group._element.grpSpPr.find(f"{{{A}}}xfrm")
    frame.find(f"{{{A}}}off").set("y", str(Inches(5)))
    box(shapes, "above", 1, 2)
    assert texts(parse(saved(deck), "a.pptx")) == ["above", "below"]


def test_words_that_are_not_seen_are_left_out_and_said() -> None:
    deck = Presentation()
    hidden = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    box(hidden, "seen", 1, 1)
    box(hidden, "SECRET", 1, 2)._element.nvSpPr.cNvPr.set("hidden", "1")
    outside = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    box(outside, "partly outside", -1, 1)
    box(outside, "SECRET", -4, 1)
    covered = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    panel(covered, 0.5, 0.5, 8, 3, "FFD966")
    box(covered, "on a panel", 1, 1)
    box(covered, "SECRET", 1, 5)
    panel(covered, 0.9, 4.9, 3, 1)
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "SECRET"
    deck.slides[3]._element.set("show", "0")
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["seen", "partly outside", "on a panel"]
    assert [(w.kind, w.page) for w in parsed.warnings] == [
        (WarningKind.HIDDEN_TEXT, 1),
        (WarningKind.HIDDEN_TEXT, 2),
        (WarningKind.COVERED_TEXT, 3),
        (WarningKind.HIDDEN_TEXT, 4),
    ]
    assert "SECRET" not in str(parsed)


def panel(shapes: Any, x: float, y: float, wide: float, high: float, colour: str = "000000") -> Any:
    shape = shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(x), Inches(y), Inches(wide), Inches(high))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    return shape


@pytest.mark.parametrize(("inside", "expected"), [("<p:spTgt spid='3'/>", ["under"]), ("", [])])
def test_what_an_animation_uncovers_stays(inside: str, expected: list[str]) -> None:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Head"
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    box(slide.shapes, "under", 1, 1)
    panel(slide.shapes, 0.5, 0.5, 4, 2)
    slide._element.append(etree.fromstring(f"<p:timing {NAMES}><p:tnLst>{inside}</p:tnLst></p:timing>"))
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed)[2:] == expected
    assert warned(parsed) == (set() if expected else {WarningKind.COVERED_TEXT})


def test_merged_cells() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    table = shapes.add_table(3, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table
    for row in range(3):
        for column in range(3):
            if (row, column) not in {(0, 2), (2, 0)}:
                table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    (element,) = parse(saved(deck), "a.pptx").elements
    assert (element.kind, element.text) == (ElementKind.TABLE, "00 | 01 |\n10 | 11 | 12\n10 | 21 | 22")


def test_charts_give_titles_and_values_as_they_are_shown() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["2022", "2023"]
    data.add_series("Margin", (0.125, -0.3))
    data.add_series("Cost", (0.2, None))
    chart = shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(6), Inches(3), data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Margins by year"
    chart.value_axis.has_title = True
    chart.value_axis.axis_title.text_frame.text = "share of sales"
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == [
        "[chart: Margins by year; share of sales]",
        "| Margin | Cost\n2022 | 12.5% | 20.0%\n2023 | -30.0% |",
    ]
    assert not warned(parsed)


def test_charts_of_points_in_levels_and_without_values() -> None:
    deck = Presentation()
    bubbles = BubbleChartData()
    series = bubbles.add_series("Deals")
    series.add_data_point(1, 2.5, 10)
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    shapes.add_chart(XL_CHART_TYPE.BUBBLE, Inches(1), Inches(1), Inches(6), Inches(3), bubbles)
    levels = CategoryChartData()
    north = levels.add_category("North")
    north.add_sub_category("May")
    north.add_sub_category("June")
    levels.add_category("South").add_sub_category("May")
    levels.add_series("Sales", (1, 2, 3))
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(1), Inches(6), Inches(3), levels)
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed)[0].splitlines()[-1] == "1 | 2.5 | 10"
    assert texts(parsed)[-1].splitlines()[1:] == ["North May | 1", "North June | 2", "South May | 3"]
    cut = repacked(saved(deck), lambda name, held: re.sub(rb"<c:ser>.*</c:ser>", b"", held, flags=re.S))
    with pytest.raises(EmptyFile):
        parse(cut, "a.pptx")


def test_diagrams_are_read_from_their_points() -> None:
    deck = Presentation()
    dgm = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    added(
        shapes,
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='4' name='d'/></p:nvGraphicFramePr><a:graphic><a:graphicData>"
        f'<dgm:relIds xmlns:dgm="{dgm}" r:dm="rIdX"/></a:graphicData></a:graphic></p:graphicFrame>',
    )
    points = "".join(
        f'<dgm:pt modelId="{key}" type="{kind}"><dgm:t>{p(text)}</dgm:t></dgm:pt>'
        for key, kind, text in (("c", "node", "Pay"), ("0", "doc", ""), ("a", "node", "Sign"), ("t", "sibTrans", "NO"))
    )
    links = "".join(f'<dgm:cxn modelId="{at}" srcId="0" destId="{key}" srcOrd="{at}"/>' for at, key in enumerate("ac"))
    data = related(saved(deck), "ppt/slides/slide1.xml", "diagramData", "../diagrams/data1.xml")
    model = f'<dgm:dataModel {NAMES} xmlns:dgm="{dgm}"><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>'
    parsed = parse(with_part(data, "ppt/diagrams/data1.xml", model), "a.pptx")
    assert (texts(parsed), warned(parsed)) == (["Sign", "Pay"], set())


def with_part(data: bytes, name: str, text: str) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def test_comments_of_old_and_in_threads() -> None:
    deck = Presentation()
    for text in ("one", "two"):
        box(deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes, text, 1, 1)
    data = related(saved(deck), "ppt/presentation.xml", "commentAuthors", "commentAuthors.xml")
    data = with_part(
        data, "ppt/commentAuthors.xml", f'<p:cmAuthorLst {NAMES}><p:cmAuthor id="0" name="A. Meyer"/></p:cmAuthorLst>'
    )
    data = related(data, "ppt/slides/slide1.xml", "comments", "../comments/comment1.xml")
    old = f'<p:cmLst {NAMES}><p:cm authorId="0" dt="2024-03-01T10:00:00.000" idx="1"><p:text>Check this.</p:text></p:cm></p:cmLst>'
    data = with_part(data, "ppt/comments/comment1.xml", old)
    new_name = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"
    data = repacked(
        data, lambda name, held: held.replace(b'Id="rIdX"', b'Id="rIdY"') if "presentation.xml.rels" in name else held
    )
    data = related(data, "ppt/presentation.xml", "authors", "authors.xml")
    data = with_part(
        data,
        "ppt/authors.xml",
        f'<n:authorLst xmlns:n="{new_name}"><n:author id="{{B}}" name="B. Ortiz"/></n:authorLst>',
    )
    data = related(data, "ppt/slides/slide2.xml", "comments", "../comments/modern.xml")
    body = "<n:txBody><a:bodyPr/>{}</n:txBody>"
    thread = (
        f'<n:cmLst {NAMES} xmlns:n="{new_name}"><n:cm id="{{1}}" authorId="{{B}}" created="2024-04-02T08:00:00.000"><n:replyLst>'
        f'<n:reply id="{{2}}" authorId="{{B}}" created="2024-04-03T08:00:00.000">{body.format(p("Done."))}</n:reply></n:replyLst>'
        f"{body.format(p('Is it 5?'))}</n:cm></n:cmLst>"
    )
    parsed = parse(with_part(data, "ppt/comments/modern.xml", thread), "a.pptx")
    assert texts(parsed) == [
        "one",
        "[comment by A. Meyer on 2024-03-01: Check this.]",
        "two",
        "[comment by B. Ortiz on 2024-04-02: Is it 5?]",
        "[reply by B. Ortiz on 2024-04-03: Done.]",
    ]
    assert [(e.page, e.author) for e in parsed.elements if e.kind == ElementKind.COMMENT] == [
        (1, "A. Meyer"),
        (2, "B. Ortiz"),
        (2, "B. Ortiz"),
    ]
    assert not warned(parsed)


def test_speaker_notes_come_after_the_slide_and_say_what_they_are() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Term"
    slide.notes_slide.notes_text_frame.text = "Say it slowly.\nThen stop."
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["Term", "[speaker notes] Say it slowly.", "[speaker notes] Then stop."]
    assert {element.page for element in parsed.elements} == {1}


def test_footers_are_given_once_and_slide_numbers_are_labels() -> None:
    deck = Presentation()
    deck.part._element.set("firstSlideNum", "5")
    place = "<p:sp><p:nvSpPr><p:cNvPr id='{0}' name='f'/><p:nvPr><p:ph type='{1}' idx='{0}'/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody>{2}</p:txBody></p:sp>"
    for title in ("One", "Two"):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
        added(slide.shapes, place.format(11, "ftr", p("Privileged and confidential")))
        added(
            slide.shapes, place.format(12, "sldNum", "<a:p><a:fld id='{1}' type='slidenum'><a:t>99</a:t></a:fld></a:p>")
        )
    added(
        deck.slide_layouts[5].shapes,
        place.replace("<p:ph type='{1}' idx='{0}'/>", "").format(30, "", p("Draft of May")),
    )
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["One", "Privileged and confidential", "Draft of May", "Two"]
    assert [page.label for page in parsed.pages] == ["5", "6"]


def picture(colour: str = "white") -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 100), colour).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


class Recognised:
    """Stands in for the recognition of pictures."""

    words = "Scanned words"

    def __init__(self, max_pages: int) -> None: ...

    def parse(self, data: bytes, name: str) -> ParsedFile:
        if not self.words:
            raise EmptyFile("nothing")
        info = PageInfo(1, PageSource.OCR, confidence=0.9)
        return ParsedFile("x", "image/png", (Element(ElementKind.PARAGRAPH, self.words, page=1),), 1, pages=(info,))


def pictured(monkeypatch: pytest.MonkeyPatch, words: str, *, said: str = "") -> ParsedFile:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Head"
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    shapes.add_picture(picture(), Inches(1), Inches(1), Inches(8), Inches(5))
    if said:
        box(shapes, said, 1, 6.2)
    monkeypatch.setattr(Recognised, "words", words)
    monkeypatch.setattr(pictures, "ImageParser", Recognised)
    return parse(saved(deck), "a.pptx")


def test_a_slide_that_is_a_picture_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = pictured(monkeypatch, "Scanned words")
    assert [(e.page, e.text) for e in parsed.elements][-1] == (2, "Scanned words")
    assert (parsed.pages[1].source, parsed.pages[1].confidence) == (PageSource.OCR, 0.9)
    assert not warned(parsed)


def test_a_slide_that_is_a_picture_and_cannot_be_recognised_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = pictured(monkeypatch, "")
    assert [(w.kind, w.page) for w in parsed.warnings] == [(WarningKind.UNREAD_PAGE, 2)]
    assert parsed.pages[1].source == PageSource.UNREAD


def test_a_picture_beside_words_is_no_reason_to_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The new warehouse in Lyon, opened on 3 May 2024."
    parsed = pictured(monkeypatch, "never asked", said=said)
    assert (texts(parsed)[-1], warned(parsed)) == (said, set())


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("Site plan with the leased area in red", ["[picture description: Site plan with the leased area in red]"]),
        ("A close-up of a sign\n\nDescription automatically generated", []),
        ("IMG_2041.jpg", []),
        ("A table with numbers\n\nAI-generated content may be incorrect.", []),
        ("Revenue generated by region", ["[picture description: Revenue generated by region]"]),
    ],
)
def test_picture_descriptions_that_people_wrote(about: str, expected: list[str]) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Plan"
    shape = slide.shapes.add_picture(picture(), Inches(1), Inches(2), Inches(1), Inches(1))
    shape._element.nvPicPr.cNvPr.set("descr", about)
    assert texts(parse(saved(deck), "a.pptx"))[1:] == expected


def test_embedded_objects_are_said() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Model"
    slide.shapes.add_ole_object(io.BytesIO(b"x"), "Excel.Sheet.12", Inches(1), Inches(2), icon_file=picture())
    parsed = parse(saved(deck), "a.pptx")
    assert [(w.kind, w.page) for w in parsed.warnings] == [(WarningKind.UNREAD_PART, 1)]
    assert "Excel.Sheet.12" in parsed.warnings[0].words


def simple() -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Term"
    slide.placeholders[1].text = "Two years"
    return saved(deck)


def test_templates_shows_and_the_strict_form() -> None:
    template = repacked(simple(), lambda _, held: held.replace(b"presentation.main+xml", b"template.main+xml"))
    assert texts(parse(template, "a.potx")) == ["Term", "Two years"]
    assert texts(parse(simple(), "a.ppsx")) == ["Term", "Two years"]

    def strict(_: str, held: bytes) -> bytes:
        return re.sub(
            rb"http://schemas\.openxmlformats\.org/(presentationml|drawingml|officeDocument)/2006/",
            rb"http://purl.oclc.org/ooxml/\1/",
            held,
        )

    assert texts(parse(repacked(simple(), strict), "a.pptx")) == ["Term", "Two years"]


def test_files_that_cannot_be_read_say_why() -> None:
    with pytest.raises(DamagedFile):
        parse(simple()[:-400], "a.pptx")
    with pytest.raises(DamagedFile, match="PowerPoint"):
        parse(repacked(simple(), lambda name, held: held[:80] if name.endswith("slide1.xml") else held), "a.pptx")
    with pytest.raises(WrongExtension, match="PowerPoint"):
        parse(simple(), "a.docx")
    with pytest.raises(EncryptedFile):
        parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "a.pptx")
    with pytest.raises(UnsupportedFormat, match="pptx"):
        parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.ppt")
    with pytest.raises(FileTooLarge):
        parse(with_part(simple(), "ppt/media/x.bin", "0" * (30 << 20)), "a.pptx")
    with pytest.raises(EmptyFile):
        parse(saved(Presentation()), "a.pptx")


def test_entities_are_not_opened() -> None:
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><p:sld'

    def change(name: str, held: bytes) -> bytes:
        return held.replace(b"<p:sld", entity, 1).replace(b"Two years", b"Two &e;years")

    data = repacked(simple(), lambda name, held: change(name, held) if name.endswith("slides/slide1.xml") else held)
    assert "root:" not in str(parse(data, "a.pptx"))


def test_no_visible_word_is_lost_or_doubled() -> None:
    deck = Presentation()
    words = iter(range(100, 400))
    for layout in deck.slide_layouts:
        slide = deck.slides.add_slide(layout)
        for place in slide.placeholders:
            if place.has_text_frame:
                place.text_frame.text = f"w{next(words)} w{next(words)}\nw{next(words)}"
        group = slide.shapes.add_group_shape().shapes
        box(group, f"w{next(words)}", 1, 1)
        box(slide.shapes, f"w{next(words)}", 3, 3)
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(3), Inches(1)).table
        table.cell(1, 1).text = f"w{next(words)}"
    parsed = parse(saved(deck), "a.pptx")
    found = re.findall(r"w\d+", " ".join(texts(parsed)))
    assert sorted(found) == [f"w{at}" for at in range(100, next(words))]


def test_many_shapes_are_read_in_reasonable_time() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    one = "<p:sp><p:nvSpPr><p:cNvPr id='9' name='x'/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x='{0}' y='{0}'/><a:ext cx='900' cy='900'/></a:xfrm><a:prstGeom prst='rect'/><a:solidFill><a:srgbClr val='FF0000'/></a:solidFill></p:spPr><p:txBody>{1}</p:txBody></p:sp>"
    held = etree.fromstring(f"<x {NAMES}>{''.join(one.format(at * 300, p(str(at))) for at in range(3000))}</x>")
    for shape in held:
        slide.shapes._spTree.append(shape)
    assert len(parse(saved(deck), "a.pptx").elements) == 3000


def coloured(shape: Any, colour: str) -> None:
    run = shape.text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = RGBColor.from_string(colour)


def test_words_in_the_colour_of_what_is_behind_them_are_left_out() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    coloured(box(shapes, "SECRET", 1, 1), "FFFFFF")
    coloured(box(shapes, "black on white", 1, 2), "000000")
    panel(shapes, 0.5, 3, 6, 1, "FFFFFF")
    coloured(box(shapes, "SECRET", 1, 3.1), "FEFEFE")
    own = panel(shapes, 0.5, 5, 6, 1, "112233")
    own.text_frame.text = "SECRET"
    coloured(own, "112233")
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["black on white"]
    assert [(w.kind, w.page) for w in parsed.warnings] == [(WarningKind.HIDDEN_TEXT, 1)]
    assert "SECRET" not in str(parsed)


def test_light_words_on_dark_ground_stay() -> None:
    deck = Presentation()
    dark = deck.slides.add_slide(deck.slide_layouts[BLANK])
    dark.background.fill.solid()
    dark.background.fill.fore_color.rgb = RGBColor(0, 0, 64)
    coloured(box(dark.shapes, "on a dark slide", 1, 1), "FFFFFF")
    light = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    light.add_picture(picture("black"), Inches(1), Inches(1), Inches(3), Inches(1))
    coloured(box(light, "on a picture", 1.2, 1.2), "FFFFFF")
    panel(light, 0.5, 3, 6, 1)
    coloured(box(light, "on a panel", 1, 3.1), "FFFFFF")
    panel(light, 0.5, 5, 6, 1).text_frame.text = "white by the style of the shape"
    parsed = parse(saved(deck), "a.pptx")
    assert texts(parsed) == ["on a dark slide", "on a picture", "on a panel", "white by the style of the shape"]
    assert not warned(parsed)
    with_panel = Presentation()
    added(
        with_panel.slide_layouts[BLANK].shapes,
        "<p:sp><p:nvSpPr><p:cNvPr id='8' name='band'/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x='0' y='0'/>"
        "<a:ext cx='9144000' cy='1800000'/></a:xfrm><a:prstGeom prst='rect'/><a:solidFill><a:srgbClr val='000080'/></a:solidFill></p:spPr></p:sp>",
    )
    coloured(
        box(with_panel.slides.add_slide(with_panel.slide_layouts[BLANK]).shapes, "on the layout's band", 1, 1), "FFFFFF"
    )
    parsed = parse(saved(with_panel), "a.pptx")
    assert (texts(parsed), warned(parsed)) == (["on the layout's band"], set())


def test_a_paragraph_of_hidden_words_only_is_said_for_the_slide() -> None:
    parsed = boxed(p("seen"), "<a:p><a:r><a:rPr><a:noFill/></a:rPr><a:t>SECRET</a:t></a:r></a:p>")
    assert (texts(parsed), [w.page for w in parsed.warnings]) == (["seen"], [1])


def test_handwriting_is_said() -> None:
    deck = Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
    box(shapes, "seen", 1, 1)
    added(
        shapes,
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice Requires='p14'><p:contentPart r:id='rId9'/></mc:Choice><mc:Fallback><p:pic/></mc:Fallback>"
        "</mc:AlternateContent>",
    )
    parsed = parse(saved(deck), "a.pptx")
    assert (texts(parsed), warned(parsed)) == (["seen"], {WarningKind.UNREAD_PART})


def test_notes_at_the_foot_of_a_slide_go_to_their_mark() -> None:
    deck = Presentation()
    for _ in range(2):
        shapes = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes
        for text, high in (
            ("Fee EUR 1,500|2|", 1),
            ("Term two years|1|", 2),
            ("|1|Ends in May. |2| Without VAT.", 5),
            ("|2|Net.", 6),
        ):
            shape = box(shapes, "", 1, high)
            paragraph = shape.text_frame.paragraphs[0]
            for at, part in enumerate(text.split("|")):
                run = paragraph.add_run()
                run.text = part
                if at % 2:
                    run.font._element.set("baseline", "30000")
    parsed = parse(saved(deck), "a.pptx")
    assert [(e.kind.value, e.text) for e in parsed.elements][:4] == [
        ("paragraph", "Fee EUR 1,500 (note 2)"),
        ("note", "Note 2: Net."),
        ("paragraph", "Term two years (note 1)"),
        ("note", "Note 1: Ends in May. (note 2) Without VAT."),
    ]
    assert [e.page for e in parsed.elements] == [1] * 4 + [2] * 4
