"""Trains a LoRA adapter of the generator: prompts as in service, and the completions to learn. First stage.

    python -m generation.training.lora.train RUN.toml --base MODEL.gguf --data DIR --out DIR

DIR holds train.jsonl and held.jsonl, a row a line: {"id", "kind", "messages": [{"role", "content"}], "completion"}.
The loss counts the completion's tokens and the end of turn. The run stops and goes on at any step: the same command
again resumes from the last checkpoint. Works on a CPU and on a GPU, in bfloat16 on both. OUT/adapter is in PEFT's
form; `generation.training.lora.export` makes it one for llama.cpp.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from generation.llm.unpacking import load_base
from generation.training.lora import adapter, commands, rows
from generation.training.lora.forward import logprobs
from generation.training.lora.record import META, describe, stated_prompts
from generation.training.lora.rows import Row
from generation.training.lora.settings import Run, Tuning
from generation.training.lora.steps import Batch, Signals, Training

FILES = ("train.jsonl", "held.jsonl")


def main() -> None:
    chosen = commands.parser(__doc__).parse_args()
    sys.exit(commands.ended(lambda: train(Tuning.read(chosen.run), chosen.base, chosen.data, chosen.out)))


def train(run: Tuning, base: Path, data: Path, out: Path) -> None:
    signals = Signals()
    signals.listen()
    model, tokenizer = load_base(base, quantised=run.quantised)
    tune(run, on_device(model, run), tokenizer, base=base, data=data, out=out, signals=signals)


def on_device(model: Any, run: Run) -> Any:
    """On the GPU if there is one. A quantised model is there already."""
    torch: Any = import_module("torch")
    return model.to("cuda") if torch.cuda.is_available() and not run.quantised else model


def tune(run: Tuning, model: Any, tokenizer: Any, *, base: Path, data: Path, out: Path, signals: Signals) -> None:
    """Train on a model that is loaded. `base` is only hashed. Raises `Stopped`, `LoraError`."""
    renderer = rows.Renderer(tokenizer)
    learned, held = (rows.read(data / name, renderer.row) for name in FILES)
    kept = rows.drawn(rows.fitting(learned, run.max_tokens, FILES[0]), run.shares, FILES[0])
    held_kept = rows.fitting(held, run.max_tokens, FILES[1])
    plan = list(rows.steps(kept, run))
    counts = {
        "rows": len(kept),
        "held": len(held_kept),
        "left_out": len(learned) - len(kept),
        "held_left_out": len(held) - len(held_kept),
        "steps": len(plan),
        "tokens": run.epochs * sum(row.tokens for row in kept),
        "completion_tokens": run.epochs * sum(len(row.completion) for row in kept),
    }
    describe(out, run, {name: data / name for name in FILES}, base, counts, prompts=stated_prompts(data / META))
    say(counts, run)
    adapted = adapter.fresh(model, run)
    Training(adapted, plan, run, out, signals).finish(Imitation(adapted, held_kept, run, signals))


def say(counts: dict[str, int], run: Run) -> None:
    if left_out := counts["left_out"] + counts["held_left_out"]:
        print(f"{left_out} rows have more than {run.max_tokens} tokens or are not in their kind's share: left out.")
    print("  ".join(f"{name} {count}" for name, count in counts.items()), flush=True)


class Imitation:
    """Cross-entropy of the completion's tokens, each token of a step weighing the same. A `steps.Stage`."""

    def __init__(self, model: Any, held: Sequence[Row], run: Run, signals: Signals) -> None:
        self._model, self._signals = model, signals
        self._held = rows.in_order(held, run)

    def loss(self, batch: Batch, step: Sequence[Batch]) -> tuple[Any, dict[str, float]]:
        tokens = sum(len(row.completion) for rows in step for row in rows)
        loss = -sum(scores.sum() for scores in logprobs(self._model, batch)) / tokens
        return loss, {"loss": loss.item()}

    def held(self) -> dict[str, float]:
        """Mean loss of a completion token in nats, over all and for each kind of row."""
        lost, counted = Counter[str](), Counter[str]()
        for batch in self._held:
            self._signals.check()
            for row, scores in zip(batch, logprobs(self._model, batch), strict=True):
                for name in ("held_loss", f"held_loss/{row.kind}") if row.kind else ("held_loss",):
                    lost[name] -= scores.sum().item()
                    counted[name] += len(row.completion)
        return {name: lost[name] / counted[name] for name in sorted(lost)}


if __name__ == "__main__":
    main()
