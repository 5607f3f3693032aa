"""How a memo looks in Word."""

from __future__ import annotations

from api.exports.docx.markup import NAMESPACES

_INK, _GREY = "1F3557", "595959"


def _paragraph(id_: str, name: str, spacing: str, characters: str = "", more: str = "", based: str = "Normal") -> str:
    above = f'<w:basedOn w:val="{based}"/>' if based else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{id_}"{"" if based else " w:default=" + chr(34) + "1" + chr(34)}>'
        f'<w:name w:val="{name}"/>{above}<w:qFormat/><w:pPr>{more}<w:spacing {spacing}/></w:pPr>'
        f"<w:rPr>{characters}</w:rPr></w:style>"
    )


def _character(id_: str, name: str, characters: str) -> str:
    return (
        f'<w:style w:type="character" w:styleId="{id_}"><w:name w:val="{name}"/><w:qFormat/>'
        f"<w:rPr>{characters}</w:rPr></w:style>"
    )


def _font(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _color(value: str) -> str:
    return f'<w:color w:val="{value}"/>'


_KEPT = "<w:keepNext/><w:keepLines/>"
_DEFAULTS = (
    f'<w:docDefaults><w:rPrDefault><w:rPr>{_font("Times New Roman")}{_size(22)}<w:lang w:val="en-GB"/></w:rPr>'
    "</w:rPrDefault><w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>"
)
_STYLES = (
    _paragraph("Normal", "Normal", 'w:after="140" w:line="276" w:lineRule="auto"', based=""),
    _paragraph("Title", "Title", 'w:before="0" w:after="80"', f"<w:b/>{_color(_INK)}{_size(40)}", "<w:keepNext/>"),
    _paragraph(
        "Subtitle", "Subtitle", 'w:after="60"', f"{_color(_GREY)}{_size(20)}"
    ),
    _paragraph(
        "Lead", "Lead", 'w:before="60" w:after="240"', f"<w:i/>{_color(_GREY)}{_size(20)}",
        f'<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="8" w:color="{_INK}"/></w:pBdr>',
    ),
    _paragraph(
        "Heading1", "heading 1", 'w:before="320" w:after="100"', f"<w:b/>{_color(_INK)}{_size(26)}",
        _KEPT,
    ),
    _paragraph("Note", "Note", 'w:after="140" w:line="264" w:lineRule="auto"', f"<w:i/>{_color(_GREY)}"),
    _paragraph("Record", "Record", 'w:after="60"', f"{_color(_GREY)}{_size(17)}"),
    _paragraph("TableText", "Table Text", 'w:before="40" w:after="40"', _size(19)),
    _paragraph("TableNote", "Table Note", 'w:before="40" w:after="40"', f"<w:i/>{_color(_GREY)}{_size(18)}"),
    _paragraph(
        "TableHead", "Table Head", 'w:before="60" w:after="60"', f"<w:b/>{_color(_INK)}{_size(19)}", "<w:keepNext/>",
    ),
    _paragraph("TableLabel", "Table Label", 'w:before="40" w:after="40"', f"<w:b/>{_size(19)}"),
    _paragraph("FootnoteText", "footnote text", 'w:after="40"', _size(18)),
    _paragraph(
        "Footer", "footer", 'w:after="0"', f"{_color(_GREY)}{_size(17)}",
        '<w:tabs><w:tab w:val="right" w:pos="{width}"/></w:tabs>',
    ),
    _character("FootnoteReference", "footnote reference", '<w:vertAlign w:val="superscript"/>'),
    _character("Hyperlink", "Hyperlink", f'{_color("1F4E9E")}<w:u w:val="single"/>'),
    _character("Cited", "Cited", "<w:i/>"),
    _character("QuotedWords", "Quoted Words", ""),
    _character("Signed", "Signed", f'<w:i/>{_color("2E6B45")}{_size(18)}'),
    _character("Digest", "Digest", f'{_font("Courier New")}{_size(14)}'),
)  # fmt: skip


def styles(width: int) -> str:
    """`width`: of the text, at whose end the number of the page stands."""
    told = "".join(_STYLES).replace("{width}", str(width))
    return f"<w:styles {NAMESPACES}>{_DEFAULTS}{told}</w:styles>"
