"""The list of documents in Chromium: how soon it is there with very many, and how many rows it holds.

    python -m evals.page.listing --documents 100000
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

HIDDEN = 5000


@contextmanager
def served(home: Path, documents: int) -> Iterator[str]:
    """The address of a service with so many documents that Ana may read."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app
    from evals.page.filling import filled

    with (
        opened(home=home, DATABASE_URL="", llm_url="", demo=True) as parts,
        socket.socket() as listener,
    ):
        with parts.pool.connection() as conn:
            there = conn.execute("SELECT count(*) FROM documents").fetchall()[0][0]
        if there == 0:
            filled(parts.pool, documents, HIDDEN)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


if __name__ == "__main__":
    import time
    with served(Path("/work/tmp/p27/doc.home"), 100000) as address:
        print(address, flush=True)
        time.sleep(6000)
