"""The client."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx2 as httpx

from footnote.client._async.calls import Calls
from footnote.client._async.jobs import Jobs
from footnote.client._async.reviews import Reviews
from footnote.client._async.transport import Transport


class AsyncClient(Calls):
    """A service of Footnote, for whom the key speaks for.

    `url` and `api_key` are FOOTNOTE_URL and FOOTNOTE_API_KEY where they are left out; an empty key sends none.
    `timeout`: seconds without a byte of a reply. `retries`: how often a call that may be sent twice is sent again: GET,
    and files that are handed in as a job. `transport`: of httpx2, for proxies, certificates and tests."""

    jobs: Jobs
    reviews: Reviews

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 600.0,
        retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(Transport(url, api_key, timeout=timeout, retries=retries, transport=transport))
        self.jobs = Jobs(self._transport)
        self.reviews = Reviews(self._transport)

    @property
    def url(self) -> str:
        return self._transport.url

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"
