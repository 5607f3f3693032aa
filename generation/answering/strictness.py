"""What a strict answer withholds of what the gate has passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generation.types import Sentence, Strict, Strictness

STRICTER = Strict(0.9)
OTHERWISE = "another source says otherwise"


def doubt(strict: Strict, sentence: Sentence) -> str:
    """Why it is withheld; "" if it is not."""
    if sentence.support < strict.support:
        return f"supported less than a strict answer asks for ({strict.support:g})"
    if sentence.cautions:
        return f"rests on words that may not be all that stands there ({', '.join(sentence.cautions)})"
    return ""


def stricter_of(own: Strict | None, other: Strict) -> Strict:
    return other if own is None else Strict(max(own.support, other.support))


def told(strict: Strict | None) -> dict[str, object]:
    """In the recipe: nothing of the usual."""
    return {"strictness": {"name": str(Strictness.STRICT), "support": strict.support}} if strict else {}


def read(recipe: Mapping[str, Any]) -> Strict | None:
    """What `told` has put there."""
    found = recipe.get("strictness")
    return Strict(found["support"]) if found else None
