"""The manifest: which models there are, the exact bytes of their files, and where those come from."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from infra.models.errors import UnknownModel

SHA256 = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What a model is used for."""

    EMBEDDER = "embedder"
    RERANKER = "reranker"
    GENERATOR = "generator"
    JUDGE = "judge"
    SELECTOR = "selector"
    DETECTOR = "detector"
    ADAPTER = "adapter"


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file in a repository of the model hub."""

    repository: str
    revision: str
    file: str

    def __str__(self) -> str:
        return f"the model hub ({self.repository})"


@dataclass(frozen=True, slots=True)
class WheelPart:
    """A member of a wheel, and the sha256 of its bytes."""

    package: str
    version: str
    member: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Members of wheels that give a file when concatenated in order."""

    parts: tuple[WheelPart, ...]

    def __str__(self) -> str:
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return f"the Python package {self.parts[0].requirement}{more}"


@dataclass(frozen=True, slots=True)
class ShippedSource:
    """A file that comes with Footnote itself, xz-compressed, in infra/models/shipped."""

    member: str

    def __str__(self) -> str:
        return f"Footnote's own package ({self.member})"


@dataclass(frozen=True, slots=True)
class MadeSource:
    """A file that is made here out of another one of the same model, by the only rule there is (infra/models/e5.py):
    the same bytes on every machine, so that it has a hash as any other."""

    path: str

    def __str__(self) -> str:
        return f"the model's own file {self.path}"


Source = HubSource | WheelSource | ShippedSource | MadeSource


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: where it lies in the model's folder, its bytes by hash and size, its sources in order."""

    path: str
    sha256: str
    bytes: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model. `source` is the page of the original as owner/name; `base` is the generator that an adapter was trained
    on, `prompt` the sha256 (hex) of the prompt that it was trained with."""

    name: str
    role: Role
    licence: str
    source: str
    about: str
    files: tuple[ModelFile, ...]
    base: str = ""
    prompt: str = ""

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def digest(self) -> str:
        """sha256 (hex) over the paths and hashes of all files: names these weights and no others."""
        return digest_of({file.path: file.sha256 for file in self.files})

    def file(self, path: str) -> ModelFile:
        for file in self.files:
            if file.path == path:
                return file
        known = ", ".join(file.path for file in self.files)
        raise UnknownModel(f"The model {self.name} has no file {path!r}. It has: {known}.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models that Footnote knows, in the order of the file."""

    models: tuple[Model, ...]

    @classmethod
    def load(cls) -> Manifest:
        """Reads the manifest.toml that ships with this package."""
        return cls.parse(resources.files(__package__).joinpath("manifest.toml").read_text("utf-8"))

    @classmethod
    def parse(cls, text: str) -> Manifest:
        """Reads a manifest from TOML. Raises ValueError (KeyError for a missing field) if it is not sound."""
        models = tuple(_model(entry) for entry in tomllib.loads(text)["model"])
        names = [model.name.lower() for model in models]
        if len(set(names)) != len(names):
            raise ValueError("manifest: two models have the same name")
        generators = {model.name for model in models if model.role is Role.GENERATOR}
        if strays := [model.name for model in models if model.role is Role.ADAPTER and model.base not in generators]:
            raise ValueError(f"manifest: {', '.join(strays)} must name a generator as base")
        return cls(models)

    def model(self, name: str) -> Model:
        """The model of this name; upper and lower case are the same. Raises UnknownModel."""
        by_name = {model.name.lower(): model for model in self.models}
        if found := by_name.get(name.lower()):
            return found
        close = [by_name[key].name for key in difflib.get_close_matches(name.lower(), by_name, cutoff=0.4)]
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        known = ", ".join(model.name for model in self.models)
        raise UnknownModel(f"There is no model {name!r}.{hint} Known models: {known}.")

    def adapter(self, base: str) -> Model | None:
        """The adapter that comes with Footnote for this generator."""
        return next((model for model in self.models if model.role is Role.ADAPTER and model.base == base), None)


def digest_of(hashes: Mapping[str, str]) -> str:
    """sha256 (hex) over files, given the sha256 of each by its path."""
    lines = sorted(f"{sha256}  {path}\n" for path, sha256 in hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _model(entry: Mapping[str, Any]) -> Model:
    files = tuple(_file(item) for item in entry["file"])
    if len({file.path for file in files}) != len(files):
        raise ValueError(f"manifest: {entry['name']} has two files of the same path")
    before: set[str] = set()
    for file in files:
        if any(isinstance(source, MadeSource) and source.path not in before for source in file.sources):
            raise ValueError(f"manifest: {entry['name']}/{file.path} is made out of no file before it")
        before.add(file.path)
    if not re.fullmatch(r"\w[\w.-]*", entry["name"]):
        raise ValueError(f"manifest: {entry['name']!r} cannot be the name of a folder")
    role = Role(entry["role"])
    return Model(
        name=entry["name"],
        role=role,
        licence=entry["licence"],
        source=entry["source"],
        about=entry["about"],
        files=files,
        base=entry.get("base", ""),
        prompt=_sha256(entry["prompt"]) if role is Role.ADAPTER else "",
    )


def _file(entry: Mapping[str, Any]) -> ModelFile:
    path = PurePosixPath(entry["path"])
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"manifest: {entry['path']!r} leaves the model's folder")
    digest = _sha256(entry["sha256"])
    sources = tuple(_source(item, digest) for item in entry["sources"])
    if not sources or entry["bytes"] <= 0:
        raise ValueError(f"manifest: {entry['path']!r} needs a source and a size")
    if sum(isinstance(source, WheelSource) for source in sources) > 1:
        raise ValueError(f"manifest: {entry['path']!r} has two package sources, whose parts would be mixed up")
    return ModelFile(path=str(path), sha256=digest, bytes=entry["bytes"], sources=sources)


def _source(entry: Mapping[str, Any], digest: str) -> Source:
    """A single wheel member has the hash of the file itself; of a split file each part has its own."""
    if "hub" in entry:
        return HubSource(entry["hub"], entry["revision"], entry["file"])
    if "shipped" in entry:
        return ShippedSource(entry["shipped"])
    if "made_from" in entry:
        return MadeSource(entry["made_from"])
    package, version, member = entry["package"], entry["version"], entry["member"]
    if "parts" not in entry:
        return WheelSource((WheelPart(package, version, member, digest),))
    parts = tuple(
        WheelPart(package.format(n=n), version, member.format(n=n), _sha256(part))
        for n, part in enumerate(entry["parts"], start=1)
    )
    if len({part.package for part in parts}) < max(2, len(parts)):
        raise ValueError(f"manifest: the parts of {package!r} need {{n}} in the name, and two parts at least")
    return WheelSource(parts)


def _sha256(value: str) -> str:
    if not SHA256.fullmatch(value):
        raise ValueError(f"manifest: {value!r} is not a sha256 in lower-case hex")
    return value
