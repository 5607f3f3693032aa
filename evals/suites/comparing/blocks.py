"""Real documents as blocks of words, from which versions are made."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.terminal import UsageError
from ingest.chunking import assemble
from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.types import ElementKind, FactKind

_LEAST, _MOST = 12_000, 120_000  # characters of a document
_BYTES = 400_000  # of a contract's file
_PAGES = 12  # of a filing
_FILINGS = 6  # one in so many documents


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph or list item (0), or a table (-1), a row a line."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    name: str
    blocks: tuple[Block, ...]
    parties: tuple[str, ...]


def originals(data: Path, count: int, seed: int) -> Iterator[Original]:
    """Contracts, and the first pages with tables of filings, in an order that the seed decides."""
    contracts = [path for path in _pdfs(data / "cuad" / "pdf") if path.stat().st_size <= _BYTES]
    filings = _pdfs(data / "filings" / "pdf")
    if not contracts or not filings:
        raise UsageError(f"{data} holds no cuad/pdf or no filings/pdf: give the folder of public data with --data.")
    chance = random.Random(seed)
    chance.shuffle(contracts)
    chance.shuffle(filings)
    made = 0
    while made < count and (contracts or filings):
        filed = bool(filings) and (made % _FILINGS == _FILINGS - 1 or not contracts)
        path = (filings if filed else contracts).pop()
        found = _read(path, _excerpt(path, chance) if filed else path.read_bytes())
        if found is not None:
            made += 1
            yield found


def _pdfs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() == ".pdf")


def _excerpt(path: Path, chance: random.Random) -> bytes:
    """Pages in a row out of the middle."""
    from pypdf import PdfReader, PdfWriter

    pages = PdfReader(path).pages
    first = chance.randrange(max(1, len(pages) * 2 // 3 - _PAGES))
    writer = PdfWriter()
    for page in list(pages)[first : first + _PAGES]:
        writer.add_page(page)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def _read(path: Path, data: bytes) -> Original | None:
    try:
        document = assemble(parse(data, path.name), source=path.name, content_sha256="")
    except IngestError:
        return None
    if not _LEAST <= len(document.text) <= _MOST:
        return None
    blocks = [_block(placed.element.kind, placed.element.level, placed.element.text) for placed in document.elements]
    parties = {fact.value for fact in document.facts if fact.kind is FactKind.PARTY}
    return Original(path.name, tuple(block for block in blocks if block.text), tuple(sorted(parties)))


def _block(kind: ElementKind, level: int, text: str) -> Block:
    if kind is ElementKind.TABLE:
        return Block(text, -1)
    words = re.sub(r"\s+", " ", text).strip()
    if kind is ElementKind.TITLE:
        return Block(words, 1)
    return Block(words, level if kind is ElementKind.HEADING else 0)


def clauses(blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """Runs of blocks [first, last): a heading with what stands under it, up to a heading as high."""
    found = []
    for first, block in enumerate(blocks):
        if block.level <= 0:
            continue
        last = first + 1
        while last < len(blocks) and (blocks[last].level <= 0 or blocks[last].level > block.level):
            last += 1
        words = sum(len(one.text) for one in blocks[first + 1 : last])
        tables = any(one.level < 0 for one in blocks[first:last])
        if 200 <= words <= 2_500 and not tables and last - first <= 8:
            found.append((first, last))
    return found
