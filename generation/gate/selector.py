"""The selector at work: question and sentence in, a probability out."""

from __future__ import annotations

from generation.gate.nli import PairClassifier


def under(heading: str, text: str) -> str:
    """A sentence as the selector reads it: below what it stands under, if that is known."""
    return f"{heading}\n{text}" if heading else text


class AnswerSelector:
    """Implements `Selector` with a classifier, the question first, whose first class stands for "answers"."""

    def __init__(self, classifier: PairClassifier) -> None:
        self.name = classifier.name
        self._classifier = classifier

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        return self._classifier.probabilities(question, under(heading, sentence))[0]
