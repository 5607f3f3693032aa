"""Files out of the shared contracts: a stretch of one each, its figures changed, so that no two are alike."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from api.terminal import UsageError

CHARS = 5_000  # of a file: two pages or so
_FIGURE = re.compile(r"\d+")
_PAGES = 12  # of a contract that are looked at


def letters(data: Path, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of plain text files, the same ones every time. Raises `UsageError` without contracts."""
    texts = list(_contracts(data))
    if not texts:
        raise UsageError(f"{data} must hold cuad/pdf (see docs/benchmarks.md).")
    for number in range(count):
        drawn = random.Random(f"{seed} {number}")
        name, text = texts[number % len(texts)]
        start = drawn.randrange(max(len(text) - CHARS, 1))
        yield (
            f"{number:04} {name}.txt",
            f"COUNTERPART {number}\n\n{_moved(text[start : start + CHARS], number)}\n".encode(),
        )


def _moved(text: str, by: int) -> str:
    """With every figure so much larger."""
    return _FIGURE.sub(lambda found: str((int(found[0][:9]) + by) % 10**9), text)


def _contracts(data: Path) -> Iterator[tuple[str, str]]:
    import pypdfium2

    for path in sorted((data / "cuad" / "pdf").glob("*.[pP][dD][fF]")):
        with pypdfium2.PdfDocument(path) as pdf:
            pages = [pdf[page].get_textpage().get_text_bounded() for page in range(min(len(pdf), _PAGES))]
        text = "\n\n".join(pages).replace("\r\n", "\n").replace("\0", "")
        if len(text) > CHARS:
            yield path.stem[:60], text
