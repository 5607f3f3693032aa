"""Small Word files out of the words of real contracts, no two alike."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path

from ingest.errors import IngestError
from ingest.parsers import parse

_READ, _PARAGRAPHS, _LONGEST = 12, 12, 600
_SUFFIXES = {".pdf", ".txt", ".docx"}


def paragraphs(data: Path) -> list[str]:
    """Of the smallest files of a folder; raises `ValueError` if there are too few."""
    files = [path for path in data.rglob("*") if path.suffix.lower() in _SUFFIXES]
    found: list[str] = []
    for path in sorted(files, key=lambda path: (path.stat().st_size, path.name))[:_READ]:
        try:
            parsed = parse(path.read_bytes(), path.name)
        except IngestError:
            continue
        found += [text for element in parsed.elements if len(text := " ".join(element.text.split())) > 80]
    if len(found) < _PARAGRAPHS:
        raise ValueError(f"{data} holds too few paragraphs: give a folder of contracts (.pdf, .docx, .txt).")
    return [text[:_LONGEST] for text in found]


def write(folder: Path, number: int, texts: Sequence[str], edition: int = 1) -> Path:
    """The file of this number; another edition has other words."""
    from docx import Document

    drawn = random.Random(f"{number} {edition}")
    made = Document()
    made.add_heading(f"Agreement {number:05} ({edition})", 1)
    for text in drawn.sample(texts, min(_PARAGRAPHS, len(texts))):
        words = text.split()
        words[drawn.randrange(len(words))] = f"Party{drawn.randrange(10**6)}"
        made.add_paragraph(" ".join(words))
    path = folder / f"{number % 20:02}" / f"agreement-{number:05}.docx"
    path.parent.mkdir(parents=True, exist_ok=True)
    held = io.BytesIO()
    made.save(held)
    path.write_bytes(held.getvalue())
    return path
