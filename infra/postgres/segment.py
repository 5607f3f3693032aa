"""A segment of the trail, checked as fast as Python can: rows as COPY writes them, and no JSON is parsed.

It decides nothing but whether all is well. What is wrong otherwise, and where, `chain.check` says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from infra.postgres.chain import Head

_FILE_HEADER = 19  # bytes: signature, flags, length of an extension, which PostgreSQL leaves out
_FILE_TRAILER = b"\xff\xff"
_FIXED = struct.Struct(">h iq i16s iq i")  # count of columns; seq, id and recorded_at, each behind its length; the next
_LENGTH = struct.Struct(">i")
_HEAD = (7, 8, 16, 8)  # the count, and the three lengths
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_KIND, _OPENED, _CLOSED = b'"kind":"', b'opened"', b'closed"'
_RESEAL = b'"action":"reseal"'
_ANSWER = re.compile(rb'"answer_id":"([^"\\]*)"')
_PLAIN = bytes(set(range(256)) - set(b'"{}[]'))
_TELL_EVERY = 10_000  # rows


@dataclass(slots=True)
class Segment:
    """What is known of rows that chain: the hashes that the first one follows and the last one has; by the ids of
    answers that were opened in it and left open, the row; ids of answers that were closed and opened before it; rows
    that may tell of a re-sealing."""

    follows: bytes
    hash: bytes = b""
    opened: dict[str, int] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    reseals: list[int] = field(default_factory=list)


class Unusual(Exception):
    """Something is not as it should be, or not as PostgreSQL writes it."""


def checked(
    blocks: Iterable[bytes | bytearray | memoryview],
    key: bytes,
    before: int,
    head: Head,
    tell: Callable[[int], None] = lambda _: None,
) -> Segment:
    """Of the rows that follow row `before`, one a block, in the binary format of COPY; raises `Unusual`. `tell` is told
    now and then how many were read since it was told last."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    found: Segment | None = None
    seq, last = before, b""
    for number, block in enumerate(blocks):
        row = bytes(block) if number else bytes(block[_FILE_HEADER:])
        if row in (b"", _FILE_TRAILER):
            continue
        at, row_id, principal, prev_hash, record, digest = _columns(row, seq + 1)
        seq += 1
        if found is None:
            found, last = Segment(prev_hash), prev_hash
        one = mac.copy()
        one.update(_sealed(prev_hash, b"%d" % seq, row_id, at, principal) + len(record).to_bytes(8, "big"))
        one.update(record)
        if prev_hash != last or one.digest() != digest or (seq == head.seq and digest != head.hash):
            raise Unusual
        last = digest
        _note(found, seq, row_id, record)
        if _RESEAL in record:
            found.reseals.append(seq)
        if (seq - before) % _TELL_EVERY == 0:
            tell(_TELL_EVERY)
    if found is None:
        raise Unusual
    found.hash = last
    tell((seq - before) % _TELL_EVERY)
    return found


def _columns(row: bytes, wanted: int) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    """All columns but `seq`, which has to be `wanted`, as the chain hashes them."""
    try:
        count, seq_bytes, seq, id_bytes, id_, at_bytes, microseconds, who = _FIXED.unpack_from(row)
        at = (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds").encode()
        who_end = _FIXED.size + who
        (prev,) = _LENGTH.unpack_from(row, who_end)
        prev_end = who_end + 4 + prev
        (text,) = _LENGTH.unpack_from(row, prev_end)
        text_end = prev_end + 4 + text
        (digest,) = _LENGTH.unpack_from(row, text_end)
    except (struct.error, OverflowError) as error:
        raise Unusual from error
    if (count, seq_bytes, id_bytes, at_bytes) != _HEAD or seq != wanted:
        raise Unusual
    if min(who, prev, text, digest) < 0 or text_end + 4 + digest != len(row):
        raise Unusual
    x = id_.hex()
    uuid = f"{x[:8]}-{x[8:12]}-{x[12:16]}-{x[16:20]}-{x[20:]}".encode()
    principal, prev_hash = row[_FIXED.size : who_end], row[who_end + 4 : prev_end]
    return at, uuid, principal, prev_hash, row[prev_end + 4 : text_end], row[text_end + 4 :]


def _sealed(*fields: bytes) -> bytes:
    return b"".join([len(one).to_bytes(8, "big") + one for one in fields])


def _note(found: Segment, seq: int, row_id: bytes, record: bytes) -> None:
    """Keeps book of the answers that are open, by the `kind` of the outermost object, exactly: the record is canonical
    JSON, as its chain says."""
    at = record.find(_KIND)
    while at >= 0:
        value = record[at + len(_KIND) : at + len(_KIND) + len(_OPENED)]
        if value in (_OPENED, _CLOSED) and _begins(record, at) and _deeper(record[:at]) == 1:
            break
        at = record.find(_KIND, at + 1)
    else:
        return
    if value == _OPENED:
        found.opened[row_id.decode()] = seq
    else:
        answer = _answer(record, at)
        if found.opened.pop(answer, None) is None:
            found.closed.append(answer)


def _answer(record: bytes, beside: int) -> str:
    """The `answer_id` of the outermost object, which has a member that begins at `beside`; "" if there is none."""
    for named in _ANSWER.finditer(record):
        first, last = sorted((named.start(), beside))
        if _begins(record, named.start()) and _deeper(record[first:last]) == 0:
            return named[1].decode()
    return ""


def _begins(record: bytes, at: int) -> bool:
    """Whether the quotation mark here begins a name. Within a string it would stand behind a backslash, and behind one
    that ends a string no name can follow."""
    return record[at - 1] in b"{,"


def _deeper(json: bytes) -> int:
    """How many more objects and arrays are open behind this part of a JSON text, which ends outside of strings."""
    if b"\\" in json:
        json = json.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = json.translate(None, _PLAIN).replace(b'""', b"")  # two marks with nothing between leave all else as it is
    outside = b"".join(marks.split(b'"')[::2])
    return outside.count(b"{") + outside.count(b"[") - outside.count(b"}") - outside.count(b"]")
