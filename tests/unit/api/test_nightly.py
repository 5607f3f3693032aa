"""When the service starts a night, and how it ends one."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.wiring.nightly import BackgroundNight, command, due, missed
from infra.settings import Settings, SettingsError, load_settings

NIGHT = datetime(2026, 12, 1, 2, 10, tzinfo=UTC)


def settings(home: Path, **given: object) -> Settings:
    return load_settings(home=home, nightly="02:00", **given)


class Nights(BackgroundNight):
    """Starts a short program in the place of the command line."""

    program = "pass"

    def _start(self) -> subprocess.Popen[bytes]:
        self.started = getattr(self, "started", 0) + 1
        return subprocess.Popen([sys.executable, "-c", self.program])


def nights(home: Path, now: Callable[[], datetime], seen: datetime | None = None) -> Nights:
    return Nights(settings(home), lambda: seen, now=now, every=0.01)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-12-01T02:00", "2026-12-01T02:00"),
        ("2026-12-01T02:59", "2026-12-01T02:00"),
        ("2026-12-01T03:00", None),
        ("2026-12-01T01:59", None),
    ],
)
def test_a_night_is_due_for_an_hour(now: str, since: str | None) -> None:
    assert due("02:00", datetime.fromisoformat(now)) == (datetime.fromisoformat(since) if since else None)


def test_a_night_before_midnight_is_due_after_it() -> None:
    assert due("23:50", datetime(2026, 12, 1, 0, 20)) == datetime(2026, 11, 30, 23, 50)  # noqa: DTZ001


def test_a_night_is_started_once_and_not_where_another_process_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "footnote")
    now = [NIGHT]
    here = nights(tmp_path, lambda: now[0])
    for _ in range(3):
        here.look()
    assert here.started == 1
    assert here._child is not None
    here._child.wait()
    here.look()
    assert "nothing failed" in caplog.text
    now[0] += timedelta(days=1)
    here.look()
    assert here.started == 2
    here.stop()
    there = nights(tmp_path, lambda: NIGHT, seen=NIGHT - timedelta(minutes=5))
    there.look()
    assert not hasattr(there, "started")
    early = nights(tmp_path, lambda: NIGHT, seen=NIGHT - timedelta(hours=5))
    early.look()
    assert early.started == 1
    early.stop()


def test_a_night_that_does_not_begin_is_tried_again_within_its_hour(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now, seen = [NIGHT.replace(minute=0)], [NIGHT - timedelta(hours=5)]
    here = Nights(settings(tmp_path), lambda: seen[0], now=lambda: now[0], every=0.01)
    here.program = "raise SystemExit(1)"
    begun = []
    for minute in range(70):
        now[0] = NIGHT.replace(minute=0) + timedelta(minutes=minute)
        tries = getattr(here, "started", 0)
        here.look()
        if here._child is not None:
            here._child.wait()
        if here.started > tries:
            begun.append(minute)
    assert begun == [0, 2, 5, 10, 19, 36]  # one more minute, for a look tells of the last one's end
    assert [one.message for one in caplog.records if "did not begin" in one.message] != []
    now[0] += timedelta(days=1) - timedelta(minutes=60)
    here.look()
    assert here._child is not None
    here._child.wait()
    seen[0] = now[0]  # it had begun, and failed
    for _ in range(9):
        now[0] += timedelta(minutes=5)
        here.look()
    assert here.started == len(begun) + 1
    assert "has failed" in caplog.text


def test_a_night_that_has_not_begun_is_told() -> None:
    late = "The nightly evaluation that was due at 2026-12-01 02:00 has not begun"
    assert missed("02:00", None, NIGHT) == f"{late} yet; it is tried again until 03:00."
    assert missed("02:00", NIGHT - timedelta(hours=3), NIGHT + timedelta(hours=9)) == f"{late}."
    assert missed("02:00", NIGHT, NIGHT + timedelta(hours=9)) == ""
    assert missed("02:00", NIGHT - timedelta(hours=3), NIGHT - timedelta(minutes=9)) == ""


def test_no_process_can_be_started(tmp_path: Path) -> None:
    class Refused(Nights):
        def _start(self) -> subprocess.Popen[bytes]:
            self.started = getattr(self, "started", 0) + 1
            raise OSError("no room")

    now = [NIGHT]
    here = Refused(settings(tmp_path), lambda: None, now=lambda: now[0], every=0.01)
    for _ in range(2):
        with pytest.raises(OSError, match="no room"):
            here.look()
        here.look()  # waits
        now[0] += timedelta(minutes=3)
    assert here.started == 2


@pytest.mark.parametrize(("code", "told"), [(3, "before all was asked"), (1, "has failed")])
def test_how_it_ended_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, code: int, told: str) -> None:
    seen = [NIGHT - timedelta(days=1)]
    here = Nights(settings(tmp_path), lambda: seen[0], now=lambda: NIGHT, every=0.01)
    here.program = f"raise SystemExit({code})"
    here.look()
    assert here._child is not None
    here._child.wait()
    seen[0] = NIGHT
    here.look()
    assert told in caplog.text


def test_it_ends_with_the_service(tmp_path: Path) -> None:
    here = nights(tmp_path, lambda: NIGHT)
    here.program = "import time; time.sleep(600)"
    here.start()
    until = time.monotonic() + 60
    while here._child is None and time.monotonic() < until:
        time.sleep(0.01)
    child = here._child
    assert child is not None
    here.stop()
    assert child.returncode not in {None, 0}


def test_what_the_child_is_told(tmp_path: Path) -> None:
    told = command(settings(tmp_path, nightly_minutes=30, nightly_questions=(Path("/srv/a.jsonl"),)))
    assert told == ["eval", "nightly", "--minutes", "30.0", "--questions", "/srv/a.jsonl", "--json"]
    for wrong in ({"nightly": "25:00"}, {"nightly_questions": "cases.jsonl"}):
        with pytest.raises(SettingsError):
            load_settings(home=tmp_path, **wrong)
