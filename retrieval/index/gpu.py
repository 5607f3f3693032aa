"""Dense search with the vectors on a GPU. Not run yet: no GPU was at hand; the tests run it with a stand-in."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from retrieval.index.dense import Bounds, CpuScan, Scan
from retrieval.index.flat import Best, FlatScan
from retrieval.index.segment import Segment
from retrieval.index.view import SegmentView


class Device(Protocol):
    """What the scan needs of a device: keeping vectors, and the `k` best (at most `most`) of a slice of them."""

    most: int

    def put(self, vectors: NDArray[np.float32]) -> Any: ...
    def search(self, query: NDArray[np.float32], vectors: Any, k: int) -> Best: ...


class FaissGpu:
    """A CUDA device through faiss-gpu and torch."""

    most = 2048  # the largest k of FAISS on GPUs

    def __init__(self, device: str = "cuda:0") -> None:
        import faiss
        import faiss.contrib.torch_utils  # teaches knn_gpu to take tensors

        self._faiss, self._device, self._resources = faiss, device, faiss.StandardGpuResources()

    def put(self, vectors: NDArray[np.float32]) -> Any:
        import torch

        return torch.tensor(vectors, device=self._device)

    def search(self, query: NDArray[np.float32], vectors: Any, k: int) -> Best:
        inner_product = self._faiss.METRIC_INNER_PRODUCT
        scores, rows = self._faiss.knn_gpu(self._resources, self.put(query[None, :]), vectors, k, metric=inner_product)
        return scores[0].cpu().numpy(), rows[0].cpu().numpy()


class GpuScan:
    """A `dense.Scan`: whole ranges on the device, views of more than `most_ranges` on the CPU."""

    def __init__(self, device: Device, *, most_ranges: int = 64, scattered: Scan | None = None) -> None:
        self._device = device
        self._most_ranges = most_ranges
        self._scattered = scattered or CpuScan()
        self._kept: WeakKeyDictionary[Segment, Any] = WeakKeyDictionary()

    def bounds(self, part: SegmentView, query: NDArray[np.float32], k: int) -> Bounds:
        if len(part.starts) > self._most_ranges:
            return self._scattered.bounds(part, query, k)
        if part.segment not in self._kept:
            self._kept[part.segment] = self._device.put(part.segment.vectors)
        flat = FlatScan(self._device.search, self._device.most)
        return Bounds(*flat.bounds(part, query, k, self._kept[part.segment]))
