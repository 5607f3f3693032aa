"""The index over a cluster: what each host runs, and the search that asks them."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import IndexUnavailable, SegmentMissing
from retrieval.index.cluster.shard import Shard
from retrieval.index.segment import Segment
from retrieval.index.storage import load


def shard(root: Path, threads: int = 1) -> Shard:
    """Over the segments in a folder that all hosts see."""

    def opened(name: str) -> Segment:
        try:
            return load(root, name)
        except IndexUnavailable as error:
            raise SegmentMissing(str(error), (name,)) from error

    return Shard(opened, threads=threads)
