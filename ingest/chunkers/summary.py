"""What a document is about, in one line that is indexed with each of its chunks and never cited.

Chunks of documents that read alike, as contracts do, are told apart by it: summary-augmented chunking (Reuter et al.
2025, arXiv 2510.06999).
"""

from __future__ import annotations

from itertools import islice

import numpy as np

from ingest.chunkers.sentences import sentences
from ingest.cutting import untied
from ingest.protocols import Vectors
from ingest.types import Document, ElementKind

_CHARS = 150
_OPENING = 40  # sentences of the beginning, where a document says what it is
_LEAST = 30  # characters of a sentence that says something


def central_sentence(document: Document, embedded: Vectors) -> str:
    """Of the first sentences the one that is nearest to all of them; no language model, so nothing is said that the
    document does not say. "" where there are none."""
    found = list(islice(_opening(document), _OPENING))
    if not found:
        return ""
    vectors = embedded(found).astype(np.float64)
    near = np.round(vectors @ vectors.mean(axis=0), 6)
    return _cut(found[int(near.argmax())])


def _opening(document: Document) -> list[str]:
    texts = []
    for placed in document.elements:
        if placed.element.kind in {ElementKind.PARAGRAPH, ElementKind.LIST_ITEM}:
            text = placed.element.text
            texts += [text[start:end] for start, end in sentences(text[:4_000]) if end - start >= _LEAST]
        if len(texts) >= _OPENING:
            break
    return texts


def _cut(text: str) -> str:
    """The first words of it that fit, on one line."""
    text = " ".join(text.split())
    if len(text) <= _CHARS:
        return text
    at = text.rfind(" ", 1, _CHARS + 1)
    at = untied(text, at, 0) if at > 0 else _CHARS
    return text[:at].rstrip(" ,;:")
