"""The restricted Markdown in which the sample documents are written (see build.py)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

FIRM = "Thornquay Medical Ltd"


@dataclass
class Block:
    """One piece of a document: kind is h1, h2, h3, para, item, table or break."""

    kind: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Source:
    meta: dict[str, str]
    body: str
    blocks: list[Block]


def parse(path: Path) -> Source:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    meta = {k.strip(): v.strip() for k, v in (line.split(":", 1) for line in head.splitlines() if ":" in line)}
    blocks: list[Block] = []
    open_block: Block | None = None  # a paragraph or list item that the next line may continue
    for raw in body.splitlines():
        line = raw.strip()
        heading = re.match(r"^(#{1,3}) (.+)$", line)
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not (blocks and blocks[-1].kind == "table" and open_block is blocks[-1]):
                blocks.append(Block("table"))
                open_block = blocks[-1]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                blocks[-1].rows.append(cells)
        elif not line:
            open_block = None
        elif line == "\\pagebreak":
            blocks.append(Block("break"))
            open_block = None
        elif heading:
            blocks.append(Block(f"h{len(heading[1])}", heading[2]))
            open_block = None
        elif line.startswith("- "):
            open_block = Block("item", line[2:])
            blocks.append(open_block)
        elif open_block is not None and open_block.kind in ("para", "item"):
            open_block.text += " " + line
        else:
            open_block = Block("para", line)
            blocks.append(open_block)
    return Source(meta, body.strip() + "\n", blocks)


def plain(text: str) -> str:
    return text.replace("**", "")


def marked_up(text: str) -> str:
    """HTML-escaped, with **bold** as <b>: both reportlab and browsers read it."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text, quote=False))


def byline(source: Source) -> str:
    return f"{source.meta.get('author', FIRM)} - {source.meta['date']}"
