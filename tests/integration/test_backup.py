"""Backup and restore as a drill: everything comes back, and a way back that nobody declared is noticed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from api.cli.local import opened
from api.cli.main import command_line
from api.wiring import backups as wiring
from api.wiring import vaulting
from api.wiring.backups import back_up, restore
from api.wiring.doctor.examining import examine
from api.wiring.stores import Stores
from generation.errors import AuditUnavailable
from infra.backup import manifest as manifests
from infra.backup import programs, taking
from infra.backup.errors import BackupDamaged, BackupRefused
from infra.files.errors import BlobDamaged
from infra.postgres.pool import reading_as, transaction
from infra.postgres.quotes import check_quotes
from infra.settings import Settings, load_settings
from infra.vault import refs
from infra.vault.errors import KeysMissing
from ingest.types import OPERATOR, Chunk, Document
from retrieval.types import Principal

ROOT = Path(__file__).parents[2]
ANA = Principal("ana", frozenset({"legal"}))
FILES = {
    "lease.txt": "The rent of Unit 7 is 500 euros per month.\n\nThe deposit is two months' rent.",
    "café.md": "# Notice\n\nEither party may give “notice” of ninety days — in writing.",
}


def quiet(text: str) -> None:
    """Where notes go."""


def settings_of(home: Path, url: str = "") -> Settings:
    return load_settings(home=home, DATABASE_URL=url, demo=False)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def home(folder: Path) -> Path:
    """An installation with documents, a version that was replaced, a key, a session, and an answer that cites words."""
    files = folder / "files"
    files.mkdir()
    place = folder / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}
    cache = {name: value for name, value in os.environ.items() if name == "FOOTNOTE_CACHE"}
    for words in ("The rent of Unit 7 is 400 euros per month.", FILES["lease.txt"]):
        for name, text in (FILES | {"lease.txt": words}).items():
            (files / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "api.cli.main", "ingest", str(files), "--allow", "group:legal"]
        environment = kept | cache | {"FOOTNOTE_HOME": str(place)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=200)
    with Stores(settings_of(place)) as parts:
        parts.api_keys.create("ana", ["legal"], ["read"], "laptop")
        with reading_as(parts.pool, ANA) as conn:
            rows = conn.execute("SELECT document_id::text, version, text FROM versions ORDER BY 1, 2").fetchall()
        cited = [{"document_id": d, "version": v, "start": 4, "end": 14, "quote": text[4:14]} for d, v, text in rows]
        opening = parts.audit.append_now({"kind": "opened", "principal": "user:ana", "question": "Rent?"})
        said = {"citations": cited, "status": "answered", "answer": "…"}
        parts.audit.append_now({"kind": "closed", "principal": "user:ana", "answer_id": opening, "answer": said})
    return place


@pytest.fixture
def take(home: Path, folder: Path) -> Callable[..., Path]:
    """Backs `home` up to a new place and returns it."""

    def made(target: Path | None = None, passphrase: Path | None = None, apart: Path | None = None) -> Path:
        with Stores(settings_of(home)) as parts:
            place, _ = back_up(parts, target or folder / f"backup-{uuid4().hex}", passphrase, apart, quiet)
        return place

    return made


@pytest.fixture
def empty(home: Path, folder: Path) -> Path:
    """But for the keys of the trail, which are in no backup and were put there first."""
    place = folder / f"home-{uuid4().hex}"
    shutil.copytree(home / "keys", place / "keys")
    return place


def found(home: Path) -> list[str]:
    """What searches find: ids, scores and texts of hits, and the index snapshot."""
    with opened(home=home, DATABASE_URL="", demo=False) as parts:
        results = [parts.search.search_now(query, ANA, 5) for query in ("rent", "notice of ninety days", "Unit 7")]
    return [repr((result.query, result.hits, result.snapshot)) for result in results]


@pytest.mark.models
def test_all_of_it_comes_back_while_the_service_goes_on_writing(
    home: Path, take: Callable[..., Path], empty: Path
) -> None:
    before = found(home)
    stop = threading.Event()

    def write() -> None:
        with Stores(settings_of(home)) as parts:
            while not stop.is_set():
                parts.audit.append_now({"kind": "opened", "principal": "user:bo", "question": "Meanwhile?"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup = take()
    finally:
        stop.set()
        writer.join()
    done = restore(settings_of(empty), backup, None, None, None, quiet)
    assert done.trail.ok
    assert done.quotes.looked == 3
    assert (done.quotes.gone, done.quotes.wrong) == (0, ())
    assert found(empty) == before
    assert len(before[0]) > 200
    with Stores(settings_of(empty)) as parts:
        assert parts.audit.verify().ok
        assert [key.user for key in parts.api_keys.list()] == ["ana"]
        (row,) = parts.audit.show(limit=1)
        assert json.loads(row.record)["action"] == "restore"
        assert row.seq == done.manifest.seq + 1
        assert {path.name for path in (empty / "blobs").glob("??/??/*")} == set(parts.blobs.hashes())
    for name in ("audit.key",):
        assert (empty / "secrets" / name).read_bytes() == (home / "secrets" / name).read_bytes()
        assert (empty / "secrets" / name).stat().st_mode & 0o077 == 0
    states = {one.id: one.level for one in examine(settings_of(empty), only=("safety", "row-security", "index"))}
    assert set(states) >= {"trail-head", "trail-whole", "row-security", "index"}
    assert {state for name, state in states.items() if name not in ("not-root", "trail-keys-copy", "witnesses")} == {
        "ok"
    }


def test_a_rollback_that_nobody_declared_is_noticed_and_a_restore_is_on_record(
    home: Path, take: Callable[..., Path], empty: Path
) -> None:
    backup = take()
    with Stores(settings_of(home)) as parts:
        last = [parts.audit.append_now({"kind": "opened", "principal": "user:ana", "n": n}) for n in range(3)]
        lost = parts.audit.show(last[-1])[0]
    survived = home / "audit" / "head.json"
    restored = restore(settings_of(empty), backup, None, None, survived, quiet)
    assert restored.lost is not None
    assert (restored.lost.seq, restored.lost.hash) == (lost.seq, lost.hash)
    with Stores(settings_of(empty)) as parts:
        record = json.loads(parts.audit.show(limit=1)[0].record)
        assert parts.audit.verify().ok
    assert (record["lost_from"], record["lost_to"]) == (restored.manifest.seq + 1, lost.seq)
    assert record["lost_hash"] == lost.hash.hex()
    shutil.copy(survived, empty / "audit" / "head.json")  # as if only the database had been put back
    with Stores(settings_of(empty)) as parts:
        assert not parts.audit.verify().ok
        with pytest.raises(AuditUnavailable, match="missing or changed"):
            parts.audit.append_now({"kind": "opened", "principal": "user:ana"})
    states = {one.id: one.level for one in examine(settings_of(empty), only=("safety",))}
    assert states["trail-head"] == "failing"
    assert states["trail-writable"] == "failing"


def test_both_can_be_interrupted_and_go_on(
    take: Callable[..., Path], folder: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder / "interrupted"
    real = taking._dump
    monkeypatch.setattr(taking, "_dump", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        take(target)
    with pytest.raises(BackupDamaged, match="no finished backup"):
        restore(settings_of(empty), target, None, None, None, quiet)
    unfinished = json.loads((target / "unfinished.json").read_bytes())["id"]
    stamps = {path: path.stat().st_mtime_ns for path in (target / "blobs").glob("??/??/*")}
    monkeypatch.setattr(taking, "_dump", real)
    take(target)
    assert manifests.read(target).id == unfinished
    assert len(stamps) == 3
    assert {path: path.stat().st_mtime_ns for path in (target / "blobs").glob("??/??/*")} == stamps
    with pytest.raises(BackupRefused, match="finished backup"):
        take(target)

    real_check = wiring.restoring.check
    monkeypatch.setattr(wiring.restoring, "check", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        restore(settings_of(empty), target, None, None, None, quiet)
    monkeypatch.setattr(wiring.restoring, "check", real_check)
    with pytest.raises(BackupRefused, match="Another backup is half restored"):
        restore(settings_of(empty), take(), None, None, None, quiet)
    monkeypatch.setenv("FOOTNOTE_HOME", str(empty))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for command in (["serve"], ["worker"]):
        refused = CliRunner().invoke(command_line(), command).exception
        assert (type(refused), "half restored" in str(refused)) == (BackupRefused, True)
    done = restore(settings_of(empty), target, None, None, None, quiet)
    assert done.trail.ok
    wiring.refuse_half_restored(settings_of(empty))
    with pytest.raises(BackupRefused, match="holds an installation"):
        restore(settings_of(empty), target, None, None, None, quiet)


@pytest.mark.parametrize("filtered", [True, False])  # Python has a filter from 3.11.4 on
@pytest.mark.parametrize(("name", "kind"), [("../beside", tarfile.REGTYPE), ("there", tarfile.SYMTYPE)])
def test_a_tar_holds_files_below_its_folder_and_nothing_else(
    empty: Path, folder: Path, name: str, kind: bytes, filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not filtered:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "backup.json"
    with tarfile.open(folder / "odd.tar", "w") as tar:
        tar.addfile(member)
    with pytest.raises(BackupDamaged, match=f"{name} is no file or folder of it"):
        restore(settings_of(empty), folder / "odd.tar", None, None, None, quiet)
    assert not list(empty.parent.glob("beside"))


def test_keys_are_sealed_kept_apart_or_inside(take: Callable[..., Path], folder: Path, empty: Path, home: Path) -> None:
    words, others = folder / "words", folder / "others"
    words.write_text("correct horse battery\n")
    others.write_text("incorrect horse battery\n")
    key = (home / "secrets" / "audit.key").read_bytes()
    sealed = take(folder / "sealed.tar", words)
    assert key not in sealed.read_bytes()
    with pytest.raises(BackupRefused, match="--passphrase-file"):
        restore(settings_of(empty), sealed, None, None, None, quiet)
    with pytest.raises(BackupRefused, match="not the one that the keys were sealed with"):
        restore(settings_of(empty), sealed, others, None, None, quiet)
    assert restore(settings_of(empty), sealed, words, None, None, quiet).trail.ok
    apart = take(None, None, folder / "keys")
    assert not (apart / "secrets").exists()
    with pytest.raises(BackupRefused, match="--keys-from"):
        restore(settings_of(empty.with_name("a")), apart, None, None, None, quiet)
    (folder / "short").write_text("short")
    with pytest.raises(BackupRefused, match="fewer than 12"):
        take(None, folder / "short")


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (lambda backup: (backup / "database.dump").write_bytes(b"x"), BackupDamaged, "not as it was written"),
        (lambda backup: _change(backup / "backup.json", '"seq": ', '"seq": 1'), BackupDamaged, "was changed"),
        (lambda backup: _blob(backup).write_bytes(b"other words"), BlobDamaged, "is damaged"),
        (lambda backup: _blob(backup).unlink(), BackupDamaged, "originals are not there"),
        (lambda backup: (backup / "secrets" / "audit.key").write_bytes(bytes(32)), BackupDamaged, "not the keys"),
        (lambda backup: (backup / "secrets" / "audit.key").unlink(), BackupRefused, "Say where the keys are"),
        (
            lambda backup: _change(backup / "audit" / "head.json", '"seq": ', '"seq": 1'),
            BackupDamaged,
            "does not verify",
        ),
    ],
)
def test_a_backup_that_was_changed_is_refused(
    take: Callable[..., Path], empty: Path, harm: Callable[[Path], None], error: type[Exception], words: str
) -> None:
    backup = take()
    harm(backup)
    with pytest.raises(error, match=words):
        restore(settings_of(empty), backup, None, None, None, quiet)


def _blob(backup: Path) -> Path:
    return sorted((backup / "blobs").glob("??/??/*"))[0]


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_an_original_that_is_purged_meanwhile_takes_a_newer_snapshot(
    home: Path, take: Callable[..., Path], empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document comes after the originals were copied and is purged after the dump."""
    real, dumps = taking._dump, []

    def dump(*given: object) -> int:
        major = real(*given)  # type: ignore[arg-type]
        dumps.append(major)
        if len(dumps) == 1:
            with Stores(settings_of(home)) as parts:
                parts.documents.delete(late.id, OPERATOR, now=True)
        return major

    text = b"This came late."
    with Stores(settings_of(home)) as parts:
        late = _added(parts, "late.txt", text)
    shutil.move(home / "blobs", home / "aside")  # as if nothing of it had been there when originals were copied
    real_copy = taking._copy

    def copy(source: taking.BlobStore, target: taking.BlobStore, hashes: set[str]) -> list[str]:
        missing = real_copy(source, target, hashes)
        if (home / "aside").exists():
            shutil.move(home / "aside", home / "blobs")
        return missing

    monkeypatch.setattr(taking, "_dump", dump)
    monkeypatch.setattr(taking, "_copy", copy)
    backup = take()
    assert len(dumps) == 2
    assert manifests.read(backup).missing == ()
    assert restore(settings_of(empty), backup, None, None, None, quiet).trail.ok


def test_an_ordinary_owner_backs_up_and_another_one_restores(database_url: str, folder: Path, empty: Path) -> None:
    """Neither is a superuser, so that forced row-level security binds both."""
    urls = [_own_database(database_url) for _ in range(2)]
    first = folder / f"ordinary-{uuid4().hex}"
    with Stores(settings_of(first, urls[0])) as parts:
        document = _added(parts, "a.txt", b"The rent is due on Monday.")
        cited = {"document_id": document.id, "version": 1, "start": 4, "end": 8, "quote": "rent"}
        parts.audit.append_now({"kind": "sentence", "principal": "user:ana", "citations": [cited]})
        place, made = back_up(parts, folder / f"backup-{uuid4().hex}", None, None, quiet)
        (empty / "keys" / "trail.keys").write_bytes(parts.keys.copy())
    assert made.rows["chunks"] == 1
    done = restore(settings_of(empty, urls[1]), place, None, None, None, quiet)
    assert (done.quotes.looked, done.quotes.wrong) == (1, ())
    with Stores(settings_of(empty, urls[1])) as parts, reading_as(parts.pool, ANA) as conn:
        assert conn.execute("SELECT text FROM versions").fetchall() == [("The rent is due on Monday.",)]
    with Stores(settings_of(empty, urls[1])) as parts, reading_as(parts.pool, Principal("zoe")) as conn:
        assert conn.execute("SELECT text FROM versions").fetchall() == []
    states = {one.id: one for one in examine(settings_of(empty, urls[1]), only=("privacy",))}
    assert states["database-user"].level == "ok"
    assert states["row-security"].level == "ok"


def test_the_password_of_the_database_is_in_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []

    def run(command: list[str], **given: object) -> subprocess.CompletedProcess[str]:
        called.append((command, given["env"]))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(programs.subprocess, "run", run)
    programs.run(["pg_dump", "x"], "postgresql://ana:hunter2@db.example.com:5433/notes?sslmode=verify-full")
    ((command, environment),) = called  # type: ignore[misc]
    assert "hunter2" not in repr(command)
    assert environment["PGPASSWORD"] == "hunter2"
    assert (environment["PGHOST"], environment["PGDATABASE"], environment["PGSSLMODE"]) == (
        "db.example.com", "notes", "verify-full",
    )  # fmt: skip


def test_a_server_that_is_newer_than_every_program_is_refused() -> None:
    with pytest.raises(BackupRefused, match="postgresql-client-99"):
        programs.program("pg_dump", 99)


def test_quotes_that_no_longer_stand_are_told(home: Path) -> None:
    with Stores(settings_of(home)) as parts:
        assert check_quotes(parts.pool, parts.vault).wrong == ()
        with transaction(parts.pool) as conn:
            kept = conn.execute("SELECT text, document_id, version FROM versions").fetchall()
            conn.execute("UPDATE versions SET text = overlay(text placing 'Q' from 6)")
        try:
            assert len(check_quotes(parts.pool, parts.vault).wrong) == 3
            (one,) = examine(settings_of(home), only=("quotes",))
            assert one.level == "failing"
        finally:
            with transaction(parts.pool) as conn:
                for row in kept:
                    conn.execute("UPDATE versions SET text = %s WHERE (document_id, version) = (%s, %s)", row)


def _added(parts: Stores, name: str, data: bytes) -> Document:
    import hashlib

    import numpy as np

    document = Document(name, name, "text/plain", hashlib.sha256(data).hexdigest(), data.decode(), ())
    chunk = Chunk(f"chunk-{uuid4().hex}", document.id, 0, 0, 4, data.decode()[:4], name)
    dimension = 384
    parts.documents.add_version(
        document, [chunk], np.ones((1, dimension), np.float32), frozenset({"group:legal"}), data
    )
    return document


def _own_database(database_url: str) -> str:
    """A new database of a new role that is nothing but its owner and may be the reader."""
    name = f"own_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        exists = conn.execute("SELECT FROM pg_roles WHERE rolname = 'footnote_reader'").fetchone()
        if exists is None:
            conn.execute("CREATE ROLE footnote_reader NOLOGIN")
        conn.execute(sql.SQL("GRANT footnote_reader TO {}").format(sql.Identifier(name)))
        conn.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(name)))
    return database_url.replace("postgres@/postgres?", f"{name}@/{name}?")


def test_on_the_command_line_the_keys_must_be_decided_and_scripts_read_what_was_lost(
    home: Path, folder: Path, empty: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}

    def footnote(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api.cli.main", *arguments]
        variables = kept | {"FOOTNOTE_HOME": str(place)}
        return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    target = folder / f"backup-{uuid4().hex}"
    undecided = footnote(home, "backup", str(target))
    assert (undecided.returncode, target.exists()) == (1, False)
    assert "--passphrase-file" in undecided.stderr
    (home / "keys" / "copied").unlink(missing_ok=True)
    taken = footnote(home, "backup", str(target), "--keys-inside", "--json")
    assert "footnote audit vault copy" in taken.stderr
    assert json.loads(taken.stdout)["backup"]["secrets"] == "inside"
    assert "can forge" in taken.stderr
    with Stores(settings_of(home)) as parts:
        parts.audit.append_now({"kind": "opened", "principal": "user:ana"})
    head = str(home / "audit" / "head.json")
    done = footnote(empty, "restore", str(target), "--lost-head", head, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["lost"]["from"] == told["lost"]["to"] == told["backup"]["seq"] + 1
    assert told["quotes"]["wrong"] == []
    gone = footnote(empty.with_name("b"), "restore", "/nowhere")
    assert (gone.returncode, "Traceback" in gone.stderr) == (1, False)


def test_no_backup_holds_the_keys_of_the_trail_and_a_copy_apart_brings_it_to_speak_again(
    home: Path, take: Callable[..., Path], empty: Path, folder: Path
) -> None:
    words, copy = folder / "words", folder / "trail.copy"
    words.write_text("correct horse battery staple\n")
    with Stores(settings_of(home)) as parts:
        vaulting.copy(parts.keys, copy, words)
        told = parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:cleo", "source": "x"})
        indices = parts.keys.destroy([refs.entry(told)])
        record = {"kind": "change", "action": refs.ERASED, "principal": "operator", refs.INDICES: list(indices)}
        parts.audit.append_now(record)
        secret = parts.keys.copy()
    backup = take()
    with Stores(settings_of(home)) as parts:
        parts.audit.append_now({"kind": "opened", "principal": "user:ana"})
    seeds = [secret[at : at + 32] for at in range(54, len(secret) - 32, 49 * 20)]
    assert not any(seed in path.read_bytes() for path in backup.rglob("*") if path.is_file() for seed in seeds)
    shutil.rmtree(empty / "keys")
    with pytest.raises(KeysMissing, match="vault restore"):
        restore(settings_of(empty), backup, None, None, None, quiet)
    (folder / "other").write_text("another passphrase altogether\n")
    with pytest.raises(BackupRefused):
        vaulting.restore(settings_of(empty), copy, folder / "other")
    vaulting.restore(settings_of(empty), copy, words)
    done = restore(settings_of(empty), backup, None, None, home / "audit" / "head.json", quiet)
    assert (done.trail.ok, done.lost is not None) == (True, True)  # also where only the second run names the head
    with Stores(settings_of(empty)) as parts:
        assert not parts.keys.missing(indices)  # destroyed again, as the trail says
        assert json.loads(parts.audit.show(told)[0].record)["source"] == "[erased]"
        assert "cleo" not in parts.audit.show(told)[0].principal
        rows = [row.principal for row in parts.audit.show(limit=50)]
        assert "user:ana" in rows
    states = {one.id: one.level for one in examine(settings_of(home), only=("safety",))}
    assert (states["trail-keys"], states["trail-keys-copy"], states["trail-sealed"]) == ("ok", "warning", "ok")
    with Stores(settings_of(home)) as parts:
        vaulting.copy(parts.keys, copy, words)
    assert {one.level for one in examine(settings_of(home), only=("trail-keys-copy",))} == {"ok"}
    vaulting.restore(settings_of(empty), copy, words)


def test_a_file_of_keys_that_is_older_than_an_erasure_is_told_and_mended(home: Path) -> None:
    with Stores(settings_of(home)) as parts:
        older = parts.keys.copy()
        told = parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:cleo", "source": "x"})
        indices = parts.keys.destroy([refs.entry(told)])
        record = {"kind": "change", "action": refs.ERASED, "principal": "operator", refs.INDICES: list(indices)}
        parts.audit.append_now(record)
        parts.keys.restore(older)
    assert {one.level for one in examine(settings_of(home), only=("trail-keys",))} == {"failing"}
    with Stores(settings_of(home)) as parts:
        assert vaulting.reapply(parts.pool, parts.keys) == 1
    assert {one.level for one in examine(settings_of(home), only=("trail-keys",))} == {"ok"}
