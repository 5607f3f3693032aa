"""The catalog of current versions: the first enforcer's source, read without row-level security."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from infra.postgres.errors import EmbedderMismatch
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import Chunk
from retrieval.types import IndexRow, VersionRef

BATCH_KEYS = 500  # versions asked for at a time, so that no sort grows with the corpus
BATCH_ROWS = 1000


class PostgresCatalog:
    """Implements `retrieval.protocols.Catalog`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def bind_embedder(self, name: str) -> None:
        """Makes `name` this installation's embedder, once; raises `EmbedderMismatch` for another one later."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["bind_embedder"], {"name": name})
            bound = str(conn.execute(SQL["bound_embedder"]).fetchall()[0][0])
        if bound != name:
            raise EmbedderMismatch(
                f"The documents here were embedded with {bound}, not with {name}. "
                f"Set FOOTNOTE_EMBEDDER={bound}, or ingest them again into another FOOTNOTE_HOME."
            )

    def generation(self) -> int:
        with transaction(self._pool) as conn:
            return int(conn.execute(SQL["generation"]).fetchall()[0][0])

    def versions(self) -> tuple[int, Sequence[VersionRef]]:
        with transaction(self._pool) as conn:
            conn.execute(SQL["snapshot"])
            generation = int(conn.execute(SQL["generation"]).fetchall()[0][0])
            labels = {label: frozenset(allow) for label, allow in conn.execute(SQL["list_labels"])}
            rows = conn.execute(SQL["current_versions"]).fetchall()
        return generation, [VersionRef(*(*row[:-1], labels[row[-1]])) for row in rows]

    def index_rows(self, keys: Sequence[str]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        """Rows of one snapshot, streamed; a version that is no longer current has none."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["snapshot"])
            for first in range(0, len(keys), BATCH_KEYS):
                with conn.cursor(name="index_rows", binary=True) as cursor:
                    cursor.itersize = BATCH_ROWS
                    cursor.execute(SQL["index_rows"], {"keys": list(keys[first : first + BATCH_KEYS])})
                    for key, *fields, embedding in cursor:
                        chunk = Chunk(*fields)
                        vector = np.frombuffer(embedding, dtype="<f4").astype(np.float32, copy=False)
                        yield IndexRow(chunk.id, key, chunk.indexed_text), vector
