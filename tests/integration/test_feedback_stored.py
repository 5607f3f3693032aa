"""Feedback in a real installation: what erasing documents and persons, and retention, do to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.wiring.erasing.erasing import Eraser
from api.wiring.erasing.retaining import Retaining
from api.wiring.erasing.verifying import look
from api.wiring.people_stores import PeopleStores
from api.wiring.signing import SignOffs
from generation.people import Expected, FeedbackKind, FeedbackState, KeptAnswer, SignVerdict
from infra.erasure.words import Words
from infra.postgres.errors import HeldBack
from infra.postgres.pool import connection, transaction
from infra.settings import load_settings
from ingest.types import OPERATOR, document_id
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


def test_what_others_said_of_a_persons_answers_goes_with_these(parts: PeopleStores) -> None:
    theirs = answer(parts, "Did Quentin Marsh pay?", [("term.txt", 1, TERM)], user="quentin")
    parts.api_keys.create("quentin", ["legal"], ["read"], "")
    given = parts.feedback.give(theirs, OTTO, FeedbackKind.WRONG, words="It is about Quentin Marsh.", auditor=True)
    assert given is not None
    other = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    give(parts, OTTO, other, "Quentin Marsh says so.")
    kept = give(parts, ANA, answer(parts, "Term?", [("term.txt", 1, TERM)], user=ANA.user), "It is so.")
    assert parts.feedback.review(kept, None, FeedbackState.ACCEPTED, "As quentin marsh has told.") is not None
    give(parts, OTTO, answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user), "Nobody says so.")
    done = Eraser(parts).person("quentin", ["Quentin Marsh"]).receipt.done
    assert (left(parts), done["feedback"]) == (["Nobody says so."], 3)
    assert list(look(parts, Words.of(["quentin"]))) == []


def test_what_a_held_person_says_is_kept_whatever_its_words(parts: PeopleStores) -> None:
    parts.api_keys.create("pia", ["legal"], ["read"], "")
    give(parts, OTTO, answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user), "Pia Holm says so.")
    hold = parts.holds.place("person", OTTO.user, "Quill v. Bismuth")
    with pytest.raises(HeldBack, match="Feedback would be erased with it, and tells of the person otto"):
        Eraser(parts).person("pia", ["Pia Holm"])
    assert left(parts) == ["Pia Holm says so."]
    parts.holds.lift(hold)
    Eraser(parts).person("pia", ["Pia Holm"])
    assert left(parts) == []


def test_what_an_old_backup_brings_back_of_a_purged_document_goes_again(parts: PeopleStores) -> None:
    id_ = add(parts, "purged.txt", f"{RENT} It was purged.", LEGAL)
    asked = answer(parts, "Rent?", [("purged.txt", 1, RENT)], user=OTTO.user)
    parts.documents.delete(id_, OPERATOR, now=True)
    receipt = Eraser(parts).documents([id_]).path.read_bytes()
    with transaction(parts.pool) as conn:
        conn.execute(
            "INSERT INTO feedback (id, audit_id, owner, kind, sentence, words, given_at) "
            "VALUES (gen_random_uuid(), %s, 'user:otto', 'wrong', 0, 'It was 500 euros.', '2020-01-01')",
            (asked,),
        )
    assert len(Eraser(parts).again([receipt])) == 1
    assert left(parts) == []
    assert Eraser(parts).again([receipt]) == []


@pytest.mark.parametrize("at", [0, 1])
def test_nothing_is_said_of_what_is_erased_meanwhile(
    parts: PeopleStores, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    add(parts, f"gone{at}.txt", f"{RENT} Number {at}.", LEGAL)
    asked = answer(parts, "Rent?", [(f"gone{at}.txt", 1, RENT)], user=OTTO.user)
    real, opened = parts.kept.open, list[str]()

    def erased_after(audit_id: str, principal: Principal) -> KeptAnswer | None:
        found = real(audit_id, principal)
        opened.append(audit_id)
        if len(opened) == at + 1:
            Eraser(parts).documents([f"gone{at}.txt"])
        return found

    monkeypatch.setattr(parts.kept, "open", erased_after)
    assert parts.feedback.give(asked, OTTO, FeedbackKind.WRONG, words="It was 500 euros.") is None
    assert left(parts) == []


def test_no_second_connection_is_waited_for(parts: PeopleStores) -> None:
    """Else eight people who say something at once would keep each other, and the trail, waiting."""
    asked = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    with ExitStack() as others:
        for _ in range(parts.pool.max_size - 1):
            others.enter_context(connection(parts.pool))
        give(parts, OTTO, asked, "Yes.")
        signed = SignOffs(parts.kept, parts.sign_offs).put(asked, None, OTTO, SignVerdict.APPROVED, "Seen.")
        assert signed is not None


def test_what_was_said_goes_with_the_month_of_the_answer(parts: PeopleStores) -> None:
    old = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    new = answer(parts, "Term?", [("term.txt", 1, TERM)], user=OTTO.user)
    give(parts, OTTO, old, "long ago")
    give(parts, OTTO, new, "now")
    for asked in (old, new):
        parts.sign_offs.put(asked, None, "user:otto", SignVerdict.APPROVED, "Seen.", lambda: True)
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE audit SET recorded_at = '2020-05-05' WHERE id = %s", (old,))
    parts.retention.set("trail", 180)
    assert Retaining(parts).run()[0].gone == 1
    assert left(parts) == ["now"]
    assert [one.audit_id for one in parts.sign_offs.of([old, new])] == [new]


def newest(parts: PeopleStores) -> int:
    (found,) = (one for one in parts.documents.everything() if one.source == "rent.txt")
    return found.version
