"""Values as JSON has them: nothing is made into what the description says it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from generation.types import Strictness

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _as_written(value: Any) -> Any:
    if not isinstance(value, date) and not (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        raise ValueError("write a day as YYYY-MM-DD")  # numbers, as text too, would count as seconds since 1970
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise ValueError("write a number")
    return value


def whole(value: Any) -> Any:
    """Raises `ValueError` for halves of characters (lone surrogates), which JSON can hold, wherever they stand."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and not one.isascii():
            try:
                one.encode()
            except UnicodeEncodeError as error:
                raise ValueError("there is half a character (a lone surrogate) in this: send whole ones") from error
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return value


LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$"  # no line ends, and nothing that turns its words around
MAX_NUMBER = 2**31 - 1  # what the database counts to
Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
VersionId = Annotated[str, Field(pattern=r"^v_[A-Za-z0-9_-]{16}$")]
AskedVersion = Number | VersionId | None
Day = Annotated[date, BeforeValidator(_as_written)]
NUMBER = BeforeValidator(_number)
AskedStrictness = Annotated[
    Strictness | None,
    Field(
        description="`strict` withholds what the gate passes with less support than this installation asks for "
        "then, what rests on words of which ingestion was unsure, and what another source contradicts. "
        "GET /v1/session says what is offered, and which is the default."
    ),
]
