"""The values that the stages of an answer hand on: what is asked, what was found, what the answer has come to."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from generation.answering.routing import Choice
from generation.gate.quoting import Quotation
from generation.types import Checks, Citation, Decision, Evidence, Judgement, Note, Sentence, Status, Usage, Withheld
from ingest.types import LineBox
from retrieval.types import Context, Passage, Principal, SearchResult


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, who asks it, and of which day the answer is to be (None: the newest versions)."""

    question: str
    principal: Principal
    as_of: date | None
    started: float = field(default_factory=time.perf_counter)

    def elapsed(self) -> float:
        """Milliseconds since it was asked."""
        return round((time.perf_counter() - self.started) * 1000, 1)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What an answer may rest on. `texts` holds text and printed lines of the version behind each marker of the
    context. `timings`: in ms, from the start."""

    asked: Asked
    result: SearchResult
    context: Context
    texts: Mapping[int, tuple[str, Sequence[LineBox]]]
    timings: Mapping[str, float]

    @property
    def question(self) -> str:
        """As it is asked of the documents: without the names that led to them."""
        return self.result.asked

    @property
    def documents(self) -> dict[int, str]:
        """The canonical text of the version behind each marker."""
        return {marker: text for marker, (text, _) in self.texts.items()}

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the documents, each once, in prompt order."""
        return tuple(dict.fromkeys(passage.chunk.title for passage in self.context.passages))

    def rank(self, passage: Passage) -> int:
        """The place of a passage's hit in the ranking, from 0; passages lie in prompt order, not in that of hits."""
        ids = [hit.chunk.chunk_id for hit in self.result.hits]
        return ids.index(passage.chunk.chunk_id) if passage.chunk.chunk_id in ids else len(ids)


@dataclass(frozen=True, slots=True)
class Try:
    """A tier's turn at the question. `usage` is None until the server has told it, which it does at the end of a reply
    or never; a reply that we ended tells none. `pieces` of text that came: each is one token or more. `withheld`: what
    of it, if another tier had to try again. `failed`: the code of the error that ended it."""

    decision: Choice
    usage: Usage | None = None
    pieces: int = 0
    withheld: tuple[Withheld, ...] = ()
    failed: str = ""

    @property
    def cost(self) -> float | None:
        """In currency units; None if it is not known."""
        return None if self.usage is None else self.decision.cost(self.usage)

    @property
    def cost_at_least(self) -> float:
        """The cost; where it is not known, that of the pieces alone, without the prompt."""
        return self.decision.cost(self.usage or Usage(0, self.pieces))


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as far as it has come; every stage returns another one.

    `withheld` failed the gate. `opening`: the quotation that was to open the answer, and the judgement by which it did
    or not. `opened`: whether a sentence of the generator's has passed as an answer to the question. `left_out`:
    sentences that said no more than the quotation before them. `checks` are those of all decisions. `differing`: the
    pairs of documents whose conflict was told. `tries`: of the tiers between which a router chose; none without one.
    `timings`: when things happened first, in ms from the start.
    """

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    opening: tuple[Quotation, Judgement] | None = None
    opened: bool = False
    left_out: tuple[str, ...] = ()
    checks: Checks = ()
    differing: frozenset[frozenset[str]] = frozenset()
    usage: Usage = field(default_factory=Usage)
    tries: tuple[Try, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

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
    def counts(self) -> bool:
        """Whether it needs a record even if nobody waits for its end: the asker or a tier has been told something."""
        return bool(self.sentences or self.tries)

    def says(self, text: str) -> bool:
        """Whether a sentence has shipped with these words."""
        return any(sentence.text == text for sentence in self.sentences)

    def quotes(self, evidence: Sequence[Evidence]) -> bool:
        """Whether the opening quotation holds all these words of sources."""
        if self.opening is None or not self.opening[1].passed:
            return False
        return bool(evidence) and all(_inside(item, self.opening[0].source) for item in evidence)

    def at(self, name: str, milliseconds: float) -> Draft:
        """With the time at which `name` happened, if it is the first time."""
        return self if name in self.timings else replace(self, timings={**self.timings, name: milliseconds})

    def checked(self, decision: Decision) -> Draft:
        return replace(self, checks=(*self.checks, *decision.checks))

    def without(self, text: str, judgement: Judgement) -> Draft:
        """With that sentence among the withheld."""
        return replace(self, withheld=(*self.withheld, Withheld(text, judgement)))


def _inside(inner: Evidence, outer: Evidence) -> bool:
    chunks = inner.passage.chunk, outer.passage.chunk
    same = chunks[0].document_id == chunks[1].document_id and chunks[0].version == chunks[1].version
    return same and outer.start <= inner.start and inner.end <= outer.end
