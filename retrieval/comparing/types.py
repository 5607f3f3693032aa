"""What is compared, and what comes out. Offsets are characters [start, end) of the canonical text of either side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ingest.types import ElementKind

Split = Callable[[str], Iterable[tuple[int, int]]]
"""The spans of a text's sentences, in order."""


class Kind(StrEnum):
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RENUMBERED = "renumbered"


class Change(StrEnum):
    """What kind of words changed; the most telling first."""

    AMOUNT = "amount"
    DATE = "date"
    NUMBER = "number"
    PARTY = "party"  # the name of a party, or of a company
    MODAL = "modal"  # shall, may, must ...
    NEGATION = "negation"  # not, no, never ...
    REFERENCE = "reference"  # the number of a clause or annex that is referred to
    NAME = "name"  # another capitalised name or defined term
    WORDING = "wording"
    PUNCTUATION = "punctuation"  # nothing else


class Placed(Protocol):
    """A structural element; `level` 1 to 6 for headings, else 0; `page` None without pages."""

    @property
    def kind(self) -> ElementKind: ...
    @property
    def level(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def page(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Text:
    """One side: the canonical text with its elements in order, and the names of the parties, as far as known."""

    text: str
    elements: Sequence[Placed]
    parties: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a sentence that changed. Where they were only added or only taken out, the other side is empty
    (`start == end`) and says where."""

    old: Span
    new: Span
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A pair of places that differ; one side is empty where something was added or removed.

    `old` and `new`: sentences, table rows or whole clauses. `section_*`: the headings that they stand under, outermost
    first; `clause_*`: the number of their clause as it is printed, "" without one. A renumbering names all clauses in a
    row that were counted on or back by the same step, as many old spans as new ones.
    """

    kind: Kind
    old: tuple[Span, ...]
    new: tuple[Span, ...]
    section_old: tuple[str, ...] = ()
    section_new: tuple[str, ...] = ()
    clause_old: str = ""
    clause_new: str = ""
    words: tuple[Words, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every kind of change in it, the most telling first; punctuation only where there is nothing else."""
        found = {change for words in self.words for change in words.changes}
        if len(found) > 1:
            found.discard(Change.PUNCTUATION)
        return tuple(change for change in Change if change in found)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences in reading order. `alike`: the share of all words, of both sides, in sentences and rows that are
    the same and stand in the same order."""

    differences: tuple[Difference, ...]
    alike: float

    @property
    def counts(self) -> Mapping[Kind, int]:
        found = Counter(one.kind for one in self.differences)
        return {kind: found[kind] for kind in Kind}

    @property
    def change_counts(self) -> Mapping[Change, int]:
        """In how many differences each kind of change occurs."""
        found = Counter(change for one in self.differences for change in one.changes)
        return {change: found[change] for change in Change}
