"""How much a request may send, of what type and how slowly: no byte is read before that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from api.http.problems import problem_of, response_of
from ingest.errors import FileTooLarge, FootnoteError

SLOWEST = 1000  # bytes a second, on the whole
SIGN_IN_BYTES = 4 << 10  # of a request that needs no credential
_FORM_BYTES = 64 << 10  # what a form is longer than its file
_JOB_FORM_BYTES = 16 << 20  # than its files, each of which has a head with its name
_LINGER_S = 1.0
_LINGER_BYTES = 256 << 10


class BodyTooLarge(FootnoteError):
    """More bytes than the route takes."""

    code = "body_too_large"


class BodyNotTaken(FootnoteError):
    """A content type that the route does not read."""

    code = "body_not_taken"


class RequestTooSlow(FootnoteError):
    """No byte for too long, or too few on the whole."""

    code = "request_too_slow"


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Of one installation: bytes of a JSON body, of an uploaded file, and of all files of a job that come at once;
    `timeout_s` without a byte."""

    json_bytes: int = 256 << 10
    upload_bytes: int = 64 << 20
    timeout_s: float = 20.0
    job_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Taken:
    """What a route takes: a media type, nothing of which is "", and at most so many bytes; or something else as
    `instead`."""

    media_type: str
    most: int
    too_large: Callable[[], FootnoteError]
    instead: Taken | None = None

    def of(self, headers: Headers) -> Taken:
        """Itself, or what it takes instead, whichever this request is."""
        given = headers.get("content-type", "").partition(";")[0].strip().lower()
        return self.instead if self.instead is not None and given == self.instead.media_type else self

    def check(self, headers: Headers) -> None:
        """Raises `BodyNotTaken`, and `BodyTooLarge` or `FileTooLarge` by the length that is announced."""
        if not self.media_type or not has_body(headers):
            return
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.most:
            raise self.too_large()
        given = headers.get("content-type", "").partition(";")[0].strip().lower()
        json = self.media_type == "application/json"
        if given != self.media_type and not (json and given.startswith("application/") and given.endswith("+json")):
            raise BodyNotTaken(f"Send it with 'Content-Type: {self.media_type}'.")


NOTHING = Taken("", 0, BodyTooLarge)


def json_body(most: int) -> Taken:
    return Taken(
        "application/json",
        most,
        lambda: BodyTooLarge(f"A request here has at most {most:,} bytes. Send less; documents are uploaded as files."),
    )


def form(limits: BodyLimits) -> Taken:
    most = limits.upload_bytes
    return Taken("multipart/form-data", most + _FORM_BYTES, lambda: too_large(most))


def job(limits: BodyLimits) -> Taken:
    """Files in a form, or JSON that names a folder."""
    return Taken(
        "multipart/form-data",
        limits.job_bytes + _JOB_FORM_BYTES,
        lambda: BodyTooLarge(f"The files are over {_size(limits.job_bytes)} together. Make several jobs of them."),
        json_body(limits.json_bytes),
    )


def too_large(most: int, name: str = "The file") -> FileTooLarge:
    return FileTooLarge(f"{name} is over {_size(most)}. Split it, or have it ingested on the server.")


def _size(most: int) -> str:
    return f"{most >> 20} MiB" if most >> 20 else f"{most:,} bytes"


def has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""


class Exchange:
    """One request and its response. `receive` counts and times the body, and refuses it in the middle: the problem is
    sent, what the application makes of the broken body is not.

    A response before the end of the body closes the connection, so that nobody reads the rest.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, taken: Taken, timeout_s: float) -> None:
        self.started = False
        self._scope, self._receive, self._send = scope, receive, send
        self._taken, self._timeout_s = taken, timeout_s
        self._whole = not has_body(Headers(scope=scope))
        self._refused, self._lingers = False, True
        self._count = 0
        self._since: float | None = None

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self._refused:
            return {"type": "http.disconnect"}
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            return await self._broken(
                RequestTooSlow(f"Only {self._count:,} bytes of the request came in time. Send it again.")
            )
        self._count += len(message.get("body", b""))
        if self._count > self._taken.most:
            return await self._broken(self._taken.too_large())
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self._refused:
            return
        if message["type"] == "http.response.start":
            self.started = True
            if not self._whole:
                MutableHeaders(scope=message)["Connection"] = "close"
        elif self._lingers and not self._whole and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def refuse(self, error: Exception, *, linger: bool = True) -> None:
        """Answers with the problem that the error is."""
        self._lingers = linger
        response = response_of(problem_of(error), self._scope["path"])
        await response(self._scope, self.receive, self.send)

    def _deadline(self) -> float:
        """By which the next bytes have to come, in seconds of the loop's clock."""
        now = asyncio.get_running_loop().time()
        if self._since is None:
            self._since = now
        return min(now, self._since + self._count / SLOWEST) + self._timeout_s

    async def _broken(self, error: FootnoteError) -> Message:
        if not self.started:
            await self.refuse(error)
        self._refused = True
        return {"type": "http.disconnect"}

    async def _linger(self) -> None:
        """Lets the client hear the response: closed at once, a connection on which it still sends is reset."""
        left = _LINGER_BYTES
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self._whole and left > 0:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self._whole = not message.get("more_body", False)
        except TimeoutError:
            pass
