"""The selector at work: question and sentence in, a probability out."""

from __future__ import annotations

from generation.protocols import EntailmentModel


def under(heading: str, text: str) -> str:
    """A sentence as the selector reads it: below what it stands under, if that is known."""
    return f"{heading}\n{text}" if heading else text


class AnswerSelector:
    """Implements `Selector` with a classifier of pairs, the question first, whose "entailed" stands for "answers"."""

    def __init__(self, model: EntailmentModel) -> None:
        self.name = model.name
        self._model = model

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        return self._model.entailment(question, under(heading, sentence)).entailed
