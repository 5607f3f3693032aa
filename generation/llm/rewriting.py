"""Writing a follow-up so that it stands alone, by the generator: it sees the asker's own questions and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from generation.errors import GenerationError
from generation.prompts import Prompt
from generation.protocols import ChatModel

PROMPT = "follow_up"


class QuestionRewriter:
    """`model` is asked for at each question, so that one that stands alone needs no generator."""

    def __init__(self, model: Callable[[], ChatModel], prompt: Prompt, *, max_tokens: int = 80) -> None:
        self._model, self._prompt, self._max_tokens = model, prompt, max_tokens

    async def write(self, question: str, earlier: Sequence[str], *, cache_salt: str) -> str:
        """What the model makes of it after the earlier questions, oldest first; "" if it cannot be had, or was cut
        off."""
        lines = [*(f"Earlier: {_line(one)}" for one in earlier), f"Last: {_line(question)}"]
        messages = self._prompt.messages(questions="\n".join(lines))
        try:
            model = await asyncio.to_thread(self._model)
            said = [one async for one in model.stream(messages, max_tokens=self._max_tokens, cache_salt=cache_salt)]
        except GenerationError:
            return ""
        return "" if any(one.cut for one in said) else "".join(one.text for one in said).strip()


def _line(text: str) -> str:
    return " ".join(text.split())
