"""What the routes use of comparisons, whoever makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from api.http.stored import VersionView
from retrieval.comparing.types import Comparison
from retrieval.types import Principal


class Compared(Protocol):
    """Both versions with what differs between them; `notes` say what was not compared, or not as surely."""

    @property
    def old(self) -> VersionView: ...
    @property
    def new(self) -> VersionView: ...
    @property
    def comparison(self) -> Comparison: ...
    @property
    def notes(self) -> Sequence[str]: ...


class Differences(Protocol):
    async def of(
        self, old: tuple[str, int | None], new: tuple[str, int | None], principal: Principal
    ) -> Compared | None:
        """Of documents and versions as they are stored, None: the current one; None if either is missing or hidden."""
        ...
