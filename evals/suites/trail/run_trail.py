"""`footnote bench trail`: answers and reads are recorded by a service, multiplied, and verified by the command."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import psutil  # type: ignore[import-untyped]

from api.terminal import counting, note, say, say_table
from evals.datasets import golden as sample
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.systems.installations import ingest_sample, opened
from evals.systems.long_trail import damage, fill, recorded
from evals.systems.quoting import served
from evals.systems.serving import keys, start, wait
from evals.types import Case

_ASKED = 40  # questions whose records the trail is made of
_SERVED_S = 60.0
_EVERY_S = 0.05  # memory is looked at
Row = dict[str, Any]


def run(home: Path, records: int, repeats: int, witness: bool, out: Path | None) -> int:
    """1 unless a whole trail is found to be whole, and one with a changed record is not."""
    results = ResultFile(out)
    rows = _recorded(home)
    folder = home.resolve().with_name(f"{home.resolve().name}.trail")
    shutil.rmtree(folder, ignore_errors=True)
    kept = folder / "witness"
    right = True
    with opened(home=folder, DATABASE_URL="", witnesses=(str(kept),) if witness else ()) as parts:
        parts.audit.check()  # begins a trail
        with counting("Writing") as progress:
            size = fill(parts, rows, records, progress)
        about: Row = {"records": records, "bytes_a_record": round(size / records), **_kinds(rows)}
        results.add({"row": "trail", **about})
        say_table(("the trail", ""), list(about.items()))
        right &= _measured(results, "verify", folder, {}, repeats) == 0
        if witness:
            kept.mkdir()
            began = time.perf_counter()
            parts.witnesses.round()
            note(f"Checkpoints for the witness took {time.perf_counter() - began:.0f} s.")
            right &= _measured(results, "with a witness", folder, {"FOOTNOTE_WITNESSES": str(kept)}, repeats) == 0
        damage(parts, records * 9 // 10)
        right &= _measured(results, "a changed record at nine tenths", folder, {}, 1) == 1
    shutil.rmtree(folder)
    results.add({"row": "summary", "command": command_line(), **setting()})
    say("As it should be." if right else "NOT as it should be: see above.")
    return 0 if right else 1


def _recorded(home: Path) -> list[Any]:
    """What a service records while questions are asked, passages searched, and documents listed and read."""
    cases = sample.load_cases()[:_ASKED]
    with opened(home=home, DATABASE_URL="") as parts, served() as stand_in:
        ingest_sample(parts)
        with keys(parts, {case.asker for case in cases}, "read") as made:
            before = parts.audit.verify().rows
            process, url = start(home, stand_in, quiet=True)
            try:
                wait(process, url)
                with httpx2.Client(base_url=url, timeout=_SERVED_S, trust_env=False) as client:
                    for case in cases:
                        _use(client, case, {"Authorization": f"Bearer {made[case.asker]}"})
            finally:
                process.terminate()
                process.wait()
            return recorded(parts, before)


def _use(client: httpx2.Client, case: Case, who: Mapping[str, str]) -> None:
    for path, body in (("/v1/query", {"question": case.question}), ("/v1/search", {"query": case.question})):
        found = client.post(path, json=body, headers=who).raise_for_status().json()
    client.get("/v1/documents", headers=who).raise_for_status()
    for hit in found["hits"][:1]:
        client.get(f"/v1/documents/{hit['document_id']}/text", headers=who).raise_for_status()


def _kinds(rows: Sequence[Any]) -> dict[str, str]:
    counts, sizes = Counter[str](), Counter[str]()
    for row in rows:
        record = json.loads(row.record)
        kind = record.get("action") or record.get("kind")
        counts[kind] += 1
        sizes[kind] += len(row.record)
    return {
        f"{kind}, share and bytes": f"{counts[kind] / len(rows):.2f}, {sizes[kind] // counts[kind]}" for kind in counts
    }


def _measured(results: ResultFile, what: str, home: Path, settings: Mapping[str, str], repeats: int) -> int:
    """The exit code of `footnote audit verify`, the worst of all times that it is run."""
    times, peaks, codes, told = [], [], [], ""
    for _ in range(repeats):
        code, seconds, peak, told = _verify(home, settings)
        times.append(seconds)
        peaks.append(peak)
        codes.append(code)
    row = {
        "row": what,
        "seconds": round(statistics.median(times), 2),
        "all_seconds": [round(one, 2) for one in times],
        "peak_mib": round(max(peaks) / 2**20),
        "exit_code": max(codes),
        "told": told.splitlines()[0] if told else "",
    }
    results.add(row)
    say_table((what, ""), list(row.items())[1:])
    return max(codes)


def _verify(home: Path, settings: Mapping[str, str]) -> tuple[int, float, int, str]:
    """Exit code, seconds, bytes that the command and its own processes held together at most, and what was told."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "api.cli.main", "audit", "verify"]
    began, peak = time.perf_counter(), 0
    environment = {**kept, "FOOTNOTE_HOME": str(home), **settings}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        seen = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _held(seen))
            time.sleep(_EVERY_S)
        seconds = time.perf_counter() - began
        told = process.stdout.read() if process.stdout else ""
    return process.returncode, seconds, peak, told


def _held(process: psutil.Process) -> int:
    held = 0
    try:
        for one in (process, *process.children(recursive=True)):
            held += one.memory_info().rss
    except psutil.Error:  # it has just ended
        pass
    return held
