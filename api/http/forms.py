"""Uploaded forms are read with limits for one file and a few short fields; files over 1 MiB are spooled to disk."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

MAX_FIELDS = 200
MAX_FIELD_BYTES = 4 << 10


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
