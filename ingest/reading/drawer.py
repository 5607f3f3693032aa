"""The child process of `ingest.reading.rendering`: draws pages until its input ends."""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from ingest.errors import IngestError, PageError
from ingest.reading.child import read_frame, write_frame
from ingest.reading.drawing import Opened


class Desk:
    """The file that was asked for last stays open: its other pages are asked for next."""

    def __init__(self) -> None:
        self._file: Opened | None = None

    def answer(self, asked: dict[str, Any], data: bytes) -> bytes:
        """A PNG of the `page` that is asked for; without one the sizes of all pages, as JSON. No `data`: of the same
        file as before."""
        media_type = asked.pop("media_type")
        if not asked.pop("held") or self._file is None:
            self._leave()
            self._file = Opened(data, media_type)
        if "page" in asked:
            return self._file.draw(**asked)
        return json.dumps(self._file.sizes()).encode()

    def _leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def main() -> None:
    """Argument: the memory limit in bytes. Libraries that print cannot disturb the replies."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    desk = Desk()
    while True:
        try:
            asked = json.loads(read_frame(sys.stdin.buffer))
            data = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply, found = {}, desk.answer(asked, data)
        except (IngestError, PageError) as error:
            reply, found = {"error": error.code, "message": str(error)}, b""
        write_frame(replies, json.dumps(reply).encode())
        write_frame(replies, found)


if __name__ == "__main__":
    main()
