"""What the fast reading of the trail calls whole is what the plain one calls whole, with the same answers open."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.postgres.audit import _noting
from infra.postgres.chain import GENESIS, AuditRow, Head, OpenAnswer, canonical, check, seal
from infra.postgres.segment import Segment, Unusual, checked
from infra.postgres.verifying import _joined

KEY = b"k" * 32
IDS = [str(UUID(int=n)) for n in range(4)]
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PLANTED = [
    '"kind":"opened"', ',"kind":"closed"', '{"kind":"closed"', '\\"kind":"opened"', "}", "{", '"', "\\", "[", "]},",
    f'"answer_id":"{IDS[0]}"',
]  # fmt: skip

words = st.lists(st.sampled_from([*PLANTED, "a", "ü", "\\\\"]), max_size=4).map("".join)
kinds = st.sampled_from(["opened", "closed", "sentence", "accesses", "change"])
actions = st.sampled_from(["reseal", "delete"])
named = {
    "kind": kinds | words | st.none(),
    "action": actions | words | st.none(),
    "answer_id": st.sampled_from(IDS) | words | st.integers(0, 3),
}
inner = st.fixed_dictionaries({}, optional={**named, "x": words, 'a"kind': words | kinds})
values = st.recursive(words | st.integers() | st.none() | inner, lambda one: st.lists(one, max_size=2) | st.dictionaries(words, one, max_size=2), max_leaves=5)  # fmt: skip
records = st.builds(
    lambda known, more: {**more, **known},
    st.fixed_dictionaries({}, optional=named),
    st.dictionaries(st.sampled_from(["answer", "accesses", "zeta", "kind2"]) | words, values, max_size=3),
)


def block(row: AuditRow) -> bytes:
    """As PostgreSQL writes the row in COPY's binary format."""
    microseconds = (row.recorded_at - EPOCH) // timedelta(microseconds=1)
    columns = (
        row.seq.to_bytes(8, "big", signed=True), UUID(row.id).bytes, microseconds.to_bytes(8, "big", signed=True),
        row.principal.encode(), row.prev_hash, row.record.encode(), row.hash,
    )  # fmt: skip
    return struct.pack(">h", len(columns)) + b"".join(struct.pack(">i", len(one)) + one for one in columns)


def blocks(rows: list[AuditRow]) -> list[bytes]:
    first = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    return [first + block(row) if at == 0 else block(row) for at, row in enumerate(rows)] + [b"\xff\xff"]


def plain(rows: list[AuditRow], head: Head) -> list[str] | None:
    """The ids of open answers of a trail that is whole."""
    left: dict[str, OpenAnswer] = {}
    report = check(_noting(rows, left, []), KEY, head)
    return list(left) if report.ok else None


def resealings(rows: list[AuditRow]) -> list[int]:
    """The rows that tell of one, read in full."""
    found: list[int] = []
    list(_noting(rows, {}, found))
    return found


def fast(rows: list[AuditRow], head: Head, borders: list[int]) -> list[str] | None:
    ids = {row.seq: row.id for row in rows}
    segments: list[Segment] = []
    try:
        for before, end in zip([0, *borders], [*borders, len(rows)], strict=True):
            if before < end:
                segments.append(checked(blocks(rows[before:end]), KEY, before, head))
    except Unusual:
        return None
    opened = _joined(segments)
    return None if opened is None or head.seq > len(rows) else [ids[seq] for seq in opened]


@st.composite
def chains(draw: st.DrawFn) -> list[AuditRow]:
    rows: list[AuditRow] = []
    last = Head(0, GENESIS)
    for number, record in enumerate(draw(st.lists(records, min_size=1, max_size=8))):
        row_id = IDS[number] if number < len(IDS) else str(UUID(int=100 + number))
        at = draw(st.sampled_from([EPOCH - timedelta(days=9), EPOCH + timedelta(microseconds=7)]))
        rows.append(seal(KEY, last, row_id, at, draw(words), canonical(record)))
        last = Head(rows[-1].seq, rows[-1].hash)
    return rows


@given(st.data(), chains())
def test_whole_trails_are_whole_with_the_same_answers_open(data: st.DataObject, rows: list[AuditRow]) -> None:
    head = Head(len(rows), rows[-1].hash)
    borders = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    found = fast(rows, head, borders)
    assert found is not None
    assert found == plain(rows, head)


@given(chains())
def test_no_resealing_is_passed_over(rows: list[AuditRow]) -> None:
    assert {*resealings(rows)} <= {*checked(blocks(rows), KEY, 0, Head(len(rows), rows[-1].hash)).reseals}


@given(st.data(), chains())
def test_damaged_trails_are_whole_to_both_or_to_none(data: st.DataObject, rows: list[AuditRow]) -> None:
    head = Head(len(rows), rows[-1].hash)
    at = data.draw(st.integers(0, len(rows) - 1))
    changes = st.sampled_from([
        {"seq": at + 2}, {"id": IDS[3]}, {"recorded_at": rows[at].recorded_at + timedelta(microseconds=1)},
        {"principal": rows[at].principal + "x"}, {"prev_hash": bytes(32)}, {"prev_hash": rows[at].prev_hash + b"x"},
        {"record": rows[at].record + " "}, {"record": rows[at].record[:-1]}, {"hash": bytes(32)}, {"hash": b""},
    ])  # fmt: skip
    damaged = data.draw(
        st.sampled_from(
            [rows[:at] + rows[at + 1 :], rows[:at] + rows[at:][::-1], rows[:at] + rows[at : at + 1] + rows[at:]]
        )
        | changes.map(lambda change: [*rows[:at], replace(rows[at], **change), *rows[at + 1 :]])
    )
    borders = sorted(data.draw(st.lists(st.integers(0, len(damaged)), max_size=3)))
    assert fast(damaged, head, borders) == plain(damaged, head)


@given(chains(), st.binary(min_size=1, max_size=8), st.integers(0, 400))
def test_bytes_that_are_not_what_postgresql_writes_are_unusual(rows: list[AuditRow], other: bytes, at: int) -> None:
    first = block(rows[0])
    at %= len(first)
    forged = first[:at] + other + first[at + len(other) :]
    for row in (forged, first[:at], first + other):
        if row != first:
            with pytest.raises(Unusual):
                checked([b"PGCOPY\n\xff\r\n\0" + bytes(8) + row], KEY, 0, Head(0, GENESIS))
