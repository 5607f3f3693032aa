"""The sentence-transformers adapter with real weights; run by `make test-torch`."""

import numpy as np
import pytest

from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir
from ingest.embedding import SentenceTransformerEmbedder


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    store = ModelStore(default_cache_dir(), Manifest.load())
    return SentenceTransformerEmbedder(str(store.path("all-MiniLM-L6-v2")), name="all-MiniLM-L6-v2")


def test_rows_are_unit_vectors_of_the_declared_dimension(embedder: SentenceTransformerEmbedder) -> None:
    rows = embedder.embed_documents(["A contract ends.", "Pumps are calibrated every year."])
    assert rows.shape == (2, embedder.dimension) == (2, 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert embedder.embed_documents([]).shape == (0, 384)


def test_a_row_depends_on_its_own_text_only(embedder: SentenceTransformerEmbedder) -> None:
    text = "Either party may end this agreement."
    alone = embedder.embed_documents([text])[0]
    among = embedder.embed_documents(["short", text, "a much longer text " * 40])[1]
    assert alone.tobytes() == among.tobytes()


def test_the_nearest_text_is_the_one_that_answers(embedder: SentenceTransformerEmbedder) -> None:
    texts = ["The notice period is sixty days.", "Lunch is served at noon.", "The pump weighs two kilograms."]
    scores = embedder.embed_documents(texts) @ embedder.embed_query("How long before the end must notice be given?")
    assert int(scores.argmax()) == 0
