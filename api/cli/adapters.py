"""`footnote adapters`: trained adapters of the generator as releases. `promote` is in evals, which weighs results."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from api.cli.local import opened
from api.cli.output import UsageError, note, say, say_json, say_table
from api.wiring.releases import GGUF, digests, held, pins
from generation.prompts import CITED, load_prompt
from generation.training.lora.adapter import CONFIG, WEIGHTS
from generation.training.lora.export import MADE_FROM
from infra.files.durable import UNFINISHED, make_folder, write_durably
from infra.llm.gguf_header import texts
from infra.models.manifest import Manifest, Role, digest_of
from infra.models.store import sha256_of
from infra.postgres.adapters import Adapter

RUN = "run.json"

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


def add(folder: Path, name: str) -> int:
    """Copies what a training left in `folder` and enters it as a candidate. Run again, it finishes what was begun."""
    found = _sources(folder)
    hashes = {file: sha256_of(path) for file, path in found.items()}
    _check_export(found[GGUF], hashes, found[WEIGHTS].parent)
    with opened() as parts:
        adapter = _described(name, found[RUN], hashes, parts.models.manifest)
        folder_of_all = parts.settings.home / "adapters"
        make_folder(folder_of_all)
        with _alone(folder_of_all):
            parts.adapters.check(adapter)
            _put(found, hashes, folder_of_all / name)
            parts.adapters.add(adapter)
    say(f"{name} is here, for {adapter.base}. To use it: footnote adapters promote {name}, with results of its own.")
    return 0


def list_all(as_json: bool) -> int:
    with opened() as parts:
        adapters = parts.adapters.all()
    if as_json:
        say_json({"adapters": adapters})
    else:
        say_table(
            ("name", "base", "status", "created", "promoted", "evaluation"),
            [
                (a.name, a.base, a.status, f"{a.created_at:%Y-%m-%d}", _day(a), summary(a.metrics) or "-")
                for a in adapters
            ],
        )
    return 0


def show(name: str, as_json: bool) -> int:
    """The adapter, whether its files are whole on this machine, and what was done to it."""
    with opened() as parts:
        adapter = parts.adapters.named(name)
        changes = [c for c in parts.adapters.changes(adapter.base) if name in {c.name, c.previous}]
        whole = is_whole(parts.settings.home, adapter)
    if as_json:
        say_json({**asdict(adapter), "files_whole": whole, "changes": changes})
        return 0
    for field, value in asdict(adapter).items():
        say(f"{field:<14} {json.dumps(value) if isinstance(value, Mapping) else '-' if value is None else value}")
    say(f"{'files':<14} {'whole' if whole else 'missing or damaged on this machine: add it again'}")
    for change in changes:
        way = "back to" if change.action == "rollback" else "instead of"
        before = f", {way} {change.previous}" if change.previous else ""
        say(f"{change.at:%Y-%m-%d %H:%M:%S}  {change.action} {change.name}{before}  {json.dumps(change.evidence)}")
    return 0


def rollback(base: str, as_json: bool) -> int:
    """Back to the adapter before; `base` is a generator's name, by default the configured one's."""
    with opened() as parts:
        model = parts.models.manifest.model(base or parts.settings.generator)
        adapter = parts.adapters.rollback(model.name)
        whole = adapter is None or is_whole(parts.settings.home, adapter)
    if as_json:
        say_json({"current": adapter})
    elif adapter:
        say(f"{adapter.name} is current again for {adapter.base}.")
    else:
        say(f"Nothing is promoted for {model.name} any more: it answers as Footnote comes.")
    if adapter and not whole:
        note(f"Its files are missing or damaged on this machine: footnote adapters add DIR --name {adapter.name}")
    return 0


def is_whole(home: Path, adapter: Adapter) -> bool:
    """Whether the data folder holds what is loaded of it, byte for byte."""
    return held(home / "adapters" / adapter.name) == pins(adapter)


def summary(metrics: Mapping[str, Any] | None) -> str:
    """The main numbers of an evaluation in a few words; "" without one."""
    if not metrics:
        return ""
    refused = f"refused {metrics['abstained']} of {metrics['unanswerable']}"
    return f"right {metrics['right']:.3f} (n = {metrics['n']}), {refused}"


def _sources(folder: Path) -> dict[str, Path]:
    """Where each file lies in a training's folder. Raises `UsageError`."""
    trained = folder / "adapter"
    if not trained.is_dir():
        raise UsageError(f"{folder} has no folder 'adapter': name the --out folder of a finished training.")
    found = {name: trained / name for name in (WEIGHTS, CONFIG)} | {RUN: folder / RUN}
    for path in found.values():
        if not path.is_file():
            raise UsageError(f"{path} is missing: name the --out folder of a finished training.")
    try:
        json.loads(found[CONFIG].read_bytes())
    except ValueError as error:
        raise UsageError(f"{found[CONFIG]} is not JSON: train again, or restore the file.") from error
    gguf = next((path for path in (folder / GGUF, trained / GGUF) if path.is_file()), None)
    if gguf is None:
        raise UsageError(f"{folder} has no {GGUF}. {_export(trained, folder / GGUF)}")
    return found | {GGUF: gguf}


def _check_export(gguf: Path, hashes: Mapping[str, str], trained: Path) -> None:
    """Raises `UsageError` unless the GGUF file was made from these weights and this configuration."""
    try:
        stated = texts(gguf)
    except ValueError as error:
        raise UsageError(f"{gguf} is no GGUF file, or damaged. {_export(trained, gguf)}") from error
    for file in (WEIGHTS, CONFIG):
        made_from = stated.get(MADE_FROM + file)
        if made_from is None:
            raise UsageError(f"{gguf} does not say what it was made from. {_export(trained, gguf)}")
        if made_from != hashes[file]:
            raise UsageError(f"{gguf} was made from another {file} than lies there now. {_export(trained, gguf)}")


def _export(trained: Path, gguf: Path) -> str:
    return f"Export it again: python -m generation.training.lora.export {trained} --base MODEL.gguf --out {gguf}"


def _described(name: str, run_file: Path, hashes: Mapping[str, str], manifest: Manifest) -> Adapter:
    """The adapter as run.json and the sha256 of the files describe it. Raises `UsageError`."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"--name {name!r}: use at most 64 of a-z, 0-9, '.', '_', '-', a letter or digit first.")
    if name in {"current", "none"} or name in {model.name.lower() for model in manifest.models}:
        raise UsageError(f"--name {name}: this name has another meaning already. Choose another.")
    run = _read_run(run_file)
    generators = [model for model in manifest.models if model.role is Role.GENERATOR]
    base = next((m for m in generators if run.base.sha256 in {file.sha256 for file in m.files}), None)
    if base is None:
        known = ", ".join(model.name for model in generators)
        raise UsageError(
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
        raise UsageError(
            f"{path} is not as a training writes it ({place + ': ' if place else ''}{first['msg']}): train again, or "
            "restore the file."
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time changes what is in the folder; names changed in it are durable at the end."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
            raise UsageError("The files changed while they were copied. Let the training end, then add it again.")
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


def _day(adapter: Adapter) -> str:
    return f"{adapter.promoted_at:%Y-%m-%d}" if adapter.promoted_at else "-"
