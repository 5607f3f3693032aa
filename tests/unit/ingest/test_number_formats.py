"""Numbers and dates as a spreadsheet shows them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.parsers.sheets.formats import shown

ACCOUNTING = '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)'
EURO = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-'


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (12500, "[$CHF-807] #,##0.00", "CHF 12,500.00"),
        (9900.5, "#,##0.00 [$€-407]", "9,900.50 €"),
        (1200.5, "[$€-2]\\ #,##0.00", "€ 1,200.50"),
        (8800, "[$£-809]#,##0", "£8,800"),
        (1200, "[$¥-411]#,##0", "¥1,200"),
        (1200.5, "[$€-de-DE] #,##0.00", "€ 1,200.50"),
        (1200.5, "[$€-x-euro2] #,##0.00", "€ 1,200.50"),
        (1200, '[$-en-GB]"£"#,##0', "£1,200"),
        (1200, "[$-en-US,1]#,##0", "1,200"),
        (45000, "[$-x-sysdate]dddd, mmmm dd, yyyy", "2023-03-15"),
        (0.75, "[$-x-systime]h:mm:ss AM/PM", "18:00:00"),
        (1200, "#,##0.\\-", "1,200.-"),
        (1200, '"CHF "#,##0.—', "CHF 1,200.—"),
        (-5.5, '"€"#,##0.00;(#,##0.00)', "(5.50)"),
        (1200, ACCOUNTING, "$1,200.00"),
        (-7, ACCOUNTING, "$ (7.00)"),
        (0, ACCOUNTING, "$ -"),
        (-5, EURO, "-5.00 €"),
        (2.75, "0.##", "2.75"),
        (2, "0.##", "2"),
        (0.9375, "0.0###", "0.9375"),
        (1.25, "#.##", "1.25"),
        (1.5, "# ?/?", "1 1/2"),
        (0.5, "# ?/?", "1/2"),
        (0, "# ?/?", "0"),
        (2, "# ?/?", "2"),
        (7.25, "# ??/??", "7 1/4"),
        (7.375, "# ?/8", "7 3/8"),
        (1.5, "?/?", "3/2"),
        (4711, "000000", "004711"),
        (20240017, '0000"-"0000', "2024-0017"),
        (2015551234, "(000) 000-0000", "(201) 555-1234"),
        (30, '0" days"', "30 days"),
        (17, '"INV-"0000', "INV-0017"),
        (7.5, "0.0\\x", "7.5x"),
        (12340000, '0.0,,"M"', "12.3M"),
        (12345, "#,##0,", "12"),
        (1234567, "#,##0", "1,234,567"),
        (0.00375, "0.000%", "0.375%"),
        (0.125, "0.#%", "12.5%"),
        (1.005, "0.00", "1.01"),
        (12345, "0.00E+00", "1.23E+04"),
        (12345, "##0.0E+0", "12.3E+3"),
        (0.00012, "0.0E-0", "1.2E-4"),
        (150, '[>100]"over";0', "over"),
        (-1500000, '[<-999999]0.0,,"m";0', "-1.5m"),
        (-1500000, '[>999999]0.0,,"m";[<-999999]-0.0,,"m";0', "-1.5m"),
        (-3, '[>=0]0;[<0]"("0")"', "(3)"),
        (1200, "#,##0 €/kg", "1,200 €/kg"),
        (1, '[=1]0" day";0" days"', "1 day"),
        (2, '[=1]0" day";0" days"', "2 days"),
        (-5, "[Red][<0]0;[Blue]0", "5"),
        (-5, "[Red]-0;0", "-5"[1:]),
        (0, '0;-0;"none"', "none"),
        (1.0833333333333333, "[h]:mm", "26:00"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (45000, "dd.mm.yyyy", "2023-03-15"),
        (45000, "[$-407]d. mmmm yyyy", "2023-03-15"),
        (45000.25, "m/d/yyyy h:mm", "2023-03-15 06:00"),
        (45000, "dddd", "Wednesday"),
        (45000, "mmm yy", "Mar 2023"),
        (45000, '"Q"\\ mmmm', "Q March"),
        (45000, "[$-F800]dddd, mmmm dd, yyyy", "2023-03-15"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (123456789012345, "General", "123456789012345"),
        (0.1 + 0.2, "General", "0.3"),
        (1.5, 'General" kg"', "1.5 kg"),
        (4, "@", "4"),
        (2024, "General", "2024"),
        ("late", '0;0;0;"<"@">"', "<late>"),
        ("late", "0.00", "late"),
    ],
)
def test_a_format_shows_what_excel_shows(value: float | str, code: str, expected: str) -> None:
    look = shown(value, code)
    assert (" ".join(look.text.split()), look.sure, look.hidden) == (expected, True, False)


def test_the_epoch_of_1904() -> None:
    assert shown(0, "yyyy-mm-dd", epoch_1904=True).text == "1904-01-01"


@pytest.mark.parametrize(("value", "code"), [(-1, "yyyy-mm-dd"), (5.5, "TT.MM.JJJJ"), (3e6, "d.m.yyyy"), (5, "gge")])
def test_what_is_not_understood_stays_beside_its_format(value: float, code: str) -> None:
    look = shown(value, code)
    assert (look.text, look.sure) == (f"{value:g} [{code}]" if value != 3e6 else f"3000000 [{code}]", False)


@pytest.mark.parametrize(("value", "code"), [(5, ";;;"), ("x", ";;;"), (5, '""')])
def test_a_format_that_shows_nothing_hides(value: float | str, code: str) -> None:
    look = shown(value, code)
    assert (look.text.strip(), look.hidden) == ("", True)


@settings(max_examples=300, deadline=None)
@given(st.text('0#?.,%/E+-[]$€()_* "\\;@ymdhs:AP/General>1', max_size=14), st.floats(-1e15, 1e15))
def test_no_format_breaks(code: str, value: float) -> None:
    assert isinstance(shown(value, code).text, str)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**13), st.integers(0, 4))
def test_grouped_numbers_are_what_python_writes(cents: int, places: int) -> None:
    value = cents / 100
    expected = f"{round(value * 1):,}" if places == 0 and value == int(value) else None
    look = shown(value, "#,##0" + ("." + "0" * places if places else "")).text
    assert expected is None or look == expected
    assert places < 2 or float(look.replace(",", "")) == value
