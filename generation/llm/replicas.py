"""Several servers of one language model: which of them answer, what each has to do, and which one is asked next."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from generation.errors import GeneratorUnavailable
from ingest.errors import FootnoteError

MARGIN = 4
_FIRST_S, _LONGEST_S = 1.0, 60.0
_FRESH_S = 10.0


class State(StrEnum):
    """OUT: it does not answer, and is tried again. OTHER: it answers, and is not what the others are."""

    IN = "in"
    OUT = "out"
    OTHER = "other"


class Outcome(StrEnum):
    """Of a request to one server. MOVED: it failed before its first token, and another server was asked."""

    OK = "ok"
    MOVED = "moved"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Load:
    """Requests that a server works on, and that wait there, whoever sent them."""

    running: int
    waiting: int


@dataclass(eq=False)
class Replica:
    """One server, as `Replicas` knows it, which alone changes it. `name` is for logs and metrics, `url` is its address
    up to and with /v1; `under_way` are this process's own requests. OUT until it has been looked at."""

    name: str
    url: str
    api_key: str = field(default="", repr=False)
    state: State = State.OUT
    why: str = "not asked yet"
    under_way: int = 0
    told: Load | None = None
    failures: int = 0
    due_at: float = 0.0
    _told_at: float = 0.0
    _under_way_then: int = 0

    def hears(self, load: Load | None, now: float) -> None:
        self.told, self._told_at, self._under_way_then = load, now, self.under_way

    def load(self, now: float) -> int:
        """Own requests, and of others what the server last told; what is older than ten seconds does not count."""
        if self.told is None or now - self._told_at > _FRESH_S:
            return self.under_way
        return max(self.under_way, self.told.running + self.told.waiting + self.under_way - self._under_way_then)


class Replicas:
    """Of one process; for any thread.

    A request goes to the server that its key prefers (rendezvous hashing: a server that comes or goes moves only the
    keys that are its own), as what it has computed of the same beginning is kept there. It goes to the least loaded one
    where the preferred has more than `margin` requests above that, or where it has no key.

    Args:
        changed: is told, in no lock, of a server that is left out, with the error, or is back, with None.
        ended: is told of each request that has ended at a server.
    """

    def __init__(
        self,
        replicas: Sequence[Replica],
        *,
        margin: int = MARGIN,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[Replica, FootnoteError | None], None] = lambda replica, error: None,
        ended: Callable[[Replica, Outcome], None] = lambda replica, outcome: None,
    ) -> None:
        self.all = tuple(replicas)
        self.outcomes: Counter[tuple[Replica, Outcome]] = Counter()
        self._margin, self._clock = margin, clock
        self._changed, self._ended = changed, ended
        self._lock = threading.Lock()

    @property
    def there(self) -> list[Replica]:
        """Those that are asked."""
        return [replica for replica in self.all if replica.state is State.IN]

    def elsewhere(self, without: Collection[Replica]) -> bool:
        """Whether one that is asked is not among these."""
        return any(replica not in without for replica in self.there)

    def choose(self, key: str = "", without: Collection[Replica] = ()) -> Replica:
        """Raises `GeneratorUnavailable` where nobody is left."""
        with self._lock:
            now = self._clock()
            loads = {replica: replica.load(now) for replica in self.there if replica not in without}
            if not loads:
                raise GeneratorUnavailable(self._none())
            least = min(loads.values())
            preferred = max(loads, key=lambda replica: _weight(key, replica))
            if key and loads[preferred] <= least + self._margin:
                return preferred
            free = [replica for replica, load in loads.items() if load == least]
            return max(free, key=lambda replica: _weight(key, replica))

    @contextmanager
    def asked(self, key: str = "", without: Collection[Replica] = ()) -> Iterator[Replica]:
        """As `choose`; until the block is left the request counts as under way."""
        replica = self.choose(key, without)
        with self._lock:
            replica.under_way += 1
        try:
            yield replica
        finally:
            with self._lock:
                replica.under_way -= 1

    def count(self, replica: Replica, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes[replica, outcome] += 1
        self._ended(replica, outcome)

    def hears(self, replica: Replica, load: Load | None) -> None:
        """What the server has told of itself; None where it tells nothing."""
        with self._lock:
            replica.hears(load, self._clock())

    def leave_out(self, replica: Replica, error: FootnoteError, state: State = State.OUT) -> None:
        """Until it is `back`, for one second at least, then two, four, and so on up to a minute."""
        with self._lock:
            before, now = replica.state, self._clock()
            replica.state, replica.why = state, str(error)
            if before is State.IN or now >= replica.due_at:  # once, however many requests fail there at the same time
                replica.due_at = now + min(_FIRST_S * 2**replica.failures, _LONGEST_S)
                replica.failures = min(replica.failures + 1, 10)
        if before is not state:
            self._changed(replica, error)

    def due(self, replica: Replica) -> bool:
        """Whether one that is left out should be tried again."""
        return replica.state is not State.IN and self._clock() >= replica.due_at

    def back(self, replica: Replica) -> None:
        with self._lock:
            before, replica.state, replica.why = replica.state, State.IN, ""
            replica.failures = 0
        if before is not State.IN:
            self._changed(replica, None)

    def _none(self) -> str:
        names = ", ".join(replica.name for replica in self.all)
        return (
            f"None of the {len(self.all)} language model servers ({names}) can be asked. Wait until one is back: each "
            "is tried again by itself; the service's log says why it is left out."
        )


def _weight(key: str, replica: Replica) -> bytes:
    return hashlib.sha256(f"{key}\n{replica.name}".encode()).digest()
