"""A decision of the gate becomes a sentence with citations, or stays back."""

from __future__ import annotations

from dataclasses import replace

from generation.answering.run import Run
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


def ship(run: Run, decision: Decision, note: Note = Note.NONE) -> tuple[list[Event], Judgement]:
    """The events of a sentence that passed and whose every citation resolves, and the judgement that it ships with;
    for any other sentence no events, and the judgement that keeps it back."""
    if not decision.judgement.passed:
        return [], decision.judgement
    known = len(run.citations)
    try:
        cited = [_cite(run, evidence) for evidence in decision.evidence]
    except UnresolvedCitation as error:
        del run.citations[known:]
        run.checks.append((Stage.CITATION, True))
        return [], Judgement(Verdict.NEUTRAL, decision.judgement.support, Stage.CITATION, str(error))
    run.checks.append((Stage.CITATION, False))
    start = len(run.text) + (1 if run.sentences else 0)
    sentence = Sentence(
        text=decision.text,
        start=start,
        end=start + len(decision.text),
        verdict=decision.judgement.verdict,
        support=round(decision.judgement.support, 4),
        citations=tuple(dict.fromkeys(citation.id for citation in cited)),
        note=note,
    )
    run.sentences.append(sentence)
    run.mark("first_sentence")
    return [
        *(CitationEvent(citation) for citation in run.citations[known:]),
        SentenceEvent(sentence),
    ], decision.judgement


def _cite(run: Run, evidence: Evidence) -> Citation:
    """The citation for this evidence: the one already there for the same words, or a new one."""
    citation = resolve(evidence, len(run.citations) + 1, *run.texts[evidence.passage.marker])
    for known in run.citations:
        if replace(known, id=citation.id) == citation:
            return known
    run.citations.append(citation)
    return citation
