"""A child process that is handed files which are not trusted, and how both sides speak.

Frames of a 4-byte length and JSON or raw bytes; nothing that comes back is ever executed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO


def spawn(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    """`python -m module arguments`, its input and output piped."""
    # -P: nothing is imported from the working folder, which may hold the very files that are not trusted.
    command = [sys.executable, "-P", "-m", module, *map(str, arguments)]
    path = os.pathsep.join(part for part in sys.path if part)
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
    )


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """A length of 4 bytes, big-endian, and the bytes."""
    stream.write(len(data).to_bytes(4, "big"))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes], most: int = (1 << 32) - 1) -> bytes:
    """The next frame, of `most` bytes at most; raises `EOFError` if the stream ends before it does, or it is longer."""
    length = stream.read(4)
    size = int.from_bytes(length, "big")
    data = stream.read(size) if len(length) == 4 and size <= most else b""
    if len(length) < 4 or len(data) < size:
        raise EOFError
    return data
