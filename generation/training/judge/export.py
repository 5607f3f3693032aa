"""A trained judge to ONNX, in float32 and in int8, and the loss that int8 costs.

    python -m generation.training.judge.export RUN_FOLDER --held FILE --out DIR

DIR gets model.onnx (int8), tokenizer.json and export.json (hashes, sizes, accuracy and agreement of both forms
on the held-out pairs). int8 ships where it costs under half a point.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from generation.training.data.pairs import Pair, read_jsonl

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder that the training wrote")
    parser.add_argument("--held", type=Path, required=True, help="held-out pairs, JSON lines")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    export(chosen.run / "model", chosen.held, chosen.out)


def export(model: Path, held: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    plain, small = out / "model.fp32.onnx", out / "model.onnx"
    to_onnx(model, plain)
    quantise(plain, small)
    shutil.copy(model / "tokenizer.json", out / "tokenizer.json")
    pairs = [Pair(**row) for row in read_jsonl(held)]
    said = {path.name: _entailed(path, out / "tokenizer.json", pairs) for path in (plain, small)}
    truth = [pair.label == "entailed" for pair in pairs]
    report: dict[str, Any] = {"pairs": len(pairs), "held": _sha256(held), "models": {}}
    for path in (plain, small):
        right = sum(a == b for a, b in zip(said[path.name], truth, strict=True))
        report["models"][path.name] = {
            "sha256": _sha256(path),
            "bytes": path.stat().st_size,
            "accuracy": round(right / len(pairs), 4),
        }
    same = sum(a == b for a, b in zip(said[plain.name], said[small.name], strict=True))
    report["agreement"] = round(same / len(pairs), 4)
    (out / "export.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


def to_onnx(model: Path, target: Path) -> None:
    """float32, with a free number of rows and tokens; token types only where the model has them."""
    import torch
    from transformers import AutoModelForSequenceClassification

    inner = AutoModelForSequenceClassification.from_pretrained(str(model), attn_implementation="eager").eval()
    inner.config.return_dict = False
    names = INPUTS if inner.config.model_type == "bert" else INPUTS[:2]
    free = {0: "rows", 1: "tokens"}
    torch.onnx.export(
        inner,
        tuple(torch.ones((2, 16), dtype=torch.long) for _ in names),
        str(target),
        input_names=list(names),
        output_names=["logits"],
        dynamic_axes={**dict.fromkeys(names, free), "logits": {0: "rows"}},
        opset_version=17,
        dynamo=False,
    )


def quantise(source: Path, target: Path) -> None:
    """Weights to int8 with a scale for each channel, activations at run time.

    One scale for a whole matrix costs four points of accuracy, one for each channel next to nothing. Seven bits of
    range keep sums from saturating on processors without VNNI, so that all give the same result.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(source), str(target), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _entailed(model: Path, tokenizer: Path, pairs: list[Pair]) -> list[bool]:
    """Whether each pair's likeliest label is "entailed", one row at a time as in service."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_inputs()]
    words = Tokenizer.from_file(str(tokenizer))
    words.no_padding()
    words.enable_truncation(256, strategy="longest_first")
    said = []
    for pair in pairs:
        row = words.encode(pair.evidence, pair.claim)
        fields = dict(zip(INPUTS, (row.ids, row.attention_mask, row.type_ids), strict=True))
        feed = {name: np.asarray([fields[name]], dtype=np.int64) for name in names}
        said.append(bool(session.run(None, feed)[0][0].argmax() == 0))
    return said


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
