"""Who may see which rows: the first of the two enforcers (the second is row-level security in the store)."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexUnavailable
from retrieval.index.compaction import LARGEST_ROWS, cut, layout, pieces, to_rewrite
from retrieval.index.merge import merge
from retrieval.index.places import Part, Places
from retrieval.index.segment import Segment, build
from retrieval.index.snapshot import IndexStatus, Labels, Snapshot
from retrieval.index.storage import discard_unfinished, load, save, verify
from retrieval.index.versions import ChangingTable, KeyNumbers, VersionTable
from retrieval.index.view import View
from retrieval.protocols import Catalog, SegmentInfo, SegmentManifest
from retrieval.types import KEY, IndexRow, Principal

_BATCH_ROWS = 100_000  # a larger backlog is indexed, and published, in segments of about this size
_NUMBERS_KEPT = 100_000  # of keys that are gone
_ORPHAN_S = 600.0
_SEGMENT = "segment-"

Row = tuple[IndexRow, NDArray[np.float32]]


class AccessIndex:
    """The index as each principal sees it, never behind the catalog.

    Every call of `view` reads the catalog's generation first, so that an added, deleted or revoked document
    counts from the next query on. Versions that no published segment holds yet are indexed in memory.
    The whole is a function of the catalog: segments on disk are only a faster way to it.
    """

    def __init__(
        self,
        catalog: Catalog,
        manifest: SegmentManifest,
        root: Path,
        *,
        dimension: int,
        largest_rows: int = LARGEST_ROWS,
    ) -> None:
        self._catalog = catalog
        self._manifest = manifest
        self._root = root
        self._dimension = dimension
        self._largest = largest_rows  # of a segment: what one host of a cluster searches at least
        self._lock = threading.Lock()  # held while the next snapshot is made; searches in the last one go on
        self._snapshot = Snapshot()
        self._numbers = KeyNumbers()
        self._distrusted: frozenset[str] = frozenset()
        self._waiting_since = 0.0

    def view(self, principal: Principal, as_of: date | None = None, groups: frozenset[str] | None = None) -> View:
        """Everything this principal may search, now: current versions or, with a day, those in force then. With
        `groups`, only documents whose label names one of these; only the principal's own count."""
        named = None if groups is None else frozenset(f"group:{group}" for group in groups)
        return self._now().view(principal.tokens, as_of, named)

    def without(self, names: Iterable[str]) -> None:
        """These segments are not to be used any more, as if they were damaged: until the next writing their rows are
        indexed in memory, from the catalog. Those that are no longer in the list are left out anyway."""
        with self._lock:
            self._distrusted |= frozenset(names)
            self._advance()

    def status(self) -> IndexStatus:
        return self._now(listed=True).status()

    def due(self, rows: int, seconds: float) -> bool:
        """Whether to publish: so many rows are in memory only, some for so long, or a segment is mostly dead."""
        snapshot = self._now(listed=True)
        waiting = snapshot.memory_rows
        old = waiting > 0 and time.monotonic() - self._waiting_since >= seconds
        return waiting >= rows or old or bool(snapshot.damaged) or bool(self._chosen(snapshot, fresh=0))

    def publish(self) -> bool:
        """Writes what is indexed in memory only, merged with segments that are small or mostly dead.

        False if another process is publishing, which may not have had the newest rows. Searches go on meanwhile, and
        as before if it fails: `DiskFull` where there is no room.
        """
        with self._manifest.publishing() as mine:
            if mine:
                self._publish(whole=False)
        return mine

    def compact(self) -> bool:
        """Writes all living rows anew, laid out by today's labels, and damaged segments from the catalog.

        Nothing of deleted documents is in the segments then. False as in `publish`.
        """
        with self._manifest.publishing() as mine:
            if mine:
                self._distrusted = frozenset(self.verify())
                self._publish(whole=True)
        return mine

    def verify(self) -> dict[str, str]:
        """Reads every byte of the published segments: what is wrong with those that are damaged, by name."""
        problems = {}
        for info in self._manifest.list():
            try:
                verify(self._root, info.name)
            except IndexUnavailable as error:
                problems[info.name] = str(error)
        listed = {info.name for info in self._manifest.list()}  # another process may have replaced some meanwhile
        return {name: problem for name, problem in problems.items() if name in listed}

    def _now(self, *, listed: bool = False) -> Snapshot:
        """A snapshot not behind the catalog at the time of the call and, if `listed`, of today's segments."""
        generation = self._catalog.generation()
        if self._snapshot.generation == generation and not listed:
            return self._snapshot
        with self._lock:
            names = {info.name for info in self._manifest.list()} if listed else self._snapshot.listed
            if not self._follows(generation) or self._snapshot.listed != names:
                self._advance()
            return self._snapshot

    def _follows(self, generation: int) -> bool:
        """Whether the last snapshot has all that the catalog had at this generation: another thread may have been
        faster; but a restored backup is not the catalog that was followed."""
        last = self._snapshot.generation
        return last == generation or generation < last <= self._catalog.generation()

    def _advance(self, *, spill: bool = False) -> Snapshot:
        """Makes the next snapshot; under the lock. With `spill`, who may publish writes a large backlog to the disk."""
        last = self._snapshot
        waited = last.memory_rows > 0
        while True:
            generation, table, labels, known = self._followed(last)
            published, damaged = self._published([part for part in known if part.published])
            places = last.places if last.places.are_of(published) else Places.of(published)
            missing = table.living(len(self._numbers))
            missing[: len(places)][places.held] = False
            memory = [part for part in known if not part.published and missing[part.key_numbers].any()]
            for part in memory:
                missing[part.key_numbers] = False
            for segment in self._indexed(labels, *table.rows_with(missing)) if missing.any() else ():
                spills = spill and len(segment) >= _BATCH_ROWS
                part = self._spilled(segment) if spills else self._part(segment)
                missing[part.key_numbers] = False
                (published if spills else memory).append(part)
            places = places if places.are_of(published) else Places.of(published)
            parts = (*published, *memory)
            last = Snapshot(generation, table, labels, parts, damaged, len(self._numbers), places)
            if not missing.any() or self._catalog.generation() == generation:  # else a document went while it was read
                break
        self._snapshot = self._with_few_parts(last)
        if not waited:
            self._waiting_since = time.monotonic()
        return self._snapshot

    def _followed(self, last: Snapshot) -> tuple[int, ChangingTable, Labels, Sequence[Part]]:
        """Generation, versions and labels of the catalog as it is now, and the parts of `last`."""
        table, parts = last.table, last.parts
        if len(self._numbers) > 2 * len(table) + _NUMBERS_KEPT:
            self._numbers = KeyNumbers()
            table = ChangingTable.of(VersionTable.of(table.whole.columns, self._numbers))
            parts = tuple(self._part(part.segment, published=part.published) for part in parts)
        changes = self._catalog.changes(last.generation)
        if changes.generation < last.generation:  # a backup was restored
            changes = self._catalog.changes(-1)
        if changes.complete:
            table = ChangingTable.of(VersionTable.of(changes.versions, self._numbers))
            return changes.generation, table, Labels.of(changes.labels), parts
        table = table.replaced(changes.documents, changes.versions, self._numbers)
        return changes.generation, table, last.labels.joined(changes.labels), parts

    def _published(self, known: Sequence[Part]) -> tuple[list[Part], tuple[str, ...]]:
        """The listed segments, and the names of those that cannot be opened: their rows are indexed again."""
        opened = {part.segment.name: part for part in known if part.segment.name not in self._distrusted}
        while True:
            names = [info.name for info in self._manifest.list()]
            damaged = []
            for name in names:
                try:
                    if name in self._distrusted:
                        damaged.append(name)
                    elif name not in opened:
                        opened[name] = self._part(load(self._root, name), published=True)
                except IndexUnavailable:
                    damaged.append(name)
            if not damaged or {info.name for info in self._manifest.list()}.issuperset(damaged):
                return [opened[name] for name in names if name in opened], tuple(damaged)

    def _indexed(self, labels: Labels, table: VersionTable, rows: NDArray[np.int64]) -> Iterator[Segment]:
        """New segments of these rows of the table."""
        ordered = table.columns.keys[rows[layout(table, labels.names, table.key_numbers[rows])]]
        keys = [key.ljust(KEY.itemsize, b"\0") for key in ordered.tolist()]
        if keys:
            for batch in _batches(self._catalog.index_rows(keys), _BATCH_ROWS):
                yield build(_new_name(), batch, self._dimension)

    def _part(self, segment: Segment, *, published: bool = False) -> Part:
        return Part(segment, self._numbers.of(segment.slot_keys), published)

    def _spilled(self, segment: Segment) -> Part:
        save(segment, self._root)
        self._manifest.replace((), SegmentInfo(segment.name, len(segment)))
        return self._part(load(self._root, segment.name), published=True)

    def _with_few_parts(self, snapshot: Snapshot) -> Snapshot:
        """Merges small segments in memory, so that a search looks into few."""
        memory = [at for at, part in enumerate(snapshot.parts) if not part.published]
        if len(memory) < 2:
            return snapshot
        sizes = [len(snapshot.parts[at].segment) for at in memory]
        counts = [np.diff(snapshot.parts[at].segment.slot_starts) for at in memory]
        living = [int(count[held].sum()) for count, held in zip(counts, snapshot.memory_slots, strict=True)]
        merged = to_rewrite(sizes[:-1], living[:-1], sizes[-1], small=0, largest=self._largest)
        if not merged:
            return snapshot
        chosen = [*(memory[at] for at in merged), memory[-1]]
        parts = [part for at, part in enumerate(snapshot.parts) if at not in chosen]
        held = dict(zip(memory, snapshot.memory_slots, strict=True))
        slots = [(snapshot.parts[at].segment, slot) for at in chosen for slot in np.flatnonzero(held[at]).tolist()]
        if slots:
            parts.append(self._part(merge(_new_name(), slots)))
        return replace(snapshot, parts=tuple(parts))

    def _publish(self, *, whole: bool) -> None:
        discard_unfinished(self._root)
        with self._lock:
            snapshot = self._advance(spill=True)
        waiting = [at for at, part in enumerate(snapshot.parts) if not part.published]
        published = len(snapshot.parts) - len(waiting)
        chosen = list(range(published)) if whole else self._chosen(snapshot, snapshot.memory_rows)
        removed = [*(snapshot.parts[at].segment.name for at in chosen), *snapshot.damaged]
        if waiting or removed:
            self._rewrite(snapshot, [*chosen, *waiting], removed)
            with self._lock:
                self._advance()
        self._sweep(removed)

    def _chosen(self, snapshot: Snapshot, fresh: int) -> list[int]:
        """Which published parts to write anew together with that many new rows."""
        sizes = [len(part.segment) for part in snapshot.parts if part.published]
        return to_rewrite(sizes, snapshot.living_rows[: len(sizes)], fresh, largest=self._largest)

    def _rewrite(self, snapshot: Snapshot, chosen: Sequence[int], removed: Sequence[str]) -> None:
        """Puts what is in use of the chosen parts into new segments, in the place of the `removed` ones."""
        slots, counts = pieces(snapshot, chosen)
        added: SegmentInfo | None = None
        for group in cut(counts, self._largest):
            if added is not None:
                self._manifest.replace((), added)
            segment = merge(_new_name(), slots[group], self._root)
            added = SegmentInfo(segment.name, len(segment))
        self._manifest.replace(removed, added)

    def _sweep(self, removed: Sequence[str]) -> None:
        """Deletes the removed folders, and those that a kill left behind: old, and in no list. Other indexes have
        folders of their own in this one."""
        known = {info.name for info in self._manifest.list()}
        for folder in self._root.glob(f"{_SEGMENT}*"):
            if folder.name in removed or (folder.name not in known and _age_s(folder) > _ORPHAN_S):
                shutil.rmtree(folder, ignore_errors=True)


def _batches(rows: Iterable[Row], limit: int) -> Iterator[Iterator[Row]]:
    """Cuts rows, which come grouped by key, into runs of at least `limit`, never within a key."""
    groups = (group for _, group in groupby(rows, key=lambda row: row[0].version_key))

    def run(group: Iterable[Row]) -> Iterator[Row]:
        count = 0
        while True:
            for row in group:
                count += 1
                yield row
            following = next(groups, None) if count < limit else None
            if following is None:
                return
            group = following

    for first in groups:
        yield run(first)


def _new_name() -> str:
    return f"{_SEGMENT}{uuid.uuid4().hex}"


def _age_s(folder: Path) -> float:
    """Seconds since the folder changed; 0 if another process has just renamed or removed it."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
