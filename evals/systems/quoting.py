"""A stand-in for the language model that takes no time: it quotes the first source and says yes to every check.

With it the service does all its own work: the reply passes the gate, is cited, and is recorded.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from generation.gate.claims import sentence_spans

NAME = "quoting"
_FIRST = re.compile(r"(?:\A|\n\n)\[1\] (?:[^\n]*\n(?!\n))?(.+?)(?=\n\n\[\d+\] |\n\nQuestion:)", re.DOTALL)


def reply(prompt: str) -> str:
    """The first sentence of the prompt's first source with its number; NOT FOUND where there are no sources."""
    source = _FIRST.search(prompt)
    if source is None:
        return "NOT FOUND"
    start, end = next(iter(sentence_spans(source[1])), (0, len(source[1])))
    return f"{source[1][start:end].strip().rstrip('.')} [1]."


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pause = 0.0

    def do_GET(self) -> None:
        self._send("application/json", json.dumps({"object": "list", "data": [{"id": NAME, "object": "model"}]}))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = reply(asked["messages"][-1]["content"])
        if asked.get("stream"):
            time.sleep(self.pause)
            self._send("text/event-stream", _stream(text))
        else:
            self._send("application/json", json.dumps(_whole(text, bool(asked.get("logprobs")))))

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is the benchmark's."""

    def _send(self, kind: str, body: str) -> None:
        data = body.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def served(pause_s: float = 0.0) -> Iterator[str]:
    """The address of the stand-in behind the OpenAI protocol, on a free port of the loopback interface. `pause_s`: how
    long it takes for what it streams."""

    class Handler(_Handler):
        pause = pause_s

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _whole(text: str, logprobs: bool) -> dict[str, Any]:
    yes = {"token": "Yes", "logprob": -0.01, "bytes": None, "top_logprobs": []}
    return {
        **_head("chat.completion"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Yes" if logprobs else text},
                "finish_reason": "stop",
                "logprobs": {"content": [{**yes, "top_logprobs": [yes]}]} if logprobs else None,
            }
        ],
        "usage": _USAGE,
    }


def _stream(text: str) -> str:
    head = _head("chat.completion.chunk")
    chunks = [
        {**head, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**head, "choices": [], "usage": _USAGE},
    ]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def _head(kind: str) -> dict[str, Any]:
    return {"id": NAME, "object": kind, "created": 0, "model": NAME}


_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
