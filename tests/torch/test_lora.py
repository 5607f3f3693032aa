"""Training LoRA adapters on a tiny model: what the loss counts, resuming, preferences, the GGUF form."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from generation.errors import UnreadableModel
from generation.llm.unpacking import load_base
from generation.training.lora import adapter
from generation.training.lora.errors import LoraError
from generation.training.lora.export import export, read_base, to_gguf
from generation.training.lora.forward import logprobs
from generation.training.lora.prefer import prefer
from generation.training.lora.rows import Renderer, Row
from generation.training.lora.settings import Preference, Tuning
from generation.training.lora.steps import Signals, Stopped
from generation.training.lora.train import Imitation, tune

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 260, "max_position_embeddings": 512,
}  # fmt: skip
RUN = Tuning(
    model="owner/tiny", learning_rate=1e-2, epochs=2, rank=4, alpha=8, dropout=0.1, targets=TARGETS,
    batch_rows=2, accumulate=2, checkpoint_s=1e9, held_every=4,
)  # fmt: skip


PREFERENCE = Preference(
    model="owner/tiny", learning_rate=5e-3, epochs=3, batch_rows=4, accumulate=2, chosen_weight=0.1
)  # fmt: skip


class StopsAfter(Signals):
    """As if SIGTERM came while the batch after `batches` others was computed."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Stopped(15)


def model(kind: str = "qwen2") -> Any:
    torch.manual_seed(5)
    made = Qwen2ForCausalLM(Qwen2Config(**SIZES)) if kind == "qwen2" else LlamaForCausalLM(LlamaConfig(**SIZES))
    return made.to(torch.bfloat16)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """A token for each byte, and those of ChatML."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    made = Tokenizer(models.BPE(vocabulary, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", chat_template=CHATML)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions with one right answer; one row is too long."""
    folder = tmp_path_factory.mktemp("data")
    texts = ["rent", "fee", "term", "notice", "tax", "fine", "rate", "cap", "x" * 2000]
    turns = [[{"role": "system", "content": "Answer."}, {"role": "user", "content": text}] for text in texts]
    rows = [{"id": str(n), "kind": "k", "messages": m, "completion": "yes [1]"} for n, m in enumerate(turns)]
    pairs = [{"id": f"p{n}", "messages": m, "chosen": "yes [1]", "rejected": "no [2]"} for n, m in enumerate(turns)]
    files = {"train.jsonl": rows, "held.jsonl": rows[:2], "pairs.jsonl": pairs}
    files["held_pairs.jsonl"] = [pair | {"id": f"h{pair['id']}"} for pair in pairs[:2]]
    for name, content in files.items():
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in content))
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("base") / "base.gguf", "qwen2")


def tiny_gguf(path: Path, architecture: str) -> Path:
    """The sizes and matrices of `model` in a GGUF file, all zero."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(2)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    shapes = {"attn_q": (32, 32), "attn_k": (16, 32), "attn_v": (16, 32), "attn_output": (32, 32)}
    shapes |= {"ffn_gate": (48, 32), "ffn_up": (48, 32), "ffn_down": (32, 48)}
    for block in range(2):
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{block}.{name}.weight", np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def trained(data: Path, base: Path, tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was never interrupted."""
    out = tmp_path_factory.mktemp("trained")
    tune(RUN, model(), tokenizer, base=base, data=data, out=out, signals=Signals())
    return out


def tensors(out: Path) -> bytes:
    return (out / "adapter" / adapter.WEIGHTS).read_bytes()


def log(out: Path, name: str) -> list[float]:
    entries = map(json.loads, (out / "log.jsonl").read_text().splitlines())
    return [entry[name] for entry in entries if name in entry]


def test_the_loss_counts_the_completion_and_the_end_of_turn_only(tokenizer: Any) -> None:
    adapted = adapter.fresh(model(), replace(RUN, dropout=0.0))
    turns = [{"role": "system", "content": "Answer."}, {"role": "user", "content": "rent?"}]
    row = Renderer(tokenizer).row({"id": "a", "messages": turns, "completion": "yes"})
    text = tokenizer.apply_chat_template([*turns, {"role": "assistant", "content": "yes"}], tokenize=False)
    whole = tokenizer(text.removesuffix("\n"))["input_ids"]
    assert list(row.prompt + row.completion) == whole
    assert tokenizer.decode(row.completion) == "yes<|im_end|>"
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = adapted(torch.tensor([whole])).logits[0].float()
    expected = torch.log_softmax(logits, -1)[range(len(row.prompt) - 1, len(whole) - 1), list(row.completion)]
    torch.testing.assert_close(logprobs(adapted, [row])[0], expected, atol=0.03, rtol=0.0)
    loss, told = Imitation(adapted, [row], RUN, Signals()).loss([row], [[row], [row]])
    assert told["loss"] == loss.item() == pytest.approx(-expected.mean().item() / 2, abs=0.02)


def test_rows_that_begin_alike_score_as_they_do_alone_and_give_the_same_gradient() -> None:
    adapted = adapter.fresh(model().float(), replace(RUN, dropout=0.0))
    begin = tuple(range(70))
    rows = [Row("a", "", (*begin, 5, 6), (7, 8)), Row("b", "", (*begin, 9), (3,)), Row("c", "", begin, (1, 2, 3))]
    grads = []
    for batches in ([rows], [[row] for row in rows]):
        adapted.zero_grad()
        scores = [scores for batch in batches for scores in logprobs(adapted, batch)]
        torch.cat(scores).sum().backward()
        grads.append(torch.cat([p.grad.flatten() for p in adapted.parameters() if p.grad is not None]))
        for row, values in zip(rows, scores, strict=True):
            torch.testing.assert_close(values, logprobs(adapted, [row])[0], atol=0.03, rtol=0.0)
    assert torch.nn.functional.cosine_similarity(grads[0], grads[1], dim=0) > 0.99


def test_it_learns_says_what_it_left_out_and_names_no_path(trained: Path) -> None:
    losses, held = log(trained, "loss"), log(trained, "held_loss")
    assert losses[-1] < losses[0]
    assert len(held) == 1
    about = json.loads((trained / "run.json").read_text())
    assert about["counts"]["rows"] == 8
    assert about["counts"]["left_out"] == 1
    assert about["counts"]["steps"] == len(losses) == 4
    assert (trained / "loss.png").stat().st_size > 1000
    config = json.loads((trained / "adapter" / adapter.CONFIG).read_text())
    assert config["base_model_name_or_path"] == "owner/tiny"
    assert str(trained) not in json.dumps(config)


@pytest.mark.parametrize("batches", [0, 3, 5])
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    batches: int, trained: Path, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    files = {"base": base, "data": data, "out": tmp_path}
    with pytest.raises(Stopped):
        tune(RUN, model(), tokenizer, signals=StopsAfter(batches), **files)
    assert not (tmp_path / "adapter").exists()
    tune(RUN, model(), tokenizer, signals=Signals(), **files)
    assert tensors(tmp_path) == tensors(trained)
    assert log(tmp_path, "loss") == log(trained, "loss")


def test_another_run_does_not_go_on_from_a_checkpoint(trained: Path, data: Path, base: Path, tokenizer: Any) -> None:
    changed = replace(RUN, learning_rate=1.0)
    with pytest.raises(LoraError, match="another run"):
        tune(changed, model(), tokenizer, base=base, data=data, out=trained, signals=Signals())


def test_what_is_saved_is_float16_and_loads_as_it_was_trained(trained: Path) -> None:
    kept = torch.load(trained / "checkpoint.pt", weights_only=True)["adapter"]
    written = load_file(trained / "adapter" / adapter.WEIGHTS)
    assert {tensor.dtype for tensor in written.values()} == {torch.float16}
    assert all(torch.equal(written[name], tensor.half()) for name, tensor in kept.items())
    loaded = adapter.weights(adapter.load(model(), trained / "adapter"))
    assert loaded.keys() == kept.keys()
    assert any(tensor.abs().max() > 0 for name, tensor in loaded.items() if "lora_B" in name)
    for name, tensor in loaded.items():
        assert tensor.dtype == torch.float32
        torch.testing.assert_close(tensor, kept[name], rtol=2**-11, atol=2**-25)  # half of float16's last place


@pytest.mark.parametrize("name", ["train.jsonl", "held.jsonl"])
def test_a_run_whose_rows_are_all_too_long_is_refused(
    name: str, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    too_long = _only_long_rows(name, data, tmp_path)
    with pytest.raises(LoraError, match=f"All rows of {name} have more than 1024 tokens"):
        tune(RUN, model(), tokenizer, base=base, data=too_long, out=tmp_path / "out", signals=Signals())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["pairs.jsonl", "held_pairs.jsonl"])
def test_pairs_that_are_all_too_long_are_refused(
    name: str, trained: Path, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    files = {"base": base, "data": _only_long_rows(name, data, tmp_path), "start": trained / "adapter"}
    with pytest.raises(LoraError, match=f"All rows of {name} have more than 1024 tokens"):
        prefer(PREFERENCE, model(), tokenizer, out=tmp_path / "out", signals=Signals(), **files)
    assert not (tmp_path / "out").exists()


def test_of_a_kind_of_pairs_its_share_is_learned(
    trained: Path, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    shutil.copytree(data, tmp_path / "rows")
    pairs = [json.loads(line) for line in (data / "pairs.jsonl").read_text().splitlines()]
    kinds = [pair | {"kind": "needless" if n < 3 else "lost"} for n, pair in enumerate(pairs)]
    (tmp_path / "rows" / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in kinds))
    files = {"base": base, "data": tmp_path / "rows", "start": trained / "adapter"}
    run = replace(PREFERENCE, shares={"lost": 0.0})
    with pytest.raises(Stopped):
        prefer(run, model(), tokenizer, out=tmp_path / "out", signals=StopsAfter(0), **files)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["counts"]["rows"] == 3


def _only_long_rows(name: str, data: Path, tmp_path: Path) -> Path:
    """The data, but of `name` only its last row in a length that no run takes."""
    folder = tmp_path / "rows"
    shutil.copytree(data, folder)
    row = json.loads((folder / name).read_text().splitlines()[-1])
    row["messages"][-1]["content"] = "x" * 2000
    (folder / name).write_text(json.dumps(row) + "\n")
    return folder


def test_an_adapter_of_another_size_is_refused(
    trained: Path, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    torch.manual_seed(5)
    wide = Qwen2ForCausalLM(Qwen2Config(**SIZES | {"hidden_size": 64}))
    files = {"base": base, "data": data, "start": trained / "adapter"}
    with pytest.raises(LoraError, match="trained on another one"):
        prefer(PREFERENCE, wide, tokenizer, out=tmp_path, signals=Signals(), **files)


@pytest.mark.parametrize(
    ("learned", "asked", "known"),
    [({"cited": "a"}, "a", {"cited": "a"}), ({"cited": "a"}, "b", {}), ({}, "a", {})],
)
def test_pairs_carry_on_the_prompt_that_the_adapter_started_with(
    learned: dict[str, str],
    asked: str,
    known: dict[str, str],
    trained: Path,
    data: Path,
    base: Path,
    tokenizer: Any,
    tmp_path: Path,
) -> None:
    start, rows = tmp_path / "start", tmp_path / "rows"
    shutil.copytree(trained, start)
    shutil.copytree(data, rows)
    about = json.loads((start / "run.json").read_text())
    (start / "run.json").write_text(json.dumps(about | {"prompts": learned}))
    (rows / "meta.json").write_text(json.dumps({"prompts": {"cited": asked}}))
    files = {"base": base, "data": rows, "start": start / "adapter"}
    with pytest.raises(Stopped):
        prefer(PREFERENCE, model(), tokenizer, out=tmp_path / "out", signals=StopsAfter(0), **files)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["prompts"] == known


def test_a_module_that_the_model_does_not_have_is_named() -> None:
    with pytest.raises(LoraError, match="no module c_attn"):
        adapter.fresh(model(), replace(RUN, targets=("c_attn", "q_proj")))


def test_skipped_layers_get_no_weights_and_no_others_are_skipped() -> None:
    found = adapter.weights(adapter.fresh(model(), replace(RUN, skip_layers=1)))
    assert {name.split(".layers.")[1][0] for name in found} == {"1"}
    with pytest.raises(LoraError, match="the model has 2 layers"):
        adapter.fresh(model(), replace(RUN, skip_layers=2))


def test_preferring_raises_the_margin_and_resumes(
    trained: Path, data: Path, base: Path, tokenizer: Any, tmp_path: Path
) -> None:
    files = {"base": base, "data": data, "start": trained / "adapter"}
    prefer(PREFERENCE, model(), tokenizer, out=tmp_path / "whole", signals=Signals(), **files)
    assert abs(log(tmp_path / "whole", "margin")[0]) < 0.5
    assert log(tmp_path / "whole", "held_margin")[-1] > 0.5
    assert log(tmp_path / "whole", "held_ahead")[-1] == 1.0
    for batches in (3, 7):  # in the reference, then in the steps
        with pytest.raises(Stopped):
            prefer(PREFERENCE, model(), tokenizer, out=tmp_path / "cut", signals=StopsAfter(batches), **files)
    prefer(PREFERENCE, model(), tokenizer, out=tmp_path / "cut", signals=Signals(), **files)
    assert tensors(tmp_path / "cut") == tensors(tmp_path / "whole")


def test_the_export_has_llama_cpps_names_shapes_and_keys(trained: Path, base: Path, tmp_path: Path) -> None:
    export(trained / "adapter", base, tmp_path / "adapter.gguf")
    reader = gguf.GGUFReader(tmp_path / "adapter.gguf")
    keys = {name: field.contents() for name, field in reader.fields.items()}
    assert keys["general.type"] == "adapter"
    assert keys["general.architecture"] == "qwen2"
    assert keys["adapter.type"] == "lora"
    assert keys["adapter.lora.alpha"] == 8.0
    found = {tensor.name: tensor for tensor in reader.tensors}
    assert len(found) == 2 * 7 * 2
    assert found["blk.1.ffn_down.weight.lora_a"].data.shape == (4, 48)
    assert found["blk.1.ffn_down.weight.lora_b"].data.shape == (32, 4)
    assert all(tensor.data.dtype == np.float16 for tensor in found.values())


def test_a_llamas_queries_and_keys_are_interleaved(tmp_path: Path) -> None:
    base = read_base(tiny_gguf(tmp_path / "llama.gguf", "llama"))
    name = "base_model.model.model.layers.0.self_attn.{}_proj.lora_{}.weight"
    rows = np.arange(16, dtype=np.float32).reshape(16, 1)
    made = to_gguf({name.format("k", "B"): rows, name.format("v", "B"): rows}, base)
    head = [0, 4, 1, 5, 2, 6, 3, 7]
    assert made["blk.0.attn_k.weight.lora_b"].ravel().tolist() == [*head, *(8 + row for row in head)]
    assert made["blk.0.attn_v.weight.lora_b"].ravel().tolist() == list(range(16))


def test_an_adapter_of_another_model_is_not_exported(tmp_path: Path) -> None:
    base = read_base(tiny_gguf(tmp_path / "llama.gguf", "llama"))
    name = "base_model.model.model.layers.{}.self_attn.q_proj.lora_A.weight"
    with pytest.raises(LoraError, match="no matrix of the base"):
        to_gguf({name.format(2): np.zeros((4, 32), np.float32)}, base)
    with pytest.raises(LoraError, match="another size"):
        to_gguf({name.format(1): np.zeros((4, 64), np.float32)}, base)


def test_four_bits_need_a_gpu(base: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(UnreadableModel, match="needs a GPU"):
        load_base(base, quantised=True)


def test_without_the_package_that_reads_gguf_it_says_what_to_install(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(UnreadableModel, match="needs gguf: pip install gguf"):
        load_base(base)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(UnreadableModel, match="cannot be read as a model"):
        load_base(tmp_path / "model.gguf")
