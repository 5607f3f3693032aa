"""What a training has left, checked, copied into the data folder and entered as a candidate for release."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from api.wiring.adapter_in_use import digests
from generation.adapter_files import CONFIG, GGUF, MADE_FROM, RUN, WEIGHTS
from generation.prompts import CITED, load_prompt
from infra.files.durable import UNFINISHED, make_folder, sync_folder, write_durably
from infra.files.locks import file_lock
from infra.llm.gguf_header import texts
from infra.models.manifest import Manifest, Role, digest_of
from infra.models.store import sha256_of
from infra.postgres.adapters import Adapter, PostgresAdapters
from infra.postgres.errors import AdapterRefused

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Base(BaseModel):
    sha256: _Sha256


class _Run(BaseModel):
    """run.json, as far as it is needed. `prompts`: the digest of CITED, by its name."""

    run: dict[str, Any]
    base: _Base
    data: dict[str, _Sha256] = Field(min_length=1)
    prompts: dict[str, _Sha256] = Field(default_factory=dict)


class Training:
    """The files in the --out folder of a finished training, exported. Raises `AdapterRefused` where they are not whole
    or do not belong together."""

    def __init__(self, folder: Path) -> None:
        self._files = _sources(folder)
        self._hashes = {file: sha256_of(path) for file, path in self._files.items()}
        _check_export(self._files[GGUF], self._hashes, self._files[WEIGHTS].parent)

    def add(
        self, name: str, home: Path, adapters: PostgresAdapters, manifest: Manifest, note: Callable[[str], None]
    ) -> Adapter:
        """Keeps the files in `home` and enters the adapter. Run again, it finishes what was begun.

        Raises `AdapterRefused` for a name that is taken or cannot be one, and for a training on another base; tells
        `note` of a prompt that is not today's.
        """
        adapter = _described(name, self._files[RUN], self._hashes, manifest, note)
        folder = home / "adapters"
        make_folder(folder)
        with _alone(folder):
            adapters.check(adapter)
            _put(self._files, self._hashes, folder / name)
            adapters.add(adapter)
        return adapter


def _sources(folder: Path) -> dict[str, Path]:
    """Where each file lies in a training's folder. Raises `AdapterRefused`."""
    trained = folder / "adapter"
    if not trained.is_dir():
        raise AdapterRefused(f"{folder} has no folder 'adapter': name the --out folder of a finished training.")
    found = {name: trained / name for name in (WEIGHTS, CONFIG)} | {RUN: folder / RUN}
    for path in found.values():
        if not path.is_file():
            raise AdapterRefused(f"{path} is missing: name the --out folder of a finished training.")
    try:
        json.loads(found[CONFIG].read_bytes())
    except ValueError as error:
        raise AdapterRefused(f"{found[CONFIG]} is not JSON: train again, or restore the file.") from error
    gguf = next((path for path in (folder / GGUF, trained / GGUF) if path.is_file()), None)
    if gguf is None:
        raise AdapterRefused(f"{folder} has no {GGUF}. {_export(trained, folder / GGUF)}")
    return found | {GGUF: gguf}


def _check_export(gguf: Path, hashes: Mapping[str, str], trained: Path) -> None:
    """Raises `AdapterRefused` unless the GGUF file was made from these weights and this configuration."""
    try:
        stated = texts(gguf)
    except ValueError as error:
        raise AdapterRefused(f"{gguf} is no GGUF file, or damaged. {_export(trained, gguf)}") from error
    for file in (WEIGHTS, CONFIG):
        made_from = stated.get(MADE_FROM + file)
        if made_from is None:
            raise AdapterRefused(f"{gguf} does not say what it was made from. {_export(trained, gguf)}")
        if made_from != hashes[file]:
            raise AdapterRefused(f"{gguf} was made from another {file} than lies there now. {_export(trained, gguf)}")


def _export(trained: Path, gguf: Path) -> str:
    return f"Export it again: python -m generation.training.lora.export {trained} --base MODEL.gguf --out {gguf}"


def _described(
    name: str, run_file: Path, hashes: Mapping[str, str], manifest: Manifest, note: Callable[[str], None]
) -> Adapter:
    """The adapter as run.json and the sha256 of the files describe it. Raises `AdapterRefused`."""
    if not _NAME.fullmatch(name):
        raise AdapterRefused(f"--name {name!r}: use at most 64 of a-z, 0-9, '.', '_', '-', a letter or digit first.")
    if name in {"current", "none"} or name in {model.name.lower() for model in manifest.models}:
        raise AdapterRefused(f"--name {name}: this name has another meaning already. Choose another.")
    run = _read_run(run_file)
    generators = [model for model in manifest.models if model.role is Role.GENERATOR]
    base = next((m for m in generators if run.base.sha256 in {file.sha256 for file in m.files}), None)
    if base is None:
        known = ", ".join(model.name for model in generators)
        raise AdapterRefused(
            f"{run_file}: the base model (sha256 {run.base.sha256[:12]}…) is no generator that Footnote knows. "
            f"Train on the file of one of these: {known}."
        )
    learned, today = run.prompts.get(CITED), load_prompt(CITED).digest
    if learned is None:
        note(f"{run_file} does not say with which prompt it was trained: taken to be {CITED}.md as it is now.")
    elif learned != today:
        note(f"It was trained with another {CITED}.md than Footnote has now, which will not use it: train it anew.")
    made = digests(hashes)
    return Adapter(
        name=name,
        base=base.name,
        base_sha256=run.base.sha256,
        gguf_sha256=made[GGUF],
        peft_sha256=made[WEIGHTS],
        prompt_sha256=learned or today,
        data_sha256=digest_of(run.data),
        config=run.run,
    )


def _read_run(path: Path) -> _Run:
    try:
        return _Run.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise AdapterRefused(
            f"{path} is not as a training writes it ({place + ': ' if place else ''}{first['msg']}): train again, or "
            "restore the file."
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time changes what is in the folder; names changed in it are durable at the end."""
    with file_lock(folder.with_name("adapters.lock")):
        yield
        sync_folder(folder)


def _put(found: Mapping[str, Path], hashes: Mapping[str, str], target: Path) -> None:
    """The files in the folder `target`, all of them or none; it is left alone if it holds them already."""
    _sweep(target.parent)
    if _holds(target, hashes):
        return
    staged = target.with_name(UNFINISHED + target.name)
    try:
        make_folder(staged)
        for file, path in found.items():
            write_durably(staged / file, path.read_bytes())
        if not _holds(staged, hashes):
            raise AdapterRefused("The files changed while they were copied. Let the training end, then add it again.")
        if target.exists():  # damaged, or left by a command that ended before it entered the adapter
            target.rename(target.with_name(f"{UNFINISHED}{target.name}.old"))
        staged.rename(target)
    finally:
        _sweep(target.parent)


def _sweep(folder: Path) -> None:
    """Removes what a killed command has left."""
    for left in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)


def _holds(folder: Path, hashes: Mapping[str, str]) -> bool:
    return all((folder / file).is_file() and sha256_of(folder / file) == digest for file, digest in hashes.items())
