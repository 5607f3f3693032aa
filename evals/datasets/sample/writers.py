"""Writers from a parsed source to the bytes of a PDF, DOCX, XLSX, HTML, Markdown or e-mail file.

Nothing in the bytes depends on when or where they are made.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from datetime import datetime
from email.message import EmailMessage
from email.policy import default as email_policy
from typing import Any

from markup import FIRM, Source, byline, marked_up, plain

CLAUSE = re.compile(r"^\d+(\.\d+)+ ")
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
FIGURE = re.compile(r"^[-(£]*[\d][\d,. ]*[)%m]*( ?%)?$|^-$")


def build_pdf(source: Source) -> bytes:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    def style(name: str, size: float, **more: Any) -> ParagraphStyle:
        font = "Helvetica-Bold" if more.pop("bold", False) else "Helvetica"
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.42, **more)

    styles = {
        "title": style("title", 20, bold=True, spaceAfter=4),
        "h1": style("h1", 15, bold=True, spaceBefore=12, spaceAfter=6, keepWithNext=1),
        "h2": style("h2", 12.5, bold=True, spaceBefore=10, spaceAfter=5, keepWithNext=1),
        "h3": style("h3", 11, bold=True, spaceBefore=6, spaceAfter=4, keepWithNext=1),
        "para": style("para", 11, spaceAfter=7.5),
        "item": style("item", 11, spaceAfter=4, leftIndent=18, bulletIndent=6),
    }
    cell, right, head = style("cell", 9), style("right", 9, alignment=TA_RIGHT), style("head", 9, bold=True)
    width = A4[0] - 50 * mm - 12  # what the frame's own padding leaves

    def table(rows: list[list[str]]) -> Table:
        columns = max(len(row) for row in rows)
        rows = [row + [""] * (columns - len(row)) for row in rows]
        # Each column is as wide as its longest word; what is left goes to those with long texts.
        texts = [[plain(row[i]) for row in rows] for i in range(columns)]
        words = [max(stringWidth(w, head.fontName, 9) for t in ts for w in ["", *t.split()]) + 13 for ts in texts]
        wants = [min(190.0, max(stringWidth(t, cell.fontName, 9) for t in ts)) + 14 for ts in texts]
        more = [max(1.0, want - word) for want, word in zip(wants, words, strict=True)]
        spare = (width - sum(words)) / sum(more)
        widths = [word + spare * extra for word, extra in zip(words, more, strict=True)]
        data = [
            [Paragraph(marked_up(c), head if n == 0 else right if FIGURE.match(c) else cell) for c in row]
            for n, row in enumerate(rows)
        ]
        made = Table(data, colWidths=widths, repeatRows=1)
        grid = ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#808890"))
        shade = ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e4e9ee"))
        made.setStyle(TableStyle([grid, shade, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
        return made

    def footer(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(25 * mm + 6, 13 * mm, f"{FIRM} - {source.meta['title']} - page {document.page}")

    flow: list[Any] = [Paragraph(marked_up(source.meta["title"]), styles["title"])]
    flow += [Paragraph(marked_up(byline(source)), cell), Spacer(1, 10)]
    for block in source.blocks:
        if block.kind == "break":
            flow.append(PageBreak())
        elif block.kind == "table":
            flow += [Spacer(1, 3), table(block.rows), Spacer(1, 10)]
        elif block.kind == "item":
            flow.append(Paragraph(marked_up(block.text), styles["item"], bulletText="\u2022"))
        else:
            chosen = styles[block.kind]
            if block.kind == "para" and (number := CLAUSE.match(block.text)):
                hang = stringWidth(number[0], chosen.fontName, chosen.fontSize)
                chosen = ParagraphStyle("clause", chosen, leftIndent=hang, firstLineIndent=-hang)
            flow.append(Paragraph(marked_up(block.text), chosen))
    out = io.BytesIO()
    margins = {"leftMargin": 25 * mm, "rightMargin": 25 * mm, "topMargin": 24 * mm, "bottomMargin": 26 * mm}
    names = {"title": source.meta["title"], "author": source.meta.get("author", FIRM)}
    SimpleDocTemplate(out, pagesize=A4, invariant=1, **margins, **names).build(flow, footer, footer)
    return out.getvalue()


def repack(data: bytes, when: datetime) -> bytes:
    """The same Office file with fixed entry times and a fixed 'modified' property."""
    stamp = f">{when:%Y-%m-%dT%H:%M:%SZ}</dcterms:modified>".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb">[^<]*</dcterms:modified>", stamp, content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def build_docx(source: Source) -> bytes:
    from docx import Document
    from docx.enum.text import WD_BREAK

    document, when = Document(), datetime.fromisoformat(source.meta["date"])
    props = document.core_properties
    props.title, props.author, props.comments = source.meta["title"], source.meta.get("author", FIRM), ""
    props.created = props.modified = when
    document.add_heading(source.meta["title"], 0)
    document.add_paragraph(byline(source))
    for block in source.blocks:
        if block.kind == "break":
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        elif block.kind == "table":
            made = document.add_table(len(block.rows), max(map(len, block.rows)), style="Table Grid")
            for row, texts in zip(made.rows, block.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=False):
                    cell.text = plain(text)
        elif block.kind.startswith("h"):
            document.add_heading(plain(block.text), int(block.kind[1]))
        else:
            paragraph = document.add_paragraph(style="List Bullet" if block.kind == "item" else None)
            for n, part in enumerate(block.text.split("**")):
                paragraph.add_run(part).bold = n % 2 == 1
    out = io.BytesIO()
    document.save(out)
    return repack(out.getvalue(), when)


def build_xlsx(source: Source) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book, when = Workbook(), datetime.fromisoformat(source.meta["date"])
    book.remove(book.active)
    book.properties.title, book.properties.creator = source.meta["title"], source.meta.get("author", FIRM)
    book.properties.created = when
    sheet: Any = None
    for block in source.blocks:
        if block.kind == "h1" or sheet is None:
            sheet = book.create_sheet(block.text[:31] if block.kind == "h1" else "Sheet1")
        if block.kind in ("para", "item", "h2", "h3"):
            sheet.append([plain(block.text)])
        for n, row in enumerate(block.rows):
            values = [(float(c) if "." in c else int(c)) if NUMBER.match(c) else plain(c) for c in row]
            sheet.append(values)
            for cell in sheet[sheet.max_row]:
                cell.font = Font(bold=n == 0)
                letter = sheet.column_dimensions[cell.column_letter]
                letter.width = max(letter.width, min(60, len(str(cell.value or "")) + 2))
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue(), when)


def build_html(source: Source) -> bytes:
    title = html.escape(source.meta["title"])
    parts = ["<!doctype html>", '<html lang="en">', f'<head><meta charset="utf-8"><title>{title}</title></head>']
    parts += ["<body>", f"<h1>{title}</h1>", f"<p>{html.escape(byline(source))}</p>"]
    for n, block in enumerate(source.blocks):
        if block.kind == "table":
            parts.append("<table>")
            for at, row in enumerate(block.rows):
                tag = "td" if at else "th"
                parts.append("<tr>" + "".join(f"<{tag}>{marked_up(c)}</{tag}>" for c in row) + "</tr>")
            parts.append("</table>")
        elif block.kind == "item":
            if source.blocks[n - 1].kind != "item":
                parts.append("<ul>")
            parts.append(f"<li>{marked_up(block.text)}</li>")
            if n + 1 == len(source.blocks) or source.blocks[n + 1].kind != "item":
                parts.append("</ul>")
        elif block.kind != "break":
            tag = {"h1": "h2", "h2": "h3", "h3": "h4"}.get(block.kind, "p")
            parts.append(f"<{tag}>{marked_up(block.text)}</{tag}>")
    return "\n".join([*parts, "</body>", "</html>", ""]).encode()


def build_md(source: Source) -> bytes:
    body = source.body.replace("\\pagebreak\n", "")
    return f"# {source.meta['title']}\n\n{byline(source)}\n\n{body}".encode()


def build_eml(source: Source) -> bytes:
    meta, message = source.meta, EmailMessage(policy=email_policy)
    when = datetime.fromisoformat(meta["date"])
    message["From"], message["To"] = meta.get("from", meta.get("author", FIRM)), meta.get("to", FIRM)
    message["Subject"] = meta.get("subject", meta["title"])
    message["Date"] = f"{when:%a, %d %b %Y %H:%M:%S} +0000"
    slug = re.sub(r"[^a-z0-9]+", "-", meta["title"].lower()).strip("-")
    message["Message-ID"] = f"<{slug}@thornquay.example>"
    message.set_content(plain(re.sub(r"^#+ ", "", source.body, flags=re.M)), cte="8bit")
    return bytes(message)


BUILDERS = {f.__name__[6:]: f for f in (build_pdf, build_docx, build_xlsx, build_html, build_md, build_eml)}
