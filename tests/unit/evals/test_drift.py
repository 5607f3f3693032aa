"""Drift of answers: what changed is told, what did not is not, each person counts once, and no question is printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from api.terminal import say_json
from evals.suites.drift.run_drift import DRIFTED, TOO_FEW, exit_code, say_drift
from evals.suites.drift.windows import ALPHA, FEWEST, compared, one_each
from evals.systems.trail_windows import Observation

SECRET = "dismissal of Quillfeather"


def embed(questions: Sequence[str]) -> NDArray[np.float64]:
    """By the topic that stands first, with a little of the question's own."""
    rows = []
    for one in questions:
        topic, _, rest = one.partition(" ")
        noise = np.random.default_rng(crc32(rest.encode())).normal(0, 0.2, 4)
        rows.append(np.array([topic == "lease", topic == "tax", topic == "visa", 1.0]) + noise)
    return np.stack(rows)


def answers(n: int, seed: int, first: int = 0) -> list[Observation]:
    """Of so many people, one each."""
    rng = np.random.default_rng(seed)
    return [
        Observation(
            id=f"{seed}-{at}",
            person=f"user:p{first + at}",
            question=f"{rng.choice(['lease', 'tax'])} {SECRET} {seed} {at} " + "word " * int(rng.integers(1, 12)),
            language="en",
            follow_up=bool(rng.random() < 0.2),
            status=str(rng.choice(["answered", "partial", "abstained"], p=[0.7, 0.1, 0.2])),
            why="",
            withheld=int(rng.poisson(0.5)),
            hits=10,
            documents=int(rng.integers(1, 5)),
            top_score=float(rng.normal(0.6, 0.1)),
            release="spring",
        )
        for at in range(n)
    ]


def test_what_did_not_change_is_no_alarm() -> None:
    alarms = [compared(answers(60, 2 * seed), answers(40, 2 * seed + 1, 1000), embed).drifted for seed in range(60)]
    assert sum(map(bool, alarms)) <= 0.15 * len(alarms)  # at most 5 %, and luck


def changed(what: Callable[[Observation], Observation]) -> list[Observation]:
    return [what(one) for one in answers(80, 2, 1000)]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("questions", lambda one: replace(one, question="visa" + one.question[5:])),
        ("language", lambda one: replace(one, language="de" if int(one.id[2:]) % 3 else "en")),
        ("length", lambda one: replace(one, question=one.question + " and so on" * 12)),
        ("follow-ups", lambda one: replace(one, follow_up=int(one.id[2:]) % 4 != 0)),
        ("top score", lambda one: replace(one, top_score=(one.top_score or 0) - 0.15)),
        ("hits", lambda one: replace(one, hits=2)),
        ("documents", lambda one: replace(one, documents=12)),
        ("status", lambda one: replace(one, status="abstained", why="nothing_found")),
        ("withheld", lambda one: replace(one, withheld=one.withheld + 4)),
    ],
)
def test_each_thing_that_changed_is_told(name: str, what: Callable[[Observation], Observation]) -> None:
    found = compared(answers(80, 1), changed(what), embed)
    assert name in found.drifted
    assert exit_code(found) == DRIFTED
    assert {test.name for test in found.tests} >= set(found.drifted)


def test_answers_without_hits_are_a_class_of_their_own() -> None:
    found = compared(answers(80, 1), changed(lambda one: replace(one, top_score=None, hits=0)), embed)
    (top,) = [test for test in found.tests if test.name == "top score"]
    assert (top.drifted, top.largest) == (True, "none")


def test_few_people_are_told_as_few_however_much_they_ask() -> None:
    often = [replace(one, person=f"user:p{at % (FEWEST - 1)}") for at, one in enumerate(answers(300, 2))]
    found = compared(answers(80, 1), often, embed)
    assert (found.enough, found.tests, exit_code(found)) == (False, (), TOO_FEW)
    assert (found.now.answers, found.now.people) == (300, FEWEST - 1)
    assert exit_code(compared([], [], embed)) == TOO_FEW


def test_one_who_asks_much_counts_once() -> None:
    """Five hundred abstentions of one person, among forty: each answer counted, they would be an alarm."""
    eager = [replace(one, person="user:eager", status="abstained") for one in answers(500, 4)]
    found = compared(answers(80, 1), [*answers(40, 2, 1000), *eager], embed)
    assert "status" not in found.drifted
    assert len(one_each([*answers(40, 2), *eager])) == 41


def test_the_chance_of_a_false_alarm_is_shared_among_all_tests() -> None:
    found = compared(answers(80, 1), answers(80, 2, 1000), embed)
    (distance,) = [test for test in found.tests if test.p is not None]
    assert distance.limit == pytest.approx(ALPHA / len(found.tests))
    assert len(found.tests) == 9


def test_those_farthest_are_shown_by_id(capsys: pytest.CaptureFixture[str]) -> None:
    now = answers(80, 2, 1000)
    now[7] = replace(now[7], question=f"visa {SECRET}")
    found = compared(answers(80, 1), now, embed, show=3)
    assert found.farthest[0] == now[7].id
    assert len(found.farthest) == 3
    say_drift(found, 7, 28)
    assert now[7].id in capsys.readouterr().out


def test_no_question_and_nobody_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(answers(80, 1), changed(lambda one: replace(one, status="abstained")), embed, show=5)
    say_drift(found, 7, 28)
    said = capsys.readouterr().out
    assert "DRIFTED" in said
    say_json(asdict(found))
    said += capsys.readouterr().out
    assert json.loads(said.splitlines()[-1])["now"]["people"] == 80
    assert SECRET not in said
    assert "user:p" not in said


def test_releases_are_told_where_they_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(answers(80, 1), changed(lambda one: replace(one, release="summer")), embed)
    assert found.other_releases
    say_drift(found, 7, 28)
    said = capsys.readouterr().out
    assert "spring" in said
    assert "may be the release's own" in said
    say_drift(compared(answers(80, 1), changed(lambda one: one), embed), 7, 28)
    assert "may be the release's own" not in capsys.readouterr().out
