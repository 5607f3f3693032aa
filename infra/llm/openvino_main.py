"""The child process of `OpenVinoServer`: one GGUF model on OpenVINO behind the part of the OpenAI protocol that
Footnote speaks. Run as `python -m infra.llm.openvino_main`; see `ModelServer` for its first line and its end."""

from __future__ import annotations

import argparse
import asyncio
import errno
import hmac
import json
import math
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from generation.errors import GeneratorRejected
from infra.llm.child import EXIT_DISK, EXIT_MODEL, attached, check_memory, check_model, fail, say
from infra.llm.openvino_graph import Logits, States, reading
from infra.llm.openvino_model import Message, OpenVinoModel, converted

_LOADED = {"f32": 2.0, "bf16": 3.0}  # times the file's size when it is converted and compiled, by how it is read


class Model(Protocol):
    """What is served: `OpenVinoModel`."""

    def start(self, messages: Sequence[Message]) -> tuple[int, Logits]: ...

    def states(self, messages: Sequence[Message], since: str) -> tuple[int, States]: ...

    def write(self, logits: Logits, most: int) -> Iterator[int]: ...

    def text(self, tokens: Sequence[int]) -> str: ...

    def piece(self, token: int) -> str: ...


class Turn(BaseModel):
    """A message of a request."""

    role: str
    content: str


class Asked(BaseModel):
    """A request. Replies are greedy, so temperature and seed are not read. With `states_since` nothing is
    written: `states` of the choice are those of the end of the last message from there on, their mean and the last."""

    messages: list[Turn] = Field(min_length=1)
    max_tokens: int = Field(256, ge=1)
    stop: list[str] | str = []
    stream: bool = False
    logprobs: bool = False
    top_logprobs: int = Field(0, ge=0, le=100)
    states_since: str = ""

    @property
    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop


class Service:
    """Replies take turns, in the order of their coming; what is computed runs in one thread. A state is read between
    two tokens of a reply, so that the check of a sentence need not wait for those that follow."""

    def __init__(self, model: Model, name: str) -> None:
        self._model, self.name = model, name
        self._turn, self._thread = asyncio.Lock(), ThreadPoolExecutor(1)

    async def replies(self, asked: Asked) -> AsyncIterator[dict[str, Any]]:
        """Pieces of the reply: {"prompt": tokens, "logits": of the first one}, {"text": ..}, ..., {"end": reason,
        "count": tokens}. Closing the iterator ends the computation. Raises `GeneratorRejected`."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            turns = [turn.model_dump() for turn in asked.messages]
            prompt, logits = await loop.run_in_executor(self._thread, self._model.start, turns)
            yield {"prompt": prompt, "logits": logits}
            steps = self._model.write(logits, asked.max_tokens)
            tokens: list[int] = []
            told = 0
            while (token := await loop.run_in_executor(self._thread, next, steps, None)) is not None:
                tokens.append(token)
                text = self._model.text(tokens)
                ends = [at for stop in asked.stops if (at := text.find(stop)) >= 0]
                safe = min(ends) if ends else len(text) - _begun(text, asked.stops)
                if safe > told:
                    yield {"text": text[told:safe]}
                    told = safe
                if ends:
                    yield {"end": "stop", "count": len(tokens)}
                    return
            if tokens and (rest := self._model.text(tokens)[told:]):
                yield {"text": rest}
            yield {"end": "length" if len(tokens) >= asked.max_tokens else "stop", "count": len(tokens)}

    async def states(self, asked: Asked) -> tuple[int, States]:
        """See `OpenVinoModel.states`."""
        turns = [turn.model_dump() for turn in asked.messages]
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._model.states, turns, asked.states_since
        )

    def likeliest(self, logits: Logits, count: int) -> list[dict[str, Any]]:
        """The tokens of the highest logits with their log probabilities (natural), likeliest first."""
        values = logits.astype(np.float64)
        total = values.max() + math.log(np.exp(values - values.max()).sum())
        best = np.argsort(-values, kind="stable")[:count].tolist()
        return [{"token": self._model.piece(token), "logprob": float(values[token] - total)} for token in best]


def application(service: Service, key: str) -> Starlette:
    """The HTTP side. Everything needs the key."""

    def known(request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {key}".encode())

    async def models(request: Request) -> Response:
        if not known(request):
            return _error(401, "the key is wrong")
        return JSONResponse({"object": "list", "data": [{"id": service.name, "object": "model"}]})

    async def complete(request: Request) -> Response:
        if not known(request):
            return _error(401, "the key is wrong")
        try:
            asked = Asked.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors()[0]
            return _error(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": service.name}
        try:
            if asked.states_since:
                return JSONResponse(_stated(*await service.states(asked), head))
            replies = service.replies(asked)
            begun = await anext(replies)  # before the status leaves, so that a refusal has one
        except GeneratorRejected as error:
            return _error(400, str(error))
        if asked.stream:
            return StreamingResponse(_events(replies, begun, head), media_type="text/event-stream")
        return JSONResponse(await _whole(request, service, asked, replies, begun, head))

    routes = [Route("/v1/models", models), Route("/v1/chat/completions", complete, methods=["POST"])]
    return Starlette(routes=routes)


async def _events(
    replies: AsyncIterator[dict[str, Any]], begun: dict[str, Any], head: dict[str, Any]
) -> AsyncIterator[str]:
    head = {**head, "object": "chat.completion.chunk"}
    try:
        async for piece in replies:
            delta = {"role": "assistant", "content": piece["text"]} if "text" in piece else {}
            choice = {"index": 0, "delta": delta, "finish_reason": piece.get("end")}
            yield _event({**head, "choices": [choice]})
            if "end" in piece:
                yield _event({**head, "choices": [], "usage": _usage(begun["prompt"], piece["count"])})
        yield "data: [DONE]\n\n"
    finally:
        await replies.aclose()  # type: ignore[attr-defined]


async def _whole(
    request: Request,
    service: Service,
    asked: Asked,
    replies: AsyncIterator[dict[str, Any]],
    begun: dict[str, Any],
    head: dict[str, Any],
) -> dict[str, Any]:
    text, end, count = "", "stop", 0
    async for piece in replies:
        text += piece.get("text", "")
        end, count = piece.get("end", end), piece.get("count", count)
        if await request.is_disconnected():
            break
    await replies.aclose()  # type: ignore[attr-defined]
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": end}
    if asked.logprobs:
        found = service.likeliest(begun["logits"], max(1, asked.top_logprobs))
        choice["logprobs"] = {"content": [{**found[0], "top_logprobs": found}]}
    usage = _usage(begun["prompt"], count)
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}


def _stated(prompt: int, states: States, head: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": ""}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "states": states.tolist()}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(prompt, 0)}


def _begun(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end may be the beginning of a stop."""
    return max((n for stop in stops for n in range(1, len(stop)) if text.endswith(stop[:n])), default=0)


def _usage(prompt: int, written: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "code": status}}, status)


def main() -> None:
    """Serve until the parent ends this process or goes away."""
    args = _arguments()
    key = attached(args.parent)
    check_model(args.model)
    check_memory(args.model, _LOADED[reading()])
    service = Service(_loaded(args), args.model.stem)
    import uvicorn

    say(f"serving at {args.host}:{args.port}")
    uvicorn.run(application(service, key), host=args.host, port=args.port, log_level="warning")


def _loaded(args: argparse.Namespace) -> OpenVinoModel:
    try:
        folder = converted(args.model, args.cache, args.digest)
        return OpenVinoModel(folder, threads=args.threads, context_tokens=args.context)
    except OSError as error:
        room = "free some room" if error.errno == errno.ENOSPC else "correct it"
        fail(EXIT_DISK, f"{args.cache} cannot hold the converted model ({error.strerror}): {room}.")
    except (RuntimeError, LookupError) as error:  # what its readers raise
        say(" ".join(str(error).split())[-300:])
        fail(
            EXIT_MODEL,
            f"{args.model.name} cannot be loaded by OpenVINO: set FOOTNOTE_ENGINE=llama.cpp, or fetch the model again, "
            "it may be damaged.",
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--digest", required=True, help="sha256 of the model's file")
    parser.add_argument("--cache", type=Path, required=True, help="where converted models are kept")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", type=int, required=True, help="tokens of prompt and reply")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True, help="process id of the parent")
    return parser.parse_args()


if __name__ == "__main__":
    main()
