"""One connector brought in step: rights first, then contents, each item so that a kill leaves nothing half done."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from ingest.errors import FileTooLarge, FootnoteError, IngestError, UnreadableFile
from ingest.protocols import NAME_TAKEN
from ingest.storing import FileReport
from ingest.syncing.mapping import Mapping, MappingError, MappingFile
from ingest.syncing.planning import hidden, narrowed, plan
from ingest.syncing.protocols import (
    Ingest,
    Library,
    NotListed,
    Source,
    SourceDenied,
    SourceUnavailable,
    StaysErased,
    SyncState,
    Withdrawn,
)
from ingest.syncing.types import NOBODY, Change, Connector, Item, ItemReport, KnownItem, Listing, Plan, Step
from ingest.types import MAX_SOURCE_BYTES

_TOO_LONG = f"It has too long a path: over {MAX_SOURCE_BYTES:,} bytes. Shorten the names of its folders."
_BATCH = 200  # relabelled in one transaction
_TRANSIENT = (NotListed, UnreadableFile)  # tried again at the next look; anything else when the bytes are other ones


@dataclass(slots=True)
class Sync:
    """Keeps the documents of one connector in step with its source. `publish`: after contents were stored. `gate`: held
    while a look is at work in the database, never while the source is waited for."""

    connector: Connector
    source: Source
    mapping: MappingFile
    state: SyncState
    library: Library
    ingest: Ingest
    publish: Callable[[], None]
    max_bytes: int
    gate: AbstractContextManager[object] = field(default_factory=nullcontext)
    _narrowed: Mapping | None = None

    def plan(self, *, confirm: bool = False, retry: bool = False) -> Plan:
        """What a run would do; changes nothing. Raises `MappingError`; a source that cannot be listed, for whatever
        reason, is a problem of the plan, which then takes rights away and gives none."""
        with self.gate:
            known = self.state.items(self.connector.name)
        rules = self.mapping.read()
        keys = {one.fingerprint: one.key for one in known.values()}
        try:
            listing = self._listing(keys, rules, confirm)
        except FootnoteError as error:
            return narrowed(known, rules, str(error))
        except Exception as error:  # noqa: BLE001  whatever is wrong, rights go on being taken away
            return narrowed(known, rules, _unforeseen(error))
        return self._knowable(plan(self._without_erased(listing), known, rules, confirm=confirm, retry=retry))

    def _without_erased(self, listing: Listing) -> Listing:
        with self.gate:
            erased = self.state.erased(self.connector.name, [item.key for item in listing.items])
        if not erased:
            return listing
        return replace(listing, items=tuple(item for item in listing.items if item.key not in erased))

    def _listing(self, keys: dict[str, str], rules: Mapping, confirm: bool) -> Listing:
        """`confirm`: what a first look does not believe to be gone is looked for again."""
        listing = self.source.listing(keys, rules.wanted)
        return self.source.listing(keys, rules.wanted) if confirm and listing.unseen else listing

    def _knowable(self, found: Plan) -> Plan:
        """Without what has a longer name than PostgreSQL's indexes hold."""
        fits, refused = [], []
        for change in found.contents:
            if len(self.connector.source_of(change.key).encode("utf-8", "surrogatepass")) <= MAX_SOURCE_BYTES:
                fits.append(change)
            else:
                refused.append(ItemReport(change.key, Step.FAILED, code=IngestError.code, reason=_TOO_LONG))
        return replace(found, contents=tuple(fits), refused=tuple(refused)) if refused else found

    def watch(self) -> Plan:
        """Brings rights in step, and deletes what is gone; says what else there is to do. Quick: fetches nothing."""
        try:
            found = self.plan()
            with self.gate:
                counts = Counter(str(report.step) for report in self._rights(found, settle=False))
                self._finish(found, counts, found.told)
        except Exception as error:
            self._failed(error)
            raise
        return found

    def narrow(self) -> int:
        """Takes away what the rules no longer give, and does not ask the source; returns from how many documents.
        Quick while the rules are as they were. Raises `MappingError`."""
        try:
            rules = self.mapping.read()
            if rules is self._narrowed:
                return 0
            with self.gate:
                found = narrowed(self.state.items(self.connector.name), rules, "")
                count = len(list(self._rights(found, settle=False)))
        except Exception as error:
            self._failed(error)
            raise
        self._narrowed = rules
        return count

    def hide(self) -> int:
        """Nobody may read anything of the connector until its mapping can be read again; returns how many documents."""
        self._narrowed = None
        with self.gate:
            found = hidden(self.state.items(self.connector.name))
            return len(list(self._rights(found, settle=False)))

    def _failed(self, error: Exception) -> None:
        problem = str(error) if isinstance(error, FootnoteError) else _unforeseen(error)
        self.state.finish(self.connector.name, problem, {}, changed=False)

    def run(self, *, confirm: bool = False, retry: bool = False) -> Iterator[ItemReport]:
        """Brings everything in step, one report for each item that is touched. Stop at any moment and run again.

        Raises `SyncRunning`, `MappingError`, and what keeps the store from storing.
        """
        with self.state.syncing(self.connector.name):
            yield from self.apply(self.plan(confirm=confirm, retry=retry))

    def apply(self, found: Plan) -> Iterator[ItemReport]:
        """Carries out a plan; `state.syncing` is held."""
        counts: Counter[str] = Counter()
        problem = found.told
        try:
            yield from found.refused
            for report in self._rights(found, settle=True):
                counts[report.step] += 1
                yield report
            for change in found.contents:
                report = self._content(change)
                counts[report.step] += 1
                yield report
        except SourceUnavailable as error:
            problem = str(error)
            raise
        finally:
            self._finish(found, counts, problem)
            if found.contents:
                self.publish()

    def _finish(self, found: Plan, counts: Counter[str], problem: str) -> None:
        changed = bool(counts.total())
        self.state.finish(self.connector.name, problem, {**counts, **_standing(found)}, changed=changed)

    # Rights

    def _rights(self, found: Plan, *, settle: bool) -> Iterator[ItemReport]:
        """In batches; what is being stored by somebody else stays unsettled unless `settle`."""
        for first in range(0, len(found.rights), _BATCH):
            batch = found.rights[first : first + _BATCH]
            with self.state.settling(self.connector.name):
                known = self.state.items(self.connector.name, [change.key for change in batch])
                batch = tuple(self._still(change) for change in batch if change.key in known)
                self.state.begin(self.connector.name, [change.key for change in batch])
                self._relabel([change for change in batch if change.step is not Step.DELETE], known, settle)
                self._delete([change for change in batch if change.step is Step.DELETE])
            for change in batch:
                if change.step is Step.DELETE or change.before != change.label:
                    yield ItemReport(change.key, change.step, self._document(change.key), label=change.label)

    def _still(self, change: Change) -> Change:
        """What the rules no longer give since the plan was made is not given. Raises `MappingError`."""
        if change.step is not Step.RELABEL:
            return change
        label = change.label & self.mapping.read().label(change.key, change.facts)
        return replace(change, label=label, step=Step.RELABEL if label else Step.HIDE)

    def _relabel(self, changes: Sequence[Change], known: dict[str, KnownItem], settle: bool) -> None:
        if not changes:
            return
        self.library.relabel([(self._document(change.key), change.label) for change in changes])
        self.state.put(self.connector.name, [_relabelled(known[one.key], one, settle) for one in changes])

    def _delete(self, changes: Sequence[Change]) -> None:
        if changes:
            self.library.delete([self._document(change.key) for change in changes])
            self.state.forget(self.connector.name, [change.key for change in changes])

    # Contents

    def _content(self, change: Change) -> ItemReport:
        """One item fetched and stored; what is wrong with it is told, and stops nothing else."""
        started = time.perf_counter()
        item = change.item
        assert item is not None
        try:
            report = self._stored(change, item)
        except Withdrawn:
            return self._unstored(change, item, Step.HIDE, seen=False)
        except SourceDenied as error:
            return self._unstored(change, item, Step.HIDE, error, seen=False)
        except IngestError as error:
            return self._unstored(change, item, Step.FAILED, error, seen=not isinstance(error, _TRANSIENT))
        seconds = round(time.perf_counter() - started, 3)
        return ItemReport(change.key, change.step, report.document_id, report.version, change.label, seconds=seconds)

    def _stored(self, change: Change, item: Item) -> FileReport:
        """Known as not settled first, so that whoever watches the rights sees to it from the first moment."""
        name, source = self.connector.name, self.connector.source_of(item.key)
        if item.size > self.max_bytes:
            raise FileTooLarge(f"{item.name} has {item.size >> 20:,} MiB; the limit is {self.max_bytes >> 20:,} MiB.")
        if self.library.owned(source):
            raise UnreadableFile(f"{source}: {NAME_TAKEN}")
        data = self.source.fetch(item)
        if self.state.erased_bytes(name, hashlib.sha256(data).hexdigest()):
            raise StaysErased("Its document was erased under another name, so it is not stored.")
        with self.state.settling(name):
            label = self._label(item)
            self.library.enter(self._document(item.key), self.connector.collection)
            self.state.put(name, [KnownItem(item.key, "", item.facts, label, settled=False)])
        if change.step is Step.ADD:
            self.library.revive(self._document(item.key), hashlib.sha256(data).hexdigest(), label)
        report = self.ingest(data, item.name, source, lambda: self._label(item))
        with self.state.settling(name):
            label = self._label_or_nobody(item)
            self.library.relabel([(report.document_id, label)])
            failed = next((one for one in report.all() if one.code), None)
            code, reason = (failed.code, f"{failed.source}: {failed.reason}") if failed else ("", "")
            self.state.put(name, [KnownItem(item.key, item.fingerprint, item.facts, label, code=code, reason=reason)])
        return report

    def _label(self, item: Item) -> frozenset[str]:
        """Who may read it at this moment; raises `Withdrawn` if nobody may."""
        label = self._label_or_nobody(item)
        if not label:
            raise Withdrawn()
        return label

    def _label_or_nobody(self, item: Item) -> frozenset[str]:
        try:
            rules = self.mapping.read()
            now = self.source.look(item, rules.wanted)
        except (MappingError, SourceDenied):
            return NOBODY
        return NOBODY if now is None else rules.label(now.key, now.facts)

    def _unstored(
        self, change: Change, item: Item, step: Step, error: IngestError | None = None, *, seen: bool
    ) -> ItemReport:
        """`seen`: it is tried again only when its bytes are other ones. An older document of it stays, hidden if the
        source refuses the item or nobody may read it."""
        name = self.connector.name
        code, reason = (error.code, str(error)) if error is not None else ("", "")
        with self.state.settling(name):
            known = self.state.items(name, [item.key]).get(item.key)
            label = NOBODY if step is Step.HIDE or known is None else known.label
            self.library.relabel([(self._document(item.key), label)])
            if known is not None or seen:
                fingerprint = item.fingerprint if seen else ""
                self.state.put(name, [KnownItem(item.key, fingerprint, item.facts, label, code=code, reason=reason)])
        return ItemReport(change.key, step, self._document(item.key), label=label, code=code, reason=reason)

    def _document(self, key: str) -> str:
        return self.connector.document_of(key)


def _relabelled(known: KnownItem, change: Change, settle: bool) -> KnownItem:
    """A hidden one that was not settled is fetched again, should somebody be to read it again."""
    settled = known.settled or (settle and change.step is Step.HIDE)
    fingerprint = known.fingerprint if known.settled else ""
    return replace(known, fingerprint=fingerprint, label=change.label, facts=change.facts, settled=settled)


def _standing(found: Plan) -> dict[str, int]:
    """What a sync leaves as it is."""
    return {
        "unchanged": found.unchanged,
        "unmapped": len(found.unmapped),
        "ignored": len(found.ignored),
        "held": len(found.held),
        "failing": len(found.failed) + len(found.refused),
    }


def _unforeseen(error: Exception) -> str:
    """With the line that it comes from: no more of it is written down."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"It cannot be listed: {type(error).__name__} in {at.name}, line {at.lineno}: {error}"
