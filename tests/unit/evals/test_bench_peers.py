"""Other libraries behind one protocol. Skipped for those that are not installed (extra `peers`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.systems.peers import PEERS, peer

TEXTS = [
    f"Clause {n} is about the {word} of a ship." for n, word in enumerate("anchor mast hull sail rudder deck".split())
]
TIERS = [0, 1, 0, 1, 0, 1]
MODULES = {"langchain": "langchain_classic", "llamaindex": "llama_index.core", "txtai": "txtai", "haystack": "haystack"}


class WordEmbedder:
    name = "words"
    dimension = 64

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 0.01, np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().rstrip(".").split():
                vectors[row, hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self.embed_documents([text])[0]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_finds_the_passage_and_filters_it_away(name: str) -> None:
    pytest.importorskip(MODULES[name])
    search = peer(name)(TEXTS, WordEmbedder())
    assert search("mast of a ship", 3)[0] == 1
    filtered = peer(name)(TEXTS, WordEmbedder(), TIERS)
    assert filtered("mast of a ship", 3)[0] == 1
    found = filtered("hull of a ship", 3, 0)
    assert found[0] == 2
    if name != "llamaindex":  # its BM25 gives hidden rows a score of 0 and returns them
        assert {TIERS[row] for row in found} == {0}
