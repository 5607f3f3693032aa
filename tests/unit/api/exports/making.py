"""A memo and a matrix that hold what is hard to write: several scripts, markup, controls, formulas."""

from __future__ import annotations

from datetime import UTC, datetime

from api.exports.types import Cell, Matrix, Memo, Passage, SignOff, Source, Statement

AT = datetime(2026, 11, 30, 12, 5, tzinfo=UTC)
PAGE = "https://footnote.example/#source"
QUOTES = (
    "The rent of Unit 7 is 500 euros per month,\npayable in advance on the third\tworking day.",
    "Die Miete beträgt 1.200 € im Monat – „wie besichtigt“; Straße, Größe.",
    "Το μίσθωμα ανέρχεται σε 900 ευρώ. Арендная плата составляет 900 евро.",
    'x < y & "z" </w:t> ]]> *stars* [1] | # ~~~ `code`  two  spaces',
    "=SUM(A1:A9)",
    "租金为九百欧元 (nine hundred)",
)


def source(number: int, quote: str, **other: object) -> Source:
    told: dict[str, object] = {
        "title": f"Lease {number}", "document_id": f"{number}e0ac1d1-d22f-5d1d-b415-e70d308d196f",
        "version_id": "v_Ab-9_cDeFgHiJkLm", "version": 2, "page": 3, "page_label": "iii", "section": ("4 Rent", "4.1"),
        "content_sha256": f"{number}" * 64, "source": f"leases/2024/unit {number} <a>.pdf", "url": f"{PAGE}/{number}/v_Ab-9_cDeFgHiJkLm/10/25",
    }  # fmt: skip
    return Source(number=number, quote=quote, **{**told, **other})  # type: ignore[arg-type]


SOURCES = (
    *(source(number, quote) for number, quote in enumerate(QUOTES, 1)),
    source(7, "Nobody cites this.", url=""),
    source(8, "No address, no page.", url="", page=None, page_label="", section=(), cautions=("Read from a picture.",)),
)
ANA = SignOff("user:ana", AT, "approved", "Agrees with <the> schedule.")
BEN = SignOff("user:ben", AT, "rejected", "Leave this out.")
MEMO = Memo(
    "Kestrel: lease review",
    "user:ana",
    AT,
    (
        Passage(
            "What is the rent?",
            (
                Statement("The rent of Unit 7 is 500 euros.", (2, 1), (ANA,)),
                Statement("It is 1,200 euros in Hall 3.", (1, 3)),
                Statement("Another source says 900 euros.", (4,), (BEN,)),
            ),
            "answered", "", "3f2a7c1e-0d9b-4e31-9b52-6d0c1f0a7b11", AT,
        ),
        Passage(
            "Who may end it?", (Statement("The tenant may.", (5, 6, 8)),), "partial", "One part is missing.",
            "4f2a7c1e-0d9b-4e31-9b52-6d0c1f0a7b12", AT, (SignOff("user:ana", AT, "changed", "Tightened."),),
        ),
        Passage("May it be sublet?", (), "abstained", "Nothing was found.", "5f2a7c1e-0d9b-4e31-9b52-6d0c1f0a7b13", AT),
    ),
    SOURCES,
)  # fmt: skip
CITED = (2, 1, 3, 4, 5, 6, 8)  # by which numbers MEMO knows its sources 1 to 7


def _cell(row: int, column: int) -> Cell:
    id_ = f"{row}{column}2a7c1e-0d9b-4e31-9b52-6d0c1f0a7b11"
    if (row + column) % 3 == 2:
        return Cell("abstained", "", (), id_, "Nothing bears on it.")
    signed = (ANA,) if (row, column) == (0, 0) else (BEN,) if (row, column) == (1, 0) else ()
    several = (1, 2) if column == 3 else (1 + row,)
    return Cell(
        "answered", f"=cell {row}/{column}" if column == 1 else f"Cell {row}/{column}.", several, id_, "", signed
    )


MATRIX = Matrix(
    "Leases", "user:ana", AT,
    tuple(f"Question {number}?" for number in range(1, 8)),
    ("+Lease A", "Lease B", "Lease C"),
    tuple(tuple(_cell(row, column) for column in range(7)) for row in range(3)),
    SOURCES,
)  # fmt: skip
