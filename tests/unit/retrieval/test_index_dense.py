"""Dense search over a view: whatever the first pass, no row that belongs to the answer is missed, none is hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.index.codes import quantise_query
from retrieval.index.dense import CpuScan, Scan, exact, nearest
from retrieval.index.flat import faiss_knn
from retrieval.index.gpu import GpuScan
from retrieval.index.kernels.shortlist import kth_largest
from retrieval.index.segment import Segment, build
from retrieval.index.view import View, make_view
from retrieval.index.workers import shares
from retrieval.types import IndexRow


class MainMemory:
    """Stands in for a GPU: FAISS on the CPU over copies, with the same limit on k."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.puts = 0

    def put(self, vectors: NDArray[np.float32]) -> Any:
        self.puts += 1
        return vectors.copy()

    def search(self, query: NDArray[np.float32], vectors: Any, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        assert k <= self.most
        return faiss_knn(query, vectors, k)


FLAT = CpuScan(flat_rows=10**9, flat_ranges=10**9)
CODES = CpuScan(flat_rows=0)
SCANS: dict[str, Scan] = {
    "flat": FLAT,
    "codes": CODES,
    "device": GpuScan(MainMemory(2048), most_ranges=10**9),
    "device with a small k": GpuScan(MainMemory(16), most_ranges=10**9),
    "device and scattered": GpuScan(MainMemory(16), most_ranges=1),
}


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def tied(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    """Few distinct values, so that many scores tie."""
    return unit(np.random.default_rng(seed).integers(-1, 2, (count, dimension)) + 0.25)


def spread(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    """Around one direction, as embeddings of one language are."""
    return unit(np.random.default_rng(seed).standard_normal((count, dimension)) + 1.5)


def segment(name: str, vectors: NDArray[np.float32], rows_a_version: int = 5) -> Segment:
    rows = [
        (IndexRow(f"{name}{at}".rjust(32, "0"), f"{name}{at // rows_a_version}".encode().ljust(48, b"-"), ""), vector)
        for at, vector in enumerate(vectors)
    ]
    return build(name, rows, vectors.shape[1])


def view_of(segments: list[Segment], share: float, seed: int = 0) -> View:
    draw = np.random.default_rng(seed)
    return make_view(segments, [draw.random(len(segment.slot_keys)) < share for segment in segments], "d")


def brute_force(view: View, query: NDArray[np.float32]) -> dict[tuple[int, int], float]:
    return {
        (at, int(row)): float(part.segment.vectors[row].astype(np.float64) @ query.astype(np.float64))
        for at, part in enumerate(view.segments)
        for row in np.flatnonzero(part.mask)
    }


def assert_complete(view: View, query: NDArray[np.float32], k: int, scan: Scan) -> int:
    """Everything down to the k-th best score is found, and nothing hidden; how many rows were looked at exactly."""
    found = {
        (at, int(row)): float(score)
        for at, (rows, scores) in enumerate(nearest(view, query, k, scan))
        for row, score in zip(rows, scores, strict=True)
    }
    wanted = brute_force(view, query)
    threshold = sorted(wanted.values(), reverse=True)[: k or 1][-1]
    assert {place for place, score in wanted.items() if score >= threshold - 1e-15} <= found.keys()
    assert found.keys() <= wanted.keys()
    assert all(abs(score - wanted[place]) < 1e-13 for place, score in found.items())
    return len(found)


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("k", [1, 7, 50, 400])
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_nearest_holds_the_exact_top_k_with_all_ties(name: str, k: int, share: float) -> None:
    view = view_of([segment(name, tied(300, 3, seed)) for seed, name in enumerate("ab")], share)
    assert_complete(view, tied(1, 3, 9)[0], k, SCANS[name])


@pytest.mark.parametrize("name", SCANS)
def test_nearest_among_duplicates(name: str) -> None:
    view = view_of([segment("a", np.repeat(spread(3, 16, 0), 1500, axis=0))], 1.0)
    assert_complete(view, spread(1, 16, 5)[0], 20, SCANS[name])


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("seed", range(3))
def test_nearest_among_rows_that_float32_cannot_tell_apart(name: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    vectors = np.repeat(spread(1, 64, seed), 600, axis=0)
    vectors += (draw.standard_normal(vectors.shape) * 2e-8).astype(np.float32)
    assert_complete(view_of([segment("a", vectors)], 1.0), spread(1, 64, seed + 9)[0], 20, SCANS[name])


@pytest.mark.parametrize("dimension", [1, 3, 8, 31, 64, 384, 1030])
def test_codes_find_what_brute_force_finds_and_look_at_few_rows(dimension: int) -> None:
    view = view_of([segment("a", spread(3000, dimension, 1)), segment("b", spread(70, dimension, 2))], 0.7)
    for seed in range(5):
        looked_at = assert_complete(view, spread(1, dimension, 10 + seed)[0], 10, CODES)
        assert looked_at < 400 or dimension < 8


@pytest.mark.parametrize("name", SCANS)
def test_thousands_of_tiny_ranges(name: str) -> None:
    view = view_of([segment("a", spread(6000, 8, 3), rows_a_version=1)], 0.5)
    assert len(view.segments[0].starts) > 1000
    assert_complete(view, spread(1, 8, 4)[0], 100, SCANS[name])


@pytest.mark.parametrize("length", [1e-20, 1.0, 37.0, 1e15])
def test_codes_bound_the_scores_of_vectors_and_queries_of_any_length(length: float) -> None:
    vectors = spread(500, 24, 5) * np.float32(length)
    query = spread(1, 24, 6)[0] * np.float32(length)
    (part,) = view_of([segment("a", vectors)], 1.0).segments
    rows, lower, upper = CODES.bounds(part, query, 500)
    scores = exact(vectors, rows, query)
    assert len(rows) == 500
    assert ((lower <= scores) & (scores <= upper)).all()
    assert (upper - lower < 0.05 * length * length).all()


def test_a_query_of_zeros_ties_with_everything() -> None:
    view = view_of([segment("a", spread(2000, 8, 3))], 1.0)
    assert assert_complete(view, np.zeros(8, np.float32), 10, CODES) == 2000


def test_the_longest_sum_of_products_stays_inside_int32() -> None:
    for dimension in (1, 384, 1024, 100_000):
        codes = quantise_query(np.ones(dimension, np.float32)).codes
        assert 127 * int(np.abs(codes.astype(np.int64)).sum()) < 2**31


@pytest.mark.parametrize("threads", [2, 3, 4])
def test_threads_share_the_rows_and_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.workers._ROWS_WORTH_A_THREAD", 7)
    for share in (1.0, 0.4):
        view = view_of([segment(name, tied(400, 4, seed)) for seed, name in enumerate("ab")], share)
        assert_complete(view, tied(1, 4, 9)[0], 30, CpuScan(threads, flat_rows=0))


def test_the_device_keeps_the_vectors_of_a_segment() -> None:
    device = MainMemory(2048)
    view = view_of([segment("a", spread(50, 8, 0)), segment("b", spread(50, 8, 1))], 1.0)
    scan = GpuScan(device)
    for _ in range(3):
        assert_complete(view, spread(1, 8, 2)[0], 5, scan)
    assert device.puts == 2


@pytest.mark.parametrize("values", [50, 3, 1])
def test_the_kth_largest_value(values: int) -> None:
    for seed in range(20):
        numbers = np.random.default_rng(seed).integers(0, values, 37).astype(np.float64)
        descending = sorted(numbers, reverse=True)
        assert [kth_largest(numbers, k) for k in range(1, 38)] == descending


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 50])
def test_shares_are_all_rows_in_order_and_about_equal(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.workers._ROWS_WORTH_A_THREAD", 2)
    for sizes in ([20], [1] * 20, [4, 1, 5, 10], [10, 10], [5, 5, 5, 5], [19, 1]):
        stops = np.cumsum(np.array(sizes) + 3)
        starts = stops - sizes
        parts = shares(starts, stops, threads)
        rows = [[row for start, stop in zip(*part, strict=True) for row in range(start, stop)] for part in parts]
        assert [row for part in rows for row in part] == [
            row for start, stop in zip(starts, stops, strict=True) for row in range(start, stop)
        ]
        assert all((begins < ends).all() for begins, ends in parts)
        assert len(parts) == min(threads, 10)
        assert {len(part) for part in rows} <= {20 // len(parts), 20 // len(parts) + 1}


def test_nearest_of_an_empty_view_is_empty() -> None:
    assert nearest(make_view([], [], ""), np.ones(3, np.float32), 5, CpuScan()) == []


def test_exact_scores_do_not_depend_on_the_neighbours() -> None:
    vectors = spread(200, 387, 0)
    together = exact(vectors, np.arange(200), vectors[7])
    alone = np.array([exact(vectors[at : at + 1].copy(), np.zeros(1, np.int64), vectors[7])[0] for at in range(200)])
    assert (together == alone).all()
    np.testing.assert_allclose(together, vectors.astype(np.float64) @ vectors[7].astype(np.float64), rtol=1e-13)
