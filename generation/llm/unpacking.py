"""A GGUF file, unpacked into a transformers model: what vLLM serves and a training starts from. Nothing is fetched."""

from __future__ import annotations

import struct
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generation.errors import UnreadableModel

_PACKAGES = ("torch", "transformers", "gguf")


def load_base(gguf: Path, dtype: str = "bfloat16", *, quantised: bool = False) -> tuple[Any, Any]:
    """The causal model and its tokenizer, with the chat template that the file holds.

    Args:
        gguf: the model file; its weights are dequantised.
        dtype: "bfloat16" or "float32".
        quantised: weights in 4 bits (NF4) on the GPU, by bitsandbytes.

    Raises `UnreadableModel` for a file that is no such model, without the packages that read one, and where 4 bits are
    not to be had.
    """
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        needed = " ".join(missing)
        raise UnreadableModel(
            f"Reading {gguf} needs {needed}: pip install {needed}, or see docs/adapters.md for training."
        )
    if quantised:
        _require_four_bits()
    transformers: Any = import_module("transformers")
    torch: Any = import_module("torch")
    place = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name, "local_files_only": True}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(**place)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            **place,
            dtype=getattr(torch, dtype),
            # Said outright, or transformers looks for kernels that compute on packed weights and cannot train.
            quantization_config=transformers.GgufConfig(dequantize=True),
        )
    except (OSError, ValueError, struct.error) as error:
        raise UnreadableModel(f"{gguf} cannot be read as a model: {error}") from error
    if not tokenizer.chat_template:
        raise UnreadableModel(f"{gguf} holds no chat template: an instruction-tuned model is needed.")
    _forget_origin(model)
    return (_in_four_bits(model) if quantised else model), tokenizer


def _forget_origin(model: Any) -> None:
    """A model that came from a GGUF still says so, and could then neither be saved nor trained."""
    for owner, name in ((model, "hf_quantizer"), (model.config, "quantization_config")):
        if getattr(owner, name, None) is not None:
            delattr(owner, name)


def _require_four_bits() -> None:
    torch: Any = import_module("torch")
    if not torch.cuda.is_available():
        raise UnreadableModel("quantised = true needs a GPU: set it to false to train on the CPU.")
    if find_spec("bitsandbytes") is None:
        raise UnreadableModel("quantised = true needs bitsandbytes: pip install bitsandbytes, or set it to false.")


def _in_four_bits(model: Any) -> Any:
    """The same model in NF4. By way of a folder, since transformers quantises only while loading."""
    transformers: Any = import_module("transformers")
    torch: Any = import_module("torch")
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        four_bits = transformers.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
        )
        return type(model).from_pretrained(folder, quantization_config=four_bits, device_map={"": 0})
