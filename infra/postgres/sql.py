"""Loads the named statements of `queries.sql`: `-- name: find_document`, then the statement."""

from __future__ import annotations

import re
from pathlib import Path

from psycopg import sql

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def named_blocks(text: str) -> dict[str, bytes]:
    """Each block's statement by its name, as the bytes that psycopg takes for trusted SQL.

    Raises `ValueError` on a name that occurs twice.
    """
    _, *parts = _NAME.split(text)
    names = parts[0::2]
    if len(set(names)) != len(names):
        raise ValueError(f"a name occurs twice among {sorted(names)}")
    return {name: body.strip().encode() for name, body in zip(names, parts[1::2], strict=True)}


SQL = named_blocks(Path(__file__).with_name("queries.sql").read_text(encoding="utf-8"))


def about(name: str, **identifiers: str | list[str]) -> sql.Composed:
    """The block of this name with the names of tables and columns in its braces; several of them between commas."""
    told = {
        place: sql.Identifier(given) if isinstance(given, str) else sql.SQL(", ").join(map(sql.Identifier, given))
        for place, given in identifiers.items()
    }
    return sql.SQL(SQL[name].decode()).format(**told)
