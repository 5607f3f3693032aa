"""Names of the files in a file: whole where that is possible, never too long for the database, never the same."""

from __future__ import annotations

from ingest.types import Part
from ingest.unpacking import _names


def names(most: int, *given: str) -> list[str]:
    return _names([Part(name, b"") for name in given], most)


def test_a_name_that_fits_stays() -> None:
    assert names(9, "a/b/c.txt", "../x.txt") == ["a/b/c.txt", "x.txt"]


def test_a_long_name_keeps_its_beginning_and_its_extension() -> None:
    (name,) = names(100, "合" * 500 + "/rent.docx")
    assert name.startswith("合" * 20)
    assert name.endswith(".docx")
    assert 90 < len(name.encode()) <= 100


def test_long_names_that_differ_at_the_end_alone_stay_distinct() -> None:
    long = "d/" * 300
    given = [f"{long}a.txt", f"{long}b.txt", f"{long}a.txt"]
    first, second, again = names(100, *given)
    assert len({first, second, again}) == 3
    assert again == first.replace(".txt", " (2).txt")
    assert names(100, *reversed(given[:2])) == [second, first]


def test_an_extension_that_is_most_of_the_name_is_cut_too() -> None:
    (name,) = names(64, "a." + "b" * 500)
    assert len(name) == 64
