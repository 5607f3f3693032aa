"""Servers that speak OpenAI's protocol as vLLM does, in this process, and fail as they are told to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PIECES = ("Good ", "day", ".")


@dataclass
class Scripted:
    """One server. `hangs`: no request for a reply has an answer; `deaf`: none at all; `breaks_after`: pieces after which a reply is cut off; `gate`: if set, each reply waits for it before its first
    piece; `waits_inside`: likewise, after its first piece."""

    model: str = "base"
    root: str = "/models/base"
    fingerprint: str = "vllm-0.32.0-abcdef12"
    says: tuple[str, ...] = PIECES
    hangs: bool = False
    deaf: bool = False
    breaks_after: int | None = None
    status: int = 200
    metrics: tuple[int, int] | None = None
    gate: threading.Event | None = None
    waits_inside: threading.Event | None = None
    takes_adapters: bool = True
    adapters: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def replies(self) -> list[dict[str, Any]]:
        """Requests for replies, without those that look whether it answers."""
        return [one for one in self.asked if one["messages"][-1]["content"] != "~"]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            await self._handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = next((int(line.split(":")[1]) for line in head.lower().splitlines() if "content-length" in line), 0)
        content = json.loads(await reader.readexactly(size)) if size else {}
        method, path = head.split()[:2]
        if self.deaf:
            await asyncio.sleep(3600)
        if path == "/v1/models":
            await self._send(writer, {"data": self._cards()})
        elif path == "/metrics" and self.metrics:
            running, waiting = self.metrics
            text = f'vllm:num_requests_running{{engine="0"}} {running}.0\nvllm:num_requests_waiting{{engine="0"}} {waiting}.0\n'
            await self._send(writer, text)
        elif path == "/v1/load_lora_adapter" and self.takes_adapters:
            known = content["lora_name"] in self.adapters
            self.adapters[content["lora_name"]] = content["lora_path"]
            await self._send(
                writer, {"error": {"message": "has already been loaded"}} if known else {}, 400 if known else 200
            )
        elif path == "/v1/unload_lora_adapter":
            self.adapters.pop(content["lora_name"], None)
            await self._send(writer, {})
        elif path == "/v1/chat/completions" and method == "POST":
            self.asked.append(content)
            await self._reply(writer, content)
        else:
            await self._send(writer, {"detail": "Not Found"}, 404)

    def _cards(self) -> list[dict[str, Any]]:
        own = {"id": self.model, "root": self.root, "max_model_len": 4096, "parent": None}
        return [own, *({"id": name, "root": root, "parent": self.model} for name, root in self.adapters.items())]

    async def _reply(self, writer: asyncio.StreamWriter, content: dict[str, Any]) -> None:
        if self.hangs:
            await asyncio.sleep(3600)
        if content["model"] not in {self.model, *self.adapters}:
            await self._send(writer, {"error": {"message": "The model does not exist.", "code": 404}}, 404)
        elif self.status != 200:
            await self._send(writer, {"error": {"message": "as told", "code": self.status}}, self.status)
        elif not content.get("stream"):
            top = [{"token": self.says[0], "logprob": -0.1, "bytes": None}]
            choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": self.says[0]}, "logprobs": {"content": [{**top[0], "top_logprobs": top}]}}  # fmt: skip
            await self._send(writer, {"id": "1", "object": "chat.completion", "created": 0, "model": self.model, "choices": [choice], "system_fingerprint": self.fingerprint})  # fmt: skip
        else:
            await self._stream(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        self.begun.set()
        if self.gate:
            await asyncio.to_thread(self.gate.wait)
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for number, text in enumerate(self.says):
            if number == self.breaks_after:
                await writer.drain()
                return
            last = number + 1 == len(self.says)
            self._event(writer, [{"index": 0, "delta": {"content": text}, "finish_reason": "stop" if last else None}])
            await writer.drain()
            if number == 0 and self.waits_inside:
                await asyncio.to_thread(self.waits_inside.wait)
        self._event(writer, [], usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}, system_fingerprint=self.fingerprint)  # fmt: skip
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()

    def _event(self, writer: asyncio.StreamWriter, choices: list[dict[str, Any]], **more: object) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": self.model, "choices": choices, **more}  # fmt: skip
        writer.write(f"data: {json.dumps(chunk)}\n\n".encode())

    async def _send(self, writer: asyncio.StreamWriter, content: object, status: int = 200) -> None:
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"  # fmt: skip
        writer.write(head.encode() + body)
        await writer.drain()


class Running:
    """Servers in an event loop of their own thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers: dict[int, asyncio.Server] = {}

    def start(self, scripted: Scripted, port: int = 0) -> Scripted:
        async def listen() -> asyncio.Server:
            return await asyncio.start_server(scripted.handle, "127.0.0.1", port)

        server = self._run(asyncio.run_coroutine_threadsafe(listen(), self._loop))
        at = server.sockets[0].getsockname()[1]
        scripted.url = f"http://127.0.0.1:{at}/v1"
        self._servers[at] = server
        return scripted

    def kill(self, scripted: Scripted) -> None:
        """As a process that is killed: it listens no more, and all its connections are cut."""
        server = self._servers.pop(int(scripted.url.split(":")[2].split("/")[0]))

        async def end() -> None:
            server.close()
            for writer in [*scripted.writers]:
                writer.transport.abort()

        self._run(asyncio.run_coroutine_threadsafe(end(), self._loop))

    def stop(self) -> None:
        async def end() -> None:
            for server in self._servers.values():
                server.close()
            for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
                task.cancel()

        self._run(asyncio.run_coroutine_threadsafe(end(), self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @staticmethod
    def _run(future: Future[Any]) -> Any:
        return future.result(10)


@contextmanager
def running(*scripted: Scripted) -> Iterator[Running]:
    """They run until the block is left."""
    servers = Running()
    try:
        for one in scripted:
            servers.start(one)
        yield servers
    finally:
        for one in scripted:
            for event in (one.gate, one.waits_inside):
                if event:
                    event.set()
        servers.stop()
