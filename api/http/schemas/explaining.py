"""Why an answer is what it is: what was found for it, what became of each sentence, whether it comes out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.http.numbers import numbered
from api.http.parts import ReplayedStage
from generation.people import Explained, FoundPassage, LookedAt
from generation.types import Citation, Fate, Origin, Stage, Verdict
from retrieval.types import Clue, Numbering

SAID = {
    Stage.MARKER: "It has no words that could be checked, or there was nothing to cite.",
    Stage.LANGUAGE: "It, or what it rests on, is in a language in which the gate was not measured.",
    Stage.RELEVANCE: "It does not answer the question.",
    Stage.FIGURES: "A number, date or name of it is not in the passages, or stands in another column.",
    Stage.JUDGE: "The passages do not say this.",
    Stage.SECOND: "The passages do not say this, or not surely enough.",
    Stage.SELECTOR: "It does not surely answer the question.",
    Stage.LENGTH: "It was cut off, by the limit of tokens or since the generator repeated itself.",
    Stage.CITATION: "Its quote does not stand in the text of the version.",
    Stage.STRICTNESS: "A strict answer asks for more: it is supported less surely, rests on words that are unsure, or "
    "another source says otherwise.",
    Stage.GUARD: "It rests on an instruction to the assistant, or holds what its sources do not hold.",
}


class AskedOut(BaseModel):
    """The question: `words` as typed; `question` as it was asked instead, where it went on from others, and `by` what
    these were put together, "rule" or "model", else ""; `query` as it was searched, `searched` the same without names
    of documents that were found by them; `parts` that it was split into, each so searched; `hypothesis`: a passage that
    was imagined for the search; `clues`: what was read from its own words."""

    words: str
    question: str
    by: str
    query: str
    searched: str
    parts: list[str]
    hypothesis: str
    clues: list[Clue]


class PassageOut(BaseModel):
    """A passage; `quote` is a citation whose `id` is the number of the passage in this list, and its `quote` the whole
    of it, characters [start, end) of the version.

    `rank`: its place in the final order, from 1; 0: the search did not find it, it was shown since what was found
    refers to it. `score`: by which that order is, null with rank 0. `scores` and `ranks` by stage: "dense" (the
    embedder), "sparse" (BM25), "fused" (both together), "boost" (clues in the question; a score alone), "rerank" (the
    cross-encoder); a rank is missing where the passage is not among the candidates of that leg, or the record is older.
    `question`: the part of the question that found it, "" where it has none. `copies`: passages that say the same.
    `shown`: the generator was given any of it to read, `markers`: under these numbers. `cited`: ids of the answer's
    citations that stand in it, `nearest` of an abstention's."""

    quote: Citation
    rank: int
    score: float | None
    scores: dict[str, float]
    ranks: dict[str, int]
    question: str
    copies: list[Citation]
    shown: bool
    markers: list[int]
    cited: list[int]
    nearest: list[int]

    @classmethod
    def of(cls, one: FoundPassage, seen: Numbering) -> PassageOut:
        return cls(
            quote=numbered(one.quote, seen),
            rank=one.rank,
            score=one.score,
            scores=dict(one.scores),
            ranks=dict(one.ranks),
            question=one.question,
            copies=[numbered(copy, seen) for copy in one.copies],
            shown=one.read,
            markers=list(one.markers),
            cited=list(one.cited),
            nearest=list(one.nearest),
        )


class LookedAtOut(BaseModel):
    """A sentence that was looked at. `origin`: "wrote" (the generator did), "open" (a source's own words, to open the
    answer), "instead" (a source's own words in the place of one that failed), "odds" (ours, on sources that differ).
    `fate`: "shipped", "withheld", or "left_out" (it passed, and said nothing new). `part`: of the question, 0: the
    whole. `stage`: what decided, null of what shipped in older records; `why`: in a sentence, of what was withheld.
    `support`: as the gate weighed it, in [0, 1].

    `passages`: those that it named, by their numbers in the list; `unknown`: it named some that it was not shown.
    `sentence`: its number in the answer, null where it did not ship. `text` of what did not ship, and `reason`, with
    words of it: for a credential with the scope `audit` alone, else null."""

    origin: Origin
    fate: Fate
    part: int
    stage: Stage | None
    why: str
    verdict: Verdict
    support: float
    passages: list[int]
    unknown: bool
    sentence: int | None
    text: str | None
    reason: str | None

    @classmethod
    def of(cls, one: LookedAt) -> LookedAtOut:
        return cls(
            origin=one.origin,
            fate=one.fate,
            part=one.part,
            stage=one.stage,
            why=SAID.get(one.stage, "") if one.stage and one.fate is Fate.WITHHELD else "",
            verdict=one.verdict,
            support=round(one.support, 4),
            passages=list(one.passages),
            unknown=one.unknown,
            sentence=one.sentence or None,
            text=one.text or None,
            reason=one.reason or None,
        )


class CountsOut(BaseModel):
    """Of the sentences: how many the generator `wrote`, and of these `passed`, were `withheld` and `left_out`; how many
    of a source's own words were `quoted`, as the opening or instead; how many tell of sources that `differ`."""

    wrote: int
    passed: int
    withheld: int
    left_out: int
    quoted: int
    differ: int

    @classmethod
    def of(cls, looked_at: Sequence[LookedAt]) -> CountsOut:
        wrote = Counter(one.fate for one in looked_at if one.origin is Origin.WROTE)
        shipped = Counter(one.origin for one in looked_at if one.fate is Fate.SHIPPED)
        return cls(
            wrote=wrote.total(),
            passed=wrote[Fate.SHIPPED],
            withheld=wrote[Fate.WITHHELD],
            left_out=wrote[Fate.LEFT_OUT],
            quoted=shipped[Origin.OPEN] + shipped[Origin.INSTEAD],
            differ=shipped[Origin.ODDS],
        )


class WhyOut(BaseModel):
    """Why an answer is what it is. `in_order`: whether `sentences` are in the order in which they were looked at; older
    records have those that shipped first."""

    audit_id: str
    asked: AskedOut
    passages: list[PassageOut]
    counts: CountsOut
    sentences: list[LookedAtOut]
    in_order: bool

    @classmethod
    def of(cls, one: Explained, seen: Numbering) -> WhyOut:
        kept = one.kept
        return cls(
            audit_id=kept.audit_id,
            asked=AskedOut(
                words=kept.follow_up.words if kept.follow_up else kept.question,
                question=kept.question,
                by=kept.follow_up.by if kept.follow_up else "",
                query=one.query,
                searched=one.asked,
                parts=list(one.parts),
                hypothesis=one.hypothesis,
                clues=list(one.clues),
            ),
            passages=[PassageOut.of(passage, seen) for passage in one.passages],
            counts=CountsOut.of(one.sentences),
            sentences=[LookedAtOut.of(looked_at) for looked_at in one.sentences],
            in_order=one.in_order,
        )


class StageOut(BaseModel):
    """A stage that was rebuilt: "documents", "setup", "search", "context", "guard", "draft" or "gate". `said`: what
    agreed, how it differs, or why it could not be rebuilt."""

    model_config = ConfigDict(from_attributes=True)

    stage: str
    outcome: Literal["same", "differs", "cannot be replayed", "erased"]
    said: str


class ReplayOut(BaseModel):
    """`same`: all stages are."""

    audit_id: str
    same: bool
    stages: list[StageOut]

    @classmethod
    def of(cls, audit_id: str, stages: Sequence[ReplayedStage]) -> ReplayOut:
        told = [StageOut.model_validate(one) for one in stages]
        return cls(audit_id=audit_id.lower(), same=all(one.outcome == "same" for one in told), stages=told)
