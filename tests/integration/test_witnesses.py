"""Checkpoints of the trail on a real PostgreSQL: kept elsewhere, they tell of a roll-back that table and head hide."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generation.errors import AuditUnavailable
from infra.postgres.audit import PostgresAudit
from infra.postgres.errors import AuditBroken
from infra.postgres.head import HeadFile
from infra.postgres.pool import Pool, transaction
from infra.witness import witnesses as module
from infra.witness.buckets import BucketWitness
from infra.witness.checkpoints import parse
from infra.witness.errors import WitnessDisagrees, WitnessUnreachable
from infra.witness.files import FileWitness
from infra.witness.timestamps import TimestampAuthority
from infra.witness.witnesses import Witnesses

KEY = b"a key of thirty-two bytes length"
SIGNING = Ed25519PrivateKey.generate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    HeadFile(tmp_path / "home" / "audit" / "head.json", KEY).begin()
    return tmp_path / "home"


@pytest.fixture
def audit(fresh_database: Pool, home: Path) -> PostgresAudit:
    """A trail of three rows."""
    trail = PostgresAudit(fresh_database, KEY, home / "audit" / "head.json")
    grow(trail, 3)
    return trail


@pytest.fixture
def elsewhere(tmp_path: Path) -> FileWitness:
    (tmp_path / "elsewhere").mkdir()
    return FileWitness(tmp_path / "elsewhere")


def grow(trail: PostgresAudit, rows: int) -> None:
    for n in range(rows):
        trail.append_now({"principal": "user:ana", "kind": "note", "n": n, "words": "\ud800 ü"})


def of(trail: PostgresAudit, home: Path, *others: Any, **more: Any) -> Witnesses:
    return Witnesses(trail, home, SIGNING, b"salts", others=others, **more)


def problems(witnesses: Witnesses) -> list[str]:
    return [report.problem for report in witnesses.report()]


def roll_back(pool: Pool, home: Path, saved: Path, position: int) -> None:
    """Table and head together, as somebody does who holds both."""
    with transaction(pool) as conn:
        conn.execute("DELETE FROM audit WHERE seq > %s", (position,))
    shutil.rmtree(home)
    shutil.copytree(saved, home)


def test_each_round_keeps_what_is_new_and_nothing_where_nothing_is(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness
) -> None:
    witnesses = of(audit, home, elsewhere)
    first = witnesses.round()
    assert witnesses.round() == first
    grow(audit, 2)
    second = witnesses.round()
    assert first is not None
    assert second is not None
    assert (first.checkpoint.start, first.checkpoint.position) == (0, 3)
    assert (second.checkpoint.start, second.checkpoint.position) == (3, 5)
    assert second.checkpoint.previous == first.checkpoint.digest
    assert elsewhere.entries() == witnesses.own.entries() == [first, second]
    assert second.is_signed_by(SIGNING.public_key())
    assert problems(witnesses) == ["", ""]


def test_a_roll_back_of_table_and_head_together_is_noticed(
    audit: PostgresAudit, fresh_database: Pool, home: Path, elsewhere: FileWitness, tmp_path: Path
) -> None:
    of(audit, home, elsewhere).round()
    shutil.copytree(home, tmp_path / "saved")
    grow(audit, 2)
    of(audit, home, elsewhere).round()
    roll_back(fresh_database, home, tmp_path / "saved", 3)

    rolled_back = of(audit, home, elsewhere)
    assert audit.verify().ok  # the trail alone does not tell
    own, witness = rolled_back.report()
    assert own.problem == ""
    assert "rolled back" in witness.problem
    assert "5 records" in witness.problem
    with pytest.raises(WitnessDisagrees):
        rolled_back.round()

    grow(audit, 4)  # rows that take the place of those that are gone
    with pytest.raises(WitnessDisagrees):
        rolled_back.round()
    assert "record 5 was another" in rolled_back.report()[1].problem
    assert len(elsewhere.entries()) == 2  # nothing is written over the evidence


def test_the_service_notices_a_changed_trail_at_the_next_round(
    audit: PostgresAudit, fresh_database: Pool, home: Path
) -> None:
    witnesses = of(audit, home)
    witnesses.round()
    grow(audit, 1)
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE audit SET principal = 'eve' WHERE seq = 4")
    with pytest.raises(AuditBroken, match="Row 4"):
        witnesses.round()
    with transaction(fresh_database) as conn:
        conn.execute("DELETE FROM audit WHERE seq >= 3")
    with pytest.raises(AuditBroken, match="Row 3"):
        witnesses.round()


def test_a_home_folder_out_of_a_backup_takes_its_checkpoints_back(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness
) -> None:
    of(audit, home, elsewhere).round()
    old = (home / "audit" / "checkpoints.jsonl").read_bytes()
    grow(audit, 2)
    of(audit, home, elsewhere).round()
    for kept in (old, b""):
        (home / "audit" / "checkpoints.jsonl").write_bytes(kept)
        witnesses = of(audit, home, elsewhere)
        witnesses.round()
        assert witnesses.own.entries() == elsewhere.entries()
        assert len(elsewhere.entries()) == 2


def test_a_witness_that_was_away_gets_what_it_lacks_and_keeps_nobody_else_from_theirs(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, tmp_path: Path
) -> None:
    away = FileWitness(tmp_path / "not mounted" / "witness.jsonl")
    witnesses = of(audit, home, away, elsewhere)
    for _ in range(2):
        grow(audit, 1)
        with pytest.raises(WitnessUnreachable, match="is it mounted"):
            witnesses.round()
    assert [len(elsewhere.entries()), len(witnesses.own.entries())] == [2, 2]
    assert "mounted" in problems(witnesses)[1]
    (tmp_path / "not mounted").mkdir()
    witnesses.round()
    assert away.entries() == elsewhere.entries()


def test_checkpoints_that_are_forged_or_missing_are_told(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, tmp_path: Path
) -> None:
    witnesses = of(audit, home, elsewhere)
    for _ in range(3):
        grow(audit, 1)
        witnesses.round()
    file = tmp_path / "elsewhere" / "checkpoints.jsonl"
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)

    file.write_bytes(lines[0] + lines[2])
    assert "does not follow" in problems(witnesses)[1]
    file.write_bytes(lines[0])
    assert witnesses.report()[1].behind == 2
    first = parse(lines[0])
    assert first is not None
    stranger = Ed25519PrivateKey.generate()
    forged = replace(first, signature=first.checkpoint.sign(stranger))
    file.write_bytes(forged.line())
    assert "not signed by this installation's key" in problems(witnesses)[1]
    file.write_bytes(replace(first, checkpoint=replace(first.checkpoint, root="00" * 32)).line())
    assert "not signed" in problems(witnesses)[1]
    file.write_bytes(whole + b'{"checkpoint": {"numb')  # a kill in the middle
    assert problems(witnesses) == ["", ""]
    grow(audit, 1)
    witnesses.round()
    assert problems(witnesses) == ["", ""]


def test_more_rows_than_a_checkpoint_holds_make_several(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 4)
    grow(audit, 8)
    witnesses = of(audit, home, elsewhere)
    witnesses.round()
    spans = [(entry.checkpoint.start, entry.checkpoint.position) for entry in elsewhere.entries()]
    assert spans == [(0, 4), (4, 8), (8, 11)]
    assert problems(witnesses) == ["", ""]
    found = witnesses.of(5)
    assert found is not None
    assert found.checkpoint.number == 2
    assert len(witnesses.leaves(found.checkpoint)) == 4


def test_without_a_required_witness_nothing_is_recorded(
    audit: PostgresAudit, fresh_database: Pool, home: Path, elsewhere: FileWitness, tmp_path: Path
) -> None:
    witnesses = of(audit, home, elsewhere, every=10.0, required=True)
    trail = PostgresAudit(fresh_database, KEY, home / "audit" / "head.json", permitted=witnesses.require)
    grow(trail, 1)  # the first record makes a round
    assert len(elsewhere.entries()) == 1
    shutil.move(tmp_path / "elsewhere", tmp_path / "gone")
    grow(trail, 1)  # the last round is not long ago
    os.utime(home / "audit" / "witnessed", (0, time.time() - 31))
    with pytest.raises(AuditUnavailable, match="witness of the trail is required"):
        trail.append_now({"principal": "user:ana"})
    with pytest.raises(AuditUnavailable):
        asyncio.run(trail.append({"principal": "user:ana"}))
    with pytest.raises(AuditUnavailable):  # which /readyz asks
        trail.check()
    shutil.move(tmp_path / "gone", tmp_path / "elsewhere")
    trail.check()
    grow(trail, 1)
    assert len(elsewhere.entries()) == 2


def test_nothing_stops_where_no_witness_is_required(audit: PostgresAudit, fresh_database: Pool, home: Path) -> None:
    away = FileWitness(home / "nowhere" / "witness.jsonl")
    witnesses = of(audit, home, away)
    trail = PostgresAudit(fresh_database, KEY, home / "audit" / "head.json", permitted=witnesses.require)
    grow(trail, 1)
    assert trail.verify().rows == 4


@pytest.fixture
def bucket() -> Iterator[Any]:
    from moto import mock_aws

    with mock_aws():
        import boto3

        client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="y")
        where = {"LocationConstraint": "eu-central-1"}
        client.create_bucket(Bucket="worm", CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
        yield client


def test_a_bucket_holds_each_checkpoint_under_retention(audit: PostgresAudit, home: Path, bucket: Any) -> None:
    from botocore.exceptions import ClientError

    witness = BucketWitness(bucket, "worm", "/footnote/", days=30)
    witnesses = of(audit, home, witness)
    witnesses.round()
    grow(audit, 1)
    witnesses.round()
    assert witness.entries() == witnesses.own.entries()
    assert BucketWitness(bucket, "worm", "footnote", days=30).newest() == witnesses.own.newest() == witness.newest()
    key = "footnote/000000000001.json"
    version = bucket.list_object_versions(Bucket="worm", Prefix=key)["Versions"][0]["VersionId"]
    assert bucket.head_object(Bucket="worm", Key=key)["ObjectLockMode"] == "COMPLIANCE"
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.delete_object(Bucket="worm", Key=key, VersionId=version)
    assert problems(witnesses) == ["", ""]


def test_what_is_put_over_a_checkpoint_in_a_bucket_does_not_hide_it(
    audit: PostgresAudit, fresh_database: Pool, home: Path, bucket: Any, tmp_path: Path
) -> None:
    witness = BucketWitness(bucket, "worm", "", days=30)
    of(audit, home, witness).round()
    shutil.copytree(home, tmp_path / "saved")
    grow(audit, 1)
    of(audit, home, witness).round()
    bucket.delete_object(Bucket="worm", Key="000000000002.json")  # a mark over it
    roll_back(fresh_database, home, tmp_path / "saved", 3)
    fresh = BucketWitness(bucket, "worm", "", days=30)
    assert "rolled back" in of(audit, home, fresh).report()[1].problem
    first = bucket.get_object(Bucket="worm", Key="000000000001.json")["Body"].read()
    bucket.put_object(Bucket="worm", Key="000000000002.json", Body=first)
    assert "rolled back" in of(audit, home, fresh).report()[1].problem


def test_a_bucket_that_is_not_there_is_told(audit: PostgresAudit, home: Path, bucket: Any) -> None:
    witnesses = of(audit, home, BucketWitness(bucket, "elsewhere", "", days=1))
    with pytest.raises(WitnessUnreachable, match="NoSuchBucket"):
        witnesses.round()
    assert "NoSuchBucket" in problems(witnesses)[1]


CONFIG = """
[tsa]
default_tsa = here
[here]
serial = ./serial
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
certs = ./tsa.pem
accuracy = secs:1
"""


def openssl(folder: Path, *command: str, **more: Any) -> bytes:
    return subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True, **more).stdout


@pytest.fixture(scope="module")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority, a timestamp authority under it, and a stranger's authority, all by openssl."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "ts.conf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    (folder / "ext").write_text(
        "extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
    )
    for name in ("ca", "stranger"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.pem", "-days", "30", "-subj", f"/CN=Test {name}", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA"
    )
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "tsa.pem", "-days", "30", "-extfile", "ext")  # fmt: skip
    return folder


@pytest.fixture
def authority(authority_folder: Path) -> Iterator[str]:
    """The address of a timestamp authority that answers by `openssl ts`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            (authority_folder / "query.tsq").write_bytes(asked)
            answer = openssl(authority_folder, "ts", "-reply", "-config", "ts.conf", "-queryfile", "query.tsq")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_timestamp_authority_stamps_each_newest_checkpoint_and_openssl_agrees(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, authority: str, authority_folder: Path, tmp_path: Path
) -> None:
    import base64

    stamping = TimestampAuthority(authority, authority_folder / "ca.pem")
    witnesses = of(audit, home, elsewhere, authority=stamping)
    newest = witnesses.round()
    assert newest is not None
    assert [report.stamped for report in witnesses.report()] == [1, 1]
    assert problems(witnesses) == ["", ""]
    (tmp_path / "token.tsr").write_bytes(base64.b64decode(newest.timestamps[0]))
    (tmp_path / "digest").write_text(newest.checkpoint.digest)
    said = openssl(tmp_path, "ts", "-verify", "-in", "token.tsr", "-data", "digest", "-CAfile", str(authority_folder / "ca.pem"))  # fmt: skip
    assert b"Verification: OK" in said


def test_a_timestamp_that_does_not_hold_is_told(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, authority: str, authority_folder: Path
) -> None:
    stamping = TimestampAuthority(authority, authority_folder / "ca.pem")
    newest = of(audit, home, elsewhere, authority=stamping).round()
    assert newest is not None
    token = newest.timestamps[0]
    assert stamping.problem(token, newest.checkpoint.digest) == ""
    assert stamping.problem(token, "0" * 64)
    assert stamping.problem("!", newest.checkpoint.digest)
    assert stamping.problem("AAAA", newest.checkpoint.digest)
    stranger = TimestampAuthority(authority, authority_folder / "stranger.pem")
    assert stranger.problem(token, newest.checkpoint.digest)
    assert "timestamp of checkpoint 1" in problems(of(audit, home, elsewhere, authority=stranger))[1]
    grow(audit, 1)
    with pytest.raises(WitnessUnreachable, match="no good token"):
        of(audit, home, elsewhere, authority=stranger).round()
    assert len(elsewhere.entries()) == 2  # the checkpoint is kept without it


def test_a_timestamp_authority_that_is_away_is_told(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, authority_folder: Path
) -> None:
    away = TimestampAuthority("http://127.0.0.1:9/", authority_folder / "ca.pem")
    with pytest.raises(WitnessUnreachable, match="timestamp authority"):
        of(audit, home, elsewhere, authority=away).round()
    assert len(elsewhere.entries()) == 1


def test_a_witness_is_json_lines_that_others_read(
    audit: PostgresAudit, home: Path, elsewhere: FileWitness, tmp_path: Path
) -> None:
    of(audit, home, elsewhere).round()
    (line,) = (tmp_path / "elsewhere" / "checkpoints.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told["checkpoint"]["position"] == 3
    assert set(told) == {"checkpoint", "signature", "timestamps"}
