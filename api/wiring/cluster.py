"""The index over a cluster: what each host runs, and the search that asks them."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from infra.settings import Settings
from retrieval.errors import IndexUnavailable, SegmentMissing
from retrieval.index.cluster.gathering import Gathering, Patience
from retrieval.index.cluster.legs import ClusterLegs
from retrieval.index.cluster.shard import Shard
from retrieval.index.segment import Segment
from retrieval.index.storage import load
from retrieval.index.workers import thread_count


def legs(settings: Settings, segments: Path, closing: ExitStack) -> ClusterLegs:
    """`segments`: the folder of all indexes as this machine sees it."""
    from infra.cluster.ray_hosts import RayHosts

    hosts = RayHosts(partial(shard, settings.cluster_segments or segments), address=settings.cluster)
    closing.callback(hosts.close)
    patience = Patience(settings.cluster_copies, settings.cluster_hedge_s, settings.cluster_wait_s)
    return ClusterLegs(Gathering(hosts, patience))


def shard(segments: Path) -> Shard:
    """Over the segments in a folder that all hosts see, those of the usual index and of those beside it."""

    def opened(name: str) -> Segment:
        folders = [segments, *segments.glob("beside-*")]
        root = next((folder for folder in folders if (folder / name).is_dir()), segments)
        try:
            return load(root, name)
        except IndexUnavailable as error:
            raise SegmentMissing(str(error), (name,)) from error

    return Shard(opened, threads=thread_count())
