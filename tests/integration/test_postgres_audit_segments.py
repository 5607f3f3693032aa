"""A long trail is read by several processes at once; what they say is what reading it row by row says."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.postgres import audit as audit_module
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import AuditReport
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.verifying import verified

KEY = b"a key of thirty-two bytes length"
ROWS = 24


@pytest.fixture
def audit(fresh_database: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostgresAudit:
    """A trail of 24 rows, long enough for three processes, with two answers that were left open."""
    HeadFile(tmp_path / "head.json", KEY).begin()
    trail = PostgresAudit(fresh_database, KEY, tmp_path / "head.json")
    opened = [trail.append_now({"principal": "user:bo", "kind": "opened", "q": n}) for n in range(6)]
    for n in range(ROWS - 10):
        trail.append_now(
            {
                "principal": "user:ana",
                "kind": "accesses",
                "accesses": [{"kind": "closed", "answer_id": opened[0]}],
                "n": n,
            }
        )
    for answer in opened[:1] + opened[2:5]:
        trail.append_now(
            {"kind": "closed", "answer_id": answer, "answer": {"text": '{"kind":"opened"', "kind": "opened"}}
        )
    monkeypatch.setattr(audit_module, "verified", lambda *told: verified(*told, long=10, processes=3))
    return trail


def plainly(audit: PostgresAudit, monkeypatch: pytest.MonkeyPatch) -> AuditReport:
    with monkeypatch.context() as patch:
        patch.setattr(audit_module, "verified", lambda *_: None)
        return audit.verify()


def test_a_whole_trail_is_never_read_row_by_row(audit: PostgresAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, told = plainly(audit, monkeypatch), list[tuple[int, int]]()
    monkeypatch.setattr(PostgresAudit, "_read_through", lambda *_: pytest.fail("row by row"))
    found = audit.verify(lambda done, total: told.append((done, total)))
    assert found == expected
    assert (found.rows, found.ok, len(found.open)) == (ROWS, True, 2)
    assert told[-1] == (ROWS, ROWS)


@pytest.mark.parametrize(
    "statements",
    [
        "UPDATE audit SET record = replace(record, 'ana', 'eva') WHERE seq = 12",
        "UPDATE audit SET principal = 'eve' WHERE seq = 24",
        "UPDATE audit SET recorded_at = recorded_at + interval '1 microsecond' WHERE seq = 1",
        "UPDATE audit SET recorded_at = 'infinity' WHERE seq = 9",
        "UPDATE audit SET recorded_at = '4000-01-01 BC' WHERE seq = 9",
        "UPDATE audit SET id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' WHERE seq = 2",
        "UPDATE audit SET hash = sha256(hash) WHERE seq = 8",
        "UPDATE audit SET prev_hash = '' WHERE seq = 9",
        "UPDATE audit SET seq = 99 WHERE seq = 24",
        "DELETE FROM audit WHERE seq = 8",
        "DELETE FROM audit WHERE seq = 9",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 24",
        "DELETE FROM audit WHERE seq > 9 AND seq < 16",
        "UPDATE audit SET seq = 99 WHERE seq = 8; UPDATE audit SET seq = 8 WHERE seq = 9; UPDATE audit SET seq = 9 WHERE seq = 99",
        "INSERT INTO audit SELECT 25, gen_random_uuid(), now(), 'ana', hash, '{}', sha256(hash) FROM audit WHERE seq = 24",
        "INSERT INTO audit SELECT -7, gen_random_uuid(), now(), 'ana', hash, '{}', sha256(hash) FROM audit WHERE seq = 24",
        "ALTER TABLE audit DROP CONSTRAINT audit_pkey, ALTER seq DROP NOT NULL; INSERT INTO audit "
        "SELECT NULL, gen_random_uuid(), now(), 'ana', hash, '{}', sha256(hash) FROM audit WHERE seq = 24",
        "ALTER TABLE audit DROP CONSTRAINT audit_pkey; INSERT INTO audit "
        "SELECT seq, gen_random_uuid(), recorded_at, principal, prev_hash, record, hash FROM audit WHERE seq = 7",
        "ALTER TABLE audit ALTER hash DROP NOT NULL; UPDATE audit SET hash = NULL WHERE seq = 9",
        "DROP TABLE audit",
    ],
)  # fmt: skip
def test_damage_is_told_as_by_reading_row_by_row(
    audit: PostgresAudit, fresh_database: Pool, monkeypatch: pytest.MonkeyPatch, statements: str
) -> None:
    with transaction(fresh_database) as conn:
        conn.execute(statements.encode())
    found = _outcome(audit)
    with monkeypatch.context() as patch:
        patch.setattr(audit_module, "verified", lambda *_: None)
        assert found == _outcome(audit)
    assert not isinstance(found, AuditReport) or not found.ok


def _outcome(audit: PostgresAudit) -> AuditReport | type[Exception]:
    try:
        return audit.verify()
    except Exception as error:  # noqa: BLE001  a NULL where none can be
        return type(error)


def test_a_head_that_names_another_row_or_one_that_is_missing_is_noticed(
    audit: PostgresAudit, fresh_database: Pool, tmp_path: Path
) -> None:
    whole = audit.verify()
    rows = audit.show(limit=2)
    assert whole.ok
    forged = HeadFile(tmp_path / "other.json", KEY)
    forged.advance(type(audit._head.read())(ROWS, rows[1].hash))  # type: ignore[misc,call-arg]
    (tmp_path / "head.json").write_bytes((tmp_path / "other.json").read_bytes())
    assert audit.verify().problem == "the row is not the one that the head file names"
    (tmp_path / "other.json").unlink()
    forged.advance(type(audit._head.read())(ROWS + 3, rows[1].hash))  # type: ignore[misc,call-arg]
    (tmp_path / "head.json").write_bytes((tmp_path / "other.json").read_bytes())
    assert audit.verify().problem == f"rows {ROWS + 1} to {ROWS + 3} are missing at the end"


def test_where_no_process_can_be_started_the_trail_is_read_all_the_same(
    audit: PostgresAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.postgres.verifying.sys.executable", "/bin/false")
    assert audit.verify().ok
