"""Schemathesis asks every call what its description allows and what it forbids, and chains calls as a client would:
nothing is a server error, and what is described is what is enforced."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def served(start: Callable[..., Any]) -> Iterator[tuple[str, str]]:
    """The address of a service of its own, and a key to it that carries every scope."""
    import uvicorn

    from api.http.app import create_app
    from api.http.auth import ALL_SCOPES

    parts = start(max_upload_bytes=100_000)
    secret = parts.api_keys.create("ana", ["legal", "hr"], ALL_SCOPES, "schemathesis")
    parts.pipeline.ingest(b"The rent of Unit 7 is 500 euros.", "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", secret
        server.should_exit = True
        thread.join(20)


def test_every_call_is_as_described(served: tuple[str, str], tmp_path: Path) -> None:
    address, secret = served
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{address}/openapi.json"),
        *("--header", f"Authorization: Bearer {secret}", "--no-color"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ, timeout=900)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}".replace(secret, "KEY")
