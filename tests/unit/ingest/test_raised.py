"""Raised characters next to the words that they follow."""

from __future__ import annotations

import pytest

from ingest.parsers.raised import raised


@pytest.mark.parametrize(
    ("before", "mark", "shown"),
    [
        ("Platelets 10", "9", "Platelets 10^9"),
        ("3.2 x 10", "-3", "3.2 x 10^-3"),
        ("(1 + r)", "n-1", "(1 + r)^(n-1)"),
        ("(1 + r)", "t/365", "(1 + r)^(t/365)"),
        ("e", "x + 1", "e^(x + 1)"),
        ("a hall of 120 m", "2", "a hall of 120 m^2"),
        ("EUR 1,500", "2", "EUR 1,500 (note 2)"),
        ("within 30 minutes", "3", "within 30 minutes (note 3)"),
        ("100", "2", "100 (note 2)"),
        ("110", "2", "110 (note 2)"),
        ("the Lender", "a", "the Lender (note a)"),
        ("the price", "*", "the price (note *)"),
        ("see also", "1, 2", "see also (notes 1, 2)"),
        ("on the 1", "st", "on the 1st"),
        ("Acme", "TM", "AcmeTM"),
        ("", "2", "2"),
        ("e", "x", "e (note x)"),
    ],
)
def test_what_a_raised_mark_becomes(before: str, mark: str, shown: str) -> None:
    assert before + raised(before, mark) == shown


def test_the_file_may_say_what_it_is() -> None:
    assert raised("at 10", "2", note=True) == " (note 2)"
    assert raised("at 100", "2", note=False) == "^2"
