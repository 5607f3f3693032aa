"""Connectors and what is known of their items."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg.types.json import Jsonb

from infra.postgres.changes import Trail, changing
from infra.postgres.errors import ConnectorRefused
from infra.postgres.pool import Pool, connection, transaction
from infra.postgres.sql import SQL
from ingest.syncing.protocols import SyncRunning
from ingest.syncing.types import Connector, Facts, KnownItem, source_of
from ingest.types import OPERATOR, document_id

_TRIES, _TRY_S = 8, 0.25  # PostgreSQL may take a moment to see that a process which held a lock was killed


class PostgresConnectors:
    """Implements `ingest.syncing.protocols.SyncState`. Adding and removing connectors is recorded."""

    def __init__(
        self, pool: Pool, *, trail: Trail | None = None, mark: Callable[[str], str] = lambda text: text
    ) -> None:
        """`mark`: the keyed hash by which an erased item is known."""
        self._pool = pool
        self._trail = trail
        self._mark = mark

    def list(self) -> tuple[Connector, ...]:
        with transaction(self._pool) as conn:
            return tuple(Connector(*row) for row in conn.execute(SQL["list_connectors"], {"name": None}))

    def get(self, name: str) -> Connector:
        """Raises `ConnectorRefused` where there is none."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["list_connectors"], {"name": name}).fetchone()
        if row is None:
            raise ConnectorRefused(f"There is no connector {name}: `footnote connectors list`.")
        return Connector(*row)

    def add(self, new: Connector) -> None:
        row: dict[str, Any] = {"name": new.name, "kind": new.kind, "mapping": new.mapping, "every": new.every}
        with changing(self._pool, self._trail) as change:
            if new.collection is not None:
                known = change.conn.execute(SQL["lock_collection"], {"name": new.collection}).fetchone()
                if known is None:
                    raise ConnectorRefused(f"There is no collection {new.collection}: `footnote collections add` it.")
            row |= {"options": Jsonb(dict(new.options)), "collection": new.collection}
            if not change.conn.execute(SQL["add_connector"], row).rowcount:
                raise ConnectorRefused(f"There is a connector {new.name}. Remove it first, or choose another name.")
            told = {"kind_of_source": new.kind, "options": dict(new.options), "mapping": new.mapping}
            change.record("connector add", OPERATOR.name, connector=new.name, collection=new.collection, **told)

    def remove(self, name: str) -> None:
        """Forgets the connector and its items, and leaves the documents as they are."""
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["drop_connector"], {"name": name})
            change.record("connector remove", OPERATOR.name, connector=name)

    def items(self, connector: str, keys: Sequence[str] | None = None) -> dict[str, KnownItem]:
        asked = {"name": connector, "keys": None if keys is None else list(keys)}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["connector_items"], asked).fetchall()
        return {
            key: KnownItem(key, fingerprint, _facts(facts), frozenset(label), settled, code, reason)
            for key, fingerprint, facts, label, settled, code, reason in rows
        }

    def begin(self, connector: str, keys: Sequence[str]) -> None:
        with transaction(self._pool) as conn:
            conn.execute(SQL["begin_items"], {"name": connector, "keys": list(keys)})

    def put(self, connector: str, items: Iterable[KnownItem]) -> None:
        rows = [
            {
                "name": connector, "key": one.key, "fingerprint": one.fingerprint, "facts": Jsonb(_told(one.facts)),
                "label": sorted(one.label), "settled": one.settled, "code": one.code, "reason": _text(one.reason),
            }
            for one in items
        ]  # fmt: skip
        with transaction(self._pool) as conn, conn.cursor() as cursor:
            cursor.executemany(SQL["put_item"], rows)

    def forget(self, connector: str, keys: Sequence[str]) -> None:
        with transaction(self._pool) as conn:
            conn.execute(SQL["forget_items"], {"name": connector, "keys": list(keys)})

    def erased(self, connector: str, keys: Iterable[str]) -> frozenset[str]:
        """Those of these keys, by the key itself or, after a receipt was applied again, by the id of the document."""
        known = [(key, document_id(source_of(connector, key))) for key in keys]
        by_key = {self._mark(f"key {key}"): key for key, _ in known}
        return self._marked(connector, by_key | {self._mark(f"document {id_}"): key for key, id_ in known})

    def erased_bytes(self, connector: str, content_sha256: str) -> bool:
        return bool(self._marked(connector, {self._mark(f"bytes {content_sha256}"): content_sha256}))

    def _marked(self, connector: str, marks: Mapping[str, str]) -> frozenset[str]:
        asked = {"connector": connector, "marks": list(marks)}
        with transaction(self._pool) as conn:
            return frozenset(marks[mark] for (mark,) in conn.execute(SQL["erased_marks"], asked))

    def finish(self, connector: str, problem: str, summary: Mapping[str, int], *, changed: bool) -> None:
        problem = _text(problem)
        row = {"name": connector, "problem": problem, "summary": Jsonb(dict(summary))}
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["finish_connector"], row)
            if changed:
                change.record("sync", OPERATOR.name, connector=connector, problem=problem, counts=dict(summary))

    @contextmanager
    def syncing(self, connector: str) -> Iterator[None]:
        """A lock of this connection: it goes with the process."""
        with connection(self._pool) as conn:
            for attempt in range(_TRIES):
                if conn.execute(SQL["try_syncing"], {"name": connector}).fetchall()[0][0]:
                    break
                if attempt == _TRIES - 1:
                    raise SyncRunning(f"{connector} is being synced by another process. Wait until it is done.")
                time.sleep(_TRY_S)
            try:
                yield
            finally:
                conn.execute(SQL["end_syncing"], {"name": connector})

    @contextmanager
    def settling(self, connector: str) -> Iterator[None]:
        with transaction(self._pool) as conn:
            conn.execute(SQL["settle_connector"], {"name": connector})
            yield


def _text(told: str) -> str:
    """What a source or a library says may hold what PostgreSQL does not store."""
    return told.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _told(facts: Facts) -> dict[str, object]:
    """Those that say something."""
    told: dict[str, object] = {
        "owner": facts.owner, "group": facts.group, "mailbox": facts.mailbox, "tags": dict(facts.tags),
        "recipients": list(facts.recipients),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _facts(told: Mapping[str, Any]) -> Facts:
    tags = tuple(sorted(told.get("tags", {}).items()))
    plain = (told.get("owner", ""), told.get("group", ""), told.get("mailbox", ""))
    return Facts(*plain, tags, tuple(told.get("recipients", ())))
