"""Erasure in the database: everything in one transaction, with its record in the trail and what is still to be done.

A kill before its end leaves all as it was; after it, `open` tells what remains: keys, originals, segments and bytes.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from psycopg.types.json import Jsonb

from generation.errors import AuditUnsealed
from infra.postgres.changes import Trail, changing
from infra.postgres.erasing_persons import OF_PERSON, pattern
from infra.postgres.erasure_types import Asked, DocumentToErase, ItemToErase, JournaledErasure, PersonToErase
from infra.postgres.errors import ErasureRefused
from infra.postgres.holdings import DOCUMENT, PERSON
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid, bump, put_label
from ingest.types import OPERATOR, document_id

ACTION = "erased"  # of the record in the trail
INDICES = "indices"  # its field
_UNFINISHED = {"queued", "running"}
_BUSY = (
    "Job {job} is not done yet and names what is to be erased. Wait for it or cancel it "
    "(`footnote jobs cancel {job}`), and run the command again."
)


class Marks(Protocol):
    def __call__(self, text: str, /) -> str:
        """Its keyed hash: the same for the same text."""
        ...


@dataclass(slots=True)
class _Scrub:
    """What a transaction does, counted by table."""

    conn: Connection
    id: str
    done: Counter[str] = field(default_factory=Counter)
    originals: set[str] = field(default_factory=set)

    def run(self, table: str, statement: bytes, given: Mapping[str, Any]) -> None:
        self.done[table] += self.conn.execute(statement, given).rowcount


class PostgresErasure:
    def __init__(self, pool: Pool, trail: Trail, mark: Marks) -> None:
        self._pool = pool
        self._trail = trail
        self._mark = mark

    # What there is

    def documents(self, ids: Sequence[str]) -> list[DocumentToErase]:
        """These with what came out of them; those that were purged before follow."""
        wanted = {"ids": [as_uuid(id_) for id_ in ids]}
        with transaction(self._pool) as conn:
            return _documents(conn, wanted)

    def person(self, name: str) -> PersonToErase:
        """All names of whoever is called so, or was where nobody is; accounts of one external id are one person's."""
        asked = name.lower()
        names, words = {asked}, set[str]()
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["person_to_erase"], {"name": asked}).fetchall()
            for _, user, external, former, attributes, _ in rows:
                names |= {one.lower() for one in (user, external, *former) if one}
                words |= set(_said(attributes))
            accounts = tuple(id_ for id_, *_ in rows)
            others = {"names": sorted(names), "ids": [as_uuid(one) for one in accounts]}
            names -= {other for (other,) in conn.execute(SQL["names_of_others"], others)}
        return PersonToErase(tuple(sorted(names)), accounts, tuple(sorted(words)), any(row[-1] for row in rows))

    def names(self) -> tuple[str, ...]:
        """All user names that anything names."""
        with transaction(self._pool) as conn:
            return tuple(sorted(name for (name,) in conn.execute(SQL["user_names"]) if name))

    def known_since(self, name: str) -> datetime | None:
        """Since when anything here is of somebody; None where nothing tells."""
        with transaction(self._pool) as conn:
            ((since,),) = conn.execute(SQL["known_since"], {"name": name.lower()}).fetchall()
        return since  # type: ignore[no-any-return]

    def said_of(self, ids: Sequence[str]) -> set[str]:
        """Those of these documents of which, or of answers that name them, people have said something."""
        with transaction(self._pool) as conn:
            return {id_ for (id_,) in conn.execute(SQL["said_of_documents"], {"ids": [as_uuid(id_) for id_ in ids]})}

    def unfinished(self) -> list[JournaledErasure]:
        return self._journal(only_open=True)

    def all(self) -> list[JournaledErasure]:
        return self._journal(only_open=False)

    def titled(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """Id and source of those of these documents that there are."""
        with transaction(self._pool) as conn:
            return list(conn.execute(SQL["titles_of_documents"], {"ids": [as_uuid(id_) for id_ in ids]}).fetchall())

    # What is done

    def erase_documents(self, ids: Sequence[str], items: Sequence[ItemToErase], wanted: Asked) -> JournaledErasure:
        """Raises `ErasureRefused` while a job is at work on one."""
        with self._erasing(DOCUMENT, ids, wanted) as scrub:
            conn = scrub.conn
            generation = bump(conn)
            wanted.permitted(conn)
            found = _documents(conn, {"ids": [as_uuid(id_) for id_ in ids]})
            there = {"ids": [as_uuid(one.document_id) for one in found if not one.retired]}
            every = {"ids": sorted({as_uuid(id_) for id_ in ids} | set(there["ids"]), key=str)}
            scrub.originals |= {sha256 for one in found for sha256 in one.originals}
            conn.execute(SQL["bin_for_erasure"], there | {"generation": generation})
            scrub.run("documents", SQL["purge_documents"], there)
            scrub.run("collection_documents", SQL["erase_from_collections"], every)
            held = conn.execute(SQL["erase_held_versions"], every).fetchall()
            scrub.done["held_versions"] += len(held)
            scrub.originals |= {sha256 for (sha256,) in held}
            told = {"ids": list(map(str, every["ids"])), "terms": [f"document_id:{id_}" for id_ in every["ids"]]}
            scrub.run("feedback", SQL["erase_feedback_on_documents"], told)
            scrub.run("wrong_versions", SQL["erase_wrong_versions"], every)
            self._erase_job_files(scrub, {one.source for one in found if one.source} | _sources(conn, every["ids"]))
            self._erase_items(scrub, items, scrub.originals)
        return self._known(scrub.id)

    def erase_person(
        self, person: PersonToErase, pseudonym: str, wanted: Asked, observed: Sequence[str] = ()
    ) -> JournaledErasure:
        """Documents of theirs are the operator's from then on. `observed`: what trials of releases call them. Raises
        `ErasureRefused` while a job of theirs, or one that names them, is at work."""
        asked: dict[str, Any] = {"names": list(person.names), "tokens": list(person.tokens), "observed": list(observed)}
        asked["told"] = pattern([*person.names, *person.words])
        asked["accounts"] = [as_uuid(one) for one in person.accounts]
        with self._erasing(PERSON, [pseudonym], wanted) as scrub:
            conn = scrub.conn
            generation = bump(conn)
            wanted.permitted(conn)
            self._erase_jobs(scrub, asked)
            for table, statement in OF_PERSON:
                scrub.run(table, statement, asked | {"generation": generation})
            for label, principals in conn.execute(SQL["labels_of_person"], asked).fetchall():
                kept = frozenset(one for one in principals if one.lstrip("!?").lower() not in person.tokens)
                row = {"id": label, "label": label, "new": put_label(conn, kept), "generation": generation}
                conn.execute(SQL["move_label"], row)
                scrub.run("access_labels", SQL["drop_label"], row)
        return self._known(scrub.id)

    def keep_out(self, ids: Sequence[str], connectors: Sequence[str]) -> None:
        """What has these ids stays out of syncs, also where an older backup knows nothing of its erasure."""
        with changing(self._pool, self._trail) as change:
            new = 0
            for connector in connectors:
                for id_ in ids:
                    row = {"connector": connector, "mark": self._mark(f"document {id_}")}
                    new += change.conn.execute(SQL["mark_erased_item"], row).rowcount
            if new:
                change.record("keep_out", OPERATOR.name, documents=list(ids))

    def finish(self, erasure: JournaledErasure, counts: Mapping[str, int]) -> None:
        """Nothing of it is left to be done."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["finish_erasure"], {"id": as_uuid(erasure.id), "counts": Jsonb(dict(counts))})

    @contextmanager
    def _erasing(self, kind: str, subjects: Sequence[str], wanted: Asked) -> Iterator[_Scrub]:
        """What is done in it, the journal and the record commit together."""
        with transaction(self._pool) as conn:
            scrub = _Scrub(conn, str(uuid.uuid4()))
            yield scrub
            conn.execute(SQL["lock_audit"])
            keys = sorted(set(wanted.indices()))
            said = {"answers": wanted.gone.answers, "ids": wanted.gone.sign_offs, "feedback": _saying(conn, wanted)}
            said["documents"] = set(subjects) if kind == DOCUMENT else set()
            given = {name: [as_uuid(one) for one in ids] for name, ids in said.items()}
            scrub.run("sign_offs", SQL["erase_sign_offs"], given)
            scrub.run("feedback", SQL["erase_feedback_on_answers"], given)
            conn.execute(SQL["erase_answers_of_cells"], given)
            counts = {name: count for name, count in scrub.done.items() if count}
            row: dict[str, Any] = {"id": as_uuid(scrub.id), "kind": kind, "subjects": list(subjects), "indices": keys}
            row |= {"originals": sorted(scrub.originals - {""}), "counts": Jsonb(counts)}
            row |= {"asked_by": wanted.by, "copies_until": wanted.copies_until}
            conn.execute(SQL["add_erasure"], row)
            whose = {"documents": list(subjects)} if kind == DOCUMENT else {"subject": subjects[0]}
            told = {"why": kind, **whose, INDICES: keys, "counts": counts, "erasure": scrub.id}
            record = {"kind": "change", "action": ACTION, "principal": OPERATOR.name, **told}
            head = self._trail.append_within(conn, record)
        with suppress(AuditUnsealed):  # it is done and recorded; the trail has logged why its head lags behind
            self._trail.advance(head)

    def _erase_job_files(self, scrub: _Scrub, sources: Collection[str]) -> None:
        """What jobs say of these documents; a container's row also tells what came out of it."""
        if not sources:
            return
        rows = scrub.conn.execute(SQL["job_sources"], {"sources": list(sources)}).fetchall()
        if busy := sorted({job for job, _, _, state, _, _ in rows if state in _UNFINISHED}):
            raise ErasureRefused(_BUSY.format(job=busy[0]))
        for job, number, source, _, sha256, name in rows:
            scrub.originals.add(sha256)
            scrub.run("job_files", SQL["erase_job_file"], {"job": as_uuid(job), "number": number})
            scrub.run("jobs", SQL["erase_job_title"], {"job": as_uuid(job), "source": f"{source}/{name}"})
            scrub.conn.execute(SQL["erase_job_key"], {"job": as_uuid(job)})  # a client's own words, and a digest

    def _erase_items(self, scrub: _Scrub, items: Sequence[ItemToErase], hashes: Iterable[str]) -> None:
        for item in items:
            place = {"connector": item.connector, "key": item.key}
            scrub.run("connector_items", SQL["erase_item"], place)
            scrub.run("connectors", SQL["erase_connector_problem"], place)
            for said in (f"key {item.key}", *(f"bytes {sha256}" for sha256 in hashes)):
                scrub.run("erased_items", SQL["mark_erased_item"], place | {"mark": self._mark(said)})

    def _erase_jobs(self, scrub: _Scrub, asked: Mapping[str, Any]) -> None:
        rows = scrub.conn.execute(SQL["jobs_of_person"], asked).fetchall()
        if busy := sorted(job for job, finished in rows if not finished):
            raise ErasureRefused(_BUSY.format(job=busy[0]))
        jobs = {"ids": [as_uuid(job) for job, _ in rows]}
        scrub.originals |= {sha256 for (sha256,) in scrub.conn.execute(SQL["staged_of_jobs"], jobs)}
        scrub.run("jobs", SQL["erase_jobs"], jobs)

    def _known(self, erasure_id: str) -> JournaledErasure:
        return next(one for one in self._journal(only_open=False) if one.id == erasure_id)

    def _journal(self, *, only_open: bool) -> list[JournaledErasure]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["erasures"], {"open": only_open}).fetchall()
        return [
            JournaledErasure(id_, kind, tuple(subjects), tuple(indices), tuple(originals), *rest)
            for id_, kind, subjects, indices, originals, *rest in rows
        ]


def _documents(conn: Connection, wanted: Mapping[str, Any]) -> list[DocumentToErase]:
    rows = conn.execute(SQL["documents_to_erase"], wanted).fetchall()
    found = [
        DocumentToErase(id_, source, parent, owner, collection, tuple(hashes), since)
        for id_, source, parent, owner, collection, hashes, since in rows
    ]
    retired = conn.execute(SQL["retired_to_erase"], wanted).fetchall()
    return found + [DocumentToErase(id_, retired=True) for (id_,) in retired]


def _sources(conn: Connection, ids: Collection[Any]) -> set[str]:
    """By which jobs know these documents, also where nothing else does any more: an id follows from its source."""
    wanted = set(map(str, ids))
    return {source for (source,) in conn.execute(SQL["sources_of_job_files"]) if document_id(source) in wanted}


def _saying(conn: Connection, wanted: Asked) -> set[str]:
    """Ids of feedback in which the words stand, the reviewer's too."""
    if (says := wanted.gone.says) is None:
        return set()
    rows = conn.execute(SQL["words_of_feedback"])
    return {id_ for id_, owner, *told in rows if any(says(owner, words) for words in told)}


def _said(attributes: Any) -> Iterator[str]:
    """How SCIM tells of somebody: a displayed name of several words, and addresses."""
    display = str(attributes.get("displayName") or "")
    if " " in display.strip():
        yield display
    for address in attributes.get("emails") or ():
        if isinstance(address, Mapping) and address.get("value"):
            yield str(address["value"])
