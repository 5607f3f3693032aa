"""Whose turn it is to write: the service's own model's, or that of a tier that the router has chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generation.answering.routing import Router, versions
from generation.answering.run import Run, Try
from generation.prompts import Prompt
from generation.protocols import ChatModel, Labels
from generation.types import Delta, ModelCard, Usage


@dataclass(frozen=True, slots=True)
class Turns:
    """`model` with `prompt` writes where there is no router. A router needs `labels`, or it would not know who may
    read what: raises `ValueError`. `card` describes the service with its own model."""

    model: ChatModel
    prompt: Prompt
    card: ModelCard
    router: Router | None = None
    labels: Labels | None = None

    def __post_init__(self) -> None:
        if self.router is not None and self.labels is None:
            raise ValueError("A router needs labels: they say which tier may read what.")

    async def first(self, run: Run) -> None:
        """Decides who writes. Raises `GenerationError` if no tier may read what was found."""
        if self.router is None or self.labels is None or run.result is None:
            return
        permits = await self.labels.readers(versions(run.context), run.principal)
        run.tries.append(Try(self.router.choose(run.result, run.context, permits)))

    def second(self, run: Run) -> bool:
        """Whether another tier is to try again, since nothing shipped; what was withheld stays with the first try."""
        if self.router is None or not run.tries:
            return False
        decision = self.router.escalate(run.tries[-1].decision, run.status, len(run.withheld))
        if decision is None:
            return False
        run.tries[-1].withheld, run.withheld = run.withheld, []
        run.tries.append(Try(decision))
        return True

    def writer(self, run: Run) -> tuple[ChatModel, Prompt]:
        """The model whose turn it is, and what it is told."""
        if self.router is None or not run.tries:
            return self.model, self.prompt
        tier = self.router.tier(run.tries[-1].decision)
        return tier.model, tier.prompt or self.prompt

    def signed(self, run: Run) -> ModelCard:
        """The card with the model that wrote last."""
        card = replace(self.card, snapshot=run.result.snapshot if run.result else "")
        model, prompt = self.writer(run)
        if model is self.model:
            return card
        return replace(card, generator=model.name, adapter=model.adapter, prompt=prompt.pinned)


def used(run: Run, delta: Delta) -> None:
    """Counts a piece of a reply, and adds what the reply has used where the server tells it at its end."""
    if run.tries and delta.text:
        run.tries[-1].pieces += 1
    if delta.usage is None:
        return
    run.usage = Usage(
        run.usage.prompt_tokens + delta.usage.prompt_tokens, run.usage.completion_tokens + delta.usage.completion_tokens
    )
    if run.tries:
        run.tries[-1].usage = delta.usage
