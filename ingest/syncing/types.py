"""What a source holds, what is known of it, and what a sync does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ingest.types import document_id

NOBODY = frozenset[str]()
_LETTERS, _LINES = 80, 20  # of a name, of problems: beyond, they are told in part
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def is_name(name: str) -> bool:
    """Whether a connector or a collection can be called so."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at besides an item's key: POSIX owner and group, object tags, or the mailbox and who a message
    is addressed to (lower case)."""

    owner: str = ""
    group: str = ""
    mailbox: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One file, object or message. `key`: its name within the source, steps between slashes. `fingerprint`: another one
    for other bytes. `at`: where the source finds it. `size` in bytes."""

    key: str
    fingerprint: str
    size: int = 0
    facts: Facts = Facts()
    at: str = ""

    @property
    def name(self) -> str:
        return self.key.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that is in a source. What is `unseen` could not be listed this time; of what is `denied` the source no longer
    tells us, or no longer says who may read it: keys, or folders with a slash at the end, "" for everything.
    `problems`: why, for a person."""

    items: tuple[Item, ...]
    unseen: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item as it was last brought in step. `label`: who may read its document, nobody where it is hidden. `settled`:
    False while it is being changed, so that what a kill left is done again. `code`, `reason`: why it could not be
    ingested; an older document of it may be there."""

    key: str
    fingerprint: str
    facts: Facts
    label: frozenset[str]
    settled: bool = True
    code: str = ""
    reason: str = ""


class Step(StrEnum):
    """What is done with an item. Those that take rights away come first."""

    HIDE = "hidden"  # no rule names it any more, or the source refuses it: nobody may read it
    RELABEL = "relabelled"
    DELETE = "deleted"  # into the recycle bin
    CHANGE = "changed"
    ADD = "added"
    FAILED = "failed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """A step of a plan. `label`: who may read it then. `before`: who could until now."""

    step: Step
    key: str
    label: frozenset[str] = NOBODY
    item: Item | None = None
    before: frozenset[str] | None = None
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Plan:
    """`rights`: hidings, relabellings and deletions. `contents`: what is to be fetched. `unmapped`: keys that no rule
    names, and `ignored`: those that a rule leaves out; neither is ingested. `held`: keys that are gone but stay, since
    too many are gone at once. `failed`: items that could not be ingested and are as they were. `refused`: items that
    cannot be known at all, and why. `unlisted`: nothing is known of what is in the source."""

    rights: tuple[Change, ...] = ()
    contents: tuple[Change, ...] = ()
    unchanged: int = 0
    unmapped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    failed: tuple[KnownItem, ...] = ()
    problems: tuple[str, ...] = ()
    refused: tuple[ItemReport, ...] = ()
    unlisted: bool = False

    @property
    def told(self) -> str:
        """What is wrong, for a person: the beginning, where it is much."""
        lines = [*self.problems, *(f"{one.key[-_LETTERS:]}: {one.reason}" for one in self.refused)]
        more = [f"and {len(lines) - _LINES:,} more"] if len(lines) > _LINES else []
        return "; ".join(lines[:_LINES] + more)

    @property
    def empty(self) -> bool:
        return not (self.rights or self.contents)


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What became of one item. `code` and `reason` say why it failed, for a person."""

    key: str
    step: Step
    document_id: str = ""
    version: int = 0
    label: frozenset[str] = NOBODY
    code: str = ""
    reason: str = ""
    seconds: float = 0.0


def source_of(connector: str, key: str) -> str:
    """The name of the document that an item is."""
    return f"{connector}:/{key}"


@dataclass(frozen=True, slots=True)
class Connector:
    """A source by its name, and how it is kept in step. `options`: where it is; `mapping`: the file that says who may
    read what; `every`: seconds between two looks. `synced_at`, `problem`, `summary`: of the last one. `begun`: a first
    sync has been asked for, so that the service goes on by itself."""

    name: str
    kind: str
    options: Mapping[str, str]
    mapping: str
    collection: str | None = None
    every: float = 20.0
    synced_at: datetime | None = None
    problem: str = ""
    summary: Mapping[str, int] = field(default_factory=dict)
    begun: bool = False

    def source_of(self, key: str) -> str:
        return source_of(self.name, key)

    def document_of(self, key: str) -> str:
        return document_id(self.source_of(key))
