"""Trains the judge: premises and hypotheses in, three-way entailment out. Read it from top to bottom.

    python -m generation.training.judge.train RUN.toml --base FOLDER --data DIR --out DIR

RUN.toml names the stages, each with its files, epochs and learning rate. The run stops and goes on at any step:
the same command again resumes from the last checkpoint. Works on a CPU and on a GPU, in bfloat16 on both.
Seeds, hashes of the data and of the base, and the curve are written next to the weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generation.training.data.pairs import Pair, read_jsonl
from generation.training.judge.base import LABELS, load_base
from generation.training.replacing import replacing

_STRIDE = 16
NOT_ENTAILED = -1  # a label of two-way data: neutral or contradicted, nobody said which


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass over some files, without the sources in `skip`; `share` of each file is used, drawn by seed."""

    files: tuple[str, ...]
    epochs: int
    learning_rate: float
    share: tuple[float, ...] = ()
    skip: tuple[str, ...] = ()

    @classmethod
    def read(cls, table: dict[str, Any]) -> Stage:
        lists = {name: tuple(table.get(name, ())) for name in ("files", "share", "skip")}
        return cls(epochs=table["epochs"], learning_rate=table["learning_rate"], **lists)


@dataclass(frozen=True, slots=True)
class Run:
    """A training run as its TOML file states it."""

    stages: tuple[Stage, ...]
    held: str
    seed: int = 0
    max_tokens: int = 192
    batch_tokens: int = 2048
    batch_rows: int = 48
    weight_decay: float = 0.01
    warmup: float = 0.06
    checkpoint_s: float = 300.0

    @classmethod
    def read(cls, path: Path) -> Run:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(stages=tuple(Stage.read(stage) for stage in data.pop("stage")), **data)


@dataclass(frozen=True, slots=True)
class Row:
    """A pair as the model reads it. `label` indexes LABELS, or is NOT_ENTAILED."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    label: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="folder of the model to start from")
    parser.add_argument("--data", type=Path, required=True, help="folder with the files that the run names")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, curve and the trained model")
    chosen = parser.parse_args()
    train(Run.read(chosen.run), chosen.base, chosen.data, chosen.out)


def train(run: Run, base: Path, data: Path, out: Path) -> None:
    import torch

    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(run.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = _tokenizer(base, run.max_tokens)
    model = load_base(base).to(device)
    steps = list(_steps(run, data, tokenizer))
    held = _encoded(_pairs(data / run.held), tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, weight_decay=run.weight_decay)
    done = _resume(out, model, optimizer)
    _describe(run, base, data, out, steps)

    model.train()
    saved = began = time.monotonic()
    losses: list[float] = []
    for number, (batch, rate) in enumerate(steps[done:], start=done + 1):
        torch.manual_seed(run.seed + number)  # dropout of a step is the same whether or not the run was cut off
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = _forward(model, batch, device)
        loss = _loss(logits.float(), torch.tensor([row.label for row in batch], device=device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if number % 50 == 0 or number == len(steps):
            _log(out, step=number, of=len(steps), loss=sum(losses) / len(losses), rate=rate, s=time.monotonic() - began)
            losses.clear()
        if time.monotonic() - saved > run.checkpoint_s or number == len(steps):
            _save(out, model, optimizer, number)
            saved = time.monotonic()
    accuracy = _accuracy(model, held, device)
    _log(out, step=len(steps), held=run.held, accuracy=accuracy)
    model.save_pretrained(str(out / "model"))
    tokenizer.save(str(out / "model" / "tokenizer.json"))


def _steps(run: Run, data: Path, tokenizer: Any) -> Iterator[tuple[list[Row], float]]:
    """Every batch of the run with its learning rate: a warm-up, then down to zero, for each stage."""
    for at, stage in enumerate(run.stages):
        rng = random.Random(f"{run.seed}/{at}")
        shares = stage.share or (1.0,) * len(stage.files)
        pairs = []
        for name, share in zip(stage.files, shares, strict=True):
            found = [pair for pair in _pairs(data / name) if pair.source not in stage.skip]
            pairs += found if share == 1.0 else rng.sample(found, round(share * len(found)))
        rows = _encoded(pairs, tokenizer)
        batches = [batch for _ in range(stage.epochs) for batch in _batches(rows, run, rng)]
        for step, batch in enumerate(batches):
            progress = step / len(batches)
            yield batch, stage.learning_rate * min(1.0, progress / run.warmup, (1 - progress) / (1 - run.warmup))


def _pairs(path: Path) -> list[Pair]:
    return [Pair(**row) for row in read_jsonl(path)]


def _batches(rows: Sequence[Row], run: Run, rng: random.Random) -> list[list[Row]]:
    """Rows of like length together, so that little is padding, in random order."""
    rows = sorted(rows, key=lambda row: (_padded(row), rng.random()))
    batches: list[list[Row]] = [[]]
    for row in rows:
        last = batches[-1]
        if last and (len(last) == run.batch_rows or (len(last) + 1) * _padded(row) > run.batch_tokens):
            batches.append(last := [])
        last.append(row)
    rng.shuffle(batches)
    return batches


def _padded(row: Row) -> int:
    """Tokens that a row takes: few different shapes, for each of which the CPU's kernels are built once."""
    return -(-len(row.ids) // _STRIDE) * _STRIDE


def _forward(model: Any, batch: Sequence[Row], device: str) -> Any:
    import torch

    longest, pad = max(_padded(row) for row in batch), model.config.pad_token_id
    ids = torch.tensor([[*row.ids, *[pad] * (longest - len(row.ids))] for row in batch], device=device)
    mask = torch.tensor([[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in batch], device=device)
    kinds = {}
    if model.config.model_type == "bert":
        types = [[*row.types, *[0] * (longest - len(row.types))] for row in batch]
        kinds["token_type_ids"] = torch.tensor(types, device=device)
    return model(input_ids=ids, attention_mask=mask, **kinds).logits


def _loss(logits: Any, labels: Any) -> Any:
    """Cross-entropy; for a row that is only known not to be entailed, the two other labels count together."""
    import torch

    scores = torch.log_softmax(logits, dim=-1)
    either = torch.logsumexp(scores[:, 1:], dim=-1)
    exact = scores.gather(1, labels.clamp(min=0).unsqueeze(1)).squeeze(1)
    return -torch.where(labels == NOT_ENTAILED, either, exact).mean()


def _accuracy(model: Any, rows: Sequence[Row], device: str) -> float:
    """Share of rows whose entailed-or-not is right, entailed where its probability is above one half."""
    import torch

    model.eval()
    right = 0
    with torch.no_grad():
        for start in range(0, len(rows), 64):
            batch = rows[start : start + 64]
            entailed = _forward(model, batch, device).softmax(-1)[:, 0] > 0.5
            right += sum(int(said) == (row.label == 0) for said, row in zip(entailed.tolist(), batch, strict=True))
    return right / len(rows)


def _encoded(pairs: Sequence[Pair], tokenizer: Any) -> list[Row]:
    index = {name: at for at, name in enumerate(LABELS)} | {"not_entailed": NOT_ENTAILED}
    encoded = tokenizer.encode_batch([(pair.evidence, pair.claim) for pair in pairs])
    return [Row(tuple(e.ids), tuple(e.type_ids), index[pair.label]) for pair, e in zip(pairs, encoded, strict=True)]


def _tokenizer(base: Path, max_tokens: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, strategy="longest_first")
    return tokenizer


def _resume(out: Path, model: Any, optimizer: Any) -> int:
    """Steps already done, with the model and the optimizer as they were then."""
    import torch

    if not (out / "checkpoint.pt").exists():
        return 0
    kept = torch.load(out / "checkpoint.pt", weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])


def _save(out: Path, model: Any, optimizer: Any, step: int) -> None:
    import torch

    with replacing(out / "checkpoint.pt") as fresh:
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, fresh)


def _describe(run: Run, base: Path, data: Path, out: Path, steps: Sequence[tuple[list[Row], float]]) -> None:
    """What went in: enough to do the run again."""
    weights = [p for p in (base / "model.safetensors", base / "model.onnx") if p.exists()]
    names = sorted({run.held, *(name for stage in run.stages for name in stage.files)})
    about = {
        "run": asdict(run),
        "base": {path.name: _sha256(path) for path in weights},
        "data": {name: _sha256(data / name) for name in names},
        "steps": len(steps),
        "rows": sum(len(batch) for batch, _ in steps),
    }
    (out / "run.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _log(out: Path, **values: object) -> None:
    line = json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()})
    print(line, flush=True)
    with (out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
