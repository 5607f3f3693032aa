"""Over HTTP: how the pages of a document lie, where its words are printed, and the cells of its tables."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

MISSING = "00000000-0000-5000-8000-000000000000"
NDA = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()


@pytest.fixture(scope="module")
def paul(service: Any) -> dict[str, str]:
    return service.key("paul", "paper", write=True)


def upload(service: Any, headers: dict[str, str], name: str, data: bytes, allow: str = "group:paper") -> str:
    form = {"allow": allow}
    reply = service.client.post("/v1/documents", files={"file": (name, data)}, data=form, headers=headers)
    assert reply.is_success, reply.text
    return str(reply.json()["document_id"])


@pytest.fixture(scope="module")
def nda(service: Any, paul: dict[str, str]) -> str:
    return upload(service, paul, "laid.pdf", NDA)


def get(service: Any, headers: dict[str, str], id_: str, what: str, **asked: Any) -> Any:
    return service.client.get(f"/v1/documents/{id_}/{what}", params=asked, headers=headers)


def test_pages_have_sizes_and_the_places_that_the_text_has(service: Any, paul: dict[str, str], nda: str) -> None:
    body = get(service, paul, nda, "pages").json()
    text = get(service, paul, nda, "text").json()
    assert (body["media_type"], body["drawn"], body["version"]) == ("application/pdf", True, 1)
    assert body["version_id"] == text["version_id"]
    assert [page["page"] for page in body["pages"]] == [1, 2, 3]
    told = [
        {name: page[name] for name in ("page", "start", "end", "label", "bates", "source")} for page in body["pages"]
    ]
    assert told == text["pages"]
    assert all(500 < page["width"] < page["height"] < 900 for page in body["pages"])
    assert get(service, paul, nda, "pages", version=body["version_id"]).json() == body


def test_a_format_without_pages_has_none(service: Any) -> None:
    body = get(service, service.key("ana", "legal"), service.lease, "pages").json()
    assert (body["media_type"], body["drawn"], body["pages"]) == ("text/plain", False, [])
    boxes = get(service, service.key("ana", "legal"), service.lease, "boxes", start=0, end=9).json()
    assert boxes["boxes"] == []


def test_words_are_found_on_their_page(service: Any, paul: dict[str, str], nda: str) -> None:
    pages = get(service, paul, nda, "pages").json()["pages"]
    second = pages[1]
    boxes = get(service, paul, nda, "boxes", start=second["start"], end=second["start"] + 5).json()["boxes"]
    assert [box["page"] for box in boxes] == [2]
    assert 0 <= boxes[0]["x0"] < boxes[0]["x1"] <= second["width"]
    assert 0 <= boxes[0]["y0"] < boxes[0]["y1"] <= second["height"]
    over = get(service, paul, nda, "boxes", start=second["start"] - 5, end=second["start"] + 5).json()["boxes"]
    assert [box["page"] for box in over] == [1, 2]
    whole = get(service, paul, nda, "boxes", start=0, end=10**9).json()["boxes"]
    assert {box["page"] for box in whole} == {1, 2, 3}
    assert get(service, paul, nda, "boxes", start=5, end=5).json()["boxes"] == []
    for wrong in ({"start": 5}, {"start": -1, "end": 5}, {"start": 0, "end": 5, "version": 0}):
        assert get(service, paul, nda, "boxes", **wrong).status_code == 422


def test_hidden_and_missing_are_the_same_answer(service: Any, nda: str) -> None:
    ana = service.key("ana", "legal")
    for what in ("pages", "boxes"):
        hidden, missing = (get(service, ana, id_, what, start=0, end=9) for id_ in (nda, MISSING))
        assert (hidden.status_code, hidden.content) == (404, missing.content)
        assert get(service, {}, nda, what, start=0, end=9).status_code == 401


def test_an_older_version_that_is_hidden_is_not_laid_out(service: Any, paul: dict[str, str]) -> None:
    id_ = upload(service, paul, "grown.pdf", NDA, "user:paul")
    other = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/firmware_agreement.pdf").read_bytes()
    upload(service, paul, "grown.pdf", other)
    pat = service.key("pat", "paper")
    first = get(service, paul, id_, "pages", version=1).json()
    assert get(service, pat, id_, "pages").json()["version"] == 1
    for what in ("pages", "boxes"):
        assert get(service, pat, id_, what, version=first["version_id"], start=0, end=9).status_code == 404
        assert get(service, pat, id_, what, version=2, start=0, end=9).status_code == 404


def test_a_table_has_its_rows_and_cells(service: Any, paul: dict[str, str]) -> None:
    book, packed = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Rents 2025")
    for row in (["Unit", "Tenant", "Rent"], ["7", None, "500"], ["8", "Kestrel", "640"]):
        sheet.append(row)
    book.save(packed)
    id_ = upload(service, paul, "rents.xlsx", packed.getvalue())
    assert get(service, paul, id_, "text").json()["tables"] is None
    body = get(service, paul, id_, "text", tables=True).json()
    words = body["text"]
    [table] = body["tables"]
    told = [[(words[c["start"] : c["end"]], c["cell"]) for c in row["cells"]] for row in table["rows"]]
    assert told[1] == [("7", "'Rents 2025'!A2"), ("", "'Rents 2025'!B2"), ("500", "'Rents 2025'!C2")]
    assert told[2] == [("8", "'Rents 2025'!A3"), ("Kestrel", "'Rents 2025'!B3"), ("640", "'Rents 2025'!C3")]
    assert [words[row["start"] : row["end"]] for row in table["rows"]] == words[table["start"] : table["end"]].split(
        "\n"
    )


def test_the_text_around_a_place_is_the_same_as_in_the_whole(service: Any, paul: dict[str, str]) -> None:
    lines = [f"# Lot {number}\n\nThe fee for lot {number} is {number * 13} euros a quarter.\n" for number in range(900)]
    id_ = upload(service, paul, "lots.md", "\n".join(lines).encode())
    whole = get(service, paul, id_, "text").json()
    assert (whole["start"], whole["chars"]) == (0, len(whole["text"]))
    quote = "The fee for lot 512 is 6656 euros a quarter."
    start = whole["text"].index(quote)
    part = get(service, paul, id_, "text", start=start, end=start + len(quote), tables=True).json()
    first, last = part["start"], part["start"] + len(part["text"])
    assert 0 < first < start < last < part["chars"] == whole["chars"]
    assert part["text"] == whole["text"][first:last]
    within = [one for one in whole["sections"] if first <= one["start"] < last]
    assert part["sections"][-len(within) :] == within
    for wrong in ({"start": -1}, {"start": "x", "end": 5}):
        assert get(service, paul, id_, "text", **wrong).status_code == 422
    ana = service.key("ana", "legal")
    hidden, missing = (get(service, ana, one, "text", start=start, end=start + 9) for one in (id_, MISSING))
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_the_pages_around_a_place_are_those_of_the_whole(service: Any, paul: dict[str, str], nda: str) -> None:
    whole = get(service, paul, nda, "text").json()
    last = whole["pages"][-1]
    part = get(service, paul, nda, "text", start=last["start"] + 5, end=last["start"] + 9).json()
    assert part["pages"] == [page for page in whole["pages"] if page["end"] > part["start"]]
    assert part["coverage"] == whole["coverage"]
