"""Records are opened as they were sealed, nothing private stands in what is stored, and destroyed keys erase theirs."""

from __future__ import annotations

import json
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.postgres.chain import AuditRow, canonical, who
from infra.vault.keys import Keys
from infra.vault.records import MARK
from infra.vault.vault import Vault

AT = datetime(2026, 11, 30, tzinfo=UTC)
VAULT = Vault(Keys(Path(tempfile.mkdtemp())))
WORD = "Zaubernuß"  # no code, id or time looks like it
DOCUMENT = str(uuid.UUID(int=7))

names = st.sampled_from(
    "kind action principal answer citations sentences question document_id source label hits accesses shown recipe "
    "model text jane_doe filter documents as_of id languages search context withheld title user added "
    "query reason effect words subject".split()
) | st.text(max_size=5)
words = st.builds("{}{}".format, st.text(max_size=4), st.sampled_from([WORD, f" {WORD} "]))
codes = st.sampled_from(["closed", "sentence", "opened", "accesses", "user:ana", "operator", DOCUMENT, ""])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words | codes
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)
records = st.dictionaries(names, values, max_size=6)


def stored(record: dict[str, Any], row_id: str = str(uuid.UUID(int=1))) -> AuditRow:
    locked = VAULT.lock(row_id, AT, record)
    return AuditRow(1, row_id, AT, who(locked), bytes(32), canonical(locked), bytes(32))


@settings(max_examples=300, deadline=None)
@given(records)
def test_what_was_sealed_is_opened_as_it_was(record: dict[str, Any]) -> None:
    opened = VAULT.open(stored(record))
    assert not opened.erased
    assert opened.row.record == canonical(json.loads(canonical(record)))


@settings(max_examples=300, deadline=None)
@given(records)
def test_no_word_that_somebody_wrote_stands_in_what_is_stored(record: dict[str, Any]) -> None:
    row = stored(record)
    assert WORD not in row.record
    assert WORD not in row.principal
    assert "user:ana" not in row.record


@settings(max_examples=100, deadline=None)
@given(records.filter(lambda record: "answer_id" not in record), st.uuids())
def test_the_key_of_an_entry_erases_all_of_it_and_of_no_other(record: dict[str, Any], row_id: uuid.UUID) -> None:
    row, other = stored(record, str(row_id)), stored(record, str(uuid.UUID(int=row_id.int ^ 1)))
    accesses = record.get("accesses")
    many = range(len(accesses)) if isinstance(accesses, list) else ()
    VAULT.keys.destroy([f"entry:{row_id}", *(f"entry:{row_id}.{number}" for number in many)])
    opened = VAULT.open(row)
    if opened.erased:
        assert MARK not in opened.row.record
        assert opened.salts == {}
    elif (sealed := json.loads(row.record)["sealed"]) != []:
        raise AssertionError(sealed)
    assert VAULT.open(other).row.record == canonical(json.loads(canonical(record)))
