"""A folder in step: every change, and that no error ever opens anything."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import infra.connectors.folder as module
from infra.postgres.pool import Pool
from ingest.errors import FootnoteError
from ingest.syncing.mapping import MappingError
from ingest.syncing.protocols import SourceUnavailable, SyncRunning
from ingest.syncing.types import ItemReport, Step
from ingest.types import Author


@pytest.fixture
def share(office: Any) -> Any:
    """Three files in step."""
    office.added()
    for key in ("legal/lease.txt", "legal/nda.txt", "hr/pay.txt"):
        office.write(key, f"This is {key}.")
    office.sync()
    return office


def test_what_a_rule_names_is_added_and_nothing_else(office: Any) -> None:
    office.added()
    office.write("legal/lease.txt")
    office.write("loose.txt")
    assert office.steps() == [("legal/lease.txt", "added")]
    assert office.of().plan().unmapped == ("loose.txt",)
    assert office.seen("ana", "legal") == ["legal/lease.txt"]
    assert office.seen("zoe", "sales") == []
    assert office.published == 1


def test_what_is_unchanged_is_neither_read_nor_written(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    share.work.parsed = share.work.embedded = 0

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a file was opened or a row written")

    for name in ("put", "begin", "forget"):
        monkeypatch.setattr(share.state, name, refuse)
    monkeypatch.setattr(share.source, "fetch", refuse)
    before = share.index.status().generation
    assert share.sync() == []
    assert share.of().plan().unchanged == 3
    assert share.index.status().generation == before
    assert (share.work.parsed, share.work.embedded) == (0, 0)


def test_changes_deletions_and_renames(share: Any) -> None:
    share.write("legal/lease.txt", "The rent is 700 euros now.")
    (share.root / "hr" / "pay.txt").rename(share.root / "hr" / "wages.txt")
    assert share.steps() == [("hr/pay.txt", "deleted"), ("hr/wages.txt", "added"), ("legal/lease.txt", "changed")]
    assert share.version("legal/lease.txt") == 2
    assert share.seen("carla", "hr") == ["hr/wages.txt"]
    assert [info.source for info in share.store.deleted(Author())] == ["share:/hr/pay.txt"]
    assert share.sync() == []


def test_what_was_deleted_and_comes_back_is_restored_without_being_read_again(share: Any) -> None:
    text = (share.root / "hr" / "pay.txt").read_text()
    (share.root / "hr" / "pay.txt").unlink()
    share.sync()
    assert share.seen("carla", "hr") == []
    share.rules('[[rule]]\npath = "**"\nallow = ["group:board"]')
    share.write("hr/pay.txt", text)
    share.work.embedded = 0
    assert ("hr/pay.txt", "added") in share.steps()
    assert share.seen("carla", "hr") == []
    assert "hr/pay.txt" in share.seen("bo", "board")
    assert share.version("hr/pay.txt") == 1
    assert share.work.embedded == 0


def test_another_mapping_relabels_without_reading(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share.source, "fetch", None)
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["user:ana"]')
    assert share.steps() == [
        ("hr/pay.txt", "hidden"), ("legal/lease.txt", "relabelled"), ("legal/nda.txt", "relabelled"),
    ]  # fmt: skip
    assert share.seen("ana") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.seen("carla", "hr", "legal") == []
    assert share.sync() == []


def test_a_rule_that_comes_back_opens_what_was_hidden(share: Any) -> None:
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["group:legal"]')
    share.sync()
    share.rules('[[rule]]\npath = "**"\nallow = ["group:legal"]')
    share.work.parsed = 0
    assert share.steps() == [("hr/pay.txt", "relabelled")]
    assert share.work.parsed == 0
    assert "hr/pay.txt" in share.seen("ana", "legal")


def test_owner_and_group_of_a_file_say_who_may_read(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office.added()
    office.rules('[[rule]]\npath = "**"\ngroup = "team-*"\nallow = ["group:{group}", "user:{owner}"]')
    monkeypatch.setattr(module, "_user", lambda id_: "ana")
    monkeypatch.setattr(module, "_group", lambda id_: f"team-{id_}" if id_ else "root")
    path = office.write("a.txt")
    os.chown(path, -1, 77) if os.getuid() == 0 else pytest.skip("needs root to change groups")
    assert office.steps() == [("a.txt", "added")]
    assert office.seen("bo", "team-77") == ["a.txt"]
    os.chown(path, -1, 78)
    office.of().watch()
    assert office.seen("bo", "team-77") == []
    assert office.seen("ana") == ["a.txt"]
    assert office.seen("bo", "team-78") == ["a.txt"]
    path.chmod(0o600)
    office.of().watch()
    assert office.seen("bo", "team-78") == []
    path.chmod(0o640)
    office.of().watch()
    assert office.seen("bo", "team-78") == ["a.txt"]
    os.chown(path, -1, 0)
    office.of().watch()
    assert office.seen("ana", "team-78") == []


def test_a_look_takes_rights_away_and_fetches_nothing(share: Any) -> None:
    share.write("legal/new.txt", "new")
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["user:ana"]')
    share.work.parsed = 0
    found = share.of().watch()
    assert [change.key for change in found.contents] == ["legal/new.txt"]
    assert share.seen("bo", "legal") == []
    assert share.seen("ana") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.work.parsed == 0


def test_a_malformed_mapping_changes_nothing_and_can_hide_everything(share: Any) -> None:
    share.rules('[[rule]]\npath = "**"\nallow = ["group:everyone"]\n[[')
    with pytest.raises(MappingError):
        share.sync()
    with pytest.raises(MappingError):
        share.of().watch()
    assert share.seen("ana", "legal") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.seen("zoe") == []
    assert share.of().hide() == 3
    assert share.seen("ana", "legal", "hr") == []
    share.mapping.unlink()
    with pytest.raises(MappingError):
        share.of().watch()
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["group:legal"]')
    share.work.embedded = 0
    share.sync()
    assert share.seen("ana", "legal", "hr") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.work.embedded == 0


def test_a_root_that_is_gone_or_empty_deletes_nothing(share: Any) -> None:
    share.root.rename(share.root.with_name("away"))
    assert share.sync() == []
    assert "cannot be listed" in share.of().plan().problems[0]
    share.root.mkdir()
    assert share.sync() == []
    assert share.of().plan().held == ("hr/pay.txt", "legal/lease.txt", "legal/nda.txt")
    assert len(share.seen("ana", "legal", "hr")) == 3
    assert share.steps(confirm=True) == [
        ("hr/pay.txt", "deleted"), ("legal/lease.txt", "deleted"), ("legal/nda.txt", "deleted"),
    ]  # fmt: skip


def test_most_of_many_files_gone_at_once_are_held_back_and_may_still_lose_readers(office: Any) -> None:
    office.added()
    for number in range(22):
        office.write(f"legal/{number:02}.txt", f"number {number}")
    office.sync()
    for number in range(12):
        (office.root / "legal" / f"{number:02}.txt").unlink()
    office.rules('[[rule]]\npath = "legal/**"\nallow = ["user:ana"]')
    assert len(office.of().plan().held) == 12
    assert {step for _, step in office.steps()} == {"relabelled", "hidden"}
    assert office.seen("bo", "legal") == []
    (office.root / "legal" / "21.txt").unlink()
    for number in range(4):
        office.write(f"legal/{number:02}.txt", f"number {number}")
    assert ("legal/21.txt", "deleted") in office.steps()


def test_while_the_source_is_away_the_mapping_narrows_and_never_widens(share: Any) -> None:
    share.root.rename(share.root.with_name("away"))
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["user:ana", "group:legal", "group:everyone"]')
    share.sync()
    assert share.seen("zoe") == []
    assert share.seen("bo", "legal") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.seen("carla", "hr") == []


@pytest.mark.parametrize(
    ("error", "left"), [(PermissionError(13, "Permission denied"), []), (OSError(5, "I/O error"), ["hr/pay.txt"])]
)
def test_a_folder_that_cannot_be_listed_deletes_nothing(
    share: Any, monkeypatch: pytest.MonkeyPatch, error: OSError, left: list[str]
) -> None:
    """One that we may no longer read is hidden; one that fails stays as it was."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if bytes(path).endswith(b"/hr"):
            raise error
        return real(path)

    monkeypatch.setattr(module.os, "scandir", scandir)
    share.sync()
    assert share.seen("carla", "hr") == left
    assert share.seen("ana", "legal") == ["legal/lease.txt", "legal/nda.txt"]
    assert share.store.find("share:/hr/pay.txt") is not None
    monkeypatch.setattr(module.os, "scandir", real)
    share.sync()
    assert share.seen("carla", "hr") == ["hr/pay.txt"]


def test_a_file_that_may_no_longer_be_read_is_hidden_until_it_may(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._read
    share.write("hr/pay.txt", "secret now")

    def refuse(*_: Any) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "_read", refuse)
    assert share.steps() == [("hr/pay.txt", "hidden")]
    share.of().watch()
    assert share.seen("carla", "hr") == []
    monkeypatch.setattr(module, "_read", real)
    assert share.steps() == [("hr/pay.txt", "changed")]
    assert share.seen("carla", "hr") == ["hr/pay.txt"]


def test_a_bad_file_stops_nothing_and_is_not_tried_again_until_it_is_another(share: Any) -> None:
    (share.root / "legal" / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    share.write("legal/good.txt", "good")
    reports = {report.key: report for report in share.sync()}
    assert reports["legal/good.txt"].step is Step.ADD
    assert reports["legal/bad.pdf"].step is Step.FAILED
    assert reports["legal/bad.pdf"].reason
    assert share.sync() == []
    assert [one.key for one in share.of().plan().failed] == ["legal/bad.pdf"]
    assert share.steps(retry=True) == [("legal/bad.pdf", "failed")]


def test_links_hidden_files_and_pipes_are_left_out(office: Any, tmp_path: Path) -> None:
    office.added()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    office.write("legal/lease.txt")
    office.write("legal/.hidden.txt")
    office.write("legal/~$lease.docx")
    (office.root / "legal" / "link.txt").symlink_to(outside / "secret.txt")
    (office.root / "legal" / "folder").symlink_to(outside)
    os.mkfifo(office.root / "legal" / "pipe.txt")
    assert office.steps() == [("legal/lease.txt", "added")]


def test_a_link_that_takes_the_place_of_a_listed_folder_is_not_followed(office: Any, tmp_path: Path) -> None:
    office.added()
    office.write("legal/lease.txt", "x")
    found = office.of().plan()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "lease.txt").write_text("secret")
    (office.root / "legal").rename(office.root / "was")
    (office.root / "legal").symlink_to(outside)
    with office.state.syncing("share"):
        assert [report.step for report in office.of().apply(found)] == [Step.FAILED]
    assert office.seen("ana", "legal") == []


def test_odd_names(office: Any) -> None:
    office.added()
    names = [
        b"new\nline.txt",
        "äö 中文.txt".encode(),
        b"half\xff.txt",
        b"quote'\".txt",
        b"-rf.txt",
        b"a" * 200 + b".txt",
    ]
    folder = os.fsencode(office.root) + b"/legal"
    Path(os.fsdecode(folder)).mkdir()
    for name in names:
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"Odd: " + name)
    assert {step for _, step in office.steps()} == {"added"}
    assert len(office.seen("ana", "legal")) == len(names)
    assert office.sync() == []
    Path(os.fsdecode(folder + b"/half\\xff.txt")).write_bytes(b"spelt like the other")
    assert any("spell alike" in problem for problem in office.of().plan().problems)


def test_two_syncs_at_once(share: Any) -> None:
    with share.state.syncing("share"), pytest.raises(SyncRunning):
        share.sync()
    share.sync()


def test_a_rule_that_goes_while_a_file_is_read_lets_nobody_in(share: Any) -> None:
    """Between listing and storing, and the old version of a file that is being read is hidden meanwhile."""
    share.write("legal/lease.txt", "changed")
    share.write("legal/new.txt", "new")
    looked: list[list[str]] = []

    def remap(name: str) -> None:
        share.rules('[[rule]]\npath = "hr/**"\nallow = ["group:hr"]')
        looker = threading.Thread(target=lambda: share.of().watch())
        looker.start()
        looker.join()
        looked.append(share.seen("ana", "legal"))

    share.work.before = remap
    share.sync()
    assert looked[0] == []
    assert share.seen("ana", "legal") == []
    assert share.sync() == []


def test_an_item_that_goes_while_it_is_read_is_not_stored(share: Any) -> None:
    path = share.write("legal/new.txt", "new")
    share.work.before = lambda name: path.unlink(missing_ok=True)
    share.sync()
    assert "legal/new.txt" not in share.seen("ana", "legal")
    share.sync()
    assert share.state.items("share").keys() == {"legal/lease.txt", "legal/nda.txt", "hr/pay.txt"}


def test_a_users_document_of_the_same_name_is_not_taken_over(office: Any) -> None:
    office.added()
    trap = Author("eve", frozenset({"user:eve"}))
    office.pipeline.ingest(b"trap", "a.txt", "share:/legal/a.txt", frozenset({"user:eve"}), author=trap)
    office.write("legal/a.txt", "the real one")
    assert office.steps() == [("legal/a.txt", "failed")]
    assert office.seen("ana", "legal") == []


def test_the_database_going_away_is_told_and_nothing_is_lost(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    share.write("legal/new.txt", "new")

    def down(*_: Any, **__: Any) -> Any:
        raise FootnoteError("The database is away.")

    monkeypatch.setattr(share.store, "add_version", down)
    with pytest.raises(FootnoteError):
        share.sync()
    monkeypatch.undo()
    assert share.steps() == [("legal/new.txt", "changed")]
    assert "legal/new.txt" in share.seen("ana", "legal")


def test_every_change_is_in_the_trail(share: Any) -> None:
    (share.root / "hr" / "pay.txt").unlink()
    share.rules('[[rule]]\npath = "legal/**"\nallow = ["user:ana"]')
    share.sync()
    assert share.actions()[-4:] == ["delete", "relabel", "relabel", "sync"] or set(share.actions()[-4:]) == {
        "delete",
        "relabel",
        "sync",
    }
    before = share.actions()
    share.sync()
    assert share.actions() == before


KILLED = """
import sys
sys.path[:0] = [sys.argv[1]]
import conftest, os
from pathlib import Path
from infra.postgres.pool import open_pool
office = conftest.Office(open_pool(sys.argv[2]), Path(sys.argv[3]), fresh=False)
steps = 0
def dying(real):
    def step(*given, **named):
        global steps
        steps += 1
        if steps == int(sys.argv[4]):
            os._exit(9)
        return real(*given, **named)
    return step
for owner, names in ((office.state, "begin put forget finish"), (office.library, "relabel delete revive enter"), (office.store, "add_version")):
    for name in names.split():
        setattr(owner, name, dying(getattr(owner, name)))
list(office.of().run())
"""


@pytest.mark.parametrize("at", range(2, 24, 4))
def test_killed_at_any_step_and_run_again_is_as_if_undisturbed(
    fresh_database: Pool, tmp_path: Path, office: Any, at: int
) -> None:
    office.added()
    for key in ("legal/a.txt", "legal/b.txt", "hr/c.txt", "legal/d.txt"):
        office.write(key, f"This is {key}.")
    office.sync()
    office.write("legal/a.txt", "another one")
    office.write("legal/new.txt", "a new one")
    (office.root / "legal" / "b.txt").unlink()
    office.rules('[[rule]]\npath = "legal/**"\nallow = ["group:legal"]\n[[rule]]\npath = "hr/**"\nallow = ["user:ana"]')
    url = fresh_database.conninfo
    here = Path(__file__)
    command = [sys.executable, "-c", KILLED, str(here.parent), str(url), str(tmp_path), str(at)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=here.parents[3])
    assert ended.returncode in (0, 9), ended.stderr
    office.sync()
    assert office.sync() == []
    assert office.seen("ana", "legal") == ["hr/c.txt", "legal/a.txt", "legal/d.txt", "legal/new.txt"]
    assert office.seen("bo", "legal", "hr") == ["legal/a.txt", "legal/d.txt", "legal/new.txt"]
    assert [office.version(key) for key in ("legal/a.txt", "legal/new.txt", "hr/c.txt")] == [2, 1, 1]
    assert all(one.settled for one in office.state.items("share").values())


def test_a_source_that_cannot_be_reached_in_the_middle_ends_the_sync(
    share: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    share.write("legal/new.txt", "new")

    def away(*_: Any) -> bytes:
        raise SourceUnavailable("The share is away.")

    monkeypatch.setattr(share.source, "fetch", away)
    with pytest.raises(SourceUnavailable):
        share.sync()
    assert share.state.get("share").problem == "The share is away."
    monkeypatch.undo()
    reports: list[ItemReport] = share.sync()
    assert [report.step for report in reports] == [Step.ADD]


def _deep(root: Path, steps: int) -> None:
    """A folder so far down that its path cannot be said at once."""
    at = os.open(root, os.O_RDONLY)
    for _ in range(steps):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)


def test_folders_in_folders_without_end_stop_no_revocation(share: Any) -> None:
    _deep(share.root / "legal", 2_500)
    try:
        share.rules('[[rule]]\npath = "hr/**"\nallow = ["group:hr"]')
        (share.root / "hr" / "pay.txt").unlink()
        share.write("hr/wages.txt")
        assert share.steps() == [
            ("hr/pay.txt", "deleted"), ("hr/wages.txt", "added"), ("legal/lease.txt", "hidden"),
            ("legal/nda.txt", "hidden"),
        ]  # fmt: skip
        assert "deeper than" in share.state.get("share").problem
    finally:
        subprocess.run(["rm", "-rf", str(share.root / "legal")], check=True)


def test_what_lies_too_deep_is_not_deleted(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    share.write("legal/in/here/old.txt", "old")
    share.sync()
    monkeypatch.setattr(module, "MOST_DEEP", 2)
    assert share.sync() == []
    assert "legal/in/here/old.txt" in share.seen("ana", "legal")
    share.rules('[[rule]]\npath = "hr/**"\nallow = ["group:hr"]')
    share.of().watch()
    assert share.seen("ana", "legal") == []


@pytest.mark.parametrize("error", [RecursionError("deep"), KeyError("x\0\ud800"), MemoryError()])
def test_whatever_a_listing_ends_with_rights_are_taken_away_and_it_is_told(
    share: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(share.source, "listing", fail)
    share.rules('[[rule]]\npath = "hr/**"\nallow = ["group:hr", "group:legal"]')
    share.of().watch()
    assert share.seen("ana", "legal") == []
    assert share.seen("carla", "hr") == ["hr/pay.txt"]
    assert type(error).__name__ in share.state.get("share").problem


def test_a_rule_leaves_out_what_another_system_spells_in_other_code_points(office: Any) -> None:
    office.added()
    office.rules(
        f'[[rule]]\npath = "**/{unicodedata.normalize("NFC", "Müller")}/**"\nignore = true\n'
        '[[rule]]\npath = "**"\nallow = ["group:legal"]'
    )
    office.write(f"legal/{unicodedata.normalize('NFD', 'Müller')}/secret.txt")
    office.write("legal/open.txt", "open")
    assert office.steps() == [("legal/open.txt", "added")]


def test_a_path_that_is_too_long_is_told_and_the_rest_goes_on(office: Any) -> None:
    office.added()
    office.rules('[[rule]]\npath = "**"\nallow = ["group:legal"]')
    steps = [hashlib.sha512(str(number).encode()).hexdigest() for number in range(26)]
    long = "/".join(["a", *steps, "long.txt"])
    at = os.open(office.root, os.O_RDONLY)
    for step in ["a", *steps]:
        os.mkdir(step, dir_fd=at)
        inner = os.open(step, os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
        os.close(at)
        at = inner
    with os.fdopen(os.open("long.txt", os.O_WRONLY | os.O_CREAT, dir_fd=at), "w") as file:
        file.write("far down")
    os.close(at)
    office.write("z.txt", "The rent is 500 euros.")
    for expected in (["failed", "added"], ["failed"]):
        reports = office.sync()
        assert [str(report.step) for report in reports] == expected
        assert (reports[0].key, reports[0].code) == (long, "ingest_error")
        assert "2,600 bytes" in reports[0].reason
        assert "too long a path" in office.state.get("share").problem
    assert office.seen("ana", "legal") == ["z.txt"]
    assert not office.of().plan().contents
