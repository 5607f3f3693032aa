"""The index on one, two and four hosts of a Ray cluster on this machine, beside one process: the same results, what a
search costs, what each host holds, and what is waited for while a host is lost.

`python -m evals.suites.retrieval.scale.cluster --data DIR --rows 4000000 --shards 1,2,4 --folder FOLDER`. All hosts
share this machine's cores: this shows cost and equality, not that more machines are faster. The folder keeps the
segments, so that a second run need not build them.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import note, say_json
from evals.suites.retrieval.scale.ours import K, milliseconds
from evals.suites.retrieval.scale.rows import Query, Rows, load_passages, queries
from evals.systems.models import Models
from evals.systems.ray_nodes import RayNodes
from infra.settings import load_settings
from retrieval.index.cluster.legs import ClusterLegs
from retrieval.index.find import Found, find
from retrieval.index.segment import Segment, build
from retrieval.index.storage import load, save
from retrieval.index.view import View, make_view
from retrieval.text.terms import terms

SEGMENT_ROWS = 250_000
SHARES = (1.0, 0.1)  # of the documents that are visible, in pieces all over the index
_SEED = 20261201
_HEALING_S = 60.0
Row = dict[str, Any]


def segments(rows: Rows, root: Path, dimension: int) -> list[Segment]:
    """Those of the folder; what is missing is built, document by document in the order of the rows."""
    edges = [int(rows.starts[np.searchsorted(rows.starts, at)]) for at in range(0, rows.count, SEGMENT_ROWS)]
    for number, (first, last) in enumerate(zip(edges, [*edges[1:], rows.count], strict=True)):
        if not (root / _name(number)).is_dir():
            save(build(_name(number), rows.index_rows(first, last), dimension), root)
            note(f"built {last:,} of {rows.count:,} rows")
    return [load(root, _name(number)) for number in range(len(edges))]


def _name(number: int) -> str:
    return f"segment-{number}"


def measured(found: list[Segment], asked: list[Query], counts: list[int], root: Path) -> Row:
    draw = np.random.default_rng(_SEED)
    slots = [[draw.random(len(one.slot_keys)) < share for one in found] for share in SHARES]
    views = {share: make_view(found, chosen, str(share)) for share, chosen in zip(SHARES, slots, strict=True)}
    row: Row = {"rows": sum(map(len, found)), "segments": len(found), "queries": len(asked)}
    expected: dict[float, list[Found]] = {}
    for share, view in views.items():
        _once(view, asked[0])
        spent, expected[share] = [], []
        for query in asked:
            started = time.perf_counter()
            expected[share].append(_once(view, query))
            spent.append(time.perf_counter() - started)
        row[f"one process, {share:.0%}"] = {"visible": view.row_count, **milliseconds(spent)}
    for count in counts:
        with RayNodes.of(count, root) as cluster:
            for share, view in views.items():
                row[f"{count} hosts, {share:.0%}"] = _searched(cluster.legs, view, asked, expected[share])
            row[f"{count} hosts, MiB each"] = _held()
            if count == max(counts) and count > 1:
                row[f"{count} hosts, one lost"] = _lost(cluster, views[0.1], asked, expected[0.1])
        note(f"{count} hosts: {row}")
    return row


def _once(view: View, query: Query) -> Found:
    return find(view, query.vector, terms(query.text), K, threads=1)


def _asked(legs: ClusterLegs, view: View, query: Query) -> Found:
    return legs.find(view, query.vector, terms(query.text), K, lambda leg: None)


def _searched(legs: ClusterLegs, view: View, asked: list[Query], expected: list[Found]) -> Row:
    _asked(legs, view, asked[0])
    spent, other = [], 0
    for query, one in zip(asked, expected, strict=True):
        started = time.perf_counter()
        found = _asked(legs, view, query)
        spent.append(time.perf_counter() - started)
        other += not _same(found, one)
    return {**milliseconds(spent), "other results": other}


def _same(one: Found, other: Found) -> bool:
    columns = "ids", "dense", "sparse", "coverage", "documents"
    told = [[getattr(found, name).tobytes() for name in columns] + [found.floor] for found in (one, other)]
    return told[0] == told[1]


def _lost(cluster: RayNodes, view: View, asked: list[Query], expected: list[Found]) -> Row:
    """Two threads search on while an actor is killed, and then a node: how long they wait, and whether all is right."""
    spent: list[tuple[float, float]] = []
    wrong, failed, over = [0], list[str](), threading.Event()

    def search(at: int) -> None:
        while not over.is_set():
            started = time.monotonic()
            try:
                wrong[0] += not _same(_asked(cluster.legs, view, asked[at]), expected[at])
            except Exception as error:  # noqa: BLE001  counted
                failed.append(str(error))
            spent.append((started, time.monotonic() - started))
            at = (at + 2) % len(asked)

    threads = [threading.Thread(target=search, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    times = {}
    for what, do in (("before", None), ("actor killed", cluster.kill), ("node lost", cluster.lose)):
        times[what] = time.monotonic()
        if do is not None:
            do()
        time.sleep(_HEALING_S / 3)
    over.set()
    for thread in threads:
        thread.join()
    edges = [*times.values(), float("inf")]
    told: Row = {"searches": len(spent), "other results": wrong[0], "failed": len(failed)}
    for what, first, last in zip(times, edges, edges[1:], strict=False):
        mine = [seconds for started, seconds in spent if first <= started < last]
        told[what] = {**milliseconds(mine), "most_ms": round(1000 * max(mine), 1), "searches": len(mine)}
    return told


def _held() -> list[Row]:
    """Of each host's process: what is its own, and what of mapped files it has read or has beside what it read."""
    told = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::_Actor" not in (folder / "cmdline").read_bytes():
                continue
            lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:  # gone
            continue
        kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
        told.append({"own": kib["Anonymous"] // 1024, "mapped": (kib["Rss"] - kib["Anonymous"]) // 1024})
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description="The index on several hosts of one machine.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shards", default="1,2,4")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    embedder = Models(load_settings()).embedder
    passages = load_passages(given.data, embedder)
    asked = queries(passages, embedder, given.queries)
    root = given.folder / f"rows-{given.rows}"
    root.mkdir(parents=True, exist_ok=True)
    found = segments(Rows(passages, given.rows), root, embedder.dimension)
    del passages
    say_json(measured(found, asked, [int(count) for count in given.shards.split(",")], root))


if __name__ == "__main__":
    main()
