"""A model's reply, cut into sentences as they complete."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from generation.answering.abstaining import refuses
from generation.gate.claims import SentenceStream, markers
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


async def statements(deltas: AsyncGenerator[Delta, None], most: int) -> AsyncGenerator[Piece, None]:
    """The pieces with each sentence once, up to the model's saying that it has no answer, and at most `most` in all;
    the model is stopped there."""
    seen: set[str] = set()
    async with aclosing(pieces(deltas)) as read:
        async for piece in read:
            new: list[str] = []
            over = False
            for sentence in piece.sentences:
                over = over or len(seen) >= most or (refuses(sentence) and not markers(sentence))
                if not over and sentence not in seen:
                    seen.add(sentence)
                    new.append(sentence)
            yield Piece(piece.delta, tuple(new), piece.cut)
            if over or len(seen) >= most:
                return
