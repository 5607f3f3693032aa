"""One form of an id alone names anything, so that whoever looks for it in the trail finds all that was done to it."""

from __future__ import annotations

import uuid

import pytest

from infra.postgres.writing import as_uuid

ID = "4adb1fc4-bd39-4a45-b0ff-4a2c9193cee8"


@pytest.mark.parametrize(
    "other",
    [
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("-", ""),
        f" {ID}",
        ID.replace("-", "", 1),
        ID.replace("4", "\u0664"),
        "",
    ],
)
def test_other_forms_name_nothing(other: str) -> None:
    assert as_uuid(other) is None


def test_the_one_form_is_read_in_any_case() -> None:
    assert as_uuid(ID) == as_uuid(ID.upper()) == uuid.UUID(ID)
