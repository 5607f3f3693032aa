"""SIGTERM, as systemd and containers send it, closes what the service has opened."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

SERVICE = """
from api.bootstrap import Container
from api.cli.main import main

def opens_something(self):
    self._stack.callback(print, "closed", flush=True)

Container.warm, Container.http = opens_something, None
main()
"""


def test_sigterm_closes_what_was_opened(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE, "serve", "--port", str(port)],
        env=environment | {"FOOTNOTE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout
        while "Footnote is at" not in (line := service.stdout.readline()):
            assert line or service.poll() is None
        while service.poll() is None:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
        service.send_signal(signal.SIGTERM)
        rest, _ = service.communicate(timeout=30)
    finally:
        service.kill()
    assert rest.endswith("closed\n")
