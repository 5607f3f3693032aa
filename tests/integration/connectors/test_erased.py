"""What was erased does not come back by a sync, under its name or another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from infra.postgres.erasure import PostgresErasure
from infra.postgres.erasure_types import Asked, ItemToErase
from infra.postgres.pool import transaction

SECRET = "The settlement comes to 417,300 euros."


def erase(office: Any, key: str) -> None:
    erasure = PostgresErasure(office.pool, office.trail, lambda text: text)
    erasure.erase_documents([office.id_of(key)], [ItemToErase("share", key)], Asked("operator", date(2027, 1, 1), list))


@pytest.fixture
def share(office: Any) -> Any:
    office.added()
    office.write("legal/lease.txt")
    office.write("legal/secret.txt", SECRET)
    office.sync()
    erase(office, "legal/secret.txt")
    return office


def test_an_erased_file_stays_out_also_when_it_changes(share: Any) -> None:
    assert share.steps() == []
    share.write("legal/secret.txt", SECRET + " Changed.")
    assert share.steps(retry=True, confirm=True) == []
    assert share.seen("ana", "legal") == ["legal/lease.txt"]
    assert list(share.state.items("share")) == ["legal/lease.txt"]


def test_its_bytes_stay_out_under_another_name_and_that_is_told(share: Any) -> None:
    share.write("legal/copy.txt", SECRET)
    (report,) = share.sync()
    assert (report.key, report.code) == ("legal/copy.txt", "stays_erased")
    assert share.seen("ana", "legal") == ["legal/lease.txt"]
    with transaction(share.pool) as conn:
        assert conn.execute("SELECT count(*) FROM versions WHERE text LIKE '%417,300%'").fetchall() == [(0,)]


def test_other_files_come_as_ever(share: Any) -> None:
    share.write("legal/new.txt", "Something else.")
    assert share.steps() == [("legal/new.txt", "added")]
