"""Pages drawn in processes of their own: a hostile file can crash or hang those, not the service.

The child is `python -m ingest.reading.drawer`. Not the one that parses: a scan may keep that busy for minutes.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, LifoQueue
from typing import TypeVar

from ingest.errors import NoPageImages, NoSuchPage, PageError, PageNotDrawn
from ingest.reading.child import read_frame, spawn, write_frame

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 64 << 20  # of a picture; the largest that is drawn is 48 MB before it is packed
_TOLD: dict[str, type[PageError]] = {kind.code: kind for kind in (NoPageImages, NoSuchPage)}
_BUSY = "Other pages are being drawn. Try again in a moment."
_MOST_OF_ONE = 200  # replies before a file is opened again: what the renderer remembers of it grows

Edges = tuple[float, float, float, float]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class PagedFile:
    """A file with pages. `read` is asked for its bytes where no process has it open."""

    sha256: str
    media_type: str
    read: Callable[[], bytes]


class PageRenderer:
    """Draws `count` pages at a time, each within `timeout_s` seconds and `memory_bytes`; who finds no process free
    within `timeout_s` is told so."""

    def __init__(self, *, count: int = 2, timeout_s: float = 20.0, memory_bytes: int = 2 << 30) -> None:
        self._timeout_s = timeout_s
        self._drawers = [_Drawer(timeout_s, memory_bytes) for _ in range(count)]
        self._free: LifoQueue[_Drawer] = LifoQueue()  # the one that was used last is warm
        for drawer in self._drawers:
            self._free.put(drawer)

    def render(self, file: PagedFile, page: int, boxes: Sequence[Edges], width: int) -> bytes:
        """A PNG, as `ingest.reading.drawing.Opened` makes it; raises `PageError`, whatever the file does."""
        return self._ask(file, {"page": page, "boxes": list(boxes), "width": width}, _picture)

    def sizes(self, file: PagedFile) -> tuple[tuple[float, float], ...]:
        """Width and height of every page as it is shown, in points; raises as `render` does."""
        return self._ask(file, {}, _sizes)

    def start(self) -> None:
        """Has the processes ready before a page is asked for; those that are in use are."""
        free = list[_Drawer]()
        with suppress(Empty):
            while True:
                free.append(self._free.get_nowait())
        for drawer in free:
            drawer.start()
            self._free.put(drawer)

    def _ask(self, file: PagedFile, asked: dict[str, object], read: Callable[[bytes], Found]) -> Found:
        try:
            drawer = self._free.get(timeout=self._timeout_s)
        except Empty as error:
            raise PageNotDrawn(_BUSY) from error
        try:
            return drawer.ask(file, asked, read)
        finally:
            self._free.put(drawer)

    def close(self) -> None:
        """Ends the processes for good, in the middle of a page too."""
        for drawer in self._drawers:
            drawer.close()


class _Drawer:
    """One process, started when there is something to draw; used by one thread at a time."""

    def __init__(self, timeout_s: float, memory_bytes: int) -> None:
        self._timeout_s, self._memory_bytes = timeout_s, memory_bytes
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._holds, self._asked = "", 0  # the file that the process has open, and how often it was asked of it

    def ask(self, file: PagedFile, asked: dict[str, object], read: Callable[[bytes], Found]) -> Found:
        """What the process replies; it is handed the file unless it has it open from before."""
        if self._closed:
            raise PageNotDrawn("The service is stopping.")
        child, rang = self.start(), threading.Event()
        held = self._holds == file.sha256 and self._asked < _MOST_OF_ONE
        data = b"" if held else file.read()
        self._holds, self._asked = "", self._asked + 1 if held else 1

        def ring() -> None:
            rang.set()
            child.kill()

        alarm = threading.Timer(self._timeout_s, ring)
        alarm.daemon = True
        alarm.start()
        try:
            assert child.stdin
            assert child.stdout
            write_frame(child.stdin, json.dumps({"media_type": file.media_type, "held": held} | asked).encode())
            write_frame(child.stdin, data)
            reply = json.loads(read_frame(child.stdout, 1 << 16))
            packed = read_frame(child.stdout, _MOST_BYTES)
            found = None if "error" in reply else read(packed)
        except (OSError, EOFError, ValueError, TypeError) as error:
            self._stop()
            raise PageNotDrawn(_late(self._timeout_s) if rang.is_set() else _BROKEN) from error
        finally:
            alarm.cancel()
        if found is None:
            raise _TOLD.get(reply["error"], PageNotDrawn)(str(reply["message"]))
        self._holds = file.sha256
        return found

    def close(self) -> None:
        self._closed = True
        if child := self._child:
            child.kill()
            child.wait()

    def start(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child, self._holds = spawn("ingest.reading.drawer", self._memory_bytes), ""
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _picture(packed: bytes) -> bytes:
    if not packed.startswith(_PNG):
        raise ValueError("no picture")
    return packed


def _sizes(packed: bytes) -> tuple[tuple[float, float], ...]:
    return tuple((float(across), float(down)) for across, down in json.loads(packed))


_BROKEN = "The page cannot be drawn: the file breaks the renderer. Read its text, or open the original."


def _late(seconds: float) -> str:
    return f"Drawing the page took longer than {seconds:g} s and was stopped. Read its text, or open the original."
