"""Training the judge on a tiny model: it learns, resumes where it stopped, and exports what it trained."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from generation.training.data.pairs import Pair, write_pairs
from generation.training.judge import train as training
from generation.training.judge.base import LABELS, load_base
from generation.training.judge.export import export
from generation.training.judge.train import Run, Stage, train
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir

ITEMS = ("rent", "deposit", "notice", "interest", "fee", "fine", "tax", "premium")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two small layers with random weights and a real tokenizer."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(7)
    config = BertConfig(hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, num_labels=3)
    BertForSequenceClassification(config).save_pretrained(str(folder))
    known = ModelStore(default_cache_dir(), Manifest.load()).path("footnote-judge-small")
    (folder / "tokenizer.json").write_bytes((known / "tokenizer.json").read_bytes())
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Claims that hold, and the same with "not", which are only known not to hold."""
    folder, chosen = tmp_path_factory.mktemp("data"), random.Random(1)
    pairs = []
    for _ in range(320):
        said, holds = chosen.choice(ITEMS), chosen.random() < 0.5
        claim = f"The {said} is {'' if holds else 'not '}due."
        pairs.append(Pair(f"The {said} is due.", claim, "entailed" if holds else "not_entailed", "nli", "made", "d"))
    write_pairs(folder / "train.jsonl", pairs[:256])
    write_pairs(folder / "held.jsonl", pairs[256:])
    return folder


def run(epochs: int) -> Run:
    stage = Stage(files=("train.jsonl",), epochs=epochs, learning_rate=5e-3)
    return Run(stages=(stage,), held="held.jsonl", max_tokens=32, batch_rows=32, checkpoint_s=0.0)


def weights(out: Path) -> dict[str, Any]:
    return dict(load_base(out / "model").state_dict())


def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(
    base: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(run(1), base, data, tmp_path / "whole")
    save: Callable[..., None] = training._save

    def cut(out: Path, model: Any, optimizer: Any, step: int) -> None:
        save(out, model, optimizer, step)
        if step == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "_save", cut)
    with pytest.raises(KeyboardInterrupt):
        train(run(1), base, data, tmp_path / "cut")
    monkeypatch.setattr(training, "_save", save)
    torch.manual_seed(99)
    train(run(1), base, data, tmp_path / "cut")
    whole, resumed = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_it_learns_and_int8_says_the_same(base: Path, data: Path, tmp_path: Path) -> None:
    train(run(8), base, data, tmp_path / "run")
    *_, last = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    assert last["accuracy"] > 0.9
    described = json.loads((tmp_path / "run" / "run.json").read_text())
    assert set(described["data"]) == {"train.jsonl", "held.jsonl"}
    export(tmp_path / "run" / "model", data / "held.jsonl", tmp_path / "out")
    report = json.loads((tmp_path / "out" / "export.json").read_text())
    assert report["models"]["model.fp32.onnx"]["accuracy"] == pytest.approx(last["accuracy"], abs=0.05)
    assert report["agreement"] > 0.9


def test_neutral_and_contradicted_count_together_where_nobody_said_which() -> None:
    logits = torch.tensor([[0.0, 3.0, 0.0], [0.0, 0.0, 3.0]])
    unknown = torch.tensor([training.NOT_ENTAILED] * 2)
    either = training._loss(logits, unknown)
    assert either < training._loss(logits, torch.tensor([LABELS.index("contradicted")] * 2))
    torch.testing.assert_close(either, training._loss(logits.flip(0), unknown))
