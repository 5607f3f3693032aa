"""A model's reply, cut into sentences as they complete."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from generation.gate.claims import SentenceStream
from generation.types import Delta


@dataclass(frozen=True, slots=True)
class Piece:
    """A delta and the sentences that it completes; after the last one, without a delta, what is left of the text.

    `cut`: this rest was cut off, by the token limit or since the model repeated itself.
    """

    delta: Delta | None
    sentences: tuple[str, ...]
    cut: bool = False


async def pieces(deltas: AsyncGenerator[Delta, None]) -> AsyncGenerator[Piece, None]:
    """Closing it closes `deltas`, which stops the model."""
    collected, cut = SentenceStream(), False
    async with aclosing(deltas):
        async for delta in deltas:
            cut = delta.cut
            yield Piece(delta, tuple(collected.feed(delta.text)))
    yield Piece(None, tuple(collected.finish()), cut)
