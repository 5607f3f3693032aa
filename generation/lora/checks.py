"""Rows that teach the adapter the gate's two questions to a language model, answered Yes or No:

"judge": does the evidence state the claim? The claims are those that the trained judge learned from, true and wrong;
half of the rows are those on which it is least sure, which is where the second judge is asked.
"relevance": does the reply give what was asked for? Right are the replies that were written; wrong is, of the passages
that do not answer a question, the sentence that the reranker thinks nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from generation.claims import sentence_spans
from generation.judge.data.exercises import Piece
from generation.judge.data.pairs import generator
from generation.judge.data.written import Reply, Written
from generation.lora.conversations import Trim, rows_of
from retrieval.protocols import Reranker

YES, NO = "Yes", "No"
JUDGE, RELEVANCE = KINDS = ("judge", "relevance")
COUNT = 240  # rows of each kind and answer
EVIDENCE_CHARS = 350

Support = Callable[[str, Sequence[Piece]], float]
"""How far the gate's trained judge thinks a sentence supported by these pieces, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Row:
    """`kind` is also the name of the prompt, `blanks` is what fills it, `reply` is YES or NO."""

    kind: str
    document: str
    blanks: Mapping[str, str]
    reply: str

    @property
    def prompt(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Checks:
    """Makes the rows. `near` scores sentences for a question."""

    support: Support
    trim: Trim
    near: Reranker
    seed: int

    def rows(self, judged: Sequence[Reply], written: Sequence[Reply]) -> Iterator[Row]:
        """`judged` are replies with true and wrong sentences, `written` those for the generator."""
        random = generator(f"{self.seed}:checks")
        yield from self._judge(judged, random)
        yield from self._relevance(written, random)

    def _judge(self, replied: Sequence[Reply], random: Random) -> Iterator[Row]:
        claims: dict[str, list[tuple[Reply, Written]]] = {
            YES: [(reply, said) for reply in replied for said in (*reply.answer, *reply.also)],
            NO: [(reply, said) for reply in replied for said in reply.wrong],
        }
        for answer, found in claims.items():
            for reply, said, pieces in self._unsure(random.sample(found, min(4 * COUNT, len(found))), random):
                evidence = "\n\n".join(f"{piece.heading}\n{rows_of(piece.text)}".strip() for piece in pieces)
                blanks = {"evidence": evidence, "claim": said.text}
                yield Row(JUDGE, reply.exercise.document, blanks, answer)

    def _unsure(
        self, found: Iterable[tuple[Reply, Written]], random: Random
    ) -> list[tuple[Reply, Written, Sequence[Piece]]]:
        """`COUNT` of them with their evidence: half are those that the judge is least sure of."""
        scored = []
        for reply, said in found:
            cited = [reply.exercise.passages[number - 1] for number in said.cites]
            pieces = [piece for piece in self.trim(said.text, cited, EVIDENCE_CHARS * len(cited)) if piece]
            if pieces:
                scored.append((abs(self.support(said.text, pieces) - 0.5), reply, said, pieces))
        scored.sort(key=lambda item: item[0])
        hard, rest = scored[: COUNT // 2], scored[COUNT // 2 :]
        return [item[1:] for item in (*hard, *random.sample(rest, min(COUNT - COUNT // 2, len(rest))))]

    def _relevance(self, replied: Sequence[Reply], random: Random) -> Iterator[Row]:
        answered = [reply for reply in replied if reply.answer]
        for reply in random.sample(answered, min(COUNT, len(answered))):
            yield _beside_or_not(reply, reply.answer[0].text, YES)
        nearest = [(reply, near) for reply in replied if (near := self._nearest(reply))]
        for reply, near in random.sample(nearest, min(COUNT, len(nearest))):
            yield _beside_or_not(reply, near, NO)

    def _nearest(self, reply: Reply) -> str:
        """The sentence nearest to the question in passages that do not answer it; "" if there is none for sure."""
        cited = {number for said in reply.answer for number in said.cites}
        pieces = [piece for number, piece in enumerate(reply.exercise.passages, 1) if number not in cited]
        texts = [piece.text for piece in pieces if not piece.text.startswith("|")]
        sentences = [text[start:end] for text in texts for start, end in sentence_spans(text) if end - start > 30]
        if not sentences:
            return ""
        best = sentences[int(self.near.score(reply.exercise.question, sentences).argmax())]
        says = replace(pieces[0], heading="", text=best)
        return "" if any(self.support(said.text, [says]) >= 0.1 for said in reply.answer) else best


def _beside_or_not(reply: Reply, text: str, answer: str) -> Row:
    blanks = {"question": reply.exercise.question, "claim": text}
    return Row(RELEVANCE, reply.exercise.document, blanks, answer)
