"""Near-duplicate hits, shown once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from retrieval.types import Hit

_SHINGLE_WORDS = 5
_ALIKE = 0.9


def collapse(hits: Sequence[Hit], enough: int, apart: Collection[str] = ()) -> list[Hit]:
    """The first `enough` hits that do not say the same as a better one; those that do become its `copies`.

    The same: at least nine tenths of their five-word shingles in common (Jaccard similarity; Broder 1997, "On the
    resemblance and containment of documents"). Hits of two different documents among `apart`, their ids, never are. Of
    those that stand for one larger span (`ChunkText.parent`) the best is kept alone: the others would show it again.
    """
    kept: list[Hit] = []
    sizes: list[int] = []
    holders: dict[tuple[str, ...], list[int]] = {}  # shingle -> which of `kept` hold it
    spans: set[tuple[str, int, tuple[int, int]]] = set()
    for hit in hits:
        if len(kept) == enough:
            break
        chunk = hit.chunk
        if chunk.parent is not None:
            span = chunk.document_id, chunk.version, chunk.parent
            if span in spans:
                continue
            spans.add(span)
        shingles = _shingles(hit.chunk.text)
        shared = Counter(at for shingle in shingles for at in holders.get(shingle, ()))
        same = [
            at
            for at, common in shared.items()
            if common >= _ALIKE * (len(shingles) + sizes[at] - common) and not _stand_apart(hit, kept[at], apart)
        ]
        if same:
            kept[min(same)] = replace(kept[min(same)], copies=(*kept[min(same)].copies, hit.chunk))
            continue
        for shingle in shingles:
            holders.setdefault(shingle, []).append(len(kept))
        kept.append(hit)
        sizes.append(len(shingles))
    return kept


def _stand_apart(hit: Hit, other: Hit, apart: Collection[str]) -> bool:
    owners = {hit.chunk.document_id, other.chunk.document_id}
    return len(owners) > 1 and owners <= set(apart)


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = text.casefold().split()
    if len(words) < _SHINGLE_WORDS:
        return frozenset({tuple(words)})
    return frozenset(zip(*(words[at:] for at in range(_SHINGLE_WORDS)), strict=False))
