"""`footnote bench service`: the golden questions at the HTTP API of a service of its own, one after the other."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from api.terminal import UsageError, note, say, say_table
from evals.datasets import golden as sample
from evals.measuring.code import SERVING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.measuring.tables import say_times
from evals.suites.service.calls import timed
from evals.systems.installations import ingest_sample, opened
from evals.systems.quoting import NAME, served
from evals.systems.serving import keys, start, wait
from evals.types import Case
from infra.settings import load_settings
from retrieval.types import Principal

_END_S = 30.0
_WARM = 3  # questions that are asked before the clock runs
_PAUSE_S = 1.0  # between two questions: whoever asks reads, and the service gets ready
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: where it is, and each asker's key."""

    url: str
    keys: Mapping[Principal, str]

    def ask(self, client: httpx2.Client, case: Case) -> Row:
        """Seconds to the first sentence (None without one) and to the end, as the client sees them, and the service's
        own marks. Raises `UsageError` if the service reports an error."""
        headers = {"Authorization": f"Bearer {self.keys[case.asker]}"}
        body = {"question": case.question, "stream": True}
        first, final, event = None, None, ""
        started = time.perf_counter()
        with client.stream("POST", f"{self.url}/v1/query", json=body, headers=headers) as response:
            for line in response.iter_lines():
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
                if not line.startswith("data: "):
                    continue
                if event == "error":
                    raise UsageError(f"{case.id}: the service says {line}")
                if event == "sentence" and first is None:
                    first = time.perf_counter() - started
                if event == "final":
                    final = time.perf_counter() - started
                    answer = json.loads(line.removeprefix("data: "))["answer"]
        if final is None:
            raise UsageError(f"{case.id}: the service ended without an answer (status {response.status_code}).")
        return {"id": case.id, "status": answer["status"], "first_s": first, "total_s": final,
                "marks_ms": answer["timings_ms"], "card": answer["model"]}  # fmt: skip


def run(model: str, home: Path, out: Path | None, limit: int) -> int:
    """Measures with the stand-in (`model` is "quoting") or with the language model of the settings ("own")."""
    results, cases = ResultFile(out), sample.load_cases()
    cases = cases[:limit] if limit else cases
    circumstances = {"command": command_line(), "threads": load_settings().threads, "code": code(*SERVING), **setting()}
    with _running(model, home, cases) as service:
        rows = _asked(service, cases)
    for row in rows:
        results.add({"row": "service", "model": model, **row})
    found = _summary(rows)
    results.add({"suite": "summary", **circumstances, "model": model, "found": found})
    _say_circumstances(circumstances)
    return 0


def run_calls(home: Path, out: Path | None, count: int) -> int:
    """What a client waits for where no model takes part, each call after the other over one connection."""
    results, cases = ResultFile(out), sample.load_cases()
    circumstances = {"command": command_line(), "threads": load_settings().threads, "code": code(*SERVING), **setting()}
    with _running(NAME, home, cases) as service, httpx2.Client(timeout=600.0, trust_env=False) as client:
        found = timed(client, service.url, service.keys, cases, count)
    for name, row in found.items():
        results.add({"row": "call", "call": name, **row})
    results.add({"suite": "summary", **circumstances, "model": "none", "calls": count})
    heads = ("call", "p50 ms", "p99 ms", "most ms")
    say_table(heads, [(name, row["p50_ms"], row["p99_ms"], row["most_ms"]) for name, row in found.items()])
    _say_circumstances(circumstances)
    return 0


def _say_circumstances(told: Row) -> None:
    say(f"\ncommit {told['commit']}, {told['cpu']}, {told['threads']} threads, "
        f"load {told['load_average']} at the start: {told['command']}")  # fmt: skip


def _asked(service: Service, cases: Sequence[Case]) -> list[Row]:
    rows = []
    with httpx2.Client(timeout=600.0, trust_env=False) as client, progress("asked", len(cases)) as step:
        for case in cases[:_WARM]:
            service.ask(client, case)
        for case in cases:
            time.sleep(_PAUSE_S)
            rows.append(service.ask(client, case))
            step(f"{case.id}  {rows[-1]['status']}  {rows[-1]['total_s']:.2f} s")
    return rows


@contextmanager
def _running(model: str, home: Path, cases: Sequence[Case]) -> Iterator[Service]:
    """The sample documents in `home` behind `footnote serve` on a port of its own, with keys for this run only."""
    with opened(home=home, DATABASE_URL="") as parts, served() as stand_in:
        ingest_sample(parts)
        with keys(parts, {case.asker for case in cases}, "read") as made:
            process, url = start(home, stand_in if model == NAME else "")
            try:
                wait(process, url)
                yield Service(url, made)
            finally:
                process.terminate()
                try:
                    process.wait(_END_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def _summary(rows: Sequence[Row]) -> Row:
    """Percentiles of the client's times, medians of the service's marks, and which model answered."""
    times = {
        "the first sentence": seconds(row["first_s"] for row in rows),
        "the end": seconds(row["total_s"] for row in rows),
    }
    say("")
    say_times(times)
    names = dict.fromkeys(name for row in rows for name in row["marks_ms"])
    marks = {
        name: round(statistics.median(row["marks_ms"][name] for row in rows if name in row["marks_ms"]), 1)
        for name in names
    }
    say_table(("mark", "median ms"), [(name, f"{value:g}") for name, value in marks.items()])
    note(f"{sum(row['status'] != 'abstained' for row in rows)} of {len(rows)} questions were answered.")
    return {"times": times, "marks_ms": marks, "card": rows[-1]["card"]}
