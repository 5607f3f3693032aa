"""What a GGUF file says of itself, without the package `gguf`, which comes with training only."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

_VERSIONS = {2, 3}
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # bytes of a number, by its type
_TEXT, _ARRAY = 8, 9


def texts(path: Path) -> dict[str, str]:
    """Those of its keys that hold a text. Raises `ValueError` for what is no GGUF file, or not a whole one.

    The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
    """
    found = {}
    with path.open("rb") as file:
        if file.read(4) != b"GGUF" or _number(file, "I") not in _VERSIONS:
            raise ValueError(f"{path} is no GGUF file")
        _number(file, "Q")  # tensors
        for _ in range(_number(file, "Q")):
            key, kind = _text(file), _number(file, "I")
            if kind == _TEXT:
                found[key] = _text(file)
            elif kind == _ARRAY:
                _skip_array(file)
            else:
                _bytes(file, _size(kind))
    return found


def _skip_array(file: BinaryIO) -> None:
    kind, length = _number(file, "I"), _number(file, "Q")
    if kind == _TEXT:
        for _ in range(length):
            _text(file)
    else:
        _bytes(file, length * _size(kind))


def _size(kind: int) -> int:
    if kind not in _SIZES:
        raise ValueError(f"{kind} is no type of a GGUF value")
    return _SIZES[kind]


def _text(file: BinaryIO) -> str:
    return _bytes(file, _number(file, "Q")).decode()


def _number(file: BinaryIO, form: str) -> int:
    value: int = struct.unpack(f"<{form}", _bytes(file, struct.calcsize(form)))[0]
    return value


def _bytes(file: BinaryIO, count: int) -> bytes:
    if count > os.fstat(file.fileno()).st_size - file.tell():  # not by reading: memory would be set aside for it
        raise ValueError("the file ends in the middle of its keys")
    return file.read(count)
