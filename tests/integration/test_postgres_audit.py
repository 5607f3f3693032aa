"""The audit trail on a real PostgreSQL: durable, and whatever is done to it behind its back is noticed."""

from __future__ import annotations

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generation.errors import AuditUnavailable, AuditUnsealed
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import AuditReport, Head
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from ingest.errors import DiskFull

KEY = b"a key of thirty-two bytes length"


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """Of an empty trail."""
    path = tmp_path / "audit" / "head.json"
    HeadFile(path, KEY).begin()
    return path


@pytest.fixture
def audit(fresh_database: Pool, head: Path) -> PostgresAudit:
    """A trail of five rows."""
    trail = PostgresAudit(fresh_database, KEY, head)
    for n in range(5):
        trail.append_now({"principal": {"user": "ana"}, "question": f"Wann? {n} \0 \ud800", "n": n})
    return trail


def run(pool: Pool, statements: str) -> None:
    with transaction(pool) as conn:
        conn.execute(statements.encode())


def test_append_show_verify(fresh_database: Pool, head: Path) -> None:
    audit = PostgresAudit(fresh_database, KEY, head)
    assert audit.verify() == AuditReport(0, True)
    first = asyncio.run(audit.append({"principal": "ana", "b": 1, "a": "ü"}))
    audit.append_now({"principal": {"user": "bo", "groups": ["x"]}})
    (row,) = audit.show(first)
    assert (row.seq, row.principal, row.record) == (1, "ana", '{"a":"ü","b":1,"principal":"ana"}')
    assert [(r.seq, r.principal) for r in audit.show(limit=5)] == [(2, "bo"), (1, "ana")]
    assert audit.show("no uuid") == ()
    assert audit.verify() == AuditReport(2, True)
    assert json.loads(head.read_text())["seq"] == 2


@pytest.mark.parametrize(
    ("statements", "first_bad_seq"),
    [
        ("UPDATE audit SET record = replace(record, 'Wann', 'Wenn') WHERE seq = 3", 3),
        ("UPDATE audit SET principal = 'eve' WHERE seq = 5", 5),
        ("UPDATE audit SET recorded_at = recorded_at + interval '1 microsecond' WHERE seq = 1", 1),
        ("UPDATE audit SET id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' WHERE seq = 2", 2),
        ("UPDATE audit SET hash = sha256(hash) WHERE seq = 4", 4),
        ("UPDATE audit SET prev_hash = sha256(prev_hash) WHERE seq = 4", 4),
        ("UPDATE audit SET seq = 9 WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("TRUNCATE audit", 1),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5", 3),
        ("UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99", 2),
        ("INSERT INTO audit SELECT 6, gen_random_uuid(), now(), 'ana', hash, '{}', sha256(hash) FROM audit WHERE seq = 5", 6),
        ("INSERT INTO audit SELECT 0, gen_random_uuid(), now(), 'ana', hash, '{}', sha256(hash) FROM audit WHERE seq = 5", 1),
    ],
)  # fmt: skip
def test_tampering_is_noticed(audit: PostgresAudit, fresh_database: Pool, statements: str, first_bad_seq: int) -> None:
    assert audit.verify() == AuditReport(5, True)
    run(fresh_database, statements)
    report = audit.verify()
    assert not report.ok
    assert report.first_bad_seq == first_bad_seq
    assert report.problem


def test_table_and_head_removed_together_are_noticed(audit: PostgresAudit, fresh_database: Pool, head: Path) -> None:
    run(fresh_database, "TRUNCATE audit")
    head.unlink()
    assert not audit.verify().ok
    with pytest.raises(AuditUnavailable, match="head file is gone"):
        audit.append_now({})
    with pytest.raises(AuditUnavailable, match="head file is gone"):
        audit.check()


def test_open_answers_are_named_and_rows_of_one_are_found(audit: PostgresAudit) -> None:
    first, second = (audit.append_now({"principal": "user:bo", "kind": "opened"}) for _ in range(2))
    audit.append_now({"principal": "user:bo", "kind": "sentence", "answer_id": first, "q": f'"answer_id":"{second}"'})
    audit.append_now({"principal": "user:bo", "kind": "closed", "answer_id": first})
    report = audit.verify()
    assert report.ok
    assert [(answer.id, answer.principal) for answer in report.open] == [(second, "user:bo")]
    assert [row.seq for row in audit.show(first)] == [9, 8, 6]
    assert [row.seq for row in audit.show(second)] == [7]


def test_a_broken_trail_is_logged_once_and_again_when_it_is_whole(
    audit: PostgresAudit, head: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = head.read_bytes()
    head.unlink()
    for _ in range(3):
        with pytest.raises(AuditUnavailable):
            audit.check()
    head.write_bytes(good)
    audit.check()
    audit.check()
    assert [record.levelname for record in caplog.records if record.name == "footnote"] == ["ERROR", "WARNING"]


def test_a_row_whose_head_fails_is_told_from_one_that_is_not_there(
    audit: PostgresAudit, head: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be written a second time."""
    rows = audit.verify().rows
    with monkeypatch.context() as patch:
        patch.setattr("infra.postgres.head.write_durably", lambda path, data: (_ for _ in ()).throw(DiskFull("full")))
        with pytest.raises(AuditUnsealed):
            audit.append_now({"principal": "user:bo"})
    assert audit.verify().rows == rows + 1
    assert audit.verify().ok
    audit.append_now({"principal": "user:bo"})
    assert HeadFile(head, KEY).read() == Head(rows + 2, audit.show(limit=1)[0].hash)


FULL = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON audit EXECUTE FUNCTION full_disk()"""
READ_ONLY = "CREATE OR REPLACE RULE none AS ON INSERT TO audit DO INSTEAD SELECT 1 / 0"


@pytest.mark.parametrize("statement", [FULL, READ_ONLY])
def test_the_check_fails_where_an_append_would(audit: PostgresAudit, fresh_database: Pool, statement: str) -> None:
    audit.check()
    run(fresh_database, statement)
    for attempt in (audit.check, lambda: audit.append_now({"principal": "user:bo"})):
        with pytest.raises(AuditUnavailable):
            attempt()


def test_a_check_leaves_no_row(audit: PostgresAudit) -> None:
    rows = audit.verify().rows
    audit.check()
    assert audit.verify().rows == rows


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET record = repeat('[', 200000) WHERE seq = 2",
        "UPDATE audit SET recorded_at = 'infinity' WHERE seq = 2",
        "DROP TABLE audit",
    ],
)
def test_tampering_that_cannot_even_be_read_is_noticed(
    audit: PostgresAudit, fresh_database: Pool, statement: str
) -> None:
    run(fresh_database, statement)
    report = audit.verify()
    assert not report.ok
    assert report.problem


def test_a_key_that_is_gone_is_not_drawn_anew_over_a_trail(audit: PostgresAudit, head: Path) -> None:
    with pytest.raises(AuditBroken, match="key of the audit trail is gone"):
        HeadFile(head, KEY[::-1]).begin()
    assert audit.verify().ok


def test_a_truncated_trail_is_not_continued(audit: PostgresAudit, fresh_database: Pool) -> None:
    """Else new rows would grow over the gap and hide it."""
    run(fresh_database, "DELETE FROM audit WHERE seq > 3")
    with pytest.raises(AuditUnavailable, match="Row 5 of the trail is missing"):
        audit.append_now({"principal": "ana"})
    assert audit.verify().first_bad_seq == 4


def test_replaced_removed_or_foreign_head(audit: PostgresAudit, head: Path) -> None:
    good = head.read_text()
    forged = json.loads(good) | {"seq": 3}
    for text in (json.dumps(forged), "", "[]", '{"seq": 1}'):
        head.write_text(text)
        report = audit.verify()
        assert (report.ok, report.first_bad_seq) == (False, None)
        with pytest.raises(AuditUnavailable, match="Restore it from a backup"):
            audit.append_now({})
    head.unlink()
    assert "head file is gone" in audit.verify().problem
    with pytest.raises(AuditUnavailable, match="head file is gone"):
        audit.append_now({})
    head.write_text(good)
    assert audit.verify().ok


def test_a_kill_between_commit_and_head_is_no_alarm(audit: PostgresAudit, head: Path) -> None:
    before = head.read_text()
    audit.append_now({"n": 6})
    audit.append_now({"n": 7})
    head.write_text(before)
    assert audit.verify() == AuditReport(7, True)
    audit.append_now({"n": 8})
    assert json.loads(head.read_text())["seq"] == 8
    assert audit.verify() == AuditReport(8, True)


def test_the_head_only_moves_forward(audit: PostgresAudit, fresh_database: Pool, head: Path) -> None:
    later = head.read_text()
    row = audit.show(limit=5)[-1]
    audit._head.advance(type(audit._head.read())(row.seq, row.hash))  # type: ignore[misc,call-arg]
    assert head.read_text() == later


def test_another_key(audit: PostgresAudit, fresh_database: Pool, head: Path) -> None:
    other = PostgresAudit(fresh_database, KEY[::-1], head)
    assert "another key" in other.verify().problem
    with pytest.raises(ValueError, match="16 bytes"):
        PostgresAudit(fresh_database, b"short", head)


def test_writers_take_turns(fresh_database: Pool, head: Path) -> None:
    trails = [PostgresAudit(fresh_database, KEY, head) for _ in range(4)]
    with ThreadPoolExecutor(4) as executor:
        ids = list(executor.map(lambda n: trails[n % 4].append_now({"n": n}), range(40)))
    assert len(set(ids)) == 40
    assert trails[0].verify() == AuditReport(40, True)
    assert json.loads(head.read_text())["seq"] == 40


def test_what_cannot_be_recorded(audit: PostgresAudit, head: Path) -> None:
    for record in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises(AuditUnavailable, match="not JSON"):
            audit.append_now(record)
    shutil.rmtree(head.parent)
    head.parent.write_text("a file in the way")
    with pytest.raises(AuditUnavailable):
        audit.append_now({})


def test_no_database(audit: PostgresAudit, fresh_database: Pool) -> None:
    fresh_database.close()
    with pytest.raises(AuditUnavailable, match="PostgreSQL does not answer"):
        asyncio.run(audit.append({}))
