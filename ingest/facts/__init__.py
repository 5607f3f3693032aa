"""Facts of a document, each with the words that say so: parties, dates, kind, governing law and language.

By rules, for English. Unsure, there is no fact. Pure functions, linear in the text: every pattern is bounded. Who
changes what is found raises `ingest.types.NAME_RULES`, so that stored documents are looked at again.
"""

from __future__ import annotations

from ingest.facts import dates, kinds, laws, parties
from ingest.types import Fact

LOOKED_AT = 600_000  # characters from the beginning of a document that its facts are looked for in


def facts_of(text: str) -> tuple[Fact, ...]:
    """All that is found; for each `text[start:end]` are the words that say so. What is no contract has a kind, and the
    days that its first pages label."""
    looked = text[:LOOKED_AT].replace("\xa0", " ")
    found = tuple(kinds.facts(looked))
    if not kinds.is_contract(looked, found):
        return (*found, *dates.labelled(looked))
    return (
        *parties.facts(looked),
        *found,
        *dates.facts(looked),
        *laws.governing_law(looked),
        *laws.governing_language(looked),
    )
