"""Whatever is done to an audit chain without its key is noticed."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from infra.postgres.chain import GENESIS, AuditRow, Head, canonical, check, seal

KEY = b"k" * 32
Chain = tuple[list[AuditRow], Head]

records = st.dictionaries(
    st.text(st.characters(exclude_categories=[]), max_size=5),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    max_size=3,
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (naive bounds)


@st.composite
def chains(draw: st.DrawFn, min_size: int = 1) -> Chain:
    """A sealed chain and a head that lies at its end or, as after a kill, before it."""
    rows: list[AuditRow] = []
    last = Head(0, GENESIS)
    heads = [last]
    for record in draw(st.lists(records, min_size=min_size, max_size=8)):
        row_id = str(draw(st.uuids()))
        rows.append(seal(KEY, last, row_id, draw(moments), draw(st.sampled_from(["ana", "bo", ""])), canonical(record)))
        last = Head(rows[-1].seq, rows[-1].hash)
        heads.append(last)
    return rows, heads[-1 - draw(st.integers(0, min(2, len(rows))))]


def in_order(rows: list[AuditRow]) -> list[AuditRow]:
    """As the database gives them."""
    return sorted(rows, key=lambda row: row.seq)


@given(chains(min_size=0))
def test_an_honest_chain_passes(chain: Chain) -> None:
    rows, head = chain
    report = check(rows, KEY, head)
    assert report.ok
    assert report.rows == len(rows)


def other(draw: st.DrawFn, name: str, row: AuditRow) -> object:
    """Another value for a column."""
    strategies = {
        "seq": st.integers(1, 20),
        "id": st.uuids().map(str),
        "recorded_at": st.sampled_from([row.recorded_at + timedelta(microseconds=1), row.recorded_at - timedelta(1)]),
        "principal": st.text(max_size=5),
        "prev_hash": st.binary(min_size=32, max_size=32),
        "record": st.sampled_from([row.record + " ", row.record[:-1], '{"answer":"forged"}']),
        "hash": st.binary(min_size=32, max_size=32),
    }
    return draw(strategies[name])


@given(st.data(), chains())
def test_any_changed_column_is_noticed(data: st.DataObject, chain: Chain) -> None:
    rows, head = chain
    at = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(AuditRow)]))
    value = other(data.draw, name, rows[at])
    assume(value != getattr(rows[at], name))
    forged = in_order([*rows[:at], replace(rows[at], **{name: value}), *rows[at + 1 :]])
    report = check(forged, KEY, head)
    assert not report.ok
    assert report.first_bad_seq is not None
    assert report.first_bad_seq <= at + 2


@given(st.data(), chains())
def test_any_dropped_row_is_noticed(data: st.DataObject, chain: Chain) -> None:
    """In the middle and at the start always; at the end up to the head."""
    rows, head = chain
    at = data.draw(st.integers(0, len(rows) - 1))
    assume(at < len(rows) - 1 or head.seq == len(rows))
    assert not check(rows[:at] + rows[at + 1 :], KEY, head).ok


@given(chains(), st.integers(0, 8))
def test_truncation_is_noticed(chain: Chain, keep: int) -> None:
    rows, head = chain
    assume(keep < head.seq)
    report = check(rows[:keep], KEY, head)
    assert not report.ok
    assert report.first_bad_seq == keep + 1


@given(st.data(), chains(min_size=2))
def test_dropping_and_renumbering_is_noticed(data: st.DataObject, chain: Chain) -> None:
    rows, head = chain
    at = data.draw(st.integers(0, len(rows) - 2))
    rest = [*rows[:at], *rows[at + 1 :]]
    assert not check([replace(row, seq=n) for n, row in enumerate(rest, 1)], KEY, head).ok


@given(st.data(), chains(min_size=2))
def test_reordering_is_noticed(data: st.DataObject, chain: Chain) -> None:
    rows, head = chain
    mixed = data.draw(st.permutations(rows))
    assume(mixed != rows)
    assert not check([replace(row, seq=n) for n, row in enumerate(mixed, 1)], KEY, head).ok


@given(st.data(), chains())
def test_an_inserted_row_is_noticed(data: st.DataObject, chain: Chain) -> None:
    """Sealed with another key, or a copy of an honest row, at any place, later rows renumbered or not."""
    rows, head = chain
    at = data.draw(st.integers(0, len(rows)))
    last = Head(at, rows[at - 1].hash if at else GENESIS)
    forged = seal(b"guess" * 8, last, str(UUID(int=1)), datetime(2026, 1, 1, tzinfo=UTC), "ana", "{}")
    added = data.draw(st.sampled_from([forged, *(replace(row, seq=at + 1) for row in rows)]))
    assume(at < len(rows) or added is forged or added.prev_hash != last.hash)
    later = [replace(row, seq=row.seq + 1) for row in rows[at:]] if data.draw(st.booleans()) else rows[at:]
    assert not check(in_order([*rows[:at], added, *later]), KEY, head).ok


@given(chains(), st.binary(min_size=32, max_size=32))
def test_a_replaced_or_missing_head_is_noticed(chain: Chain, forged: bytes) -> None:
    rows, head = chain
    assume(head.seq > 0)
    assume(forged != head.hash)
    assert not check(rows, KEY, Head(head.seq, forged)).ok
    assert not check(rows, KEY, None).ok


@given(chains())
def test_another_key_does_not_verify(chain: Chain) -> None:
    rows, head = chain
    assert check(rows, b"x" * 32, head).first_bad_seq == 1


@given(records)
def test_canonical_json_depends_on_content_only(record: dict[str, object]) -> None:
    text = canonical(record)
    assert text == canonical(dict(reversed(record.items())))
    text.encode()
