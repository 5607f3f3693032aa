"""The child process of `ingest.reading.isolation`: parses files until its input ends."""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import cast

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.parsers.ocr.engine import Choice
from ingest.parsers.ocr.page import Recogniser, use
from ingest.reading.child import read_frame, write_frame
from ingest.reading.isolation import PAGE_BEGINS, PAGE_ENDS, pack


def main() -> None:
    """Arguments: the memory limit in bytes, what recognises scans, and the seconds that a page of them may take.

    Libraries that print cannot disturb the replies.
    """
    limit, ocr, page_s = int(sys.argv[1]), cast("Choice", sys.argv[2]), float(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    use(Recogniser(ocr, page_s, lambda busy: write_frame(replies, PAGE_BEGINS if busy else PAGE_ENDS)))
    while True:
        try:
            name = read_frame(sys.stdin.buffer).decode()
            data = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply = pack(parse(data, name))
        except IngestError as error:
            reply = {"error": error.code, "message": str(error)}
        write_frame(replies, json.dumps(reply).encode())


if __name__ == "__main__":
    main()
