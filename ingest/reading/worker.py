"""The child process of `ingest.reading.isolation`: parses files until its input ends."""

from __future__ import annotations

import json
import os
import resource
import sys

from ingest.errors import IngestError
from ingest.parsers import parse
from ingest.reading.isolation import pack, read_frame, write_frame


def main() -> None:
    """Takes the memory limit in bytes as its argument. Libraries that print cannot disturb the replies."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
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
