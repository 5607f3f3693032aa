"""WordprocessingML (ECMA-376, part 1): runs, paragraphs, tables, and the notes that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from api.exports.archives import xml_text
from api.exports.types import SignOff, Source
from api.exports.wording import after, place, signed, struck

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_SUPERSCRIPT = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
_REJECTED = '<w:color w:val="9C2B2B"/>'
_LINE = '<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'


def text(words: str) -> str:
    """Escaped, without the characters that XML does not allow."""
    return escape(xml_text(words), {"\r": "&#13;"})


def attribute(words: str) -> str:
    """The same in quotes, as an attribute has it."""
    return quoteattr(xml_text(words))


def run(words: str, style: str = "", more: str = "") -> str:
    """`style`: of characters; `more`: further properties. White space is kept: Word shows a line break as a space."""
    if not words:
        return ""
    own = f'<w:rStyle w:val="{style}"/>' if style else ""
    properties = f"<w:rPr>{own}{more}</w:rPr>" if own or more else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text(words)}</w:t></w:r>'


def paragraph(content: str, style: str = "", more: str = "") -> str:
    own = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{own}{more}</w:pPr>{content}</w:p>"


def field_of(code: str, shown: str, style: str = "") -> str:
    """A field, and what it shows until it is computed anew."""
    properties = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""

    def part(inner: str) -> str:
        return f"<w:r>{properties}{inner}</w:r>"

    return (
        part('<w:fldChar w:fldCharType="begin"/>')
        + part(f'<w:instrText xml:space="preserve"> {code} </w:instrText>')
        + part('<w:fldChar w:fldCharType="separate"/>')
        + part(f"<w:t>{text(shown)}</w:t>")
        + part('<w:fldChar w:fldCharType="end"/>')
    )


def cell(paragraphs: str, width: int, *, shaded: bool = False) -> str:
    fill = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F6"/>' if shaded else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}</w:tcPr>{paragraphs}</w:tc>'


def row(cells: Iterable[str], *, head: bool = False) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def table(widths: Sequence[int], head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Of so many twentieths of a point each; `head`: words, repeated on each page; `rows`: paragraphs."""
    edges = "".join(_LINE.format(edge=edge) for edge in ("top", "bottom", "insideH"))
    margins = "".join(f'<w:{side} w:w="85" w:type="dxa"/>' for side in ("left", "right"))
    properties = (
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    named = row(
        (
            cell(paragraph(run(words), "TableHead"), width, shaded=True)
            for words, width in zip(head, widths, strict=True)
        ),
        head=True,
    )
    others = (row(cell(one, width) for one, width in zip(cells, widths, strict=True)) for cells in rows)
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{named}{''.join(others)}</w:tbl>"


@dataclass(slots=True)
class Links:
    """Addresses that one part of the file names, and the ids by which it does."""

    ids: dict[str, str] = field(default_factory=dict)

    def to(self, url: str, content: str) -> str:
        if not url:
            return content
        id_ = self.ids.setdefault(url, f"rLink{len(self.ids) + 1}")
        return f'<w:hyperlink r:id="{id_}" w:history="1">{content}</w:hyperlink>'


@dataclass(slots=True)
class Notes:
    """The footnotes, each with the number of its source, which it has where it is cited first."""

    sources: dict[int, Source]
    links: Links = field(default_factory=Links)
    _xml: dict[int, str] = field(default_factory=dict)

    @property
    def xml(self) -> str:
        return "".join(self._xml.values())

    def cite(self, numbers: Sequence[int]) -> str:
        """Marks of footnotes: the note where a source is cited first, and a reference to it where it is again."""
        return run(",", "FootnoteReference").join(map(self._mark, numbers))

    def _mark(self, number: int) -> str:
        if number in self._xml:
            return field_of(f"NOTEREF note{number} \\f \\h", str(number), "FootnoteReference")
        self._xml[number] = self._note(self.sources[number])
        mark = f'<w:r>{_SUPERSCRIPT}<w:footnoteReference w:id="{number}"/></w:r>'
        return f'<w:bookmarkStart w:id="{number}" w:name="note{number}"/>{mark}<w:bookmarkEnd w:id="{number}"/>'

    def _note(self, source: Source) -> str:
        own = f"<w:r>{_SUPERSCRIPT}<w:footnoteRef/></w:r>"
        title = self.links.to(source.url, run(source.title or "Untitled", "Hyperlink" if source.url else "Cited"))
        told = run(f"” {after(source)}".rstrip())
        quote = f"{run(f', {place(source)}: “')}{run(source.quote, 'QuotedWords')}{told}"
        note = paragraph(f"{own}{run(' ')}{title}{quote}", "FootnoteText")
        return f'<w:footnote w:id="{source.number}">{note}</w:footnote>'


def statement(words: str, numbers: Sequence[int], signs: Sequence[SignOff], notes: Notes) -> str:
    """A sentence with its notes, and what was said of it; struck through where it was rejected."""
    return run(words, more="<w:strike/>" if struck(signs) else "") + notes.cite(numbers) + signatures(signs)


def signatures(signs: Sequence[SignOff]) -> str:
    return "".join(run(f" [{signed(one)}]", "Signed", _REJECTED if one.verdict == "rejected" else "") for one in signs)
