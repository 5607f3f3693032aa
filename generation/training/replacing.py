"""Files of a run that are there whole, or as they were before, whatever is killed when.

As `infra.files.durable.replacing`, which this package may not import and whose files are written by us; these are
written by torch and gguf, which want a path.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside `path` to write a file to, which is synced and put at `path` in the end.

    If anything fails it is left there, and begun anew by the next writer.
    """
    fresh = path.with_name(path.name + ".part")
    yield fresh
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
