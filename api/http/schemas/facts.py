"""Facts of documents."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.types import FactKind, KnownFact

MAX_FACT_CHARS = 300
MAX_QUOTE_CHARS = 4000


class FactsOut(BaseModel):
    """What is known of a document as a whole. `may_change`: whether the caller may set and remove facts."""

    document_id: str
    version: int
    version_id: str
    may_change: bool
    facts: list[KnownFact]


class FactIn(BaseModel):
    """A fact that a person sets. `value`: of a date a day (YYYY-MM-DD, or as one writes it in English). `quote`: words
    of the current version that say so. `replaces`: the party in whose place this one stands."""

    model_config = ConfigDict(extra="forbid")

    kind: FactKind
    value: Annotated[str, Field(min_length=1, max_length=MAX_FACT_CHARS)]
    role: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""
    term: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""
    quote: Annotated[str, Field(max_length=MAX_QUOTE_CHARS)] = ""
    replaces: Annotated[str, Field(max_length=MAX_FACT_CHARS)] = ""
