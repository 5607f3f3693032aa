"""What the tests of the real vLLM share. `make vllm-cpu` sets up what they need, `make test-vllm` runs them."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from infra.llm.unpack import unpacked
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir

BASE = "SmolLM2-135M-Instruct"
WIDTH, RANK = 576, 8
WritesAdapter = Callable[[Path, float], Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.timeout(900))  # a start takes a minute, and more where the machine is busy


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The interpreter of an environment that holds vLLM."""
    python = Path(os.environ.get("FOOTNOTE_VLLM_PYTHON", ".venv-vllm/bin/python"))
    if not python.exists():
        pytest.fail(f"There is no {python}: run make vllm-cpu, or set FOOTNOTE_VLLM_PYTHON.")
    return python


@pytest.fixture(scope="session")
def base_folder() -> Path:
    """The tiny base model, unpacked."""
    store = ModelStore(default_cache_dir(), Manifest.load())
    folder = unpacked(store, store.manifest.model(BASE))
    if folder is None:
        pytest.fail(f"{BASE} is not unpacked: run make vllm-cpu.")
    return folder


@pytest.fixture(scope="session")
def peft_adapter() -> WritesAdapter:
    """Writes a folder in PEFT's form: a LoRA of one matrix of the base model's, enough to change what it says."""

    def write(folder: Path, scale: float) -> Path:
        random = np.random.default_rng(0)
        matrix = "base_model.model.model.layers.15.self_attn.o_proj"
        tensors = {
            f"{matrix}.lora_A.weight": (random.normal(size=(RANK, WIDTH)) * scale).astype("<f4"),
            f"{matrix}.lora_B.weight": (random.normal(size=(WIDTH, RANK)) * scale).astype("<f4"),
        }
        head, at = {}, 0
        for name, values in tensors.items():
            head[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": (at, at + values.nbytes)}
            at += values.nbytes
        described = json.dumps(head).encode()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "adapter_model.safetensors").write_bytes(
            struct.pack("<Q", len(described)) + described + b"".join(values.tobytes() for values in tensors.values())
        )
        config = {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": BASE,
            "bias": "none",
            "r": RANK,
            "lora_alpha": RANK,
            "lora_dropout": 0.0,
            "target_modules": ["o_proj"],
        }
        (folder / "adapter_config.json").write_text(json.dumps(config))
        return folder

    return write
