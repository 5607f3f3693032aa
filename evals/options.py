"""Options of the command line that list names or numbers."""

from __future__ import annotations

from collections.abc import Sequence

from api.terminal import UsageError


def chosen(text: str, known: Sequence[str], option: str) -> tuple[str, ...]:
    """The names in `a,b`, or all of `known` for "all"; raises `UsageError` for others."""
    names = tuple(known) if text == "all" else tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise UsageError(f"{option} {name}: choose from {', '.join(known)}, or all.")
    return names


def counts(text: str, option: str) -> tuple[int, ...]:
    """The numbers in `a,b`; raises `UsageError` for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise UsageError(f"{option} {text}: write numbers with commas, as in 100000,1000000.")
    return tuple(map(int, parts))
