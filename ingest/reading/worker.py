"""The child process of `ingest.reading.isolation`: parses files until its input ends."""

from __future__ import annotations

import json
import math
import os
import resource
import sys
from typing import cast

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.parsers.ocr.engine import Choice
from ingest.parsers.ocr.page import Recogniser, use
from ingest.reading.child import read_frame, write_frame
from ingest.reading.detect import is_text, media_type
from ingest.reading.isolation import PAGE_BEGINS, PAGE_ENDS, pack


def main() -> None:
    """Arguments: the memory limit in bytes, what recognises scans, the seconds that a page of them may take, and those
    of CPU time that a text may.

    Libraries that print cannot disturb the replies.
    """
    limit, ocr = int(sys.argv[1]), cast("Choice", sys.argv[2])
    page_s, text_s = map(float, sys.argv[3:5])
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
        _limit(data, name, text_s)
        try:
            reply = pack(parse(data, name))
        except IngestError as error:
            reply = {"error": error.code, "message": str(error)}
        write_frame(replies, json.dumps(reply).encode())


def _limit(data: bytes, name: str, text_s: float) -> None:
    """Ends this process (SIGXCPU) once it has used as much CPU time as a file of text may take; others, in which a page
    may be a picture, have the time of the clock alone."""
    most = resource.RLIM_INFINITY
    try:
        if is_text(media_type(data, name)):
            used = resource.getrusage(resource.RUSAGE_SELF)
            most = math.ceil(used.ru_utime + used.ru_stime + text_s * (1 + 3 * len(data) / (1 << 20)))
    except IngestError:
        pass  # parsing tells it
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
