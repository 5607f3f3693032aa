"""LoRA adapters that come to a vLLM server and go while it runs, whoever has started it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from generation.errors import GeneratorRejected, GeneratorUnavailable

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_LOAD_S, _ASK_S = 120.0, 10.0


@dataclass(frozen=True)
class RunningVllm:
    """A vLLM server that is there. `url` is its address up to and with /v1. Every method raises
    `GeneratorUnavailable` if it cannot be reached."""

    url: str
    api_key: str = field(repr=False)

    def load(self, name: str, folder: Path) -> bool:
        """Have it load an adapter; False if it has one of this name already. `folder` is as the server sees it.

        Raises `GeneratorRejected` if it cannot.
        """
        status, said = self._ask("load_lora_adapter", {"lora_name": name, "lora_path": str(folder)}, _LOAD_S)
        if status == 200:
            return True
        if not self.has_lost(name):
            return False
        if said in {"", "Not Found"}:
            said = "it loads none while it runs: start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
        raise GeneratorRejected(
            f"The language model server at {self.url} does not take the adapter {name} ({folder}): {said}"
        )

    def unload(self, name: str) -> None:
        """Have it forget an adapter, if it has it. Requests under way end with it."""
        self._ask("unload_lora_adapter", {"lora_name": name})

    def has_lost(self, name: str) -> bool:
        """Whether an adapter that it has loaded is gone, as it is when the server is started anew."""
        return name not in self.served()

    def served(self) -> frozenset[str]:
        """The names that can be asked for."""
        status, said = self._ask("models")
        return frozenset(model["id"] for model in json.loads(said)["data"]) if status == 200 else frozenset()

    def _ask(self, path: str, content: Mapping[str, str] | None = None, timeout_s: float = _ASK_S) -> tuple[int, str]:
        """Status and body, of an error only what the server says in words."""
        import httpx2

        try:
            reply = httpx2.request(
                "GET" if content is None else "POST",
                f"{self.url.rstrip('/')}/{path}",
                headers={"Authorization": f"Bearer {self.api_key}"},
                json=content,
                timeout=timeout_s,
                trust_env=urlsplit(self.url).hostname not in _LOOPBACK,
            )
        except httpx2.HTTPError as error:
            raise GeneratorUnavailable(
                f"The language model server at {self.url} cannot be reached. Check that it runs, or wait until it has "
                "been restarted."
            ) from error
        return reply.status_code, reply.text if reply.is_success else _said(reply.text)


def _said(body: str) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return " ".join(body.split())[:300]
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return " ".join(str(found).split())[:300]
