"""`footnote adapters`: trained adapters of the generator as releases. `promote` is in evals, which weighs results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json, say_table

NEEDED = ("qed_dev", "policyqa", "tatqa", "pubmedqa", "scale_legal", "cuad", "squad2_dev_half", "ragtruth_qa_test")


def register(commands: Registry) -> None:
    group = commands.add_group("adapters", "Trained adapters of the generator, as releases.")
    group.add(data, "data")
    group.add(add, "add")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(rollback, "rollback")


def data(
    data: Annotated[Path, typer.Option(help="Folder of the public sets (see docs/models/adapter.md).")],
    out: Annotated[Path, typer.Option(help="Folder for train.jsonl, held.jsonl, pairs.jsonl and meta.json.")],
    seed: Annotated[int, typer.Option(help="Of order, trimming and the made-up kinds.")] = 0,
) -> int:
    """Make the rows that an adapter is trained on, checked by the gate."""
    from api.wiring.shortening import TrimmerShortening
    from generation.training.data.contamination import texts_in
    from generation.training.data.written import DataChanged
    from generation.training.lora.data import Inputs, build

    if missing := [name for name in NEEDED if not (data / name).is_dir()]:
        raise UsageError(f"{data} does not hold {', '.join(missing)}: --data names the folder of the public sets.")
    inputs = Inputs(data, measured={"sample/golden.jsonl": list(texts_in(list(_golden())))})
    try:
        with opened() as parts:
            build(inputs, out, parts.checker, TrimmerShortening(parts.reranker), seed, note)
    except DataChanged as error:
        raise UsageError(f"{data}: {error}") from error
    return 0


def add(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What a training left, with adapter.gguf.")],
    name: Annotated[str, typer.Option(help="Of the release: a-z, 0-9, '.', '_' and '-'.")],
) -> int:
    """Keep a trained adapter as a candidate; run it again to finish what was interrupted."""
    from api.wiring.adapters import Training

    training = Training(folder)
    with opened() as parts:
        adapter = training.add(name, parts.settings.home, parts.adapters, parts.models.manifest, note)
    say(f"{name} is here, for {adapter.base}. To use it: footnote adapters promote {name}, with results of its own.")
    return 0


def list_all(as_json: Json = False) -> int:
    """Every adapter, and which one answers."""
    with opened() as parts:
        adapters = parts.adapters.all()
    if as_json:
        say_json({"adapters": adapters})
    else:
        say_table(
            ("name", "base", "status", "created", "promoted", "evaluation"),
            [
                (a.name, a.base, a.status, f"{a.created_at:%Y-%m-%d}", _day(a.promoted_at), summary(a.metrics) or "-")
                for a in adapters
            ],
        )
    return 0


def show(
    name: Annotated[str, typer.Argument(help="As `footnote adapters list` shows it.")], as_json: Json = False
) -> int:
    """One adapter: what it was trained with, its evaluation, what was done to it."""
    from api.wiring.adapter_in_use import is_whole

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


def rollback(
    base: Annotated[str, typer.Option(help="Name of the base model; the configured generator if not given.")] = "",
    as_json: Json = False,
) -> int:
    """Answer with the adapter again that was current before the last promotion."""
    from api.wiring.adapter_in_use import is_whole

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


def summary(metrics: Mapping[str, Any] | None) -> str:
    """The main numbers of an evaluation in a few words; "" without one."""
    if not metrics:
        return ""
    refused = f"refused {metrics['abstained']} of {metrics['unanswerable']}"
    return f"right {metrics['right']:.3f} (n = {metrics['n']}), {refused}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"


def _golden() -> Iterator[object]:
    """The questions that promotion asks about the sample documents, with their answers and quotes. They are data of
    `evals`, whose code is not to be used from here."""
    from importlib.resources import files

    text = files("evals").joinpath("datasets", "sample", "golden.jsonl").read_text(encoding="utf-8")
    return map(json.loads, text.splitlines())
