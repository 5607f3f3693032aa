"""Are a library's words, rows, digits and headings those of the file? The same expectations for all, read leniently."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from evals.suites.ingestion.lenient import heading, lenient
from evals.systems.readers import Read

GROUPS = ("order", "headings", "tables", "numbers")
Headings = Sequence[tuple[int | None, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one file must give for one of `GROUPS`; the keys of `peers.toml`."""

    group: str
    file: str
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    headings: tuple[tuple[str, int], ...] = ()
    no_headings: tuple[str, ...] = ()


def wanted() -> Sequence[Wanted]:
    table = tomllib.loads(files(__package__).joinpath("peers.toml").read_text(encoding="utf-8"))
    return [Wanted(group, file, **_frozen(keys)) for group in GROUPS for file, keys in table[group].items()]


def _frozen(keys: Mapping[str, Any]) -> dict[str, Any]:
    lists = {key: tuple(value) for key, value in keys.items()}
    return lists | {"headings": tuple((words, level) for words, level in keys.get("headings", ()))}


def faults(case: Wanted, read: Read) -> tuple[str, ...]:
    """Nothing where the library is right."""
    if read.error:
        return (read.error,)
    return (*_words(case, lenient(read.text)), *_headings(case, read.headings))


def _words(case: Wanted, text: str) -> Iterator[str]:
    position = 0
    for pattern in case.holds:
        match = re.compile(pattern).search(text, position)
        if match is None:
            yield f"lacks {pattern!r}"
        else:
            position = match.end()
    yield from (f"holds {pattern!r}" for pattern in case.lacks if re.search(pattern, text))


def _headings(case: Wanted, found: Headings) -> Iterator[str]:
    """The wanted ones must be there once, in order; their levels only against each other, as some count a document's
    title as one, and only where the library tells any."""
    known = [(level, heading(words)) for level, words in found]
    names = [words for _, words in known]
    places = []
    for words, level in case.headings:
        at = [place for place, name in enumerate(names) if name == heading(words)]
        if len(at) != 1:
            yield f"has the heading {words!r} {len(at)} times"
        else:
            places.append((at[0], level))
    if [place for place, _ in places] != sorted(place for place, _ in places):
        yield "has the headings in another order"
    yield from (f"has the heading {words!r}" for words in case.no_headings if heading(words) in names)
    if any(known[place][0] is not None for place, _ in places):
        yield from _levels([(known[place][0], level) for place, level in places])


def _levels(pairs: Sequence[tuple[int | None, int]]) -> Iterator[str]:
    """Headings of one level must be given as one, and as deeper than those of a level above."""
    above = -1
    for level in sorted({level for _, level in pairs}):
        given = {-1 if said is None else said for said, at in pairs if at == level}
        if len(given) != 1 or min(given) <= above:
            yield f"has level {level} as {sorted(given)}"
            return
        above = min(given)
