"""What a search over many machines needs of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from retrieval.index.view import View


class Request(Protocol):
    """What is asked of the visible rows of some segments; see `requests`."""

    def over(self, view: View, threads: int) -> Any:
        """The reply: of the segments of the view, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """The visible part of one segment. `mark`: a digest of which of its versions are visible; `slots`: they, a bit
    each, as `numpy.packbits` packs them, or b"" where the host is thought to have them from before."""

    segment: str
    mark: bytes
    slots: bytes = b""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Instead of a reply: of these sights, by their places, the host has no `slots`. Ask again with them."""

    places: tuple[int, ...]


class Hosts(Protocol):
    """Machines that hold segments. They know nothing of who asks, and keep nothing but immutable segments: what may be
    seen comes with each request, so none of them can be behind the catalog."""

    def living(self) -> Sequence[str]:
        """The names of those that can be asked now; cheap, so it may be some seconds old."""
        ...

    def ask(self, host: str, sights: Sequence[Sight], request: Request) -> Future[Any]:
        """The reply, or `Unseen`. Raises `HostLost` (host, or the way to it, is gone) or `SegmentMissing` (a segment
        is not there, or damaged) from the future, never at once."""
        ...

    def doubt(self, host: str) -> None:
        """It has failed: from now on `living` leaves it out until it is known to answer again."""
        ...
