"""Both legs together: the exact top k of each, and a function of the visible rows and the query alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from rank_bm25 import BM25Plus

from retrieval.index.dense import CpuScan
from retrieval.index.find import Found, find
from retrieval.index.merge import merge
from retrieval.index.segment import Segment, build
from retrieval.index.view import View, make_view
from retrieval.text.terms import terms
from retrieval.types import IndexRow

WORDS = "rent fee notice kestrel clause term party lease deposit repair".split()
QUESTION = ["fee", "kestrel", "fee", "absent", "lease"]
Row = tuple[IndexRow, NDArray[np.float32]]


def versions(count: int, seed: int = 0) -> list[list[Row]]:
    """Versions of 1 to 6 rows; many rows have the same vector, words and length as others, so both legs tie."""
    draw = np.random.default_rng(seed)
    result = []
    for version in range(count):
        key = f"{seed}:{version}".encode().ljust(48, b"-")
        rows = []
        for at in range(draw.integers(1, 7)):
            vector = draw.integers(-1, 2, 5) + 0.25
            text = " ".join(draw.choice(WORDS[: 3 + version % 8], draw.integers(1, 5)))
            chunk_id = draw.bytes(16).hex()
            rows.append((IndexRow(chunk_id, key, text), (vector / np.linalg.norm(vector)).astype(np.float32)))
            assert at < 7
        result.append(rows)
    return result


def view_of(groups: list[list[list[Row]]], hidden: list[list[Row]] | None = None) -> View:
    """One segment for each group of versions; the hidden versions lie among those of the first."""
    segments, slots = [], []
    for at, group in enumerate(groups):
        mixed = [(version, True) for version in group]
        for place, version in enumerate(hidden or [] if at == 0 else []):
            mixed.insert(3 * place, (version, False))
        segments.append(build(f"s{at}", [row for version, _ in mixed for row in version], 5))
        slots.append(np.array([seen for _, seen in mixed], np.bool_))
    return make_view(segments, slots, "d")


def assert_same(one: Found, other: Found) -> None:
    assert one.ids.tolist() == other.ids.tolist()
    assert one.documents.tolist() == other.documents.tolist()
    assert one.dense.tolist() == other.dense.tolist()  # bit for bit
    assert one.sparse.tolist() == other.sparse.tolist()
    assert one.floor == other.floor


VECTOR = (np.array([1, 2, -1, 0.5, 0.25]) / np.linalg.norm([1, 2, -1, 0.5, 0.25])).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5, 30, 1000])
def test_the_union_of_both_exact_heads_with_ties_by_content_id(k: int) -> None:
    content = versions(60)
    rows = [row for version in content for row in version]
    ids = np.array([row.chunk_id.encode() for row, _ in rows])
    dense = np.array([vector.astype(np.float64) @ VECTOR.astype(np.float64) for _, vector in rows])
    sparse = np.array(BM25Plus([terms(row.indexed_text) for row, _ in rows]).get_scores(QUESTION))
    matched = [bool(set(terms(row.indexed_text)) & set(QUESTION)) for row, _ in rows]

    found = find(view_of([content]), VECTOR, QUESTION, k)

    by_dense = sorted(range(len(rows)), key=lambda at: (-round(dense[at], 12), ids[at]))[:k]
    by_sparse = sorted((at for at in range(len(rows)) if matched[at]), key=lambda at: (-round(sparse[at], 9), ids[at]))
    wanted = sorted({*by_dense, *by_sparse[:k]}, key=lambda at: ids[at])
    assert found.ids.tolist() == [ids[at] for at in wanted]
    assert found.documents.tolist() == [rows[at][0].version_key[:16] for at in wanted]
    np.testing.assert_allclose(found.dense, dense[wanted], rtol=1e-12)
    np.testing.assert_allclose(found.sparse, sparse[wanted], rtol=1e-9)
    assert (found.sparse > found.floor).tolist() == [matched[at] for at in wanted]


@pytest.mark.parametrize("k", [1, 10, 100])
def test_hidden_rows_segments_order_and_merges_change_nothing(k: int) -> None:
    content, hidden = versions(60), versions(40, seed=1)
    alone = find(view_of([content]), VECTOR, QUESTION, k)
    parts: list[Segment] = [build(str(at), [row for v in content[at::3] for row in v], 5) for at in range(3)]
    pieces = [(part, slot) for part in parts for slot in reversed(range(len(part.slot_keys)))]
    merged = merge("m", pieces)
    others = [
        view_of([content], hidden),
        view_of([content[:7], content[7:8], content[8:]], hidden),
        view_of([content[::-1]], hidden),
        make_view(parts, [np.ones(len(part.slot_keys), np.bool_) for part in parts], "d"),
        make_view([merged], [np.ones(len(merged.slot_keys), np.bool_)], "d"),
    ]
    for view in others:
        assert_same(find(view, VECTOR, QUESTION, k), alone)
        assert_same(find(view, VECTOR, QUESTION, k, scan=CpuScan(flat_rows=0)), alone)


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
@pytest.mark.parametrize("seek", [0, 10**9])  # always by range; never
@pytest.mark.parametrize("mostly", [0.0, 1.0])  # hidden postings scored and left out; dropped first
def test_plans_and_threads_change_nothing(
    threads: int, seek: int, mostly: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, hidden = versions(80), versions(20, seed=1)
    alone = find(view_of([content]), VECTOR, QUESTION, 20, threads=1)
    monkeypatch.setattr("retrieval.index.workers._ROWS_WORTH_A_THREAD", 9)
    monkeypatch.setattr("retrieval.index.sparse._SEEK", seek)
    monkeypatch.setattr("retrieval.index.sparse._MOSTLY", mostly)
    assert_same(find(view_of([content[:60], content[60:]], hidden), VECTOR, QUESTION, 20, threads=threads), alone)


def test_a_view_within_documents_is_searched_as_if_there_were_no_others() -> None:
    content = versions(30)
    view = view_of([content])
    chosen = view.within(view.segments[0].segment.slot_documents[4:9])
    assert_same(find(chosen, VECTOR, QUESTION, 10), find(view_of([content[4:9]]), VECTOR, QUESTION, 10))


def test_nothing_to_find() -> None:
    for view in (make_view([], [], "d"), view_of([versions(3)]).within(np.zeros(0, "S16"))):
        found = find(view, VECTOR, QUESTION, 10)
        assert (len(found.ids), len(found.dense), len(found.sparse), len(found.documents)) == (0, 0, 0, 0)
        assert found.floor == 0.0
    no_terms = find(view_of([versions(3)]), VECTOR, [], 2)
    assert len(no_terms.ids) == 2
    assert (no_terms.sparse == no_terms.floor).all()


def test_of_many_rows_that_tie_the_smallest_ids_are_taken() -> None:
    draw = np.random.default_rng(0)
    ids = [draw.bytes(16).hex() for _ in range(5000)]
    ids[:3000] = ["0" * 28 + f"{at:04x}" for at in draw.permutation(3000)]  # alike but for their ends
    rows = [(IndexRow(chunk_id, b"v".ljust(48, b"-"), "fee"), VECTOR) for chunk_id in ids]
    segment = build("s", rows, 5)
    for scan in (CpuScan(), CpuScan(flat_rows=0)):
        found = find(make_view([segment], [np.ones(1, np.bool_)], "d"), VECTOR, ["fee"], 10, scan=scan)
        assert [chunk_id.decode() for chunk_id in found.ids] == sorted(ids)[:10]


def test_longer_rows_than_the_table_of_norms() -> None:
    texts = ["fee " * count + "rent " * other for count, other in ((1, 3000), (2000, 1), (1, 0), (70_000, 2))]
    rows = [
        (IndexRow(str(at) * 32, f"v{at}".encode().ljust(48, b"-"), text), VECTOR) for at, text in enumerate(texts[:3])
    ]
    view = make_view([build("s", rows, 5)], [np.ones(3, np.bool_)], "d")
    expected = BM25Plus([terms(text) for text in texts[:3]]).get_scores(["fee", "rent"])
    np.testing.assert_allclose(find(view, VECTOR, ["fee", "rent"], 5).sparse, expected, rtol=1e-9)
