"""The suite "scale" on a few hundred rows: views have their shares, nothing is missed, the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.suites.retrieval.report import say_scale
from evals.suites.retrieval.scale import catalog, cluster, memory, ours
from evals.suites.retrieval.scale.rows import SHARES, Passages, Rows, queries

DIMENSION, COUNT = 32, 2000


class HashEmbedder:
    name = "hash"
    dimension = DIMENSION

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
        vector = np.random.default_rng(seed).standard_normal(DIMENSION, np.float32)
        return vector / np.linalg.norm(vector)


@pytest.fixture(scope="module")
def passages() -> Passages:
    """90 passages of 30 documents."""
    texts = [" ".join(f"word{(at * 7 + n * n) % 101}" for n in range(40)) for at in range(90)]
    documents = [f"law {at // 3}" for at in range(90)]
    return Passages(documents, documents, texts, HashEmbedder().embed_documents(texts))


def test_rows_repeat_passages_with_changed_words_and_moved_vectors(passages: Passages) -> None:
    rows = Rows(passages, COUNT)
    texts = list(rows.texts(0, 180))
    assert texts[0] == f"law 0\n{passages.texts[0]}"
    same = np.mean([one == other for one, other in zip(texts[0].split(), texts[90].split(), strict=True)])
    assert 0.5 < same < 1.0
    assert texts == list(Rows(passages, COUNT).texts(0, 180))
    vectors = rows.vectors(0, COUNT)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    cosines = np.einsum("ij,ij->i", vectors[:90], vectors[90:180])
    assert (cosines.mean(), cosines.max()) == (pytest.approx(0.958, abs=0.005), pytest.approx(0.97, abs=0.02))
    assert (rows.vectors(85, 200) == vectors[85:200]).all()
    assert len(set(rows.keys())) == len(rows.starts) - 1
    assert [row.chunk_id for row, _ in rows.index_rows(88, 92)] == [
        row.chunk_id for row, _ in list(rows.index_rows(0, 100))[88:92]
    ]


def test_tiers_fill_the_shares(passages: Passages) -> None:
    tiers = Rows(passages, COUNT).row_tiers
    assert len(tiers) == COUNT
    for tier, share in enumerate(SHARES):
        assert 0 <= share * COUNT - (tiers <= tier).sum() < 3  # a document of three rows is not split


def test_both_layouts_find_what_brute_force_finds(
    passages: Passages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, embedder = Rows(passages, COUNT), HashEmbedder()
    asked = queries(passages, embedder, 5)
    found = ours.built(rows, tmp_path / "segments", DIMENSION)
    assert found["bytes_per_row"] > 4 * DIMENSION
    results = {layout: ours.searched(rows, tmp_path / "segments", layout, asked, 1) for layout in ours.LAYOUTS}
    for layout, result in results.items():
        assert [view["recall@100"] for view in result["views"]] == [1.0] * len(SHARES)
        assert [view["rows"] for view in result["views"]][-1] == COUNT
        assert max(view["ranges"] for view in result["views"]) > 1 or layout == "grouped"
    assert all(view["ranges"] <= 1 for view in results["grouped"]["views"])
    held = memory.touched(tmp_path / "segments", asked, 1)
    assert not held or held["of_it"].keys() >= {"codes", "vectors", "rows"}
    said = say_scale([{"set": str(COUNT), "system": name, "found": result} for name, result in results.items()])
    assert set(said) == {f"{COUNT}: grouped", f"{COUNT}: scattered"}
    assert "x unfiltered" in capsys.readouterr().out


def test_views_are_timed_after_each_kind_of_change(tmp_path: Path) -> None:
    found = catalog.measured(6000, 600, tmp_path)
    for size in catalog.SIZES:
        asked = found[f"{size} groups"]
        assert asked["visible"] == pytest.approx(6000 * size / 600 * 1.1, rel=0.5)
        assert all(asked[kind]["p50_ms"] > 0 for kind in ("relabelled", "deleted", "added", "groups changed"))


def test_segments_of_a_folder_are_built_once(
    passages: Passages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SEGMENT_ROWS", COUNT // 3 + 1)
    rows, asked = Rows(passages, COUNT), queries(passages, HashEmbedder(), 3)
    built = cluster.segments(rows, tmp_path, DIMENSION)
    assert (len(built), sum(map(len, built))) == (3, COUNT)
    written = [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.npy"))]
    again = cluster.segments(rows, tmp_path, DIMENSION)
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.npy"))] == written
    row = cluster.measured(again, asked, [], tmp_path)
    assert row["one process, 100%"]["visible"] == COUNT
