"""Filters of SCIM (RFC 7644, 3.4.2.2), as identity providers send them: comparisons with `eq`, joined by `and`."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping

from api.http.scim.errors import InvalidFilter

USERS = {
    "id": "id",
    "username": "user_name",
    "externalid": "external_id",
    "displayname": "display_name",
    "active": "active",
}
GROUPS = {
    "id": "id",
    "displayname": "display_name",
    "externalid": "external_id",
    "members": "member",
    "members.value": "member",
}
_IDS = {"id", "member"}
NOBODY = str(uuid.UUID(int=0))
_TERM = re.compile(r'\s*([A-Za-z.:0-9_]+)\s+(?:eq|EQ|Eq)\s+("(?:[^"\\]|\\.)*"|true|false)\s*', re.ASCII)
_AND = re.compile(r"and\s", re.IGNORECASE)


def wanted(text: str, columns: Mapping[str, str]) -> dict[str, object]:
    """`userName eq "ana" and active eq true` as columns and values. Raises `InvalidFilter`."""
    found: dict[str, object] = {}
    rest = text
    while rest:
        term = _TERM.match(rest)
        if term is None:
            raise InvalidFilter("A filter here is: attribute eq \"value\", perhaps more of them with 'and' between.")
        column = columns.get(term[1].rpartition(":")[2].lower())
        if column is None or column in found:
            raise InvalidFilter(f"Filtering by {term[1][:80]!r} is not possible here.")
        found[column] = _value(column, term[2])
        rest = rest[term.end() :]
        if rest:
            joined = _AND.match(rest)
            rest = rest[joined.end() :] if joined else "?"
    return found


def _value(column: str, text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidFilter(f"{text[:80]} is no string.") from error
    if (column == "active") is not isinstance(value, bool):
        raise InvalidFilter(f"{text[:80]} is no value of that attribute.")
    if "\0" in str(value) or not _whole(str(value)):
        raise InvalidFilter("A value holds neither NUL nor half characters (lone surrogates).")
    return _id(str(value)) if column in _IDS else value


def _whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _id(text: str) -> str:
    """What is no id is the id of nobody."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return NOBODY
