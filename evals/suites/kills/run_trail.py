"""`footnote bench trail`: kill -9 at random moments, and the trail held against what the clients had received."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2

from api.terminal import note, say, say_table
from evals.datasets import golden as sample
from evals.measuring.code import ANSWERING, FINDING, code
from evals.measuring.machine import command_line, known, setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.trail.checking import FAULTS, LOST, Trail, faults, lost
from evals.suites.trail.clients import WRITER, Clients
from evals.suites.trail.heard import Heard
from evals.systems.installations import Installation, ingest_sample, opened
from evals.systems.quoting import served
from evals.systems.serving import keys, start, wait
from evals.types import Case, Kind
from retrieval.types import Principal

_EARLIEST_S, _LATEST_S = 0.2, 7.0  # of the kill, after the clients have begun
_WORK = ("answers begun", "answers ended", "sentences received", "uploads", "deletions", "answers left open")


def run(home: Path, kills: int, seed: int, out: Path | None) -> int:
    """1 if anything was lost or is without a record."""
    results = ResultFile(out)
    cases = [case for case in sample.load_cases() if case.kind is Kind.ANSWERABLE]
    setup = {"row": "kill", "seed": seed, "code": code("api.http", *ANSWERING, *FINDING)}
    rows = []
    with opened(home=home, DATABASE_URL="") as parts, served() as stand_in, progress("killed", kills) as step:
        ingest_sample(parts)
        with keys(parts, {WRITER, *(case.asker for case in cases)}, "read", "write") as made:
            killing = Killing(parts, home, stand_in, made, cases)
            for number in range(kills):
                row = known(results, {**setup, "kill": number})
                if row is None:
                    moment = random.Random(f"{seed} {number}").uniform(_EARLIEST_S, _LATEST_S)
                    row = results.add({**setup, "kill": number, **killing.once(moment)})
                rows.append(row)
                step(f"after {row['after_s']:.2f} s  {row['work']['sentences received']} sentences  {row['faults']}")
    found = _summary(rows)
    whole = _whole(home)
    say(f"The trail {'verifies' if whole else 'does not verify'} in the end.")
    results.add({"row": "summary", "command": command_line(), **setting(), "found": found, "whole": whole})
    return 0 if whole and not any(found["faults"].values()) else 1


class Killing:
    """One service after the other over the same data folder, and which documents its clients know to be there."""

    def __init__(
        self, parts: Installation, home: Path, stand_in: str, made: Mapping[Principal, str], cases: Sequence[Case]
    ) -> None:
        self._parts, self._home, self._stand_in = parts, home, stand_in
        self._keys, self._cases = made, cases
        self._there: dict[str, str] = {}
        self._deleted: set[str] = set()

    def once(self, after_s: float) -> dict[str, Any]:
        """Starts a service, sees that what was there is there still, kills it `after_s` seconds after clients have
        begun, and checks the record."""
        before = self._parts.audit.verify().rows
        process, url = start(self._home, self._stand_in, quiet=True)
        try:
            began = time.perf_counter()
            wait(process, url)
            ready_s = time.perf_counter() - began
            missing = lost(self._listed(url), self._there, self._deleted)
            clients = Clients(url, self._keys, self._cases, self._there)
            clients.start()
            time.sleep(after_s)
        finally:
            _kill(process)
        heard = clients.end()
        self._learn(heard)
        trail = _trail(self._parts, before)
        found = faults(heard, trail)
        found[LOST] = missing + lost(self._stored(), self._there, self._deleted)
        return {
            "after_s": round(after_s, 3),
            "ready_s": round(ready_s, 1),
            "work": _work(heard, trail),
            "statuses": heard.statuses,
            "faults": +found,
        }

    def _learn(self, heard: Heard) -> None:
        """An upload or a deletion without an answer may have happened or not: nothing is known of it."""
        self._there |= heard.uploaded
        self._there = {key: value for key, value in self._there.items() if key not in heard.deleting}
        self._deleted |= heard.deleted

    def _listed(self, url: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._keys[WRITER]}"}
        answer = httpx2.get(f"{url}/v1/documents", headers=headers, timeout=30.0, trust_env=False).raise_for_status()
        return {item["document_id"]: item["versions"][-1]["content_sha256"] for item in answer.json()["documents"]}

    def _stored(self) -> dict[str, str]:
        return {item.document_id: item.versions[-1].content_sha256 for item in self._parts.documents.list(WRITER)}


def _whole(home: Path) -> bool:
    """Whether the trail verifies. The database, which the killed have left running, stops with this."""
    with opened(home=home, DATABASE_URL="") as parts:
        return parts.audit.verify().ok


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _trail(parts: Installation, before: int) -> Trail:
    """Of the rows those after the first `before`."""
    report = parts.audit.verify()
    newest = parts.audit.show(limit=max(report.rows - before, 1))
    rows = [{**json.loads(row.record), "id": row.id} for row in reversed(newest) if row.seq > before]
    return Trail(report.ok, rows, {answer.id for answer in report.open})


def _work(heard: Heard, trail: Trail) -> dict[str, int]:
    counts = (
        sum(question.answering for question in heard.questions),
        sum(bool(question.audit_id) for question in heard.questions),
        sum(len(question.sentences) for question in heard.questions),
        len(heard.uploaded),
        len(heard.deleted),
        sum(row.get("kind") == "opened" and row["id"] in trail.named_open for row in trail.rows),
    )
    return dict(zip(_WORK, counts, strict=True))


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    work, wrong, statuses = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        work.update(row["work"])
        wrong.update(row["faults"])
        statuses.update(row["statuses"])
    say("")
    say_table((f"in {len(rows)} kills", "n"), [(name, str(work[name])) for name in _WORK])
    say("")
    say_table(("wrong", "n"), [(name, str(wrong[name])) for name in FAULTS])
    note(", ".join(f"{name}: {count}" for name, count in sorted(statuses.items())))
    return {"work": dict(work), "faults": {name: wrong[name] for name in FAULTS}, "statuses": dict(statuses)}
