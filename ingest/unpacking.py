"""Files in a file, as a mail's attachments: documents of their own under the outermost file's name and label."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ingest.errors import FileTooLarge, IngestError, NotAllowed
from ingest.protocols import Outcome
from ingest.storing import FileReport, Storing
from ingest.types import MAX_SOURCE_BYTES, PARSER_RULES, Author, Chunking, Part, document_id

MAX_PART_DEPTH = 2  # files in files
_OUTER = frozenset[str]()  # whatever is given, the store takes the outermost file's label
_NUMBERED, _EXTENSION, _LEAST = 16, 24, 64  # bytes of a name: for its number, of its extension, in any case
MAX_PARTS, MAX_PART_BYTES = 5_000, 1 << 30  # out of one file, at all depths together


@dataclass(slots=True)
class Within:
    """The files in one file: what is known of the outermost, and what has come out of it so far."""

    root: str
    date: str | None
    author: Author
    chunking: Chunking | None
    files: int = 0
    size: int = 0
    kept: set[str] = field(default_factory=set)
    untouched: set[str] = field(default_factory=set)


class Unpacker:
    """Goes through the files in a stored file, and those in them; one that fails never stops the rest."""

    def __init__(self, files: Storing, max_file_bytes: int) -> None:
        self._files = files
        self._max_file_bytes = max_file_bytes

    def inner(self, parts: Sequence[Part], source: str, within: Within) -> tuple[FileReport, ...]:
        """Ingests the files in a stored file; what came out of an older version and not of this one goes."""
        children = self._unpacked(parts, source, within, 1)
        kept, untouched = frozenset(within.kept), frozenset(within.untouched)
        pending = any(child.failed for child in children)
        self._files.store.settle(within.root, kept, untouched, author=within.author, pending=pending)
        return children

    def found_inside(self, source: str, parts: Sequence[Part], author: Author, chunking: Chunking | None) -> None:
        """The files in a stored file that is read again; those in a file inside another one come with that.
        `chunking`: how they are cut from now on; None: as before."""
        stored = self._files.store.find(source)
        if stored is not None and stored.parent is None:
            self.inner(parts, source, Within(stored.document_id, None, author, chunking))

    def _unpacked(self, parts: Sequence[Part], source: str, within: Within, depth: int) -> tuple[FileReport, ...]:
        """Ingests the files in a file; one that fails never stops the rest."""
        reports = []
        left = max(MAX_SOURCE_BYTES - _NUMBERED - len(source.encode()) - 1, 0)
        most = max(left // max(MAX_PART_DEPTH + 1 - depth, 1), _LEAST)  # as much is left for those inside
        for name, part in zip(_names(parts, most), parts, strict=True):
            inner = f"{source}/{name}"
            try:
                reports.append(self._part(part, inner, within, depth))
            except (IngestError, NotAllowed) as error:
                reports.append(
                    FileReport(inner, Outcome.FAILED, document_id(inner), code=error.code, reason=str(error))
                )
        return tuple(reports)

    def _part(self, part: Part, source: str, within: Within, depth: int) -> FileReport:
        within.files += 1
        within.size += len(part.data)
        name = PurePosixPath(part.name).name or part.name
        if depth > MAX_PART_DEPTH:
            raise FileTooLarge(f"{name} lies in more than {MAX_PART_DEPTH} files. Save it on its own and send it.")
        if within.files > MAX_PARTS or within.size > MAX_PART_BYTES or len(part.data) > self._max_file_bytes:
            raise FileTooLarge(f"{name}: there is too much in the file that holds it. Split that, or send this alone.")
        started = time.perf_counter()
        stored = self._files.store.find(source)
        mine = stored is not None and stored.parent == within.root
        digest = hashlib.sha256(part.data).hexdigest()
        known = stored if mine and stored and stored.content_sha256 == digest else None
        if known is not None:
            within.kept.add(source)
            within.untouched.add(source)  # also if it cannot be read this time
            if within.chunking is None and not known.pending and known.parser_rules >= PARSER_RULES:
                return FileReport(source, Outcome.UNCHANGED, known.document_id, known.version)
        parsed = self._files.parsed(part.data, name)
        within.untouched.discard(source)
        again = self._files.reread(known, within.author, within.chunking) if known and within.chunking else None
        if known is not None and (again or within.chunking in (None, known.chunking)):
            report = self._files.known(known, source, known.allow, started, within.author, None, again)
        else:
            report = self._files.stored(
                parsed, part.data, name, source, stored, _OUTER, within.date,
                author=within.author, manage=None, chunking=within.chunking, parent=within.root,
            )  # fmt: skip
        within.kept.add(source)
        children = self._unpacked(parsed.parts, source, within, depth + 1)
        if parsed.parts:  # what is left of it is known at the end, when the outermost file is settled
            pending = any(child.failed for child in children)
            self._files.store.settle(
                report.document_id, frozenset(), frozenset(), author=within.author, pending=pending
            )
        return replace(report, children=children, seconds=round(time.perf_counter() - started, 3))


def _names(parts: Sequence[Part], most: int) -> list[str]:
    """A name for each part that no other one has: a second "a.pdf" is "a (2).pdf". No name leads out of its file, or is
    over `most` bytes, but for such a number."""
    taken: set[str] = set()
    names = []
    for part in parts:
        steps = [step for step in part.name.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        plain = PurePosixPath(_short("/".join(steps) or "part", most))
        name, number = str(plain), 1
        while name in taken:
            number += 1
            name = str(plain.with_name(f"{plain.stem} ({number}){plain.suffix}"))
        taken.add(name)
        names.append(name)
    return names


def _short(name: str, most: int) -> str:
    """Where it is too long, its beginning and its extension, with a digest between that no other name has."""
    told = name.encode(errors="replace")
    if len(told) <= most:
        return name
    extension = PurePosixPath(name).suffix
    end = f"~{hashlib.sha256(told).hexdigest()[:12]}{extension if len(extension.encode()) <= _EXTENSION else ''}"
    return told[: most - len(end.encode())].decode(errors="ignore") + end
