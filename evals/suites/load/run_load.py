"""`footnote bench load`: open-loop arrivals of streams at multiples of what the service can answer."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import UsageError, note, say, say_table
from evals.datasets import golden as sample
from evals.measuring.code import SERVING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.suites.load.asking import Asker, Heard, opened
from evals.systems.installations import ingest_sample
from evals.systems.installations import opened as installed
from evals.systems.quoting import served
from evals.systems.serving import keys, start, wait
from infra.settings import load_settings
from retrieval.types import Principal

_END_S = 30.0
_PEOPLE = 24  # who ask in turn
_ALONE = 60  # questions one after the other, and searches
_BUSY = 8  # questions of each of those at once that tell the capacity
_REFUSED = {429, 503}
Row = dict[str, Any]


def run(
    home: Path, seconds: float, loads: Sequence[float], at_once: int, pause: float, seed: int, out: Path | None
) -> int:
    """1 if anything but an answer or a refusal came back."""
    results = ResultFile(out)
    circumstances = {"command": command_line(), "threads": load_settings().threads, "code": code(*SERVING), **setting()}
    with _running(home, at_once, pause) as (process, url, askers):
        rows = asyncio.run(_measured(process, url, askers, seconds, loads, at_once, seed))
    for row in rows:
        results.add({"row": "load", "pause_s": pause, "at_once": at_once, "seed": seed, **row})
    results.add({"row": "summary", **circumstances})
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "load"]
    say_table(
        ("", *(str(row["load"]) for row in rows)), [(name, *(row.get(name, "") for row in rows)) for name in names]
    )
    broken = sum(row.get("broken", 0) for row in rows)
    say(f"{broken} answers broke off or were answered with something else than 429 and 503.")
    return 1 if broken else 0


async def _measured(
    process: subprocess.Popen[bytes],
    url: str,
    askers: Sequence[tuple[str, str]],
    seconds: float,
    loads: Sequence[float],
    at_once: int,
    seed: int,
) -> list[Row]:
    async with opened() as client:
        asker = Asker(client, url, askers)
        await asker.busy(1, 3)  # before the clock runs
        idle = await asker.searches(_ALONE)
        rows: list[Row] = [{"load": "searches alone", "search_ms": _spread((took * 1000 for took in idle), 1)}]
        beside = asyncio.create_task(asker.searches())
        before = _resident(process)
        alone = await asker.busy(1, _ALONE)
        beside.cancel()
        rows.append({"load": "one at a time", **_row(alone, await beside), "rss_mib": [before, _resident(process)]})
        loop = asyncio.get_running_loop()
        began = loop.time()
        busy = await asker.busy(at_once, at_once * _BUSY)
        capacity = len(busy) / (loop.time() - began)
        note(f"capacity {capacity:.2f} answers a second")
        for load in loads:
            beside = asyncio.create_task(asker.searches())
            await asyncio.sleep(0)
            before = _resident(process)
            heard = await asker.arriving(load * capacity, seconds, seed)
            beside.cancel()
            row = {"load": f"{load:g} x", "rate_per_s": round(load * capacity, 2), **_row(heard, await beside)}
            rows.append({**row, "rss_mib": [before, _resident(process)]})
            note(f"{load:g} x: {len(heard)} questions")
    return rows


def _row(heard: Sequence[Heard], searches: Iterable[float]) -> Row:
    refused = [one for one in heard if one.status in _REFUSED]
    admitted = [one for one in heard if one.admitted]
    return {
        "questions": len(heard),
        "statuses": dict(Counter(one.status for one in heard)),
        "refused_share": round(len(refused) / len(heard), 3) if heard else None,
        "refused_ms": _spread((one.head * 1000 for one in refused), 1),
        "answer_s": _spread((one.took for one in admitted), 2),
        "with_wait_s": _spread((one.end for one in admitted), 2),
        "waited_share": round(sum(one.place > 0 for one in admitted) / len(admitted), 3) if admitted else None,
        "search_ms": _spread((took * 1000 for took in searches), 1),
        "broken": sum(one.end is None for one in admitted) + len(heard) - len(admitted) - len(refused),
    }


def _spread(values: Iterable[float | None], digits: int) -> list[float] | None:
    """p50 and p99."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return [round(float(value), digits) for value in np.quantile(known, (0.5, 0.99), method="inverted_cdf")]


def _resident(process: subprocess.Popen[bytes]) -> int | None:
    """MiB of the service's process; None where the system does not tell so."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return None
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) >> 10


@contextmanager
def _running(
    home: Path, at_once: int, pause: float
) -> Iterator[tuple[subprocess.Popen[bytes], str, Sequence[tuple[str, str]]]]:
    """The sample documents behind a service, and keys of people who may read them, each with a question."""
    cases = [case for case in sample.load_cases() if case.must_contain]
    if not cases:
        raise UsageError("There are no golden questions.")
    people = [
        (Principal(f"load{number}", case.asker.groups), case.question)
        for number, case in zip(range(_PEOPLE), cases * _PEOPLE, strict=False)
    ]
    with installed(home=home, DATABASE_URL="") as parts, served(pause) as stand_in:
        ingest_sample(parts)
        with keys(parts, [person for person, _ in people], "read") as made:
            process, url = start(home, stand_in, FOOTNOTE_ANSWERS_AT_ONCE=str(at_once))
            try:
                wait(process, url)
                yield process, url, [(made[person], question) for person, question in people]
            finally:
                process.terminate()
                try:
                    process.wait(_END_S)
                except subprocess.TimeoutExpired:
                    process.kill()
