"""One file's turn: what the file is to blame for ends it, what the machine is to blame for comes again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from api.wiring import job_work
from api.wiring.job_reports import packed, titled, unpacked
from api.wiring.job_work import JobWork
from api.wiring.jobs import JobDesk
from infra.files.blobs import BlobStore
from infra.jobs.lanes import Again, Lane, Shares, lanes
from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.job_rows import Begun, NewFile, StoredReport, Submitted
from infra.postgres.people import Standing
from infra.settings import load_settings
from ingest.errors import DamagedFile, DiskFull, NotAllowed, ServiceStopping, UnreadableFile
from ingest.jobs import JobRequest
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.syncing.types import ItemReport, Step
from ingest.types import OPERATOR, Author, Coverage, FileWarning, WarningKind

DONE = FileReport("a.txt", Outcome.ADDED, "id", 1, chunks=3)
BEGUN = Begun("a.txt", "a.txt", "", 1, 1, 1, 0, OPERATOR, JobRequest(frozenset({"group:legal"}), chunking="recursive"))


STANDING = {
    "ana": Standing("ana", True, frozenset({"legal"})),
    "gone": Standing("gone", False, frozenset({"legal"})),
    "moved": Standing("moved", True, frozenset({"sales"})),
}


@dataclass
class Rows:
    """In the place of `PostgresJobs`: one file, and what was said of it."""

    begun: Begun | None = BEGUN
    ended: list[tuple[dict[str, Any], bool]] = field(default_factory=list)
    handed_back: int = 0

    def owner(self, job_id: str) -> str | None:
        return self.begun.author.user if self.begun else None

    def begin(self, job_id: str, number: int) -> Begun | None:
        return self.begun

    def end(self, job_id: str, number: int, attempt: int, report: dict[str, Any], *, failed: bool) -> bool:
        self.ended.append((report, failed))
        return True

    def hand_back(self, job_id: str, number: int, attempt: int) -> None:
        self.handed_back += 1

    def stored_report(self, id_: str) -> StoredReport:
        return StoredReport(2, 7, 9, (), Coverage(text=7), "en")


class Pipeline:
    def __init__(self, does: Callable[[], FileReport]) -> None:
        self._does = does

    def ingest(self, *_: object, **__: object) -> FileReport:
        return self._does()


def failing(error: Exception) -> Callable[[], FileReport]:
    def does() -> FileReport:
        raise error

    return does


@pytest.fixture
def turn(tmp_path: Path) -> Callable[..., Rows]:
    blobs = BlobStore(tmp_path / "blobs")
    sha256 = blobs.put(b"words")

    def taken(does: Callable[[], FileReport], **begun: Any) -> Rows:
        rows = Rows(replace(BEGUN, content_sha256=sha256, **begun))
        work = JobWork(rows, None, blobs, Pipeline(does), STANDING.get, None, 1)  # type: ignore[arg-type]
        try:
            work("job", 1)
        except Again as again:
            rows.again = again.seconds  # type: ignore[attr-defined]
        return rows

    return taken


def test_what_became_of_a_file_is_told(turn: Callable[..., Rows]) -> None:
    assert turn(lambda: DONE).ended == [(packed(DONE), False)]


@pytest.mark.parametrize("error", [DamagedFile("cut"), NotAllowed("taken"), UnreadableFile("gone")])
def test_a_file_that_cannot_be_ingested_fails_at_once(turn: Callable[..., Rows], error: Any) -> None:
    ((report, failed),) = turn(failing(error)).ended
    assert (failed, report["code"], report["reason"]) == (True, error.code, str(error))


@pytest.mark.parametrize(
    "error", [DiskFull("full"), OSError(5, "I/O error", "/srv/blobs/ab"), DatabaseUnavailable("gone")]
)
def test_what_the_machine_lacks_is_tried_again_later_and_not_for_ever(turn: Callable[..., Rows], error: Any) -> None:
    rows = turn(failing(error))
    assert (rows.ended, rows.handed_back) == ([], 1)
    assert rows.again > 0  # type: ignore[attr-defined]
    last = turn(failing(error), tries=8)
    assert "/srv" not in last.ended[0][0]["reason"]
    assert [failed for _, failed in last.ended] == [True]


def test_a_file_that_a_stop_interrupts_comes_again_at_once(turn: Callable[..., Rows]) -> None:
    rows = turn(failing(ServiceStopping("stop")), attempt=20)
    assert (rows.ended, rows.handed_back, rows.again) == ([], 1, 0)  # type: ignore[attr-defined]


def test_the_unforeseen_ends_the_file_and_tells_no_inside(
    turn: Callable[..., Rows], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "footnote"):
        ((report, failed),) = turn(failing(ZeroDivisionError("secret words"))).ended
    assert (failed, report["code"]) == (True, "internal_error")
    assert "secret" not in report["reason"]
    assert "secret words" in caplog.text


def test_a_file_of_which_processes_die_is_given_up(turn: Callable[..., Rows]) -> None:
    assert turn(lambda: DONE, lost=5).ended == [(packed(DONE), False)]
    ((report, failed),) = turn(lambda: DONE, lost=6).ended
    assert failed
    assert "died" in report["reason"]


@pytest.mark.parametrize(
    ("before", "version", "outcome"),
    [(0, 2, Outcome.ADDED), (1, 2, Outcome.REPLACED), (2, 2, Outcome.UNCHANGED)],
)
def test_what_a_killed_attempt_had_stored_is_told_as_if_it_had_lived(
    turn: Callable[..., Rows], before: int, version: int, outcome: Outcome
) -> None:
    unchanged = FileReport("a.txt", Outcome.UNCHANGED, "id", version)
    ((report, _),) = turn(lambda: unchanged, before=before, attempt=2, lost=2).ended
    assert report["outcome"] == outcome
    assert (report["chunks"], report["pages"]) == ((0, 0) if outcome is Outcome.UNCHANGED else (9, 7))


@pytest.mark.parametrize(
    ("user", "refused"), [("ana", ""), ("never-synced", ""), ("gone", "no account"), ("moved", "not in group:legal")]
)
def test_what_a_person_may_do_is_asked_when_it_is_the_files_turn(
    turn: Callable[..., Rows], user: str, refused: str
) -> None:
    ((report, failed),) = turn(lambda: DONE, author=Author(user, frozenset({f"user:{user}", "group:legal"}))).ended
    assert failed is bool(refused)
    assert refused in report["reason"]


def test_a_file_that_is_done_with_is_left_alone(tmp_path: Path) -> None:
    rows = Rows(None)
    JobWork(rows, None, BlobStore(tmp_path), Pipeline(failing(AssertionError())), STANDING.get, None, 1)("job", 1)  # type: ignore[arg-type]
    assert rows.ended == []


def test_a_report_comes_back_as_it_was() -> None:
    child = FileReport("a.zip/b.txt", Outcome.FAILED, "id", code="damaged_file", reason="cut")
    warned = FileWarning(WarningKind.UNREAD_PAGE, "Page 2 was not read.", 2)
    report = FileReport("a.zip", Outcome.ADDED, "id", 1, 2, 3, 0.5, warnings=(warned,), coverage=Coverage(1, 0, 1), language="de", children=(child,))  # fmt: skip
    assert unpacked(packed(report)) == report


def test_a_report_holds_nothing_that_the_database_does_not() -> None:
    odd = FileReport("a.zip", Outcome.ADDED, children=(FileReport("a.zip/b\0\ud800.txt", Outcome.FAILED, reason="\0"),))
    (child,) = packed(odd)["children"]
    assert (child["source"], child["reason"]) == ("a.zip/b\N{REPLACEMENT CHARACTER}?.txt", "\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("error", [NotAllowed("no"), RuntimeError("secret words"), PermissionError(13, "no", "/srv/x")])
def test_a_job_as_a_whole_that_cannot_be_begun_ends_and_says_so(tmp_path: Path, error: Exception) -> None:
    class Whole(Adding):
        sealed = False

        def request(self, job_id: str) -> JobRequest:
            return JobRequest(frozenset(), connector="papers")

        def seal(self, job_id: str) -> None:
            self.sealed = True

    def in_step(name: str) -> Any:
        raise error

    rows = Whole()
    JobWork(rows, None, BlobStore(tmp_path), None, STANDING.get, in_step, 1)("job", 0)  # type: ignore[arg-type]
    (file,) = rows.added
    assert rows.sealed
    assert file.report is not None
    assert file.report["outcome"] == Outcome.FAILED
    assert not {"secret", "/srv/x"} & set(file.report["reason"].split())


class Gone:
    """In the place of a local file that cannot be read."""

    name, source = "gone.txt", "files/gone.txt"

    def read(self) -> bytes:
        raise UnreadableFile("gone.txt cannot be read: Permission denied.")


class Adding:
    def __init__(self) -> None:
        self.added: list[NewFile] = []

    def add(self, job_id: str, files: list[NewFile]) -> bool:
        self.added += files
        return True


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    class There(Gone):
        name, source = "there.txt", "files/there.txt"

        def read(self) -> bytes:
            return b"words"

    rows, swept = Adding(), list[str]()
    desk = JobDesk(
        rows, BlobStore(tmp_path), load_settings(home=tmp_path), lambda: None, lambda name: None, swept.extend
    )  # type: ignore[arg-type]
    assert list(desk.hand_in("job", [Gone(), There()])) == [2]
    gone, there = rows.added
    assert (there.report, there.bytes) == (None, 5)
    assert gone.report is not None
    assert "Permission denied" in gone.report["reason"]


def test_a_sync_ends_when_its_job_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_work, "_LOOK_S", 0.0)
    item, synced = ItemReport("a", Step.ADD), list[str]()
    asked = JobRequest(frozenset(), connector="papers")

    class Cancelled(Rows):
        def request(self, job_id: str) -> JobRequest | None:
            return asked if len(synced) < 3 else None

        def add(self, job_id: str, files: list[NewFile]) -> bool:
            return False

        def seal(self, job_id: str) -> None:
            pass

    def in_step(name: str) -> Generator[ItemReport, None, None]:
        try:
            while True:
                synced.append(name)
                yield item
        finally:
            synced.append("closed")

    JobWork(Cancelled(), None, BlobStore(tmp_path), None, STANDING.get, in_step, 1)("job", 0)  # type: ignore[arg-type]
    assert synced == ["papers"] * 3 + ["closed"]


def test_what_is_handed_in_again_under_a_key_is_not_kept_twice(tmp_path: Path) -> None:
    class There:
        name, source = "there.txt", "files/there.txt"

        def read(self) -> bytes:
            return b"words"

    class Known(Rows):
        def submit(self, *_: object, **__: object) -> Submitted:
            return Submitted("before", new=False)

        def give_up(self, owner: str, most: int) -> tuple[str, ...]:
            return ()

        def add(self, job_id: str, files: list[NewFile]) -> bool:
            return False

    blobs = BlobStore(tmp_path / "blobs")

    def sweep(hashes: Iterable[str]) -> None:
        for sha256 in hashes:
            blobs.delete(sha256)

    desk = JobDesk(Known(), blobs, load_settings(home=tmp_path), lambda: None, lambda name: None, sweep)  # type: ignore[arg-type]
    assert desk.submit(Author("ana"), JobRequest(frozenset()), [There()], key="k") == "before"
    assert list(blobs.hashes()) == []
    assert list(desk.hand_in("cancelled", [There()])) == []
    assert list(blobs.hashes()) == []


def test_a_slot_is_kept_for_what_somebody_waits_for() -> None:
    files, whole = ("interactive", "bulk"), Lane(("whole",), 1)
    assert lanes(1) == (Lane(("interactive",), 1), Lane(files, 1), whole)
    assert lanes(4) == (Lane(("interactive",), 2), Lane(files, 3), whole)


def test_one_person_s_slow_files_leave_a_slot_to_the_others() -> None:
    shares = Shares(2, wait_s=0.0)
    with shares.held("ana"), shares.held("ana"):
        with pytest.raises(Again), shares.held("ana"):
            pass
        with shares.held("ben"), shares.held(None), shares.held(None), shares.held(None):
            pass
    with shares.held("ana"), shares.held("ana"):
        pass


def test_a_file_beyond_its_owner_s_share_is_not_begun(tmp_path: Path) -> None:
    author = Author("ana", frozenset({"user:ana"}))
    rows = Rows(replace(BEGUN, author=author))
    work = JobWork(rows, None, BlobStore(tmp_path), Pipeline(failing(AssertionError())), STANDING.get, None, 1)  # type: ignore[arg-type]
    with work._shares.held("ana"), pytest.raises(Again):
        work("job", 1)
    assert (rows.ended, rows.handed_back) == ([], 0)


def test_a_job_is_called_by_its_folder_or_its_first_file() -> None:
    assert [titled([]), titled(["x/a.txt"]), titled(["a.txt", "b.txt", "c.txt"])] == ["nothing", "a.txt", "a.txt and 2 more"]  # fmt: skip
    assert titled(["deals/2024/a.txt", "deals/b.txt"]) == "deals"
    assert titled(["/srv/deals/old/a.txt", "/srv/deals/old/b.txt"]) == "old"
    assert titled(["deals/a.txt", "other/b.txt"]) == "a.txt and 1 more"
    assert titled(["/a/a.txt", "/b/b.txt", "/a.txt"]) == "a.txt and 2 more"
    long = f"{'agreement ' * 9}.txt"
    assert [len(title) for title in (titled([long]), titled([f"{long}/a", f"{long}/b"]))] == [60, 60]
    assert titled([long, "b.txt"]).endswith("agreement… and 1 more")
