"""Places in a list: read as they were written, and nothing else."""

from __future__ import annotations

import base64
import json

import pytest

from api.http.cursors import Cursor, InvalidCursor

ID = "00000000-0000-5000-8000-000000000000"


def written(*told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "key", "place"),
    [
        ("source", "upload/é/a.txt", "upload/é/a.txt"),
        ("bytes", "12", "12"),
        ("bytes", "٣", "3"),
        ("added_at", "2026-03-01 12:00:00.25+00", "2026-03-01T12:00:00.250000+00:00"),
        ("added_at", "2026-03-01 12:00:00+05:30", "2026-03-01T06:30:00+00:00"),
        ("added_at", "2026-03-01T00:00:00+23:59", "2026-02-28T00:01:00+00:00"),
    ],
)
def test_a_key_is_given_as_the_database_spells_it(sort: str, key: str, place: str) -> None:
    assert Cursor.read(Cursor(sort, "asc", (key, ID)).written(), sort, "asc").place == (place, ID)


def test_a_week_is_given_as_a_day() -> None:
    key, _ = Cursor.read(written("added_at", "asc", "2026-W01-1", ID), "added_at", "asc").place
    assert "W" not in key


@pytest.mark.parametrize(
    "text",
    [
        base64.urlsafe_b64encode(b"[" * 2990).decode(),
        written("added_at", "asc", "0001-01-01T00:00:00+23:59", ID),
        written("bytes", "asc", str(2**63), ID),
        written("source", "asc", "\ud800", ID),
        written("source", "asc", "\0", ID),
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    sort = "source" if text.startswith("W1t") else json.loads(base64.urlsafe_b64decode(text + "=="))[0]
    with pytest.raises(InvalidCursor):
        Cursor.read(text, sort, "asc")


def test_the_place_of_a_long_title_in_any_script_is_taken_back() -> None:
    for letter in ("合", "🙂"):
        cursor = Cursor("title", "asc", (letter * 500, ID))
        assert Cursor.read(cursor.written(), "title", "asc") == cursor
        assert len(cursor.written()) < 8000
