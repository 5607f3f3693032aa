"""Two runs of the evaluation, case by case: what has turned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Case(Protocol):
    """`dataset`: the digest of the version of its set; `outcome`: right, wrong or error."""

    @property
    def suite(self) -> str: ...
    @property
    def case_id(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def outcome(self) -> str: ...


C = TypeVar("C", bound=Case)


@dataclass(frozen=True, slots=True)
class Turned(Generic[C]):
    """Of cases that both runs gave a result of, in the same version of their set (`paired` many): right `before` and
    wrong now, and the other way round, as they are now. `overlooked`: how many of now have nothing to pair with."""

    wrong: tuple[C, ...]
    right: tuple[C, ...]
    paired: int
    overlooked: int


def turned(now: Iterable[C], before: Iterable[Case]) -> Turned[C]:
    """An error is no result."""
    then = {(one.suite, one.case_id, one.dataset): one.outcome for one in before if one.outcome != "error"}
    known = [one for one in now if one.outcome != "error"]
    paired = [(one, then[place]) for one in known if (place := (one.suite, one.case_id, one.dataset)) in then]
    return Turned(
        wrong=tuple(one for one, was in paired if (was, one.outcome) == ("right", "wrong")),
        right=tuple(one for one, was in paired if (was, one.outcome) == ("wrong", "right")),
        paired=len(paired),
        overlooked=len(known) - len(paired),
    )
