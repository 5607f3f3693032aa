"""The training loop of both stages: steps, checkpoints, held-out looks, a clean end on SIGTERM and SIGINT."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from generation.training.lora import adapter
from generation.training.lora.errors import LoraError
from generation.training.lora.record import Log
from generation.training.lora.settings import Run
from generation.training.replacing import replacing

_CLIP = 1.0
Batch = Sequence[Any]


class Stage(Protocol):
    """What is learned."""

    def loss(self, batch: Batch, step: Sequence[Batch]) -> tuple[Any, dict[str, float]]:
        """The batch's share of the step's loss, to go backward from, and its shares of what the log tells.

        Shares of all batches of a step add up to the step's values; "loss" is among them.
        """
        ...

    def held(self) -> dict[str, float]:
        """How the held-out rows stand, with their loss as "held_loss". Runs without gradients."""
        ...


class Stopped(Exception):
    """A signal asked for the end; what was done is saved. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__("Stopped and saved. The same command goes on from here.")
        self.number = number


class Signals:
    """Remembers the first SIGTERM or SIGINT; a second one ends the process at once."""

    def __init__(self) -> None:
        self._number = 0

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raises `Stopped` once a signal has come."""
        if self._number:
            raise Stopped(self._number)

    def _note(self, number: int, _frame: object) -> None:
        self._number = number
        signal.signal(number, signal.SIG_DFL)


class Training:
    """One run of `plan` (batches for each step) over the LoRA weights of `model`, in the folder `out`.

    OUT/checkpoint.pt holds the adapter, the optimizer and the number of steps done. Dropout draws from a seed made
    for each step, so that a run that stopped and went on ends with the weights of one that did not.
    """

    def __init__(self, model: Any, plan: Sequence[Sequence[Batch]], run: Run, out: Path, signals: Signals) -> None:
        torch: Any = import_module("torch")
        self._model, self._plan, self._run, self._out, self._signals = model, plan, run, out, signals
        self._weights = [weight for weight in model.parameters() if weight.requires_grad]
        self._optimizer = torch.optim.AdamW(self._weights, lr=0.0, weight_decay=0.0)
        self._done = self._resume()
        self._log = Log(out, self._done)

    def finish(self, stage: Stage) -> None:
        """Do the steps that are left, then write OUT/adapter and OUT/loss.png. Raises `Stopped`, `LoraError`."""
        try:
            self._steps(stage)
            if not self._log.held_at(len(self._plan)):
                self._look(stage)
        except Stopped:
            self._save()
            raise
        adapter.save(self._model, self._out / "adapter", self._run.model)

    def _steps(self, stage: Stage) -> None:
        saved = time.monotonic()
        pace = Pace(len(self._plan) - self._done)
        for number in range(self._done + 1, len(self._plan) + 1):
            told = self._step(stage, number)
            self._done = number
            self._log.write(number, told | pace.step())
            print(f"step {number}/{len(self._plan)}  loss {told['loss']:.4f}  {pace}", flush=True)
            due = self._run.held_every and number % self._run.held_every == 0
            if due or number == len(self._plan) or time.monotonic() - saved > self._run.checkpoint_s:
                self._save()
                saved = time.monotonic()
            if due:
                self._look(stage)

    def _step(self, stage: Stage, number: int) -> dict[str, float]:
        torch: Any = import_module("torch")
        torch.manual_seed(self._run.seed * 1_000_003 + number)
        rate = learning_rate(number, len(self._plan), self._run)
        batches, told = self._plan[number - 1], Counter[str]()
        self._model.train()
        for batch in batches:
            loss, shares = stage.loss(batch, batches)
            loss.backward()
            told.update(shares)
            self._signals.check()
        if not math.isfinite(told["loss"]):
            raise LoraError(f"The loss of step {number} is not a number: lower learning_rate and begin anew.")
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self._weights, _CLIP)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return dict(told) | {"rate": rate}

    def _look(self, stage: Stage) -> None:
        torch: Any = import_module("torch")
        self._model.eval()
        with torch.no_grad():
            told = stage.held()
        self._log.write(self._done, told)
        self._log.plot()
        print("held out: " + "  ".join(f"{name} {value:.4f}" for name, value in told.items()), flush=True)

    def _resume(self) -> int:
        """Steps already done, with the adapter and the optimizer as they were then."""
        path = self._out / "checkpoint.pt"
        if not path.exists():
            return 0
        kept = import_module("torch").load(path, weights_only=True, map_location="cpu")
        adapter.put(self._model, kept["adapter"])
        self._optimizer.load_state_dict(kept["optimizer"])
        print(f"Going on after step {kept['step']}.", file=sys.stderr)
        return int(kept["step"])

    def _save(self) -> None:
        kept = {
            "adapter": adapter.weights(self._model),
            "optimizer": self._optimizer.state_dict(),
            "step": self._done,
        }
        with replacing(self._out / "checkpoint.pt") as fresh:
            import_module("torch").save(kept, fresh)


class Pace:
    """Seconds a step and the time left, from the steps of this process."""

    def __init__(self, steps: int) -> None:
        self._left, self._count, self._began = steps, 0, time.monotonic()

    def step(self) -> dict[str, float]:
        """Counts a step. Returns the seconds since the beginning as `s`."""
        self._count += 1
        return {"s": time.monotonic() - self._began}

    def __str__(self) -> str:
        each = (time.monotonic() - self._began) / self._count
        return f"{each:.1f} s a step, {each * (self._left - self._count) / 60:.0f} min left"


def learning_rate(number: int, steps: int, run: Run) -> float:
    """Of step `number`, counted from 1: up over the share `run.warmup` of all steps, then down; never 0."""
    progress = (number - 0.5) / steps
    rising = progress / run.warmup if run.warmup else 1.0
    return run.learning_rate * min(1.0, rising, (1 - progress) / (1 - run.warmup))
