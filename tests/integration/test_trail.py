"""The trail on a real PostgreSQL, as auditors read it, and what they take away checked by a program of its own."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generation.people import TrailFilter
from infra.audit_verifier import verify_export
from infra.files.signing import public_pem
from infra.postgres.audit import PostgresAudit
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.postgres.trail import PostgresTrail
from infra.vault.keys import Keys
from infra.vault.vault import Vault

KEY = b"a key of thirty-two bytes length"
DOCUMENT, OTHER = "5f0c3c5e-0000-5000-8000-000000000001", "5f0c3c5e-0000-5000-8000-000000000002"
SIGNING = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = Path(verify_export.__file__)


def access(action: str, user: str, document: str = "", **told: object) -> dict[str, object]:
    shown = [{"document_id": document, "version": 1}] if document else []
    return {"action": action, "at": datetime.now(UTC).isoformat(), "principal": f"user:{user}", "shown": shown, **told}


@pytest.fixture
def head(tmp_path: Path) -> Path:
    path = tmp_path / "audit" / "head.json"
    HeadFile(path, KEY).begin()
    return path


@pytest.fixture
def audit(fresh_database: Pool, head: Path) -> PostgresAudit:
    """Changes, an answer and two batches of accesses: seven records, nine entries."""
    audit = PostgresAudit(fresh_database, KEY, head)
    audit.append_now({"kind": "change", "action": "delete", "principal": "operator", "document_id": OTHER})
    audit.append_now(
        {
            "kind": "accesses",
            "accesses": [
                access("search", "ana", DOCUMENT, query='Was heißt "Übergabe"? 100% \0', hits=1),
                access("read_text", "bo", DOCUMENT),
                access("read_text", "ana", refused="not_found", document_id=OTHER),
            ],
        }
    )
    opened = audit.append_now({"kind": "opened", "principal": "user:ana", "question": "When does the lease end?"})
    audit.append_now({"kind": "sentence", "principal": "user:ana", "sentences": [], "answer_id": opened})
    audit.append_now({"kind": "closed", "principal": "user:ana", "question": "When?", "answer_id": opened})
    audit.append_now({"kind": "accesses", "accesses": [access("list_documents", "ana", OTHER)]})
    audit.append_now({"kind": "change", "action": "connector add", "principal": "operator", "connector": "papers"})
    return audit


@pytest.fixture
def trail(audit: PostgresAudit, fresh_database: Pool, head: Path) -> PostgresTrail:
    return PostgresTrail(fresh_database, KEY, head, lambda: SIGNING)


def found(trail: PostgresTrail, **wanted: Any) -> list[tuple[int, int, str]]:
    page = trail.page(TrailFilter(**wanted), None, 100)
    return [(entry.seq, entry.number, entry.action) for entry in page.entries]


ALL = [
    (7, 0, "connector add"), (6, 0, "list_documents"), (5, 0, "closed"), (4, 0, "sentence"), (3, 0, "opened"),
    (2, 2, "read_text"), (2, 1, "read_text"), (2, 0, "search"), (1, 0, "delete"),
]  # fmt: skip


def test_every_access_is_an_entry_newest_first(trail: PostgresTrail) -> None:
    assert found(trail) == ALL


def test_pages_follow_one_another_within_a_record_too(trail: PostgresTrail) -> None:
    seen, after = [], None
    for _ in range(20):
        page = trail.page(TrailFilter(), after, 2)
        seen += [(entry.seq, entry.number, entry.action) for entry in page.entries]
        after = page.last
        if after is None:
            break
    assert seen == ALL


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({"action": "read_text"}, [(2, 2), (2, 1)]),
        ({"action": "opened"}, [(3, 0)]),
        ({"action": "connector add"}, [(7, 0)]),
        ({"user": "user:bo"}, [(2, 1)]),
        ({"user": "operator"}, [(7, 0), (1, 0)]),
        ({"document": OTHER}, [(6, 0), (2, 2), (1, 0)]),
        ({"document": OTHER, "user": "user:ana"}, [(6, 0), (2, 2)]),
        ({"refused": "not_found"}, [(2, 2)]),
        ({"refused": "not_allowed"}, []),
        ({"text": "LEASE"}, [(3, 0)]),
        ({"text": "übergabe"}, [(2, 0)]),
        ({"text": '"Übergabe"? 100% \0'}, [(2, 0)]),
        ({"text": "1__%"}, []),
        ({"user": "user:bo", "action": "search"}, []),  # each is in one record, but not in one entry
    ],
)
def test_it_is_searched(trail: PostgresTrail, wanted: dict[str, str], places: list[tuple[int, int]]) -> None:
    assert [place[:2] for place in found(trail, **wanted)] == places


def test_times_are_those_of_the_accesses(fresh_database: Pool, head: Path) -> None:
    audit = PostgresAudit(fresh_database, KEY, head)
    now = datetime.now(UTC)
    times = [now - timedelta(minutes=5), now - timedelta(hours=3)]  # the second was written long after
    audit.append_now(
        {"kind": "accesses", "accesses": [access("search", "ana") | {"at": time.isoformat()} for time in times]}
    )
    trail = PostgresTrail(fresh_database, KEY, head, lambda: SIGNING)
    assert found(trail, until=now - timedelta(minutes=4)) == [(1, 0, "search")]
    assert found(trail, since=now - timedelta(minutes=1)) == [(1, 1, "search")]
    assert found(trail, since=now - timedelta(minutes=6), until=now - timedelta(minutes=4)) == [(1, 0, "search")]
    assert found(trail, until=datetime.max.replace(tzinfo=UTC))[0][0] == 1
    assert found(trail, until=now - timedelta(hours=2)) == []


def test_one_access_is_found_and_all_of_an_answer(trail: PostgresTrail) -> None:
    search = trail.page(TrailFilter(action="search"), None, 1).entries[0]
    assert [entry.record["query"] for entry in trail.find(search.id)] == ['Was heißt "Übergabe"? 100% \0']
    assert [entry.number for entry in trail.find(search.id.partition(".")[0])] == [2, 1, 0]
    opened = trail.page(TrailFilter(action="opened"), None, 1).entries[0]
    assert [entry.action for entry in trail.find(opened.id)] == ["closed", "sentence", "opened"]
    for missing in ("", "nonsense", f"{search.id}9", f"{search.id}.0", "00000000-0000-0000-0000-000000000000"):
        assert trail.find(missing) == ()


def test_the_index_says_what_the_record_says(trail: PostgresTrail, fresh_database: Pool) -> None:
    """Who changes a record changes what it is found by: the list hides nothing that verify would not tell."""
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE audit SET record = replace(record, 'user:bo', 'user:cy') WHERE seq = 2")
    assert found(trail, user="user:bo") == []
    assert [place[:2] for place in found(trail, user="user:cy")] == [(2, 1)]


def test_a_record_that_cannot_be_read_is_shown_as_such(trail: PostgresTrail, fresh_database: Pool) -> None:
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE audit SET record = '[' WHERE seq = 7")
    assert found(trail)[0] == (7, 0, "unreadable")


@pytest.mark.parametrize("record", ['{"accesses":[{},7,{"at":"x"}],"kind":"accesses"}', '{"kind":"opened","sealing":1}',
                                    '{"accesses":[{"at":"2026-11-30"}],"kind":"accesses","sealed":7,"sealing":1}'])  # fmt: skip
def test_a_record_that_is_none_of_ours_is_shown_and_told_by_verify(
    audit: PostgresAudit, head: Path, fresh_database: Pool, record: str, tmp_path: Path
) -> None:
    vault = Vault(Keys(tmp_path / "keys"))
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE audit SET record = %s WHERE seq = 7", (record,))
    trail = PostgresTrail(fresh_database, KEY, head, lambda: SIGNING, vault=vault)
    assert {place[0] for place in found(trail)} == {1, 2, 3, 4, 5, 6, 7}
    report = PostgresAudit(fresh_database, KEY, head, vault=vault).verify()
    assert (report.ok, report.first_bad_seq) == (False, 7)


# Exports

Lines = list[bytes]


def exported(trail: PostgresTrail, **wanted: Any) -> Lines:
    return list(trail.export(TrailFilter(**wanted), "user:eve"))


@pytest.fixture
def verified(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """The verifier's exit code and line, as a program of its own."""
    (tmp_path / "key.pem").write_text(public_pem(SIGNING))
    (tmp_path / "audit.key").write_bytes(KEY)

    def run(lines: Lines, *, sealed: bool = False, python: tuple[str, ...] = ("-I",)) -> tuple[int, str]:
        (tmp_path / "export.jsonl").write_bytes(b"".join(lines))
        command = [sys.executable, *python, str(VERIFIER), str(tmp_path / "export.jsonl")]
        command += ["--public-key", str(tmp_path / "key.pem")]
        command += ["--audit-key", str(tmp_path / "audit.key")] if sealed else []
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize(
    ("wanted", "records", "left_out"),
    [({}, 7, 0), ({"user": "user:ana"}, 5, 1), ({"document": OTHER}, 3, 4), ({"action": "nothing"}, 0, 0)],
)
def test_an_export_is_verified_without_our_code(
    trail: PostgresTrail,
    verified: Callable[..., tuple[int, str]],
    wanted: dict[str, str],
    records: int,
    left_out: int,
) -> None:
    code, told = verified(exported(trail, **wanted), sealed=True)
    assert code == 0, told
    assert told.startswith(f"OK: {records} records, {left_out} left out")
    assert told.count("\n") == 1


def test_without_the_package_openssl_checks_the_signature(
    trail: PostgresTrail, verified: Callable[..., tuple[int, str]]
) -> None:
    lines = exported(trail)
    assert verified(lines, python=("-I", "-S"))[0] == 0
    last = json.loads(lines[-1])
    last["signature"] = bytes(64).hex()
    code, told = verified([*lines[:-1], json.dumps(last, separators=(",", ":")).encode() + b"\n"], python=("-I", "-S"))
    assert (code, told.startswith("NOT OK: line 9: the signature")) == (1, True)


def test_the_export_holds_the_records_as_they_are(trail: PostgresTrail, audit: PostgresAudit) -> None:
    told = [json.loads(line) for line in exported(trail, document=OTHER)]
    assert told[0]["export"] == "footnote-audit/1"
    assert told[0]["wanted"] == {"document": OTHER}
    assert [line.get("seq") for line in told[1:]] == [1, 2, None, 6, None, None]
    rows = {row.seq: row for row in audit.show(limit=100)}
    for line in told:
        if "record" in line:
            row = rows[line["seq"]]
            assert (line["record"], line["hash"], line["id"]) == (row.record, row.hash.hex(), row.id)
    assert told[3]["left_out"] == [rows[seq].hash.hex() for seq in (3, 4, 5)]
    assert told[-1]["head"] == {"seq": 7, "hash": rows[7].hash.hex()}


def check(lines: Lines, key: bytes | None = KEY) -> str:
    """ "" if the verifier takes it, else what it says."""
    public = SIGNING.public_key().public_bytes_raw()
    try:
        verify_export.checked(iter(lines), public, key)  # type: ignore[arg-type]
    except verify_export.Wrong as error:
        return str(error)
    return ""


def cut(data: bytes) -> Lines:
    return data.splitlines(keepends=True)


def test_every_line_that_is_changed_dropped_doubled_or_moved_is_told(trail: PostgresTrail) -> None:
    lines = exported(trail, document=OTHER)
    assert check(lines) == ""
    for at in range(len(lines)):
        assert check(lines[:at] + lines[at + 1 :]), f"line {at + 1} dropped"
        assert check(lines[:at]), f"cut off before line {at + 1}"
        assert check([*lines[: at + 1], *lines[at:]]), f"line {at + 1} doubled"
        for other in range(at + 1, len(lines)):
            moved = list(lines)
            moved[at], moved[other] = moved[other], moved[at]
            assert check(moved), f"lines {at + 1} and {other + 1} swapped"
    assert check([*lines, b"\n"])


def test_every_byte_counts(trail: PostgresTrail) -> None:
    """A bit of each byte is turned, and each length is cut off; the seals are not needed for it."""
    whole = b"".join(exported(trail, document=OTHER))
    drawn = random.Random(24)
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1 << drawn.randrange(8)
        told = check(cut(bytes(changed)), None)
        assert told.startswith(("line ", "the export ends")), (at, whole[at : at + 1])
    for length in drawn.sample(range(len(whole)), 300):
        assert check(cut(whole[:length]), None), length


def test_what_is_wrong_is_said(trail: PostgresTrail) -> None:
    lines = exported(trail)
    assert check(lines[:3] + lines[4:]) == "line 4: record 4 follows record 2: lines are missing, were added or moved"
    changed = lines[2].replace(b"user:bo", b"user:cy")
    assert check([*lines[:2], changed, *lines[3:]], None).startswith("line 3: the line was changed")
    assert check([*lines[:2], changed, *lines[3:]]) == "line 3: record 2 is not what its hash seals with this audit key"
    assert check(lines[:-1]) == "the export ends after line 8, before its signature"
    assert check([]) == "the export ends after line 0, before its signature"


def forged(lines: Lines, change: Callable[[dict[str, Any]], None], key: Ed25519PrivateKey) -> Lines:
    """Lines that are changed, digests and signature made anew, as somebody would who has not our key."""
    digest, made = bytes(32), []
    for line in lines:
        told = json.loads(line)
        told.pop("sha256")
        signed = told.pop("signature", None)
        change(told)
        body = json.dumps(told, separators=(",", ":")).encode()
        digest = hashlib.sha256(digest + body).digest()
        new = b'{"sha256":"' + digest.hex().encode() + b'",' + body[1:]
        if signed:
            seal = key.sign(b"footnote-audit/1:" + digest).hex().encode()
            new = new[:-1] + b',"signature":"' + seal + b'"}'
        made.append(new + b"\n")
    return made


def test_forgers_need_the_key_that_signs_and_the_one_that_seals(trail: PostgresTrail) -> None:
    def rename(told: dict[str, Any]) -> None:
        if "record" in told:
            told["record"] = told["record"].replace("user:bo", "user:cy")

    lines = exported(trail)
    assert forged(lines, lambda told: None, SIGNING) == lines
    other = Ed25519PrivateKey.generate()
    assert "signature" in check(forged(lines, rename, other), None)
    assert check(forged(lines, rename, SIGNING), None) == ""  # who holds the signing key needs the other one, too
    assert "seals" in check(forged(lines, rename, SIGNING))


def test_a_trail_that_was_changed_is_not_exported(trail: PostgresTrail, fresh_database: Pool) -> None:
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE audit SET record = replace(record, 'user:bo', 'user:cy') WHERE seq = 2")
    with pytest.raises(AuditBroken, match="Record 2: the row was changed"):
        exported(trail)
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM audit WHERE seq = 7")
    with pytest.raises(AuditBroken, match="missing at the end"):
        exported(trail, action="list_documents")


def test_long_stretches_that_are_left_out_are_several_lines(
    trail: PostgresTrail, audit: PostgresAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.postgres.trail_export._MOST_LEFT_OUT", 2)
    lines = exported(trail, action="delete")
    assert check(lines) == ""
    assert [len(told["left_out"]) for line in lines if "left_out" in (told := json.loads(line))] == [2, 2, 2]
