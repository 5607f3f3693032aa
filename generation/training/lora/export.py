"""A trained adapter as GGUF, as llama.cpp loads it beside the base model.

    python -m generation.training.lora.export ADAPTER_DIR --base MODEL.gguf --out adapter.gguf [--type f16]

Needs neither torch nor the base in another form: the base's GGUF says how its tensors are called and shaped. The
format is that of llama.cpp's own converter: for each adapted matrix NAME, NAME.lora_a (rank x inputs) and NAME.lora_b
(outputs x rank), and the key adapter.lora.alpha. Keys of our own hold the sha256 (hex) of the files that it was made
from, so that `footnote adapters add` takes it with no others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from generation.adapter_files import CONFIG, MADE_FROM, WEIGHTS
from generation.training.lora import commands
from generation.training.lora.errors import LoraError
from generation.training.lora.record import sha256
from generation.training.replacing import replacing

TYPES = {"f16": "float16", "f32": "float32"}
_NAME = re.compile(r"^base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight$")
# What changes a LoRA's meaning and has no place in the GGUF form; each is false or empty in an adapter of ours.
_UNSUPPORTED = ("use_rslora", "use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "lora_bias")


@dataclass(frozen=True, slots=True)
class Base:
    """What the export has to know of the base model.

    `shapes` are those of its matrices, outputs x inputs, by GGUF name. `heads` are its attention heads, `kv_heads`
    those of keys and values.
    """

    architecture: str
    blocks: int
    heads: int
    kv_heads: int
    shapes: dict[str, tuple[int, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adapter", type=Path, help="folder with the adapter in PEFT's form")
    parser.add_argument("--base", type=Path, required=True, help="the model it was trained on, GGUF")
    parser.add_argument("--out", type=Path, required=True, help="the GGUF file to write")
    parser.add_argument("--type", choices=TYPES, default="f16", help="of the stored numbers")
    chosen = parser.parse_args()
    sys.exit(commands.ended(lambda: export(chosen.adapter, chosen.base, chosen.out, chosen.type)))


def export(adapter: Path, base: Path, out: Path, kind: str = "f16") -> None:
    """Raises `LoraError` for an adapter that llama.cpp could not apply to this base."""
    gguf: Any = import_module("gguf")
    config, tensors = read_adapter(adapter)
    model = read_base(base)
    named = to_gguf(tensors, model)
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as fresh:
        writer = gguf.GGUFWriter(fresh, model.architecture)
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
        for name in (WEIGHTS, CONFIG):
            writer.add_string(MADE_FROM + name, sha256(adapter / name))
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if kind == "f16" else gguf.LlamaFileType.ALL_F32)
        for name in sorted(named):
            writer.add_tensor(name, named[name].astype(TYPES[kind]))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    print(f"{out}: {len(named)} tensors for {model.architecture}, {out.stat().st_size / 1e6:.1f} MB")


def read_adapter(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """PEFT's configuration, and the float32 arrays by name. Raises `LoraError`."""
    safetensors: Any = import_module("safetensors.numpy")
    try:
        config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        tensors: dict[str, Any] = safetensors.load_file(str(folder / WEIGHTS))
    except OSError as error:
        raise LoraError(f"{folder} holds no adapter ({WEIGHTS}, {CONFIG}): train one first.") from error
    if set_ := [name for name in _UNSUPPORTED if config.get(name)]:
        raise LoraError(f"{folder} uses {', '.join(set_)}, which llama.cpp does not know: train without.")
    return config, tensors


def read_base(path: Path) -> Base:
    """Raises `LoraError` for a file that is no GGUF."""
    gguf: Any = import_module("gguf")
    try:
        reader = gguf.GGUFReader(path)
    except (OSError, ValueError) as error:
        raise LoraError(f"{path} cannot be read as GGUF: {error}") from error
    architecture = reader.get_field(gguf.Keys.General.ARCHITECTURE).contents()

    def number(key: str) -> int:
        return int(reader.get_field(key.format(arch=architecture)).contents())

    return Base(
        architecture,
        blocks=number(gguf.Keys.LLM.BLOCK_COUNT),
        heads=number(gguf.Keys.Attention.HEAD_COUNT),
        kv_heads=number(gguf.Keys.Attention.HEAD_COUNT_KV),
        shapes={tensor.name: tuple(int(size) for size in reversed(tensor.shape)) for tensor in reader.tensors},
    )


def to_gguf(tensors: dict[str, Any], base: Base) -> dict[str, Any]:
    """The adapter's arrays under llama.cpp's names, in its order of rows. Raises `LoraError` where they do not fit."""
    gguf: Any = import_module("gguf")
    numbers = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(numbers[base.architecture], base.blocks)
    made = {}
    for name, values in tensors.items():
        parts = _NAME.match(name)
        matrix = names.get_name(f"{parts['module']}.weight", try_suffixes=(".weight",)) if parts else None
        if parts is None or matrix not in base.shapes:
            raise LoraError(f"{name} is of no matrix of the base model: the adapter was trained on another one.")
        side, axis = (("lora_a", 1), ("lora_b", 0))[parts["side"] == "B"]
        if values.shape[axis] != base.shapes[matrix][1 if side == "lora_a" else 0]:
            raise LoraError(f"{name} has another size than the base's {matrix}: it was trained on another model.")
        made[f"{matrix}.{side}"] = _reordered(values, matrix, side, base)
    return made


def _reordered(values: Any, matrix: str, side: str, base: Base) -> Any:
    """llama.cpp's llama turns neighbouring values, transformers' those half a head apart: rows of queries and keys
    are interleaved for it. An adapter's outputs are the rows of B."""
    heads = {"attn_q": base.heads, "attn_k": base.kv_heads}.get(matrix.split(".")[-2])
    if base.architecture != "llama" or side != "lora_b" or heads is None:
        return values
    rows, rank = values.shape
    return values.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2).reshape(rows, rank)


if __name__ == "__main__":
    main()
