"""Imagining a passage that would answer a question, for HyDE."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from generation.errors import GenerationError
from generation.prompts import Prompt
from generation.protocols import ChatModel


class HypothesisWriter:
    """Implements `retrieval.protocols.PassageWriter` with the generator. It sees the question and nothing else.

    `model` is asked for at each passage, so that a search that writes none needs no generator.
    """

    def __init__(self, model: Callable[[], ChatModel], prompt: Prompt, *, max_tokens: int = 80) -> None:
        self._model = model
        self._prompt = prompt
        self._max_tokens = max_tokens

    async def write(self, question: str, *, cache_salt: str) -> str:
        """Two or three sentences; "" if the generator cannot be had, for a search goes without."""
        messages = self._prompt.messages(question=question)
        try:
            model = await asyncio.to_thread(self._model)
            deltas = model.stream(messages, max_tokens=self._max_tokens, cache_salt=cache_salt)
            return "".join([delta.text async for delta in deltas])
        except GenerationError:
            return ""
