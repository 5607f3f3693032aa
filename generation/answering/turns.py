"""Whose turn it is to write: the service's own model's, or that of a tier that the router has chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generation.answering.routing import Router, versions
from generation.answering.run import Draft, Reply, Retrieved, Try
from generation.prompts import Prompt
from generation.protocols import ChatModel, Labels
from generation.types import Delta, ModelCard, Status, Usage


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

    async def first(self, found: Retrieved) -> tuple[Try, ...]:
        """The turn of the tier that writes; none without a router. Raises `GenerationError` if no tier may read what
        was found."""
        if self.router is None or self.labels is None:
            return ()
        permits = await self.labels.readers(versions(found.context), found.asked.principal)
        return (Try(self.router.choose(found.result, found.context, permits)),)

    def second(self, draft: Draft) -> Draft | None:
        """The draft with the turn of another tier, if one is to try again since nothing shipped; what was withheld
        stays with the first try."""
        if self.router is None or not draft.tries:
            return None
        first = draft.tries[-1]
        status = Status.PARTIAL if draft.sentences else Status.ABSTAINED
        choice = self.router.escalate(first.decision, status, len(draft.withheld))
        if choice is None:
            return None
        return replace(draft, tries=(replace(first, withheld=draft.withheld), Try(choice)), withheld=())

    def writer(self, draft: Draft) -> tuple[ChatModel, Prompt]:
        """The model whose turn it is, and what it is told."""
        if self.router is None or not draft.tries:
            return self.model, self.prompt
        tier = self.router.tier(draft.tries[-1].decision)
        return tier.model, tier.prompt or self.prompt

    def signed(self, found: Retrieved, draft: Draft) -> ModelCard:
        """The card with the model that wrote last."""
        card = replace(self.card, snapshot=found.result.snapshot)
        model, prompt = self.writer(draft)
        if model is self.model:
            return card
        return replace(card, generator=model.name, adapter=model.adapter, prompt=prompt.pinned)


def heard(draft: Draft, delta: Delta) -> Draft:
    """With a piece of a reply added and counted, and what the reply has used where the server tells it at its end."""
    tries = draft.tries
    if tries and (delta.text or delta.usage):
        last = tries[-1]
        tries = (*tries[:-1], replace(last, pieces=last.pieces + bool(delta.text), usage=delta.usage or last.usage))
    usage = draft.usage
    if delta.usage is not None:
        usage = Usage(
            usage.prompt_tokens + delta.usage.prompt_tokens, usage.completion_tokens + delta.usage.completion_tokens
        )
    said = draft.replies[-1] if draft.replies else Reply()
    said = Reply(said.text + delta.text, said.cut or delta.cut)
    return replace(draft, tries=tries, usage=usage, replies=(*draft.replies[:-1], said))


def failed(draft: Draft, code: str) -> Draft:
    """With the error that ended the last turn."""
    return replace(draft, tries=(*draft.tries[:-1], replace(draft.tries[-1], failed=code)))
