"""A language model on OpenVINO in a child process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from infra.llm.server import ModelServer


def available() -> bool:
    """Whether OpenVINO is installed; it has no wheel for some machines."""
    return find_spec("openvino_genai") is not None


class OpenVinoServer(ModelServer):
    """One GGUF model behind the OpenAI protocol on the loopback interface.

    Args:
        model_path: the GGUF file; `digest`: its sha256.
        cache: folder for the converted model, 1.2 times the size of the file, made at the first start.
        context_tokens: prompt and reply of one request, in tokens.
        threads: CPU threads of the model.

    The others are those of `ModelServer`. Requests take turns in the child.
    """

    def __init__(
        self,
        model_path: Path,
        digest: str,
        *,
        cache: Path,
        context_tokens: int,
        threads: int,
        log_path: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        start_timeout_s: float = 300.0,
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
        self._options = {
            "--model": model_path,
            "--digest": digest,
            "--cache": cache,
            "--context": context_tokens,
            "--threads": threads,
        }

    def _command(self) -> Sequence[str]:
        options = self._options | {"--host": self._host, "--port": self._port, "--parent": os.getpid()}
        arguments = [str(part) for pair in options.items() for part in pair]
        return [sys.executable, "-P", "-m", "infra.llm.openvino_main", *arguments]

    def _environment(self) -> Mapping[str, str]:
        """The parent's, with its import path."""
        return os.environ | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
