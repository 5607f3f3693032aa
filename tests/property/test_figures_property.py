"""Figures: formats of one amount agree, a changed amount is caught, odd texts neither raise nor hang."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generation.gate.figures import figures, missing

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_UNITS += "seventeen eighteen nineteen".split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "January February March April May June July August September October November December".split()
CURRENCIES = [("$", "USD", "dollars"), ("£", "GBP", "pounds"), ("€", "EUR", "euros")]
TIMES = ["hour", "day", "week", "month", "year"]
DOSES = ["mcg", "mg", "g", "kg", "mL", "IU"]
amounts = st.integers(2, 10**9)
scales = st.sampled_from([("thousand", 3), ("million", 6), ("billion", 9), ("k", 3), ("m", 6), ("bn", 9)])


def _spelled(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{_UNITS[number // 100]} hundred" + (f" and {_spelled(number % 100)}" if number % 100 else "")
    rest = f" {_spelled(number % 1000)}" if number % 1000 else ""
    return f"{_spelled(number // 1000)} thousand{rest}"


def _money(amount: int, sign: str, code: str, word: str) -> list[str]:
    return [f"{sign}{amount:,}", f"{sign}{amount}", f"{code} {amount:,}", f"{amount:,} {word}", f"{sign} {amount:,}.00"]


@given(amounts, st.sampled_from(CURRENCIES), st.integers(0, 4), st.integers(0, 4))
def test_an_amount_in_two_formats_agrees(amount: int, currency: tuple[str, str, str], one: int, other: int) -> None:
    formats = _money(amount, *currency)
    assert missing(f"The fee is {formats[one]} in all.", f"The fee is {formats[other]}, net.", "") == []


@given(st.integers(1, 9999), scales, st.sampled_from(CURRENCIES))
def test_a_scale_word_agrees_with_its_zeros(
    tenths: int, scale: tuple[str, int], currency: tuple[str, str, str]
) -> None:
    word, zeros = scale
    short = f"{currency[0]}{tenths / 10:.1f} {word}" if len(word) > 2 else f"{currency[0]}{tenths / 10:.1f}{word}"
    long = f"{currency[0]}{tenths * 10 ** (zeros - 1):,}"
    assert missing(f"It costs {short}.", f"It costs {long} in all.", "") == []
    assert missing(f"It costs {long}.", f"It costs {short} in all.", "") == []


@given(st.integers(2, 999_999), st.sampled_from(TIMES))
def test_words_and_digits_agree(number: int, unit: str) -> None:
    word = _spelled(number)
    forms = [f"{number} {unit}s", f"{word} {unit}s", f"{word} ({number}) {unit}s", f"{number:,}-{unit}"]
    for one in forms:
        for other in forms:
            assert missing(f"The term of {one} begins.", f"There is a term of {other} here.", "") == []


@given(st.integers(1, 500))
def test_converted_units_agree(number: int) -> None:
    for one, other in [("weeks", ("days", 7)), ("years", ("months", 12)), ("g", ("mg", 1000)), ("km", ("m", 1000))]:
        long = f"It is {number * other[1]} {other[0]} in all."
        assert missing(f"It is {number} {one} in all.", long, "") == []


@given(amounts, amounts, st.sampled_from(CURRENCIES), st.integers(0, 4), st.integers(0, 4))
@example(1_496_500, 1_496_000, CURRENCIES[0], 0, 0)
def test_a_changed_amount_is_caught(
    amount: int, changed: int, currency: tuple[str, str, str], one: int, other: int
) -> None:
    if amount != changed:
        claim = f"The fee is {_money(changed, *currency)[one]} in all."
        assert missing(claim, f"The fee is {_money(amount, *currency)[other]}, net.", "") != []


@given(amounts, st.permutations(CURRENCIES), st.integers(0, 4), st.integers(0, 4))
def test_a_changed_currency_is_caught(
    amount: int, currencies: list[tuple[str, str, str]], one: int, other: int
) -> None:
    claim = f"The fee is {_money(amount, *currencies[0])[one]} in all."
    assert missing(claim, f"The fee is {_money(amount, *currencies[1])[other]}, net.", "") != []


@given(st.integers(2, 999), st.sampled_from([TIMES, DOSES]), st.data())
def test_a_changed_unit_is_caught(number: int, family: list[str], data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(family))[:2]
    assert missing(f"It takes {number} {one} at once.", f"It takes {number} {other} at once.", "") != []


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)), st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_dates_agree_in_every_format_and_only_with_themselves(day: date, changed: date) -> None:
    month = MONTHS[day.month - 1]
    forms = [day.isoformat(), f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"]
    forms.append(f"{day.day:02d}/{day.month:02d}/{day.year}")
    for one in forms:
        for other in forms:
            assert missing(f"It ended on {one}.", f"The end was on {other}, they say.", "") == []
        if changed != day:
            assert missing(f"It ended on {changed.isoformat()}.", f"On {forms[1]} it ended.", "") != []


@given(st.integers(101, 9_999), st.integers(1, 99))
def test_a_hedge_admits_of_rounding_and_nothing_else(number: int, percent: int) -> None:
    rounded = round(number, -1)
    assert missing(f"About {rounded} people came.", f"It was {number} people.", "") == []
    far = number + max(20, number * percent // 100 + number // 5)
    assert missing(f"About {far} people came.", f"It was {number} people.", "") != []


@given(st.text(), st.text(), st.text())
@example("\ud800", "\udfff", "\ud800")
@example("Section \u0663 (٣) ² ½ of £", "§ ", "")
def test_any_text_is_read(claim: str, evidence: str, document: str) -> None:
    assert all(isinstance(item, str) and item for item in missing(claim, evidence, document))
    figures(claim)


@given(st.text(st.sampled_from("0123456789.,/-:()%$£ \naApmM'"), max_size=80))
@settings(max_examples=300)
def test_a_text_of_signs_vouches_for_itself(text: str) -> None:
    assert missing(text, text, text) == []


PIECES = ["1,", "1.", "1/", "(1) ", "one ", "one hundred and ", "a half of ", "thirty (30) ", "not less than ", "$", "A.", "A-",
          "at least 1 ", "1 March ", "1 to ", "Section 1 and ", "World ", "5 p.m. ", "\n1. A", "| 1 ", " ", "\n", "'s ", "9", "((",
          "twenty-", "per ", "1 mg/kg ", "no more ", "IL-6 ", "in millions ", "\u00a0", "½", "\ud800"]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_long_odd_texts_take_linear_time(piece: str) -> None:
    """Eight times the text may take 24 times as long, not 64; each time is the least of two."""
    taken = []
    for times in (500, 500, 4_000, 4_000):
        text = piece * times
        began = time.thread_time()
        missing(text, text + "x", text)
        taken.append(time.thread_time() - began)
    assert min(taken[2:]) < 24 * min(taken[:2]) + 0.3
