"""Walls against people and groups who are called otherwise today."""

from __future__ import annotations

from collections.abc import Iterable

from infra.postgres.pool import Connection
from infra.postgres.sql import SQL
from infra.postgres.writing import bump, put_label
from ingest.types import WALL


def follow(conn: Connection, names: Iterable[str | None], kind: str, name: str) -> list[str]:
    """Whoever a wall keeps out by one of these names, whatever its case, it keeps out as `name` from now on: in
    collections, and in the labels of documents and versions. Takes the writers' lock. Returns the collections.

    kind: `user` or `group`.
    """
    conn.execute(SQL["lock_generation"])
    token = f"{kind}:{name}"
    known = {f"{kind}:{one}".lower() for one in (*names, name) if one}
    asked = {"token": token, "tokens": sorted(known)}
    collections = [found for (found,) in conn.execute(SQL["follow_walls"], asked)]
    asked = {"token": WALL + token, "tokens": sorted(WALL + one for one in known)}
    labels = conn.execute(SQL["labels_with_wall"], asked).fetchall()
    if labels:
        generation = bump(conn)
        for label, principals in labels:
            new = put_label(conn, frozenset(principals) | {WALL + token})
            conn.execute(SQL["move_label"], {"label": label, "new": new, "generation": generation})
    return sorted(collections)


def known_as(conn: Connection, walls: Iterable[str]) -> frozenset[str]:
    """What those are called today whom these tokens name, as far as they are synced. To be asked under the writers'
    lock, so that nobody is renamed in between."""
    found: set[str] = set()
    for token in walls:
        kind, _, name = token.partition(":")
        if kind == "user":
            found |= {f"user:{row[0]}" for row in conn.execute(SQL["find_standing"], {"user": name})}
        else:
            found |= {f"group:{row[0]}" for row in conn.execute(SQL["group_called"], {"name": name})}
    return frozenset(found)
