"""The checker of `footnote bench trail` finds whatever is taken away from a trail, and nothing in a whole one."""

import json
from dataclasses import replace
from typing import Any

import pytest

from evals.suites.trail.checking import (
    BROKEN,
    SENTENCES,
    UNCLOSED,
    UNNAMED,
    UNOPENED,
    UNTOLD,
    Trail,
    faults,
    lost,
)
from evals.suites.trail.heard import Heard, Question


def event(name: str, **data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\nid: 1\n\n".encode()


def sentence(text: str) -> bytes:
    return event("sentence", sentence={"text": text})


ENDED = Question("How much?", "2100-01-01", event("status") + sentence("It is 5.") + sentence("It is 6.")
                 + event("final", answer={"audit_id": "a"}) + event("done"))  # fmt: skip
BROKEN_OFF = Question("How much?", "2100-01-02", event("status") + sentence("It: 5.") + sentence("Cut off")[:-9])
UNSERVED = Question("How much?", "2100-01-03")
HEARD = Heard([ENDED, BROKEN_OFF, UNSERVED], {"d": "5a", "e": "6b"}, {"d"}, {"d"})


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
)
WHOLE = Trail(True, ROWS, {"b"})


def test_what_came_whole_is_read_from_the_bytes() -> None:
    assert (ENDED.sentences, ENDED.audit_id, ENDED.answering) == (("It is 5.", "It is 6."), "a", True)
    assert (BROKEN_OFF.sentences, BROKEN_OFF.audit_id, BROKEN_OFF.answering) == (("It: 5.",), "", True)
    assert not UNSERVED.answering
    assert not Question("q", "d", event("error") + event("done")).answering


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


def test_documents_that_are_missing_changed_or_back_are_lost() -> None:
    assert lost({"a": "1", "b": "2"}, {"a": "1", "b": "2"}, {"c"}) == 0
    assert lost({"b": "3", "c": "4"}, {"a": "1", "b": "2"}, {"c"}) == 3
