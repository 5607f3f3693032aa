"""Gets the machine code of search ready before the first question comes."""

from __future__ import annotations

import numpy as np

from retrieval.index.dense import CpuScan
from retrieval.index.find import find
from retrieval.index.segment import build
from retrieval.index.view import make_view
from retrieval.types import IndexRow


def warm() -> None:
    """Compiles every kernel, which takes some seconds once per installation; after that it only loads them."""
    vector = np.ones(8, np.float32)
    rows = [(IndexRow(f"{at:032}", f"{at:048}".encode(), "word"), vector) for at in range(12)]
    segment = build("warm", rows, len(vector))
    numbers = np.arange(len(rows))
    for slots in (numbers >= 0, numbers % 2 == 0, numbers != 5):  # a plan for each: one range, some, most of them
        find(make_view([segment], [slots], "warm"), vector, ["word"], 2, scan=CpuScan(flat_rows=0))
