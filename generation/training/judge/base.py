"""Where a judge's training starts from: a transformers folder, or an int8 ONNX file turned back into floats."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

LABELS = ("entailed", "neutral", "contradicted")
_LAYER = re.compile(r"(encoder/layer\.\d+/.*)/MatMul_quant$")


def load_base(folder: Path) -> Any:
    """A sequence classifier with a fresh three-way head, from `folder`.

    A folder with config.json is read by transformers. One with only model.onnx must hold a BERT of 12 layers and
    384 dimensions, quantised dynamically by onnxruntime: its weights are dequantised. What rounding lost is
    small against what fine-tuning changes, and a cross-encoder is a better start for pairs than a bi-encoder.
    """
    transformers: Any = import_module("transformers")
    if (folder / "config.json").exists():
        return transformers.AutoModelForSequenceClassification.from_pretrained(str(folder), num_labels=len(LABELS))
    config = transformers.BertConfig(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=12, intermediate_size=1536, num_labels=len(LABELS)
    )
    model = transformers.BertForSequenceClassification(config)
    weights = {k: v for k, v in dequantised(folder / "model.onnx").items() if not k.startswith("classifier")}
    missing, unknown = model.load_state_dict(weights, strict=False)
    if unknown or any(not name.startswith(("classifier", "bert.pooler")) for name in missing):
        raise ValueError(f"{folder}: not the expected BERT; missing {missing[:3]}, unknown {unknown[:3]}")
    return model


def dequantised(path: Path) -> dict[str, Any]:
    """The weights of a BERT that onnxruntime quantised dynamically, as float32 tensors under transformers' names."""
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}

    def restored(name: str) -> Any:
        kind = name.removesuffix("_quantized")
        values = stored[name].astype("float32") - stored[f"{kind}_zero_point"].astype("float32")
        return torch.tensor(values * stored[f"{kind}_scale"])

    weights = {}
    for name, values in stored.items():
        if name.endswith("_quantized") and not name.startswith("onnx::"):
            plain = restored(name)
            weights[name.removesuffix("_quantized")] = plain if "embeddings" in name else plain.T.contiguous()
        elif values.dtype == "float32" and ("bias" in name or "LayerNorm" in name):
            weights[name] = torch.tensor(values)
    for node in graph.node:
        layer = _LAYER.search(node.name)
        if node.op_type == "MatMulInteger" and layer:
            weights[layer.group(1).replace("/", ".") + ".weight"] = restored(node.input[1]).T.contiguous()
    return {k if k.startswith(("bert.", "classifier")) else f"bert.{k}": v for k, v in weights.items()}
