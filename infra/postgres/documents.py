"""Documents in PostgreSQL, their originals in the blob folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.files.blobs import BlobStore
from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import DocumentMissing
from infra.postgres.holds import held_by, refuse_held
from infra.postgres.labelling import within_collection
from infra.postgres.layout import (
    DocumentInfo,
    PlacedText,
    VersionInfo,
    VersionView,
    unpack_coverage,
    unpack_elements,
    unpack_lines,
    unpack_pages,
    unpack_warnings,
)
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.rights import Known, known, known_documents
from infra.postgres.rows import name_columns, version_row
from infra.postgres.sql import SQL
from infra.postgres.texts import placed_text
from infra.postgres.writing import (
    as_said,
    as_uuid,
    bump,
    check_source,
    check_text,
    put_chunks,
    put_facts,
    put_label,
    speak,
)
from ingest.errors import NotAllowed, UnreadableFile
from ingest.languages import UNKNOWN
from ingest.protocols import NAME_TAKEN, Stored
from ingest.types import NAME_RULES, OPERATOR, PARSER_RULES, Author, Chunk, Chunking, Document, Fact, Name, document_id
from retrieval.types import Principal

RECYCLE_DAYS = 30
_PURGE_BATCH = 100
_EVER = 36_500  # days
_REFUSED = (
    "You may read this document but not change it. Its owner may, whoever was named to manage it, and a credential "
    "with the scope 'admin'; each only where all of its versions are open to them. Ask one of them, or the operator."
)


class PostgresDocumentStore:
    """Implements `ingest.protocols.DocumentStore`; reads for a principal under row-level security.

    Each call is one transaction, with its record in the `trail`. Writers take turns on the catalog's generation,
    which every change moves on. A deleted document is gone for every reader and search, and kept for `recycle_days`.
    """

    def __init__(
        self, pool: Pool, blobs: BlobStore, *, trail: Trail | None = None, recycle_days: int = RECYCLE_DAYS
    ) -> None:
        self._pool = pool
        self._blobs = blobs
        self._trail = trail
        self.recycle_days = recycle_days

    def find(self, source: str) -> Stored | None:
        """What is stored under this source, whoever may read it; None if it is deleted."""
        with transaction(self._pool) as conn:
            stored, deleted = _stored(conn, document_id(source))
        return None if deleted else stored

    def words(self, document_id: str) -> str:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["current_words"], {"id": as_uuid(document_id)}).fetchone()
        return "" if row is None else str(row[0])

    def add_version(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: NDArray[np.float32],
        allow: frozenset[str],
        original: bytes,
        date: str | None = None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
        parent: str | None = None,
        pending: bool = False,
        chunking: Chunking = Chunking(),  # noqa: B008  frozen
    ) -> int:
        """Stores the next version and makes it the current one; returns its number.

        If the current version is these very bytes, as when two processes ingest the same file, only the label is set;
        other words in them are `Rereading`'s to store.
        A content's chunks are stored once, whatever versions have it; others than before, as a new chunker makes
        them, take the place of the old ones.
        `embeddings` is (n, dimension) float32, a row a chunk; `document.content_sha256` is that of `original`.
        Numbers go on where a deleted document's ended, which is purged. Raises `DamagedFile` for text that cannot be
        stored, and `NotAllowed`.
        """
        if embeddings.ndim != 2 or len(embeddings) != len(chunks):
            raise ValueError(f"{len(chunks)} chunks need as many embeddings, not an array of shape {embeddings.shape}")
        check_text(document)
        check_source(document.source)
        purged: list[str] = []
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            generation = bump(conn)
            document = as_said(conn, document)
            current, deleted = _stored(conn, document.id)
            owner = author.user
            if parent is not None:
                outer = _outer(conn, parent, author)
                allow, owner, manage = outer.allow, outer.owner, outer.managers
            else:
                allow = within_collection(conn, document.id, allow)
            if current is not None and (current.parent != parent or not (parent or current.may_replace(author))):
                raise NotAllowed(NAME_TAKEN)
            if deleted and parent is None and not _may_purge(conn, document.id, author):
                raise NotAllowed(NAME_TAKEN)
            if self._blobs.put(original) != document.content_sha256:
                raise ValueError(f"content_sha256 of {document.source} is not that of its original")
            place = place_of(document.id, put_label(conn, allow), generation, manage)
            if current is not None and deleted:
                purged = _purge(change, [Known.of(current, document.source)], author)
            if current is not None and not deleted and current.content_sha256 == document.content_sha256:
                relabel_with_parts(change, place, allow, author)
                conn.execute(SQL["settle_parts"], place | {"pending": pending or current.pending})
                version, action = current.version, "relabel"
            else:
                version = int(conn.execute(SQL["next_version"], place).fetchall()[0][0])
                place |= {"source": document.source, "version": version, "owner": owner}
                place |= {"parent": parent and as_uuid(parent), "pending": pending}
                conn.execute(SQL["put_document"], place)
                conn.execute(SQL["unretire_document"], place)
                conn.execute(SQL["add_version"], version_row(document, version, len(original), date, chunking) | place)
                put_facts(conn, document.id, version, document.facts)
                relabel_with_parts(change, place, allow, author)
                action = "ingest" if author.operator else "upload"
            if conn.execute(SQL["is_reading"], {"id": document.id, "reading": document.read_as}).fetchone() is not None:
                put_chunks(conn, document, chunks, embeddings, chunking)
            about = Known(document.id, document.source, version, document.content_sha256, allow)
            told = {} if action == "relabel" else {"chunking": str(chunking)}
            change.record(action, author.name, **about.record(), **told, **_managed(manage))
        self.sweep(purged)
        return version

    def settle(
        self,
        document_id: str,
        kept: frozenset[str],
        untouched: frozenset[str],
        *,
        author: Author = OPERATOR,
        pending: bool = False,
    ) -> None:
        """Of the documents that came out of this one those of these sources stay, and whatever came out of the
        `untouched` of them; the others go into the recycle bin. `pending`: some could not be stored."""
        with changing(self._pool, self._trail) as change:
            generation = bump(change.conn)
            for child in _children(change.conn, [document_id]):
                outer = {child.source[:at] for at, letter in enumerate(child.source) if letter == "/"}
                if child.source not in kept and not outer & untouched:
                    row = {"id": as_uuid(child.document_id), "generation": generation}
                    change.conn.execute(SQL["delete_document"], row)
                    change.record("delete", author.name, **child.record())
            change.conn.execute(SQL["settle_parts"], {"id": as_uuid(document_id), "pending": pending})

    def relabel(
        self,
        document_id: str,
        allow: frozenset[str],
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
    ) -> None:
        """From the next query on these principals, and nobody else, may read the document; raises `DocumentMissing`.

        So for all that came out of it, which has no label of its own: asked for that alone it is refused. An older
        version stays open to those of them who could read it before. Raises `NotAllowed`.
        """
        with changing(self._pool, self._trail) as change:
            generation = bump(change.conn)
            current = known(change.conn, document_id, OPERATOR)
            if current is None:
                raise DocumentMissing(f"There is no document {document_id}.")
            stored, _ = _stored(change.conn, document_id)
            if stored is not None and not stored.may_replace(author):
                raise NotAllowed(_REFUSED)
            if current.parent is not None:
                raise NotAllowed(refusal(current))
            allow = within_collection(change.conn, current.document_id, allow)
            label = put_label(change.conn, allow)
            relabel_with_parts(change, place_of(document_id, label, generation, manage), allow, author)
            about = replace(current, allow=allow)
            change.record("relabel", author.name, **about.record(), before=sorted(current.allow), **_managed(manage))

    def set_language(self, document_id: str, language: str, *, author: Author = OPERATOR) -> None:
        """What a person says of the language of the current version's words; from the next query on they are found by
        its stems. Raises `DocumentMissing` and `NotAllowed`."""
        with changing(self._pool, self._trail) as change:
            generation = bump(change.conn)
            stored, deleted = _stored(change.conn, document_id)
            about = known(change.conn, document_id, OPERATOR)
            if stored is None or deleted or about is None:
                raise DocumentMissing(f"There is no document {document_id}.")
            if not stored.may_replace(author):
                raise NotAllowed(_REFUSED)
            speak(change.conn, document_id, stored.version, language, generation)
            change.record("language", author.name, **about.record(), language=language, before=stored.language)

    def changeable(self, author: Author, ids: Sequence[str] | None = None) -> frozenset[str]:
        """The ids of the documents, of all or of these, that the author may delete."""
        with transaction(self._pool) as conn:
            return frozenset(row.document_id for row in known_documents(conn, author, ids) if row.changeable)

    def delete(self, document_id: str, author: Author, *, now: bool = False) -> bool:
        """Hides all versions from everyone, until somebody restores them or the recycle period is over.

        False if missing or hidden alike. Raises `NotAllowed`. `now`: purges it at once, from the recycle bin too;
        raises `HeldBack` where a legal hold keeps it.
        """
        purged: list[str] = []
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            conn.execute(SQL["lock_generation"])
            found = known(conn, document_id, author)
            if found is not None:
                if not found.changeable:
                    raise NotAllowed(refusal(found))
                children = _children(conn, [document_id])
                conn.execute(SQL["delete_document"], {"id": as_uuid(document_id), "generation": bump(conn)})
                for gone in (found, *children):
                    change.record("delete", author.name, **gone.record())
            elif now:
                found = known(conn, document_id, author, deleted_for=self.recycle_days)
            if found is None or not found.changeable:
                return False
            if now:
                refuse_held(conn, [document_id])
            if now or (self.recycle_days == 0 and held_by(conn, [document_id]) is None):
                purged = _purge(change, [found], author)
        self.sweep(purged)
        return True

    def restore(self, document_id: str, author: Author) -> bool:
        """Takes a document with all its versions and its label out of the recycle bin; False if this author cannot."""
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            found = known(change.conn, document_id, author, deleted_for=self.recycle_days)
            if found is None or not found.changeable:
                return False
            row = {"id": as_uuid(document_id), "generation": bump(change.conn)}
            change.conn.execute(SQL["restore_document"], row)
            for back in (found, *_children(change.conn, [document_id])):
                change.record("restore", author.name, **back.record())
        return True

    def deleted(self, author: Author) -> tuple[DocumentInfo, ...]:
        """What the author may restore, last deleted first."""
        with transaction(self._pool) as conn:
            rows = known_documents(conn, author, deleted_for=self.recycle_days)
            asked = {"ids": [as_uuid(row.document_id) for row in rows if row.changeable], "days": self.recycle_days}
            versions = versions_of(conn, asked["ids"])
            found = conn.execute(SQL["list_deleted"], asked).fetchall()
        return tuple(info_of(row[:9], row[11], versions[row[0]], (row[9], row[10]), row[12:]) for row in found)

    def purge(self) -> int:
        """Removes for good what was deleted longer ago than the recycle period; returns how many documents."""
        count = 0
        while True:
            with changing(self._pool, self._trail) as change:
                change.conn.execute(SQL["lock_generation"])
                wanted = {"days": self.recycle_days, "limit": _PURGE_BATCH}
                rows = [Known.row(*row) for row in change.conn.execute(SQL["expired_documents"], wanted)]
                hashes = _purge(change, rows, OPERATOR)
            self.sweep(hashes)
            count += len(rows)
            if len(rows) < _PURGE_BATCH:
                return count

    def sweep_blobs(self) -> int:
        """Removes originals that no version and no job uses, as a kill in the middle leaves them; returns how many.

        A database that has never held a document does not say which are used: it is new, or not restored yet.
        """
        with transaction(self._pool) as conn:
            generation = conn.execute(SQL["lock_generation"]).fetchall()[0][0]
            self._blobs.discard_unfinished()
        if generation == 0:
            return 0
        return self.sweep(self._blobs.hashes())

    def unnamed(self, limit: int, chars: int) -> tuple[tuple[str, int, Document], ...]:
        """Versions that nobody has looked at by today's rules for names, with their numbers; of the text so many
        characters. In any order."""
        asked = {"rules": NAME_RULES, "limit": limit, "chars": chars}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["unnamed_versions"], asked).fetchall()
        return tuple(
            (id_, version, Document(source, title, media_type, "", text, ()))
            for id_, version, source, title, media_type, text in rows
        )

    def put_names(self, names: Iterable[tuple[str, int, Sequence[Name], Sequence[Fact]]]) -> None:
        """Names and facts of these versions, by id and number; one transaction."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_generation"])  # so that what is listed of a document is written by one at a time
            for document_id, version, found, facts in names:
                row = name_columns(found) | {"id": as_uuid(document_id), "version": version}
                if conn.execute(SQL["name_version"], row).rowcount:
                    put_facts(conn, document_id, version, facts)

    def list(self, principal: Principal) -> tuple[DocumentInfo, ...]:
        """Every document that the principal may read, by source."""
        with reading_as(self._pool, principal) as conn:
            versions = versions_of(conn, None)
            rows = conn.execute(SQL["list_documents"]).fetchall()
        return tuple(info_of(row[:9], row[9], versions[row[0]], (None, None), row[10:]) for row in rows)

    def everything(self) -> tuple[DocumentInfo, ...]:
        """Every document that is not deleted, whoever may read it, by source; for who looks after the installation."""
        with transaction(self._pool) as conn:
            versions = versions_of(conn, None)
            rows = conn.execute(SQL["list_all_documents"]).fetchall()
        return tuple(info_of(row[:9], row[9], versions[row[0]], (None, None), row[10:]) for row in rows)

    def contents(self) -> tuple[tuple[str, str], ...]:
        """Source and content's sha256 of every version of every document, deleted ones too, whoever may read it; for
        who looks after the installation."""
        with transaction(self._pool) as conn:
            return tuple((source, sha256) for source, sha256 in conn.execute(SQL["list_contents"]))

    def text(self, document_id: str, version: int | None, principal: Principal) -> VersionView | None:
        """A version (None: the current one) with its layout; None if missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_version"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        *facts, layout, warnings, pages, language = row
        places: list[Any] = [unpack_lines(layout), unpack_elements(layout)]
        return VersionView(*(*facts, *places, unpack_warnings(warnings), unpack_pages(pages), language or UNKNOWN))

    def placed_text(self, document_id: str, version: int | None, principal: Principal) -> PlacedText | None:
        """A version (None: the current one) as it is shown; None if missing or hidden."""
        return placed_text(self._pool, document_id, version, principal)

    def original(
        self, document_id: str, version: int | None, principal: Principal
    ) -> tuple[bytes, str, str, int] | None:
        """The original's bytes, media type, file name and version; None if missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_original"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        sha256, media_type, source, shown = row
        return self._blobs.get(sha256), media_type, PurePosixPath(source.replace("\\", "/")).name, shown

    def sweep(self, hashes: Iterable[str]) -> int:
        """Removes those of these originals that no version and no job uses; returns how many. Under the writers' lock:
        a version that uses one of them is there already, or puts it again."""
        wanted = list(hashes)
        if not wanted:
            return 0
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_generation"])
            unused = conn.execute(SQL["unreferenced_content"], {"hashes": wanted}).fetchall()
            for (sha256,) in unused:
                self._blobs.delete(sha256)
        return len(unused)


def _stored(conn: Connection, document_id: str) -> tuple[Stored | None, bool]:
    """What there is of a document, and whether it is in the recycle bin."""
    row = conn.execute(SQL["find_document"], {"id": as_uuid(document_id)}).fetchone()
    if row is None:
        return None, False
    id_, version, sha256, allow, owner, managers, deleted, *read, chunking, language, within, asked = row
    read += [Chunking.of(chunking), language or UNKNOWN, frozenset(asked or ()) if within else None]
    return Stored(id_, version, sha256, frozenset(allow), owner, frozenset(managers), *read), deleted


def _outer(conn: Connection, document_id: str, author: Author) -> Stored:
    """The file that a document comes out of, which the author must be able to change."""
    outer, deleted = _stored(conn, document_id)
    if outer is None or deleted:
        raise UnreadableFile("The file that this came out of was deleted in the meantime. Add it again.")
    if not outer.may_replace(author):
        raise NotAllowed(_REFUSED)
    return outer


def _children(conn: Connection, ids: Sequence[str], *, deleted: bool = False) -> list[Known]:
    """What came out of these documents; with `deleted` what is in the recycle bin too."""
    asked = {"parents": [as_uuid(id_) for id_ in ids], "deleted": deleted}
    return [Known.row(*row) for row in conn.execute(SQL["children"], asked)]


def relabel_with_parts(change: Change, place: dict[str, object], allow: frozenset[str], author: Author) -> None:
    """The document and all that came out of it get this label, owner and managers; records are of the latter."""
    children = _children(change.conn, [str(place["id"])])
    change.conn.execute(SQL["relabel_document"], place)
    change.conn.execute(SQL["inherit"], place)
    for child in children:
        if child.allow != allow:
            record = replace(child, allow=allow).record()
            change.record("relabel", author.name, **record, before=sorted(child.allow))


def refusal(document: Known) -> str:
    if document.parent is None:
        return _REFUSED
    return f"This document is a part of {document.parent} and goes with it. Delete or relabel that one."


def _may_purge(conn: Connection, document_id: str, author: Author) -> bool:
    """Whether no version in the recycle bin is hidden from the author, who would purge it by a new document."""
    found = known(conn, document_id, author, deleted_for=_EVER)
    return author.operator or (found is not None and found.changeable)


def place_of(document_id: str, label: str, generation: int, manage: frozenset[str] | None) -> dict[str, object]:
    managers = None if manage is None else sorted(manage)
    return {"id": as_uuid(document_id), "label": label, "generation": generation, "managers": managers}


def _managed(manage: frozenset[str] | None) -> dict[str, object]:
    return {} if manage is None else {"managers": sorted(manage)}


def _purge(change: Change, documents: Sequence[Known], author: Author) -> list[str]:
    """Removes these documents of the recycle bin and all that came out of them; returns the hashes of their originals,
    to be swept afterwards."""
    there = {document.document_id for document in documents}
    parts = _children(change.conn, list(there), deleted=True)
    documents = [*documents, *(part for part in parts if part.document_id not in there)]
    ids = {"ids": [as_uuid(document.document_id) for document in documents]}
    change.conn.execute(SQL["keep_held_versions"], ids)
    hashes = [sha256 for (sha256,) in change.conn.execute(SQL["content_of_documents"], ids)]
    change.conn.execute(SQL["purge_documents"], ids)
    for document in documents:
        change.record("purge", author.name, **document.record())
    return hashes


def versions_of(conn: Connection, ids: object) -> defaultdict[str, list[VersionInfo]]:
    """The versions of these documents, None: of all that the connection sees."""
    versions: defaultdict[str, list[VersionInfo]] = defaultdict(list)
    for owner, *info in conn.execute(SQL["list_versions"], {"ids": ids}):
        versions[owner].append(VersionInfo(*info))
    return versions


def info_of(
    facts: Sequence[Any],
    allow: Sequence[str],
    versions: Sequence[VersionInfo],
    deleted: Sequence[Any],
    read: Sequence[Any],
) -> DocumentInfo:
    """`facts` up to the day it was added, `deleted` and until when it can be restored, `read`: warnings, how many pages
    were read how, by which rules, how they were chunked, and the language."""
    warnings, counts, rules, chunking, language = read
    told: list[Any] = [unpack_warnings(warnings), unpack_coverage(counts), rules < PARSER_RULES]
    told += [chunking, language or UNKNOWN]
    return DocumentInfo(*(*facts, frozenset(allow), tuple(versions), *deleted, *told))
