"""Asks hosts about the segments of a view until there is a reply for each of them, or fails: never for a part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from retrieval.errors import HostLost, IndexUnavailable, SegmentMissing
from retrieval.index.cluster.placement import assigned
from retrieval.index.cluster.requests import Request
from retrieval.index.view import SegmentView
from retrieval.protocols import Hosts, Sight, Unseen

_LOOK_S = 0.05  # between two looks at which hosts live


@dataclass(frozen=True, slots=True)
class Patience:
    """`copies`: how many hosts hold a segment. `hedge_s`: after so many seconds without a reply another host is asked
    as well. `whole_s`: after so many, the search fails."""

    copies: int = 2
    hedge_s: float = 0.25
    whole_s: float = 15.0


@dataclass(slots=True, eq=False)
class _Piece:
    """Some segments, by their places in the view, of which one host is asked; `instead`: the same, asked of others.
    `beside`: another one is asked as well, which is slow; `told`: the host had slots sent."""

    places: list[int]
    host: str
    since: float
    beside: bool = False
    told: bool = False
    reply: Any = None
    replied: bool = False
    failed: bool = False
    instead: list[_Piece] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return self.replied or (bool(self.instead) and all(piece.complete for piece in self.instead))

    def replies(self) -> Iterator[tuple[list[int], Any]]:
        if self.replied:
            yield self.places, self.reply
        else:
            for piece in self.instead:
                yield from piece.replies()


class Gathering:
    """One request at many hosts. Several searches may use it at once."""

    def __init__(self, hosts: Hosts, patience: Patience | None = None) -> None:
        self._hosts = hosts
        self._patience = patience or Patience()

    def ask(
        self,
        parts: Sequence[SegmentView],
        request: Callable[[Sequence[int]], Request],
        meanwhile: Callable[[], object] = lambda: None,
    ) -> list[tuple[list[int], Any]]:
        """Replies that cover each of the parts once, each with the places of the parts that it is about; `request`
        makes what is asked about some of them. `meanwhile` runs when all is sent. Raises `IndexUnavailable` where it
        takes too long, and `SegmentMissing` where no living host can open a segment."""
        if not parts:
            meanwhile()
            return []
        run = _Run(self._hosts, self._patience, parts, request)
        meanwhile()
        return run.ended()


class _Run:
    def __init__(
        self,
        hosts: Hosts,
        patience: Patience,
        parts: Sequence[SegmentView],
        request: Callable[[Sequence[int]], Request],
    ) -> None:
        self._hosts = hosts
        self._patience = patience
        self._parts = parts
        self._request = request
        self._lacking: list[set[str]] = [set() for _ in parts]  # hosts that cannot open the segment
        self._asked: dict[Future[Any], _Piece] = {}
        self._until = time.monotonic() + patience.whole_s
        self._roots = self._begun(range(len(parts)), "")

    def ended(self) -> list[tuple[list[int], Any]]:
        while not all(piece.complete for piece in self._roots):
            if time.monotonic() > self._until:
                raise IndexUnavailable(
                    "Not all machines that hold the index answered in time, and a part of it is never left out.",
                    hint="Try again: lost machines are replaced by themselves. `footnote doctor` names those that are.",
                )
            if not self._asked:  # nobody lives
                time.sleep(_LOOK_S)
            done, _ = wait(self._asked, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            for future in done:
                self._take(future)
            self._ask_others()
        return [reply for piece in self._roots for reply in piece.replies()]

    def _begun(self, places: Sequence[int], but: str, *, beside: bool = False) -> list[_Piece]:
        """Asks living hosts, other than `but` if there are any; a piece of nobody's where there is none now."""
        now, living = time.monotonic(), self._hosts.living()
        if not living:
            return [_Piece(list(places), "", now, beside=beside, failed=True)]
        rows, able = [], []
        for place in places:
            part = self._parts[place]
            can = [host for host in living if host not in self._lacking[place]]
            if not can:
                name = part.segment.name
                raise SegmentMissing(f"No machine can open the index segment {name}.", (name,))
            rows.append((part.segment.name, part.row_count))
            able.append([host for host in can if host != but] or can)
        groups: dict[str, list[int]] = {}
        for place, host in zip(places, assigned(rows, able, self._patience.copies), strict=True):
            groups.setdefault(host, []).append(place)
        pieces = [_Piece(group, host, now, beside=beside) for host, group in groups.items()]
        for piece in pieces:
            self._send(piece)
        return pieces

    def _send(self, piece: _Piece, whole: Sequence[int] = ()) -> None:
        sights = [
            Sight(part.segment.name, part.mark, part.packed if at in whole else b"")
            for at, part in enumerate(self._parts[place] for place in piece.places)
        ]
        self._asked[self._hosts.ask(piece.host, sights, self._request(piece.places))] = piece

    def _take(self, future: Future[Any]) -> None:
        piece = self._asked.pop(future)
        try:
            reply = future.result()
        except SegmentMissing as error:
            for place in piece.places:
                if self._parts[place].segment.name in error.names:
                    self._lacking[place].add(piece.host)
            piece.failed = True
        except HostLost:
            self._hosts.doubt(piece.host)
            piece.failed = True
        else:
            if isinstance(reply, Unseen):  # again: it remembers less than it is asked about
                self._send(piece, range(len(piece.places)) if piece.told else reply.places)
                piece.told = True
            else:
                piece.reply, piece.replied = reply, True

    def _ask_others(self) -> None:
        """About what has failed, and once about what takes long."""
        now, living = time.monotonic(), len(self._hosts.living())
        waiting = [*self._roots]
        while waiting:
            piece = waiting.pop()
            waiting += piece.instead
            late = living > 1 and not piece.beside and now - piece.since > self._patience.hedge_s
            if living and not piece.complete and not piece.instead and (piece.failed or late):
                piece.instead = self._begun(piece.places, piece.host, beside=piece.beside or not piece.failed)
