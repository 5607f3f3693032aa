"""The two-turn questions, and how the ways of asking them are compared."""

from __future__ import annotations

from pathlib import Path

from evals.datasets.two_turns import load_two_turns
from evals.suites.follow_ups.run_follow_ups import _compared
from retrieval.understanding.follow_ups import follows

SOURCES = Path(__file__).parents[3] / "evals" / "datasets" / "sample" / "source"


def test_the_questions_are_thirty_and_their_facts_stand_in_the_documents() -> None:
    pairs = load_two_turns()
    assert len({pair.case.id for pair in pairs}) == len(pairs) == 30
    said = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*/*.md"))
    for pair in pairs:
        assert all(any(fact in said for fact in facts) for facts in pair.case.must_contain), pair.case.id
        assert pair.case.must_contain
        assert not follows(pair.first)
    assert sum(follows(pair.case.question) for pair in pairs) == 29  # the rule takes one for a question of its own


def test_ways_are_compared_question_by_question() -> None:
    told = {"a": (True, False), "b": (False, True), "c": (True, True), "d": (False, True)}
    rows = [
        {"id": id_, "way": way, "right": right}
        for id_, pair in told.items()
        for way, right in zip(("rule", "rewritten"), pair, strict=True)
    ]
    found = _compared(rows, "rule", "rewritten")
    assert (found["gained"], found["lost"]) == (2, 1)
    low, high = found["interval"]
    assert low < 0 < 0.25 < high
