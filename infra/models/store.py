"""The cache folder: model files by hash, checked before anybody loads them.

CACHE/blobs/<sha256>          the bytes, complete and verified
CACHE/models/<name>/<path>    the same file under the model's name (hard link, else a copy)
CACHE/partials/               finished parts of unfinished files, `<sha256 of the file>.partNN`
CACHE/verified.json           size and times of files whose hash was right, so that they are hashed once only
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.files.durable import replacing, sync_folder
from infra.files.places import cache_folder
from infra.models.errors import CorruptModel, ModelNotFetched
from infra.models.manifest import Manifest, Model, ModelFile

BLOCK = 1 << 20


class State(StrEnum):
    """What the cache holds of a model or a file. Only models are partial."""

    PRESENT = "present"
    MISSING = "missing"
    PARTIAL = "partial"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model and what the cache holds of it; `bytes` are those of its good files."""

    model: Model
    state: State
    bytes: int


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a full check of one file found."""

    model: str
    path: str
    state: State


def default_cache_dir() -> Path:
    """FOOTNOTE_CACHE, else the user's cache folder."""
    chosen = os.environ.get("FOOTNOTE_CACHE")
    return Path(chosen).expanduser() if chosen else cache_folder()


class ModelStore:
    """Reads model files from the cache folder. Nothing is created before something is stored."""

    def __init__(self, cache_dir: Path, manifest: Manifest) -> None:
        self.cache_dir = cache_dir
        self.manifest = manifest
        self.blobs = cache_dir / "blobs"
        self.partials = cache_dir / "partials"

    def path(self, name: str) -> Path:
        """The model's folder, every file in it verified. Raises UnknownModel, ModelNotFetched, CorruptModel."""
        model = self.manifest.model(name)
        for file in model.files:
            self._require(model, file)
        return self._folder(model)

    def file(self, name: str, filename: str) -> Path:
        """One verified file of a model. Raises as `path` does."""
        model = self.manifest.model(name)
        file = model.file(filename)
        self._require(model, file)
        return self.location(model, file)

    def digest(self, name: str) -> str:
        """sha256 (hex) over the pinned hashes of the model's files; `path` vouches that the cache holds them."""
        return self.manifest.model(name).digest

    def status(self) -> list[ModelStatus]:
        """Every model of the manifest, and whether the cache holds it."""
        return [self._status(model) for model in self.manifest.models]

    def verify(self, name: str | None = None) -> list[FileCheck]:
        """Hashes every file of a model, or of all models, whatever was verified before."""
        models = self.manifest.models if name is None else (self.manifest.model(name),)
        return [
            FileCheck(model.name, file.path, self.check(model, file, again=True))
            for model in models
            for file in model.files
        ]

    def location(self, model: Model, file: ModelFile) -> Path:
        """Where a model's file lies, whether or not it is there."""
        return self._folder(model) / file.path

    def check(self, model: Model, file: ModelFile, *, again: bool = False) -> State:
        """Present, missing or corrupt. The bytes are hashed when first seen or changed, and always with `again`."""
        path = self.location(model, file)
        try:
            stamp = _stamp(path, file.sha256)
            if path.stat().st_size != file.bytes:
                return State.CORRUPT
            if not again and self._verified().get(self._key(path)) == stamp:
                return State.PRESENT
            if sha256_of(path) != file.sha256:
                return State.CORRUPT
        except FileNotFoundError:
            return State.MISSING
        self._remember(path, stamp)
        return State.PRESENT

    def install(self, model: Model, file: ModelFile, pieces: Iterable[Path]) -> None:
        """Stores the concatenated pieces as a blob and shows it in the model's folder.

        Raises CorruptModel, and stores nothing, when their bytes are not those that the manifest pins.
        """
        self.blobs.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with replacing(self.blobs / file.sha256, self.blobs / f"{file.sha256}.tmp") as out:
            for piece in pieces:
                with piece.open("rb") as source:
                    while block := source.read(BLOCK):
                        digest.update(block)
                        out.write(block)
            if digest.hexdigest() != file.sha256:
                raise CorruptModel(
                    f"The bytes fetched for {model.name}/{file.path} are not the expected ones (sha256 "
                    f"{digest.hexdigest()[:12]}…, expected {file.sha256[:12]}…). Nothing was stored."
                )
        self.expose(model, file)

    def expose(self, model: Model, file: ModelFile) -> None:
        """Shows a stored blob in the model's folder: a hard link, or a copy where links are refused."""
        path, blob = self.location(model, file), self.blobs / file.sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f"{path.name}.tmp")
        staged.unlink(missing_ok=True)
        try:
            staged.hardlink_to(blob)
        except OSError:
            with blob.open("rb") as source, replacing(path, staged) as out:
                shutil.copyfileobj(source, out, BLOCK)
        else:
            staged.replace(path)
            sync_folder(path.parent)

    def discard(self, model: Model, file: ModelFile) -> None:
        """Removes a file and its blob."""
        self.location(model, file).unlink(missing_ok=True)
        (self.blobs / file.sha256).unlink(missing_ok=True)

    def _folder(self, model: Model) -> Path:
        return self.cache_dir / "models" / model.name

    def _require(self, model: Model, file: ModelFile) -> None:
        match self.check(model, file):
            case State.MISSING:
                raise ModelNotFetched(
                    f"The model {model.name} is not on this machine ({file.path} is missing in {self.cache_dir}). "
                    f"Run: footnote models pull {model.name}"
                )
            case State.CORRUPT:
                raise CorruptModel(
                    f"{self.location(model, file)} does not hold the bytes that the manifest pins and is not loaded. "
                    f"Fetch it again: footnote models pull {model.name}"
                )

    def _status(self, model: Model) -> ModelStatus:
        states = {file: self.check(model, file) for file in model.files}
        good = sum(file.bytes for file, state in states.items() if state is State.PRESENT)
        begun = good or any(any(self.partials.glob(f"{file.sha256}.part*")) for file in model.files)
        if State.CORRUPT in states.values():
            return ModelStatus(model, State.CORRUPT, good)
        if State.MISSING not in states.values():
            return ModelStatus(model, State.PRESENT, good)
        return ModelStatus(model, State.PARTIAL if begun else State.MISSING, good)

    def _key(self, path: Path) -> str:
        return path.relative_to(self.cache_dir).as_posix()

    def _verified(self) -> dict[str, list[int | str]]:
        try:
            known = json.loads((self.cache_dir / "verified.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self, path: Path, stamp: list[int | str]) -> None:
        """A cache that may not be written to is hashed at every start instead."""
        known = self._verified() | {self._key(path): stamp}
        staged = self.cache_dir / f"verified.{os.getpid()}.tmp"
        with contextlib.suppress(OSError), replacing(self.cache_dir / "verified.json", staged) as file:
            file.write(json.dumps(known, indent=1).encode())


def sha256_of(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _stamp(path: Path, sha256: str) -> list[int | str]:
    """What must be unchanged for a file to count as verified; ctime (ns) cannot be set back as mtime can."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, sha256]
