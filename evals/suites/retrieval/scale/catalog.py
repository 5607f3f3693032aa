"""How long a view takes when there are millions of documents, after each kind of change; and what it costs in memory.

`python -m evals.suites.retrieval.scale.catalog --documents 10000000`, and `--groups`, by default one for 500 documents.
Each document has one row, a label of one group in most cases and of two in some, and lies in one published segment; the
catalog is a stand-in in memory that answers as PostgreSQL's does, so that the time is that of the index. Every view is
asked for after a change of one document that the asker may read, or of the asker's groups.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.terminal import note, say_json
from evals.suites.retrieval.scale.ours import milliseconds
from retrieval.index.access import AccessIndex
from retrieval.index.segment import TERM, Segment
from retrieval.index.storage import save
from retrieval.protocols import SegmentInfo
from retrieval.types import DOCUMENT, KEY, CatalogChanges, IndexRow, Principal, VersionColumns

SEED = 20261201
SIZES = (1, 50, 500)  # groups of a person
DIMENSION = 1
_TRIALS = 7
Row = dict[str, Any]


@dataclass
class Changing:
    """Implements `retrieval.protocols.Catalog` over columns; only the last change is kept."""

    columns: VersionColumns
    labels: dict[int, frozenset[str]]
    now: int = 0
    _last: tuple[NDArray[np.bytes_], VersionColumns] = field(init=False)

    def generation(self) -> int:
        return self.now

    def changes(self, since: int) -> CatalogChanges:
        if since < 0:
            return CatalogChanges(self.now, True, np.zeros(0, DOCUMENT), self.columns, self.labels)
        documents, columns = self._last
        return CatalogChanges(self.now, False, documents, columns, {})

    def index_rows(self, keys: Sequence[bytes]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        for key in keys:
            yield IndexRow(key.hex()[:32], key, "notice"), np.ones(DIMENSION, np.float32)

    def put(self, key: bytes, label: int) -> None:
        """One version of this document in the place of what it had."""
        self._change(key, _columns(np.array([key], KEY), np.array([label], np.int32)))

    def remove(self, key: bytes) -> None:
        self._change(key, _columns(np.zeros(0, KEY), np.zeros(0, np.int32)))

    def _change(self, key: bytes, columns: VersionColumns) -> None:
        self._last = np.array([key[:16]], DOCUMENT), columns
        self.now += 1


@dataclass
class OneSegment:
    """Implements `retrieval.protocols.SegmentManifest`."""

    infos: list[SegmentInfo]

    def list(self) -> Sequence[SegmentInfo]:
        return self.infos

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        raise NotImplementedError

    def publishing(self) -> AbstractContextManager[bool]:
        return nullcontext(False)


def measured(documents: int, groups: int, root: Path) -> Row:
    keys, catalog = _catalog(documents, groups)
    save(_segment(keys), root)
    note(f"{documents:,} documents, {groups:,} groups")
    empty = _resident_mib()
    index = AccessIndex(catalog, OneSegment([SegmentInfo("all", documents)]), root, dimension=DIMENSION)
    row: Row = {"documents": documents, "groups": groups, "trials": _TRIALS}
    row["opens_seconds"] = round(_timed(lambda: index.view(Principal("nobody"))), 3)
    row["mib_per_million"] = round((_resident_mib() - empty) * 1e6 / documents)
    for size in SIZES:
        row[f"{size} groups"] = _asked(index, catalog, keys, size)
        note(f"{size} groups: {row[f'{size} groups']}")
    row["mib_per_million_at_the_end"] = round((_resident_mib() - empty) * 1e6 / documents)
    return row


def _asked(index: AccessIndex, catalog: Changing, keys: NDArray[np.bytes_], size: int) -> Row:
    """Milliseconds to the view of a person with so many groups, after each kind of change."""
    names = [f"g{number}" for number in range(size)]
    person = Principal("ana", frozenset(names))
    found: Row = {"visible": index.view(person).row_count}
    mine = keys[np.flatnonzero(catalog.columns.labels < size)]
    chosen = [key.ljust(KEY.itemsize, b"\0") for key in mine[: 3 * _TRIALS].tolist()]
    added = [bytes([255]) * 8 + bytes([size % 251]) * 8 + bytes([trial + 1]) * 32 for trial in range(_TRIALS)]
    kinds: dict[str, Iterable[Callable[[], object]]] = {
        "relabelled": [lambda key=key: catalog.put(key, len(catalog.labels) - 1) for key in chosen[:_TRIALS]],  # type: ignore[misc]
        "deleted": [lambda key=key: catalog.remove(key) for key in chosen[_TRIALS : 2 * _TRIALS]],  # type: ignore[misc]
        "added": [lambda key=key: catalog.put(key, 0) for key in added],  # type: ignore[misc]
    }
    for kind, changes in kinds.items():
        spent = []
        for change in changes:
            change()
            spent.append(_timed(lambda: index.view(person)))
        found[kind] = milliseconds(spent)
    joined = [Principal("ana", frozenset({*names[1:], f"g{size + trial}"})) for trial in range(_TRIALS)]
    found["groups changed"] = milliseconds([_timed(lambda one=one: index.view(one)) for one in joined])  # type: ignore[misc]
    return found


def _catalog(documents: int, groups: int) -> tuple[NDArray[np.bytes_], Changing]:
    random = np.random.default_rng(SEED)
    keys = np.frombuffer(random.bytes(documents * KEY.itemsize), KEY)
    labels = random.integers(0, groups, documents).astype(np.int32)
    shared = random.random(documents) < 0.1
    labels[shared] += groups  # g7 and its neighbour
    names = {number: frozenset({f"group:g{number}"}) for number in range(groups)}
    names |= {groups + at: frozenset({f"group:g{at}", f"group:g{(at + 1) % groups}"}) for at in range(groups)}
    return keys, Changing(_columns(keys, labels), names)


def _columns(keys: NDArray[np.bytes_], labels: NDArray[np.int32]) -> VersionColumns:
    ones = np.ones(len(keys), np.int32)
    return VersionColumns(keys, labels, labels, ones, ones, np.ones(len(keys), np.bool_))


def _segment(keys: NDArray[np.bytes_]) -> Segment:
    """One row for each key, all with one word."""
    count = len(keys)
    rows = np.arange(count)
    return Segment(
        name="all",
        vectors=np.ones((count, DIMENSION), np.float32),
        codes=np.ones((count, DIMENSION), np.int8),
        scales=np.ones(count, np.float32),
        errors=np.zeros(count, np.float32),
        chunk_ids=np.frombuffer(keys.tobytes(), "S16").reshape(count, 3)[:, 1].astype("S32"),
        lengths=np.ones(count, np.int32),
        slot_keys=keys.copy(),
        slot_starts=np.arange(count + 1),
        slot_terms=np.ones(count, np.int64),
        vocabulary=np.array([b"notic"], TERM),
        offsets=np.array([0, count]),
        rows=rows.astype(np.int32),
        frequencies=np.ones(count, np.uint16),
    )


def _resident_mib() -> float:
    """Of this process alone: mapped files, which the system may take back at any time, are left out."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where the segment is written meanwhile")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        say_json(measured(given.documents, given.groups or max(1000, given.documents // 500), Path(folder)))


if __name__ == "__main__":
    main()
