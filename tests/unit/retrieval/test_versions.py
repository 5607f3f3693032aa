"""The table of versions that changes little by little, the labels that name people, and where keys lie."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.index.places import Part, Places
from retrieval.index.recent import Recent
from retrieval.index.segment import build
from retrieval.index.snapshot import Labels
from retrieval.index.versions import NOTHING, ChangingTable, KeyNumbers, VersionTable, ranges
from retrieval.types import DOCUMENT, KEY, IndexRow, VersionColumns


def key(document: int, content: int) -> bytes:
    return document.to_bytes(16, "big") + (bytes(32) if content == 0 else content.to_bytes(32, "little"))


def columns(*versions: tuple[int, int]) -> VersionColumns:
    """Versions (document, content), numbered as they come; content 0 has no rows."""
    numbers = np.arange(len(versions), dtype=np.int32)
    keys = np.array([key(*one) for one in versions], KEY)
    return VersionColumns(keys, numbers % 3, numbers % 2, numbers, numbers, numbers % 3 > 0)


def documents(*some: int) -> NDArray[np.bytes_]:
    return np.array([one.to_bytes(16, "big") for one in some], DOCUMENT)


def same(one: VersionTable, other: VersionTable) -> bool:
    told = [
        [table.documents, table.columns.keys, table.columns.numbers, table.columns.labels] for table in (one, other)
    ]
    return all((left == right).all() for left, right in zip(*told, strict=True))


@pytest.mark.parametrize("few", [0, 2, 4096])
def test_changes_kept_beside_the_base_are_those_of_one_table(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("retrieval.index.versions._FEW", few)
    draw, numbers = np.random.default_rng(4), KeyNumbers()
    plain = VersionTable.of(columns(*((at % 9, at % 5) for at in range(20))), numbers)
    changing, bases = ChangingTable.of(plain), set()
    for _ in range(60):
        gone = draw.choice(12, draw.integers(0, 4), replace=False).tolist()
        new = columns(*((at, int(draw.integers(5))) for at in gone for _ in range(draw.integers(3))))
        before = changing.whole
        plain = plain.replaced(documents(*gone), new, numbers)
        changing = changing.replaced(documents(*gone), new, numbers)
        assert same(changing.whole, plain)
        assert len(changing) == len(plain)
        assert changing.document_count == np.count_nonzero(plain.columns.current)
        bases.add(id(changing.base))
        living = changing.living(len(numbers))
        expected = set(plain.key_numbers.tolist()) - {NOTHING}
        assert set(np.flatnonzero(living).tolist()) == expected
        every = np.arange(len(numbers), dtype=np.int32)
        assert (changing.lives(every) == living[:-1]).all()
        table, rows = changing.rows_with(living)
        assert sorted(table.key_numbers[rows].tolist()) == sorted(expected)
        assert same(before, before.taken(np.arange(len(before))))  # what was given out stays as it was
    assert (len(bases) == 1) == (few == 4096)


def test_ranges() -> None:
    found = ranges(np.array([5, 0, 9]), np.array([2, 0, 3]))
    assert found.tolist() == [5, 6, 9, 10, 11]
    assert ranges(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def test_labels_let_in_whom_they_name_and_no_wall_keeps_out() -> None:
    labels = Labels.of({2: frozenset({"group:legal"}), 7: frozenset({"group:legal", "!user:ana"})})
    more = labels.joined({9: frozenset({"user:ana", "group:hr"}), 2: frozenset({"group:legal"})})
    assert labels.joined({2: frozenset({"group:legal"})}) is labels
    assert labels.admitting(frozenset({"user:ana", "group:legal"})).tolist() == [2]
    assert more.admitting(frozenset({"user:ana", "group:legal"})).tolist() == [2, 9]
    assert more.admitting(frozenset({"user:ben", "group:legal"})).tolist() == [2, 7]
    assert more.admitting(frozenset({"user:ben", "group:legal", "?user:ana"})).tolist() == [2]
    assert more.admitting(frozenset({"?group:hr"})).tolist() == []
    renamed = more.joined({9: frozenset({"group:legal"})})
    assert renamed.admitting(frozenset({"user:ana"})).tolist() == []
    assert renamed.admitting(frozenset({"group:legal"})).tolist() == [2, 7, 9]


def test_a_key_lies_in_the_first_part_that_holds_it() -> None:
    numbers = KeyNumbers()

    def part(*contents: int) -> Part:
        rows = [(IndexRow(f"{at:032}", key(at, at), "word"), np.ones(2, np.float32)) for at in contents]
        segment = build("part", rows, 2)
        return Part(segment, numbers.of(segment.slot_keys), True)

    one, other, third = part(3, 4), part(4, 5), part(6)
    places = Places.of([one, other])
    assert places.are_of([one, other])
    assert not places.are_of([other, one])
    asked = numbers.of(np.array([key(at, at) for at in (5, 3, 6, 4)], KEY))
    assert places.holds(asked).tolist() == [True, True, False, True]
    assert places.holds(third.key_numbers).tolist() == [False]
    assert Places.of([]).holds(asked).tolist() == [False] * 4
    first, second, left = places.slots(asked)
    assert (first.tolist(), second.tolist(), left.tolist()) == ([0, 1], [1], third.key_numbers.tolist())


def test_the_last_things_are_kept_as_long_as_they_are_light() -> None:
    kept: Recent[str, str] = Recent(3, 10)
    made: list[str] = []

    def get(name: str) -> str:
        def make() -> str:
            made.append(name)
            return name

        return kept.get(name, make, len)

    for name in ("a", "b", "c", "a", "d", "a", "b", "four five six", "a"):
        assert get(name) == name
    assert made == ["a", "b", "c", "d", "b", "four five six", "a"]
