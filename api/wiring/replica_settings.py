"""How many servers serve the language model, by the settings, and what each is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from api.wiring.adapter_in_use import CURRENT, NONE
from infra.settings import Settings, SettingsError

_ON_GPUS_OF_THEIR_OWN = ("tensor-parallel-size", "pipeline-parallel-size", "data-parallel-size")


def servers(settings: Settings) -> int:
    """Of the language model; 1 also for an engine of ours that is no vLLM."""
    if settings.llm_url:
        return len(settings.llm_urls)
    return max(settings.vllm_replicas, len(_stated(settings))) if settings.engine == "vllm" else 1


def asked_for(settings: Settings) -> tuple[str, ...]:
    """What every server of FOOTNOTE_LLM_URL has to serve alike: the model, and an adapter that it holds by its name.
    Releases (NAME@DIGEST) come to each from here."""
    adapter = "" if settings.adapter in {CURRENT, NONE} else settings.adapter
    return (settings.llm_model, adapter) if adapter else (settings.llm_model,)


def named(addresses: Sequence[str]) -> dict[str, str]:
    """Addresses by what they are called: host and port, with the path where that is not /v1."""
    parts = {address: urlsplit(address) for address in addresses}
    return {f"{part.netloc}{part.path.rstrip('/').removesuffix('/v1')}": address for address, part in parts.items()}


def gpus(settings: Settings) -> list[str]:
    """CUDA_VISIBLE_DEVICES of each vLLM that is started; "" leaves it as it is. Without FOOTNOTE_VLLM_GPUS several get
    as many as their flags need, one after the other, of those that this process may use. Raises `SettingsError`."""
    stated, count = _stated(settings), settings.vllm_replicas
    if stated and count not in {1, len(stated)}:
        raise SettingsError(
            f"FOOTNOTE_VLLM_GPUS has {len(stated)} groups for {count} replicas (FOOTNOTE_VLLM_REPLICAS): write one for "
            "each, with semicolons between."
        )
    each = needed_gpus(settings)
    if wrong := next((group for group in stated if len(group.split(",")) != each), None):
        raise SettingsError(
            f"FOOTNOTE_VLLM_GPUS: a replica needs {each} by FOOTNOTE_VLLM ({', '.join(_ON_GPUS_OF_THEIR_OWN)}), and "
            f"{wrong!r} has {len(wrong.split(','))}."
        )
    if stated or count == 1:
        return stated or [""]
    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    visible = visible or [str(number) for number in range(count * each)]
    if len(visible) < count * each:
        raise SettingsError(
            f"FOOTNOTE_VLLM_REPLICAS: {count} replicas need {count * each} GPUs, and CUDA_VISIBLE_DEVICES names "
            f"{len(visible)}."
        )
    return [",".join(visible[number * each : (number + 1) * each]) for number in range(count)]


def needed_gpus(settings: Settings) -> int:
    """Of one replica."""
    product = 1
    for flag in _ON_GPUS_OF_THEIR_OWN:
        size = settings.vllm.get(flag, 1)
        product *= size if isinstance(size, int) else 1
    return product


def _stated(settings: Settings) -> list[str]:
    return [group for group in settings.vllm_gpus.split(";") if group]
