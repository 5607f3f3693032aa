"""What has become of what an answer rests on, in a sentence."""

from __future__ import annotations

from generation.types import Change, Changed
from retrieval.types import Numbering

_STANDS = {True: "; the quoted words still stand there", False: "; the quoted words have changed there", None: ""}


def noted(one: Changed, seen: Numbering) -> str:
    """`seen`: how its reader counts versions."""
    version, day = f"Version {seen.number(one.document_id, one.version)}", f"{one.at:%Y-%m-%d}"
    if one.change is Change.SUPERSEDED and one.by is not None:
        by = seen.number(one.document_id, one.by)
        return f"{version} was superseded by version {by} on {day}{_STANDS[one.stands]}."
    if one.change is Change.WRONG:
        return f"{version} was found wrong on {day}{f': {one.reason}' if one.reason else ''}."
    return f"{version} was {one.change.value} on {day}."
