"""kill -9 of the processes that work on a job: nothing is lost, nothing done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.bootstrap import Container
from infra.settings import load_settings
from ingest.jobs import FileState, JobRequest, JobState
from ingest.local_files import source_files
from ingest.types import OPERATOR

FILES = 24
LABEL = frozenset({"group:legal"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Letters that take a while to embed, one that cannot be read, and a message with an attachment."""
    made = tmp_path / "letters"
    made.mkdir()
    for number in range(FILES - 2):
        body = "\n\n".join(f"Clause {n} of letter {number}: the tenant pays {n * number} euros." for n in range(60))
        (made / f"letter {number:02}.txt").write_text(f"LETTER {number}\n\n{body}\n")
    (made / "damaged.docx").write_bytes(b"PK\x03\x04 cut off")
    (made / "mail.eml").write_text(
        "From: a@example.org\nTo: b@example.org\nSubject: Rent\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nThe rent is attached.\n'
        '--x\nContent-Type: text/plain; name="rent.txt"\nContent-Disposition: attachment; filename="rent.txt"\n\n'
        "The rent is 12 euros.\n--x--\n"
    )
    return made


@contextmanager
def worker(home: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTNOTE_")}
    if cache := os.environ.get("FOOTNOTE_CACHE"):
        environment["FOOTNOTE_CACHE"] = cache
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", "worker"],
        env=environment | {"FOOTNOTE_HOME": str(home), "FOOTNOTE_OCR": "off", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def handed_in(parts: Container, folder: Path) -> str:
    job = parts.jobs.open(OPERATOR, JobRequest(LABEL), title="letters", queue="bulk")
    for _ in parts.desk.hand_in(job, [parts.desk.local(file) for file in source_files([folder], prefix="letters")]):
        pass
    parts.jobs.seal(job)
    return job


def assert_each_is_there_once(parts: Container, job: str) -> None:
    files = parts.jobs.files(job)
    assert parts.jobs.find(job, None).state is JobState.PARTIAL
    assert [file.name for file in files if file.state is FileState.FAILED] == ["damaged.docx"]
    assert parts.jobs.outcomes(job) == {"added": FILES - 1, "failed": 1}
    reports = {file.name: file.report for file in files if file.report}
    assert all(report["chunks"] > 0 for name, report in reports.items() if name != "damaged.docx")
    stored = Counter(source for source, _ in parts.documents.contents())
    wanted_sources = {file.source for file in files if file.name != "damaged.docx"} | {"letters/mail.eml/rent.txt"}
    assert stored == Counter(wanted_sources)  # each once, in one version
    records = [json.loads(row.record) for row in parts.audit.show(limit=10_000)]
    changes = Counter(record["source"] for record in records if record.get("action") == "ingest")
    assert changes == stored


@pytest.mark.models
def test_workers_that_are_killed_lose_and_double_nothing(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    with Container(load_settings(home=home, workers=0, ocr="off", DATABASE_URL="")) as parts:
        jobs, job = parts.jobs, handed_in(parts, folder)
        ended, killed, until = 0, 0, time.monotonic() + 200
        while jobs.find(job, None).finished_at is None:
            assert time.monotonic() < until, jobs.files(job)
            with worker(home) as process:
                wanted = ended + 6 if killed < 3 else FILES
                while process.poll() is None and (now := jobs.find(job, None)).ended < wanted and not now.finished_at:
                    assert time.monotonic() < until, jobs.files(job)
                    time.sleep(0.02)
                ended = jobs.find(job, None).ended
                process.send_signal(signal.SIGKILL)
                killed += 1
        assert killed >= 4
        assert_each_is_there_once(parts, job)


@pytest.mark.models
def test_a_worker_does_the_rest_of_one_that_was_killed_beside_it(tmp_path: Path, folder: Path) -> None:
    """As two machines do it that share a database and a data folder."""
    home = tmp_path / "home"
    with Container(load_settings(home=home, workers=0, ocr="off", DATABASE_URL="")) as parts:
        jobs, until = parts.jobs, time.monotonic() + 200
        with worker(home) as stays, worker(home) as goes:
            for one in (stays, goes):
                assert one.stdout is not None
                assert one.stdout.readline().startswith("Working on jobs")
            job = handed_in(parts, folder)
            while jobs.find(job, None).ended < 4:
                assert time.monotonic() < until, jobs.files(job)
                time.sleep(0.02)
            goes.send_signal(signal.SIGKILL)
            assert jobs.find(job, None).finished_at is None
            while jobs.find(job, None).finished_at is None:
                assert stays.poll() is None
                assert time.monotonic() < until, jobs.files(job)
                time.sleep(0.05)
        assert_each_is_there_once(parts, job)
