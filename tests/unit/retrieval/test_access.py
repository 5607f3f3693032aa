"""The access index over a catalog that changes: what each principal sees, and what becomes of segments."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import retrieval.index.access
from retrieval.index.access import AccessIndex
from retrieval.index.compaction import LARGEST_ROWS, cut, to_rewrite
from retrieval.index.versions import NOTHING, KeyNumbers, VersionTable
from retrieval.index.view import View
from retrieval.protocols import SegmentInfo
from retrieval.types import DOCUMENT, KEY, CatalogChanges, IndexRow, Principal, VersionColumns

ANA, BEN = Principal("ana", frozenset({"legal"})), Principal("ben", frozenset({"hr"}))
EPOCH = date(1970, 1, 1)
GROUPS = ("group:legal", "group:hr", "user:ana", "group:everyone")


def document_key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:16]


@dataclass(frozen=True)
class Version:
    number: int
    content: str
    own: frozenset[str]
    day: int
    rows: int

    def key(self, name: str) -> bytes:
        return document_key(name) + (
            hashlib.sha256(f"{self.content} {self.rows}".encode()).digest() if self.rows else bytes(32)
        )


@dataclass
class Truth:
    """Catalog and segment list in memory, with every change remembered by its generation."""

    labels: dict[str, frozenset[str]] = field(default_factory=dict)  # document: who may read it
    versions: dict[str, list[Version]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    now: int = 0
    segments: list[SegmentInfo] = field(default_factory=list)
    numbers: dict[frozenset[str], int] = field(default_factory=dict)
    indexed: list[bytes] = field(default_factory=list)
    busy: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.RLock = field(default_factory=threading.RLock)

    def put(self, name: str, *tokens: str, content: str = "", day: int = 0, rows: int = 2) -> None:
        allow = frozenset(tokens)
        held = self.versions.get(name, [])
        version = Version(len(held) + 1, content or f"{name}{len(held)}", allow, day, rows)
        self._change(name, allow, [*held, version])

    def relabel(self, name: str, *tokens: str) -> None:
        *old, last = self.versions[name]
        self._change(name, frozenset(tokens), [*old, replace(last, own=frozenset(tokens))])

    def drop(self, name: str) -> None:
        self._change(name, frozenset(), [])

    def _change(self, name: str, allow: frozenset[str], versions: list[Version]) -> None:
        with self.turn:
            self.labels[name], self.versions[name] = allow, versions
            if not versions:
                del self.labels[name], self.versions[name]
            self.now += 1
            self.changed[name] = self.now

    def generation(self) -> int:
        return self.now

    def changes(self, since: int) -> CatalogChanges:
        with self.turn:
            return self._changes(since)

    def _changes(self, since: int) -> CatalogChanges:
        now, complete = self.now, since < 0
        names = [name for name, generation in self.changed.items() if since < generation <= now]
        found = [(name, version) for name in names for version in self.versions.get(name, ())]
        random.shuffle(found)
        columns = VersionColumns(
            keys=np.array([version.key(name) for name, version in found], KEY),
            labels=np.array([self._number(self.labels[name]) for name, _ in found], np.int32),
            own_labels=np.array([self._number(version.own) for _, version in found], np.int32),
            numbers=np.array([version.number for _, version in found], np.int32),
            days=np.array([version.day for _, version in found], np.int32),
            current=np.array([version is self.versions[name][-1] for name, version in found], np.bool_),
        )
        documents = np.array([] if complete else [document_key(name) for name in names], DOCUMENT)
        return CatalogChanges(now, complete, documents, columns, {n: label for label, n in self.numbers.items()})

    def _number(self, label: frozenset[str]) -> int:
        return self.numbers.setdefault(label, len(self.numbers) + 1)

    def index_rows(self, keys: Sequence[bytes]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        self.indexed.extend(keys)
        with self.turn:
            held = {v.key(name): (v, name) for name, versions in self.versions.items() for v in versions}
        for key in keys:
            version, name = held.get(key, (Version(0, "", frozenset(), 0, 0), ""))
            for at in range(version.rows):
                chunk_id = f"{name}-{version.content}-{at}".rjust(32, "0")
                yield IndexRow(chunk_id, key, f"{name} {version.content} common"), np.ones(2, np.float32)

    def list(self) -> Sequence[SegmentInfo]:
        return tuple(self.segments)

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        left = [info for info in self.segments if info.name not in removed]
        self.segments = [*left, added] if added is not None else left

    @contextmanager
    def publishing(self) -> Iterator[bool]:
        mine = self.busy.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self.busy.release()

    def expected(self, principal: Principal, as_of: int | None = None) -> set[str]:
        """What the principal may search, by definition."""
        tokens, found = principal.tokens, set()
        for name, versions in self.versions.items():
            readable = [v for v in versions if tokens & v.own and tokens & self.labels[name]]
            if as_of is None:
                chosen = [v for v in readable if v is versions[-1]]
            else:
                chosen = [v for v in readable if v.day <= as_of][-1:]
            found.update(f"{name}-{v.content}-{at}" for v in chosen for at in range(v.rows))
        return found


def chunks_of(view: View) -> list[str]:
    return [name.decode().lstrip("0") for part in view.segments for name in part.segment.chunk_ids[part.mask].tolist()]


def seen(index: AccessIndex, principal: Principal = ANA, as_of: int | None = None) -> set[str]:
    found = chunks_of(index.view(principal, None if as_of is None else EPOCH + timedelta(as_of)))
    assert len(set(found)) == len(found)
    return set(found)


def opened(truth: Truth, root: Path, largest_rows: int = LARGEST_ROWS) -> AccessIndex:
    return AccessIndex(truth, truth, root, dimension=2, largest_rows=largest_rows)


@pytest.fixture
def truth() -> Truth:
    return Truth()


def test_the_view_follows_every_change_at_once(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    assert seen(index) == set()
    truth.put("a", "group:legal", rows=1)
    truth.put("b", "group:hr", rows=1)
    assert seen(index) == {"a-a0-0"}
    assert index.publish()
    truth.relabel("b", "user:ana")
    assert seen(index) == {"a-a0-0", "b-b0-0"}
    truth.drop("a")
    assert seen(index) == {"b-b0-0"}
    assert seen(index, BEN) == set()


def change(truth: Truth, chance: random.Random) -> None:
    """One random change, if it can be made."""
    name, allow = f"d{chance.randrange(8)}", chance.sample(GROUPS, chance.randint(1, 2))
    match chance.choice(("put", "put", "again", "relabel", "drop")):
        case "put":
            truth.put(name, *allow, day=chance.randrange(10), rows=chance.choice((0, 1, 3)))
        case "again" if name in truth.versions:  # the bytes of an earlier version
            old = chance.choice(truth.versions[name])
            truth.put(name, *allow, content=old.content, day=chance.randrange(10), rows=old.rows)
        case "relabel" if name in truth.versions:
            truth.relabel(name, *allow)
        case "drop" if name in truth.versions:
            truth.drop(name)


@pytest.mark.parametrize(("few", "most"), [(0, 4), (3, 4), (3, 0), (3, 10**6), (4096, 4)])
def test_random_changes_two_processes_and_any_day(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int, most: int
) -> None:
    """Whatever happens in whatever order, every process shows what the definition says, and a new one agrees; however
    many changes are kept beside the rest, and whether all versions are looked at or those of each label."""
    monkeypatch.setattr("retrieval.index.versions._FEW", few)
    monkeypatch.setattr("retrieval.index.snapshot._MOST", most)
    chance = random.Random(3)
    processes = [opened(truth, tmp_path) for _ in range(2)]
    for step in range(500):
        for _ in range(chance.randrange(3)):
            change(truth, chance)
        match chance.randrange(20):
            case 0 | 1 | 2 | 3:
                assert chance.choice(processes).publish()
            case 4:
                assert chance.choice(processes).compact()
            case 5:
                processes[chance.randrange(2)] = opened(truth, tmp_path)
            case 6 if truth.segments:
                (tmp_path / chance.choice(truth.segments).name / "vectors.npy").write_bytes(b"")
                processes = [opened(truth, tmp_path) for _ in range(2)]
        index = chance.choice(processes)
        asker, day = chance.choice((ANA, BEN)), chance.choice((None, *range(11)))
        assert seen(index, asker, day) == truth.expected(asker, day), step
        snapshot = index._now(listed=True)
        counts = [np.diff(part.segment.slot_starts) for part in snapshot.parts]
        slots = snapshot.living_slots()
        assert snapshot.living_rows == [count[held].sum() for count, held in zip(counts, slots, strict=True)]
        if step % 20 == 0:
            views = [process.view(asker) for process in (*processes, opened(truth, tmp_path))]
            assert len({view.digest for view in views}) == 1
            assert len({frozenset(chunks_of(view)) for view in views}) == 1


def test_an_older_version_shows_only_as_of_its_days_and_to_who_could_read_it(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    truth.put("a", "group:legal", content="first", day=10, rows=1)
    truth.put("a", "group:legal", "group:hr", content="second", day=20, rows=1)
    truth.put("a", "group:legal", "group:hr", content="first", day=30, rows=1)
    for published in (False, True):
        if published:
            index.publish()
        assert [seen(index, ANA, day) for day in (9, 10, 20, 30, None)] == [
            set(), {"a-first-0"}, {"a-second-0"}, {"a-first-0"}, {"a-first-0"},
        ]  # fmt: skip
        assert [seen(index, BEN, day) for day in (10, 20, 30, None)] == [
            set(), {"a-second-0"}, {"a-first-0"}, {"a-first-0"},
        ]  # fmt: skip
    truth.relabel("a", "group:legal")  # a revocation closes every version
    assert [seen(index, BEN, day) for day in (10, 20, 30, None)] == [set()] * 4


def test_published_versions_are_loaded_and_not_indexed_again(truth: Truth, tmp_path: Path) -> None:
    truth.put("a", "group:legal")
    opened(truth, tmp_path).publish()
    truth.put("b", "group:legal")
    truth.indexed.clear()
    assert len(seen(opened(truth, tmp_path))) == 4
    assert [key[:16] for key in truth.indexed] == [document_key("b")]


def test_a_label_change_touches_no_segment(truth: Truth, tmp_path: Path) -> None:
    for number in range(20):
        truth.put(f"d{number}", "group:legal")
    index = opened(truth, tmp_path)
    index.publish()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    truth.indexed.clear()
    for number in range(0, 20, 2):
        truth.relabel(f"d{number}", "group:hr")
    assert len(seen(index)) == len(seen(index, BEN)) == 20
    index.publish()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert truth.indexed == []


def test_a_version_without_rows_hides_the_one_before_it(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    truth.put("a", "group:legal", day=1)
    truth.put("a", "group:legal", day=2, rows=0)
    assert seen(index) == set()
    assert len(seen(index, as_of=1)) == 2
    assert seen(index, as_of=2) == set()
    assert index.view(ANA).digest == opened(Truth(), tmp_path).view(ANA).digest
    index.publish()
    truth.indexed.clear()
    assert seen(opened(truth, tmp_path)) == set()
    assert truth.indexed == []


def _cut_short(folder: Path) -> None:
    file = folder / "vectors.npy"
    file.write_bytes(file.read_bytes()[:-8])


def _remove(folder: Path) -> None:
    (folder / "segment.json").unlink()


@pytest.mark.parametrize("damage", [_cut_short, _remove])
def test_a_damaged_segment_heals(truth: Truth, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    truth.put("a", "group:legal")
    opened(truth, tmp_path).publish()
    (broken,) = truth.segments
    damage(tmp_path / broken.name)
    index = opened(truth, tmp_path)
    assert len(seen(index)) == 2
    assert [(s.name, s.damaged) for s in index.status().segments] == [(broken.name, True)]
    assert index.due(10**9, 10**9)
    index.publish()
    assert [s.damaged for s in index.status().segments] == [False]
    assert [path.name for path in tmp_path.iterdir()] == [info.name for info in truth.segments] != [broken.name]
    assert len(seen(opened(truth, tmp_path))) == 2


def test_a_damaged_segment_of_deleted_documents_just_goes(truth: Truth, tmp_path: Path) -> None:
    truth.put("a", "group:legal")
    opened(truth, tmp_path).publish()
    _remove(tmp_path / truth.segments[0].name)
    truth.drop("a")
    assert opened(truth, tmp_path).publish()
    assert truth.segments == []
    assert list(tmp_path.iterdir()) == []


def test_changed_bytes_are_found_by_verify_and_mended_by_compact(truth: Truth, tmp_path: Path) -> None:
    truth.put("a", "group:legal")
    index = opened(truth, tmp_path)
    index.publish()
    (info,) = truth.segments
    assert index.verify() == {}
    file = tmp_path / info.name / "vectors.npy"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert list(index.verify()) == [info.name]
    assert "vectors.npy" in index.verify()[info.name]
    other = opened(truth, tmp_path)
    assert other.compact()
    assert index.verify() == {}
    index.status()  # which looks at the list of segments, as its background thread does
    for process in (index, other):
        vectors = np.concatenate([part.segment.vectors[part.mask] for part in process.view(ANA).segments])
        assert vectors.tolist() == [[1.0, 1.0]] * 2


def test_publishing_again_and_again_leaves_few_segments_and_no_old_folder(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    for number in range(40):
        truth.put(f"d{number}", "group:legal", rows=700)
        index.publish()
        living = [status.living for status in index.status().segments]
        assert sum(living) == 700 * (number + 1)
        assert len(living) <= 4
        assert index.status().memory_rows == 0
        assert {path.name for path in tmp_path.iterdir()} == {info.name for info in truth.segments}
    assert len(seen(index)) == 28_000


def test_nothing_new_writes_nothing(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    index.publish()
    assert truth.segments == []
    truth.put("a", "group:legal")
    index.publish()
    before = list(truth.segments)
    index.publish()
    assert opened(truth, tmp_path).publish()
    assert truth.segments == before


def test_dead_rows_are_merged_away(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    for name in ("a", "b", "c"):
        truth.put(name, "group:legal")
    index.publish()
    truth.drop("a")
    assert index.due(10**9, 10**9)
    index.publish()
    assert [info.rows for info in truth.segments] == [4]
    truth.drop("b")
    truth.drop("c")
    index.publish()
    assert truth.segments == []
    assert list(tmp_path.iterdir()) == []
    assert seen(index) == seen(opened(truth, tmp_path)) == set()


def test_compaction_leaves_one_segment_without_the_dead(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    for number in range(3):
        for at in range(5):
            truth.put(f"d{number}{at}", "group:legal", rows=2_500 >> number)
        index.publish()
    truth.drop("d00")
    assert len(truth.segments) > 1
    assert not index.due(10**9, 10**9)  # too few are dead
    index.compact()
    (segment,) = index.status().segments
    assert segment.rows == segment.living == sum(v[0].rows for v in truth.versions.values())


def test_when_publishing_is_due(truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("retrieval.index.access.time.monotonic", lambda: clock[0])
    index = opened(truth, tmp_path)
    assert not index.due(1, 0.0)
    truth.put("a", "group:legal", rows=3)
    assert index.due(3, 60.0)
    assert not index.due(4, 60.0)
    clock[0] += 59
    truth.put("b", "group:legal", rows=1)
    assert not index.due(5, 60.0)
    clock[0] += 1
    assert index.due(5, 60.0)  # the older one has waited for so long
    index.publish()
    assert not index.due(1, 0.0)
    truth.put("c", "group:legal", rows=1)
    assert not index.due(5, 60.0)


def test_rows_in_memory_go_once_another_process_has_published_them(truth: Truth, tmp_path: Path) -> None:
    server, ingester = opened(truth, tmp_path), opened(truth, tmp_path)
    truth.put("a", "group:legal")
    truth.put("b", "group:legal")
    assert len(seen(server)) == 4
    ingester.publish()
    assert not server.due(1, 0.0)
    assert server.status() == ingester.status()
    assert len(seen(server)) == 4


def test_only_one_publishes(truth: Truth, tmp_path: Path) -> None:
    truth.put("a", "group:legal")
    index = opened(truth, tmp_path)
    with truth.publishing():
        assert not index.publish()
        assert not index.compact()
        assert len(seen(index)) == 2
    assert truth.segments == []
    assert index.publish()


def test_many_small_changes_leave_few_segments_in_memory(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    for number in range(100):
        truth.put(f"d{number}", "group:legal", rows=1)
        assert len(seen(index)) == number + 1
        assert index.status().memory_segments <= 7
    assert index.status().memory_rows == 100


def test_a_large_backlog_is_published_piece_by_piece(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval.index.access, "_BATCH_ROWS", 10)
    for number in range(21):
        truth.put(f"d{number}", "group:legal")
    index = opened(truth, tmp_path)
    replaced: list[int] = []
    original = truth.replace

    def counted(removed: Sequence[str], added: SegmentInfo | None) -> None:
        replaced.append(added.rows if added else 0)
        original(removed, added)

    monkeypatch.setattr(truth, "replace", counted)
    index.publish()
    assert replaced == [10, 10, 10, 10, 42]
    assert [info.rows for info in truth.segments] == [42]
    assert len(seen(index)) == 42


def test_a_restored_backup_is_read_anew(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    truth.put("a", "group:legal")
    backup = dict(truth.versions), dict(truth.labels), truth.now
    truth.put("b", "group:legal")
    assert len(seen(index)) == 4
    truth.versions, truth.labels, truth.now = backup
    truth.changed = {"a": 1}
    assert len(seen(index)) == 2


def test_a_search_that_waited_for_another_does_not_read_the_catalog_again(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(truth, tmp_path)
    truth.put("a", "group:legal")
    assert len(seen(index)) == 2
    answers = [0]  # what this search read before the other one brought the index to 1
    monkeypatch.setattr(truth, "generation", lambda: answers.pop() if answers else truth.now)
    monkeypatch.setattr(truth, "changes", None)
    assert len(seen(index)) == 2


def test_rows_that_two_segments_hold_count_once(truth: Truth, tmp_path: Path) -> None:
    """As when a process is killed between two lists, or publishes although another one does."""
    for name in ("a", "b"):
        truth.put(name, "group:legal", rows=3)
        opened(truth, tmp_path).publish()
    (first,) = truth.segments
    truth.segments = []
    truth.drop("a")
    truth.put("c", "group:legal", rows=3)
    opened(truth, tmp_path).publish()
    truth.segments.append(first)
    index = opened(truth, tmp_path)
    shown = chunks_of(index.view(ANA))
    assert sorted(shown) == sorted(truth.expected(ANA))
    assert index.view(ANA).row_count == 6
    assert [segment.living for segment in index.status().segments] == [6, 0]
    index.publish()
    assert [segment.living for segment in index.status().segments] == [6]
    assert seen(opened(truth, tmp_path)) == truth.expected(ANA)


def test_a_document_that_goes_while_it_is_read(truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are gone when they are asked for: the version that took its place is shown instead."""
    index = opened(truth, tmp_path)
    truth.put("a", "group:legal", content="old")
    original = truth.index_rows

    def index_rows(keys: Sequence[bytes]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        monkeypatch.setattr(truth, "index_rows", original)
        truth.drop("a")
        truth.put("a", "group:legal", content="new")
        return original(keys)

    monkeypatch.setattr(truth, "index_rows", index_rows)
    assert seen(index) == {"a-new-0", "a-new-1"}


def test_numbers_of_gone_keys_are_given_up(truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval.index.access, "_NUMBERS_KEPT", 5)
    index = opened(truth, tmp_path)
    truth.put("kept", "group:legal")
    index.publish()
    for number in range(50):
        truth.put(f"d{number}", "group:legal", rows=1)
        truth.put("kept2", "group:legal", rows=1)
        truth.drop("kept2")
        assert f"d{number}-d{number}0-0" in seen(index)
        truth.drop(f"d{number}")
        assert len(seen(index)) == 2
    assert len(index._numbers) < 15


def test_a_segment_that_was_just_replaced_is_not_taken_for_damaged(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process merges the segments between this one's look at the list and its opening of them."""
    other, index = opened(truth, tmp_path), opened(truth, tmp_path)
    truth.put("a", "group:legal")
    other.publish()
    original = truth.list

    def listed() -> Sequence[SegmentInfo]:
        monkeypatch.setattr(truth, "list", original)
        before = original()
        other.compact()
        assert before != original()
        return before

    monkeypatch.setattr(truth, "list", listed)
    truth.indexed.clear()
    assert len(seen(index)) == 2
    assert truth.indexed == []
    assert not index.status().segments[0].damaged


def test_a_folder_that_vanishes_while_swept_is_no_error(truth: Truth, tmp_path: Path) -> None:
    truth.put("a", "group:legal")
    (tmp_path / ".building-x").symlink_to(tmp_path / "gone")  # listed, but not there any more
    opened(truth, tmp_path).publish()
    assert len(truth.segments) == 1


def test_folders_that_a_kill_left_are_swept_when_they_are_old(
    truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "segment-left").mkdir()
    index = opened(truth, tmp_path)
    index.publish()
    assert (tmp_path / "segment-left").exists()
    monkeypatch.setattr(retrieval.index.access, "_ORPHAN_S", -1.0)
    index.publish()
    assert not (tmp_path / "segment-left").exists()


def test_rows_of_one_label_lie_side_by_side_and_old_versions_apart(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path)
    for number in range(10):
        for day in range(2):
            truth.put(f"d{number}", "group:legal" if number % 2 else "group:hr", day=day)
        index.view(ANA)
    index.publish()
    (part,) = index.view(ANA).segments
    assert (part.starts.tolist(), part.stops.tolist()) == ([10], [20])


def test_a_view_is_named_by_its_content_alone(tmp_path: Path) -> None:
    one, two = Truth(), Truth()
    for truth, names in ((one, "ab"), (two, "bxa")):
        for name in names:
            truth.put(name, "group:hr" if name == "x" else "group:legal")
    digests = [opened(t, tmp_path).view(ANA).digest for t in (one, two)]
    two.put("a", "group:legal", content="other")
    two.put("a", "group:legal", content="a0")  # back to the same content, in another version
    digests.append(opened(two, tmp_path).view(ANA).digest)
    assert len(set(digests)) == 1
    two.drop("a")
    assert opened(two, tmp_path).view(ANA).digest != digests[0]


@dataclass
class Watch:
    """Documents that are there for sure, and those that are gone for sure; threads compare what they find."""

    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    failures: list[tuple[set[str], set[str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def search(self, index: AccessIndex) -> None:
        while not self.stop.is_set():
            there, gone = set(self.there), set(self.gone)
            found = {name.partition("-")[0] for name in seen(index)}
            if (there & self.there) - found or found & gone:
                self.failures.append(((there & self.there) - found, found & gone))

    def publish(self, index: AccessIndex) -> None:
        while not self.stop.is_set():
            index.publish()


def test_searches_go_on_while_others_publish_and_change(truth: Truth, tmp_path: Path) -> None:
    """Documents come and go and are published meanwhile: what was there before a search began and stays is found,
    what was deleted before it is not."""
    watch = Watch()
    index, other = opened(truth, tmp_path), opened(truth, tmp_path)
    work = [(watch.search, index), (watch.search, index), (watch.search, other), (watch.publish, index)]
    threads = [threading.Thread(target=target, args=[process]) for target, process in [*work, (watch.publish, other)]]
    for thread in threads:
        thread.start()
    for number in range(90):
        truth.put(f"new{number}", "group:legal", rows=1)
        watch.there.add(f"new{number}")
        if number % 3 == 2:
            watch.there.discard(f"new{number - 1}")
            truth.drop(f"new{number - 1}")
            watch.gone.add(f"new{number - 1}")
    watch.stop.set()
    for thread in threads:
        thread.join()
    assert watch.failures == []
    assert seen(index) == seen(other) == truth.expected(ANA)


@pytest.mark.parametrize(
    ("rows", "living", "fresh", "expected"),
    [
        ([], [], 5, []),
        ([10, 1_000_000], [10, 1_000_000], 0, []),
        ([10, 1_000_000], [10, 1_000_000], 1, [0]),
        ([10_000, 20_000, 30_000], [10_000, 20_000, 30_000], 10_000, [0, 1, 2]),
        ([10_000, 20_001, 50_000], [10_000, 20_001, 50_000], 9_999, []),
        ([10_000, 5_000, 14_000, 90_000], [10_000, 5_000, 14_000, 90_000], 0, [0, 1, 2]),
        ([100_000], [74_000], 0, [0]),
        ([100_000], [75_000], 0, []),
        ([100], [0], 0, [0]),
        ([3_999_000], [3_999_000], 3_999_000, []),
    ],
)
def test_which_segments_are_merged(rows: list[int], living: list[int], fresh: int, expected: list[int]) -> None:
    assert to_rewrite(rows, living, fresh) == expected


def test_no_segment_has_more_rows_than_it_may(truth: Truth, tmp_path: Path) -> None:
    index = opened(truth, tmp_path, largest_rows=10)
    for number in range(25):
        truth.put(f"d{number}", "group:legal", rows=3)
        index.publish()
    assert sum(info.rows for info in truth.segments) == 75
    assert max(info.rows for info in truth.segments) <= 10
    assert index.compact()
    assert sorted(info.rows for info in truth.segments) == [3, *[9] * 8]
    assert len(seen(index, ANA)) == 75


def test_cut() -> None:
    counts = np.array([3, 3, 3, 9, 1], np.int64)
    assert [counts[part].tolist() for part in cut(counts, 6)] == [[3, 3], [3], [9], [1]]
    assert cut(np.zeros(0, np.int64), 6) == []


def test_numbers_stay_and_keys_of_no_rows_have_none() -> None:
    numbers = KeyNumbers()
    keys = np.array([b"d" * 16 + bytes([n]) * 32 for n in (5, 3, 9)], KEY)
    first = numbers.of(keys)
    assert sorted(first.tolist()) == [0, 1, 2]
    more = np.array([b"d" * 16 + bytes(32), b"d" * 16 + b"\1" * 32, keys[1], b"d" * 16 + b"\1" * 32], KEY)
    found = numbers.of(more)
    assert found[0] == NOTHING
    assert found[1] == found[3]
    assert found[2] == first[1]
    assert numbers.of(keys).tolist() == first.tolist()
    assert len(numbers.of(keys[:0])) == 0


def test_a_table_of_zero_bytes_keeps_documents_apart() -> None:
    """Document ids may end in zero bytes, which numpy's cells do not show."""
    numbers = KeyNumbers()
    ids = [b"\1" + bytes(15), b"\1\0\1" + bytes(13), bytes(15) + b"\1"]
    digest = hashlib.sha256(b"x").digest()
    zeros = np.zeros(3, np.int32)
    keys = np.array([document + digest for document in ids], KEY)
    table = VersionTable.of(VersionColumns(keys, zeros, zeros, zeros + 1, zeros, zeros == 0), numbers)
    assert len(set(table.key_numbers.tolist())) == 3
    none = VersionColumns(keys[:0], zeros[:0], zeros[:0], zeros[:0], zeros[:0], zeros[:0] == 0)
    left = table.replaced(np.array([ids[0]], DOCUMENT), none, numbers)
    assert sorted(key.ljust(48, b"\0") for key in left.columns.keys.tolist()) == sorted(
        document + digest for document in ids[1:]
    )
