"""Who gives way to whom on a processor: a search goes first, then answers, then what is ingested."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

ANSWERS, INGESTION = 5, 10  # how much nicer they are than a search (setpriority(2))


def thread_gives_way(by: int) -> None:
    """This thread, and processes that it starts, from now on."""
    if sys.platform == "linux":  # elsewhere it would be the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), by)


def process_gives_way(by: int) -> None:
    """This process, before it starts threads, with what it starts."""
    with suppress(OSError):
        os.nice(by)
