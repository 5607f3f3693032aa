"""`footnote bench lists`: a service of its own over many documents, asked for its lists and for pages."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from api.terminal import say, say_table
from evals.measuring.code import SERVING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.systems.installations import opened
from evals.systems.many_documents import EVERYTHING, ONE_IN_A_HUNDRED, fill, put_file
from evals.systems.quoting import served
from evals.systems.serving import keys, start, wait
from retrieval.types import Principal

_END_S = 30.0
_WARM = 3  # of each call, before the clock runs
_ASKERS = {"all": EVERYTHING, "1 %": ONE_IN_A_HUNDRED}
_WIDTHS = (1000, 1400)
_SPAN = 200  # characters whose places are asked for
_SORTS = ("source", "title", "added_at", "updated_at", "date", "effective", "bytes")
_LISTS: Sequence[Mapping[str, str]] = (
    *({"sort": sort, "order": order} for sort in _SORTS for order in ("asc", "desc")),
    {"q": "kestrel"}, {"q": "warranty audit"}, {"q": "REF-77777"}, {"q": "nowhere"}, {"kind": "lease"}, {"kind": "pdf"},
    {"from": "2024-01-01", "to": "2024-12-31"}, {"language": "fr"}, {"label": "group:g7"}, {"warnings": "true"},
)  # fmt: skip
Row = dict[str, Any]
Get = Callable[[str, Principal, Mapping[str, str]], httpx2.Response]


def run(home: Path, documents: int, pdf: Path | None, repeats: int, out: Path | None) -> int:
    results = ResultFile(out)
    circumstances = {"command": command_line(), "code": code(*SERVING), **setting()}
    with _running(home, documents, pdf) as (get, id_):
        rows = [_list(get, name, asker, asked, repeats) for asked in _LISTS for name, asker in _ASKERS.items()]
        pages = _pages(get, id_, repeats) if id_ else []
    for row in rows + pages:
        results.add({"row": "call", **row})
    results.add({"suite": "summary", **circumstances, "documents": documents, "repeats": repeats})
    heads = ("call", "asker", "total", "p50_ms", "p95_ms", "next_p50_ms")
    say_table(heads, [[row[head] for head in heads] for row in rows])
    if pages:
        say("")
        say_table(("call", "p50_ms", "p95_ms"), [(row["call"], row["p50_ms"], row["p95_ms"]) for row in pages])
    told = (
        f"commit {circumstances['commit']}, {circumstances['cpu']}, load {circumstances['load_average']} at the start"
    )
    say(f"\n{told}: {circumstances['command']}")
    return 0


def _list(get: Get, name: str, asker: Principal, asked: Mapping[str, str], repeats: int) -> Row:
    wanted = {"limit": "100", **asked}
    took = _timed(lambda: get("", asker, wanted), repeats)
    body = get("", asker, wanted).json()
    following = _timed(lambda: get("", asker, {**wanted, "after": body["next"]}), repeats) if body["next"] else []
    called = " ".join(f"{name}={value}" for name, value in asked.items())
    return {"call": called, "asker": name, "total": body["total"], **_told(took), "next_p50_ms": _p(following, 0.5)}


def _pages(get: Get, id_: str, repeats: int) -> list[Row]:
    """Of the document, and of pages in an order drawn by chance."""
    drawn = random.Random(1)
    laid = get(f"/{id_}/pages", EVERYTHING, {}).json()["pages"]
    ends = [page["end"] for page in laid if page["end"]]
    rows = [
        {"call": f"how {len(laid)} pages lie", **_told(_timed(lambda: get(f"/{id_}/pages", EVERYTHING, {}), repeats))}
    ]

    def boxes() -> httpx2.Response:
        at = drawn.randrange(max(1, ends[-1] - _SPAN))
        return get(f"/{id_}/boxes", EVERYTHING, {"start": str(at), "end": str(at + _SPAN)})

    rows.append({"call": f"boxes of {_SPAN} characters", **_told(_timed(boxes, repeats))})
    for width in _WIDTHS:

        def picture(width: int = width) -> httpx2.Response:
            return get(f"/{id_}/pages/{drawn.randrange(len(laid)) + 1}.png", EVERYTHING, {"width": str(width)})

        rows.append({"call": f"a page, {width} pixels wide", **_told(_timed(picture, 5 * repeats))})
    return rows


def _timed(call: Callable[[], httpx2.Response], repeats: int) -> list[float]:
    took = []
    for _ in range(_WARM + repeats):
        started = time.perf_counter()
        call()
        took.append((time.perf_counter() - started) * 1000)
    return took[_WARM:]


def _told(took: Sequence[float]) -> Row:
    return {"p50_ms": _p(took, 0.5), "p95_ms": _p(took, 0.95)}


def _p(took: Sequence[float], share: float) -> float | None:
    return round(float(np.quantile(took, share, method="inverted_cdf")), 1) if took else None


@contextmanager
def _running(home: Path, documents: int, pdf: Path | None) -> Iterator[tuple[Get, str]]:
    """How to ask the service, and the id of the long document, "" without one."""
    with opened(home=home, DATABASE_URL="") as parts, served() as stand_in:
        with progress("written", documents) as step:
            fill(parts, documents, lambda done, _: step(f"{done} documents"))
        id_ = put_file(parts, pdf.read_bytes(), pdf.name) if pdf else ""
        with keys(parts, _ASKERS.values(), "read") as made, httpx2.Client(timeout=600.0, trust_env=False) as client:
            process, url = start(home, stand_in)
            try:
                wait(process, url)

                def get(path: str, asker: Principal, asked: Mapping[str, str]) -> httpx2.Response:
                    headers = {"Authorization": f"Bearer {made[asker]}"}
                    return client.get(f"{url}/v1/documents{path}", params=asked, headers=headers).raise_for_status()

                yield get, id_
            finally:
                process.terminate()
                try:
                    process.wait(_END_S)
                except subprocess.TimeoutExpired:
                    process.kill()
