"""A real installation at size: how long until an added, a deleted and a revoked document show in a search."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.terminal import note
from evals.suites.retrieval.scale.ours import milliseconds, peak_gib
from evals.suites.retrieval.scale.rows import SHARES, Query, Rows
from evals.systems.bare import BareInstallation, two_processes
from ingest.protocols import Embedder
from ingest.types import OPERATOR, document_id
from retrieval.types import Principal

TRIALS = 20
_PATIENCE_S = 60.0
Row = dict[str, Any]


def reader(share: float) -> Principal:
    """Who may read this share of all rows."""
    return Principal("reader", frozenset(f"tier{tier}" for tier in range(SHARES.index(share) + 1)))


READER = reader(1.0)


def measured(rows: Rows, asked: Sequence[Query], embedder: Embedder) -> Row:
    """Fills an installation, publishes, then changes documents and searches until the change shows.

    Seconds count from the moment before the change is written to the end of the first search that shows it; a
    second process, with an index of its own on the same database, is asked in every other trial.
    """
    with two_processes(embedder) as (first, second):
        filled = _timed(lambda: _fill(first, rows))
        published = _timed(first.index.publish)
        opened = _timed(lambda: second.index.view(READER))
        found: Row = {
            "fill_rows_per_second": round(rows.count / filled),
            "publish_seconds": round(published, 3),
            "second_process_opens_seconds": round(opened, 3),
            "first_view_seconds": {str(share): round(_view(first, share), 4) for share in SHARES},
            "search": _searches(first, asked),
        }
        return found | _changes(first, second, embedder) | {"peak_gib": peak_gib()}


def _fill(installation: BareInstallation, rows: Rows) -> None:
    tiers, vectors = rows.tiers.tolist(), rows.vectors(0, rows.count)
    for number, (first, last) in enumerate(pairwise(rows.starts.tolist())):
        allow = frozenset({f"group:tier{tiers[number]}"})
        installation.add(f"scale/{number}", list(rows.texts(first, last)), vectors[first:last], allow)
        if number % 1000 == 0:
            note(f"stored {last:,} of {rows.count:,} rows")


def _view(installation: BareInstallation, share: float) -> float:
    return _timed(lambda: installation.index.view(reader(share)))


def _searches(installation: BareInstallation, asked: Sequence[Query]) -> Row:
    """Whole searches, embedding from the cache, text read under row-level security; no reranking."""
    installation.sources(asked[0].text, READER)
    spent = [_timed(lambda query=query: installation.sources(query.text, reader(0.01))) for query in asked]  # type: ignore[misc]
    return {"share": 0.01, **milliseconds(spent)}


def _changes(first: BareInstallation, second: BareInstallation, embedder: Embedder) -> Row:
    """Seconds until each kind of change shows: median and worst of `TRIALS`."""
    spent: dict[str, list[float]] = {"added": [], "revoked": [], "deleted": []}
    for trial, text in enumerate(_probes()):
        probe = _Probe(first, second if trial % 2 else first, f"probe/{trial}", text)
        vectors = embedder.embed_documents([text])
        spent["added"].append(probe.until(True, lambda at=probe, rows=vectors: at.add(rows)))  # type: ignore[misc]
        spent["revoked"].append(probe.until(False, lambda at=probe: at.relabel("nobody")))  # type: ignore[misc]
        probe.until(True, lambda at=probe: at.relabel("tier0"))  # type: ignore[misc]
        spent["deleted"].append(probe.until(False, probe.delete))
    return {
        f"{name}_shows_seconds": {"p50": round(float(np.median(values)), 4), "max": round(max(values), 4)}
        for name, values in spent.items()
    }


@dataclass(frozen=True, slots=True)
class _Probe:
    """A document that one process changes and another looks for."""

    writer: BareInstallation
    searcher: BareInstallation
    source: str
    text: str

    def add(self, vectors: NDArray[np.float32]) -> None:
        self.writer.add(self.source, [self.text], vectors, frozenset({"group:tier0"}))

    def relabel(self, group: str) -> None:
        self.writer.documents.relabel(document_id(self.source), frozenset({f"group:{group}"}))

    def delete(self) -> None:
        self.writer.documents.delete(document_id(self.source), OPERATOR)

    def until(self, shown: bool, change: Callable[[], object]) -> float:
        """Seconds from before the change to the end of the first search that shows it, at most a minute."""
        started = time.perf_counter()
        change()
        while (self.source in self.searcher.sources(self.text, READER)) is not shown:
            if time.perf_counter() - started > _PATIENCE_S:
                raise AssertionError(f"a change of {self.source} does not show")
        return time.perf_counter() - started


def _probes() -> Iterator[str]:
    """Texts with a word that no other document has."""
    for trial in range(TRIALS):
        word = hashlib.sha256(str(trial).encode()).hexdigest()[:12]
        yield f"Notice x{word}: the ferry to Inishmore leaves at {trial} minutes past the hour."


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started
