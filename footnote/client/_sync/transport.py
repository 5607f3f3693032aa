# Written by `python -m api.client_writer`: change the API, or the writer.
"""Calls sent to the service, again where that is safe."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import count

import httpx2 as httpx

from footnote.client.errors import ConnectionFailed, UnexpectedReply, problem_from
from footnote.client.files import File
from footnote.client.sse import Reader, ServerSent
from footnote.client.wire import (
    CONNECT_S,
    QUIET_S,
    Answered,
    Call,
    Other,
    address_and_key,
    arguments,
    check,
    failed,
    file_of,
    model_of,
    wait_s,
    worth_again,
)


class Transport:
    """One service, and the key of who asks. `timeout`: seconds without a byte; `retries` of calls that may be sent
    twice, after a broken connection or while the service is not available."""

    def __init__(
        self,
        url: str | None,
        api_key: str | None,
        *,
        timeout: float,
        retries: int,
        transport: httpx.BaseTransport | None,
    ) -> None:
        self.url, headers = address_and_key(url, api_key)
        self._retries = retries
        limits = httpx.Timeout(timeout, connect=min(timeout, CONNECT_S))
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=limits, transport=transport)

    def close(self) -> None:
        self._http.close()

    def answer(self, call: Call, kind: tuple[int, type[Answered]]) -> Answered:
        """The body of a reply of this status as its model."""
        return model_of(self._reply(call), dict([kind]))

    def either(
        self, call: Call, first: tuple[int, type[Answered]], second: tuple[int, type[Other]]
    ) -> Answered | Other:
        reply = self._reply(call)
        return model_of(reply, dict([first])) if reply.status_code == first[0] else model_of(reply, dict([second]))

    def file(self, call: Call) -> File:
        reply = self._reply(call)
        check(reply, (200,))
        return file_of(reply)

    def done(self, call: Call, known: Iterable[int]) -> None:
        check(self._reply(call), known)

    def events(self, call: Call, last_event_id: str = "") -> Iterator[ServerSent]:
        """The events of one connection before `done`, heartbeats too. Raises what `error` tells, and ConnectionFailed
        where it ends without either."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        quiet = httpx.Timeout(QUIET_S, connect=CONNECT_S)
        request = self._http.build_request(**arguments(call, headers), timeout=quiet)
        over = False
        try:
            reply = self._http.send(request, stream=True)
            try:
                _check_stream(reply)
                reader = Reader()
                for part in reply.iter_bytes():
                    for event in reader.feed(part):
                        if event.kind == "error":
                            raise problem_from(event.data.get("problem", event.data))
                        over = over or event.kind == "done"
                        if not over:
                            yield event
            finally:
                reply.close()
        except httpx.RequestError as error:
            if not over:
                raise failed(error, self.url) from error
        if not over:
            raise ConnectionFailed(f"The connection to {self.url} ended before all was told.")

    def _reply(self, call: Call) -> httpx.Response:
        for attempt in count():
            last = attempt >= self._retries or not call.repeatable
            told = None
            try:
                reply = self._http.send(self._http.build_request(**arguments(call)))
            except httpx.RequestError as error:
                if last or isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
                    raise failed(error, self.url) from error
            else:
                if last or not worth_again(reply):
                    return reply
                told = reply.headers.get("retry-after")
            time.sleep(wait_s(attempt, told))
        raise AssertionError("count() has no end")


def _check_stream(reply: httpx.Response) -> None:
    if reply.status_code != 200:
        reply.read()
        check(reply, ())
    kind = reply.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        raise UnexpectedReply(f"{reply.url} sends {kind or 'nothing'} in the place of events.")
