"""The files of a trained adapter: what training and export leave, and what is kept and loaded of it."""

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"  # PEFT's form, for vLLM
GGUF = "adapter.gguf"  # the same for llama.cpp
RUN = "run.json"  # how it was trained
MADE_FROM = (
    "footnote.sha256."  # key in the GGUF file: this and WEIGHTS or CONFIG; its value is that file's sha256 (hex)
)
