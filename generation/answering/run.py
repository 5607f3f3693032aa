"""The values that the stages of an answer hand on: what is asked, what was found, what the answer has come to."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from generation.answering.guarding import Guarded
from generation.answering.routing import Choice
from generation.gate.quoting import Quotation
from generation.types import (
    Checks,
    Citation,
    Decision,
    Evidence,
    Fate,
    FollowUp,
    Judgement,
    Note,
    Origin,
    Sentence,
    SourceText,
    SourceVersion,
    Step,
    Strict,
    Usage,
    Withheld,
)
from retrieval.types import EVERYTHING, Context, Filter, Passage, Principal, SearchResult

PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, who asks it, of which day the answer is to be (None: the newest versions), and what it may rest on.
    `follow_up`: where the question was put together from several of theirs. `asked_again`: the earlier answer that this
    one is to take the place of, by its id. `strict`: what is withheld beside what the gate withholds."""

    question: str
    principal: Principal
    as_of: date | None
    only: Filter = EVERYTHING
    follow_up: FollowUp | None = None
    asked_again: str = ""
    strict: Strict | None = None
    started: float = field(default_factory=time.perf_counter)

    def elapsed(self) -> float:
        """Milliseconds since it was asked."""
        return round((time.perf_counter() - self.started) * 1000, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """What is answered at a time: the whole question (number 0), or one of its parts (1..n), and the passages for it.

    `question` is read by generator, selector and gate: without the names of documents that were found by them; `words`
    are the asker's own. `title`: as in `PartAnswer`. `left_aside`: some of what was found, or the question, is in a
    language that was not measured, and not in the context.
    """

    number: int
    question: str
    words: str
    context: Context
    title: str = ""
    left_aside: bool = False


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What an answer may rest on. `texts` holds the version behind each marker of the context. `timings`: in ms, from
    the start. `spoken`: the question's language and `unmeasured`: those of passages, by marker, where no gate was
    measured in them; nothing is drafted from such a question or passage. `guard`: what looks like an instruction."""

    asked: Asked
    result: SearchResult
    context: Context
    texts: Mapping[int, SourceText]
    timings: Mapping[str, float]
    spoken: str = ""
    unmeasured: Mapping[int, str] = field(default_factory=dict)
    guard: Guarded = field(default_factory=Guarded)

    @property
    def question(self) -> str:
        """As it was searched, without the names of documents that were found by them."""
        return self.result.asked

    @property
    def parts(self) -> tuple[Part, ...]:
        """In the order in which they are answered."""
        result = self.result
        if len(result.parts) < 2:
            return (self._part(0, self.question, result.query, self.context, ""),)
        asked, titles = result.parts_asked or result.parts, self._part_titles()
        return tuple(
            self._part(number, asked[number - 1], words, self._of_part(number), titles.get(number, ""))
            for number, words in enumerate(result.parts, 1)
        )

    def _part(self, number: int, question: str, words: str, context: Context, title: str) -> Part:
        """With those passages alone that an answer may be drafted from."""
        if not self.spoken and not self.unmeasured:
            return Part(number, question, words, context, title)
        kept = tuple(p for p in context.passages if not self.spoken and p.marker not in self.unmeasured)
        lead = context.lead if context.lead and any(p.marker == context.lead.marker for p in kept) else None
        return Part(
            number, question, words, Context(kept, lead), title, len(kept) < len(context.passages) or bool(self.spoken)
        )

    def _part_titles(self) -> dict[int, str]:
        """The title of the one document that a part is asked of, by part, where each is asked of one and they are
        several."""
        named = {one.document_id: one.title for one in self.result.named}
        found: dict[int, set[str]] = {number: set() for number in range(1, len(self.result.parts) + 1)}
        for hit in self.result.hits:
            for number in hit.parts if hit.chunk.document_id in named else ():
                found[number].add(hit.chunk.document_id)
        if any(len(own) != 1 for own in found.values()) or len(set.union(*found.values())) < 2:
            return {}
        return {number: named[document] for number, own in found.items() for document in own}

    def _of_part(self, number: int) -> Context:
        """The passages for that part, with their markers, and those for no part in particular; all of them where the
        part's own hits did not make it into the context."""
        context = self.context
        passages = tuple(passage for passage in context.passages if passage.part in {0, number})
        if not passages and any(number in hit.parts for hit in self.result.hits):
            passages = context.passages
        lead = context.lead if context.lead and any(p.marker == context.lead.marker for p in passages) else None
        return Context(passages, lead)

    @property
    def documents(self) -> dict[int, str]:
        """The canonical text of the version behind each marker."""
        return {marker: source.text for marker, source in self.texts.items()}

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the documents, each once, in prompt order."""
        return tuple(dict.fromkeys(passage.chunk.title for passage in self.context.passages))

    @property
    def sources(self) -> tuple[SourceVersion, ...]:
        """The versions, each once, in prompt order."""
        chunks = (passage.chunk for passage in self.context.passages)
        return tuple(dict.fromkeys(SourceVersion(one.document_id, one.version, one.title) for one in chunks))

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
class Opening:
    """The quotation that was to open the answer to a part, and the judgement by which it did or not."""

    part: int
    quotation: Quotation
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote at one go, as far as it was read; `cut`: as in `Delta`."""

    text: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as far as it has come; every stage returns another one.

    `withheld` failed the gate. `opened`: the parts of the question for which a sentence of the generator's has passed
    as an answer. `left_out`: sentences that said no more than what had shipped. `checks` are those of all decisions.
    `differing`: the pairs of documents whose conflict was told. `tries`: of the tiers between which a router chose;
    none without one. `replies`: of the model, one for each time that it was asked to write. `timings`: when
    things happened first, in ms from the start. `steps`: every sentence that was looked at, in order.
    """

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    openings: tuple[Opening, ...] = ()
    opened: frozenset[int] = frozenset()
    left_out: tuple[str, ...] = ()
    checks: Checks = ()
    differing: frozenset[frozenset[str]] = frozenset()
    usage: Usage = field(default_factory=Usage)
    tries: tuple[Try, ...] = ()
    replies: tuple[Reply, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def text(self) -> str:
        """The sentences in one paragraph for each part of the question."""
        paragraphs = groupby(self.sentences, key=lambda sentence: sentence.part)
        return PARAGRAPH.join(" ".join(sentence.text for sentence in said) for _, said in paragraphs)

    def start(self, part: int) -> int:
        """Where a further sentence begins in the text, one that answers that part."""
        if not self.sentences:
            return 0
        return len(self.text) + len(" " if self.sentences[-1].part == part else PARAGRAPH)

    def before(self, part: int) -> str:
        """The shipped sentence that the next one of that part follows in its paragraph, whatever the generator wrote
        between them: what a pronoun will be taken to mean."""
        said = (one for one in reversed(self.sentences) if one.part == part and one.note is not Note.CONFLICT)
        return next((one.text for one in said), "")

    @property
    def answered(self) -> frozenset[int]:
        """The parts of the question that a quotation or a sentence of the generator's has answered."""
        return self.opened | {opening.part for opening in self.openings if opening.judgement.passed}

    @property
    def failed(self) -> tuple[Withheld, ...]:
        """All that was withheld, of every try."""
        return (*(item for tried in self.tries for item in tried.withheld), *self.withheld)

    def says(self, text: str, part: int) -> bool:
        """Whether a sentence has shipped with these words as an answer to that part."""
        return any(sentence.text == text and sentence.part == part for sentence in self.sentences)

    def repeats(self, decision: Decision) -> bool:
        """Whether the reader has it already: the words of sources that it rests on stand in an opening quotation, or
        it is the very sentence that answers another part, from the same documents."""
        quoted = [opening.quotation.source for opening in self.openings if opening.judgement.passed]
        if decision.evidence and all(any(_inside(item, one) for one in quoted) for item in decision.evidence):
            return True
        documents = {item.passage.chunk.document_id for item in decision.evidence}
        same = [sentence for sentence in self.sentences if sentence.text == decision.text]
        return any(documents <= {self.citations[number - 1].document_id for number in one.citations} for one in same)

    def at(self, name: str, milliseconds: float) -> Draft:
        """With the time at which `name` happened, if it is the first time."""
        return self if name in self.timings else replace(self, timings={**self.timings, name: milliseconds})

    def stepped(
        self, origin: Origin, fate: Fate, part: int, judgement: Judgement, markers: Sequence[int] = ()
    ) -> Draft:
        """After the newest of what has this fate was put in."""
        unopened = self.openings if origin is Origin.OPEN else self.failed
        kept = {Fate.SHIPPED: self.sentences, Fate.WITHHELD: unopened, Fate.LEFT_OUT: self.left_out}[fate]
        found = judgement.stage, judgement.verdict, judgement.support
        step = Step(origin, fate, part, len(kept) - 1, *found, tuple(markers))
        return replace(self, steps=(*self.steps, step))

    def checked(self, decision: Decision) -> Draft:
        return replace(self, checks=(*self.checks, *decision.checks))

    def opening(self, opening: Opening) -> Draft:
        return replace(self, openings=(*self.openings, opening))

    def instead(self, item: Withheld) -> Draft:
        """With a sentence that has shipped in the place of one that was withheld, and answers its part."""
        withheld = tuple(replace(one, surplus=True) if one == item else one for one in self.withheld)
        return replace(self, opened=self.opened | {item.part}, withheld=withheld)

    def without(self, text: str, judgement: Judgement, part: int) -> Draft:
        """With that sentence among the withheld; it is surplus if the part had its answer before."""
        return replace(self, withheld=(*self.withheld, Withheld(text, judgement, part, part in self.answered)))


def _inside(inner: Evidence, outer: Evidence) -> bool:
    chunks = inner.passage.chunk, outer.passage.chunk
    same = chunks[0].document_id == chunks[1].document_id and chunks[0].version == chunks[1].version
    return same and outer.start <= inner.start and inner.end <= outer.end
