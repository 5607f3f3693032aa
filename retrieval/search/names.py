"""The names of documents in memory, as each view sees them."""

from __future__ import annotations

import hashlib
import re
import threading
import time
import uuid
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.types import FactKind, Name
from retrieval.index.view import View
from retrieval.understanding.words import COMPANY_FORMS, words

EVER = (date.min - date(1970, 1, 1)).days  # since when a first version without a day holds
_VIEWS_KEPT = 32
_FILTERS_KEPT = 64  # of a view
_AGAIN_S = 2.0  # how long a version that nobody has named yet is not asked for again
_FACTS = frozenset(kind.value for kind in FactKind if kind is not FactKind.PARTY)
_LITTLE = frozenset("the of and a an for in de la to or by".split())


class NameSource(Protocol):
    """The catalog: read without row-level security, for what the first enforcer lets through."""

    def names(self, keys: Sequence[bytes]) -> Sequence[tuple[Name, ...] | None]:
        """What the versions of the given KEYs (48 bytes each) are called, with their facts, as names whose kinds are
        those of `FactKind`, and their "media type"; None where nobody has looked yet. `origin` "person": so somebody
        said."""
        ...

    def corrected(self, since: int) -> tuple[int, Sequence[bytes] | None]:
        """How far people have come with setting facts, and the documents (16 bytes each) of which they set some after
        `since`; None: perhaps of any."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one document: its telling words in order, and other spellings of it:
    its beginning in one ("papajohns"), its initials ("jpm")."""

    row: int
    kind: str
    words: tuple[str, ...]
    leads: frozenset[str]
    initials: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """What one content of one document is called."""

    document: str  # UUID
    title: str
    forms: frozenset[str]  # "10-K", "amendment"
    periods: tuple[str, ...]
    kind_words: frozenset[str]  # words of title, file name and kind
    facts: Mapping[str, str] = field(default_factory=dict)  # the values of those that a document has one of, by kind
    said: str = ""  # by people
    of_kind: frozenset[str] = frozenset()  # words of what kind of document it is, or of the title where none is known
    media_type: str = ""
    cell: bytes = b""  # the document as the index has it
    day: int = EVER  # from which it is in force, or of which it is, by what it says; days since 1970-01-01


class NameIndex:
    """Grows with every view that it is asked for. What is not visible in a view counts for nothing there."""

    def __init__(self, source: NameSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self.records: list[Record] = []
        self.entries: list[Entry] = []
        self.postings: dict[str, tuple[array[int], array[int]]] = {}  # numbers of entries, and their rows
        self._rows: dict[bytes, int] = {}
        self._corrections = 0
        self._views: OrderedDict[str, tuple[ViewNames, float]] = OrderedDict()

    def of(self, view: View) -> ViewNames:
        """The names that this view may be asked by."""
        with self._lock:
            self._follow()
            known, again = self._views.get(view.digest, (None, 0.0))
            if known is None or again < time.monotonic():
                known, again = self._made(view)
            self._views[view.digest] = known, again
            self._views.move_to_end(view.digest)
            if len(self._views) > _VIEWS_KEPT:
                self._views.popitem(last=False)
            return known

    def warm(self, keys: Iterable[bytes]) -> None:
        """Reads the names of these KEYs (48 bytes each), so that no question has to wait for it."""
        with self._lock:
            self._learn(keys)

    def _follow(self) -> None:
        """Forgets what people have set otherwise since."""
        last, documents = self._source.corrected(self._corrections)
        if documents is None:
            self._rows.clear()
        changed = frozenset(documents or ())
        for key in [key for key in self._rows if key[:16] in changed]:
            del self._rows[key]
        if documents is None or documents:
            self._views.clear()
        self._corrections = last

    def _made(self, view: View) -> tuple[ViewNames, float]:
        keys = [key.ljust(48, b"\0") for part in view.segments for key in part.segment.slot_keys[part.slots].tolist()]
        self._learn(keys)
        rows = np.array([self._rows[key] for key in keys if key in self._rows], np.int64)
        visible = np.zeros(len(self.records), np.bool_)
        visible[rows] = True
        complete = len(rows) == len(keys)
        return ViewNames(self, visible), float("inf") if complete else time.monotonic() + _AGAIN_S

    def _learn(self, keys: Iterable[bytes]) -> None:
        unknown = [key for key in dict.fromkeys(keys) if key not in self._rows]
        for key, names in zip(unknown, self._source.names(unknown) if unknown else (), strict=True):
            if names is not None:
                self._add(key, names)

    def _add(self, key: bytes, names: Sequence[Name]) -> None:
        row = self._rows[key] = len(self.records)
        titles = [name.text for name in names if name.kind == "title"]
        called = [name for name in names if name.kind in {"title", "file name", FactKind.DOCUMENT_KIND}]
        said = sorted(f"{name.kind}={name.text}" for name in names if name.origin == "person")
        kinds = [name.text for name in names if name.kind == FactKind.DOCUMENT_KIND] or titles
        kinds += [name.value for name in names if name.kind == "kind"]
        self.records.append(
            Record(
                _uuid(key),
                titles[0] if titles else "",
                frozenset(name.value for name in names if name.kind == "kind"),
                tuple(name.value for name in names if name.kind == "period"),
                frozenset(word for name in called for word in words(name.text.replace("_", " "))),
                {name.kind: name.value for name in names if name.kind in _FACTS},
                "\n".join(said),
                frozenset(word for kind in kinds for word in plain_words(kind)),
                next((name.value for name in names if name.kind == "media type"), ""),
                key[:16],
                _day(names),
            )
        )
        for name in names:
            if name.kind in {"title", "file name", "party", "issuer"}:
                self._enter(Entry(row, name.kind, *_spellings(name.kind, name.text)))

    def _enter(self, entry: Entry) -> None:
        number = len(self.entries)
        self.entries.append(entry)
        for word in {*entry.words, *entry.leads, *entry.initials}:
            numbers, rows = self.postings.setdefault(word, (array("i"), array("i")))
            rows.append(entry.row)
            numbers.append(number)


class ViewNames:
    """The names of the visible documents. `visible` (records,) bool; what came later is invisible."""

    def __init__(self, index: NameIndex, visible: NDArray[np.bool_]) -> None:
        self._index = index
        self._visible = visible
        self._shares: dict[str, int] = {}
        self._kept: OrderedDict[Hashable, NDArray[np.bytes_]] = OrderedDict()

    @cached_property
    def count(self) -> int:
        """Of visible documents with names."""
        return int(self._visible.sum())

    @cached_property
    def said(self) -> str:
        """Names what people have set of the visible documents: 64 hex digits, "" for nothing."""
        rows = [row for row in np.flatnonzero(self._visible).tolist() if self._index.records[row].said]
        told = sorted(f"{self._index.records[row].document}\0{self._index.records[row].said}" for row in rows)
        return hashlib.sha256("\0".join(told).encode()).hexdigest() if told else ""

    def kept(self, asked: Hashable, find: Callable[[], NDArray[np.bytes_]]) -> NDArray[np.bytes_]:
        """What was found for this before; else what `find` finds now."""
        found = self._kept.get(asked)
        if found is None:
            found = self._kept[asked] = find()
            while len(self._kept) > _FILTERS_KEPT:
                self._kept.popitem(last=False)
        return found

    def record(self, row: int) -> Record:
        return self._index.records[row]

    def records(self) -> Iterator[Record]:
        """Of the visible documents with names."""
        return (self._index.records[row] for row in np.flatnonzero(self._visible).tolist())

    def entries(self, word: str) -> list[Entry]:
        """The visible names that hold the word."""
        numbers, _ = self._shown(word)
        return [self._index.entries[number] for number in numbers.tolist()]

    def shared(self, word: str) -> int:
        """How many visible documents have the word in a name."""
        if word not in self._shares:
            self._shares[word] = len(np.unique(self._shown(word)[1]))
        return self._shares[word]

    def _shown(self, word: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers and rows of the visible names that hold the word."""
        listed = self._index.postings.get(word)
        if listed is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        numbers, rows = (np.array(column, np.int64) for column in listed)
        numbers = numbers[: len(rows)]
        rows = rows[: len(numbers)]
        shown = rows < len(self._visible)
        shown[shown] = self._visible[rows[shown]]
        return numbers[shown], rows[shown]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def _day(names: Sequence[Name]) -> int:
    said = {name.kind: name.value for name in names if name.kind in _FACTS}
    day = said.get(FactKind.EFFECTIVE_DATE) or said.get(FactKind.AGREEMENT_DATE)
    return day_number(date.fromisoformat(day)) if day else EVER


def plain_words(text: str) -> list[str]:
    """Runs of letters and digits, in small letters."""
    return re.findall(r"[^\W_]+", text.casefold())


@lru_cache(maxsize=100_000)
def _spellings(kind: str, text: str) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Telling words, joined beginnings and initials of a name."""
    plain = text.replace("_", " ")
    told = [word for word in words(plain) if word not in COMPANY_FORMS and word not in _LITTLE]
    if kind not in {"party", "issuer"}:
        return tuple(told), frozenset(), frozenset()
    told = [word for word in told if len(word) > 1]
    leads = {"".join(told[:count]) for count in (2, 3) if len(told) >= count}
    letters = "".join(_capitals(plain)).casefold()
    initials = {letters[:count] for count in range(3, len(letters) + 1)} if len(letters) <= 6 else set()
    return tuple(told), frozenset(leads), frozenset(initials)


def _capitals(text: str) -> Iterator[str]:
    """ "J", "P", "M", "C" of "JPMorgan Chase": the capitals of words in mixed case, the first letter of others."""
    for word in re.findall(r"[^\W_]+", text):
        if word.casefold() not in _LITTLE | (COMPANY_FORMS - {"co", "company"}):
            capitals = [letter for letter in word if letter.isupper()]
            yield from capitals if 1 < len(capitals) < len(word) else word[0]


def _uuid(key: bytes) -> str:
    return str(uuid.UUID(bytes=key[:16]))
