"""What documents are called, from their file names and first pages."""

from __future__ import annotations

import pytest

from ingest.naming import named
from ingest.types import Name

PDF = "application/pdf"
SUPPLY = (
    "Exhibit 10.4\n\nSUPPLY AGREEMENT\n\nThis Supply Agreement is made on 4 May 2019 by and between Kestrel Robotics, Inc., "
    'a Delaware corporation ("Kestrel"), and Osprey Foods Limited (the "Supplier").\n\n1. Term. The supplier shall supply.'
)
COVER = (
    "UNITED STATES\n\nSECURITIES AND EXCHANGE COMMISSION\n\nFORM 10-K\n\nFor the fiscal year ended {day}\n\n"
    "Kestrel Robotics, Inc.\n\n(Exact name of registrant as specified in its charter)\n\n{more}"
)
QUARTER = (
    "UNITED STATES SECURITIES AND EXCHANGE COMMISSION\n\nFORM 10-Q\n\nFor the quarterly period ended {day}\n\n"
    "OSPREY & CO.\n\n(Exact name of registrant as specified in its charter)\n\n{more}"
)


def found(text: str, source: str = "a/b.pdf", title: str = "0000320187-21-000028") -> tuple[str, tuple[Name, ...]]:
    return named(source, title, PDF, text)


def texts(names: tuple[Name, ...], kind: str) -> list[str]:
    return [name.value or name.text for name in names if name.kind == kind]


def test_parties_and_short_names_but_no_roles() -> None:
    title, names = found(SUPPLY)
    assert title == "SUPPLY AGREEMENT"
    assert {"Kestrel Robotics, Inc.", "Osprey Foods Limited", "Kestrel"} <= set(texts(names, "party"))
    assert "Supplier" not in texts(names, "party")
    for name in names:
        assert name.start < 0 or SUPPLY[name.start : name.end] == name.text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0000320187-21-000028", "SUPPLY AGREEMENT"),
        ("Microsoft Word - final3.doc", "SUPPLY AGREEMENT"),
        ("Supply Agreement of Kestrel Robotics", "Supply Agreement of Kestrel Robotics"),
    ],
)
def test_a_title_is_what_the_first_pages_bear_out(written: str, expected: str) -> None:
    assert found(SUPPLY, title=written)[0] == expected


def test_a_title_of_last_resort_is_the_file_name_in_words() -> None:
    assert found("12 | 13\n\n14 | 15", "x/KestrelRobotics_budget_2024.pdf")[0] == "Kestrel Robotics budget 2024"


@pytest.mark.parametrize(
    ("day", "more", "periods"),
    [
        ("December 31, 2018", "", ["2018"]),
        ("January 31, 2021", "In fiscal 2020 revenue rose. Fiscal 2020 had 52 weeks.", ["2020", "~2021"]),
        ("January 31, 2021", "In fiscal 2021 revenue rose.", ["2021", "~2020"]),
        ("June 30, 2022", "", ["2022", "~2021"]),
    ],
)
def test_years_of_reports(day: str, more: str, periods: list[str]) -> None:
    title, names = found(COVER.format(day=day, more=more))
    assert title == f"Kestrel Robotics, Inc.: Form 10-K, year ended {day}"
    assert texts(names, "issuer") == ["Kestrel Robotics, Inc."]
    assert texts(names, "kind") == ["10-K"]
    assert texts(names, "period") == periods


@pytest.mark.parametrize(
    ("day", "more", "periods"),
    [
        ("June 30, 2022", "", ["2022Q2"]),
        ("July 31, 2021", "Our fiscal year ends on January 31.", ["2022Q2", "~2021Q3", "~2021Q2"]),
    ],
)
def test_quarters_of_reports(day: str, more: str, periods: list[str]) -> None:
    _, names = found(QUARTER.format(day=day, more=more))
    assert texts(names, "issuer") == ["OSPREY & CO"] or texts(names, "issuer") == ["OSPREY & CO."]
    assert texts(names, "period") == periods
