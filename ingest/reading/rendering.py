"""Pages drawn in processes of their own: a hostile file can crash or hang those, not the service.

The child is `python -m ingest.reading.drawer`. Not the one that parses: a scan may keep that busy for minutes.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from queue import Empty, LifoQueue

from ingest.errors import NoPageImages, NoSuchPage, PageError, PageNotDrawn
from ingest.reading.child import read_frame, spawn, write_frame

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 64 << 20  # of a picture; the largest that is drawn is 48 MB before it is packed
_TOLD: dict[str, type[PageError]] = {kind.code: kind for kind in (NoPageImages, NoSuchPage)}
_BUSY = "Other pages are being drawn. Try again in a moment."

Edges = tuple[float, float, float, float]


class PageRenderer:
    """Draws `count` pages at a time, each within `timeout_s` seconds and `memory_bytes`; who finds no process free
    within `timeout_s` is told so."""

    def __init__(self, *, count: int = 2, timeout_s: float = 20.0, memory_bytes: int = 2 << 30) -> None:
        self._timeout_s = timeout_s
        self._drawers = [_Drawer(timeout_s, memory_bytes) for _ in range(count)]
        self._free: LifoQueue[_Drawer] = LifoQueue()  # the one that was used last is warm
        for drawer in self._drawers:
            self._free.put(drawer)

    def render(self, data: bytes, media_type: str, page: int, boxes: Sequence[Edges], width: int) -> bytes:
        """A PNG, as `ingest.reading.drawing.draw` makes it; raises `PageError`, whatever the file does."""
        try:
            drawer = self._free.get(timeout=self._timeout_s)
        except Empty as error:
            raise PageNotDrawn(_BUSY) from error
        try:
            asked = {"media_type": media_type, "page": page, "boxes": list(boxes), "width": width}
            return drawer.draw(json.dumps(asked).encode(), data)
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

    def draw(self, asked: bytes, data: bytes) -> bytes:
        if self._closed:
            raise PageNotDrawn("The service is stopping.")
        child, rang = self._started(), threading.Event()

        def ring() -> None:
            rang.set()
            child.kill()

        alarm = threading.Timer(self._timeout_s, ring)
        alarm.daemon = True
        alarm.start()
        try:
            assert child.stdin
            assert child.stdout
            write_frame(child.stdin, asked)
            write_frame(child.stdin, data)
            reply = json.loads(read_frame(child.stdout, 1 << 16))
            picture = read_frame(child.stdout, _MOST_BYTES)
            if "error" not in reply and not picture.startswith(_PNG):
                raise ValueError("no picture")
        except (OSError, EOFError, ValueError, TypeError) as error:
            self._stop()
            raise PageNotDrawn(_late(self._timeout_s) if rang.is_set() else _BROKEN) from error
        finally:
            alarm.cancel()
        if "error" in reply:
            raise _TOLD.get(reply["error"], PageNotDrawn)(str(reply["message"]))
        return picture

    def close(self) -> None:
        self._closed = True
        if child := self._child:
            child.kill()
            child.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = spawn("ingest.reading.drawer", self._memory_bytes)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


_BROKEN = "The page cannot be drawn: the file breaks the renderer. Read its text, or open the original."


def _late(seconds: float) -> str:
    return f"Drawing the page took longer than {seconds:g} s and was stopped. Read its text, or open the original."
