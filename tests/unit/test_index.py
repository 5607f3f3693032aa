"""Index segments, dense search over a view, and the access index against a catalog that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.access import AccessIndex
from retrieval.errors import IndexUnavailable
from retrieval.index.dense import exact, nearest
from retrieval.index.segment import Segment, build, load, save
from retrieval.index.view import make_view
from retrieval.protocols import SegmentInfo
from retrieval.types import IndexRow, Principal, VersionRef

ANA = Principal("ana", frozenset({"legal"}))


def rows(
    count: int, dimension: int, *, version: str = "v", seed: int = 0
) -> list[tuple[IndexRow, NDArray[np.float32]]]:
    """Unit vectors of few distinct values, so that many scores tie."""
    chosen = np.random.default_rng(seed).integers(-1, 2, (count, dimension)).astype(np.float64) + 0.25
    vectors = (chosen / np.linalg.norm(chosen, axis=1, keepdims=True)).astype(np.float32)
    return [
        (IndexRow(f"{version}{at}".rjust(32, "0"), f"{version}{at // 5}", f"word{at % 7} common"), vectors[at])
        for at in range(count)
    ]


@pytest.mark.parametrize("k", [1, 7, 50, 400])
@pytest.mark.parametrize("every", [1, 3])
def test_nearest_holds_the_exact_top_k_with_all_ties(k: int, every: int) -> None:
    segments = [build(name, rows(300, 3, version=name, seed=seed), 3) for seed, name in enumerate("ab")]
    keys = [key for segment in segments for key in sorted(segment.spans)][::every]
    view = make_view(segments, keys)
    query = rows(1, 3, seed=9)[0][1]

    found = {(at, int(row)) for at, chosen in nearest(view, query, k) for row in chosen}

    scored = {
        (at, int(row)): float(score)
        for at, part in enumerate(view.segments)
        for row, score in zip(np.flatnonzero(part.mask), exact(part.segment.vectors[part.mask], query), strict=True)
    }
    threshold = sorted(scored.values(), reverse=True)[:k][-1]
    assert {place for place, score in scored.items() if score >= threshold} <= found
    assert found <= scored.keys()  # nothing hidden


def test_nearest_of_an_empty_view_is_empty() -> None:
    assert nearest(make_view([], []), np.ones(3, np.float32), 5) == []


def test_exact_scores_do_not_depend_on_the_neighbours() -> None:
    vectors = np.stack([vector for _, vector in rows(200, 384)])
    query = vectors[7]
    alone = np.array([exact(vectors[at : at + 1], query)[0] for at in range(200)])
    assert (exact(vectors, query) == alone).all()


def same(one: Segment, other: Segment) -> bool:
    arrays = ("vectors", "chunk_ids", "lengths", "vocabulary", "offsets", "rows", "frequencies")
    return dict(one.spans) == dict(other.spans) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(one, name).dtype == getattr(other, name).dtype
        for name in arrays
    )


@pytest.mark.parametrize("content", [rows(23, 4), [], [(IndexRow("0" * 32, "v", "the of"), np.ones(4, np.float32))]])
def test_a_saved_segment_loads_as_it_was(tmp_path: Path, content: list[tuple[IndexRow, NDArray[np.float32]]]) -> None:
    segment = build("one", content, 4)
    save(segment, tmp_path)
    assert same(load(tmp_path, "one"), segment)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_postings_are_ascending_rows_and_counts() -> None:
    texts = ["fee fee rent", "rent", "fee"]
    segment = build(
        "one", [(IndexRow(str(at) * 32, "v", text), np.ones(1, np.float32)) for at, text in enumerate(texts)], 1
    )
    found = [part.tolist() for part in segment.postings("fee")]
    assert found == [[0, 2], [2, 1]]
    assert [part.tolist() for part in segment.postings("zebra")] == [[], []]


def test_vectors_of_another_size_are_refused_with_a_reason() -> None:
    with pytest.raises(IndexUnavailable, match="4 dimensions but the embedder makes 3"):
        build("one", rows(1, 4), 3)


def _truncate(folder: Path) -> None:
    file = folder / "vectors.npy"
    file.write_bytes(file.read_bytes()[:-8])


def _empty(folder: Path) -> None:
    (folder / "rows.npy").write_bytes(b"")


def _remove(folder: Path) -> None:
    (folder / "offsets.npy").unlink()


def _cut_the_list(folder: Path) -> None:
    file = folder / "segment.json"
    file.write_text(file.read_text()[:-5])


def _other_format(folder: Path) -> None:
    meta = json.loads((folder / "segment.json").read_text())
    (folder / "segment.json").write_text(json.dumps(meta | {"format": 99}))


def _other_json(folder: Path) -> None:
    (folder / "segment.json").write_text("[]")


def _other_spans(folder: Path) -> None:
    meta = json.loads((folder / "segment.json").read_text())
    (folder / "segment.json").write_text(json.dumps(meta | {"spans": {"v": 5}}))


DAMAGE = [_truncate, _empty, _remove, _cut_the_list, _other_format, _other_json, _other_spans]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_half_written_segment_is_refused(tmp_path: Path, damage) -> None:
    save(build("one", rows(23, 4), 4), tmp_path)
    damage(tmp_path / "one")
    with pytest.raises(IndexUnavailable, match="segment one"):
        load(tmp_path, "one")


def test_a_kill_while_saving_leaves_no_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.segment._flush", lambda path: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        save(build("one", rows(5, 4), 4), tmp_path)
    assert list(tmp_path.iterdir()) == []


@dataclass
class Truth:
    """Catalog and segment list in memory: document name -> (label, chunk texts)."""

    documents: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)
    segments: list[SegmentInfo] = field(default_factory=list)
    changes: int = 0
    indexed: list[str] = field(default_factory=list)

    def put(self, name: str, token: str, chunks: int = 2) -> None:
        self.documents[name] = (frozenset({token}), chunks)
        self.changes += 1

    def drop(self, name: str) -> None:
        del self.documents[name]
        self.changes += 1

    def generation(self) -> int:
        return self.changes

    def versions(self) -> tuple[int, Sequence[VersionRef]]:
        return self.changes, [VersionRef(name, 1, "c", allow) for name, (allow, _) in self.documents.items()]

    def index_rows(self, keys: Sequence[str]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        self.indexed.extend(keys)
        for key in keys:
            name = key.removesuffix(":c")
            for at in range(self.documents[name][1]):
                yield IndexRow(f"{name}{at}".rjust(32, "0"), key, f"{name} common"), np.ones(2, np.float32)

    def list(self) -> Sequence[SegmentInfo]:
        return tuple(self.segments)

    def replace(self, removed: Sequence[str], added: SegmentInfo) -> None:
        self.segments = [*(info for info in self.segments if info.name not in removed), added]


def seen(index: AccessIndex, principal: Principal = ANA) -> set[str]:
    view = index.view(principal)
    return {name.decode().lstrip("0") for part in view.segments for name in part.segment.chunk_ids[part.mask]}


def test_the_view_follows_every_change_at_once(tmp_path: Path) -> None:
    truth = Truth()
    index = AccessIndex(truth, truth, tmp_path, dimension=2)
    assert seen(index) == set()
    truth.put("a", "group:legal", 1)
    truth.put("b", "group:hr", 1)
    assert seen(index) == {"a0"}
    index.publish()
    truth.put("b", "user:ana", 1)
    assert seen(index) == {"a0", "b0"}
    truth.drop("a")
    assert seen(index) == {"b0"}
    assert seen(index, Principal("ben", frozenset({"legal", "hr"}))) == set()


def test_published_versions_are_loaded_and_not_indexed_again(tmp_path: Path) -> None:
    truth = Truth()
    truth.put("a", "group:legal")
    AccessIndex(truth, truth, tmp_path, dimension=2).publish()
    truth.put("b", "group:legal")
    truth.indexed.clear()
    again = AccessIndex(truth, truth, tmp_path, dimension=2)
    assert seen(again) == {"a0", "a1", "b0", "b1"}
    assert truth.indexed == ["b:c"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_segment_is_rebuilt_from_the_catalog(tmp_path: Path, damage) -> None:
    truth = Truth()
    truth.put("a", "group:legal")
    AccessIndex(truth, truth, tmp_path, dimension=2).publish()
    damage(tmp_path / truth.segments[0].name)
    assert seen(AccessIndex(truth, truth, tmp_path, dimension=2)) == {"a0", "a1"}


def test_many_segments_become_one_and_the_old_folders_go(tmp_path: Path) -> None:
    truth = Truth()
    index = AccessIndex(truth, truth, tmp_path, dimension=2)
    for number in range(9):
        truth.put(f"d{number}", "group:legal")
        index.publish()
    assert len(truth.segments) == 1
    assert [path.name for path in tmp_path.iterdir()] == [truth.segments[0].name]
    assert len(seen(index)) == 18


def test_dead_rows_are_merged_away(tmp_path: Path) -> None:
    truth = Truth()
    index = AccessIndex(truth, truth, tmp_path, dimension=2)
    for name in ("a", "b", "c"):
        truth.put(name, "group:legal")
    index.publish()
    truth.drop("a")
    truth.drop("b")
    index.publish()
    assert truth.segments[0].keys == ("c:c",)
    truth.drop("c")
    index.publish()
    assert seen(index) == set()
    assert seen(AccessIndex(truth, truth, tmp_path, dimension=2)) == set()


def test_rows_in_memory_go_once_all_that_live_are_published(tmp_path: Path) -> None:
    truth = Truth()
    server, ingester = (AccessIndex(truth, truth, tmp_path, dimension=2) for _ in range(2))
    truth.put("a", "group:legal")
    truth.put("b", "group:legal")
    seen(server)
    truth.drop("b")
    ingester.publish()
    assert seen(server) == {"a0", "a1"}
    assert [segment.name for segment in server._segments] == [info.name for info in truth.segments]


def test_a_folder_that_vanishes_while_swept_is_no_error(tmp_path: Path) -> None:
    truth = Truth()
    truth.put("a", "group:legal")
    (tmp_path / ".building-x").symlink_to(tmp_path / "gone")  # listed, but not there any more
    AccessIndex(truth, truth, tmp_path, dimension=2).publish()
    assert len(truth.segments) == 1


def test_rows_of_one_label_lie_side_by_side(tmp_path: Path) -> None:
    truth = Truth()
    for number in range(10):
        truth.put(f"d{number}", "group:legal" if number % 2 else "group:hr")
    index = AccessIndex(truth, truth, tmp_path, dimension=2)
    assert [part.ranges for part in index.view(ANA).segments] == [((10, 20),)]


def test_a_view_is_named_by_its_content_alone(tmp_path: Path) -> None:
    one, two = Truth(), Truth()
    for truth, names in ((one, "ab"), (two, "bxa")):
        for name in names:
            truth.put(name, "group:hr" if name == "x" else "group:legal")
    digests = [AccessIndex(t, t, tmp_path, dimension=2).view(ANA).digest for t in (one, two)]
    assert digests[0] == digests[1]
    two.drop("a")
    assert AccessIndex(two, two, tmp_path, dimension=2).view(ANA).digest != digests[0]
