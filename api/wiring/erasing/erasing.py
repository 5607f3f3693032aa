"""`Eraser`: what is asked for, found in database and trail, erased in one transaction; `Finisher` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from api.wiring.erasing.asked import as_id, check_known
from api.wiring.erasing.finishing import Finisher, receipt_path
from api.wiring.erasing.trail import Held, TrailReader, entry_id, goes, is_about, quotes, says, tells_of
from api.wiring.erasing.verifying import FILES, Found, look, noted
from api.wiring.stores import Stores
from infra.erasure.receipts import Receipt, read
from infra.erasure.words import Words
from infra.files.signing import signing_key
from infra.postgres.entries import TrailEntry
from infra.postgres.erasure_types import Asked, DocumentToErase, Gone, ItemToErase, JournaledErasure
from infra.postgres.errors import ErasureRefused, HeldBack
from infra.postgres.holdings import DOCUMENT, PERSON
from infra.postgres.holds import refuse_held, refuse_held_person
from infra.postgres.pool import Connection, transaction
from infra.postgres.sealed import unsealed
from infra.vault import refs
from ingest.errors import FootnoteError
from ingest.types import OPERATOR, document_id

Note = Callable[[str], None]
COPY_DAYS = 30  # by then older backups and copies of keys must be gone, if nobody says otherwise
_TELLING = 12  # characters of a source: a shorter one stands in others by chance
_OF_DOCUMENTS = {"versions", "chunks", "documents", "facts"}


@dataclass(frozen=True, slots=True)
class Erased:
    """`path`: of the receipt. `left`: where the words still stand; of a person that may be in documents, which are
    `mentioned` by id and source. `noted`: rows of an operator's own words in which the name stands."""

    receipt: Receipt
    path: Path
    left: tuple[Found, ...] = ()
    mentioned: tuple[tuple[str, str], ...] = ()
    was_active: bool = False
    noted: tuple[Found, ...] = ()


class Eraser:
    """For who runs the installation. `by`: who asks, as the receipt has it. Methods raise `HeldBack` under a legal
    hold, `ErasureRefused` while a job works on what is asked for, and `StillRead`: then `resume` goes on later."""

    def __init__(self, parts: Stores, note: Note = lambda text: None, *, by: str = OPERATOR.name) -> None:
        self._parts = parts
        self._note = note
        self._by = by
        self._db = parts.erasures
        self._keys = parts.keys
        self._finisher = Finisher(parts, parts.keys, note)

    def documents(
        self,
        asked: Sequence[str],
        said: Sequence[str] = (),
        *,
        keep_questions: bool = False,
        copies_until: date | None = None,
    ) -> Erased:
        """By id or source, with all versions and what came out of them. Answers that quote them go with their
        questions, but for `keep_questions`, and every other entry of the trail in which one of the words stands.

        Raises `DocumentMissing` and `SyncRunning`, too.
        """
        reader = self._reader()
        ids = [as_id(one) for one in asked]
        found = self._db.documents(ids)
        if inner := self._purged_parts(found):
            ids += inner
            found = self._db.documents(ids)
        items = self._items(ids, found)
        check_known(asked, ids, found, self._of_items(items))
        every = frozenset(ids).union(one.document_id for one in found)
        words = Words.of(said) if said else None

        held, gone = self._held(lambda conn: refuse_held(conn, sorted(every)), words)

        def wanted(entry: TrailEntry) -> bool:
            quoting, said_there = quotes(entry, every), says(entry, words)
            about = is_about(entry, gone.answers)
            if quoting or said_there or about:
                held.refuse(entry)
                goes(entry, gone)
            return said_there or about or (quoting and not keep_questions)

        self._note("Reading the trail...")
        keys = {ref for id_ in every for ref in refs.of_document(self._keys, id_)} | reader.refs(wanted)
        with ExitStack() as stack:
            for connector in sorted({item.connector for item in items}):
                stack.enter_context(self._parts.connectors.syncing(connector))
            asking = self._asked(
                copies_until,
                lambda: self._indices(keys | reader.refs(wanted)),
                lambda conn: refuse_held(conn, sorted(every)),
                gone,
            )
            erasure = self._db.erase_documents(sorted(every), items, asking)
        named = {one.source for one in found} | {one for one in asked if document_id(one) in ids}
        sources = sorted(one for one in named if len(one) >= _TELLING)
        return self._finished(erasure, [*sources, *said])

    def person(self, name: str, said: Sequence[str] = (), *, copies_until: date | None = None) -> Erased:
        """By user name, with all other names that the identity provider has told. Of the trail every entry goes in
        which it is told of them, or in which one of the words stands. Their documents stay, as the operator's."""
        person = self._db.person(name)
        told = list(dict.fromkeys([*said, *person.words]))
        words = Words.of(told) if told else None
        names, theirs = frozenset(person.names), False
        held, gone = self._held(lambda conn: refuse_held_person(conn, person.names), words)

        def wanted(entry: TrailEntry) -> bool:
            found = tells_of(entry, names) or says(entry, words) or is_about(entry, gone.answers)
            if found:
                held.refuse(entry)
            if found or entry.principal.lower() in person.tokens:
                goes(entry, gone)
            return found

        self._note("Reading the trail...")
        reader, keys = self._reader(), set[str]()
        for entry in reader.entries():
            theirs = theirs or entry.principal.lower() in person.tokens
            if wanted(entry):
                keys.add(refs.entry(entry_id(entry)))
        if not (theirs or keys) and not names & {one.lower() for one in self._db.names()}:
            raise ErasureRefused(f"Nobody called {name} is known here, and nothing names them.")
        pseudonym = refs.person(self._keys, name)
        keys |= {ref for one in person.names for ref in refs.of_person(self._keys, one)}
        asking = self._asked(
            copies_until,
            lambda: self._indices(keys | reader.refs(wanted)),
            lambda conn: refuse_held_person(conn, person.names),
            gone,
        )
        observed = [refs.observed(self._keys, one) for one in person.names]
        erasure = self._db.erase_person(replace(person, words=tuple(told)), pseudonym, asking, observed)
        looked_for = [*person.tokens, *(f"upload/{one}/" for one in person.names), *told]
        done = self._finished(erasure, looked_for, active=person.active)
        return replace(done, noted=tuple(noted(self._parts, person.names)))

    def resume(self) -> list[Erased]:
        """Goes on with what was interrupted. What was erased cannot be looked for any more: nothing names it."""
        return [self._finished(erasure, []) for erasure in self._db.unfinished()]

    def again(self, receipts: Iterable[bytes], copies_until: date | None = None) -> list[Erased]:
        """After an old backup was put back: keys that receipts name are destroyed, documents and persons that they are
        about are erased where they are here again, not where somebody has added them since; syncs leave them out. A
        person is known by the index of the name's key. What is refused, as by a hold that is back, keeps nothing else
        from being erased, and is raised in the end. Raises `ReceiptInvalid`."""
        done: list[Erased] = []
        refused: list[FootnoteError] = []
        public = signing_key(self._parts.settings.home).public_key()
        for receipt in [read(data, public) for data in receipts]:
            self._keys.destroy_indices(receipt.indices)
            if receipt.kind == DOCUMENT:
                self._db.keep_out(receipt.subjects, [one.name for one in self._parts.connectors.list()])
            try:
                done += self._again(receipt, copies_until)
            except (HeldBack, ErasureRefused) as error:
                self._note(str(error))
                refused.append(error)
        if refused:
            raise refused[0]
        return done

    def _again(self, receipt: Receipt, copies_until: date | None) -> list[Erased]:
        if receipt.kind != DOCUMENT:
            return [self.person(name, copies_until=copies_until) for name in self._named_in(receipt)]
        said = self._db.said_of(receipt.subjects)  # also of what was purged before the backup
        there = [one for one in self._db.documents(receipt.subjects) if not one.retired or one.document_id in said]
        back = [one.document_id for one in there if _before(one.since, receipt) and not one.parent]
        return [self.documents(back, copies_until=copies_until)] if back else []

    def _named_in(self, receipt: Receipt) -> list[str]:
        """Whoever was erased before is there by a later generation of the name."""
        gone = set(receipt.indices)
        named = [one for one in self._db.names() if not gone.isdisjoint(self._erased_names(one))]
        return [one for one in named if _before(self._db.known_since(one), receipt)]

    def _erased_names(self, name: str) -> list[str]:
        """Indices of the keys of a name that are destroyed."""
        stem, _, alive = refs.name(self._keys, name).rpartition("#")
        return [self._keys.index(f"{stem}#{number}") for number in range(int(alive))]

    def _asked(
        self,
        copies_until: date | None,
        indices: Callable[[], Sequence[str]],
        permitted: Callable[[Connection], None],
        gone: Gone,
    ) -> Asked:
        until = copies_until or datetime.now(UTC).date() + timedelta(days=COPY_DAYS)
        return Asked(self._by, until, indices, permitted, gone)

    def _finished(self, erasure: JournaledErasure, said: Sequence[str], *, active: bool = False) -> Erased:
        left: list[Found] = []

        def looked() -> bool | None:
            if not said:
                return None
            left.extend(look(self._parts, Words.of(said)))
            return not left or (erasure.kind == PERSON and _in_documents_alone(left))

        receipt = self._finisher.finish(erasure, looked)
        mentioned = self._mentioned(left) if erasure.kind == PERSON else []
        path = receipt_path(self._parts.settings.home, erasure.id)
        return Erased(receipt, path, tuple(left), tuple(mentioned), active)

    def _mentioned(self, left: Sequence[Found]) -> list[tuple[str, str]]:
        """Documents in which the words stand."""
        ids = {one.key.split(", ")[0] for one in left if one.place.partition(".")[0] in _OF_DOCUMENTS}
        return self._db.titled(sorted(ids))

    def _items(self, ids: Sequence[str], found: Sequence[DocumentToErase]) -> list[ItemToErase]:
        """What connectors know of these documents, or have brought of them."""
        items: dict[ItemToErase, None] = {}
        for connector in self._parts.connectors.list():
            prefix = connector.source_of("")
            for one in found:
                if one.parent is None and one.source.startswith(prefix):
                    items[ItemToErase(connector.name, one.source.removeprefix(prefix))] = None
            for key in self._parts.connectors.items(connector.name):
                if connector.document_of(key) in ids:
                    items[ItemToErase(connector.name, key)] = None
        return list(items)

    def _of_items(self, items: Sequence[ItemToErase]) -> set[str]:
        connectors = {one.name: one for one in self._parts.connectors.list()}
        return {connectors[item.connector].document_of(item.key) for item in items}

    def _purged_parts(self, found: Sequence[DocumentToErase]) -> list[str]:
        """Ids of what came out of these documents and was purged before: the trail alone knows of it."""
        self._note("Looking in the trail for what came out of it...")
        wanted, sources = {one.document_id for one in found}, dict[str, str]()
        for entry in self._reader().entries():
            id_, source = entry.record.get("document_id"), entry.record.get("source")
            if isinstance(id_, str) and isinstance(source, str):
                sources[source] = id_
        above = tuple(f"{source}/" for source, id_ in sources.items() if id_ in wanted)
        inner = {id_ for source, id_ in sources.items() if source.startswith(above)} - wanted if above else set()
        return [one.document_id for one in self._db.documents(sorted(inner)) if one.retired]

    def _reader(self) -> TrailReader:
        if count := unsealed(self._parts.pool).count:
            raise ErasureRefused(
                f"{count:,} records of the trail stand in the clear, as they once were written, and no key can be "
                "destroyed for them. First run: footnote audit reseal"
            )
        return TrailReader(self._parts.audit, self._parts.opened)

    def _held(self, permitted: Callable[[Connection], None], words: Words | None) -> tuple[Held, Gone]:
        """What else is kept, where what is asked for is not; and what goes, to be filled."""
        with transaction(self._parts.pool) as conn:
            permitted(conn)
        found = self._parts.retention.held()
        documents = frozenset(subject for kind, subject in found if kind == DOCUMENT)
        persons = (name for kind, subject in found if kind == PERSON for name in self._db.person(subject).names)
        return (held := Held(documents, frozenset(persons))), Gone(held.saying(words))

    def _indices(self, wanted: Iterable[str]) -> list[str]:
        return [self._keys.index(ref) for ref in wanted]


def _before(since: datetime | None, receipt: Receipt) -> bool:
    """Whether it was here when this was asked for."""
    return since is None or since < datetime.fromisoformat(receipt.asked_at)


def _in_documents_alone(left: Sequence[Found]) -> bool:
    """Whether documents that are here still are all that holds the words; files are those of documents only where rows
    are, too."""
    return all(one.in_documents for one in left) and any(one.place != FILES for one in left)
