"""`footnote bench absence --suite answers`: what is counted, of invented rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.datasets.answers.questions import Kind, Place, Question
from evals.suites.absence.questions_report import counts, names_gold, opens_with_gold, presence, say_questions
from evals.suites.absence.run_questions import run_questions
from generation.absence.types import Presence

LEASE, LOAN = "cuad/pdf/Acme Lease.pdf", "filings/pdf/ACME_2019_10K.pdf"
STORED = {LEASE: "cuad/Acme Lease.pdf", LOAN: "reports/0a1b2c3d.pdf"}
LAW, NOTICE, TAX = "laws of the State of Ohio", "thirty (30) days' written notice", "Effective tax rate 21.0%"
ONE = Question("q1", "Which law?", Kind.SINGLE, "", (LEASE,), (Place(LEASE, 2, LAW, 1),), (("ohio",),), (), "")
PLACES = replace(
    ONE,
    id="q2",
    kind=Kind.TWO_PLACES,
    gold=(Place(LEASE, 2, LAW, 1), Place(LEASE, 3, NOTICE, 2)),
    facts=(("a",), ("b",)),
)
DOCUMENTS = replace(
    PLACES,
    id="q3",
    kind=Kind.TWO_DOCUMENTS,
    sources=(LEASE, LOAN),
    gold=(Place(LEASE, 2, LAW, 1), Place(LOAN, 9, TAX, 2)),
)
NOTHING = replace(ONE, id="q4", kind=Kind.UNANSWERABLE, gold=(), facts=())


def told(status: str, *texts: str, source: str = LEASE, near: bool | None = None, gaps: bool = False) -> dict[str, Any]:
    return {
        "source": STORED[source],
        "status": status,
        "near": status != "absent" if near is None else near,
        "gaps": ["part"] if gaps else [],
        "nearest": [{"text": f"9.1 It is as follows: {text}."} for text in texts],
    }


def row(*documents: dict[str, Any], missing: int = 0) -> dict[str, Any]:
    return {"documents": list(documents), "missing": missing, "seconds": 2.0}


@pytest.mark.parametrize(
    ("said", "with_answer", "without"),
    [
        (("absent", "found"), "absent", "found"),
        (("absent", "unsure"), "absent", "unsure"),
        (("unsure", "found"), "unsure", "found"),
        (("found", "found"), "found", "found"),
        (("absent", "absent"), "absent", "absent"),
    ],
)
def test_of_several_documents_the_worst_counts(said: tuple[str, str], with_answer: str, without: str) -> None:
    both = row(told(said[0]), told(said[1], source=LOAN))
    assert presence(DOCUMENTS, both, gaps=True) == with_answer
    assert presence(replace(NOTHING, sources=(LEASE, LOAN)), both, gaps=True) == without


def test_what_was_not_read_hides_no_false_absence() -> None:
    quiet = row(told("unsure", near=False, gaps=True))
    assert (presence(ONE, quiet, gaps=True), presence(ONE, quiet, gaps=False)) == (Presence.UNSURE, Presence.ABSENT)
    near = row(told("unsure", near=True, gaps=True))
    assert presence(ONE, near, gaps=False) is Presence.UNSURE


def test_a_document_that_is_not_stored_is_not_absent() -> None:
    assert presence(NOTHING, row(missing=1), gaps=False) is Presence.UNSURE
    assert presence(ONE, row(missing=1), gaps=False) is Presence.UNSURE


def test_gold_is_in_the_first_passage_or_in_those_named() -> None:
    second = row(told("found", "No waiver", f"the {LAW}"))
    assert (opens_with_gold(ONE, second, STORED), names_gold(ONE, second, STORED)) == (False, True)
    half = row(told("found", f"the {LAW}", "No waiver"))
    assert (opens_with_gold(PLACES, half, STORED), names_gold(PLACES, half, STORED)) == (True, False)
    assert names_gold(PLACES, row(told("found", LAW, "No waiver", NOTICE)), STORED)


def test_gold_of_two_documents_stands_in_each() -> None:
    right = row(told("found", LAW), told("found", TAX, source=LOAN))
    crossed = row(told("found", TAX), told("found", LAW, source=LOAN))
    first = row(told("found", LAW), told("found", "No waiver", source=LOAN))
    assert [names_gold(DOCUMENTS, one, STORED) for one in (right, crossed, first)] == [True, False, False]
    assert [opens_with_gold(DOCUMENTS, one, STORED) for one in (right, crossed, first)] == [True, False, False]


def test_both_halves_are_counted_apart(capsys: pytest.CaptureFixture[str]) -> None:
    questions = [ONE, PLACES, DOCUMENTS, NOTHING, replace(NOTHING, id="q5"), replace(NOTHING, id="q6")]
    rows = {
        "q1": row(told("found", LAW)),
        "q2": row(told("unsure", LAW, NOTICE)),
        "q3": row(told("found", LAW), told("unsure", near=False, gaps=True, source=LOAN)),
        "q4": row(told("absent")),
        "q5": row(told("unsure", near=False, gaps=True)),
        "q6": row(told("found", "No waiver")),
    }
    words, whole = (list(counts(questions, rows, STORED, gaps=gaps).values()) for gaps in (False, True))
    assert words == [(1, 3), (1, 3), (1, 1), (1, 3), (1, 1), (1, 1), (2, 3), (0, 3), (1, 3)]
    assert whole == [(0, 3), (2, 3), (1, 2), (1, 3), (1, 1), (1, 1), (1, 3), (1, 3), (1, 3)]
    say_questions(questions, rows, STORED, "dev")
    out = capsys.readouterr().out
    assert all(words in out for words in ("1 / 3", "two_documents", "reports, without"))
    assert json.loads(out[out.index("{") :])["said"]["rightly absent"]["hits"] == 2


def test_nothing_asked_of_a_half_is_no_share(capsys: pytest.CaptureFixture[str]) -> None:
    say_questions([ONE], {"q1": row(told("found", LAW))}, STORED, "dev")
    assert "0 / 0" in capsys.readouterr().out


def test_questions_about_what_is_not_stored_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    say_questions([ONE, NOTHING], {"q1": row(missing=1), "q4": row(told("absent"))}, STORED, "dev")
    assert "1 of the questions count as unsure" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("split", "limits", "message"),
    [("test", None, "train, dev, blind"), ("dev", Path("limits.toml"), "leave --limits")],
)
def test_options_of_the_other_suite_are_refused(tmp_path: Path, split: str, limits: Path | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_questions(tmp_path, split, None, None, limits)
