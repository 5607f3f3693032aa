"""How strict an answer may be asked for: what the administrator offers, and never less than what holds for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from generation.types import Strictness
from ingest.errors import FootnoteError

_ORDER = tuple(Strictness)  # from the laxest


class NotOffered(FootnoteError):
    """A strictness that cannot be asked for here. `field`: of the request, that is at fault."""

    code = "strictness_not_offered"
    field = "strictness"


@dataclass(frozen=True, slots=True)
class Offered:
    """`default`: what holds where nothing is asked for, and at least; `more`: what may be asked for besides."""

    default: Strictness = Strictness.USUAL
    more: tuple[Strictness, ...] = (Strictness.STRICT,)

    @classmethod
    def of(cls, default: str, more: Iterable[str]) -> Self:
        """As the settings have it: FOOTNOTE_STRICTNESS and FOOTNOTE_STRICTNESS_OFFERED."""
        return cls(Strictness(default), tuple(map(Strictness, more)))

    @property
    def all(self) -> tuple[Strictness, ...]:
        """From the laxest: the default, and what is stricter."""
        least = _ORDER.index(self.default)
        return tuple(one for one in _ORDER[least:] if one is self.default or one in self.more)

    def of_all(self, asked: Strictness | None) -> Strictness:
        """Of answers that are asked for together, now and later: as they are asked for, else the default. Raises
        `NotOffered`."""
        self.strict(asked)
        return asked or self.default

    def strict(self, asked: Strictness | None) -> bool:
        """Whether the answer is to be stricter than the default. Raises `NotOffered`."""
        if asked is not None and asked not in self.all:
            offered = " or ".join(f'"{one}"' for one in self.all)
            raise NotOffered(f'The strictness "{asked}" is not offered here: ask for {offered}, or leave it out.')
        return asked is not None and asked is not self.default
