"""What follows from a suspicion: the generator does not read it, no sentence rests on what is surely an instruction,
and a reader is told. A question is looked at as well, and answered all the same: an asker may ask what they like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from generation.gate.instructions import suspect, suspects
from generation.gate.output import foreign
from generation.protocols import InstructionDetector
from generation.types import Caution, Decision, Evidence, Judgement, SourceText, Stage, Suspect, Suspicion, Verdict
from ingest.types import FileWarning, WarningKind
from retrieval.types import ChunkText, Context, Passage

_LEFT_OUT = "(words left out: they look like an instruction)"
_REPEATED = re.compile(rf"{re.escape(_LEFT_OUT)}(?:\s*{re.escape(_LEFT_OUT)})+")
_WORDS = "Words of “{title}” look like an instruction to the assistant. They were not read by it: judge them yourself."


@dataclass(frozen=True, slots=True)
class Guarded:
    """What looks like an instruction: `question`, as a whole; `passages`, by marker, with offsets into the passage;
    `headings`: the markers of passages of which a heading or a table's header does. `detector` is its name, "" where
    nothing was looked at."""

    detector: str = ""
    question: Suspect | None = None
    passages: Mapping[int, tuple[Suspect, ...]] = field(default_factory=dict)
    headings: frozenset[int] = frozenset()

    def record(self) -> dict[str, object]:
        """For the audit record."""
        return {
            "detector": self.detector,
            "question": asdict(self.question) if self.question else None,
            "passages": {str(marker): list(map(asdict, spans)) for marker, spans in self.passages.items()},
            "headings": sorted(self.headings),
        }

    def shown(self, passages: Sequence[Passage]) -> list[Passage]:
        """The passages as the generator may read them; what is cited is never made from these."""
        return [self._shown(passage) for passage in passages]

    def judged(self, context: Context) -> Context:
        """The context as the gate may read it: all of its words, without suspicious headings, which would support a
        sentence like any others."""
        passages = tuple(_bare(p, p.text) if p.marker in self.headings else p for p in context.passages)
        return replace(context, passages=passages)

    def sure(self, evidence: Evidence) -> bool:
        """Whether any of these words are surely an instruction."""
        at = evidence.passage.start
        spans = self.passages.get(evidence.passage.marker, ())
        return any(one.sure and at + one.start < evidence.end and evidence.start < at + one.end for one in spans)

    def warned(self, context: Context, texts: Mapping[int, SourceText]) -> dict[int, SourceText]:
        """The texts, each with a warning about its suspicious words, so that whatever cites them says so."""
        return {marker: self._warned(context.passage(marker), source) for marker, source in texts.items()}

    def cautions(self, context: Context, told: Sequence[Caution]) -> tuple[Caution, ...]:
        """About documents with sure instructions that no citation has told of."""
        known = {caution.words for caution in told if caution.kind is WarningKind.INSTRUCTION}
        titles = [p.chunk.title for p in context.passages if any(one.sure for one in self.passages.get(p.marker, ()))]
        words = dict.fromkeys(_WORDS.format(title=title) for title in titles)
        return tuple(Caution(WarningKind.INSTRUCTION, said, ()) for said in words if said not in known)

    def _unread(self, passage: Passage) -> tuple[Suspect, ...]:
        """What the generator does not read of it."""
        spans = self.passages.get(passage.marker, ())
        return tuple(one for one in spans if one.level is not Suspicion.NOTED)

    def _shown(self, passage: Passage) -> Passage:
        text = passage.text
        for one in reversed(self._unread(passage)):
            text = text[: one.start] + _LEFT_OUT + text[one.end :]
        text = _REPEATED.sub(_LEFT_OUT, text)
        shown = replace(passage, text=text)
        return _bare(shown, text) if passage.marker in self.headings else shown

    def _warned(self, passage: Passage | None, source: SourceText) -> SourceText:
        spans = self._unread(passage) if passage else ()
        if passage is None or not spans:
            return source
        words, at = _WORDS.format(title=passage.chunk.title), passage.start
        own = [FileWarning(WarningKind.INSTRUCTION, words, None, at + one.start, at + one.end) for one in spans]
        return replace(source, warnings=(*source.warnings, *own))


def guarded(question: str, context: Context, detector: InstructionDetector | None) -> Guarded:
    """Looks at the question and at all that the generator would read of the passages. Takes about 5 ms a sentence."""
    if detector is None:
        return Guarded()
    found = {passage.marker: suspects(passage.text, detector) for passage in context.passages}
    headings = {heading for passage in context.passages for heading in _headings(passage)}
    suspicious = {heading for heading in headings if suspect(heading, detector)}
    return Guarded(
        detector.name,
        suspect(question, detector),
        {marker: spans for marker, spans in found.items() if spans},
        frozenset(p.marker for p in context.passages if suspicious & set(_headings(p))),
    )


def kept_back(decision: Decision, guard: Guarded, context: Context, told: str) -> Decision:
    """The decision on the passages of the context as they are, or one that withholds a sentence which the gate has
    passed. `told`: the system message."""
    decision = replace(decision, evidence=tuple(_whole(item, context) for item in decision.evidence))
    if not decision.judgement.passed:
        return decision
    held = [part for item in decision.evidence for part in (item.quote, item.passage.chunk.heading)]
    reason = "rests on an instruction to the assistant" if any(map(guard.sure, decision.evidence)) else ""
    if not reason and (what := foreign(decision.text, held, told)):
        reason = f"holds {what} that its sources do not hold"
    checks = (*decision.checks, (Stage.GUARD, bool(reason)))
    if not reason:
        return replace(decision, checks=checks)
    judgement = Judgement(Verdict.NEUTRAL, decision.judgement.support, Stage.GUARD, reason)
    return replace(decision, judgement=judgement, evidence=(), checks=checks)


def _whole(evidence: Evidence, context: Context) -> Evidence:
    return replace(evidence, passage=context.passage(evidence.passage.marker) or evidence.passage)


def _bare(passage: Passage, text: str) -> Passage:
    """Without title, headings and table header, and cited in no way: it is for reading alone."""
    bare = replace(passage.chunk, title="", section_path=(), table_header="", text=text, start=passage.start)
    return replace(passage, chunk=bare)


def _headings(passage: Passage) -> tuple[str, ...]:
    chunk: ChunkText = passage.chunk
    return tuple(part for part in (chunk.title, *chunk.section_path, passage.table_header) if part)
