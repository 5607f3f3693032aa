"""Metrics on a port of their own, for scrapers on this machine: no credential, loopback only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.settings import SettingsError
from infra.telemetry.metrics import CONTENT_TYPE

ADDRESS = "127.0.0.1"
_NAMES = frozenset({"localhost", ADDRESS})


class MetricsPort:
    """Serves `/metrics` until `close`. Raises `SettingsError` if the port cannot be listened on.

    A page elsewhere whose name is made to mean this machine is refused by its Host header.
    """

    def __init__(self, port: int, exposition: Callable[[], bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                host = (self.headers.get("Host") or "").rpartition(":")
                if (host[0] or host[2]) not in _NAMES:
                    self.send_error(421)
                elif self.path != "/metrics":
                    self.send_error(404)
                else:
                    self._answer(exposition())

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Scrapes are not logged."""

        try:
            self._server = ThreadingHTTPServer((ADDRESS, port), Handler)
        except OSError as error:
            raise SettingsError(
                f"FOOTNOTE_METRICS_PORT: cannot listen on {ADDRESS}:{port}: {error.strerror}."
            ) from error
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="footnote-metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
