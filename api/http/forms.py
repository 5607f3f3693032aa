"""Uploaded forms are read with limits for their files and a few short fields. The file of an upload is spooled to disk
from 1 MiB on, the many of a job all into one file, for descriptors are few."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.errors import FootnoteError

MAX_FIELDS = 410  # allow and manage may have 200 each
MAX_FIELD_BYTES = 4 << 10
_CUT_OFF = "The form is cut off: its closing boundary is missing. Send it again."


def describe(schema: dict[str, Any]) -> None:
    """Takes out of a form's JSON schema what no form can hold: a field that is null. It is left out instead."""
    for field in schema["properties"].values():
        if {"type": "null"} in field.get("anyOf", []):
            (kind,) = [kind for kind in field.pop("anyOf") if kind != {"type": "null"}]
            field.update(kind)
            field.pop("default", None)


class _Form(Request):
    def form(self, **_: Any) -> Any:
        return super().form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Raises `InvalidForm` at the end of a form without its closing boundary: the parser would leave out what was
        cut off."""
        kind, options = parse_options_header(self.headers.get("content-type"))
        closing, tail = b"--" + options.get(b"boundary", b"") + b"--", b""
        whole = kind != b"multipart/form-data"
        async for chunk in super().stream():
            tail += chunk
            whole = whole or closing in tail
            tail = tail[-len(closing) :]
            yield chunk
        if not whole:
            raise InvalidForm(_CUT_OFF)


class FormRoute(APIRoute):
    """A route whose forms have those limits."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handler(_Form(request.scope, request.receive))

        return limited


class InvalidForm(FootnoteError):
    """No form, or more in it than is taken."""

    code = "invalid_form"


class _Place(io.RawIOBase):
    """One of the files that are kept, one after the other, in the file behind a descriptor. Only the last one grows."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._start = self._size = self._at = 0

    def write(self, data: Any) -> int:
        if not self._size:
            self._start = os.fstat(self._kept).st_size
        rest = memoryview(data)
        while rest:
            wrote = os.pwrite(self._kept, rest, self._start + self._size)
            self._size, rest = self._size + wrote, rest[wrote:]
        self._at = self._size
        return len(data)

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._at + size, self._size)
        parts = []
        while self._at < end and (part := os.pread(self._kept, end - self._at, self._start + self._at)):
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at


class _ManyFiles(MultiPartParser):
    """Keeps the files of a form in one file, and knows whether it came whole."""

    kept: int
    whole = False

    def on_end(self) -> None:
        self.whole = True  # the parser itself takes a form that is cut off for one that ends before its last part

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if self._current_part.file is not None:
            self._current_part.file.file = cast(BinaryIO, _Place(self.kept))


@asynccontextmanager
async def many_files(request: Request, most: int) -> AsyncIterator[FormData]:
    """The form of a request with at most so many files, which are gone at the end. Raises `InvalidForm`."""
    _, options = parse_options_header(request.headers["content-type"])
    if options.get(b"charset", b"utf-8").lower() not in {b"utf-8", b"utf8"}:
        raise InvalidForm("The form cannot be taken: send it in UTF-8, or name no charset.")
    parser = _ManyFiles(
        request.headers, request.stream(), max_files=most, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
    )
    kept = TemporaryFile(buffering=0)  # noqa: SIM115  it is closed in a thread
    try:
        parser.kept = kept.fileno()
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise InvalidForm(f"The form cannot be taken: {error.message.rstrip('.')}.") from error
        if not parser.whole:
            raise InvalidForm(_CUT_OFF)
        yield form
    finally:
        await run_in_threadpool(kept.close)
