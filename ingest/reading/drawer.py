"""The child process of `ingest.reading.rendering`: draws pages until its input ends."""

from __future__ import annotations

import json
import os
import resource
import sys

from ingest.errors import IngestError, PageError
from ingest.reading.child import read_frame, write_frame
from ingest.reading.drawing import draw


def main() -> None:
    """Argument: the memory limit in bytes. Libraries that print cannot disturb the replies."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            asked = json.loads(read_frame(sys.stdin.buffer))
            data = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply, picture = {}, draw(data, **asked)
        except (IngestError, PageError) as error:
            reply, picture = {"error": error.code, "message": str(error)}, b""
        write_frame(replies, json.dumps(reply).encode())
        write_frame(replies, picture)


if __name__ == "__main__":
    main()
