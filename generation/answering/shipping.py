"""A decision of the gate becomes a sentence with citations, or stays back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generation.answering.run import Draft, Retrieved
from generation.errors import UnresolvedCitation
from generation.gate.citations import resolve
from generation.types import (
    Citation,
    CitationEvent,
    Decision,
    Event,
    Evidence,
    Judgement,
    Note,
    Sentence,
    SentenceEvent,
    Stage,
    Verdict,
)
from ingest.types import WarningKind


def ship(
    found: Retrieved, draft: Draft, decision: Decision, part: int, note: Note = Note.NONE
) -> tuple[Draft, Judgement]:
    """The draft with a sentence that passed and whose every citation resolves, as an answer to that part of the
    question, and the judgement that it ships with; for any other sentence the draft without it, and the judgement that
    keeps it back."""
    if not decision.judgement.passed:
        return draft, decision.judgement
    citations, numbers = draft.citations, []
    try:
        for evidence in decision.evidence:
            citation = _cited(found, citations, evidence)
            numbers.append(citation.id)
            citations = citations if citation in citations else (*citations, citation)
    except UnresolvedCitation as error:
        caught = replace(draft, checks=(*draft.checks, (Stage.CITATION, True)))
        return caught, Judgement(Verdict.NEUTRAL, decision.judgement.support, Stage.CITATION, str(error))
    start = draft.start(part)
    sentence = Sentence(
        text=decision.text,
        start=start,
        end=start + len(decision.text),
        verdict=decision.judgement.verdict,
        support=round(decision.judgement.support, 4),
        citations=tuple(dict.fromkeys(numbers)),
        note=note,
        part=part,
        cautions=_cautions(citations, numbers),
    )
    longer = replace(
        draft,
        sentences=(*draft.sentences, sentence),
        citations=citations,
        checks=(*draft.checks, (Stage.CITATION, False)),
    )
    return longer.at("first_sentence", found.asked.elapsed()), decision.judgement


def news(draft: Draft, longer: Draft) -> list[Event]:
    """What to tell the asker of a draft that has at most one sentence more: the citations that are new, then it."""
    return [
        *(CitationEvent(citation) for citation in longer.citations[len(draft.citations) :]),
        *(SentenceEvent(sentence) for sentence in longer.sentences[len(draft.sentences) :]),
    ]


def _cautions(citations: Sequence[Citation], numbers: Sequence[int]) -> tuple[WarningKind, ...]:
    warnings = (warning.kind for number in numbers for warning in citations[number - 1].warnings)
    return tuple(dict.fromkeys(warnings))


def _cited(found: Retrieved, citations: Sequence[Citation], evidence: Evidence) -> Citation:
    """The citation for this evidence: the one already there for the same words, or a new one."""
    citation = resolve(evidence, len(citations) + 1, found.texts[evidence.passage.marker])
    return next((known for known in citations if replace(known, id=citation.id) == citation), citation)
