"""Where a list goes on: the place of the last document that was shown, so that what comes or goes moves nothing."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from ingest.errors import FootnoteError


class InvalidCursor(FootnoteError):
    """It was not made here, or for another order."""

    code = "invalid_cursor"

    def __init__(
        self, message: str = "'after' is not the 'next' of a list in this order. Begin again without it."
    ) -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`place`: key and id of a document. Opaque, not secret: it holds what the caller was shown."""

    sort: str
    order: str
    place: tuple[str, str]

    def written(self) -> str:
        packed = json.dumps([self.sort, self.order, *self.place], ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: str, order: str) -> Self:
        """Raises `InvalidCursor`."""
        try:
            own, way, key, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidCursor from error
        if (own, way) != (sort, order) or not isinstance(key, str) or not isinstance(id_, str):
            raise InvalidCursor
        try:
            uuid.UUID(id_)
            key = _READ.get(sort, _words)(key)
        except (ValueError, OverflowError) as error:
            raise InvalidCursor from error
        return cls(sort, order, (key, id_))


def _words(key: str) -> str:
    if "\0" in key:
        raise ValueError(key)
    return key.encode().decode()  # no lone surrogates


def _time(key: str) -> str:
    return datetime.fromisoformat(key).astimezone(UTC).isoformat()


def _number(key: str) -> str:
    number = int(key)
    number.to_bytes(8, signed=True)  # it is no larger than a column
    return str(number)


def _day(key: str) -> str:
    return date.fromisoformat(key).isoformat()


# What is no text is read, and given as the database spells it: Python takes more.
_READ: dict[str, Callable[[str], str]] = {
    "added_at": _time,
    "updated_at": _time,
    "created_at": _time,
    "bytes": _number,
    "effective": _day,
}


def written_place(place: tuple[int, int]) -> str:
    """Of two numbers, as opaque."""
    return base64.urlsafe_b64encode("{}.{}".format(*place).encode()).decode().rstrip("=")


def read_place(text: str) -> tuple[int, int]:
    """Raises `InvalidCursor`."""
    try:
        first, second = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(".")
        place = int(first), int(second)
        for number in place:
            number.to_bytes(8, signed=True)
    except (ValueError, OverflowError) as error:
        raise InvalidCursor("'after' is not the 'next' of this list. Begin again without it.") from error
    return place


def written_pair(place: tuple[str, str]) -> str:
    """Of two texts, as opaque."""
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def read_pair(text: str) -> tuple[str, str]:
    """Raises `InvalidCursor`."""
    try:
        first, second = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(first, str) or not isinstance(second, str):
            raise ValueError(text)
        return _words(first), _words(second)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidCursor("'after' is not the 'next' of this list. Begin again without it.") from error
