"""Who may see which rows: the first of the two enforcers (the second is row-level security in the store)."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path

from retrieval.errors import IndexUnavailable
from retrieval.index.segment import Segment, build, load, save
from retrieval.index.view import View, make_view
from retrieval.protocols import Catalog, SegmentInfo, SegmentManifest
from retrieval.types import Principal, VersionRef

_VIEWS_KEPT = 128
_SEGMENTS_KEPT = 8
_ORPHAN_S = 600.0


def visible(versions: Iterable[VersionRef], principal: Principal) -> list[VersionRef]:
    """The versions whose access label names this principal."""
    tokens = principal.tokens
    return [version for version in versions if not tokens.isdisjoint(version.allow)]


class AccessIndex:
    """The index as each principal sees it, never behind the catalog.

    Every call of `view` reads the catalog's generation first, so that an added, deleted or revoked document
    counts from the next query on. Versions that no published segment holds yet are indexed in memory.
    The whole is a function of the catalog: segments on disk are only a faster way to it.
    """

    def __init__(self, catalog: Catalog, manifest: SegmentManifest, root: Path, *, dimension: int) -> None:
        self._catalog = catalog
        self._manifest = manifest
        self._root = root
        self._dimension = dimension
        self._lock = threading.Lock()
        self._generation = -1
        self._versions: Sequence[VersionRef] = ()
        self._segments: list[Segment] = []
        self._views: OrderedDict[frozenset[str], View] = OrderedDict()

    def view(self, principal: Principal) -> View:
        """Everything this principal may search, now."""
        with self._lock:
            self._refresh()
            view = self._views.get(principal.tokens)
            if view is None:
                view = make_view(self._segments, (version.key for version in visible(self._versions, principal)))
                self._views[principal.tokens] = view
                if len(self._views) > _VIEWS_KEPT:
                    self._views.popitem(last=False)
            self._views.move_to_end(principal.tokens)
            return view

    def publish(self) -> None:
        """Writes what is indexed in memory only as a segment; merges all into one when there are too many."""
        with self._lock:
            self._refresh()
            published = {info.name: self._published(info.name) for info in self._manifest.list()}
            live = {version.key for version in self._versions}
            dead = sum(len(segment.spans.keys() - live) for segment in published.values())
            merge = len(published) >= _SEGMENTS_KEPT or dead > len(live)
            stale = [name for name, segment in published.items() if merge or not len(segment)]
            held = {key for name, segment in published.items() if name not in stale for key in segment.spans}
            fresh = [version for version in self._versions if version.key not in held]
            if fresh or stale:
                segment = self._build(f"segment-{uuid.uuid4().hex}", fresh)
                save(segment, self._root)
                self._manifest.replace(stale, SegmentInfo(segment.name, tuple(segment.spans)))
                self._generation = -1
                self._refresh()
                self._sweep(stale)

    def _published(self, name: str) -> Segment:
        """The segment as this process holds it; empty if it could not be opened."""
        return next((segment for segment in self._segments if segment.name == name), build(name, (), self._dimension))

    def _sweep(self, stale: Sequence[str]) -> None:
        """Removes the stale folders, and those that a kill left behind: old, and in no manifest."""
        known = {info.name for info in self._manifest.list()}
        for folder in self._root.iterdir():
            if folder.name in stale or (folder.name not in known and _age_s(folder) > _ORPHAN_S):
                shutil.rmtree(folder, ignore_errors=True)

    def _refresh(self) -> None:
        if self._catalog.generation() == self._generation:
            return
        generation, versions = self._catalog.versions()
        loaded = {segment.name: segment for segment in self._segments}
        segments = [loaded.get(info.name) or self._load(info.name) for info in self._manifest.list()]
        held = {key for segment in segments for key in segment.spans}
        live = {version.key for version in versions}
        kept = [segment for segment in self._segments if segment.name.startswith("memory-")]
        kept = [segment for segment in kept if not held.issuperset(segment.spans.keys() & live)]
        if len(kept) < _SEGMENTS_KEPT:  # else they are indexed again as one
            segments.extend(kept)
            held.update(key for segment in kept for key in segment.spans)
        missing = [version for version in versions if version.key not in held]
        if missing:
            segments.append(self._build(f"memory-{generation}", missing))
        self._segments = [segment for segment in segments if len(segment)]
        self._versions = versions
        self._generation = generation
        self._views.clear()

    def _load(self, name: str) -> Segment:
        try:
            return load(self._root, name)
        except IndexUnavailable:
            return build(name, (), self._dimension)  # its versions count as missing and are indexed again

    def _build(self, name: str, versions: Sequence[VersionRef]) -> Segment:
        """Rows of one access label lie side by side, so that a principal's view is few ranges."""
        ordered = sorted(versions, key=lambda version: (sorted(version.allow), version.key))
        return build(name, self._catalog.index_rows([version.key for version in ordered]), self._dimension)


def _age_s(folder: Path) -> float:
    """Seconds since the folder changed; 0 if another process has just renamed or removed it."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
