"""People and groups as an identity provider syncs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Person:
    user_name: str
    external_id: str | None = None
    active: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    display_name: str
    members: frozenset[str] = frozenset()
    external_id: str | None = None
