"""One byte a dimension: vectors as scaled int8, with a proven bound on what the rounding lost.

Embedders have single coordinates that are ten times as large as the others (bge-small-en-v1.5: number 99, a third of a
unit vector). One scale for a row then leaves the others few levels, so vectors are turned first by a fixed orthogonal
transform that spreads each coordinate over all: signs, then a cosine transform. Inner products stay what they are.
Chee et al. 2023, "QuIP" (incoherence by random orthogonal matrices); Ailon and Chazelle 2009 (signs before a fast
transform).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

LEVELS = 127
_CHUNK_ROWS = 8192
_SLACK = 2.0**-20  # relative; far more than the double and float32 roundings on the way to a bound


def spread(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, d) or (d,): the vectors in other coordinates; inner products stay, but for a few roundings of doubles."""
    from scipy.fft import dct

    turned: NDArray[np.float64] = dct(vectors * _signs(vectors.shape[-1]), axis=-1, norm="ortho")
    return turned


@cache
def _signs(dimension: int) -> NDArray[np.float64]:
    """(d,) 1 or -1, the same everywhere and for ever: codes of one machine are read on others."""
    bits = np.frombuffer(hashlib.shake_256(b"footnote codes").digest(-(-dimension // 8)), np.uint8)
    return np.where(np.unpackbits(bits)[:dimension], -1.0, 1.0)


def quantise(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """(codes (n, d), scales (n,), errors (n,)) with |spread(vector) - scale * code| <= error, row by row.

    Each row depends on itself alone: nothing is learned from other rows, so nothing can leak through it.
    """
    codes = np.empty(vectors.shape, np.int8)
    scales, errors = np.empty((2, len(vectors)), np.float32)
    for first in range(0, len(vectors), _CHUNK_ROWS):
        chunk = slice(first, first + _CHUNK_ROWS)
        exact = spread(vectors[chunk])
        scales[chunk] = np.abs(exact).max(axis=1, initial=0.0) / LEVELS
        unit = scales[chunk].astype(np.float64)[:, None]
        codes[chunk] = np.clip(np.rint(exact / np.where(unit > 0, unit, 1.0)), -LEVELS, LEVELS)
        lost = np.linalg.norm(exact - unit * codes[chunk], axis=1)
        errors[chunk] = np.nextafter((lost * (1 + _SLACK)).astype(np.float32), np.float32(np.inf))
    return codes, scales, errors


@dataclass(frozen=True, slots=True)
class QueryCodes:
    """A query for the int8 scan: |exact - scale * dot * unit| <= error * norm + scale * slack for every row."""

    codes: NDArray[np.int16]
    unit: float
    norm: float
    slack: float


def quantise_query(query: NDArray[np.float32], *, turned: bool = True) -> QueryCodes:
    """The query as int16, coarse enough that a sum over all dimensions stays inside int32; `turned`: spread before, as
    the vectors of the rows were.

    exact = <row, q>; row = scale * code + r, q = unit * codes + s; so exact - scale * unit * dot
    = <r, q> + <scale * code, s>, and by Cauchy-Schwarz |..| <= error * |q| + scale * |code| * |s|.
    """
    exact = spread(query) if turned else query.astype(np.float64)
    levels = min(2**15 - 1, (2**31 - 1) // (LEVELS * max(len(query), 1)))
    unit = float(np.abs(exact).max(initial=0.0)) / levels or 1.0
    codes = np.rint(exact / unit).astype(np.int16)
    rest = exact - unit * codes
    norm, lost = math.sqrt(exact @ exact), math.sqrt(rest @ rest)
    longest = LEVELS * math.sqrt(len(query))
    return QueryCodes(codes, unit, norm * (1 + _SLACK), longest * (lost * (1 + _SLACK) + norm * _SLACK))
