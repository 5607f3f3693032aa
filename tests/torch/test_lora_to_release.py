"""What the export says of its sources is what `footnote adapters add` looks for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from api.wiring.adapters import _check_export
from generation.training.lora.export import export
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir, sha256_of
from infra.postgres.errors import AdapterRefused

FILES = ("adapter_model.safetensors", "adapter_config.json")
WIDTH, RANK = 576, 2


def test_an_export_is_taken_with_its_sources_and_with_no_others(tmp_path: Path) -> None:
    base = ModelStore(default_cache_dir(), Manifest.load()).file("SmolLM2-135M-Instruct", "model.gguf")
    matrix = "base_model.model.model.layers.15.self_attn.o_proj"
    sizes = {f"{matrix}.lora_A.weight": (RANK, WIDTH), f"{matrix}.lora_B.weight": (WIDTH, RANK)}
    save_file({name: np.ones(size, np.float16) for name, size in sizes.items()}, tmp_path / FILES[0])
    (tmp_path / FILES[1]).write_text(json.dumps({"lora_alpha": 4}))
    export(tmp_path, base, tmp_path / "adapter.gguf")
    hashes = {name: sha256_of(tmp_path / name) for name in FILES}
    _check_export(tmp_path / "adapter.gguf", hashes, tmp_path)
    for name in FILES:
        with pytest.raises(AdapterRefused, match=f"made from another {name}"):
            _check_export(tmp_path / "adapter.gguf", hashes | {name: "0" * 64}, tmp_path)
