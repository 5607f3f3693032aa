"""Uploaded forms are read with limits for their files and a few short fields. The file of an upload is spooled to disk
from 1 MiB on, the many of a job from 64 KiB on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from ingest.errors import FootnoteError

MAX_FIELDS = 200
MAX_FIELD_BYTES = 4 << 10
_IN_MEMORY = 64 << 10  # of each of many files


class _Form(Request):
    def form(self, **_: Any) -> Any:
        return super().form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)


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


@asynccontextmanager
async def many_files(request: Request, most: int) -> AsyncIterator[FormData]:
    """The form of a request with at most so many files, which are closed at the end. Raises `InvalidForm`."""
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=most, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
    )
    parser.spool_max_size = _IN_MEMORY
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InvalidForm(f"The form cannot be taken: {error.message.rstrip('.')}.") from error
    try:
        yield form
    finally:
        await form.close()
