"""Ordinary files: how many are warned, and are the passages that people labelled in them in the text?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.parsers.ocr.page import Recogniser, recogniser, use

_BLANKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One file. `warnings`: kind and page of each; `letters`: its letters and digits; `error`: why it was refused."""

    name: str
    pages: int = 0
    warnings: tuple[tuple[str, int | None], ...] = ()
    letters: str = ""
    error: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.warnings)


@contextmanager
def unrecognised() -> Iterator[None]:
    """Pictures are left unread, as recognition takes seconds a page and depends on what is installed."""
    usual = recogniser()
    use(Recogniser("off"))
    try:
        yield
    finally:
        use(usual)


def found_in(path: Path) -> Found:
    try:
        parsed = parse(path.read_bytes(), path.name)
    except IngestError as error:
        return Found(path.name, error=str(error))
    warnings = [(one.kind.value, one.page) for one in parsed.warnings]
    warnings += [(one.kind.value, one.page or e.page) for e in parsed.elements for one in e.warnings]
    text = "\n".join(element.text for element in parsed.elements)
    return Found(path.name, parsed.page_count or 0, tuple(dict.fromkeys(warnings)), letters(text))


def letters(text: str) -> str:
    """Letters and digits alone, in one case: line breaks, blanks and hyphens are not what is asked about."""
    return _BLANKS.sub("", text).casefold()


def passages(qa: Path) -> Sequence[tuple[str, str]]:
    """File and words of each passage that people labelled (CUAD v1, arXiv 2103.06268, as `qa.jsonl` has it)."""
    rows = (json.loads(line) for line in qa.read_text(encoding="utf-8").splitlines() if line.strip())
    return [(row["pdf"], one["text"]) for row in rows if row["answerable"] for one in row["evidence"]]


def missing(wanted: Sequence[tuple[str, str]], texts: Mapping[str, str], first: int | None) -> list[tuple[str, str]]:
    """The passages whose `first` letters and digits, or all for None, are not in the text of their file."""
    return [(name, words) for name, words in wanted if letters(words)[:first] not in texts.get(name, "")]
