"""What follows on the transaction of an erasure, in an order in which a kill leaves something that can be done again:
keys, originals, segments, bytes, receipt."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from api.wiring.searching import every_index, segments_of, sweep_dropped
from api.wiring.stores import Stores
from infra.erasure.receipts import Receipt, read
from infra.files.durable import make_folder, write_durably
from infra.files.signing import key_id, signing_key
from infra.postgres.erasure_types import JournaledErasure
from infra.postgres.errors import StillRead
from infra.postgres.holdings import DOCUMENT, tables_of
from infra.postgres.hygiene import clean
from infra.postgres.segments import PostgresSegments

RECEIPTS = "erasures"
_WAIT_S = 60.0
_BEYOND = (
    "backups, exports, bundles and files that were taken out before",
    "copies of the keys of the trail that were made before: whoever holds one can open what was erased",
    "blocks of the disk that are free now, its snapshots, and what a drive keeps by itself",
    "the memory of processes that run: restart the service",
    "logs and files outside of the data folder",
)
_BEYOND_FOREIGN = "the logs of PostgreSQL, its archive and its replicas: the server is another's"
_BEYOND_STATISTICS = "samples of values in the statistics of PostgreSQL, which only a superuser may remove"
_BEYOND_PERSON = (
    "documents whose words name the person: whoever keeps them decides on each",
    "an operator's names and reasons in which the name stands, and files of evaluation cases: look them through",
    "the identity provider, sources of connectors and their mapping files: what they still say comes back",
)


class Keys(Protocol):
    """The keys that the trail is sealed under."""

    def destroy_indices(self, indices: Iterable[str], /) -> int:
        """Those that are destroyed already are no error; how many were not."""
        ...


class Finisher:
    """Carries out what the journal says is left."""

    def __init__(self, parts: Stores, keys: Keys, note: Callable[[str], None]) -> None:
        self._parts = parts
        self._keys = keys
        self._note = note

    def finish(self, erasure: JournaledErasure, look: Callable[[], bool | None]) -> Receipt:
        """`look`: whether what was erased is found nowhere; None: nobody can tell any more what it was. Raises
        `StillRead`, and what the stores raise; it can then be done again."""
        if receipt := self._told(erasure):
            return receipt
        done = dict(erasure.counts)
        self._note("Destroying keys...")
        self._keys.destroy_indices(erasure.indices)
        done["keys"] = len(erasure.indices)
        done["originals"] = self._remove_originals(erasure.originals)
        if erasure.kind == DOCUMENT:
            self._note("Writing the index anew...")
            self._rewrite_index()
        cleaned = clean(self._parts.pool, tables_of(erasure.kind), self._parts.cluster, self._note)
        done["tables rewritten"] = cleaned.tables
        beyond = [*_BEYOND, *(_BEYOND_PERSON if erasure.kind != DOCUMENT else ())]
        beyond += [] if cleaned.write_ahead_log else [_BEYOND_FOREIGN]
        beyond += [] if cleaned.statistics else [_BEYOND_STATISTICS]
        self._note("Looking for what is left...")
        receipt = self._receipt(erasure, done, look(), beyond)
        self._parts.erasures.finish(erasure, done)
        return receipt

    def _told(self, erasure: JournaledErasure) -> Receipt | None:
        """The receipt of one that was interrupted after it, when nothing else was left to do."""
        path = receipt_path(self._parts.settings.home, erasure.id)
        if not path.exists():
            return None
        receipt = read(path.read_bytes(), signing_key(self._parts.settings.home).public_key())
        self._parts.erasures.finish(erasure, receipt.done)
        return receipt

    def _remove_originals(self, hashes: tuple[str, ...]) -> int:
        """Those that nothing else refers to; how many are not there any more."""
        self._parts.documents.sweep(hashes)
        gone = [sha256 for sha256 in hashes if not self._parts.blobs.path(sha256).exists()]
        for sha256 in gone:
            self._parts.blobs.delete_unfinished(sha256)
        return len(gone)

    def _rewrite_index(self) -> None:
        """Without rows of documents that are gone, and without folders that a kill has left."""
        sweep_dropped(self._parts)
        deadline = time.monotonic() + _WAIT_S
        for name, whole in every_index(self._parts):
            while not whole.compact():
                if time.monotonic() > deadline:
                    raise StillRead("Another process is publishing the index. Later run: footnote erase resume")
                time.sleep(0.5)
            segments = PostgresSegments(self._parts.pool_beside(name))
            with segments.publishing() as mine:
                if mine:
                    listed = {info.name for info in segments.list()}
                    for folder in segments_of(self._parts.settings, name).glob("segment-*"):
                        if folder.name not in listed:
                            shutil.rmtree(folder, ignore_errors=True)

    def _receipt(
        self, erasure: JournaledErasure, done: dict[str, int], checked: bool | None, beyond: list[str]
    ) -> Receipt:
        key, now = signing_key(self._parts.settings.home), datetime.now(UTC)
        head = self._parts.audit.head()
        receipt = Receipt(
            id=erasure.id,
            kind=erasure.kind,
            subjects=erasure.subjects,
            by=erasure.by,
            asked_at=erasure.begun_at.astimezone(UTC).isoformat(),
            finished_at=now.isoformat(),
            indices=erasure.indices,
            done={name: count for name, count in done.items() if count},
            checked=checked,
            position=head.seq,
            hash=head.hash.hex(),
            not_promised=tuple(beyond),
            copies_until=erasure.copies_until.isoformat(),
            key=key_id(key),
        )
        path = receipt_path(self._parts.settings.home, erasure.id)
        make_folder(path.parent)
        write_durably(path, receipt.signed(key))
        return receipt


def receipt_path(home: Path, erasure_id: str) -> Path:
    return home / RECEIPTS / f"{erasure_id}.json"


def as_json(receipt: Receipt) -> dict[str, object]:
    return asdict(receipt)
