"""Memos as PDF: notes at the end that quote the sources, each linked from its sentence and to its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

from api.exports.archives import xml_text
from api.exports.numbering import numbered_memo
from api.exports.pdf.letters import BOLD, FAMILY, ITALIC, Letters, known
from api.exports.types import Memo, Passage, SignOff, Source, Statement
from api.exports.wording import CHECKED, after, appendix, place, reading, records, short, signed, struck

_INK, _GREY, _LINK, _DONE, _REJECTED = "#1F3557", "#595959", "#1F4E9E", "#2E6B45", "#9C2B2B"
_MARGIN = 25 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_PADDING = 6  # of a frame, in points
_RULE, _SHADE = HexColor("#BFBFBF"), HexColor("#EEF1F6")


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, **{"fontName": FAMILY, "fontSize": size, "leading": leading, "spaceAfter": 7, **more})


_TITLE = _style("title", 20, 25, fontName=BOLD, textColor=HexColor(_INK), spaceAfter=4)
_SUBTITLE = _style("subtitle", 10, 13, textColor=HexColor(_GREY), spaceAfter=3)
_LEAD = _style("lead", 10, 13, fontName=ITALIC, textColor=HexColor(_GREY), spaceAfter=6)
_HEADING = _style(
    "heading", 13, 17, fontName=BOLD, textColor=HexColor(_INK), spaceBefore=14, spaceAfter=5, keepWithNext=1
)
_BODY = _style("body", 11, 15.5)
_NOTE = _style("note", 11, 15, fontName=ITALIC, textColor=HexColor(_GREY))
_FOOT = _style("foot", 9.5, 12.5, leftIndent=18, firstLineIndent=-18, spaceAfter=5)
_CELL = _style("cell", 9, 11.5, spaceAfter=0)
_HEAD = _style("head", 9, 11.5, fontName=BOLD, textColor=HexColor(_INK), spaceAfter=0)
_DIGEST = _style("digest", 8, 10.5, spaceAfter=0)
_RECORD = _style("record", 8, 10.5, textColor=HexColor(_GREY), spaceAfter=0)


def pdf(memo: Memo) -> bytes:
    """The same bytes for the same value. What the font lacks is told in its place, and how much it is at the end."""
    known()
    memo = numbered_memo(memo)
    letters = Letters()
    story: list[Any] = list(_opening(memo, letters))
    for number, passage in enumerate(memo.passages, 1):
        story += _passage(passage, f"{number}. " if len(memo.passages) > 1 else "", letters)
    story += _end(memo, letters)
    if letters.lacking:
        story += _lacking(letters)
    made = BytesIO()
    sheet = SimpleDocTemplate(
        made, pagesize=A4, topMargin=_MARGIN, bottomMargin=_MARGIN,
        leftMargin=_MARGIN - _PADDING, rightMargin=_MARGIN - _PADDING,
        title=xml_text(memo.title), author=xml_text(memo.by), creator="Footnote", invariant=1, lang="en-GB",
    )  # fmt: skip
    sheet.build(story, canvasmaker=_numbered(letters.markup(short(memo.title)), memo.made_at))
    return made.getvalue()


def _opening(memo: Memo, letters: Letters) -> Iterator[Any]:
    yield Paragraph(letters.markup(memo.title), _TITLE)
    yield Paragraph(letters.markup(reading(memo)), _SUBTITLE)
    yield Paragraph(letters.markup(CHECKED), _LEAD)
    yield HRFlowable(width="100%", color=HexColor(_INK), thickness=1, spaceAfter=4)


def _passage(passage: Passage, number: str, letters: Letters) -> Iterator[Any]:
    yield Paragraph(letters.markup(number + passage.question), _HEADING)
    if passage.statements:
        yield Paragraph(" ".join(_statement(one, letters) for one in passage.statements), _BODY)
    if passage.note or not passage.statements:
        yield Paragraph(letters.markup(passage.note or "There is no answer."), _NOTE)
    if passage.signed:
        yield Paragraph(f"{_colored('The answer as a whole:', _DONE)}{_signatures(passage.signed, letters)}", _BODY)


def _statement(one: Statement, letters: Letters) -> str:
    said = letters.markup(one.text)
    marks = ",".join(f'<a href="#note{number}" color="{_LINK}">{number}</a>' for number in one.sources)
    cited = f'<super size="7.5" rise="4">{marks}</super>' if marks else ""
    return (f"<strike>{said}</strike>" if struck(one.signed) else said) + cited + _signatures(one.signed, letters)


def _signatures(signs: Sequence[SignOff], letters: Letters) -> str:
    return "".join(
        " " + _colored(letters.markup(f"[{signed(one)}]"), _REJECTED if one.verdict == "rejected" else _DONE)
        for one in signs
    )


def _colored(markup: str, color: str) -> str:
    return f'<font size="9" color="{color}"><i>{markup}</i></font>'


def _end(memo: Memo, letters: Letters) -> Iterator[Any]:
    """Notes, versions with their digests, and the ids of the trail's records."""
    if memo.sources:
        yield Paragraph("Notes", _HEADING)
        for source in memo.sources:
            yield Paragraph(_note(source, letters), _FOOT)
        yield CondPageBreak(60 * mm)
        yield Paragraph("Sources", _HEADING)
        rows = [
            [
                Paragraph(", ".join(map(str, entry.numbers)), _CELL),
                [
                    Paragraph(letters.markup(entry.source.title or "Untitled"), _CELL),
                    *([Paragraph(letters.markup(entry.source.source), _RECORD)] if entry.source.source else []),
                    Paragraph(entry.source.document_id, _RECORD),
                ],
                Paragraph(str(entry.source.version), _CELL),
                Paragraph(entry.source.content_sha256, _DIGEST),
            ]
            for entry in appendix(memo.sources)
        ]
        yield _table(["Notes", "Document", "Version", "SHA-256 of the file"], rows, [18 * mm, None, 17 * mm, 60 * mm])
    yield Paragraph("Records of the audit trail", _HEADING)
    rows = [
        [Paragraph(letters.markup(asked), _CELL), Paragraph(at, _CELL), Paragraph(id_, _DIGEST)]
        for asked, at, id_ in records(memo)
    ]
    yield _table(["Question", "Asked", "Record"], rows, [None, 44 * mm, 60 * mm])


def _note(source: Source, letters: Letters) -> str:
    title = letters.markup(source.title or "Untitled")
    called = f'<a href={quoteattr(source.url)} color="{_LINK}"><u>{title}</u></a>' if source.url else f"<i>{title}</i>"
    number = f'<a name="note{source.number}"/>{source.number}.&nbsp;&nbsp;'
    quote = f"“{letters.markup(source.quote)}” {letters.markup(after(source))}"
    return f"{number}{called}, {letters.markup(place(source))}: {quote}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float | None]) -> Any:
    rest = _WIDTH - sum(width or 0 for width in widths)
    look: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, _RULE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.5, _RULE),
        ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    named = [Paragraph(words, _HEAD) for words in head]
    wide = [width or rest for width in widths]
    # A row may be longer than a page.
    return Table([named, *rows], colWidths=wide, repeatRows=1, splitInRow=1, style=look)


def _lacking(letters: Letters) -> Iterator[Any]:
    """What is not shown, and where it is."""
    kinds = sorted(letters.lacking)
    some = ", ".join(f"U+{ord(one):04X}" for one in kinds[:12]) + (" ..." if len(kinds) > 12 else "")
    yield Spacer(1, 10)
    yield Paragraph(
        f"{letters.lacking.total()} characters are not in the font of this file and were left out where it says so "
        f"({some}). The Word and Markdown exports hold all of them.",
        _NOTE,
    )


def _numbered(title: str, made_at: datetime) -> type[Canvas]:
    """Pages that say how many there are; `title`: as it can be shown."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            self.setDateFormatter(lambda *_: f"D:{made_at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'")
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  as reportlab calls it
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                foot = Paragraph(title, _style("footer", 8.5, 10, textColor=HexColor(_GREY)))
                _, height = foot.wrap(_WIDTH - 30 * mm, 20 * mm)
                foot.drawOn(self, _MARGIN, 15 * mm + 10 - height)
                self.setFont(FAMILY, 8.5)
                self.setFillColor(HexColor(_GREY))
                self.drawRightString(A4[0] - _MARGIN, 15 * mm + 2, f"Page {number} of {len(self._pages)}")
                super().showPage()
            super().save()

    return Numbered
