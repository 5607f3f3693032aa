"""Blocks as files of several formats; the new version is set otherwise: other widths, pages, quotes and hyphens."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from api.terminal import UsageError
from evals.suites.comparing.blocks import Block

_OPENING = re.compile(r'(?<!\S)"(?=\S)|(?<=[(\[])"')
_CUT_FROM = 10  # letters of a word that is cut at a line's end
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
_NUMBERED = re.compile(r"^(\d+)([.)])")


def otherwise(text: str) -> str:
    """The same words with curly quotation marks for straight ones, or straight ones for curly."""
    if re.search("[“”’]", text):
        return text.translate({ord("“"): '"', ord("”"): '"', ord("’"): "'", ord("‘"): "'"})
    curly = _OPENING.sub("“", text).replace('"', "”")
    return re.sub(r"(?<=\w)'(?=\w)", "’", curly)


def docx(blocks: Sequence[Block], *, later: bool) -> bytes:
    from docx import Document

    made = Document()
    for block in blocks:
        if block.level > 0:
            made.add_heading(_said(block.text, later), min(block.level, 6))
        elif block.level == 0:
            made.add_paragraph(_said(block.text, later))
        else:
            rows = [row.split(" | ") for row in block.text.split("\n")]
            table = made.add_table(len(rows), max(map(len, rows)))
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    table.cell(number, place).text = cell
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def markdown(blocks: Sequence[Block], *, later: bool) -> bytes:
    parts = []
    for block in blocks:
        if block.level < 0:
            rows = [row.split(" | ") for row in block.text.split("\n")]
            width = max(map(len, rows))
            lines = [f"| {' | '.join(map(_plain, row + [''] * (width - len(row))))} |" for row in rows]
            parts.append("\n".join([lines[0], "|---" * width + "|", *lines[1:]]))
            continue
        words = _plain(_said(block.text, later))
        if block.level > 0:
            parts.append(f"{'#' * block.level} {words}")
        else:
            parts.append("\n".join(_lines(words, 100 if later else 76, cut=False)))
    return "\n\n".join(parts).encode()


def text(blocks: Sequence[Block], *, later: bool) -> bytes:
    """Without tables, which plain text draws in many ways."""
    kept = [_said(block.text, later) for block in blocks if block.level >= 0]
    return "\n\n".join("\n".join(_lines(one, 96 if later else 72, cut=later)) for one in kept).encode()


def pdf(blocks: Sequence[Block], *, later: bool) -> bytes:
    """With a running head and page numbers; the new version on other paper, in another size. Raises `UsageError`."""
    try:
        from reportlab.lib.pagesizes import A4, letter
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table
    except ModuleNotFoundError as error:
        raise UsageError("The PDFs are made with reportlab: pip install reportlab.") from error
    styles = getSampleStyleSheet()
    body, small = styles["BodyText"], styles["BodyText"].clone("small", fontSize=7.5, leading=9)
    body.fontSize, body.leading = (11, 14) if later else (9.5, 12)
    story: list[object] = []
    for block in blocks:
        if block.level > 0:
            story.append(Paragraph(escape(_said(block.text, later)), styles[f"Heading{min(block.level, 4)}"]))
        elif block.level == 0:
            story.append(Paragraph(escape(_said(block.text, later)), body))
        else:
            rows = [row.split(" | ") for row in block.text.split("\n")]
            width = max(map(len, rows))
            cells = [[Paragraph(escape(cell), small) for cell in row + [""] * (width - len(row))] for row in rows]
            story.append(Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, "black")]))
        story.append(Spacer(1, 4))

    def furniture(canvas, document) -> None:  # type: ignore[no-untyped-def]
        top = document.pagesize[1]
        canvas.drawString(72, top - 32, "Execution copy" if later else "Draft for discussion")
        canvas.drawString(document.pagesize[0] / 2, 28, f"Page {document.page}" if later else f"- {document.page} -")

    held = io.BytesIO()
    paper = A4 if later else letter
    SimpleDocTemplate(held, pagesize=paper).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return held.getvalue()


def _said(words: str, later: bool) -> str:
    return otherwise(words) if later else words


def _plain(words: str) -> str:
    """As Markdown takes it for these very words."""
    return _NUMBERED.sub(r"\1\\\2", re.sub(r"^([-+])", r"\\\1", _MARKDOWN.sub(r"\\\1", words)))


def _lines(words: str, width: int, *, cut: bool) -> Iterator[str]:
    """Lines of about that width; `cut`: long words at their ends are cut in two by a hyphen."""
    line = ""
    for word in words.split(" "):
        if line and len(line) + 1 + len(word) > width:
            at = len(word) // 2
            if cut and len(word) >= _CUT_FROM and word.isalpha() and word.islower():
                yield f"{line} {word[:at]}-"
                line = word[at:]
                continue
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line


FORMATS: dict[str, Callable[..., bytes]] = {"docx": docx, "md": markdown, "txt": text, "pdf": pdf}
