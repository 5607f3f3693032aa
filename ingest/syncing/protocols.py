"""What syncing needs from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ingest.errors import FootnoteError, IngestError
from ingest.storing import FileReport
from ingest.syncing.types import Item, KnownItem, Listing

Label = Callable[[], frozenset[str]]


class SourceUnavailable(FootnoteError):
    """The source cannot be listed: nothing is known of what is there."""

    code = "source_unavailable"


class SyncRunning(FootnoteError):
    code = "sync_running"


class SourceDenied(IngestError):
    """The source no longer gives us this item."""

    code = "source_denied"


class NotListed(IngestError):
    """The item went, or changed while it was fetched: the next look tells."""

    code = "changed_meanwhile"


class Withdrawn(IngestError):
    """Nobody may read the item any more: it is not stored."""

    code = "withdrawn"


class StaysErased(IngestError):
    """Its document was erased: it does not come back."""

    code = "stays_erased"


class Source(Protocol):
    """A place that is listed and fetched from, never written to."""

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        """All items. `known`: keys by fingerprint, as an earlier listing gave them. `wanted`: which facts rules look
        at, by the names of `Facts`. Raises `SourceUnavailable`, and never gives a part as the whole."""
        ...

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        """The item as it is now; None if it is gone. Raises `SourceUnavailable` and `SourceDenied`."""
        ...

    def fetch(self, item: Item) -> bytes:
        """The bytes that the fingerprint stands for. Raises `SourceUnavailable`, `SourceDenied`, `NotListed`."""
        ...

    def close(self) -> None: ...


class SyncState(Protocol):
    """What is known of a connector's items. Each call is one transaction."""

    def items(self, connector: str, keys: Sequence[str] | None = None) -> dict[str, KnownItem]:
        """By key; `keys`: only these."""
        ...

    def begin(self, connector: str, keys: Sequence[str]) -> None:
        """These known items are being changed: not settled until they are put or forgotten."""
        ...

    def put(self, connector: str, items: Iterable[KnownItem]) -> None: ...

    def forget(self, connector: str, keys: Sequence[str]) -> None: ...

    def erased(self, connector: str, keys: Iterable[str]) -> frozenset[str]:
        """Those of these items whose documents were erased: they stay out."""
        ...

    def erased_bytes(self, connector: str, content_sha256: str) -> bool:
        """Whether these are the bytes of an item that was erased, whatever it is called now."""
        ...

    def finish(self, connector: str, problem: str, summary: Mapping[str, int], *, changed: bool) -> None:
        """What came of a look; where it changed anything that is recorded in the trail."""
        ...

    def syncing(self, connector: str) -> AbstractContextManager[None]:
        """Held while contents are fetched; raises `SyncRunning` where another process does so."""
        ...

    def settling(self, connector: str) -> AbstractContextManager[None]:
        """Held for the moment in which a label is told and set; waits."""
        ...


class Library(Protocol):
    """The documents, as a sync changes them for the operator."""

    def relabel(self, labels: Sequence[tuple[str, frozenset[str]]]) -> None:
        """Who may read these documents from the next query on, those in the recycle bin too; one transaction. Ids of
        which there is no document are passed over."""
        ...

    def revive(self, document_id: str, content_sha256: str, label: frozenset[str]) -> bool:
        """Takes it out of the recycle bin under this label, if its newest version is these bytes."""
        ...

    def delete(self, document_ids: Sequence[str]) -> None:
        """Into the recycle bin; those that are not there are passed over."""
        ...

    def owned(self, source: str) -> bool:
        """Whether a user's document has this name."""
        ...

    def enter(self, document_id: str, collection: str | None) -> None:
        """From now on its label is kept within the collection's, unless somebody has put it into another one."""
        ...


class Ingest(Protocol):
    def __call__(self, data: bytes, name: str, source: str, allow: Label) -> FileReport:
        """Raises `IngestError`, `ServiceStopping`."""
        ...
