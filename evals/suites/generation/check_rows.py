"""The gate's two questions to a language model with their right answers, Yes or No: the rows of suite "checks".

"judge": does the evidence state the claim? Asked as the gate asks it: one claim of a sentence, the window of its
sources that the trained judge finds likeliest, and only where that judge is unsure. The sentences are those that were
written for it, true and wrong. All claims of a true one are true, though nobody has checked that just the window shown
states them; a wrong one counts only if it is a single claim, since nobody has noted which of its claims is wrong.
"relevance": does the reply give what was asked for? All replies lie where the reranker is not sure. Right are those
that were written; wrong are, by turns, the nearest sentence of passages that do not answer the question, and the
nearest of the replies that were written for other documents, even where the question names no document.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random

from generation.gate.checking import Checker
from generation.gate.claims import sentence_spans
from generation.gate.gate import CascadeGate
from generation.gate.relevance import BESIDE, SURE
from generation.gate.splitting.split import split_claims
from generation.training.data.conversations import passage_of
from generation.training.data.exercises import Piece
from generation.training.data.gating import Support
from generation.training.data.pairs import generator
from generation.training.data.written import Reply, Written
from generation.types import Judgement, Stage, Verdict
from retrieval.protocols import Reranker
from retrieval.types import Context

YES, NO = "Yes", "No"
JUDGE, RELEVANCE = KINDS = ("judge", "relevance")
COUNT = 240  # rows of each kind and answer at most
_OTHERS = 24  # replies for other documents that are compared with a question
_SENTENCE = re.compile(r"[A-Z].{30,300}\.", re.DOTALL)

Asked = Callable[[str, Sequence[Piece]], Sequence[tuple[str, str]]]
"""What the gate asks a language model about a sentence that cites these pieces: (evidence, claim), often none."""


@dataclass(frozen=True, slots=True)
class Check:
    """`kind` is also the name of the prompt, `blanks` is what fills it, `reply` is YES or NO."""

    kind: str
    document: str
    blanks: Mapping[str, str]
    reply: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Makes the rows. `support` and `asked` are the gate's, `near` scores sentences for a question."""

    support: Support
    asked: Asked
    near: Reranker
    seed: int

    def rows(self, replied: Sequence[Reply]) -> Iterator[Check]:
        """Of replies with true and wrong sentences. The same replies and seed give the same rows."""
        random = generator(f"{self.seed}:checks")
        yield from self._judge(replied, random)
        shuffled = random.sample(replied, len(replied))
        yield from islice(self._to_the_point(shuffled), COUNT)
        yield from islice(self._beside(shuffled, random), COUNT)

    def _judge(self, replied: Sequence[Reply], random: Random) -> Iterator[Check]:
        true = [(reply, said) for reply in replied for said in (*reply.answer, *reply.also)]
        wrong = [(reply, said) for reply in replied for said in reply.wrong if len(split_claims(said.text)) == 1]
        for answer, found in ((YES, true), (NO, wrong)):
            yield from islice(self._questions(answer, random.sample(found, len(found))), COUNT)

    def _questions(self, answer: str, found: Iterable[tuple[Reply, Written]]) -> Iterator[Check]:
        for reply, said in found:
            pieces = [reply.exercise.passages[number - 1] for number in said.cites]
            for evidence, claim in self.asked(said.text, pieces):
                yield Check(JUDGE, reply.exercise.document, {"evidence": evidence, "claim": claim}, answer)

    def _to_the_point(self, replied: Sequence[Reply]) -> Iterator[Check]:
        for reply in replied:
            if reply.answer and self._nearest(reply, [reply.answer[0].text]):
                yield _check(reply, reply.answer[0].text, YES)

    def _beside(self, replied: Sequence[Reply], random: Random) -> Iterator[Check]:
        elsewhere = defaultdict[str, list[tuple[str, str]]](list)
        for reply in replied:
            if reply.answer:
                elsewhere[reply.exercise.source].append((reply.exercise.document, reply.answer[0].text))
        for reply in replied:
            others = [
                text for document, text in elsewhere[reply.exercise.source] if document != reply.exercise.document
            ]
            texts = (
                self._unanswering(reply) if random.random() < 0.5 else random.sample(others, min(_OTHERS, len(others)))
            )
            if near := self._nearest(reply, texts):
                yield _check(reply, near, NO)

    def _unanswering(self, reply: Reply) -> list[str]:
        """The sentences of the passages that are not cited, without those that may say what the answer says."""
        cited = {number for said in reply.answer for number in said.cites}
        texts = [piece.text for number, piece in enumerate(reply.exercise.passages, 1) if number not in cited]
        sentences = [text[start:end] for text in texts for start, end in sentence_spans(text)]
        return [text for text in sentences if _SENTENCE.fullmatch(text) and not self._says(text, reply)]

    def _says(self, text: str, reply: Reply) -> bool:
        evidence = [replace(reply.exercise.passages[0], heading="", text=text)]
        return any(self.support(said.text, evidence) >= 0.1 for said in reply.answer)

    def _nearest(self, reply: Reply, texts: Sequence[str]) -> str:
        """The text nearest to the question; "" if the reranker is sure of it, or if there is none."""
        if not texts:
            return ""
        scores = self.near.score(reply.exercise.question, texts)
        return texts[int(scores.argmax())] if BESIDE <= scores.max() < SURE else ""


def _check(reply: Reply, text: str, answer: str) -> Check:
    return Check(RELEVANCE, reply.exercise.document, {"question": reply.exercise.question, "claim": text}, answer)


def asked_by(checker: Checker) -> Asked:
    """What the gate itself asks its second judge. Not to be called where an event loop runs."""

    def asked(sentence: str, pieces: Sequence[Piece]) -> Sequence[tuple[str, str]]:
        heard = _Heard()
        context = Context(tuple(passage_of(marker, piece) for marker, piece in enumerate(pieces, 1)))
        texts = {passage.marker: f"{passage.chunk.heading}\n{passage.text}" for passage in context.passages}
        cited = "".join(f"[{marker}]" for marker in texts)
        gate = CascadeGate(checker.model, checker.limits, second=heard)
        asyncio.run(gate.check(f"{sentence} {cited}", context, texts, "", opening=False))
        return heard.asked

    return asked


@dataclass(slots=True)
class _Heard:
    """A `Judge` that notes what it is asked, and always says yes: the gate then looks no further."""

    name: str = "heard"
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        self.asked.append((evidence, claim))
        return Judgement(Verdict.ENTAILED, 1.0, Stage.SECOND)
