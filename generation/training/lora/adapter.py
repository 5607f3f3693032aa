"""LoRA weights on a frozen model (Hu et al. 2021, arXiv 2106.09685), by PEFT: made, read, written."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from generation.adapter_files import CONFIG, WEIGHTS
from generation.training.lora.errors import LoraError
from generation.training.lora.settings import Tuning


def fresh(model: Any, run: Tuning) -> Any:
    """The model with new LoRA weights, float32, which change nothing yet; all else is frozen.

    Raises `LoraError` where the model has no module of a name in `run.targets`, or no layer after those skipped.
    """
    names = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if strange := sorted(set(run.targets) - names):
        raise LoraError(f"The model has no module {', '.join(strange)}: correct targets.")
    layers = range(run.skip_layers, model.config.num_hidden_layers)
    if not layers:
        raise LoraError(f"skip_layers: the model has {model.config.num_hidden_layers} layers. Skip fewer.")
    peft: Any = import_module("peft")
    import_module("torch").manual_seed(run.seed)
    config = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=run.rank,
        lora_alpha=run.alpha,
        lora_dropout=run.dropout,
        target_modules=list(run.targets),
        layers_to_transform=list(layers) if run.skip_layers else None,
    )
    return peft.get_peft_model(model, config)


def load(model: Any, folder: Path) -> Any:
    """The model with the adapter that lies in `folder`, to be trained further. Raises `LoraError`."""
    peft: Any = import_module("peft")
    safetensors: Any = import_module("safetensors.torch")
    if not (folder / WEIGHTS).exists() or not (folder / CONFIG).exists():
        raise LoraError(f"{folder} holds no adapter ({WEIGHTS}, {CONFIG}): train one first.")
    config = peft.LoraConfig.from_pretrained(str(folder))
    config.inference_mode, config.base_model_name_or_path = False, None
    adapted = peft.get_peft_model(model, config)
    put(adapted, safetensors.load_file(str(folder / WEIGHTS)))
    return adapted


def weights(model: Any) -> dict[str, Any]:
    """The LoRA tensors by name, as PEFT stores them."""
    found: dict[str, Any] = import_module("peft").get_peft_model_state_dict(model, save_embedding_layers=False)
    return {name: tensor.detach().contiguous() for name, tensor in found.items()}


def put(model: Any, tensors: dict[str, Any]) -> None:
    """Set the LoRA tensors. Raises `LoraError` where they are another adapter's, by name or by shape."""
    wanted, given = ({name: tensor.shape for name, tensor in one.items()} for one in (weights(model), tensors))
    if wanted != given:
        raise LoraError("The adapter's tensors do not fit the model: it was trained on another one.")
    import_module("peft").set_peft_model_state_dict(model, tensors)


def save(model: Any, folder: Path, name: str) -> None:
    """PEFT's form in float16, with `name` as the base model's: for PEFT, vLLM and
    `generation.training.lora.export`, whose GGUF form then holds the same numbers.

    Written by us, since PEFT would note where on this machine the base lies. Same weights, same bytes.
    """
    safetensors: Any = import_module("safetensors.torch")
    folder.mkdir(parents=True, exist_ok=True)
    config = model.peft_config["default"]
    config.save_pretrained(str(folder))
    stated = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    stated |= {"base_model_name_or_path": name, "inference_mode": True}
    stated["target_modules"] = sorted(stated["target_modules"])
    (folder / CONFIG).write_text(json.dumps(stated, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    tensors = {key: tensor.cpu().half() for key, tensor in weights(model).items()}
    safetensors.save_file(tensors, str(folder / WEIGHTS), metadata={"format": "pt"})
