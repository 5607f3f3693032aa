"""What the child processes of `ModelServer` have in common: they end with their parent, and say what goes wrong.

What a person should know is written to stderr behind `MARK`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from infra.llm.server import MARK
from infra.priority import ANSWERS, process_gives_way

EXIT_MODEL, EXIT_PROGRAM, EXIT_MEMORY, EXIT_DISK = 10, 11, 12, 13
_PR_SET_PDEATHSIG = 1
_SPARE_BYTES = 256 << 20


def attached(parent: int) -> str:
    """Ends this process with its parent from now on, and lets searches go first; returns the API key, the first line of
    stdin."""
    die_with_parent(parent)
    process_gives_way(ANSWERS)
    key = sys.stdin.readline().strip()
    threading.Thread(target=_exit_at_eof, name="parent-watch", daemon=True).start()
    return key


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the parent's thread that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(0)


def fail(code: int, message: str) -> NoReturn:
    """Ends this process with a message for a person."""
    say(message)
    os._exit(code)


def say(message: str) -> None:
    sys.stderr.write(f"{MARK}{message}\n")
    sys.stderr.flush()


def check_model(path: Path) -> None:
    """Ends this process if the file is no GGUF model."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        fail(EXIT_MODEL, f"{path} cannot be read ({error.strerror}): fetch the models or correct the path.")
    if magic != b"GGUF":
        fail(EXIT_MODEL, f"{path} is not a GGUF model: fetch the models again or correct the path.")


def check_memory(model: Path, factor: float = 1.0) -> None:
    """Refuse early what the kernel would kill later: `factor` times the file's size, and something to spare. Only where
    Linux says how much is available."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) << 10
    needed = int(factor * model.stat().st_size) + _SPARE_BYTES
    if available < needed:
        fail(
            EXIT_MEMORY,
            f"{model.name} needs {needed >> 20} MiB of memory and {available >> 20} MiB are available: "
            "free some or choose a smaller model.",
        )


def _exit_at_eof() -> None:
    sys.stdin.read()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with what this process has started
    os._exit(0)
