#!/usr/bin/env bash
# mcp 2.3.0 with sse-starlette 3.7.0, streamable HTTP: importing mcp.server puts another `handle_exit` into uvicorn.Server,
# and after SIGTERM every answer that is streamed (protocols before 2026-07-28, `json_response=False`) is cut off at once,
# without a result or an error, however long `timeout_graceful_shutdown` leaves to requests under way. A plain route of
# the same application is answered to its end.
#
# Seen: the plain route answers 'done'; of the tool's answer IncompleteRead(0 bytes read).
# Set sse_starlette.sse.AppStatus.enable_automatic_graceful_drain = False, and end streams yourself.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet mcp==2.3.0 sse-starlette==3.7.0
cat > "$dir/served.py" <<'PY'
import asyncio
import sys

import uvicorn
from mcp.server import Server
from mcp.types import CallToolResult, TextContent
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def called(context, params):
    await asyncio.sleep(3)
    return CallToolResult(content=[TextContent(text="done")])


async def plain(request):
    await asyncio.sleep(3)
    return PlainTextResponse("done")


if "keep" in sys.argv:
    from sse_starlette.sse import AppStatus

    AppStatus.enable_automatic_graceful_drain = False
app = Server("slow", on_call_tool=called).streamable_http_app(stateless_http=True, custom_starlette_routes=[Route("/plain", plain)])
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", timeout_graceful_shutdown=20)
PY
"$dir/venv/bin/python" - "$dir" <<'PY'
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

CALL = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "slow", "arguments": {}}}
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def told(port: int, path: str, body: bytes | None, found: dict[str, str]) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, HEADERS)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            found[path] = reply.read().decode()
    except (OSError, http.client.HTTPException) as error:
        found[path] = repr(error)


def at_sigterm(*mode: str) -> dict[str, str]:
    """What the plain route and the tool answer to requests that were under way when the service was stopped."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = subprocess.Popen([sys.executable, f"{sys.argv[1]}/served.py", str(port), *mode])
    for _ in range(300):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    found: dict[str, str] = {}
    asked = [("/plain", None), ("/mcp", json.dumps(CALL).encode())]
    threads = [threading.Thread(target=told, args=(port, path, body, found)) for path, body in asked]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    served.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    served.wait(30)
    return found


usual, kept = at_sigterm(), at_sigterm("keep")
print("as it is:", usual)
print("without its drain:", kept)
assert usual["/plain"] == kept["/plain"] == "done"
assert '"id":7' in kept["/mcp"], "changed: not answered with the drain off either"
assert '"id":7' not in usual["/mcp"], "changed: the tool is answered to its end"
PY
