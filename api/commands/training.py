"""`footnote adapters data`: rows to train an adapter on, made with the service's own gate and reranker."""

from __future__ import annotations

from pathlib import Path

from api.commands.local import opened
from api.commands.output import UsageError, note

NEEDED = ("qed_dev", "policyqa", "tatqa", "pubmedqa", "scale_legal", "cuad", "squad2_dev_half", "ragtruth_qa_test")


def data(folder: Path, out: Path, seed: int) -> int:
    """Writes train.jsonl, held.jsonl, pairs.jsonl, held_pairs.jsonl and meta.json."""
    from generation.lora.data import build

    if missing := [name for name in NEEDED if not (folder / name).is_dir()]:
        raise UsageError(f"{folder} does not hold {', '.join(missing)}: --data names the folder of the public sets.")
    with opened() as parts:
        build(folder, out, parts.checker, parts.reranker, seed, note)
    return 0
