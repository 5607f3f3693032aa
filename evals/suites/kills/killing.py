"""One kill after the other over the same data folder, and what is looked at after each."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.suites.kills.checking import (
    DOCUMENTS,
    DOWN,
    HALF,
    INDEX,
    SEARCHES,
    STUCK,
    Trail,
    faults,
)
from evals.suites.kills.clients import WRITER, Clients, Work
from evals.suites.kills.heard import Heard
from evals.suites.kills.operations import Plan
from evals.suites.kills.processes import Processes
from evals.suites.kills.twin import Side, differences, followed, queries
from evals.systems.consistency import back, differing_rows, entries, half, waiting
from evals.systems.installations import Installation
from evals.types import Case
from ingest.types import OPERATOR
from retrieval.types import Principal

_QUERIES = 5
_STUCK_S = 120.0
_UNTIL_GONE_S = 15.0
_SHOWN = 5  # details of a fault
_TOLD = 600  # bytes of what a client received last
Row = dict[str, Any]


class Killing:
    """`operations`: those that are drawn from. What the twin has followed is kept in the folder, so that a run that is
    broken off goes on."""

    def __init__(
        self,
        parts: Installation,
        processes: Processes,
        made: Mapping[Principal, str],
        twin: Side,
        cases: Sequence[Case],
        folder: Path,
        operations: Sequence[str],
    ) -> None:
        self.operations = operations
        self._parts, self._processes, self._keys, self._twin, self._cases = parts, processes, made, twin, cases
        self._askers = sorted({case.asker for case in cases} | {WRITER}, key=lambda one: one.user)
        self._bodies, self._state = folder / "bodies", folder / "state.json"
        self._bodies.mkdir(exist_ok=True)

    def once(self, planned: Plan, seed: int) -> Row:
        """Lets clients work, kills, starts again what is gone, and checks."""
        began = time.perf_counter()
        ready_s = self._processes.start()
        before = self._followed()
        erasing = self._to_erase(planned)
        clients = Clients(self._work(f"{seed} {planned.number}", erasing), planned.operation)
        clients.heard.erasing += erasing
        program = _Program(self._processes, _command(planned, erasing))
        clients.start()
        program.start()
        if planned.served:
            clients.served()
        time.sleep(planned.after_s)
        hit = self._processes.kill(planned.target, program.process)
        program.end()
        heard = clients.end()
        found, details = Counter[str](), list[str]()
        untouched = planned.target not in ("service", "worker", "program")
        if untouched and not (back(self._parts, _STUCK_S) and self._processes.recovered()):
            found[DOWN] += 1
            self._processes.kill("service", None)
        self._processes.start()
        trail = self._checked(planned, heard, before, found, details)
        return {
            **asdict(planned),
            "hit": hit,
            "ready_s": round(ready_s, 1),
            "seconds": round(time.perf_counter() - began, 1),
            "work": _worked(heard, trail),
            "statuses": heard.statuses,
            "faults": +found,
            "details": details[:_SHOWN],
        }

    def _checked(self, planned: Plan, heard: Heard, before: int, found: Counter[str], details: list[str]) -> Trail:
        found[STUCK] += waiting(self._parts, _STUCK_S)
        if planned.operation == "erase":
            self._finish_erasing()
        report = self._parts.audit.verify()
        rows = entries(self._parts, before)
        trail = Trail(report.ok, rows, {answer.id for answer in report.open})
        found.update(faults(heard, trail))
        if found.total():
            details += [f"{one.text} {one.as_of}: ...{one.received[-_TOLD:]!r}" for one in heard.questions]
        if not report.ok:
            details.append(report.problem)
        followed(self._twin, [*rows, *self._erased(heard)], self._body)
        self._state.write_text(json.dumps({"followed": max((row["seq"] for row in rows), default=before)}))
        here = Side(self._processes.url, self._keys)
        documents, searches = differences(here, self._twin, queries(self._cases, _QUERIES))
        halves = half(self._parts)
        found.update({DOCUMENTS: len(documents), SEARCHES: len(searches), HALF: len(halves)})
        found[INDEX] = differing_rows(self._parts, self._askers)
        details += [*documents, *searches, *halves]
        return trail

    def _work(self, seed: str, erasing: Sequence[str]) -> Work:
        """What is being erased gets no further version meanwhile."""
        there = {id_: name for id_, name in self._own().items() if id_ not in erasing}
        gone = [one.document_id for one in self._parts.documents.deleted(OPERATOR) if one.source.startswith(_UPLOADED)]
        return Work(self._processes.url, self._keys, self._cases, seed, self._keep, there, gone)

    def _own(self) -> dict[str, str]:
        """The writer's documents by id, each with the name of its file."""
        there = {one.document_id: one.source for one in self._parts.documents.list(WRITER)}
        return {id_: source.removeprefix(_UPLOADED) for id_, source in there.items() if source.startswith(_UPLOADED)}

    def _to_erase(self, planned: Plan) -> list[str]:
        """One of the writer's documents, where the operation is to erase."""
        there = sorted(self._own()) if planned.operation == "erase" else []
        return there[planned.number % len(there) :][:1] if there else []

    def _finish_erasing(self) -> None:
        """An erasure that was interrupted is resumed; one that had not begun is left."""
        self._processes.program("erase", "resume").wait()

    def _erased(self, heard: Heard) -> list[Row]:
        """What was erased is deleted for the twin: nobody sees the difference."""
        there = self._own()
        gone = [document for document in heard.erasing if document not in there]
        return [{"kind": "change", "action": "delete", "document_id": document} for document in gone]

    def _keep(self, data: bytes) -> None:
        (self._bodies / hashlib.sha256(data).hexdigest()).write_bytes(data)

    def _body(self, sha256: str) -> bytes:
        return (self._bodies / sha256).read_bytes()

    def _followed(self) -> int:
        """Up to which row of the trail the twin has followed."""
        if self._state.exists():
            return int(json.loads(self._state.read_bytes())["followed"])
        rows = self._parts.audit.show(limit=1)
        return rows[0].seq if rows else 0


_UPLOADED = f"upload/{WRITER.user}/"


def _command(planned: Plan, erasing: Sequence[str]) -> Sequence[str]:
    """That the operation is, beside what its clients do; empty if it is none."""
    if planned.operation == "swap":
        return "index", "compact"
    return ("erase", "document", *erasing) if erasing else ()


class _Program:
    """A command that is run again and again until it is ended."""

    def __init__(self, processes: Processes, arguments: Sequence[str]) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._processes, self._arguments = processes, arguments
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        if self._arguments:
            self._thread.start()

    def end(self) -> None:
        """Lets the running one come to its end."""
        self._stop.set()
        if self._arguments:
            self._thread.join(_UNTIL_GONE_S)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.process = self._processes.program(*self._arguments)
            self.process.wait()


def _worked(heard: Heard, trail: Trail) -> dict[str, int]:
    return {
        "answers begun": sum(question.answering for question in heard.questions),
        "answers ended": sum(bool(question.audit_id) for question in heard.questions),
        "sentences received": sum(len(question.sentences) for question in heard.questions),
        "uploads": len(heard.uploaded),
        "files of jobs": len(heard.accepted),
        "deletions": len(heard.deleted),
        "restorations": len(heard.restored),
        "erasures begun": len(heard.erasing),
        "answers left open": sum(row.get("kind") == "opened" and row["id"] in trail.named_open for row in trail.rows),
    }
