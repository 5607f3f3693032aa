"""Index segments: building, saving, loading, checking and merging them, and views of them."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.errors import DiskFull
from retrieval.errors import IndexUnavailable
from retrieval.index.codes import quantise, quantise_query, spread
from retrieval.index.find import find
from retrieval.index.merge import merge
from retrieval.index.segment import ARRAYS, Segment, build
from retrieval.index.storage import discard_unfinished, load, new_folder, save, verify
from retrieval.index.view import make_view
from retrieval.types import DOCUMENT, IndexRow

Rows = list[tuple[IndexRow, NDArray[np.float32]]]


def key(version: str) -> bytes:
    return version.encode().ljust(16, b"-") + b"d" * 32


def rows(count: int, dimension: int, *, version: str = "v", seed: int = 0) -> Rows:
    """Five rows a version, with words drawn from a few."""
    draw = np.random.default_rng(seed)
    vectors = draw.standard_normal((count, dimension)).astype(np.float32)
    return [
        (
            IndexRow(
                f"{version}{at}".rjust(32, "0"), key(f"{version}{at // 5}"), f"word{draw.integers(7)} common common"
            ),
            vectors[at],
        )
        for at in range(count)
    ]


def assert_same(one: Segment, other: Segment) -> None:
    for name in ARRAYS:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype, name
        assert ours.shape == theirs.shape, name
        assert (ours == theirs).all(), name


@pytest.mark.parametrize(
    "content", [rows(23, 4), [], [(IndexRow("0" * 32, key("v"), "the of"), np.ones(4, np.float32))]]
)
def test_a_saved_segment_loads_as_it_was(tmp_path: Path, content: Rows) -> None:
    segment = build("one", content, 4)
    save(segment, tmp_path)
    assert_same(load(tmp_path, "one"), segment)
    verify(tmp_path, "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_segment_cannot_be_written_to(tmp_path: Path) -> None:
    save(build("one", rows(5, 4), 4), tmp_path)
    for segment in (build("one", rows(5, 4), 4), load(tmp_path, "one")):
        assert not any(getattr(segment, name).flags.writeable for name in ARRAYS)


def test_postings_are_ascending_rows_and_counts() -> None:
    texts = ["fee fee rent", "rent", "fee"]
    segment = build(
        "one", [(IndexRow(str(at) * 32, key("v"), text), np.ones(1, np.float32)) for at, text in enumerate(texts)], 1
    )
    firsts, lasts = segment.spans(["fee", "zebra", "rent", "a" * 65])
    found = [
        (segment.rows[first:last].tolist(), segment.frequencies[first:last].tolist())
        for first, last in zip(firsts, lasts, strict=True)
    ]
    assert found == [([0, 2], [2, 1]), ([], []), ([0, 1], [1, 1]), ([], [])]


def test_slots_are_the_versions_in_row_order() -> None:
    segment = build("one", rows(12, 2), 2)
    assert segment.slot_keys.tolist() == [key("v0"), key("v1"), key("v2")]
    assert segment.slot_starts.tolist() == [0, 5, 10, 12]
    assert segment.slot_terms.tolist() == [15, 15, 6]
    assert segment.slot_documents.tolist() == [key(f"v{at}")[:16] for at in range(3)]


def test_rows_of_a_version_must_lie_side_by_side() -> None:
    with pytest.raises(ValueError, match="side by side"):
        build("one", [*rows(5, 2), *rows(5, 2, version="w"), *rows(5, 2)], 2)


def test_vectors_of_another_size_are_refused_with_a_reason() -> None:
    with pytest.raises(IndexUnavailable, match="4 dimensions but the embedder makes 3"):
        build("one", rows(1, 4), 3)


def _truncate(folder: Path) -> None:
    file = folder / "vectors.npy"
    file.write_bytes(file.read_bytes()[:-8])


def _extend(folder: Path) -> None:
    file = folder / "lengths.npy"
    file.write_bytes(file.read_bytes() + b"\0" * 8)


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


def _other_rows(folder: Path) -> None:
    meta = json.loads((folder / "segment.json").read_text())
    (folder / "segment.json").write_text(json.dumps(meta | {"rows": 22}))


def _fewer_files(folder: Path) -> None:
    meta = json.loads((folder / "segment.json").read_text())
    del meta["files"]["rows.npy"]
    (folder / "segment.json").write_text(json.dumps(meta))


DAMAGE = [_truncate, _extend, _empty, _remove, _cut_the_list, _other_format, _other_json, _other_rows, _fewer_files]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_half_written_segment_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    save(build("one", rows(23, 4), 4), tmp_path)
    damage(tmp_path / "one")
    with pytest.raises(IndexUnavailable, match="segment one"):
        load(tmp_path, "one")


def test_a_kill_while_saving_leaves_no_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.storage._flush", lambda path: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        save(build("one", rows(5, 4), 4), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("array", ARRAYS)
def test_a_flipped_byte_is_found(tmp_path: Path, array: str) -> None:
    save(build("one", rows(23, 4), 4), tmp_path)
    file = tmp_path / "one" / f"{array}.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(IndexUnavailable, match=rf"content of {array}\.npy has changed"):
        verify(tmp_path, "one")


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_merge_is_what_a_build_of_the_same_rows_would_be(tmp_path: Path, on_disk: bool) -> None:
    sources = [rows(23, 4, version=name, seed=at) for at, name in enumerate("abc")]
    segments = [build(str(at), source, 4) for at, source in enumerate(sources)]
    order = [(0, 4), (2, 1), (2, 2), (0, 0), (2, 0), (0, 1)]  # nothing of the second
    wanted = [row for at, slot in order for row in sources[at][5 * slot : 5 * slot + 5]]

    merged = merge("new", [(segments[at], slot) for at, slot in order], tmp_path if on_disk else None)

    assert_same(merged, build("new", wanted, 4))
    if on_disk:
        verify(tmp_path, "new")
        assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_merge_in_many_small_pieces_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    segments = [build(name, rows(40, 4, version=name, seed=at), 4) for at, name in enumerate("ab")]
    pieces = [(segments[at % 2], at // 2) for at in range(12)]
    whole = merge("new", pieces)
    monkeypatch.setattr("retrieval.index.merge._CHUNK_POSTINGS", 3)
    monkeypatch.setattr("retrieval.index.merge._CHUNK_ROWS", 2)
    assert_same(merge("new", pieces), whole)


def test_a_merge_of_rows_without_any_term(tmp_path: Path) -> None:
    segment = build("one", [(IndexRow("0" * 32, key("v"), "the of"), np.ones(4, np.float32))], 4)
    assert_same(merge("new", [(segment, 0)], tmp_path), segment)


def test_a_kill_while_merging_leaves_no_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.index.storage._flush", lambda path: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        merge("new", [(build("one", rows(5, 4), 4), 0)], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scale", [1.0, 0.0, 1e-30, 1e30])
def test_codes_keep_their_promise(scale: float) -> None:
    vectors = (np.random.default_rng(0).standard_normal((50, 7)) * scale).astype(np.float32)
    codes, scales, errors = quantise(vectors)
    lost = spread(vectors) - scales.astype(np.float64)[:, None] * codes
    assert (np.linalg.norm(lost, axis=1) <= errors).all()
    assert (errors <= 0.02 * np.linalg.norm(vectors.astype(np.float64), axis=1) + 1e-37).all()
    for at in range(len(vectors)):  # a row's code depends on that row alone
        alone = quantise(vectors[at : at + 1])
        assert (alone[0][0] == codes[at]).all()
        assert (alone[1][0], alone[2][0]) == (scales[at], errors[at])


@pytest.mark.parametrize("dimension", [1, 7, 384, 1024])
def test_other_coordinates_leave_inner_products_and_even_out_what_stands_out(dimension: int) -> None:
    vectors = np.random.default_rng(1).standard_normal((40, dimension)).astype(np.float32)
    vectors[:, 0] *= 30
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    assert np.abs(spread(vectors) @ spread(vectors).T - exact).max() < 1e-14
    if dimension >= 384:
        assert np.abs(spread(vectors)).max() < np.abs(vectors).max() / 4
    even = np.full((1, dimension), dimension**-0.5, np.float32)  # a cosine transform alone would gather it in one
    assert dimension < 384 or np.abs(spread(even)).max() < 0.3


def test_an_older_segment_is_searched_as_it_is_and_turned_by_the_next_merge(tmp_path: Path) -> None:
    dimension, count = 24, 3000
    new = build("new", rows(count, dimension), dimension)
    codes, scales, errors = _unturned(new.vectors)
    save(new, tmp_path)
    for name, array in (("codes", codes), ("scales", scales), ("errors", errors)):
        np.save(tmp_path / "new" / f"{name}.npy", array)
    meta = json.loads((tmp_path / "new" / "segment.json").read_text())
    (tmp_path / "new" / "segment.json").write_text(json.dumps(meta | {"format": 2}))
    old = load(tmp_path, "new")
    assert (old.turned, new.turned) == (False, True)
    with pytest.raises(ValueError, match="older format"):
        save(old, tmp_path / "other")
    whole = np.ones(len(old.slot_keys), np.bool_)
    merged = merge("merged", [(old, slot) for slot in range(len(old.slot_keys))], tmp_path)
    assert merged.turned
    for array in ("codes", "scales", "errors"):
        assert (getattr(merged, array) == getattr(new, array)).all()
    for number in range(20):
        query = np.random.default_rng(number).standard_normal(dimension).astype(np.float32)
        query /= np.linalg.norm(query)
        found = [find(make_view([one], [whole], "d"), query, (), 10) for one in (old, merged, new)]
        assert len({one.ids.tobytes() for one in found}) == len({one.dense.tobytes() for one in found}) == 1
        for turned, one in ((False, old), (True, new)):
            coded = quantise_query(query, turned=turned)
            rough = one.scales.astype(np.float64) * (one.codes.astype(np.int64) @ coded.codes) * coded.unit
            exact = one.vectors.astype(np.float64) @ query.astype(np.float64)
            assert (np.abs(rough - exact) <= one.errors * coded.norm + one.scales * coded.slack).all()


def _unturned(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """Codes as they were written before: of the vectors as they come."""
    exact = vectors.astype(np.float64)
    scales = (np.abs(exact).max(axis=1) / 127).astype(np.float32)
    codes = np.rint(exact / scales.astype(np.float64)[:, None]).astype(np.int8)
    lost = np.linalg.norm(exact - scales.astype(np.float64)[:, None] * codes, axis=1)
    return codes, scales, np.nextafter((lost * (1 + 2.0**-20)).astype(np.float32), np.float32(np.inf))


def test_a_view_joins_neighbours_and_skips_the_hidden() -> None:
    segment = build("one", rows(40, 2), 2)
    slots = np.array([1, 1, 0, 1, 0, 0, 1, 1], np.bool_)
    view = make_view([segment, segment], [slots, np.zeros(8, np.bool_)], "d")
    (part,) = view.segments
    assert list(zip(part.starts, part.stops, strict=True)) == [(0, 10), (15, 20), (30, 40)]
    assert np.flatnonzero(part.mask).tolist() == [*range(10), *range(15, 20), *range(30, 40)]
    assert (view.row_count, view.mean_length, view.digest) == (25, 3.0, "d")


def test_a_view_within_documents_has_their_rows_and_statistics() -> None:
    segment = build(
        "one", [*rows(5, 2), (IndexRow("x" * 32, key("x"), "one two three four five"), np.ones(2, np.float32))], 2
    )
    hidden_last = make_view([segment], [np.array([True, False])], "d")
    everything = make_view([segment], [np.array([True, True])], "d")
    names = np.array([key("x")[:16], key("none")[:16]], DOCUMENT)
    assert everything.within(names).row_count == 1
    assert everything.within(names).mean_length == 5.0
    assert hidden_last.within(names).row_count == 0
    assert hidden_last.within(names).digest == hidden_last.within(names[1:]).digest  # no word of what is hidden
    assert everything.within(names).digest == everything.within(names[:1]).digest != everything.digest
    assert everything.within(names[:0]).row_count == 0
    assert everything.within(segment.slot_documents).digest == everything.digest


def fails(number: int) -> Callable[..., None]:
    def reserve(*_: int) -> None:
        raise OSError(number, os.strerror(number))

    return reserve


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_is_a_foreseen_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    segment = build("one", rows(23, 4), 4)
    monkeypatch.setattr(os, "posix_fallocate", fails(number), raising=False)
    for write in (lambda: save(segment, tmp_path), lambda: merge("two", [(segment, 0), (segment, 1)], tmp_path)):
        with pytest.raises(DiskFull, match="Free some space"):
            write()
        assert list(tmp_path.iterdir()) == []


def test_other_errors_of_the_disk_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "posix_fallocate", fails(errno.EIO), raising=False)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        save(build("one", rows(23, 4), 4), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [0, errno.EOPNOTSUPP, errno.EINVAL])
def test_where_room_cannot_be_reserved_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    if number:
        monkeypatch.setattr(os, "posix_fallocate", fails(number), raising=False)
    else:  # macOS
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    monkeypatch.setattr("retrieval.index.storage._ZEROS", bytes(7))
    segment = build("one", rows(23, 4), 4)
    save(segment, tmp_path)
    assert_same(load(tmp_path, "one"), segment)
    merged = merge("two", [(segment, at) for at in range(5)], tmp_path)
    assert_same(merged, segment)
    for array in tmp_path.glob("*/vectors.npy"):
        assert array.stat().st_blocks * 512 >= 23 * 4 * 4  # not sparse


def test_what_a_killed_process_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom retrieval.index.storage import new_folder\n"
        "with new_folder(Path(sys.argv[1]), 'x') as folder:\n    (folder / 'vectors.npy').write_bytes(b'half')\n"
        "    os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    assert [path.name.startswith(".building-") for path in tmp_path.iterdir()] == [True]
    with new_folder(tmp_path, "mine") as folder:
        discard_unfinished(tmp_path)
        assert list(tmp_path.iterdir()) == [folder]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
