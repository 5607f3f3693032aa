"""What a row of the readiness list finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILING = "failing"


class Area(StrEnum):
    PRIVACY = "privacy"
    QUALITY = "quality"
    SAFETY = "safety"
    OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class Found:
    """`do`: what to do about it; empty where all is well."""

    level: Level
    said: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """A row of the list: `id` is stable, `asks` is what must hold."""

    id: str
    area: Area
    asks: str
    look: Callable[[T], Found]


@dataclass(frozen=True, slots=True)
class Finding:
    """A row with what was found, as it is printed."""

    id: str
    area: Area
    asks: str
    level: Level
    said: str
    do: str


def ok(said: str) -> Found:
    return Found(Level.OK, said)


def warning(said: str, do: str) -> Found:
    return Found(Level.WARNING, said, do)


def failing(said: str, do: str) -> Found:
    return Found(Level.FAILING, said, do)


def listed(names: list[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
