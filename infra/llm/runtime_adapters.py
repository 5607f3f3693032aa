"""A vLLM server that runs, whoever has started it: what it is, how much it has to do, and LoRA adapters that come and
go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from generation.errors import GeneratorRejected, GeneratorUnavailable

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_LOAD_S, _ASK_S, _LOOK_S, _SAY_S = 120.0, 10.0, 5.0, 60.0
_RUNNING, _WAITING = "vllm:num_requests_running", "vllm:num_requests_waiting"


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says of itself. `cards`: of each name that was asked about, if it is there, what it stands for,
    what it is an adapter of, and the most tokens of a request. `computes`: vLLM's version with a digest of what decides
    its computation, weights excepted ("vllm-0.32.0-tp2-1a2b3c4d"), or the version alone."""

    cards: tuple[tuple[str, str, str, int], ...]
    computes: str


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

    def cards(self, names: Sequence[str]) -> tuple[tuple[str, str, str, int], ...]:
        """As in `Served`; the answer has to come within five seconds. Raises `GeneratorRejected` too."""
        status, said = self._ask("models", timeout_s=_LOOK_S)
        if status != 200:
            raise _refused(self.url, status, said)
        found = {str(model["id"]): model for model in self._object(said)["data"]}
        return tuple(
            (name, str(card.get("root") or ""), str(card.get("parent") or ""), int(card.get("max_model_len") or 0))
            for name in names
            if (card := found.get(name)) is not None
        )

    def examined(self, names: Sequence[str]) -> Served:
        """What it serves by these names, and how it computes; the first is had to say one token, so that what answers
        afterwards has been seen to answer. Raises `GeneratorRejected` too, where it does not serve the first name or
        does not tell which vLLM it is."""
        cards = self.cards(names)
        if not cards or cards[0][0] != names[0]:
            raise GeneratorRejected(f"The language model server at {self.url} does not serve {names[0]}.")
        asked = {"model": names[0], "messages": [{"role": "user", "content": "~"}], "max_tokens": 1, "temperature": 0}
        status, said = self._ask("chat/completions", asked, _SAY_S)
        if status in {429, 500, 502, 503, 504}:
            raise GeneratorUnavailable(f"The language model server at {self.url} does not answer yet: {said}")
        if status != 200:
            raise _refused(self.url, status, said)
        computes = str(self._object(said).get("system_fingerprint") or "")
        return Served(cards, computes if computes.startswith("vllm-") else f"{self._version()} {computes}".strip())

    def load_now(self) -> tuple[int, int] | None:
        """Requests that run and that wait there, by its metrics; None where they are not to be had."""
        status, said = self._ask("/metrics", timeout_s=_LOOK_S)
        if status != 200:
            return None
        sums = {_RUNNING: 0.0, _WAITING: 0.0}
        told = set()
        for line in said.splitlines():  # one line for each of its engines
            name = line.partition("{")[0].partition(" ")[0]
            if name in sums:
                sums[name] += float(line.rpartition(" ")[2])
                told.add(name)
        return (int(sums[_RUNNING]), int(sums[_WAITING])) if told == sums.keys() else None

    def _version(self) -> str:
        status, said = self._ask("/version", timeout_s=_LOOK_S)
        if status != 200:
            raise GeneratorRejected(
                f"The language model server at {self.url} does not tell which vLLM it is: leave its "
                "--fingerprint-mode as it is, or let GET /version through."
            )
        return f"vllm-{self._object(said)['version']}"

    def _object(self, said: str) -> dict[str, Any]:
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise GeneratorRejected(f"What answers at {self.url} is no vLLM: {_said(said)}")
        return found

    def _ask(
        self, path: str, content: Mapping[str, object] | None = None, timeout_s: float = _ASK_S
    ) -> tuple[int, str]:
        """Status and body, of an error only what the server says in words. `path` is one below /v1, or from / on."""
        import httpx2

        base = self.url.rstrip("/")
        address = f"{base.removesuffix('/v1')}{path}" if path[0] == "/" else f"{base}/{path}"
        try:
            reply = httpx2.request(
                "GET" if content is None else "POST",
                address,
                headers={"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
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


def _refused(url: str, status: int, said: str) -> GeneratorRejected:
    return GeneratorRejected(f"The language model server at {url} refuses ({status}): {said}")


def _said(body: str) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return " ".join(body.split())[:300]
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return " ".join(str(found).split())[:300]
