"""Feedback in a real installation: what erasing documents and persons, and retention, do to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.erasing.retaining import Retaining
from api.wiring.erasing.verifying import look
from api.wiring.people_stores import PeopleStores
from generation.people import Expected, FeedbackKind, FeedbackState
from infra.erasure.words import Words
from infra.postgres.pool import transaction
from infra.settings import load_settings
from ingest.types import document_id
from retrieval.types import Principal
from tests.integration.erasing import add
from tests.integration.recalled import answer

LEGAL = ["group:legal"]
RENT, TERM = "The rent of Unit 7 is 500 euros per month.", "The lease ends in 2030."
ANA, OTTO = (Principal(name, frozenset({"legal"})) for name in ("Ana.Quill", "otto"))


@pytest.fixture(scope="module")
def parts() -> Iterator[PeopleStores]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
    ):
        yield stores


@pytest.fixture(autouse=True)
def _documents(parts: PeopleStores) -> None:
    add(parts, "rent.txt", RENT, LEGAL)
    add(parts, "term.txt", TERM, LEGAL)
    with transaction(parts.pool) as conn:
        conn.execute("DELETE FROM feedback")


def left(parts: PeopleStores) -> list[str]:
    return [one.feedback.words for one in parts.feedback.queue(None)[0]]


def give(parts: PeopleStores, who: Principal, audit_id: str, words: str, expected: Expected | None = None) -> str:
    found = parts.feedback.give(audit_id, who, FeedbackKind.WRONG, words=words, expected=expected)
    assert found is not None
    return found.feedback.id


def test_a_document_takes_along_what_was_said_of_it(parts: PeopleStores) -> None:
    on_rent = answer(parts, "Rent?", [("rent.txt", 1, RENT)], user=ANA.user)
    on_term = answer(parts, "Term?", [("term.txt", 1, TERM)], user=ANA.user)
    plain = answer(parts, "Term again?", [("term.txt", 1, TERM)], user=ANA.user)
    give(parts, ANA, on_rent, "about rent")
    give(parts, ANA, on_term, "rent was expected", Expected(document_id("rent.txt"), 1, 0, 8))
    give(parts, ANA, plain, "about the term")
    parts.recall.find_wrong(document_id("rent.txt"), 1, "bismuth is missing")
    done = Eraser(parts).documents(["rent.txt"]).receipt.done
    assert left(parts) == ["about the term"]
    assert (done["feedback"], done["wrong_versions"]) == (2, 1)
    assert list(look(parts, Words.of(["bismuth is missing"]))) == []


def test_a_person_takes_along_what_they_said_and_their_name(parts: PeopleStores) -> None:
    own = answer(parts, "Rent?", [("rent.txt", newest(parts), RENT)], user=ANA.user)
    others = answer(parts, "Rent?", [("rent.txt", newest(parts), RENT)], user=OTTO.user)
    give(parts, ANA, own, "hers")
    kept = give(parts, OTTO, others, "his")
    assert parts.feedback.review(kept, ANA, FeedbackState.ACCEPTED, "true") is not None
    add(parts, "rent.txt", f"{RENT} Or so.", LEGAL)
    parts.recall.refresh()
    Eraser(parts).person(ANA.user)
    assert left(parts) == ["his"]
    (one,) = parts.feedback.queue(None)[0]
    assert (one.feedback.reviewed_by, one.feedback.review) == ("[erased]", "true")
    assert list(look(parts, Words.of([ANA.user.lower()]))) == []


def test_what_was_said_goes_with_the_month_of_the_answer(parts: PeopleStores) -> None:
    old = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    new = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    give(parts, OTTO, old, "long ago")
    give(parts, OTTO, new, "now")
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE audit SET recorded_at = '2020-05-05' WHERE id = %s", (old,))
    parts.retention.set("trail", 180)
    assert Retaining(parts).run()[0].gone == 1
    assert left(parts) == ["now"]


def newest(parts: PeopleStores) -> int:
    (found,) = (one for one in parts.documents.everything() if one.source == "rent.txt")
    return found.version
