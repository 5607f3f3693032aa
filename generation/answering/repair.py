"""One rewrite of a sentence that failed the gate, from the evidence that came closest to supporting it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generation.answering.abstaining import refuses
from generation.claims import claim_text, sentence_spans
from generation.errors import GenerationError
from generation.evidence import Evidence
from generation.faithfulness import Decision
from generation.prompts import Prompt
from generation.protocols import ChatModel

_REPAIRABLE = frozenset({"relevance", "figures", "judge", "second"})
_NOTHING = re.compile(r"\W*nothing\W*", re.IGNORECASE)


class Repairer:
    """Asks the language model for the sentence that the evidence does support.

    Args:
        model: any `ChatModel`; on llama.cpp one with a slot of its own, for the prompt's fixed part stays cached.
        prompt: `prompts/repair.md`, with the blanks question, evidence and sentence.
        max_tokens: length of a reply; a sentence that it cuts off is dropped.
    """

    def __init__(self, model: ChatModel, prompt: Prompt, *, max_tokens: int = 80) -> None:
        self.name = f"{model.name}:{prompt.name}:{prompt.digest[:12]}"
        self._model = model
        self._prompt = prompt
        self._max_tokens = max_tokens

    async def rewrite(self, question: str, evidence: Sequence[Evidence], sentence: str, *, cache_salt: str = "") -> str:
        """One sentence without markers; "" if there is nothing to say, nothing new, or no model to say it."""
        shown = "\n\n".join(dict.fromkeys(item.framed for item in evidence))
        messages = self._prompt.messages(question=question, evidence=shown, sentence=sentence)
        reply, cut = "", False
        try:
            async for delta in self._model.stream(
                messages, max_tokens=self._max_tokens, stop=("\n",), cache_salt=cache_salt
            ):
                reply, cut = reply + delta.text, delta.cut
        except GenerationError:  # the sentence is then withheld, as it would be without a repair
            return ""
        return _first_sentence(reply, cut, sentence)


def repairable(decision: Decision) -> bool:
    """Whether a rewrite could help: the sentence failed for what it says, and something came close to it."""
    return not decision.judgement.passed and decision.judgement.stage in _REPAIRABLE and bool(decision.nearest)


def citing(text: str, evidence: Sequence[Evidence]) -> str:
    """The text under the markers of the passages that the evidence is from, as a generator would have written it."""
    return text + "".join(f" [{marker}]" for marker in dict.fromkeys(item.passage.marker for item in evidence))


def _first_sentence(reply: str, cut: bool, failed: str) -> str:
    spans = sentence_spans(reply)
    if not spans or (cut and len(spans) == 1):
        return ""
    text = claim_text(reply[slice(*spans[0])])
    useless = _NOTHING.fullmatch(text) or refuses(text) or text.casefold() == failed.casefold()
    return "" if useless else text
