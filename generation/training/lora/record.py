"""What a training leaves beside its weights: run.json (what went in), log.jsonl (how it went), loss.png."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generation.adapter_files import RUN
from generation.training.lora.errors import LoraError
from generation.training.lora.settings import Run
from generation.training.replacing import replacing

META = "meta.json"
_INPUTS = ("run", "base", "data")


def describe(
    out: Path,
    run: Run,
    inputs: Mapping[str, Path],
    base: Path,
    counts: Mapping[str, int],
    *,
    prompts: Mapping[str, str],
) -> None:
    """Write OUT/run.json: enough to do the run again.

    Args:
        inputs: the files trained on, by name.
        base: the GGUF file.
        counts: rows, steps, tokens.
        prompts: the digest of the one that the adapter has learned, by its name; empty if that is not known.

    Raises `LoraError` if OUT holds a run of other settings or files, which cannot be gone on with.
    """
    about: dict[str, Any] = {
        "run": json.loads(json.dumps(asdict(run))),
        "base": {"model": run.model, "sha256": sha256(base)},
        "data": {name: sha256(path) for name, path in inputs.items()},
        "prompts": dict(prompts),
        "counts": dict(counts),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
    }
    out.mkdir(parents=True, exist_ok=True)
    path = out / RUN
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        if changed := [name for name in _INPUTS if before[name] != about[name]]:
            raise LoraError(f"{out} holds a run with another {', '.join(changed)}: choose another --out, or remove it.")
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def stated_prompts(path: Path) -> dict[str, str]:
    """The digest of the prompt, by its name, that META of the rows or RUN of a training states; empty if it does not
    exist."""
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")).get("prompts", {}) if path.exists() else {}
    return found


def carried_prompts(start: Mapping[str, str], data: Mapping[str, str]) -> dict[str, str]:
    """What an adapter still knows after pairs: the prompt that it started with, unless its pairs have it in another
    wording. Pairs alone teach none."""
    return {name: digest for name, digest in start.items() if data.get(name, digest) == digest}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Log:
    """OUT/log.jsonl. What it says of steps after `done` is dropped: they will be done again."""

    def __init__(self, out: Path, done: int) -> None:
        self._out, self._path = out, out / "log.jsonl"
        lines = self._path.read_text(encoding="utf-8").split("\n") if self._path.exists() else []
        self._entries = [entry for line in lines if (entry := _parsed(line)) and entry["step"] <= done]
        with replacing(self._path) as kept:
            kept.write_text("".join(json.dumps(entry) + "\n" for entry in self._entries), encoding="utf-8")

    def write(self, step: int, values: Mapping[str, float]) -> None:
        entry = {"step": step} | {name: round(value, 6) for name, value in values.items()}
        self._entries.append(entry)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def held_at(self, step: int) -> bool:
        """Whether the held-out rows were looked at after `step`."""
        return any(entry["step"] == step and "held_loss" in entry for entry in self._entries)

    def plot(self) -> None:
        """OUT/loss.png: the loss of each step, and that of the held-out rows, by step."""
        import_module("matplotlib").use("Agg")
        plots: Any = import_module("matplotlib.pyplot")
        figure, axes = plots.subplots(figsize=(8, 4.5))
        for name, style in (("loss", {"linewidth": 1}), ("held_loss", {"marker": "o"})):
            points = [(entry["step"], entry[name]) for entry in self._entries if name in entry]
            if points:
                axes.plot(*zip(*points, strict=True), label=name.replace("_", " "), **style)
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(self._out / "loss.png", dpi=120, bbox_inches="tight")
        plots.close(figure)


def _parsed(line: str) -> dict[str, Any] | None:
    """A line's entry; None for the torn last line of a run that was killed."""
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return entry
