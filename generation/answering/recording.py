"""The audit record of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from generation.answering.run import Run
from generation.types import Answer, Note


def audit_record(run: Run, answer: Answer, recipe: Mapping[str, object]) -> dict[str, object]:
    """Everything from which the answer can be replayed and examined. `recipe`: the settings that decide an answer."""
    return {
        "principal": f"user:{run.principal.user}",
        "groups": sorted(run.principal.groups),
        "question": run.question,
        "as_of": run.as_of.isoformat() if run.as_of else None,
        "search": {
            "clues": [asdict(clue) for clue in run.result.clues] if run.result else [],
            "parts": run.result.parts if run.result else (),
            "hypothesis": run.result.hypothesis if run.result else "",
        },
        "recipe": dict(recipe),
        "answer": asdict(answer),
        "opening": _opening(run),
        "gate": gate_counts(run),
        "routing": [{**asdict(tried), "cost": tried.cost, "cost_at_least": tried.cost_at_least} for tried in run.tries],
        "withheld": [asdict(item) for item in run.withheld],
        "left_out": run.left_out,
        "context": [
            {
                "marker": passage.marker,
                "document_id": passage.chunk.document_id,
                "version": passage.chunk.version,
                "content_sha256": passage.chunk.content_sha256,
                "start": passage.start,
                "end": passage.end,
            }
            for passage in run.context.passages
        ],
        "lead": asdict(run.context.lead) if run.context.lead else None,
        "hits": [{"chunk_id": hit.chunk.chunk_id, **hit.scores} for hit in (run.result.hits if run.result else ())],
    }


def _opening(run: Run) -> dict[str, object] | None:
    if run.opening is None:
        return None
    quotation, judgement = run.opening
    source = quotation.source
    place = {"marker": source.passage.marker, "start": source.start, "end": source.end}
    return {"text": quotation.text, **place, "judgement": asdict(judgement)}


def gate_counts(run: Run) -> dict[str, object]:
    """How often each stage of the gate looked and caught something, and what became of the sentences."""
    stages: dict[str, dict[str, int]] = {}
    for stage, caught in run.checks:
        counts = stages.setdefault(str(stage), {"checked": 0, "caught": 0})
        counts["checked"] += 1
        counts["caught"] += caught
    notes = [sentence.note for sentence in run.sentences]
    return {
        "stages": stages,
        "moved": notes.count(Note.MOVED),
        "conflicts": notes.count(Note.CONFLICT),
        "withheld": len(run.withheld),
    }
