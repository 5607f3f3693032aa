"""Connectors put together: a source for each kind, with its secret, and the documents that it fills."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from api.wiring.publishing import Publishable, publish
from infra.connectors.folder import FolderSource
from infra.connectors.imap import ImapSource, connecting
from infra.connectors.s3 import S3Source, client
from infra.postgres.changes import Trail
from infra.postgres.connectors import PostgresConnectors
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.labelling import PostgresLabelling
from infra.postgres.pool import Pool
from infra.settings import SettingsError
from ingest.errors import FootnoteError
from ingest.pipeline import IngestPipeline
from ingest.storing import FileReport
from ingest.syncing.mapping import MappingFile
from ingest.syncing.protocols import Label, Source, SourceUnavailable
from ingest.syncing.running import Sync
from ingest.syncing.types import Connector, Item, ItemReport, Listing
from ingest.types import OPERATOR

KINDS = ("folder", "s3", "imap")


class DocumentLibrary(PostgresLabelling):
    """Implements `ingest.syncing.protocols.Library`."""

    def __init__(self, pool: Pool, documents: PostgresDocumentStore, *, trail: Trail | None = None) -> None:
        super().__init__(pool, trail=trail)
        self._documents = documents

    def delete(self, document_ids: Sequence[str]) -> None:
        for document_id in document_ids:
            self._documents.delete(document_id, OPERATOR)


class Pipelines(Protocol):
    """What is made only when it is needed."""

    @property
    def pipeline(self) -> IngestPipeline: ...

    @property
    def index(self) -> Publishable: ...


class Connecting:
    """The syncs of this installation. `pipeline` and `index` are asked for when there is something to ingest."""

    def __init__(
        self,
        state: PostgresConnectors,
        library: DocumentLibrary,
        pipeline: Pipelines,
        max_bytes: int,
    ) -> None:
        self.state = state
        self._library = library
        self._pipeline = pipeline
        self._max_bytes = max_bytes

    def sync(self, connector: Connector) -> Sync:
        return Sync(
            connector=connector,
            source=MadeWhenAsked(lambda: source(connector)),
            mapping=MappingFile(Path(connector.mapping)),
            state=self.state,
            library=self._library,
            ingest=self._ingest,
            publish=self._publish,
            max_bytes=self._max_bytes,
        )

    def in_step(self, name: str) -> Generator[ItemReport, None, None]:
        """Brings a connector in step; raises what `Sync.run` raises, and `ConnectorRefused`."""
        syncing = self.sync(self.state.get(name))
        try:
            yield from syncing.run()
        finally:
            syncing.source.close()

    def remove(self, name: str, *, keep: bool) -> int:
        """Forgets a connector; its documents go into the recycle bin unless they are kept. Returns how many items."""
        connector = self.state.get(name)
        with self.state.syncing(name):
            keys = list(self.state.items(name))
            if not keep:
                self._library.delete([connector.document_of(key) for key in keys])
            self.state.remove(name)
        return len(keys)

    def _ingest(self, data: bytes, name: str, source: str, allow: Label) -> FileReport:
        return self._pipeline.pipeline.ingest(data, name, source, allow)

    def _publish(self) -> None:
        publish(self._pipeline.index)


class MadeWhenAsked:
    """Implements `ingest.syncing.protocols.Source`: a source that cannot be made, for want of a secret or a library,
    cannot be listed. After it could not be listed it is made anew, with the secret as it lies there then."""

    def __init__(self, make: Callable[[], Source]) -> None:
        self._make = make
        self._made: Source | None = None

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        try:
            return self._source().listing(known, wanted)
        except Exception:
            self.close()
            raise

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        return self._source().look(item, wanted)

    def fetch(self, item: Item) -> bytes:
        return self._source().fetch(item)

    def close(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            with suppress(Exception):  # it goes, whatever its server says to that
                made.close()

    def _source(self) -> Source:
        if self._made is None:
            try:
                self._made = self._make()
            except SourceUnavailable:
                raise
            except FootnoteError as error:
                raise SourceUnavailable(str(error)) from error
            except Exception as error:
                raise SourceUnavailable(f"It cannot be set up: {type(error).__name__}: {error}") from error
        return self._made


def source(connector: Connector) -> Source:
    """Raises `SettingsError` for a secret that is not there, `SourceUnavailable` for a library that is not."""
    told = connector.options
    if connector.kind == "folder":
        return FolderSource(Path(told["path"]))
    if connector.kind == "s3":
        secret = secret_of(told.get("secret", "")) if told.get("access_key") else ""
        made = client(
            endpoint=told.get("endpoint", ""),
            region=told.get("region", ""),
            access_key=told.get("access_key", ""),
            secret=secret,
        )
        return S3Source(made, told["bucket"], told.get("prefix", ""))
    port, security = int(told["port"]), told["security"]
    connect = connecting(told["host"], port, told["user"], secret_of(told["secret"]), security)
    return ImapSource(connect, told["mailboxes"].split("\n"))


def secret_of(place: str, environ: Mapping[str, str] = os.environ) -> str:
    """The secret that lies at `env:NAME` or `file:PATH`; raises `SettingsError`."""
    kind, _, name = place.partition(":")
    try:
        if kind == "env" and name and environ.get(name):
            return environ[name]
        if kind == "file" and name:
            return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"The secret in {name} cannot be read: {reason}.") from error
    raise SettingsError(
        f"There is no secret at {place or 'nowhere'}: write env:NAME of a variable that is set, or file:PATH."
    )
