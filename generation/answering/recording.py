"""The audit record of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from generation.answering.run import Draft, Retrieved
from generation.types import Answer, Note


def audit_record(found: Retrieved, draft: Draft, answer: Answer, recipe: Mapping[str, object]) -> dict[str, object]:
    """Everything from which the answer can be replayed and examined. `recipe`: the settings that decide an answer."""
    asked, result, context = found.asked, found.result, found.context
    return {
        "principal": f"user:{asked.principal.user}",
        "groups": sorted(asked.principal.groups),
        "question": asked.question,
        "as_of": asked.as_of.isoformat() if asked.as_of else None,
        "search": {
            "clues": [asdict(clue) for clue in result.clues],
            "parts": result.parts,
            "hypothesis": result.hypothesis,
        },
        "recipe": dict(recipe),
        "answer": asdict(answer),
        "opening": _opening(draft),
        "gate": gate_counts(draft),
        "routing": [
            {**asdict(tried), "cost": tried.cost, "cost_at_least": tried.cost_at_least} for tried in draft.tries
        ],
        "withheld": [asdict(item) for item in draft.withheld],
        "left_out": list(draft.left_out),
        "context": [
            {
                "marker": passage.marker,
                "document_id": passage.chunk.document_id,
                "version": passage.chunk.version,
                "content_sha256": passage.chunk.content_sha256,
                "start": passage.start,
                "end": passage.end,
            }
            for passage in context.passages
        ],
        "lead": asdict(context.lead) if context.lead else None,
        "hits": [{"chunk_id": hit.chunk.chunk_id, **hit.scores} for hit in result.hits],
    }


def _opening(draft: Draft) -> dict[str, object] | None:
    if draft.opening is None:
        return None
    quotation, judgement = draft.opening
    source = quotation.source
    place = {"marker": source.passage.marker, "start": source.start, "end": source.end}
    return {"text": quotation.text, **place, "judgement": asdict(judgement)}


def gate_counts(draft: Draft) -> dict[str, object]:
    """How often each stage of the gate looked and caught something, and what became of the sentences."""
    stages: dict[str, dict[str, int]] = {}
    for stage, caught in draft.checks:
        counts = stages.setdefault(str(stage), {"checked": 0, "caught": 0})
        counts["checked"] += 1
        counts["caught"] += caught
    notes = [sentence.note for sentence in draft.sentences]
    return {
        "stages": stages,
        "moved": notes.count(Note.MOVED),
        "conflicts": notes.count(Note.CONFLICT),
        "withheld": len(draft.withheld),
    }
