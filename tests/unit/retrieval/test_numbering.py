"""Versions as one reader counts them."""

from __future__ import annotations

import pytest

from infra.postgres.numbers import PostgresNumbers, version_id
from retrieval.types import Numbering

DOCUMENT = "1e0ac1d1-d22f-5d1d-b415-e70d308d196f"
SEEN = Numbering({DOCUMENT: {2: "v_two", 5: "v_five"}})


def test_what_cannot_be_read_is_not_counted() -> None:
    assert [SEEN.number(DOCUMENT, version) for version in (2, 5)] == [1, 2]
    assert [SEEN.id(DOCUMENT, version) for version in (2, 5)] == ["v_two", "v_five"]


def test_a_version_that_was_closed_this_moment_counts_as_if_it_were_open_and_has_no_id() -> None:
    assert [SEEN.number(DOCUMENT, version) for version in (1, 3, 6)] == [1, 2, 3]
    assert SEEN.id(DOCUMENT, 3) == SEEN.id("elsewhere", 1) == ""
    assert not SEEN.knows(DOCUMENT, 3)
    assert not SEEN.knows(DOCUMENT, None)


@pytest.mark.parametrize(
    ("asked", "stored"),
    [(1, 2), (2, 5), (3, None), (0, None), (-1, None), ("v_two", 2), ("v_five", 5), ("v_other", None), ("", None)],
)
def test_numbers_and_ids_lead_back_to_what_is_stored(asked: int | str, stored: int | None) -> None:
    assert SEEN.stored(DOCUMENT, asked) == stored
    assert SEEN.stored("elsewhere", asked) is None


def test_an_id_is_of_one_version_of_one_document_of_one_installation() -> None:
    other = "1e0ac1d1-d22f-5d1d-b415-e70d308d1970"
    made = [version_id(key, id_, at) for key in (b"a", b"b") for id_ in (DOCUMENT, other) for at in (1, 2, 3)]
    assert len(set(made)) == len(made)
    assert all(len(one) == 18 for one in made)
    assert version_id(b"a", DOCUMENT.upper(), 1) == made[0]


def test_what_is_no_id_of_a_document_has_no_versions() -> None:
    numbers = PostgresNumbers(None, b"a")  # type: ignore[arg-type]  # nothing is read
    assert numbers.of(None, ["?"]) == Numbering({})  # type: ignore[arg-type]
