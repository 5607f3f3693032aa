"""The file of keys: shared, damaged, missing, and killed at each step of a destruction."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.vault import keys as module
from infra.vault.errors import KeyDestroyed, KeysDamaged, KeysMissing, KeysOfAnother
from infra.vault.keys import NAME, Keys

REFS = ("entry:1", "person:ab", "document:x#0", "month:2026-11")


class Killed(BaseException):
    """Nothing is cleaned up for it, as for a signal."""


def all_of(keys: Keys) -> dict[str, bytes]:
    return {ref: keys.key(ref) for ref in REFS}


def test_each_ref_has_its_own_key_and_it_is_the_same_in_the_next_process(tmp_path: Path) -> None:
    found = all_of(Keys(tmp_path))
    assert len(set(found.values())) == len(REFS)
    assert all(len(key) == 32 for key in found.values())
    assert all_of(Keys(tmp_path)) == found
    assert all_of(Keys(tmp_path / "other")) != found


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    keys = Keys(folder)
    keys.destroy([REFS[0], *REFS[:1]])
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_destroyed_key_is_gone_for_every_process_that_had_it_and_the_others_stay(tmp_path: Path) -> None:
    one, two = Keys(tmp_path), Keys(tmp_path)
    before = all_of(one)
    all_of(two)
    indices = one.destroy([REFS[1], REFS[2]])
    assert indices == tuple(sorted(two.index(ref) for ref in REFS[1:3]))
    for keys in (one, two, Keys(tmp_path)):
        for ref in REFS[1:3]:
            assert not keys.alive(ref)
            with pytest.raises(KeyDestroyed):
                keys.key(ref)
        assert keys.key(REFS[0]) == before[REFS[0]]
        assert keys.key(REFS[3]) == before[REFS[3]]
    assert one.missing(indices) == ()


def test_to_destroy_twice_changes_nothing(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    first = keys.destroy(REFS[:1])
    data = (tmp_path / NAME).read_bytes()
    assert keys.destroy(REFS[:1]) == first
    assert (tmp_path / NAME).read_bytes() == data
    assert keys.destroy_indices(first) == 0


def test_nothing_of_an_older_file_is_left_beside_it(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.key(REFS[0])
    keys.destroy(REFS[:1])
    assert {path.name for path in tmp_path.iterdir()} <= {NAME, NAME + ".lock"}


def test_the_older_file_is_overwritten_where_it_lies(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.key(REFS[0])
    held = (tmp_path / NAME).open("rb")  # the blocks of the old file, whatever it is called now
    keys.destroy(REFS[:1])
    with held:
        assert set(held.read()) == {0}


def test_who_comes_back_is_somebody_new(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert keys.generation("document:x") == "document:x#0"
    keys.destroy(["document:x#0"])
    assert keys.generation("document:x") == "document:x#1"
    assert keys.generation("document:y") == "document:y#0"


def test_a_missing_file_is_begun_only_where_nothing_is_sealed(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="vault restore"):
        Keys(tmp_path, fresh=lambda: False).key(REFS[0])
    assert not (tmp_path / NAME).exists()


def test_a_file_that_vanishes_while_it_is_in_use_is_not_begun_anew(tmp_path: Path) -> None:
    sealed = [True, False]
    keys = Keys(tmp_path, fresh=lambda: sealed.pop(0))
    keys.key(REFS[0])
    (tmp_path / NAME).unlink()
    with pytest.raises(KeysMissing):
        keys.key(REFS[0])


@pytest.mark.parametrize("at", [0, 30, 80, -1])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, at: int) -> None:
    Keys(tmp_path).key(REFS[0])
    data = bytearray((tmp_path / NAME).read_bytes())
    data[at] ^= 1
    (tmp_path / NAME).write_bytes(data)
    keys = Keys(tmp_path)
    for call in (lambda: keys.key(REFS[0]), lambda: keys.destroy(REFS[:1]), keys.copy):
        with pytest.raises(KeysDamaged, match="vault restore"):
            call()
    assert (tmp_path / NAME).read_bytes() == data


def test_a_copy_brings_the_keys_back_and_says_which_of_them_are_to_go_again(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    before = all_of(keys)
    copy = keys.copy()
    indices = keys.destroy(REFS[:2])
    (tmp_path / NAME).unlink()
    again = Keys(tmp_path, fresh=lambda: False)
    again.restore(copy)
    assert all_of(again) == before
    assert again.missing(indices) == indices
    assert again.destroy_indices(indices) == 2
    assert not again.alive(REFS[0])
    assert again.key(REFS[2]) == before[REFS[2]]
    with pytest.raises(KeysDamaged):
        again.restore(b"something else")
    assert again.key(REFS[2]) == before[REFS[2]]


def test_a_copy_of_another_trail_does_not_overwrite_the_keys_that_are_here(tmp_path: Path) -> None:
    keys, others = Keys(tmp_path / "here"), Keys(tmp_path / "there")
    before, copy = all_of(keys), others.copy()
    with pytest.raises(KeysOfAnother, match="put that file aside first"):
        keys.restore(copy)
    assert all_of(Keys(tmp_path / "here")) == before
    keys.path.write_bytes(b"damaged")
    keys.restore(copy)
    assert all_of(keys) == all_of(others) != before


def steps(monkeypatch: pytest.MonkeyPatch, stop_at: int) -> list[str]:
    """Kills the process, so to say, before the step of this number; the steps so far."""
    seen: list[str] = []

    def counted(name: str, real: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            seen.append(name)
            if len(seen) == stop_at:
                raise Killed
            return real(*given, **named)

        return call

    monkeypatch.setattr(module.os, "open", counted("open", os.open))
    monkeypatch.setattr(module.os, "fsync", counted("fsync", os.fsync))
    monkeypatch.setattr(module, "sync_folder", counted("folder", module.sync_folder))
    for name in ("hardlink_to", "replace", "unlink"):
        monkeypatch.setattr(module.Path, name, counted(name, getattr(Path, name)))
    return seen


def test_a_kill_at_any_step_destroys_all_of_them_or_none_and_the_next_one_finishes(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Keys(tmp_path / "0").key(REFS[0])
        all_steps = steps(patch, 0)
        Keys(tmp_path / "0").destroy(REFS[:2])
    assert {"hardlink_to", "replace", "unlink"} <= set(all_steps)
    for stop_at in range(1, len(all_steps) + 1):
        folder = tmp_path / str(stop_at)
        before = all_of(Keys(folder))
        with pytest.MonkeyPatch.context() as patch:
            steps(patch, stop_at)
            with pytest.raises(Killed):
                Keys(folder).destroy(REFS[:2])
        after = Keys(folder)
        assert after.alive(REFS[0]) == after.alive(REFS[1]), stop_at
        assert {ref: after.key(ref) for ref in REFS[2:]} == {ref: before[ref] for ref in REFS[2:]}, stop_at
        after.sweep()
        assert {path.name for path in folder.iterdir()} <= {NAME, NAME + ".lock"}, stop_at
        after.destroy(REFS[:2])
        assert not after.alive(REFS[0]), stop_at
        assert after.key(REFS[2]) == before[REFS[2]], stop_at


READER = """
import sys
from pathlib import Path
from infra.vault.keys import Keys
keys = Keys(Path(sys.argv[1]))
held = keys.key("month:2026-11")
print("ready", flush=True)
for line in sys.stdin:
    assert keys.key("month:2026-11") == held
    print(keys.alive(line.strip()), flush=True)
"""


def test_another_process_uses_no_key_that_was_destroyed_here(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.key("month:2026-11")
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        for number in range(5):
            for alive in (True, False):
                if not alive:
                    keys.destroy([f"entry:{number}"])
                other.stdin.write(f"entry:{number}\n")
                other.stdin.flush()
                assert other.stdout.readline() == f"{alive}\n"
        other.stdin.close()
    assert other.returncode == 0
