"""What one answer has come to so far."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from generation.answering.routing import Choice
from generation.gate.quoting import Quotation
from generation.types import Citation, Evidence, Judgement, Note, Sentence, Stage, Status, Usage, Withheld
from ingest.types import LineBox
from retrieval.types import Context, Passage, Principal, SearchResult


@dataclass
class Try:
    """A tier's turn at the question. `usage` is None until the server has told it, which it does at the end of a reply
    or never; a reply that we ended tells none. `pieces` of text that came: each is one token or more. `withheld`: what
    of it, if another tier had to try again. `failed`: the code of the error that ended it."""

    decision: Choice
    usage: Usage | None = None
    pieces: int = 0
    withheld: Sequence[Withheld] = ()
    failed: str = ""

    @property
    def cost(self) -> float | None:
        """In currency units; None if it is not known."""
        return None if self.usage is None else self.decision.cost(self.usage)

    @property
    def cost_at_least(self) -> float:
        """The cost; where it is not known, that of the pieces alone, without the prompt."""
        return self.decision.cost(self.usage or Usage(0, self.pieces))


@dataclass
class Run:
    """One question on its way. `texts` holds text and printed lines of the version behind each marker of the context.

    `opening`: the quotation that was to open the answer, and the judgement by which it did or not. `opened`: whether a
    sentence of the generator's has passed as an answer to the question. `left_out`: sentences that said no more than
    the quotation before them. `withheld` failed the gate. `checks` are those of all decisions, as (stage, whether it
    caught something). `differing`: the pairs of documents whose conflict was told. `tries`: of the tiers between which
    a router chose; none without one.
    """

    question: str
    principal: Principal
    as_of: date | None
    started: float = field(default_factory=time.perf_counter)
    result: SearchResult | None = None
    context: Context = field(default_factory=lambda: Context(()))
    texts: dict[int, tuple[str, Sequence[LineBox]]] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    opening: tuple[Quotation, Judgement] | None = None
    opened: bool = False
    left_out: list[str] = field(default_factory=list)
    checks: list[tuple[Stage, bool]] = field(default_factory=list)
    differing: set[frozenset[str]] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)
    tries: list[Try] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        """Milliseconds from the start to the first time that `name` happens."""
        self.timings.setdefault(name, round((time.perf_counter() - self.started) * 1000, 1))

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def before(self) -> str:
        """The shipped sentence that the next one follows for the reader, whatever the generator wrote between them:
        what a pronoun will be taken to mean."""
        return next((said.text for said in reversed(self.sentences) if said.note is not Note.CONFLICT), "")

    @property
    def status(self) -> Status:
        if not self.sentences:
            return Status.ABSTAINED
        return Status.PARTIAL if self.withheld else Status.ANSWERED

    @property
    def documents(self) -> dict[int, str]:
        """The canonical text of the version behind each marker."""
        return {marker: text for marker, (text, _) in self.texts.items()}

    def says(self, text: str) -> bool:
        """Whether a sentence has shipped with these words."""
        return any(sentence.text == text for sentence in self.sentences)

    def quotes(self, evidence: Sequence[Evidence]) -> bool:
        """Whether the opening quotation holds all these words of sources."""
        if self.opening is None or not self.opening[1].passed:
            return False
        return bool(evidence) and all(_inside(item, self.opening[0].source) for item in evidence)

    def rank(self, passage: Passage) -> int:
        """The place of a passage's hit in the ranking, from 0; passages lie in prompt order, not in that of hits."""
        hits = self.result.hits if self.result else ()
        ids = [hit.chunk.chunk_id for hit in hits]
        return ids.index(passage.chunk.chunk_id) if passage.chunk.chunk_id in ids else len(ids)


def _inside(inner: Evidence, outer: Evidence) -> bool:
    chunks = inner.passage.chunk, outer.passage.chunk
    same = chunks[0].document_id == chunks[1].document_id and chunks[0].version == chunks[1].version
    return same and outer.start <= inner.start and inner.end <= outer.end
