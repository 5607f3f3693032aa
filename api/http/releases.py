"""What the routes use of releases, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Release(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def pins(self) -> Mapping[str, Any]: ...
    @property
    def pins_sha256(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


class ReleaseEvent(Protocol):
    """As `api.http.schemas.releases.ReleaseEventOut` has it."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def previous(self) -> str | None: ...
    @property
    def by(self) -> str: ...
    @property
    def share(self) -> float | None: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...


class Standing(Protocol):
    """`trial`: the event that began what is tried beside the current release now; `statuses`: by name."""

    @property
    def current(self) -> str | None: ...
    @property
    def trial(self) -> ReleaseEvent | None: ...
    @property
    def statuses(self) -> Mapping[str, str]: ...


class Releases(Protocol):
    def all(self) -> Sequence[Release]:
        """In the order in which they were proposed."""
        ...

    def events(self, name: str | None = None) -> Sequence[ReleaseEvent]:
        """Oldest first; of one: those that tell of it."""
        ...

    def standing(self) -> Standing: ...


TrialFigures = Callable[[], Mapping[str, Any] | None]
"""What the arms of the trial that goes on have come to by now; None: nothing is tried, or nothing is observed."""


def nothing_tried() -> None:
    return None
