"""`footnote bench jobs`: one job of many files, calm and under kill -9, and whether both end alike."""

from __future__ import annotations

import json
import random
import shutil
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.terminal import note, say, say_table
from evals.datasets.cuad import ASKER
from evals.measuring.code import FINDING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.suites.jobs.letters import letters
from evals.suites.jobs.running import Processes, ended
from evals.systems.installations import Installation, opened
from evals.systems.quoting import served
from evals.systems.serving import keys
from infra.settings import load_settings

QUERIES = ("termination for convenience", "governing law of the agreement", "minimum purchase commitment",
           "limitation of liability", "confidential information of the parties", "payment terms and late fees",
           "assignment without consent", "renewal term notice period")  # fmt: skip
_SEARCHES = 200  # without a job
_PAUSE_S = 0.1  # between two searches
_BEFORE = 100  # files that are there before
_PAUSE_BEFORE_UPLOAD_S = 5.0
Row = dict[str, Any]


def run(data: Path, home: Path, files: int, kills: int, seed: int, out: Path | None) -> int:
    """1 unless the calm run and the killed one have the same end."""
    results, sent = ResultFile(out), list(letters(data, _BEFORE + files, seed))
    setup = {"files": files, "seed": seed, "bytes": sum(len(body) for _, body in sent[_BEFORE:])}
    calm, calm_end = _calm(home.with_name(f"{home.name}.calm"), sent)
    results.add({"row": "calm", **setup, **calm})
    killed, killed_end = _killed(home.with_name(f"{home.name}.killed"), sent, kills, seed)
    same = calm_end == killed_end
    results.add({"row": "killed", **setup, **killed, "same_end": same})
    circumstances = {"command": command_line(), "threads": load_settings().threads, "code": code(*FINDING), **setting()}
    results.add({"row": "summary", **circumstances})
    say_table(("calm", ""), list(calm.items()))
    say_table(("killed", ""), list(killed.items()))
    say(f"The end of both is {'the same' if same else 'NOT the same'}: documents, versions, chunks, reports, trail.")
    return 0 if same else 1


def _calm(home: Path, sent: Sequence[tuple[str, bytes]]) -> tuple[Row, Row]:
    """One job of all files but a few that were there before, with searches and one small upload beside it, and then
    all of it again, unchanged."""
    with _begun(home) as (parts, processes):
        _timed(processes, sent[:_BEFORE], "before")
        alone = _searched(processes, _SEARCHES)
        done, beside = threading.Event(), list[float]()
        searching = threading.Thread(target=lambda: beside.extend(_searched(processes, None, done)))
        started = time.perf_counter()
        job = processes.hand_in(sent[_BEFORE:], "the job")
        handed_in = time.perf_counter() - started
        searching.start()
        time.sleep(_PAUSE_BEFORE_UPLOAD_S)
        small = _small_upload(processes)
        found = ended(processes, job)
        took = time.perf_counter() - started
        done.set()
        searching.join()
        alone_after = _searched(processes, _SEARCHES)
        again = _timed(processes, sent[_BEFORE:], "all again")
        end = _end(parts, job)
    idle, busy = statistics.median([*alone, *alone_after]), statistics.median(beside)
    return {
        "handed_in_s": round(handed_in, 2),
        "files_per_s": round(found["total"] / took, 2),
        "search_p50_ms": round(idle * 1000, 1),
        "search_p50_ms_beside": round(busy * 1000, 1),
        "search_p50_ratio": round(busy / idle, 2),
        "searches_beside": len(beside),
        "small_upload_searchable_s": round(small, 2),
        "unchanged_files_per_s": round(found["total"] / again, 1),
        "outcomes": found["outcomes"],
    }, end


def _killed(home: Path, sent: Sequence[tuple[str, bytes]], kills: int, seed: int) -> tuple[Row, Row]:
    """The same, while service and worker are killed in turn; on the way the job is cancelled and resumed."""
    drawn = random.Random(seed)
    moments = sorted(drawn.uniform(0.02, 0.95) for _ in range(kills))
    resumed: Row = {}
    with _begun(home) as (parts, processes):
        _timed(processes, sent[:_BEFORE], "before")
        processes.work()
        started = time.perf_counter()
        job = processes.hand_in(sent[_BEFORE:], "the job")
        for number, moment in enumerate(moments):
            _until(processes, job, int(moment * (len(sent) - _BEFORE)))
            what = ("service", "worker")[number % 2]
            note(f"kill {number + 1} of {kills}: the {what}, after {moment:.0%} of the job")
            processes.kill(what)
            if number == kills // 2:
                processes.post(f"/v1/jobs/{job}/cancel")
                cancelled = ended(processes, job)
                resumed = {"cancelled_after": cancelled["done"], **processes.post(f"/v1/jobs/{job}/retry")}
        found = ended(processes, job)
        took = time.perf_counter() - started
        _small_upload(processes)
        end = _end(parts, job)
        tries = sum(file.attempt for file in parts.jobs.files(job, limit=1_000_000))
    return {
        "kills": kills,
        "cancelled_after": resumed["cancelled_after"],
        "resumed": resumed["files"],
        "files_per_s": round(found["total"] / took, 2),
        "begun_more_than_once": tries - found["total"],
        "outcomes": found["outcomes"],
    }, end


@contextmanager
def _begun(home: Path) -> Iterator[tuple[Installation, Processes]]:
    """A new data folder with its service."""
    shutil.rmtree(home, ignore_errors=True)
    with (
        opened(home=home, DATABASE_URL="") as parts,
        served() as stand_in,
        keys(parts, {ASKER}, "read", "write") as made,
    ):
        processes = Processes(home, stand_in, made[ASKER])
        try:
            processes.serve()
            yield parts, processes
        finally:
            processes.stop()


def _timed(processes: Processes, files: Sequence[tuple[str, bytes]], what: str) -> float:
    """Seconds of a job of these files."""
    started = time.perf_counter()
    found = ended(processes, processes.hand_in(files, what), every_s=0.1)
    took = time.perf_counter() - started
    note(f"{what}: {len(files)} files in {took:.1f} s, {found['outcomes']}")
    return took


def _until(processes: Processes, job: str, files: int) -> None:
    while (found := processes.get(f"/v1/jobs/{job}?limit=1"))["ended"] < files and found["finished_at"] is None:
        time.sleep(0.1)


def _searched(processes: Processes, count: int | None, done: threading.Event | None = None) -> list[float]:
    """Seconds of searches, one after the other; `count` of them, or until `done`."""
    took: list[float] = []
    while (count is None or len(took) < count) and not (done and done.is_set()):
        query = QUERIES[len(took) % len(QUERIES)]
        started = time.perf_counter()
        processes.post("/v1/search", json={"query": query, "top_k": 10})
        took.append(time.perf_counter() - started)
        time.sleep(_PAUSE_S)
    return took


def _small_upload(processes: Processes) -> float:
    """Seconds from handing in one letter until a search finds it."""
    started = time.perf_counter()
    processes.hand_in([("zeppelin.txt", b"The zeppelin of hangar 7 costs 77 euros a day.")])
    while True:
        hits = processes.post("/v1/search", json={"query": "zeppelin hangar", "top_k": 3})["hits"]
        if any(hit["source"].endswith("/zeppelin.txt") for hit in hits):
            return time.perf_counter() - started
        time.sleep(0.05)


def _end(parts: Installation, job: str) -> Row:
    """What is there: documents with their versions, chunks, what each file was told to have become, and what the trail
    says was uploaded, how often."""
    with parts.pool.connection() as conn:
        chunks = conn.execute("SELECT id FROM chunks ORDER BY id").fetchall()
    records = [json.loads(row.record) for row in parts.audit.show(limit=1_000_000)]
    return {
        "documents": sorted(
            (one.source, one.version, tuple(version.content_sha256 for version in one.versions))
            for one in parts.documents.list(ASKER)
        ),
        "chunks": chunks,
        "told": sorted(
            (file.source, json.dumps({**(file.report or {}), "seconds": 0}, sort_keys=True))
            for file in parts.jobs.files(job, limit=1_000_000)
        ),
        "uploads": Counter(record["source"] for record in records if record.get("action") == "upload"),
        "trail": parts.audit.verify().ok,
    }
