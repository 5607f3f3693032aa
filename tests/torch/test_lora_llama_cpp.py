"""An exported adapter says the same in llama.cpp as in PEFT, on a real llama (SmolLM2-135M)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from generation.llm.client import LLAMA_CPP, OpenAIChatModel
from generation.llm.unpacking import load_base
from generation.training.lora import adapter
from generation.training.lora.export import export
from generation.training.lora.settings import Tuning
from generation.types import ChatMessage
from infra.llm.llama_cpp import LlamaCppServer
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
RUN = Tuning(model="owner/smol", learning_rate=1e-3, epochs=1, rank=4, alpha=8, targets=TARGETS)
PROMPTS = (
    "Name a fruit.",
    "[1] Lease\nThe rent is 900 pounds a month.\n\nQuestion: What is the rent?",
    "[1] Rules\nThe library is closed in August.\n\nQuestion: Is it open in August?",
)


@pytest.fixture(scope="module")
def gguf() -> Path:
    return ModelStore(default_cache_dir(), Manifest.load()).file("SmolLM2-135M-Instruct", "model.gguf")


def messages(prompt: str) -> list[ChatMessage]:
    return [ChatMessage("system", "Answer from the sources."), ChatMessage("user", prompt)]


def first_tokens(model: Any, tokenizer: Any, prompt: str) -> dict[str, float]:
    turns = [{"role": message.role, "content": message.content} for message in messages(prompt)]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])
    with torch.no_grad():
        chances = model(ids, logits_to_keep=1).logits[0, -1].float().softmax(-1)
    top = chances.topk(50)
    return {tokenizer.decode([token]): chance for chance, token in zip(top.values.tolist(), top.indices, strict=True)}


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Half the summed difference over the tokens that the first gives: 0 for the same, towards 1 for others."""
    return sum(abs(chance - other.get(token, 0.0)) for token, chance in one.items()) / 2


async def test_llama_cpp_and_peft_give_the_same_first_tokens(gguf: Path, tmp_path: Path) -> None:
    model, tokenizer = load_base(gguf, "float32")
    plain = [first_tokens(model, tokenizer, prompt) for prompt in PROMPTS]
    adapted = adapter.fresh(model, RUN)
    torch.manual_seed(3)
    # Large enough to change what is said. Measured: 0.02 to 0.03 apart from PEFT (llama.cpp computes on 8-bit values),
    # 0.17 to 0.25 from the base, and 0.07 to 0.11 from PEFT with queries and keys in the wrong order.
    adapter.put(adapted, {name: torch.randn_like(tensor) * 0.08 for name, tensor in adapter.weights(adapted).items()})
    adapter.save(adapted, tmp_path / "adapter", RUN.model)
    export(tmp_path / "adapter", gguf, tmp_path / "adapter.gguf")
    server = LlamaCppServer(
        gguf, context_tokens=512, threads=1, parallel=1, log_path=tmp_path / "log", lora_path=tmp_path / "adapter.gguf"
    )
    server.start()
    try:
        served = OpenAIChatModel(server.url, "smol", api_key=server.api_key, dialect=LLAMA_CPP, cache_prompt=False)
        for prompt, before in zip(PROMPTS, plain, strict=True):
            here, there = first_tokens(adapted, tokenizer, prompt), await served.first_token(messages(prompt), top=20)
            assert apart(there, here) < 0.05
            assert apart(there, before) > 0.1
    finally:
        server.stop()
