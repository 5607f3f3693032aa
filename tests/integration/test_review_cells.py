"""What cells of reviews keep of their answers: no more than lets these be found, told of, and gone where they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.erasing.retaining import Retaining
from api.wiring.people_stores import PeopleStores
from api.wiring.review_seeing import PlacedCell
from api.wiring.reviews import ReviewDesk
from infra.postgres.pool import transaction
from infra.postgres.review_rows import CellState
from infra.settings import load_settings
from ingest.types import document_id
from retrieval.types import Filter, Principal
from tests.integration.erasing import add
from tests.integration.recalled import answer

ANA, OTTO = (Principal(name, frozenset({"legal"})) for name in ("Ana.Quill", "otto"))
RENT = "The rent of Unit 7 is 500 euros per month."


@pytest.fixture(scope="module")
def parts() -> Iterator[PeopleStores]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
    ):
        yield stores


@pytest.fixture
def desk(parts: PeopleStores) -> ReviewDesk:
    add(parts, "rent.txt", RENT, ["group:legal"])
    with transaction(parts.pool) as conn:
        conn.execute("DELETE FROM reviews")
    return ReviewDesk(parts.reviews, parts.kept, lambda *_: ())


def answered(parts: PeopleStores, desk: ReviewDesk, question: str = "Rent?", who: Principal = ANA) -> tuple[str, str]:
    """A review of one cell, and its answer."""
    only = Filter(documents=frozenset({document_id("rent.txt")}))
    review_id = desk.start(who, None, "Rents", [question], only, None, live=False)
    taken = parts.review_queue.take(review_id)
    assert taken is not None
    at = newest(parts)
    audit_id = answer(parts, question, [("rent.txt", at, RENT)], user=who.user)
    assert parts.review_queue.end(taken, CellState.ANSWERED, audit_id=audit_id, version=at, rests_on=[at])
    return review_id, audit_id


def newest(parts: PeopleStores) -> int:
    id_ = document_id("rent.txt")
    return parts.reviews.in_force(ANA, [id_], None)[id_].version


def cell(desk: ReviewDesk, review_id: str, who: Principal = ANA) -> Any:
    (row,) = desk.rows(review_id, who)[1]
    return next(iter(row.cells), None)


def test_an_answer_that_is_erased_is_counted_as_gone(parts: PeopleStores, desk: ReviewDesk) -> None:
    review_id, _ = answered(parts, desk, "Was Zanzibar Quay let?")
    assert desk.find(review_id, ANA).counts == {"answered": 1}
    Eraser(parts).person("nobody-else", ["Zanzibar Quay"])
    assert desk.find(review_id, ANA).counts == {"failed": 1}
    assert (cell(desk, review_id).code, cell(desk, review_id).audit_id) == ("answer_gone", None)
    assert desk.resume(review_id, ANA, None) == 1


def test_a_person_who_is_erased_is_shared_with_no_more(parts: PeopleStores, desk: ReviewDesk) -> None:
    review_id, _ = answered(parts, desk)
    desk.share(review_id, ANA, ["user:Nora", "group:legal"])
    Eraser(parts).person("nora")
    assert desk.find(review_id, ANA).review.shares == ("group:legal",)


def test_whose_it_is_does_not_depend_on_how_a_credential_writes_the_name(parts: PeopleStores, desk: ReviewDesk) -> None:
    lower = Principal("ana.quill", frozenset({"legal"}))
    review_id, _ = answered(parts, desk)
    assert desk.find(review_id, lower).own
    desk.change(review_id, lower, title="Renamed", live=None)
    assert [one.review.title for one in desk.list(ANA)[0]] == ["Renamed"]
    desk.share(review_id, ANA, ["group:legal"])
    assert desk.list(lower, shared=True)[0] == []
    conversation = parts.conversations.create(ANA, "Rents")
    assert parts.conversations.change(conversation, lower, title="Renamed")
    assert [one.id for one in parts.conversations.list(ANA)[0]] == [conversation]
    parts.conversations.share(conversation, ANA, 0, ["group:legal"])
    assert parts.conversations.shared(lower)[1] == 0


def test_cells_of_before_are_shown_to_others_once_it_is_known_what_they_rest_on(
    parts: PeopleStores, desk: ReviewDesk
) -> None:
    review_id, _ = answered(parts, desk)
    desk.share(review_id, ANA, ["user:otto"])
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE review_cells SET rests_on = NULL")
    assert cell(desk, review_id).status == "answered"
    assert (cell(desk, review_id, OTTO), desk.find(review_id, OTTO).counts) == (None, {})
    desk.share(review_id, ANA, ["user:otto"])
    assert (cell(desk, review_id, OTTO).status, desk.find(review_id, OTTO).counts) == ("answered", {"answered": 1})


def test_an_answer_that_takes_the_place_of_another_does_so_in_its_cells(parts: PeopleStores, desk: ReviewDesk) -> None:
    review_id, audit_id = answered(parts, desk)
    add(parts, "rent.txt", f"{RENT} Or so.", ["group:legal"])
    assert cell(desk, review_id).status == "stale"
    again = answer(parts, "Rent?", [("rent.txt", newest(parts), RENT)], user=ANA.user)
    assert desk.take_over(audit_id, again) == 1
    found = cell(desk, review_id)
    assert (found.status, found.audit_id, found.version) == ("answered", again, newest(parts))
    assert desk.changed(review_id, ANA, (2, 0, 0), 10).cells
    assert desk.take_over(audit_id, again) == 0


def test_cells_that_an_affected_answer_stands_in_are_named(parts: PeopleStores, desk: ReviewDesk) -> None:
    review_id, audit_id = answered(parts, desk)
    named = PlacedCell(review_id, "Rents", document_id("rent.txt"), 1)
    parts.recall.find_wrong(document_id("rent.txt"), newest(parts), "bismuth is missing")
    assert audit_id in {one.audit_id for one in parts.recall.affected(document_id("rent.txt")).answers}
    assert parts.placing.all([audit_id], None) == {audit_id: [named]}
    assert parts.placing.of([audit_id], ANA) == {audit_id: [named]}
    assert parts.placing.of([audit_id], OTTO) == {}
    (hidden,) = parts.placing.all([audit_id], OTTO)[audit_id]
    assert (hidden.review_id, hidden.title) == (review_id, "")
    (changed,) = cell(desk, review_id).kept.changed
    assert (changed.change.value, changed.reason) == ("wrong", "bismuth is missing")
    desk.share(review_id, ANA, ["user:otto"])
    assert parts.placing.of([audit_id], OTTO) == {audit_id: [named]}
    assert cell(desk, review_id, OTTO).kept.changed == (changed,)
    assert desk.again(review_id, ANA, None, document_id("rent.txt"), []) == 1
    assert parts.placing.all([audit_id], None) == {}
    parts.recall.not_wrong(document_id("rent.txt"), newest(parts))


def test_an_answer_whose_month_has_ended_is_gone(parts: PeopleStores, desk: ReviewDesk) -> None:
    """The last one: it changes a record."""
    review_id, audit_id = answered(parts, desk)
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE audit SET recorded_at = '2020-05-05' WHERE id = %s", (audit_id,))
    parts.retention.set("trail", 180)
    Retaining(parts).run()
    assert desk.find(review_id, ANA).counts == {"failed": 1}
    assert cell(desk, review_id).code == "answer_gone"
