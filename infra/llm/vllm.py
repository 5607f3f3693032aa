"""A vLLM server in a child process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.llm import vllm_main
from infra.llm.runtime_adapters import RunningVllm
from infra.llm.server import ModelServer

Flag = bool | int | float | str | list[str] | dict[str, object]

# What Footnote decides itself: these flags are nobody else's.
OWN = frozenset({"model", "served-model-name", "host", "port", "api-key", "lora-modules", "max-model-len"})
# generation-config: else a model's own file could add sampling, such as a penalty for repeating (quoting!).
_FLAGS: Mapping[str, Flag] = {"enable-lora": True, "generation-config": "vllm", "disable-uvicorn-access-log": True}
_ENVIRONMENT = {
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "2",  # GiB; read by the CPU build only, as is the next
    "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
}
_NOT_THEIRS = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}


class VllmServer(ModelServer):
    """One base model, and LoRA adapters by name, behind the OpenAI protocol on the loopback interface.

    Args:
        python: the interpreter of an environment that holds vLLM.
        model: a folder with safetensors, or owner/name of a model on the hub.
        name: what the base model is asked for by.
        adapters: folders in PEFT's form, by the names that they are asked for by.
        context_tokens: prompt and reply of one request, in tokens.
        flags: further flags of vLLM without the leading dashes. True and False are --FLAG and --no-FLAG; tables become
            JSON.
        environment: further variables, before those of this process.
        devices: the GPUs that it sees (CUDA_VISIBLE_DEVICES), whatever this process sees; "" leaves that as it is.

    The others are those of `ModelServer`.
    """

    def __init__(
        self,
        python: Path,
        model: str,
        name: str,
        *,
        context_tokens: int,
        log_path: Path,
        adapters: Mapping[str, Path] | None = None,
        flags: Mapping[str, Flag] | None = None,
        environment: Mapping[str, str] | None = None,
        devices: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        start_timeout_s: float = 900.0,
        max_restarts: int = 5,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        super().__init__(
            name,
            log_path=log_path,
            host=host,
            port=port,
            start_timeout_s=start_timeout_s,
            max_restarts=max_restarts,
            note=note,
        )
        self._python, self._model, self._name = python, model, name
        self._context_tokens, self._flags = context_tokens, {**_FLAGS, **(flags or {})}
        self._extra = dict(environment or {})
        self._devices = {"CUDA_VISIBLE_DEVICES": devices} if devices else {}
        self._adapters = dict(adapters or {})

    def load(self, name: str, folder: Path) -> bool:
        """From now on the server knows this adapter, also after a restart. As `RunningVllm.load`."""
        new = RunningVllm(self.url, self.api_key).load(name, folder)
        self._adapters = self._adapters | {name: folder}
        return new

    def unload(self, name: str) -> None:
        """Forget an adapter; requests under way end with it. Raises as `RunningVllm.unload`."""
        self._adapters = {known: folder for known, folder in self._adapters.items() if known != name}
        RunningVllm(self.url, self.api_key).unload(name)

    def has_lost(self, name: str) -> bool:
        """Never: it is started again with its adapters."""
        return False

    def _command(self) -> Sequence[str]:
        own: dict[str, Flag] = {
            "model": self._model,
            "served-model-name": self._name,
            "host": self._host,
            "port": self._port,
            "max-model-len": self._context_tokens,
        }
        if adapters := self._adapters:
            own["lora-modules"] = [f"{name}={folder}" for name, folder in adapters.items()]
        return [str(self._python), "-P", vllm_main.__file__, *arguments({**self._flags, **own})]

    def _environment(self) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        offline = {"HF_HUB_OFFLINE": "1"} if Path(self._model).is_dir() else {}
        return _ENVIRONMENT | offline | self._extra | inherited | self._devices


def arguments(flags: Mapping[str, Flag]) -> list[str]:
    """A table of flags as a command line."""
    found = []
    for name, value in flags.items():
        if isinstance(value, bool):
            found.append(f"--{name}" if value else f"--no-{name}")
        elif isinstance(value, list):
            found += [f"--{name}", *value]
        else:
            found += [f"--{name}", json.dumps(value) if isinstance(value, dict) else str(value)]
    return found
