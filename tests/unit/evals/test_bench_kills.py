"""The checker of `footnote bench kills` finds whatever is taken away from a trail, and nothing in a whole one."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from evals.suites.kills.checking import (
    ACCEPTED,
    BROKEN,
    DOUBLED,
    SENTENCES,
    UNCLOSED,
    UNNAMED,
    UNOPENED,
    UNTOLD,
    Trail,
    faults,
)
from evals.suites.kills.clients import WRITER
from evals.suites.kills.heard import Heard, Question
from evals.suites.kills.operations import OPERATIONS, plan
from evals.suites.kills.twin import Side


def event(name: str, **data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\nid: 1\n\n".encode()


def sentence(text: str) -> bytes:
    return event("sentence", sentence={"text": text})


ENDED = Question("How much?", "2100-01-01", event("status") + sentence("It is 5.") + sentence("It is 6.")
                 + event("final", answer={"audit_id": "a"}) + event("done"))  # fmt: skip
BROKEN_OFF = Question("How much?", "2100-01-02", event("status") + sentence("It: 5.") + sentence("Cut off")[:-9])
UNSERVED = Question("How much?", "2100-01-03")
HEARD = Heard([ENDED, BROKEN_OFF, UNSERVED], [("d", "5a"), ("e", "6b")], ["7c"], ["d"], ["d"])


def opened(answer: str, as_of: str) -> dict[str, Any]:
    return {"id": answer, "kind": "opened", "question": "How much?", "as_of": as_of}


def said(answer: str, *texts: str) -> dict[str, Any]:
    return {"id": "s", "kind": "sentence", "answer_id": answer, "sentences": [{"text": text} for text in texts]}


def change(action: str, document: str, sha256: str) -> dict[str, Any]:
    return {"id": "c", "kind": "change", "action": action, "document_id": document, "content_sha256": sha256}


ROWS: tuple[dict[str, Any], ...] = (
    opened("a", "2100-01-01"),
    said("a", "It is 5.", "It is 6."),
    opened("b", "2100-01-02"),
    said("b", "It: 5."),
    {"id": "z", "kind": "closed", "answer_id": "a"},
    change("upload", "d", "5a"),
    change("upload", "e", "6b"),
    change("delete", "d", "5a"),
    change("restore", "d", "5a"),
    change("upload", "f", "7c"),
)
WHOLE = Trail(True, ROWS, {"b"})


def test_what_came_whole_is_read_from_the_bytes() -> None:
    assert (ENDED.sentences, ENDED.audit_id, ENDED.answering) == (("It is 5.", "It is 6."), "a", True)
    assert (BROKEN_OFF.sentences, BROKEN_OFF.audit_id, BROKEN_OFF.answering) == (("It: 5.",), "", True)
    assert not UNSERVED.answering
    assert not Question("q", "d", event("error") + event("done")).answering
    waiting = event("status", stage="waiting", place=2)
    assert not Question("q", "d", waiting).answering
    assert Question("q", "d", waiting + event("status", stage="searching", place=0)).answering


def test_a_whole_trail_lacks_nothing() -> None:
    assert not faults(HEARD, WHOLE)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (1, {SENTENCES: 2}),
        (2, {UNOPENED: 1, SENTENCES: 1}),
        (3, {SENTENCES: 1}),
        (4, {UNCLOSED: 1, UNNAMED: 1}),
        (5, {UNTOLD: 1}),
        (6, {UNTOLD: 1}),
        (7, {UNTOLD: 1}),
        (8, {UNTOLD: 1}),
        (9, {ACCEPTED: 1}),
    ],
)
def test_a_row_that_is_missing_is_found(row: int, found: dict[str, int]) -> None:
    assert faults(HEARD, replace(WHOLE, rows=ROWS[:row] + ROWS[row + 1 :])) == found


def test_the_same_words_in_another_answer_are_no_record() -> None:
    rows = [said("b", "It is 5.", "It is 6.", "It: 5.") if row.get("kind") == "sentence" else row for row in ROWS]
    assert faults(HEARD, replace(WHOLE, rows=rows)) == {SENTENCES: 2}


def test_a_sentence_that_was_sent_twice_needs_two_records() -> None:
    twice = replace(ENDED, received=ENDED.received + sentence("It is 5."))
    assert faults(Heard([twice]), WHOLE) == {SENTENCES: 1}


def test_what_verify_says_is_looked_at() -> None:
    assert faults(HEARD, replace(WHOLE, named_open=set())) == {UNNAMED: 1}
    assert faults(HEARD, replace(WHOLE, named_open={"a", "b"})) == {UNCLOSED: 1}
    assert faults(HEARD, replace(WHOLE, whole=False)) == {BROKEN: 1}


def test_a_file_that_became_a_document_twice_is_found() -> None:
    assert faults(HEARD, replace(WHOLE, rows=(*ROWS, change("upload", "f", "7c")))) == {DOUBLED: 1}
    assert faults(HEARD, replace(WHOLE, rows=(*ROWS, change("upload", "g", "7c")))) == {DOUBLED: 1}


def test_what_two_were_told_needs_two_records() -> None:
    assert faults(replace(HEARD, deleted=["d", "d"]), WHOLE) == {UNTOLD: 1}


def test_kills_are_drawn_from_seed_and_number_alone() -> None:
    drawn = [plan(0, number, tuple(OPERATIONS)) for number in range(400)]
    assert drawn == [plan(0, number, sorted(OPERATIONS)) for number in range(400)]
    assert drawn != [plan(1, number, tuple(OPERATIONS)) for number in range(400)]
    assert {(one.operation, one.target) for one in drawn} == {
        (name, target) for name, (targets, _) in OPERATIONS.items() for target in targets
    }
    assert {plan(0, number, ("swap",)).operation for number in range(9)} == {"swap"}


def searched(version_id: str, score: float) -> dict[str, Any]:
    copy = {"chunk_id": "c2", "version_id": version_id}
    told = {"hits": [{"chunk_id": "c1", "version_id": version_id, "score": score, "copies": [copy]}]}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=told))
    with httpx2.Client(transport=transport) as client:
        return Side("http://one.test", {WRITER: "key"}).searched(client, (WRITER, "rent"))


def test_searches_are_compared_in_all_but_the_ids_that_an_installation_gives() -> None:
    assert searched("v_one", 0.5) == searched("v_other", 0.5)
    assert searched("v_one", 0.5) != searched("v_one", 0.6)
