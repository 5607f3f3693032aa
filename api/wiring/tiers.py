"""The router between the tiers that FOOTNOTE_TIERS states."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from generation.answering.routing import EVERYTHING, Router, RouterOptions, Tier, default_sees
from generation.llm.client import PLAIN, VLLM, OpenAIChatModel
from generation.prompts import load_prompt
from generation.protocols import ChatModel
from infra.settings import SettingsError
from infra.tiers import TierTable, load_tiers
from retrieval.errors import InvalidPrincipal


def router(
    path: Path,
    own: ChatModel,
    timeout_s: float,
    *,
    remote: bool,
    watched: Callable[[ChatModel], ChatModel] = lambda model: model,
) -> Router:
    """Between the tiers of that file; `own` is the service's generator, `remote` if FOOTNOTE_LLM_URL names it.
    `watched` is what is put around the others.

    Raises `SettingsError`; also where the own generator is not stated to see everything: it judges what
    any tier writes, and is shown the passages for it.
    """
    stated = load_tiers(path)
    if remote and not any(not table.url and table.sees == EVERYTHING for table in stated.tier):
        raise SettingsError(
            f"FOOTNOTE_TIERS: {path}: the generator at FOOTNOTE_LLM_URL judges what every tier writes and so is shown "
            'all passages. If it may see them, say so: a [[tier]] without url, with sees = ["*"].'
        )
    tiers = []
    for table in stated.tier:
        sees = default_sees(local=not table.url) if table.sees is None else table.sees
        try:
            tiers.append(
                Tier(
                    table.name,
                    watched(_served(table, timeout_s)) if table.url else own,
                    table.cost_in,
                    table.cost_out,
                    sees,
                    load_prompt(table.prompt or "answer") if table.url else None,
                )
            )
        except (ValueError, InvalidPrincipal) as error:
            raise SettingsError(f"FOOTNOTE_TIERS: {path}, tier {table.name}: {error}") from error
    return Router(tiers, RouterOptions(**stated.router.model_dump()))


def _served(table: TierTable, timeout_s: float) -> OpenAIChatModel:
    key = os.environ.get(table.api_key_env, "") if table.api_key_env else ""
    if table.api_key_env and not key:
        raise SettingsError(
            f"FOOTNOTE_TIERS: tier {table.name}: {table.api_key_env}, which is to hold its key, is empty."
        )
    dialect = VLLM if table.protocol == "vllm" else PLAIN
    return OpenAIChatModel(table.url, table.model, table.adapter, key, timeout_s=timeout_s, dialect=dialect)
