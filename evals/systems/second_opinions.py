"""Who judges, and what of an answer is judged: its words, and the passages that were shown, out of the trail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from api.terminal import UsageError
from api.wiring.language import JUDGE_SLOT
from evals.systems.installations import Installation, version_texts
from evals.systems.models import Models
from evals.systems.ragas_scores import FAITHFULNESS, METRICS, Ragas, Sample, Score, installed, pinned
from evals.types import Case
from generation.llm.client import OpenAIChatModel
from generation.protocols import ChatModel, VersionText
from infra.postgres.chain import is_erased
from infra.witness.bundles import answer_of
from ingest.errors import FootnoteError
from retrieval.types import Principal

__all__ = [
    "FAITHFULNESS",
    "JudgeAt",
    "Score",
    "SecondOpinion",
    "check_judge",
    "installed",
    "judge_of",
    "pinned",
    "ragas_of",
    "sample_of",
]  # fmt: skip
JudgeAt = tuple[str, str, str]
"""Address, the model's name there, and the environment variable that holds the key; "" for the service's own."""


def check_judge(at: JudgeAt) -> None:
    """Raises `UsageError` for a judge that is named by half, or whose key is not there."""
    url, name, key = at
    if not url and (name or key):
        raise UsageError("--judge-model and --judge-key are of --judge-url: name that, too.")
    if url and not name:
        raise UsageError("Name the judge at --judge-url with --judge-model.")
    if url and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname):
        raise UsageError(f"--judge-url {url}: write an address such as http://127.0.0.1:8080/v1.")
    if key and not os.environ.get(key):
        raise UsageError(f"--judge-key {key}: there is no such environment variable.")


def judge_of(parts: Installation, at: JudgeAt) -> ChatModel:
    """The base model that the service answers with, or the one at an address. Raises `UsageError`."""
    check_judge(at)
    url, name, key = at
    if not url:
        return parts.language.base(JUDGE_SLOT)
    timeout = parts.settings.llm_timeout_s
    return OpenAIChatModel(url, name, api_key=os.environ.get(key, "") if key else "", timeout_s=timeout)


def ragas_of(parts: Installation, at: JudgeAt, seconds: float) -> Ragas:
    """With the embedder of the settings; `seconds`: the most for one metric of one answer."""
    return Ragas(judge_of(parts, at), Models(parts.settings).embedder.embed_query, seconds)


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """RAGAS on answers that one installation gave."""

    parts: Installation
    ragas: Ragas

    async def scores(self, case: Case, audit_id: str, names: Sequence[str] = METRICS) -> list[Score]:
        """None of an answer that is not in the trail any more. Raises `GenerationError` where the judge is gone."""
        sample = await sample_of(self.parts, case, audit_id)
        return [] if sample is None else await self.ragas.scores(sample, names)

    async def within(self, case: Case, audit_id: str, seconds: float) -> list[Score] | None:
        """None where it takes longer: it is broken off then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self.scores(case, audit_id)
        return None


async def sample_of(parts: Installation, case: Case, audit_id: str) -> Sample | None:
    """An answer as it was given, without its markers, and every passage that was shown for it, in their order. The
    reference is the case's gold in its documents' words: whoever wrote the case wrote no answer."""
    with suppress(FootnoteError):
        closed = answer_of(tuple(reversed(parts.audit.show(audit_id))))
        if closed is not None and not is_erased(closed.get("answer")):
            texts = await _shown(version_texts(parts), closed["context"], case.asker)
            said = " ".join(sentence["text"] for sentence in closed["answer"]["sentences"])
            return Sample(case.question, said, texts, " ".join(gold.quote for gold in case.gold))
    return None


async def _shown(versions: VersionText, context: Sequence[Mapping[str, Any]], asker: Principal) -> tuple[str, ...]:
    """Passages that the asker may not read any more are left out."""
    found = []
    for one in sorted(context, key=lambda passage: int(passage["marker"])):
        source = await versions.text(one["document_id"], one["version"], asker)
        if source is not None:
            found.append(source.text[one["start"] : one["end"]])
    return tuple(found)
