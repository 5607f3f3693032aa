"""Parsing in a process of its own: a hostile file can crash or hang that process, not the service.

The child is `python -m ingest.reading.worker`; how both sides speak is in `ingest.reading.child`.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import fields
from queue import LifoQueue
from typing import Any

from ingest.errors import DamagedFile, IngestError, ParseTimeout
from ingest.parsers.ocr.engine import Choice
from ingest.reading.child import read_frame, spawn, write_frame
from ingest.types import (
    Box,
    Definition,
    Element,
    ElementKind,
    FileWarning,
    Grid,
    LineBox,
    PageInfo,
    PageSource,
    ParsedFile,
    Part,
    WarningKind,
)

PAGE_BEGINS, PAGE_ENDS = b"page", b"read"  # told before and after a page is recognised
MOST_PARSERS = 4  # each may take some GiB for a scan, and embedding keeps the other cores busy
_MOST_PAGES = 10_000
_GRACE_S = 15.0  # the child itself gives a page up first; this is for one that does not come to that
_KINDS: list[type[IngestError]] = [IngestError, *IngestError.__subclasses__()]
_ERRORS = {kind.code: kind for kind in _KINDS}


class IsolatedParser:
    """`ingest.parsers.parse` in a child process with time limits in seconds and a memory limit in bytes.

    `timeout_s`: for the file, without the pages that have to be recognised, each of which has `page_s` of its own. A
    file of text has `text_s` of CPU time and three times as much for each MiB, so that a small one cannot keep a
    process busy for long.
    `ocr`: which engine recognises them.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 120.0,
        page_s: float = 240.0,
        text_s: float = 20.0,
        memory_bytes: int = 4 << 30,
        ocr: Choice = "auto",
    ) -> None:
        self._timeout_s = timeout_s
        self._page_s, self._text_s = page_s, text_s
        self._memory_bytes = memory_bytes
        self._ocr = ocr
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `IngestError`, whatever the file does to the parser."""
        with self._lock:
            child = self._started()
            alarm = _Alarm(child, self._timeout_s, self._page_s + _GRACE_S)
            try:
                if self._closed.is_set():  # since the child was started, perhaps
                    child.kill()
                assert child.stdin
                assert child.stdout
                write_frame(child.stdin, name.encode("utf-8", "replace"))
                write_frame(child.stdin, data)
                while (reply := read_frame(child.stdout)) in (PAGE_BEGINS, PAGE_ENDS):
                    alarm.page(begins=reply == PAGE_BEGINS)
                return _result(json.loads(reply))
            except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
                self._stop()
                if child.returncode == -signal.SIGXCPU:
                    raise _timed_out("a text of its size may") from error
                raise _timed_out(f"{self._timeout_s:g} s") if alarm.rang else _crashed() from error
            finally:
                alarm.cancel()

    def close(self) -> None:
        """Ends the child for good, in the middle of a file too, which is then a `DamagedFile`."""
        self._closed.set()
        if child := self._child:
            child.kill()
        with self._lock:
            self._stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            arguments = self._memory_bytes, self._ocr, self._page_s, self._text_s
            self._child = spawn("ingest.reading.worker", *arguments)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


class ParserPool:
    """Several isolated parsers: as many files are parsed at once, each in a process of its own."""

    def __init__(self, parsers: Sequence[IsolatedParser]) -> None:
        self._parsers = tuple(parsers)
        self._free: LifoQueue[IsolatedParser] = LifoQueue()  # the one that was used last is warm
        for parser in self._parsers:
            self._free.put(parser)

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `IngestError`; waits for a process that is free."""
        parser = self._free.get()
        try:
            return parser.parse(data, name)
        finally:
            self._free.put(parser)

    def close(self) -> None:
        for parser in self._parsers:
            parser.close()


class _Alarm:
    """Kills the child when the file has taken its time, or one page that is being recognised has taken its own.

    Only so many pages have time of their own that a child which makes them up comes to its end.
    """

    def __init__(self, child: subprocess.Popen[bytes], file_s: float, page_s: float) -> None:
        self._child, self._file_s, self._page_s = child, file_s, page_s
        self._pages = 0
        self._own = False  # whether the time that runs is a page's
        self.rang = False
        self._set(file_s)

    def page(self, *, begins: bool) -> None:
        self.cancel()
        if not self._own:
            self._file_s -= time.monotonic() - self._since
        self._pages += begins
        self._own = begins and self._pages <= _MOST_PAGES
        self._set(self._page_s if self._own else self._file_s)

    def cancel(self) -> None:
        self._timer.cancel()

    def _set(self, seconds: float) -> None:
        self._since = time.monotonic()
        self._timer = threading.Timer(max(0.0, seconds), self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        self.rang = True
        self._child.kill()


def pack(parsed: ParsedFile) -> dict[str, Any]:
    """A parsed file as JSON values."""
    return {
        "title": parsed.title,
        "media_type": parsed.media_type,
        "page_count": parsed.page_count,
        "elements": [_packed(element) for element in parsed.elements],
        "warnings": [_values(warning) for warning in parsed.warnings],
        "pages": [_values(page) for page in parsed.pages],
        "parts": [[part.name, base64.b64encode(part.data).decode()] for part in parsed.parts],
    }


def _packed(element: Element) -> list[Any]:
    lines = [[line.start, line.end, line.confidence, *_numbers(line.box)] for line in element.lines]
    grid = element.grid and _values(element.grid)
    warnings = [_values(warning) for warning in element.warnings]
    return [
        element.kind,
        element.text,
        element.level,
        element.page,
        lines,
        warnings,
        grid,
        element.author,
        element.date,
        [_values(one) for one in element.definitions],
    ]


def unpack(values: dict[str, Any]) -> ParsedFile:
    """The parsed file that `pack` was given."""
    return ParsedFile(
        values["title"],
        values["media_type"],
        tuple(_unpacked(*element) for element in values["elements"]),
        values["page_count"],
        tuple(_warning(*warning) for warning in values["warnings"]),
        tuple(PageInfo(number, PageSource(source), *rest) for number, source, *rest in values["pages"]),
        tuple(Part(name, base64.b64decode(data)) for name, data in values["parts"]),
    )


def _unpacked(
    kind: str,
    text: str,
    level: int,
    page: int | None,
    lines: Any,
    warnings: Any,
    grid: Any,
    author: str,
    date: str,
    definitions: Any,
) -> Element:
    return Element(
        ElementKind(kind),
        text,
        level,
        page,
        tuple(LineBox(start, end, Box(*box), confidence) for start, end, confidence, *box in lines),
        tuple(_warning(*warning) for warning in warnings),
        Grid(grid[0], tuple(grid[1]), tuple(grid[2])) if grid else None,
        author,
        date,
        tuple(Definition(*one) for one in definitions),
    )


def _warning(kind: str, *rest: Any) -> FileWarning:
    return FileWarning(WarningKind(kind), *rest)


def _values(value: FileWarning | PageInfo | Grid | Definition) -> list[Any]:
    return [getattr(value, field.name) for field in fields(value)]


def _result(reply: dict[str, Any]) -> ParsedFile:
    """The child's reply: a parsed file, or the `IngestError` that it met."""
    if "error" in reply:
        raise _ERRORS[reply["error"]](str(reply["message"]))
    return unpack(reply)


def _numbers(box: Box) -> tuple[float, ...]:
    return (box.page, round(box.x0, 2), round(box.y0, 2), round(box.x1, 2), round(box.y1, 2))


def _timed_out(most: str) -> ParseTimeout:
    return ParseTimeout(
        f"Reading the file took longer than {most} and was stopped. "
        "Split it into smaller files, or save it again from its program."
    )


def _crashed() -> DamagedFile:
    return DamagedFile(
        "The file broke the parser (it crashed or ran out of memory). Open it in its program, save it again, and retry."
    )
