# Written by `python -m api.client_writer`: change the API, or the writer.
"""What goes on in the service, followed while it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from footnote.client._sync.transport import Transport
from footnote.client.base import Model
from footnote.client.errors import ConnectionFailed, FootnoteProblem
from footnote.client.wire import AGAIN, Call, parsed, wait_s

Told = TypeVar("Told", bound=Model)
_LONGEST_WAIT_S = 5.0


def followed(
    transport: Transport,
    call: Call,
    kinds: Mapping[str, type[Told]],
    ended: Callable[[Told], bool],
    place: str,
    patience_s: float,
) -> Iterator[Told | None]:
    """Events of these kinds up to the one with which it has `ended`, over broken connections; None for each sign of
    life that tells nothing, and for each attempt to connect."""
    heard, attempt = time.monotonic(), 0
    while True:
        try:
            for sent in transport.events(call, place):
                heard, attempt, place = time.monotonic(), 0, sent.id or place
                event = parsed(kinds[sent.kind], sent.data) if sent.kind in kinds else None
                yield event
                if event is not None and ended(event):
                    return
        except (ConnectionFailed, FootnoteProblem) as error:
            lasting = isinstance(error, FootnoteProblem) and error.status not in AGAIN
            if lasting or time.monotonic() - heard > patience_s:
                raise
        yield None  # the service is stopping, or the connection broke
        time.sleep(min(wait_s(attempt), _LONGEST_WAIT_S))
        attempt += 1
