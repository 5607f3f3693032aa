"""What administrators are told of a running service: its readiness list, its people, what answers cost, its jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from api.wiring.doctor.examining import examine
from api.wiring.doctor.findings import Finding
from infra.postgres.api_keys import ApiKey
from infra.postgres.health import JobHealth, PostgresHealth
from infra.postgres.job_rows import Job
from infra.postgres.jobs import PostgresJobs
from infra.postgres.people import Person
from infra.postgres.pool import Pool
from infra.postgres.usage import PostgresUsage, SignedIn, Used, signed_in
from infra.settings import Settings, price_on

_STAYS_S = 30.0
_STALLED_S = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """The readiness list as it was found at that time."""

    at: datetime
    rows: tuple[Finding, ...]


class Sample(Protocol):
    """Somebody of the demo."""

    @property
    def user(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def groups(self) -> Sequence[str]: ...


@dataclass(slots=True)
class KnownPerson:
    """Somebody whom this installation knows. `sources`: `scim`, `key`, `demo`, and `session` for who signs in by the
    identity provider; `active`: false for who was synced and deactivated; `keys`: how many of theirs hold; `last_seen`:
    when a key was last used, to the hour, or they signed in."""

    user: str
    name: str = ""
    groups: set[str] = field(default_factory=set)
    active: bool = True
    sources: set[str] = field(default_factory=set)
    keys: int = 0
    last_seen: datetime | None = None

    def seen(self, at: datetime | None) -> None:
        if at is not None and (self.last_seen is None or at > self.last_seen):
            self.last_seen = at


@dataclass(frozen=True, slots=True)
class Jobs:
    """Some jobs of anybody, newest first, and how all of them do."""

    jobs: tuple[Job, ...]
    last: int | None
    health: JobHealth


class Administration:
    """As `api.http.administration.Administration`."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        jobs: PostgresJobs,
        usage: PostgresUsage,
        synced: Callable[[], Sequence[Person]],
        keys: Callable[[], Sequence[ApiKey]],
        samples: Sequence[Sample],
        model: Callable[[], str],
    ) -> None:
        self._model = model
        self._settings, self._pool = settings, pool
        self._jobs, self._usage = jobs, usage
        self._synced, self._keys, self._samples = synced, keys, samples
        self._examining = threading.Lock()
        self._health: tuple[float, Health] | None = None

    def model(self) -> str:
        """That answers now."""
        return self._model()

    def price(self, model: str, day: date) -> tuple[float, float] | None:
        """What a million tokens in and out of it cost on that day, if that is set."""
        return price_on(self._settings.prices, model, day)

    def health(self) -> Health:
        """Looked at once for all who ask within half a minute."""
        with self._examining:
            if self._health is None or time.monotonic() - self._health[0] > _STAYS_S:
                rows = tuple(examine(self._settings, pool=self._pool))
                self._health = time.monotonic(), Health(datetime.now(UTC), rows)
            return self._health[1]

    def people(self) -> tuple[KnownPerson, ...]:
        """By user name."""
        return known_people(self._synced(), self._keys(), signed_in(self._pool), self._samples)

    def usage(self, since: date, until: date) -> Sequence[Used]:
        """Of these days (UTC), both included. Raises `AuditBroken` and `VaultError`."""
        return self._usage.between(since, until)

    def jobs(self, before: int | None, limit: int) -> Jobs:
        """`before`: those handed in before the job of that number."""
        found = self._jobs.list(None, before=before, limit=limit + 1)
        last = found[limit - 1].number if len(found) > limit else None
        return Jobs(found[:limit], last, PostgresHealth(self._pool).jobs(_STALLED_S))


def known_people(
    synced: Iterable[Person],
    keys: Iterable[ApiKey],
    sessions: Iterable[SignedIn],
    samples: Iterable[Sample],
) -> tuple[KnownPerson, ...]:
    """Names are told apart without their case, as credentials are."""
    found: dict[str, KnownPerson] = {}

    def person(user: str, source: str) -> KnownPerson:
        one = found.setdefault(user.lower(), KnownPerson(user))
        one.sources.add(source)
        return one

    for synced_one in synced:
        one = person(synced_one.user_name, "scim")
        one.name = str(synced_one.attributes.get("displayName") or "")
        one.active = synced_one.active
        one.groups |= {name for _, name in synced_one.groups}
    for sample in samples:
        one = person(sample.user, "demo")
        one.name = one.name or sample.name
        one.groups |= set(sample.groups)
    for key in keys:
        one = person(key.user, "key")
        one.seen(key.last_used_at)
        if key.revoked_at is None and not key.expired:
            one.keys += 1
            one.groups |= key.groups or frozenset()
    for session in sessions:
        one = person(session.user, "session") if session.way == "oidc" else person(session.user, session.way)
        one.seen(session.at)
        one.groups |= set(session.groups or ())
    return tuple(found[user] for user in sorted(found))
