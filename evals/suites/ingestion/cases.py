"""Small files that tools like this one read wrongly: is what we store right, or at least told to be unsure?

Files and the words that they must give are two things: the files are read from a folder, the words are in `cases.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources import files
from typing import Any

from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.types import Chunk, Document, ParsedFile


class Verdict(StrEnum):
    RIGHT = "right"
    WARNED = "warned"  # wrong, and said so
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Expected:
    """What one file must give; the keys of `cases.toml`."""

    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    headers: str = ""
    titled: str = ""
    labels: tuple[str, ...] = ()
    uncut: str = ""
    warned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`faults` says what is not as it must be; `warnings` the kinds that the file was warned with."""

    name: str
    verdict: Verdict
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def expected() -> Mapping[str, Expected]:
    """By file name."""
    table = tomllib.loads(files(__package__).joinpath("cases.toml").read_text(encoding="utf-8"))["case"]
    return {name: _expected(values) for name, values in table.items()}


def _expected(values: Mapping[str, Any]) -> Expected:
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    lists["counts"] = tuple((pattern, count) for pattern, count in values.get("counts", ()))
    return Expected(**lists | {"warned": frozenset(values.get("warned", ()))})


def judged(name: str, data: bytes, wanted: Expected, chunker: StructureChunker) -> Outcome:
    """What became of one file. A refusal with a reason is a warning where the words may be lacking."""
    try:
        parsed = parse(data, name)
    except IngestError as error:
        return Outcome(name, Verdict.WARNED if wanted.warned else Verdict.WRONG, (str(error),), (error.code,))
    document = assemble(parsed, source=name, content_sha256="")
    kinds = tuple(sorted({warning.kind.value for warning in document.warnings}))
    faults = tuple(_faults(wanted, parsed, document, chunker.chunks(document)))
    if not faults:
        return Outcome(name, Verdict.RIGHT, (), kinds)
    loud = bool(wanted.warned & set(kinds)) and not any(fault.startswith("holds ") for fault in faults)
    return Outcome(name, Verdict.WARNED if loud else Verdict.WRONG, faults, kinds)


def _faults(wanted: Expected, parsed: ParsedFile, document: Document, chunks: Sequence[Chunk]) -> Iterator[str]:
    yield from _words(wanted, document)
    if wanted.titled and document.title != wanted.titled:
        yield f"is titled {document.title!r}"
    if wanted.labels and tuple(page.label for page in parsed.pages) != wanted.labels:
        yield f"has the page labels {[page.label for page in parsed.pages]}"
    if wanted.uncut and not any(wanted.uncut in chunk.text for chunk in chunks):
        yield f"cuts {wanted.uncut!r}"
    bare = [chunk.ordinal for chunk in chunks if " | " in chunk.text and not _headed(chunk, wanted.headers)]
    if bare:
        yield f"chunks {bare} are without their header"


def _words(wanted: Expected, document: Document) -> Iterator[str]:
    position = 0
    for pattern in wanted.holds:
        match = re.compile(pattern).search(document.text, position)
        if match is None:
            yield f"lacks {pattern!r}" + (" in this order" if re.search(pattern, document.text) else "")
        else:
            position = match.end()
    for pattern in wanted.lacks:
        if re.search(pattern, f"{document.title}\n\n{document.text}"):
            yield f"holds {pattern!r}"
    for pattern, count in wanted.counts:
        if (found := len(re.findall(pattern, document.text))) != count:
            yield f"has {pattern!r} {found} times, not {count}"


def _headed(chunk: Chunk, header: str) -> bool:
    return bool(re.search(header, f"{chunk.table_header}\n{chunk.text}"))
