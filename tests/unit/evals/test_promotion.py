"""Whether an adapter is better: the statistics, and which results may be compared at all."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.terminal import UsageError
from evals.measuring.statistics import paired_interval
from evals.suites.sample.promotion import Comparison, compare, objections, read

RECIPE = {"context": "0123456789ab", "gate": "123456789abc"}
SETUP = {
    "generator": "small", "adapter": "", "prompt": "answer@1", "judge": "j", "engine": "vllm", "recipe": RECIPE,
}  # fmt: skip
Rights = Sequence[bool]


def line(number: int, right: bool = True, kind: str = "answerable", **changed: Any) -> dict[str, Any]:
    wants = kind in {"unanswerable", "forbidden"}
    status = "abstained" if right == wants else "answered"
    row = {"id": f"q-{number:03}", "question": f"What is {number}?", "kind": kind, "status": status, "right": right}
    return row | {"seconds": 1.0, "setup": SETUP} | changed


def without(*fields: str) -> dict[str, Any]:
    """A setup without these."""
    return {field: value for field, value in SETUP.items() if field not in fields}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, lines: Sequence[dict[str, Any] | str]) -> Path:
        path = tmp_path / name
        texts = [item if isinstance(item, str) else json.dumps(item) for item in lines]
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def compared(file: Callable[..., Path]) -> Callable[..., Comparison]:
    """Compares sides given as (kind, right) for each question."""

    def make(new: Sequence[tuple[str, bool]], old: Sequence[tuple[str, bool]]) -> Comparison:
        sides = [
            read(file(name, [line(number, right, kind) for number, (kind, right) in enumerate(side)]))
            for name, side in (("new.jsonl", new), ("old.jsonl", old))
        ]
        return compare(*sides)

    return make


def test_the_interval_is_that_of_theory() -> None:
    """200 questions, 40 won and 20 lost: the mean is 0.1, its standard error sqrt((0.3 - 0.01) / 200) = 0.0381."""
    new = [True] * 40 + [False] * 20 + [True] * 70 + [False] * 70
    old = [False] * 40 + [True] * 20 + [True] * 70 + [False] * 70
    low, high = paired_interval(new, old)
    error = math.sqrt((0.3 - 0.1**2) / 200)
    assert low == pytest.approx(0.1 - 1.96 * error, abs=0.006)
    assert high == pytest.approx(0.1 + 1.96 * error, abs=0.006)


def test_questions_are_paired() -> None:
    """Both sides right on the same half: unpaired, chance alone would spread the difference over +-0.13."""
    same = [True, False] * 50
    assert paired_interval(same, same) == (0.0, 0.0)
    one_more = [True, True, *same[2:]]
    low, high = paired_interval(one_more, same)
    assert (low, high) == (0.0, pytest.approx(0.03, abs=0.011))
    ten_more = [True] * 20 + same[20:]
    assert paired_interval(ten_more, same)[0] > 0.03  # unpaired: below 0


def test_the_interval_covers() -> None:
    """Over many samples of a known truth the interval holds it in about 95 of 100, not in 90 or 100."""
    draw = np.random.default_rng(7)
    rounds, n, truth = 200, 100, 0.15
    held = 0
    for _ in range(rounds):
        differences = draw.choice([1, 0, -1], size=n, p=[0.3, 0.55, 0.15])
        low, high = paired_interval(differences > 0, differences < 0, resamples=300)
        held += low <= truth <= high
    assert 0.91 <= held / rounds <= 0.98


def test_the_same_results_give_the_same_interval() -> None:
    new, old = [True, True, False, True] * 20, [True, False, False, True] * 20
    assert paired_interval(new, old) == paired_interval(new, old)
    assert paired_interval(new, old, resamples=50, seed=1) != paired_interval(new, old, resamples=50, seed=3)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_swapping_mirrors_the_interval(pairs: list[tuple[bool, bool]]) -> None:
    new, old = [a for a, _ in pairs], [b for _, b in pairs]
    low, high = paired_interval(new, old, resamples=100)
    swapped = paired_interval(old, new, resamples=100)
    assert swapped == (pytest.approx(-high, abs=1e-12), pytest.approx(-low, abs=1e-12))
    assert -1 <= low <= high <= 1


def test_better_is_promoted(compared: Callable[..., Comparison]) -> None:
    old = [("answerable", number % 2 == 0) for number in range(50)] + [("forbidden", True)] * 10
    new = [("answerable", number % 2 == 0 or number < 30) for number in range(50)] + [("forbidden", True)] * 10
    found = compared(new, old)
    assert objections(found) == ()
    assert (found.new.n, found.new.unanswerable, found.new.abstained, found.old.abstained) == (60, 10, 10, 10)
    assert (found.new.right, found.old.right) == (50 / 60, 35 / 60)
    assert found.difference == pytest.approx(15 / 60)
    assert found.new.right_by_kind == {"answerable": 0.8, "forbidden": 1.0}


def test_a_gain_that_may_be_chance_is_not_enough(compared: Callable[..., Comparison]) -> None:
    old = [("answerable", number < 30) for number in range(60)]
    (reason,) = objections(compared([*old[:30], *[("answerable", True)] * 2, *old[32:]], old))
    assert "53.3 % right against 50.0 %" in reason
    assert "lower end has to be above 0" in reason
    assert objections(compared(old, old)) != ()


def test_lost_refusals_weigh_more_than_answers_won(compared: Callable[..., Comparison]) -> None:
    rest = [("answerable", False)] * 60
    old = [*rest, *[("unanswerable", True)] * 5, *[("forbidden", True)] * 5]
    won = [("answerable", True)] * 60
    for lost in ("unanswerable", "forbidden"):
        new = [*won, *((kind, kind != lost) for kind, _ in old[60:])]
        (reason,) = objections(compared(new, old))
        assert reason == "it refuses 5 of 10 questions without an answer, against 10 now"
    assert objections(compared([*won, *old[60:]], old)) == ()


def test_few_questions_are_not_enough(compared: Callable[..., Comparison]) -> None:
    for count, reasons in ((49, ("49 questions are too few, 50 are needed",)), (50, ())):
        assert objections(compared([("answerable", True)] * count, [("answerable", False)] * count)) == reasons


def test_every_reason_is_told(compared: Callable[..., Comparison]) -> None:
    found = compared([("forbidden", False)] * 4, [("forbidden", True)] * 4)
    assert len(objections(found)) == 3
    assert len(objections(replace(found, interval=(1e-9, 1.0)))) == 2
    assert len(objections(replace(found, interval=(0.0, 1.0)))) == 3


def test_questions_are_matched_whatever_their_order(file: Callable[..., Path]) -> None:
    new = [line(number, number % 3 > 0) for number in range(60)]
    old = [line(number, number % 2 > 0) for number in range(60)]
    first = compare(read(file("a", new)), read(file("b", old)))
    second = compare(read(file("a", new[::-1])), read(file("b", old[7:] + old[:7])))
    assert (first.interval, first.difference) == (second.interval, second.difference)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"setup": SETUP | {"engine": "llama.cpp x@1"}},
            r"not comparable: engine vllm in .*new\.jsonl, llama\.cpp x@1 in .*old\.jsonl",
        ),
        ({"setup": SETUP | {"generator": "large"}}, "not comparable: generator small"),
        (
            {"setup": SETUP | {"recipe": RECIPE | {"gate": "0"}}},
            r"not comparable: .*new\.jsonl and .*old\.jsonl differ in gate\. Evaluate both with the same settings",
        ),
        ({"setup": SETUP | {"recipe": {"gate": "0", "tiers": "1"}}}, "differ in context, gate, tiers"),
        ({"question": "Another one?"}, r"old\.jsonl lacks 1 questions of .*new\.jsonl: q-000"),
        ({"kind": "table"}, "q-000: of another kind"),
    ],
)
def test_what_cannot_be_compared_is_refused(file: Callable[..., Path], change: dict[str, Any], words: str) -> None:
    new = read(file("new.jsonl", [line(0)]))
    with pytest.raises(UsageError, match=words):
        compare(new, read(file("old.jsonl", [line(0, **change)])))


def test_who_judged_may_differ_and_is_told(file: Callable[..., Path]) -> None:
    other = SETUP | {"judge": "j+adapter", "prompt": "cited@1", "adapter": "v1"}
    found = compare(read(file("new", [line(0, setup=other)])), read(file("old", [line(0)])))
    assert (found.new.judge, found.old.judge) == ("j+adapter", "j")


def test_missing_questions_are_counted_on_both_sides(file: Callable[..., Path]) -> None:
    all_of_them, some = ([line(number) for number in range(count)] for count in (60, 50))
    with pytest.raises(UsageError, match=r"some lacks 10 questions of .*all: q-050, .*q-054, …"):
        compare(read(file("some", some)), read(file("all", all_of_them)))
    with pytest.raises(UsageError, match=r"some lacks 10 questions of .*all"):
        compare(read(file("all", all_of_them)), read(file("some", some)))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "holds no results"),
        ([line(0), '{"id": "q-001", "questi'], "line 2, is no result"),
        ([line(0), "[]"], "line 2, is no result"),
        ([{key: value for key, value in line(0).items() if key != "setup"}], "line 1, is no result"),
        ([line(0, right="yes")], "line 1, is no result"),
        ([line(0, kind="riddle")], "line 1, is no result"),
        ([line(0), line(0)], "line 2: q-000 is there twice"),
        ([line(0), line(1, setup=SETUP | {"adapter": "v2"})], "line 2, has another setup"),
        ([line(0), line(1, setup=SETUP | {"prompt": "answer@2"})], "line 2, has another setup"),
        ([line(0), line(1, setup=SETUP | {"recipe": RECIPE | {"gate": "0"}})], "line 2, has another setup"),
        ([line(0, setup=without("engine", "recipe"))], "line 1, is of an earlier Footnote.* Evaluate into a new file"),
        ([line(0, setup=without("recipe"))], "line 1, is of an earlier Footnote"),
        ([line(0, setup=without("generator"))], "line 1, is no result"),
    ],
)
def test_unsound_files_are_refused(file: Callable[..., Path], lines: list[Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(file("new.jsonl", lines))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.jsonl cannot be read: No such file"):
        read(tmp_path / "gone.jsonl")


def test_a_torn_file_is_left_as_it_is(file: Callable[..., Path]) -> None:
    path = file("new.jsonl", [line(0), '{"id"'])
    before = path.read_bytes()
    with pytest.raises(UsageError, match="goes on where it was"):
        read(path)
    assert path.read_bytes() == before
