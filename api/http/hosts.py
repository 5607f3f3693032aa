"""Which host names are served: a page elsewhere whose name is made to mean this machine reads nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problems import problem_of, response_of
from ingest.errors import FootnoteError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(?P<name>\[[^\]]*\]|[^:]*)(:[0-9]*)?")


class UnknownHost(FootnoteError):
    """The Host header names none of the hosts that are served."""

    code = "unknown_host"


class KnownHosts:
    """Plain ASGI. Serves requests for these hosts, at any port; "*.example.com" is every name below it."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(hosts)
        self._endings = tuple(host[1:] for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or self._known(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
            return
        error = UnknownHost(
            "The service does not know itself by this address. Whoever runs it may name it in FOOTNOTE_ALLOWED_HOSTS."
        )
        response = response_of(problem_of(error), scope["path"])
        response.headers["Connection"] = "close"  # or the rest of the body would be taken, for as long as it comes
        await response(scope, receive, send)

    def _known(self, host: str) -> bool:
        found = _HOST.fullmatch(host.strip().lower())
        name = found["name"].removesuffix(".") if found else ""
        return name in self._names or bool(self._endings and name.endswith(self._endings))
