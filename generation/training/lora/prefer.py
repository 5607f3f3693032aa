"""Trains an adapter further on pairs of completions, a better and a worse one. Second stage, by DPO.

    python -m generation.training.lora.prefer RUN.toml --base MODEL.gguf --adapter DIR --data DIR --out DIR

DIR of --data holds pairs.jsonl and held_pairs.jsonl, a pair a line: {"id", "messages", "chosen", "rejected"}. The
loss is that of Rafailov et al. 2023 (arXiv 2305.18290), equation 7. The reference is the adapter as it was at the
start; its log-probabilities are computed once and kept in OUT/reference.jsonl. Resumes like
`generation.training.lora.train`. The prompt that the adapter has learned is that of the run.json beside it;
OUT/run.json says it again.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from generation.adapter_files import RUN, WEIGHTS
from generation.llm.unpacking import load_base
from generation.training.lora import adapter, commands, rows
from generation.training.lora.errors import LoraError
from generation.training.lora.forward import logprobs
from generation.training.lora.record import META, carried_prompts, describe, stated_prompts
from generation.training.lora.rows import Pair
from generation.training.lora.settings import Preference
from generation.training.lora.steps import Batch, Signals, Training
from generation.training.lora.train import on_device, say
from generation.training.replacing import replacing

FILES = ("pairs.jsonl", "held_pairs.jsonl")


def main() -> None:
    parser = commands.parser(__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="folder of the adapter to start from")
    chosen = parser.parse_args()
    run = (chosen.base, chosen.adapter, chosen.data, chosen.out)
    sys.exit(commands.ended(lambda: train(Preference.read(chosen.run), *run)))


def train(run: Preference, base: Path, start: Path, data: Path, out: Path) -> None:
    signals = Signals()
    signals.listen()
    model, tokenizer = load_base(base, quantised=run.quantised)
    prefer(run, on_device(model, run), tokenizer, base=base, start=start, data=data, out=out, signals=signals)


def prefer(
    run: Preference, model: Any, tokenizer: Any, *, base: Path, start: Path, data: Path, out: Path, signals: Signals
) -> None:
    """Train on a model that is loaded. `base` is only hashed. Raises `Stopped`, `LoraError`."""
    renderer = rows.Renderer(tokenizer)
    learned, held = (rows.read(data / name, renderer.pair) for name in FILES)
    kept, held_kept = (
        rows.drawn(rows.fitting(pairs, run.max_tokens, name), run.shares, name)
        for pairs, name in zip((learned, held), FILES, strict=True)
    )
    plan = list(rows.steps(kept, run, sequences=2))
    counts = {
        "rows": len(kept),
        "held": len(held_kept),
        "left_out": len(learned) - len(kept),
        "held_left_out": len(held) - len(held_kept),
        "steps": len(plan),
        "tokens": run.epochs * sum(pair.chosen.tokens + pair.rejected.tokens for pair in kept),
    }
    if len({pair.id for pair in (*kept, *held_kept)}) < len(kept) + len(held_kept):
        raise LoraError(f"{data}: two pairs have the same id; ids must be unique over {' and '.join(FILES)}.")
    adapted = adapter.load(model, start)
    inputs = {name: data / name for name in FILES} | {WEIGHTS: start / WEIGHTS}
    prompts = carried_prompts(stated_prompts(start.parent / RUN), stated_prompts(data / META))
    describe(out, run, inputs, base, counts, prompts=prompts)
    say(counts, run)
    batches = rows.in_order([*kept, *held_kept], run, sequences=2)
    reference = Reference(out / "reference.jsonl")
    reference.complete(adapted, batches, signals)
    stage = Preferring(adapted, rows.in_order(held_kept, run, sequences=2), reference, run, signals)
    Training(adapted, plan, run, out, signals).finish(stage)


class Reference:
    """What the adapter at the start thought of each pair: two log-probabilities, kept in a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, tuple[float, float]] = {}
        for line in path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else ():
            entry = json.loads(line)
            self._known[entry["id"]] = (entry["chosen"], entry["rejected"])

    def __getitem__(self, pair: Pair) -> tuple[float, float]:
        return self._known[pair.id]

    def complete(self, model: Any, batches: Sequence[Sequence[Pair]], signals: Signals) -> None:
        """Compute what is missing. `model` must still be as at the start. Raises `Stopped`; what is done is kept."""
        torch: Any = import_module("torch")
        todo = [batch for batch in batches if any(pair.id not in self._known for pair in batch)]
        model.eval()
        self._rewrite()
        for number, batch in enumerate(todo, start=1):
            signals.check()
            with torch.no_grad():
                scores = sums(model, batch)
            with self._path.open("a", encoding="utf-8") as file:
                for pair, (chosen, rejected) in zip(batch, scores, strict=True):
                    self._known[pair.id] = (chosen.item(), rejected.item())
                    file.write(self._line(pair.id))
            print(f"reference {number}/{len(todo)}", flush=True)

    def _rewrite(self) -> None:
        """Without the torn last line of a run that was killed."""
        with replacing(self._path) as fresh:
            fresh.write_text("".join(map(self._line, self._known)), encoding="utf-8")

    def _line(self, pair: str) -> str:
        chosen, rejected = self._known[pair]
        return json.dumps({"id": pair, "chosen": chosen, "rejected": rejected}) + "\n"


def sums(model: Any, pairs: Sequence[Pair]) -> list[tuple[Any, Any]]:
    """Log-probability of each pair's whole completions, chosen and rejected."""
    scores = logprobs(model, [row for pair in pairs for row in (pair.chosen, pair.rejected)])
    return [(chosen.sum(), rejected.sum()) for chosen, rejected in zip(scores[0::2], scores[1::2], strict=True)]


@dataclass(frozen=True, slots=True)
class Preferring:
    """The chosen completion gains on the rejected one, against the reference. A `steps.Stage`.

    The log tells `margin`, the gain in nats, and `ahead`, the share of pairs where it is above 0; both as means.
    """

    model: Any
    held_batches: Sequence[Sequence[Pair]]
    reference: Reference
    run: Preference
    signals: Signals

    def loss(self, batch: Batch, step: Sequence[Batch]) -> tuple[Any, dict[str, float]]:
        functional: Any = import_module("torch.nn.functional")
        pairs = sum(len(batch) for batch in step)
        total: Any = 0.0
        told = Counter[str]()
        for pair, (chosen, rejected) in zip(batch, sums(self.model, batch), strict=True):
            was_chosen, was_rejected = self.reference[pair]
            margin = (chosen - was_chosen) - (rejected - was_rejected)
            imitation = -chosen / len(pair.chosen.completion)
            total = total - functional.logsigmoid(self.run.beta * margin) + self.run.chosen_weight * imitation
            told.update(margin=margin.item() / pairs, ahead=(margin.item() > 0) / pairs)
        loss = total / pairs
        return loss, {"loss": loss.item()} | dict(told)

    def held(self) -> dict[str, float]:
        told = Counter[str]()
        for batch in self.held_batches:
            self.signals.check()
            told.update(self.loss(batch, self.held_batches)[1])
        return {f"held_{name}": value for name, value in told.items()}


if __name__ == "__main__":
    main()
