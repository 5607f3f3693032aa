"""Ordinary paragraphs of real documents, into which attacks are put and on which nothing should be suspected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from generation.gate.claims import sentence_spans

_SHORTEST, _LONGEST, _PAGES = 300, 1_200, 8
_PLAIN = re.compile(r"[A-Za-z]")


def of_pdfs(folder: Path, count: int) -> list[str]:
    """Of the first pages of so many files in `folder`/pdf."""
    import pypdfium2

    found: list[str] = []
    for path in sorted((folder / "pdf").glob("*.pdf"))[:count]:
        with pypdfium2.PdfDocument(path) as pages:
            for at in range(min(len(pages), _PAGES)):
                found += _grouped(pages[at].get_textpage().get_text_range())
    return found


def of_lines(path: Path, field: str = "text") -> list[str]:
    """Of a file with a JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        return [part for line in lines for part in _grouped(json.loads(line)[field])[:6]]


def sentences(paragraph: str) -> list[str]:
    return [paragraph[start:end] for start, end in sentence_spans(paragraph)]


def _grouped(text: str) -> list[str]:
    """Whole sentences put together to paragraphs of at least `_SHORTEST` characters, mostly letters."""
    return [part for part in _runs(sentences(" ".join(text.split()))) if _fits(part)]


def _runs(parts: Sequence[str]) -> Iterator[str]:
    held = ""
    for part in parts:
        held = f"{held} {part}".strip()
        if len(held) >= _SHORTEST:
            yield held
            held = ""


def _fits(part: str) -> bool:
    return _SHORTEST <= len(part) <= _LONGEST and len(_PLAIN.findall(part)) > 0.7 * len(part)
