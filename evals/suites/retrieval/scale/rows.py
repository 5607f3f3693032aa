"""Rows for measuring size: the passages of scale_legal, repeated with changed words and moved vectors.

Embedding a million passages is out of reach on two cores. Each passage is embedded once; a repeat's vector is the
original's moved by a fixed random step to a cosine of about 0.96, and about one word in seven of its text is
another word of the collection. Everything follows from `SEED`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api.terminal import UsageError
from ingest.protocols import Embedder
from ingest.types import chunk_id, document_id
from retrieval.types import IndexRow

SEED = 20260101
SHARES = (0.0001, 0.001, 0.01, 0.1, 1.0)  # of all rows; tier t is readable to whoever sees SHARES[t] or more
_STEP = 0.3  # length of the step that moves a repeat's vector
_CHANGED = 1 / 7
_QUERY_WORDS = 10


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages as they are: document name, title and text of each, a document's side by side; (n, d) vectors."""

    documents: Sequence[str]
    titles: Sequence[str]
    texts: Sequence[str]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    vector: NDArray[np.float32]


def load_passages(data: Path, embedder: Embedder, most: int = 0) -> Passages:
    """All passages, or the first `most`; the first call of all embeds them (about ten minutes on two cores)."""
    path = data / "scale_legal" / "passages.jsonl.gz"
    if not path.is_file():
        raise UsageError(f"{path} is missing (see docs/benchmarks.md).")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rows = sorted(rows, key=lambda row: row["doc"])[: most or None]
    texts = [f"{row['title']}\n{row['text']}" for row in rows]
    return Passages(
        documents=[row["doc"] for row in rows],
        titles=[row["title"] for row in rows],
        texts=[row["text"] for row in rows],
        vectors=embedder.embed_documents(texts),
    )


def queries(passages: Passages, embedder: Embedder, count: int) -> list[Query]:
    """Ten words in a row out of `count` passages."""
    random = np.random.default_rng((SEED, 1))
    asked = []
    for at in random.integers(0, len(passages.texts), count):
        words = passages.texts[at].split()
        first = int(random.integers(0, max(1, len(words) - _QUERY_WORDS)))
        text = " ".join(words[first : first + _QUERY_WORDS]) or passages.titles[at]
        asked.append(Query(text, embedder.embed_query(text)))
    return asked


class Rows:
    """`count` rows: row r repeats passage r % n. A document of each repeat is one of its own."""

    def __init__(self, passages: Passages, count: int) -> None:
        self._passages = passages
        self.count = count

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(v + 1,) where each document begins, and the end."""
        base = len(self._passages.texts)
        names = np.array(self._passages.documents)
        firsts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]]))
        repeats = np.arange(-(-self.count // base), dtype=np.int64)
        starts = (repeats[:, None] * base + firsts[None, :]).ravel()
        return np.append(starts[starts < self.count], self.count)

    @cached_property
    def tiers(self) -> NDArray[np.int_]:
        """(v,) tier of each document: in random order, each tier takes what still fits into its share of all rows."""
        sizes = np.diff(self.starts).tolist()
        tiers = np.full(len(sizes), len(SHARES) - 1)
        left = np.random.default_rng((SEED, 2)).permutation(len(sizes)).tolist()
        filled = 0
        for tier, share in enumerate(SHARES[:-1]):
            rest = []
            for document in left:
                if filled + sizes[document] <= share * self.count:
                    tiers[document] = tier
                    filled += sizes[document]
                else:
                    rest.append(document)
            left = rest
        return tiers

    @property
    def row_tiers(self) -> NDArray[np.int_]:
        """(count,) tier of each row."""
        return np.repeat(self.tiers, np.diff(self.starts))

    def keys(self) -> list[bytes]:
        """(v,) KEY of each document."""
        base = len(self._passages.texts)
        sources = [f"{self._passages.documents[start % base]}#{start // base}" for start in self.starts[:-1].tolist()]
        return [uuid.UUID(document_id(source)).bytes + hashlib.sha256(source.encode()).digest() for source in sources]

    def texts(self, first: int, last: int) -> Iterator[str]:
        """What is indexed of rows [first, last)."""
        base = len(self._passages.texts)
        for row in range(first, last):
            repeat, at = divmod(row, base)
            text = self._passages.texts[at]
            yield f"{self._passages.titles[at]}\n{self._changed(text, row) if repeat else text}"

    def vectors(self, first: int, last: int) -> NDArray[np.float32]:
        """(last - first, d) of unit length."""
        base, dimension = self._passages.vectors.shape
        parts = []
        for repeat in range(first // base, -(-last // base)):
            low, high = max(first, repeat * base) - repeat * base, min(last, (repeat + 1) * base) - repeat * base
            vectors = self._passages.vectors[low:high]
            if repeat:
                random = np.random.default_rng((SEED, 3, repeat))
                steps = random.standard_normal((base, dimension), np.float32)[low:high]
                vectors = vectors + _STEP * steps / np.linalg.norm(steps, axis=1, keepdims=True)
            parts.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        return np.concatenate(parts).astype(np.float32)

    def index_rows(self, first: int, last: int) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        """Rows [first, last) as the catalog would give them."""
        keys = self.keys()
        owners = np.searchsorted(self.starts, np.arange(first, last), side="right") - 1
        vectors = self.vectors(first, last)
        for row, (text, owner) in enumerate(zip(self.texts(first, last), owners.tolist(), strict=True), first):
            yield IndexRow(chunk_id("scale", str(row), 0, 0), keys[owner], text), vectors[row - first]

    @cached_property
    def _vocabulary(self) -> Sequence[str]:
        return sorted({word for text in self._passages.texts[::7] for word in text.split()})

    def _changed(self, text: str, row: int) -> str:
        words, random = text.split(), np.random.default_rng((SEED, 4, row))
        at = np.flatnonzero(random.random(len(words)) < _CHANGED)
        for place, other in zip(at.tolist(), random.integers(0, len(self._vocabulary), len(at)).tolist(), strict=True):
            words[place] = self._vocabulary[other]
        return " ".join(words)
