"""The language model as a reader: trained heads on its state say what it has understood."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from generation.prompts import Prompt
from generation.protocols import StateModel
from generation.types import ChatMessage, Reading

FILE = "heads.npz"
PROMPT = "reader"
CLAIM = "Claim: "  # where the claim begins in the prompt


@dataclass(frozen=True, slots=True)
class Heads:
    """Two logistic regressions on states: is the claim supported, does it answer the question.

    `weights` (2, states) and `biases` (2,), float32. They mean something for the `generator` (sha256 of its file) and
    the `prompt` (digest) whose states they were fitted on, and for no other. `digest`: of the file they come from.
    """

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    generator: str
    prompt: str
    digest: str = ""

    def read(self, states: Sequence[float]) -> Reading:
        odds = self.weights @ np.asarray(states, np.float32) + self.biases
        supported, answers = (1.0 / (1.0 + np.exp(-odds.astype(np.float64)))).tolist()
        return Reading(supported, answers)

    def saved(self) -> bytes:
        """As `loaded` takes them."""
        out = BytesIO()
        np.savez(out, weights=self.weights, biases=self.biases, generator=self.generator, prompt=self.prompt)
        return out.getvalue()

    @classmethod
    def loaded(cls, data: bytes) -> Heads:
        found = np.load(BytesIO(data), allow_pickle=False)
        return cls(
            found["weights"],
            found["biases"],
            str(found["generator"]),
            str(found["prompt"]),
            hashlib.sha256(data).hexdigest(),
        )


def asked(prompt: Prompt, evidence: str, claim: str, question: str) -> tuple[Sequence[ChatMessage], str]:
    """What is read, and its end from where on the states count: the claim, whatever words are in it."""
    messages = prompt.messages(evidence=evidence, claim=claim, question=question)
    without = prompt.messages(evidence=evidence, claim="", question=question)
    return messages, messages[-1].content[len(without[-1].content) - len(CLAIM) :]


def shipped_heads() -> Heads:
    """Those of this package: generation/gate/heads.npz."""
    return Heads.loaded(files(__package__).joinpath(FILE).read_bytes())


class StateReader:
    """Implements `Reader`: one pass of the language model over evidence, question and claim, nothing written."""

    def __init__(self, model: StateModel, prompt: Prompt, heads: Heads) -> None:
        self.name = f"{model.name}:{prompt.name}@{prompt.digest[:12]}:{heads.digest[:12]}"
        self._model, self._prompt, self._heads = model, prompt, heads

    async def read(self, evidence: str, claim: str, question: str) -> Reading:
        return self._heads.read(await self._model.states(*asked(self._prompt, evidence, claim, question)))
