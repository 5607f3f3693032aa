"""LoRA adapters that come to a vLLM server and go while it runs, whoever has started it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from generation.errors import GeneratorRejected, GeneratorUnavailable

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_LOAD_S = 120.0


def load_adapter(url: str, key: str, name: str, folder: Path) -> None:
    """Have a server load an adapter; nothing happens if it has one of this name.

    `url` is its address up to and with /v1, `folder` is as the server sees it. Raises `GeneratorRejected` if it cannot
    load it, `GeneratorUnavailable` if it cannot be reached.
    """
    status, said = _ask(url, key, "load_lora_adapter", {"lora_name": name, "lora_path": str(folder)})
    if status == 200 or name in _served(url, key):
        return
    if said in {"", "Not Found"}:
        said = "it loads none while it runs: start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
    raise GeneratorRejected(f"The language model server at {url} does not take the adapter {name} ({folder}): {said}")


def unload_adapter(url: str, key: str, name: str) -> None:
    """Have a server forget an adapter, if it has it. Raises `GeneratorUnavailable` if it cannot be reached."""
    _ask(url, key, "unload_lora_adapter", {"lora_name": name})


def _served(url: str, key: str) -> set[str]:
    """The names that can be asked for."""
    status, said = _ask(url, key, "models")
    return {model["id"] for model in json.loads(said)["data"]} if status == 200 else set()


def _ask(url: str, key: str, path: str, content: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Status and body, of an error only what the server says in words."""
    import httpx2

    try:
        reply = httpx2.request(
            "GET" if content is None else "POST",
            f"{url.rstrip('/')}/{path}",
            headers={"Authorization": f"Bearer {key}"},
            json=content,
            timeout=_LOAD_S,
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
        )
    except httpx2.HTTPError as error:
        raise GeneratorUnavailable(
            f"The language model server at {url} cannot be reached. Check that it runs, or wait until it has been "
            "restarted."
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
