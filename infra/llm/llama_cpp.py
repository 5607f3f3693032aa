"""A llama.cpp server in a child process: xllamacpp's, or another build of llama-server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.llm.server import ModelServer


class LlamaCppServer(ModelServer):
    """One GGUF model (and one LoRA adapter) behind the OpenAI protocol on the loopback interface.

    Args:
        model_path: the GGUF file.
        context_tokens: prompt and reply of one request, in tokens.
        threads: CPU threads of the model.
        parallel: slots; each holds one request and the cached prefix of its last one.
        lora_path: a GGUF adapter, applied to every request that does not scale it otherwise.
        program: a llama-server that is run in place of xllamacpp.

    The others are those of `ModelServer`.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        context_tokens: int,
        threads: int,
        parallel: int,
        log_path: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        lora_path: Path | None = None,
        program: Path | None = None,
        start_timeout_s: float = 120.0,
        max_restarts: int = 5,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        super().__init__(
            model_path.name,
            log_path=log_path,
            host=host,
            port=port,
            start_timeout_s=start_timeout_s,
            max_restarts=max_restarts,
            note=note,
        )
        self._model, self._lora, self._program = model_path, lora_path, program
        self._sizes = {"--context": context_tokens, "--threads": threads, "--parallel": parallel}

    def _command(self) -> Sequence[str]:
        options = {"--model": self._model, "--host": self._host, "--port": self._port, "--parent": os.getpid()}
        if self._lora:
            options["--lora"] = self._lora
        if self._program:
            options["--program"] = self._program
        arguments = [str(part) for pair in (options | self._sizes).items() for part in pair]
        return [sys.executable, "-P", "-m", "infra.llm.llama_cpp_main", *arguments]

    def _environment(self) -> Mapping[str, str]:
        """The parent's, with its import path. Waiting threads spin for some microseconds, then sleep: an adapter's
        many small steps take three times as long if every one of them has to wake a thread, and on cores that others
        use longer spinning costs a factor of ten (docs/benchmarks.md)."""
        path = os.pathsep.join(part for part in sys.path if part)
        return {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "300"} | os.environ | {"PYTHONPATH": path}
