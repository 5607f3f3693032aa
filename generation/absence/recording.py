"""The audit record of a proof of absence: all that it rests on, so that it can be shown later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from generation.absence.types import Absence, DocumentAbsence
from retrieval.types import Filter, Principal

KIND = "absence"


def absence_record(
    absence: Absence, principal: Principal, as_of: date | None, only: Filter, recipe: Mapping[str, object]
) -> dict[str, object]:
    """`recipe`: the models and settings that decided."""
    return {
        "kind": KIND,
        "action": KIND,
        "principal": f"user:{principal.user}",
        "groups": sorted(principal.groups),
        **({"shut": sorted(principal.shut)} if principal.shut else {}),
        "question": absence.question,
        "as_of": as_of.isoformat() if as_of else None,
        "filter": only.record(),
        "status": str(absence.status),
        "statement": absence.statement,
        "reasons": list(absence.reasons),
        "missing": absence.missing,
        "snapshot": absence.snapshot,
        "recipe": {**recipe, "bounds": asdict(absence.bounds)},
        "documents": [_document(one) for one in absence.documents],
    }


def _document(one: DocumentAbsence) -> dict[str, object]:
    """Its passages by place and hash of the content: their words are in the version."""
    told = asdict(one)
    told["nearest"] = [
        {
            "start": near.citation.start,
            "end": near.citation.end,
            "page": near.citation.page,
            "quote": near.citation.quote,
            "score": near.score,
            "relevance": near.relevance,
            "answers": near.answers,
        }
        for near in one.nearest
    ]
    return told
