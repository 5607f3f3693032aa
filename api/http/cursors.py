"""Where a list goes on: the place of the last document that was shown, so that what comes or goes moves nothing."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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
        packed = json.dumps([self.sort, self.order, *self.place]).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, sort: str, order: str) -> Self:
        """Raises `InvalidCursor`."""
        try:
            own, way, key, id_ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError) as error:
            raise InvalidCursor from error
        if (own, way) != (sort, order) or not isinstance(key, str) or not isinstance(id_, str):
            raise InvalidCursor
        try:
            uuid.UUID(id_)
            _READ.get(sort, _words)(key)
        except (ValueError, OverflowError) as error:
            raise InvalidCursor from error
        return cls(sort, order, (key, id_))


def _words(key: str) -> object:
    if "\0" in key:
        raise ValueError(key)
    return key.encode()  # no lone surrogates


# How a key is spelled, where it is no text.
_READ: dict[str, Callable[[str], object]] = {
    "added_at": datetime.fromisoformat,
    "updated_at": datetime.fromisoformat,
    "bytes": lambda key: int(key).to_bytes(8, signed=True),
}
