"""A fragment takes the place of the one phrase of its kind in the question before it."""

from __future__ import annotations

import pytest

from retrieval.understanding.counterparts import put_in
from retrieval.understanding.follow_ups import in_full


@pytest.mark.parametrize(
    ("fragment", "question", "whole"),
    [
        ("the parking fee", "What is the storage fee in Leeds", "What is the parking fee in Leeds"),
        ("the parking fee", "What is the fee in Leeds", "What is the parking fee in Leeds"),
        ("Room 12", "Who has the keys of Room 11", "Who has the keys of Room 12"),
        ("of Room 12", "Who has the keys of Room 11", "Who has the keys of Room 12"),
        ("the vent valves", "How often is the drain valve tested", "How often is the vent valves tested"),
        (
            "of grade 9",
            "What is the least of the grade 8 bonus scheme",
            "What is the least of the grade 9 bonus scheme",
        ),
        ("dry season", "What is pumped during the wet season", "What is pumped during the dry season"),
        ("during the dry season", "What is pumped during the wet season", "What is pumped during the dry season"),
        ("at double rate", "Which hours are paid at single rate", "Which hours are paid at double rate"),
        ("under the Corvin lease", "Who insures under the Arden lease", "Who insures under the Corvin lease"),
        ("for senior night staff", "How long is notice for junior staff", "How long is notice for senior night staff"),
    ],
)
def test_another_of_the_same_kind(fragment: str, question: str, whole: str) -> None:
    assert put_in(fragment, question) == whole


@pytest.mark.parametrize(
    ("fragment", "question"),
    [
        ("the fee", "What is the storage fee in Leeds"),  # which one? nothing tells it from the other
        ("the storage fee", "What is the storage fee in Leeds"),
        ("the yearly fee", "What is the monthly storage fee in Leeds"),  # "storage" would be lost
        ("the car park", "What is the storage fee in Leeds"),
        ("for Room 12", "Who has the keys of Room 11"),
        ("the parking fee", "Is the storage fee more than the cleaning fee"),  # of which of the two?
        ("the parking fee in York", "What is the storage fee in Leeds"),
        ("the parking fee, please", "What is the storage fee in Leeds"),
        ("study leave", "When may employees take sick leave"),  # where that phrase begins is not known
        ("who pays the parking fee", "What is the storage fee in Leeds"),
        ("its parking fee", "What is the storage fee in Leeds"),
        ("2024", "What was revenue in 2023"),
        ("", "What is the storage fee in Leeds"),
        ("the parking fee", ""),
    ],
)
def test_anything_else_takes_no_place(fragment: str, question: str) -> None:
    assert put_in(fragment, question) == ""


@pytest.mark.parametrize(
    "asked", ["And the parking fee?", "What about the parking fee?", "Thanks. And the parking fee?"]
)
def test_a_follow_up_is_asked_in_full(asked: str) -> None:
    assert in_full(asked, ["OK. What is the storage fee in Leeds?"]) == "What is the parking fee in Leeds?"
