"""Recall of answers on a real installation: what is marked, found, and told to whom."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.people_stores import PeopleStores
from api.wiring.recall.recalling import Affected
from generation.people import Change, Changed
from infra.postgres.pool import transaction
from infra.settings import load_settings
from ingest.types import OPERATOR, document_id
from retrieval.types import Principal
from tests.integration.erasing import add
from tests.integration.recalled import answer

LEGAL, WALLED = ["group:legal"], ["group:board"]
ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent of Unit 7 is 500 euros per month."
MORE = "The rent of Unit 7 is 600 euros per month."
TERM = "The lease ends in 2030."


@pytest.fixture(scope="module")
def parts() -> Iterator[PeopleStores]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
    ):
        yield stores


@pytest.fixture
def source() -> str:
    return f"matters/{uuid.uuid4()}.txt"


@pytest.fixture
def who() -> Principal:
    return Principal(f"u{uuid.uuid4().hex}", frozenset({"legal"}))


def found(parts: PeopleStores, source: str, version: int | None = None) -> dict[str, Affected]:
    parts.recall.refresh()
    return {one.audit_id: one for one in parts.recall.affected(document_id(source), version).answers}


def notices(parts: PeopleStores, who: Principal) -> dict[str, tuple[Changed, ...]]:
    parts.recall.refresh()
    return {one.kept.audit_id: one.kept.changed for one in parts.recall.notices(who, 100)}


def test_a_newer_version_marks_what_rests_on_the_older_one(parts: PeopleStores, source: str, who: Principal) -> None:
    add(parts, source, f"{RENT} {TERM}", LEGAL)
    rent = answer(parts, "What is the rent?", [(source, 1, RENT)], user=who.user)
    term = answer(parts, "When does it end?", [(source, 1, TERM)], user=who.user)
    assert found(parts, source) == {}
    add(parts, source, f"{MORE}\n{TERM.replace(' in ', '  in ')}", LEGAL)
    newer = answer(parts, "And now?", [(source, 2, MORE)], user=who.user)
    told = found(parts, source)
    assert told.keys() == {rent, term}
    assert newer not in told
    (changed,) = told[rent].changed
    assert (changed.change, changed.version, changed.by, changed.stands) == (Change.SUPERSEDED, 1, 2, False)
    assert told[term].changed[0].stands is True  # white space does not count
    assert (told[rent].asked_by, told[rent].question) == (f"user:{who.user}", "What is the rent?")
    assert found(parts, source, 2) == {}


def test_answers_of_a_past_day_are_marked_by_what_held_on_it(parts: PeopleStores, source: str) -> None:
    add(parts, source, RENT, LEGAL)
    then = answer(parts, "The rent then?", [(source, 1, RENT)], as_of="2001-01-01")
    said = answer(parts, "The rent in 2001?", [(source, 1, RENT)], clue="2001-01-01")
    now = answer(parts, "The rent?", [(source, 1, RENT)])
    add(parts, source, MORE, LEGAL)
    assert found(parts, source).keys() == {now}
    with transaction(parts.pool) as conn:  # it turns out to have held before
        conn.execute("UPDATE versions SET effective = '2000-01-01' WHERE document_id = %s", (document_id(source),))
    parts.documents.relabel(document_id(source), frozenset(LEGAL))
    assert found(parts, source).keys() == {now, then, said}


def test_deleted_restored_and_gone_for_good(parts: PeopleStores, source: str, who: Principal) -> None:
    id_ = add(parts, source, RENT, LEGAL)
    asked = answer(parts, "What is the rent?", [(source, 1, RENT)], user=who.user)
    parts.documents.delete(id_, OPERATOR)
    assert [one.change for one in found(parts, source)[asked].changed] == [Change.DELETED]
    assert notices(parts, who) == {}
    parts.documents.restore(id_, OPERATOR)
    assert found(parts, source) == {}
    parts.documents.delete(id_, OPERATOR, now=True)
    assert [one.change for one in found(parts, source)[asked].changed] == [Change.DELETED]
    add(parts, source, MORE, LEGAL)  # comes back with other words, under the next number
    assert [one.change for one in found(parts, source)[asked].changed] == [Change.DELETED]
    assert notices(parts, who) == {}


def test_what_was_erased_is_told_without_its_words(parts: PeopleStores, source: str, who: Principal) -> None:
    add(parts, source, RENT, LEGAL)
    add(parts, source, MORE, LEGAL)
    parts.api_keys.create(who.user, ["legal"], ["read"], "")  # by which the name is known
    asked = answer(parts, "What is the rent?", [(source, 2, MORE)], user=who.user)
    Eraser(parts).documents([source])
    one = found(parts, source)[asked]
    assert [(changed.change, changed.title) for changed in one.changed] == [(Change.ERASED, "")]
    assert (one.asked_by, one.question) == (f"user:{who.user}", "")
    assert notices(parts, who) == {}
    Eraser(parts).person(who.user)
    assert found(parts, source)[asked].asked_by == ""


def test_what_is_found_wrong(parts: PeopleStores, source: str, who: Principal) -> None:
    id_ = add(parts, source, RENT, LEGAL)
    before = answer(parts, "What is the rent?", [(source, 1, RENT)], user=who.user)
    parts.recall.find_wrong(id_, 1, "The scan lacks page 2")
    (changed,) = found(parts, source)[before].changed
    assert (changed.change, changed.reason) == (Change.WRONG, "The scan lacks page 2")
    after = answer(parts, "And the rent?", [(source, 1, RENT)], user=who.user)
    assert notices(parts, who).keys() == {before, after}
    parts.recall.seen(who, [before, after])
    assert notices(parts, who) == {}
    parts.recall.find_wrong(id_, 0, "All of it is a draft")
    assert notices(parts, who)[after][0].reason == "The scan lacks page 2; All of it is a draft"
    parts.recall.not_wrong(id_, 0)
    parts.recall.not_wrong(id_, 1)
    assert found(parts, source) == {}
    assert not parts.recall.not_wrong(id_, 1)
    assert not parts.recall.find_wrong(id_, 9, "x")


def test_who_asked_is_told_once_and_again_when_more_changes(parts: PeopleStores, source: str, who: Principal) -> None:
    add(parts, source, RENT, LEGAL)
    asked = answer(parts, "What is the rent?", [(source, 1, RENT)], user=who.user.upper())
    add(parts, source, MORE, LEGAL)
    assert [(one.by, one.stands) for one in notices(parts, who)[asked]] == [(2, False)]
    assert notices(parts, ANA).get(asked) is None  # it is not theirs
    parts.recall.seen(ANA, [asked])
    assert asked in notices(parts, who)
    parts.recall.seen(who, [asked])
    assert notices(parts, who) == {}
    assert found(parts, source)[asked].seen_at is not None
    assert parts.trail.find(parts.audit.show(limit=1)[0].id)[0].action == "notice_seen"
    add(parts, source, f"{RENT} {MORE}", LEGAL)
    assert [(one.by, one.stands) for one in notices(parts, who)[asked]] == [(3, True)]


def test_who_may_not_read_all_of_it_any_more_is_told_nothing(parts: PeopleStores, source: str, who: Principal) -> None:
    other = f"{source}.2"
    add(parts, source, RENT, LEGAL)
    shut = add(parts, other, TERM, LEGAL)
    asked = answer(parts, "Rent and term?", [(source, 1, RENT), (other, 1, TERM)], user=who.user)
    add(parts, source, MORE, LEGAL)
    assert asked in notices(parts, who)
    parts.documents.relabel(shut, frozenset(WALLED))
    assert notices(parts, who) == {}
    parts.recall.seen(who, [asked])
    parts.documents.relabel(shut, frozenset(LEGAL))
    assert asked in notices(parts, who)


def test_a_newer_version_that_a_reader_may_not_read_is_none_for_them(
    parts: PeopleStores, source: str, who: Principal
) -> None:
    def dated(text: str, label: list[str], day: str) -> None:
        add(parts, source, text, label)
        with transaction(parts.pool) as conn:
            conn.execute(
                "UPDATE versions SET effective = %s WHERE document_id = %s AND version = "
                "(SELECT max(version) FROM versions WHERE document_id = %s)",
                (day, document_id(source), document_id(source)),
            )

    def told() -> list[tuple[int | None, bool | None]]:
        kept = parts.kept.open(asked, who)
        assert kept is not None
        return [(one.by, one.stands) for one in kept.changed]

    dated(RENT, LEGAL, "2000-01-01")
    asked = answer(parts, "What was the rent?", [(source, 1, RENT)], user=who.user, as_of="2010-01-01")
    dated(f"{RENT} Secret.", WALLED, "2001-01-01")
    dated(MORE, LEGAL, "2020-01-01")
    assert [one.by for one in found(parts, source)[asked].changed] == [2]
    assert notices(parts, who) == {}
    assert told() == []
    dated(f"{MORE} At first.", LEGAL, "2002-01-01")
    dated(MORE, LEGAL, "2021-01-01")
    assert notices(parts, who).keys() == {asked}
    assert told() == [(4, False)]
    parts.recall.seen(who, [asked])
    dated(f"{RENT} More secrets.", WALLED, "2003-01-01")
    dated(f"{MORE} In the end.", LEGAL, "2022-01-01")
    assert [one.by for one in found(parts, source)[asked].changed] == [6]
    assert notices(parts, who) == {}
    assert told() == [(4, False)]


def test_an_answer_that_is_opened_again_says_what_has_changed(parts: PeopleStores, source: str) -> None:
    add(parts, source, RENT, LEGAL)
    asked = answer(parts, "What is the rent?", [(source, 1, RENT)])
    kept = parts.kept.open(asked, ANA)
    assert kept is not None
    assert kept.changed == ()
    add(parts, source, MORE, LEGAL)
    parts.recall.refresh()
    kept = parts.kept.open(asked, ANA)
    assert kept is not None
    assert [(one.change, one.by, one.title) for one in kept.changed] == [(Change.SUPERSEDED, 2, "A title")]


def test_marking_begins_anew_and_goes_on_alike(parts: PeopleStores, source: str, who: Principal) -> None:
    add(parts, source, RENT, LEGAL)
    for number in range(3):
        answer(parts, f"Question {number}?", [(source, 1, RENT)], user=who.user)
    add(parts, source, MORE, LEGAL)
    parts.recall.refresh()

    def marks() -> list[tuple[object, ...]]:
        with transaction(parts.pool) as conn:
            return conn.execute(
                "SELECT audit_id, version, reason, owner, at, by_version, seen_at FROM answer_marks ORDER BY 1, 2, 3"
            ).fetchall()

    parts.recall.seen(who, list(found(parts, source)))
    whole = marks()
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE answers_marked SET seq = 0, generation = 0")
    parts.recall.refresh()
    assert marks() == whole
    assert sum(row[3] == f"user:{who.user}" for row in whole) == 3


def test_no_name_comes_back_while_a_person_is_erased(parts: PeopleStores, source: str, who: Principal) -> None:
    add(parts, source, RENT, LEGAL)
    asked = answer(parts, "What is the rent?", [(source, 1, RENT)], user=who.user)
    add(parts, source, MORE, LEGAL)
    with transaction(parts.pool) as conn:
        conn.execute(
            "INSERT INTO erasures (id, kind, subjects, indices, originals, counts, asked_by, copies_until) "
            "VALUES (gen_random_uuid(), 'person', '{x}', '{}', '{}', '{}', 'x', now())"
        )
    assert asked not in found(parts, source)
    with transaction(parts.pool) as conn:
        conn.execute("DELETE FROM erasures WHERE subjects = '{x}'")
    assert asked in found(parts, source)


def test_all_of_them_come_page_by_page(parts: PeopleStores, source: str) -> None:
    add(parts, source, RENT, LEGAL)
    asked = [answer(parts, f"Question {number}?", [(source, 1, RENT)]) for number in range(5)]
    add(parts, source, MORE, LEGAL)
    parts.recall.refresh()
    told, after = [], None
    while True:
        page = parts.recall.affected(document_id(source), after=after, limit=2)
        told += [one.audit_id for one in page.answers]
        after = page.last
        if after is None:
            break
    assert told == asked[::-1]
