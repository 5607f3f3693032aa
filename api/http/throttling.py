"""How often one may be wrong: bad credentials by network address, by the key that is tried, and in all.

A credential is always checked first, so a good one is served at once, whatever its neighbours at the same address try.
What is counted is in the memory of one process, of so many addresses and keys at most.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Scope

from api.http.recording import access_of, address_of, key_id_of
from ingest.errors import NotNow

GUESS = 1.0  # what was never good
ENDED = 0.1  # what was good once, or cannot be told from it: sessions, expired tokens and keys, old links
_IN_ALL = 50  # times what one address has
_MOST = 10_000
_TOLD_EACH_S = 60.0


class TooManyBadCredentials(NotNow):
    """Too many that do not count, from one address or for one key. `told`: whether this one is for the trail, which
    hears of one a minute."""

    code = "too_many_bad_credentials"

    def __init__(self, message: str, retry_after: int = 1, *, told: bool = True) -> None:
        super().__init__(message, retry_after)
        self.told = told


@dataclass(slots=True)
class _Bucket:
    """What is left at `at`, and when the trail was last told that nothing was."""

    left: float
    at: float
    told_at: float = -math.inf


@dataclass(slots=True)
class Throttle:
    """`a_minute` bad credentials of an address, and as many for one key, at once and each minute; 0: any number."""

    a_minute: int = 20
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], _Bucket] = field(default_factory=OrderedDict)
    _all: _Bucket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, address: str, key_id: str = "", *, cost: float = GUESS) -> None:
        """One that did not count; raises `TooManyBadCredentials` if that was too many."""
        if not self.a_minute:
            return
        names = [("address", network_of(address)), *([("key", key_id)] if key_id else [])]
        with self._lock:
            now = self.clock()
            asked = [(self._bucket(name, now), self.a_minute) for name in names]
            if self._all is None:
                self._all = _Bucket(self.a_minute * _IN_ALL, now)
            asked.append((self._all, self.a_minute * _IN_ALL))
            waits = [_wait(bucket, most, cost, now) for bucket, most in asked]
            if not any(waits):
                for bucket, _ in asked:
                    bucket.left -= cost
                return
            longest = waits.index(max(waits))
            empty = asked[longest][0]
            told = now - empty.told_at >= _TOLD_EACH_S
            if told:
                empty.told_at = now
        raise TooManyBadCredentials(
            "Too many credentials that do not count came from this address, or for this key. One that counts is served "
            "at any time; try others more slowly.",
            math.ceil(max(waits)),
            told=told,
        )

    def _bucket(self, name: tuple[str, str], now: float) -> _Bucket:
        found = self._buckets.get(name)
        if found is None:
            found = self._buckets[name] = _Bucket(self.a_minute, now)
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(name)
        return found


def counted(scope: Scope, *, cost: float = GUESS) -> None:
    """The credential of this request did not count; raises `TooManyBadCredentials` if that was too many."""
    access, throttle = access_of(scope), scope["app"].state.parts.throttle
    try:
        throttle.failed(address_of(scope), key_id_of(scope, access.secret), cost=cost)
    except TooManyBadCredentials as error:
        access.untold, access.refused = not error.told, error.code
        raise


def network_of(address: str) -> str:
    """What one client has to itself: an IPv4 address, 64 bits of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 64), strict=False))
        return str(found.ipv4_mapped)
    return str(found)


def _wait(bucket: _Bucket, most: int, cost: float, now: float) -> float:
    """Fills it by the time that has passed; the seconds until so much is in it."""
    rate = most / 60
    bucket.left = min(float(most), bucket.left + (now - bucket.at) * rate)
    bucket.at = now
    return max(0.0, (cost - bucket.left) / rate)
