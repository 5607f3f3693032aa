"""The file around a document in WordprocessingML (ECMA-376, parts 1 and 2)."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from api.exports.archives import settled
from api.exports.docx.markup import NAMESPACES, Notes, attribute, field_of, paragraph, run, text
from api.exports.docx.styles import styles
from api.exports.wording import short

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = {  # name, type of content, kind of relationship
    "styles": (f"{_WORD}.styles+xml", "styles"),
    "settings": (f"{_WORD}.settings+xml", "settings"),
    "footnotes": (f"{_WORD}.footnotes+xml", "footnotes"),
    "footer": (f"{_WORD}.footer+xml", "footer"),
}
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{id_}"><w:p><w:pPr><w:spacing w:after="0"/></w:pPr><w:r><w:{kind}/></w:r></w:p>'
    "</w:footnote>"
    for id_, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
_SETTINGS = (
    '<w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/>'
    '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat>'
)


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet and its margins, in twentieths of a point."""

    width: int
    height: int
    margin: int

    @property
    def text(self) -> int:
        return self.width - 2 * self.margin

    @property
    def xml(self) -> str:
        turned = ' w:orient="landscape"' if self.width > self.height else ""
        sides = " ".join(f'w:{side}="{self.margin}"' for side in ("top", "right", "bottom", "left"))
        return (
            '<w:sectPr><w:footerReference w:type="default" r:id="rFooter"/>'
            f'<w:pgSz w:w="{self.width}" w:h="{self.height}"{turned}/>'
            f'<w:pgMar {sides} w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
        )


PORTRAIT, LANDSCAPE = Page(11906, 16838, 1418), Page(16838, 11906, 1134)  # A4


def packed(body: str, notes: Notes, page: Page, title: str, by: str, made_at: datetime) -> bytes:
    """The whole file: the same bytes for the same content."""
    word = {
        "document": f"<w:document {NAMESPACES}><w:body>{body}{page.xml}</w:body></w:document>",
        "styles": styles(page.text),
        "settings": f"<w:settings {NAMESPACES}>{_SETTINGS}</w:settings>",
        "footnotes": f"<w:footnotes {NAMESPACES}>{_SEPARATORS}{notes.xml}</w:footnotes>",
        "footer": f"<w:ftr {NAMESPACES}>{_footer(title)}</w:ftr>",
    }
    inner = [(f"r{name.capitalize()}", kind, f"{name}.xml") for name, (_, kind) in _PARTS.items()]
    outer = [
        ("rId1", f"{_OFFICE}/officeDocument", "word/document.xml"),
        ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ]
    files = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relationships(outer),
        "docProps/core.xml": _properties(title, by, made_at),
        "word/_rels/document.xml.rels": _relationships([(id_, f"{_OFFICE}/{kind}", to) for id_, kind, to in inner]),
        "word/_rels/footnotes.xml.rels": _relationships([], notes.links.ids),
        **{f"word/{name}.xml": content for name, content in word.items()},
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, (_HEAD + content).encode())
    return settled(made.getvalue())


def _footer(title: str) -> str:
    pages = f"{run('Page ')}{field_of('PAGE', '1')}{run(' of ')}{field_of('NUMPAGES', '1')}"
    return paragraph(f"{run(short(title))}<w:r><w:tab/></w:r>{pages}", "Footer")


def _types() -> str:
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    parts = {f"/word/{name}.xml": kind for name, (kind, _) in _PARTS.items()}
    parts |= {"/word/document.xml": f"{_WORD}.document.main+xml", "/docProps/core.xml": core}
    told = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    relations = f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{relations}{told}</Types>'


_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"


def _relationships(parts: list[tuple[str, str, str]], links: Mapping[str, str] | None = None) -> str:
    told = [f'<Relationship Id="{id_}" Type="{kind}" Target="{to}"/>' for id_, kind, to in parts]
    told += [
        f'<Relationship Id="{id_}" Type="{_OFFICE}/hyperlink" Target={attribute(url)} TargetMode="External"/>'
        for url, id_ in (links or {}).items()
    ]
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(told)}</Relationships>'


def _properties(title: str, by: str, made_at: datetime) -> str:
    at = f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{text(title)}</dc:title><dc:creator>{text(by)}</dc:creator>"
        f"<cp:lastModifiedBy>{text(by)}</cp:lastModifiedBy>{times}</cp:coreProperties>"
    )
