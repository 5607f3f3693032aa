"""Calls of a service that no model takes part in, timed at the client."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2
import numpy as np

from evals.measuring.progress import progress
from evals.types import Case
from retrieval.types import Principal

_WARM = 20  # of each call, before the clock runs
_TOLD = 100  # rounds
_BY_WORDS = {"top_k": 10, "fusion": "sparse", "rerank": False, "hyde": "off"}
Row = dict[str, Any]


def timed(
    client: httpx2.Client, url: str, keys: Mapping[Principal, str], cases: Sequence[Case], count: int
) -> dict[str, Row]:
    """Milliseconds of each call, `count` times, the calls by turns and the questions of `cases` in turn. Raises
    `httpx2.HTTPStatusError` for a call that is refused."""
    calls = _calls(client, url, keys, cases)
    took: dict[str, list[float]] = {name: [] for name in calls}
    rounds = range(_WARM + count)
    with progress("asked", len(rounds[::_TOLD])) as step:
        for number in rounds:
            for name, call in calls.items():
                started = time.perf_counter()
                call(number).raise_for_status()
                took[name].append((time.perf_counter() - started) * 1000)
            if number % _TOLD == 0:
                step(f"{number * len(calls)} calls")
    return {name: _row(times[_WARM:]) for name, times in took.items()}


def _calls(
    client: httpx2.Client, url: str, keys: Mapping[Principal, str], cases: Sequence[Case]
) -> dict[str, Callable[[int], httpx2.Response]]:
    def get(asker: Principal, path: str) -> httpx2.Response:
        return client.get(url + path, headers={"Authorization": f"Bearer {keys[asker]}"})

    def search(number: int) -> httpx2.Response:
        case = cases[number % len(cases)]
        headers = {"Authorization": f"Bearer {keys[case.asker]}"}
        return client.post(f"{url}/v1/search", json={"query": case.question, **_BY_WORDS}, headers=headers)

    asker = cases[0].asker
    listed = get(asker, "/v1/documents?limit=50")
    listed.raise_for_status()
    ids = [document["document_id"] for document in listed.json()["documents"]]

    def of_document(path: str) -> Callable[[int], httpx2.Response]:
        return lambda number: get(asker, f"/v1/documents/{ids[number % len(ids)]}{path}")

    return {
        "search by words": search,
        "list of documents": lambda number: get(asker, "/v1/documents?limit=50"),
        "document": of_document(""),
        "versions": of_document("/versions"),
        "text": of_document("/text"),
        "original": of_document("/original"),
    }


def _row(times: Sequence[float]) -> Row:
    p50, p99 = np.quantile(times, (0.5, 0.99), method="inverted_cdf")
    return {"p50_ms": round(float(p50), 1), "p99_ms": round(float(p99), 1), "most_ms": round(max(times), 1)}
