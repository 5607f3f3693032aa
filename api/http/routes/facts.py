"""Facts of a document: read by its readers, set and removed by those who may add a version of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.http import stored
from api.http.auth import WRITE, Identity
from api.http.deps import Facts, Numbers, Reader, Recorded, Writer
from api.http.numbers import numbered_facts, stored_number
from api.http.problems import NotFound
from api.http.routes.documents import Version
from api.http.schemas.facts import MAX_FACT_CHARS, FactIn, FactsOut
from api.http.schemas.problems import REFUSED
from ingest.types import DocumentFacts, FactKind, NewFact

router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("/{document_id}/facts", response_model=FactsOut)
def read_facts(
    document_id: str, facts: Facts, numbers: Numbers, caller: Reader, access: Recorded, version: Version = None
) -> FactsOut:
    """Parties, dates, kind, governing law and language: what was found, with the words that say so, and what people set
    instead."""
    number = stored_number(numbers, caller.principal, document_id, version)
    found = facts.of(document_id, number, caller.principal, caller.author)
    if found is None:
        raise NotFound
    access.shows([(found.document_id, found.version)])
    return _shown(found, numbers, caller)


@router.put("/{document_id}/facts", response_model=FactsOut, responses=REFUSED)
def set_fact(document_id: str, wanted: FactIn, facts: Facts, numbers: Numbers, caller: Writer) -> FactsOut:
    """Sets a fact. It holds for all versions, also those to come, and search finds the document by it from now on.

    The document's owner may, who was named to manage it, and a credential with the scope `admin`.
    """
    if not facts.set(document_id, NewFact(**wanted.model_dump()), caller.author):
        raise NotFound
    return _now(document_id, facts, numbers, caller)


@router.delete("/{document_id}/facts", response_model=FactsOut)
def remove_fact(
    document_id: str,
    facts: Facts,
    numbers: Numbers,
    caller: Writer,
    kind: FactKind,
    value: Annotated[str, Query(max_length=MAX_FACT_CHARS, description="which party; else not needed")] = "",
) -> FactsOut:
    """Says that this is no fact of the document. What is found in later versions does not bring it back."""
    if not facts.remove(document_id, kind, value, caller.author):
        raise NotFound
    return _now(document_id, facts, numbers, caller)


def _now(document_id: str, facts: stored.Facts, numbers: stored.Numbers, caller: Identity) -> FactsOut:
    found = facts.of(document_id, None, caller.principal, caller.author)
    if found is None:
        raise NotFound
    return _shown(found, numbers, caller)


def _shown(found: DocumentFacts, numbers: stored.Numbers, caller: Identity) -> FactsOut:
    seen = numbers.of(caller.principal, [found.document_id])
    counted = numbered_facts(found, seen)
    return FactsOut(
        document_id=counted.document_id,
        version=counted.version,
        version_id=seen.id(found.document_id, found.version),
        may_change=counted.may_change and caller.carries(WRITE),
        facts=list(counted.facts),
    )
