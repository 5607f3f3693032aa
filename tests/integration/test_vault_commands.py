"""The commands around the keys of the trail, as an operator runs them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import command_line
from api.wiring import vaulting
from api.wiring.stores import Stores
from infra.postgres.audit import PostgresAudit
from infra.postgres.sealed import unsealed
from infra.settings import Settings, load_settings
from infra.vault import refs
from infra.vault.keys import NAME


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vault") / "home"


@pytest.fixture(autouse=True)
def _this_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def settings_of(home: Path) -> Settings:
    return load_settings(home=home, DATABASE_URL="", demo=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(command_line(), ["audit", *words])


def test_what_an_older_version_left_in_the_clear_is_sealed_by_one_command(home: Path) -> None:
    with Stores(settings_of(home)) as parts:
        old = PostgresAudit(parts.pool, parts._audit_key, home / "audit" / "head.json")
        for number in range(3):
            old.append_now(
                {"kind": "change", "action": "delete", "principal": "user:ana", "source": f"Quitte {number}"}
            )
        assert unsealed(parts.pool).count == 3
        parts.witnesses.round()
    done = run("reseal")
    assert (done.exit_code, "3 records were sealed, and records 1 to 3 chained anew" in done.output) == (0, True)
    told = run("verify")
    assert told.exit_code == 0, told.output
    assert "Records 1 to 3 were re-sealed on" in told.output
    assert "Every record is sealed." in run("reseal").output
    assert "Quitte 2" in run("list", "--user", "ana").output
    with Stores(settings_of(home)) as parts, parts.pool.connection() as conn:
        rows = conn.execute("SELECT principal || record FROM audit").fetchall()
    assert not any("Quitte" in text or "user:ana" in text for (text,) in rows)


def test_a_copy_is_put_back_and_what_was_erased_since_stays_erased(home: Path) -> None:
    words, copy = home.with_name("words"), home.with_name("trail.copy")
    words.write_text("correct horse battery staple\n")
    passphrase = ("--passphrase-file", str(words))
    assert run("vault", "copy", str(copy), *passphrase).exit_code == 0
    with Stores(settings_of(home)) as parts:
        told = parts.audit.append_now(
            {"kind": "change", "action": "delete", "principal": "user:bo", "source": "Mispel"}
        )
        indices = parts.keys.destroy([refs.entry(told)])
        parts.audit.append_now(
            {"kind": "change", "action": refs.ERASED, "principal": "operator", refs.INDICES: list(indices)}
        )
    assert "Mispel" not in run("show", told).output
    assert "No key is there that was destroyed." in run("vault", "reapply").output
    restored = run("vault", "restore", str(copy), *passphrase)
    assert (restored.exit_code, "1 keys were destroyed again" in restored.output) == (0, True)
    assert "Mispel" not in run("show", told).output


def test_no_copy_holds_keys_of_an_erasure_that_was_killed_before_it_destroyed_them(home: Path) -> None:
    words, copy = home.with_name("words"), home.with_name("trail.copy")
    words.write_text("correct horse battery staple\n")
    with Stores(settings_of(home)) as parts:
        change = {"kind": "change", "action": "delete", "principal": "user:bo", "source": "Hagebutte"}
        index = parts.keys.index(refs.entry(parts.audit.append_now(change)))
        parts.audit.append_now(
            {"kind": "change", "action": refs.ERASED, "principal": "operator", refs.INDICES: [index]}
        )
        assert parts.keys.missing([index]) == (index,)
    assert run("vault", "copy", str(copy), "--passphrase-file", str(words)).exit_code == 0
    (home / "keys" / NAME).unlink()
    vaulting.restore(settings_of(home), copy, words)
    with Stores(settings_of(home)) as parts:
        assert parts.keys.missing([index]) == ()


def test_without_keys_and_without_a_copy_it_goes_on_where_one_says_so(home: Path) -> None:
    (home / "keys" / NAME).unlink()
    lost = run("show")
    assert lost.exit_code != 0
    assert run("verify").exit_code == 0
    assert run("vault", "begin").exit_code != 0
    assert run("vault", "begin", "--lost").exit_code == 0
    assert run("vault", "begin", "--lost").exit_code != 0  # there are keys now
    told = run("list")
    assert told.exit_code == 0, told.output
    assert "[unreadable]" in told.output
    assert run("verify").exit_code == 0


def test_what_is_taken_out_of_the_trail_is_open_to_who_took_it_alone(home: Path, tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "evidence.jsonl")).exit_code == 0
    assert stat.S_IMODE((tmp_path / "evidence.jsonl").stat().st_mode) == 0o600


def test_the_keys_may_lie_elsewhere(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_KEYS", str(tmp_path / "disk"))
    with Stores(settings_of(tmp_path / "home")) as parts:
        parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana"})
        assert parts.keys.path == tmp_path / "disk" / NAME
    assert (tmp_path / "disk" / NAME).exists()
    assert not (tmp_path / "home" / "keys").exists()
