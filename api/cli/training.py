"""`footnote adapters data`: rows to train an adapter on, made with the service's own gate and reranker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from api.cli.local import opened
from api.cli.output import UsageError, note
from api.wiring.shortening import TrimmerShortening

NEEDED = ("qed_dev", "policyqa", "tatqa", "pubmedqa", "scale_legal", "cuad", "squad2_dev_half", "ragtruth_qa_test")


def data(folder: Path, out: Path, seed: int) -> int:
    """Writes train.jsonl, held.jsonl, pairs.jsonl, held_pairs.jsonl and meta.json."""
    from generation.training.data.contamination import texts_in
    from generation.training.data.written import DataChanged
    from generation.training.lora.data import Inputs, build

    if missing := [name for name in NEEDED if not (folder / name).is_dir()]:
        raise UsageError(f"{folder} does not hold {', '.join(missing)}: --data names the folder of the public sets.")
    inputs = Inputs(folder, measured={"sample/golden.jsonl": list(texts_in(list(_golden())))})
    try:
        with opened() as parts:
            build(inputs, out, parts.checker, TrimmerShortening(parts.reranker), seed, note)
    except DataChanged as error:
        raise UsageError(f"{folder}: {error}") from error
    return 0


def _golden() -> Iterator[object]:
    """The questions that promotion asks about the sample documents, with their answers and quotes. They are data of
    `evals`, whose code is not to be used from here."""
    text = files("evals").joinpath("datasets", "sample", "golden.jsonl").read_text(encoding="utf-8")
    return map(json.loads, text.splitlines())
