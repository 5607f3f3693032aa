"""Records from before there were keys are sealed: the chain holds, older checkpoints still fit, and a kill harms nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from generation.people import TrailFilter
from infra.audit_verifier import verify_bundle
from infra.postgres import audit as audit_module
from infra.postgres.audit import PostgresAudit
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.sealed import unsealed
from infra.postgres.trail import PostgresTrail
from infra.postgres.verifying import verified
from infra.vault import refs
from infra.vault.keys import Keys
from infra.vault.vault import Vault
from infra.witness.bundles import proof_of
from infra.witness.errors import AnswerErased
from infra.witness.files import FileWitness
from infra.witness.tree import leaf
from infra.witness.witnesses import Witnesses

KEY = b"a key of thirty-two bytes length"
SALTS = b"salts"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DOCUMENT = "5f0c3c5e-0000-5000-8000-000000000001"
CITED = {"id": 1, "document_id": DOCUMENT, "version": 1, "start": 0, "end": 6, "quote": "Ostern"}
ANSWER = {
    "answer": "Ostern [1].", "status": "answered", "citations": [CITED],
    "sentences": [{"text": "Ostern", "start": 0, "end": 6, "citations": [1]}],
}  # fmt: skip
WORDS = ("Wann", "Ostern", "ana", "suche")


class Trail:
    """One that was begun in the clear, with an answer, and its checkpoints."""

    def __init__(self, pool: Pool, home: Path) -> None:
        self.pool, self.home = pool, home
        self.head = home / "audit" / "head.json"
        HeadFile(self.head, KEY).begin()
        self.keys = Keys(home / "keys")
        self.plain = PostgresAudit(pool, KEY, self.head)
        self.audit = PostgresAudit(pool, KEY, self.head, vault=Vault(self.keys))
        self.witness = FileWitness(home / "witness.jsonl")
        self.witnesses = Witnesses(self.audit, home, SIGNING, SALTS, others=[self.witness])
        who = {"principal": "user:ana", "question": "Wann?"}
        self.answer = self.plain.append_now({"kind": "opened", **who})
        said = {"sentences": ANSWER["sentences"], "citations": [CITED]}
        self.plain.append_now({"kind": "sentence", "principal": "user:ana", "answer_id": self.answer, **said})
        self.witnesses.round()
        self.plain.append_now({"kind": "closed", "answer_id": self.answer, "answer": ANSWER, **who})
        access = {"action": "search", "at": "2026-11-30T00:00:00+00:00", "principal": "user:ana", "query": "suche"}
        self.plain.append_now({"kind": "accesses", "accesses": [access, access]})
        self.witnesses.round()

    def reseal(self) -> Any:
        return self.audit.reseal(lambda row: leaf(row, SALTS), lambda done: None)

    def table(self) -> str:
        with transaction(self.pool) as conn:
            return "\n".join(a + b for a, b in conn.execute("SELECT principal, record FROM audit").fetchall())

    def told(self) -> list[tuple[str, str]]:
        return [(row.principal, row.record) for row in self.audit.show(limit=100)]

    def faults(self) -> list[str]:
        return [report.problem for report in self.witnesses.report() if report.problem]

    def is_whole(self) -> bool:
        export = PostgresTrail(self.pool, KEY, self.head, lambda: SIGNING, vault=self.audit.vault)
        list(export.export(TrailFilter(), "operator"))
        return self.audit.verify().ok and not self.faults()


@pytest.fixture
def trail(fresh_database: Pool, tmp_path: Path) -> Trail:
    return Trail(fresh_database, tmp_path)


def test_what_stood_in_the_clear_is_sealed_and_reads_as_before(trail: Trail) -> None:
    trail.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana", "source": "Ostern.txt"})
    before, leaves = trail.told(), [trail.witnesses.leaves(one.checkpoint) for one in trail.witness.entries()]
    assert unsealed(trail.pool).count == 4
    done = trail.reseal()
    assert (done.first, done.last, done.rows) == (1, 5, 4)
    assert unsealed(trail.pool).count == 0
    assert [word for word in WORDS if word in trail.table()] == []
    assert trail.told()[1:] == before
    report = trail.audit.verify()
    assert (report.ok, report.rows) == (True, 6)
    assert [(one.first, one.last, one.rows) for one in report.resealed] == [(1, 5, 4)]
    assert trail.is_whole()
    assert [trail.witnesses.leaves(one.checkpoint) for one in trail.witness.entries()] == leaves
    newest = trail.witnesses.round()
    assert newest is not None
    assert newest.checkpoint.position == 6
    assert trail.is_whole()
    assert trail.reseal() is None


def test_an_answer_from_before_is_proved_by_the_checkpoints_of_then_until_it_is_erased(trail: Trail) -> None:
    key = SIGNING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    trail.reseal()
    rows = tuple(reversed(trail.audit.opened(trail.answer)))
    records = verify_bundle.check_rows(json.loads(json.dumps(proof_of(rows, trail.witnesses))), key)
    assert [shown["kind"] for _, shown in records] == ["opened", "sentence", "closed"]
    assert records[-1][1]["answer"] == ANSWER
    trail.keys.destroy(refs.of_document(trail.keys, DOCUMENT))
    with pytest.raises(AnswerErased):
        proof_of(tuple(reversed(trail.audit.opened(trail.answer))), trail.witnesses)
    assert trail.is_whole()


def _killed(*given: Any) -> None:
    raise KeyboardInterrupt


def _staged_and_killed(real: Callable[..., None]) -> Callable[..., None]:
    def call(*given: Any) -> None:
        real(*given)
        raise KeyboardInterrupt

    return call


@pytest.mark.parametrize("step", ["before the head is staged", "before the commit", "after the commit"])
@pytest.mark.parametrize("next_", ["verify", "append", "reseal"])
def test_a_kill_leaves_all_as_it_was_or_all_of_it_done(trail: Trail, step: str, next_: str) -> None:
    before = trail.told()
    with pytest.MonkeyPatch.context() as patch:
        if step == "before the head is staged":
            patch.setattr(HeadFile, "stage", _killed)
        elif step == "before the commit":
            patch.setattr(HeadFile, "stage", _staged_and_killed(HeadFile.stage))
        else:
            patch.setattr(HeadFile, "settle_on", _killed)
        with pytest.raises(KeyboardInterrupt):
            trail.reseal()
    done = step == "after the commit"
    again = PostgresAudit(trail.pool, KEY, trail.head, vault=Vault(trail.keys))
    if next_ == "append":
        again.append_now({"kind": "change", "action": "delete", "principal": "operator"})
    elif next_ == "reseal":
        assert (trail.reseal() is None) == done
    assert again.verify().ok
    assert trail.is_whole()
    assert (unsealed(trail.pool).count == 0) == (done or next_ == "reseal")
    assert trail.told()[-len(before) :] == before
    if next_ != "verify":
        assert not trail.head.with_name("head.json.next").exists()


def test_a_trail_that_was_changed_is_not_sealed_over(trail: Trail) -> None:
    with transaction(trail.pool) as conn:
        conn.execute("UPDATE audit SET record = replace(record, 'Wann', 'Wenn') WHERE seq = 3")
    with pytest.raises(AuditBroken, match="Record 3"):
        trail.reseal()
    assert "Wenn" in trail.table()


def test_what_is_kept_of_the_records_as_they_were_cannot_be_changed_unnoticed(trail: Trail) -> None:
    trail.reseal()
    with transaction(trail.pool) as conn:
        conn.execute("UPDATE audit_resealed SET leaf = sha256(leaf) WHERE seq = 2")
    report = trail.audit.verify()
    assert not report.ok
    assert "what was kept of records 1 to 4 was changed" in report.problem


@pytest.mark.parametrize("long", [1, 1000], ids=["by several processes", "row by row"])
def test_a_resealing_is_told_of_whatever_the_trail_is_searched_by_says(
    trail: Trail, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "verified", lambda *told: verified(*told, long=long, processes=2))
    trail.reseal()
    with transaction(trail.pool) as conn:
        conn.execute("DROP INDEX audit_terms_idx")
        conn.execute("CREATE OR REPLACE FUNCTION audit_terms(record text) RETURNS text[] LANGUAGE sql IMMUTABLE"
                     " RETURN '{}'::text[]")  # fmt: skip
    told = trail.audit.verify().resealed
    assert [(one.first, one.last) for one in told] == [(1, 4)]


def test_records_that_an_older_program_writes_meanwhile_are_sealed_the_next_time(trail: Trail) -> None:
    trail.reseal()
    trail.witnesses.round()
    trail.plain.append_now({"kind": "change", "action": "delete", "principal": "user:ana", "source": "Ostern"})
    trail.witnesses.round()
    done = trail.reseal()
    assert (done.first, done.last, done.rows) == (6, 6, 1)
    assert trail.is_whole()
    assert "Ostern" not in trail.table()
    assert [len(trail.witnesses.leaves(one.checkpoint)) for one in trail.witness.entries()] == [2, 2, 1, 1]


def test_a_table_rolled_back_to_before_it_is_noticed(trail: Trail) -> None:
    trail.reseal()
    trail.witnesses.round()
    with transaction(trail.pool) as conn:
        conn.execute("DELETE FROM audit WHERE seq > 4")
    assert not trail.audit.verify().ok
    assert trail.faults()


def test_rows_that_no_resealing_has_kept_excuse_no_checkpoint(trail: Trail) -> None:
    """Table and head rolled back together, and grown again: the checkpoints tell, whatever is planted beside them."""
    head = trail.head.read_bytes()
    for name in ("Quitte", "Mispel"):
        trail.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana", "source": name})
    trail.witnesses.round()
    with transaction(trail.pool) as conn:
        conn.execute("DELETE FROM audit WHERE seq > 4")
    trail.head.write_bytes(head)
    for _ in range(3):
        trail.audit.append_now({"kind": "change", "action": "delete", "principal": "user:bo", "source": "nothing"})
    assert any("rolled back" in fault for fault in trail.faults())
    with transaction(trail.pool) as conn:
        for entry in trail.witness.entries():
            row = (entry.checkpoint.position, bytes.fromhex(entry.checkpoint.hash))
            conn.execute("INSERT INTO audit_resealed (seq, round, hash, leaf) VALUES (%s, 1, %s, 'x')", row)
    assert any("rolled back" in fault for fault in trail.faults())
    report = trail.audit.verify()
    assert (report.ok, "somebody has planted them" in report.problem) == (False, True)
    with pytest.raises(AuditBroken, match="Row 6 of the trail is missing or changed"):
        trail.witnesses.round()


def test_rows_planted_beside_a_resealing_excuse_no_checkpoint(trail: Trail) -> None:
    trail.reseal()
    trail.witnesses.round()
    entry = trail.witness.entries()[-1].checkpoint
    with transaction(trail.pool) as conn:
        conn.execute("UPDATE audit SET hash = sha256(hash) WHERE seq = %s", (entry.position,))
        row = (entry.position, bytes.fromhex(entry.hash))
        conn.execute("INSERT INTO audit_resealed (seq, round, hash, leaf) VALUES (%s, 1, %s, 'x')", row)
    assert any("rolled back" in fault for fault in trail.faults())
