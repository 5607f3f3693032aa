"""The graph of a converted model over a cache of blocks (paged attention), with room for a few sequences.

Compiled twice where the processor multiplies bf16 matrices: in bf16 to read many tokens at once, in f32 for the few of
a reply, for each is slow at the work of the other. Both write into and read from the same cache. The last token of a
prompt is read in f32, so the other graph needs no output layer.

Besides logits there are states: what the model holds of a token after three quarters of its layers. A trained judge
reads from them what was understood (probes: Alain and Bengio 2016, arXiv 1610.01644; of the truth of statements: Azaria
and Mitchell 2023, arXiv 2304.13734).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
States = NDArray[np.float32]
"""(tokens, width of the model)"""
Blocks = list[NDArray[np.uint8]]
"""Keys and values of each layer: (blocks, heads, ..)."""

FEW = 16  # tokens that are read in f32 at most
# Tokens that are read at once in bf16; a rest is filled up to one of them. The plugin unpacks the weights anew for
# about every 128 tokens, and other numbers of tokens take longer.
_STEPS = (32, 64, 128)
_ROOMY = 8 << 30  # bytes of the machine from which the weights are held twice
_KEEP, _AT, _STATES = "keep", "at", "states"
_LAYER = "model.layers.self_attn.add1.layer"  # the names of the sums that layers end with
_NUMBERS = {"KV_CACHE_PRECISION": "u8", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "32"}


def numbers() -> dict[str, str]:
    """What decides the numbers on this machine; it goes into the record (`api.wiring.answering.engine`)."""
    pieces = {"STEPS": ",".join(map(str, _STEPS))} if reading() == "bf16" else {}
    return {**_NUMBERS, "READ": reading(), "WRITE": "f32", **pieces}


def reading() -> str:
    """The precision in which many tokens are read: bf16 where the processor multiplies matrices of it (AMX), on a
    machine that has the memory for a second set of weights."""
    cpu = Path("/proc/cpuinfo")
    if not cpu.exists() or "amx_bf16" not in cpu.read_text():
        return "f32"
    return "bf16" if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >= _ROOMY else "f32"


class PagedGraph:
    """A graph with its cache. Not for several threads at once.

    Args:
        path: the graph (.xml) as OpenVINO GenAI converts it.
        tokens: what the cache has to hold of each sequence.
        lanes: sequences that it holds beside each other, which do not see each other.
    """

    def __init__(self, path: Path, *, threads: int, tokens: int, lanes: int = 1) -> None:
        import openvino

        core = openvino.Core()
        options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, **_NUMBERS}
        graph = _paged(core.read_model(str(path)))
        graphs = {"bf16": _reader(graph.clone())} if reading() == "bf16" else {}
        requests = {}
        for precision, changed in {**graphs, "f32": _with_chosen_logits(graph)}.items():
            compiled = core.compile_model(changed, "CPU", {**options, "INFERENCE_PRECISION_HINT": precision})
            requests[precision] = compiled.create_infer_request()
        self._few, self._many = requests["f32"], requests.get("bf16")
        shapes = dict(_cache_shapes(compiled))
        self._block = shapes["value_cache.0"][2]  # tokens
        self._lane = self._blocks(tokens)
        self._spare = lanes * self._lane  # the first of the blocks for what fills up
        count = self._spare + self._blocks(_STEPS[-1])
        self._cache: Blocks = []
        for name, shape in shapes.items():
            blocks = np.zeros((count, *shape[1:]), np.uint8)  # memory is taken where it is used
            self._cache.append(blocks)
            for request in requests.values():
                request.set_tensor(name, openvino.Tensor(blocks, shared_memory=True))
        self.read([0] * (FEW + 1), 0, 1)  # the weights are packed at the first reading, which takes seconds

    def read(self, tokens: Sequence[int], place: int, wanted: int, lane: int = 0) -> Logits:
        """Takes in tokens that follow the first `place` ones; (wanted, vocabulary) logits after the last of them.

        More than one are to be had of `FEW` tokens or fewer.
        """
        few = len(tokens)
        if self._many and few > FEW:
            few = _beyond(few) or 1
        self._swallow(tokens[: len(tokens) - few], place, lane)
        found = self._last(tokens[len(tokens) - few :], place + len(tokens) - few, wanted, lane)
        logits: Logits = found["logits"][:, 0]
        return logits

    def states(self, tokens: Sequence[int], place: int, wanted: int, lane: int = 0) -> States:
        """Takes in tokens as `read` does; the states of the last `wanted` of them."""
        few = _beyond(len(tokens)) if self._many else len(tokens)
        many = len(tokens) - few
        found = self._swallow(tokens[:many], place, lane, max(wanted - few, 0))
        if few:
            found.append(self._last(tokens[many:], place + many, min(wanted, few), lane)[_STATES][:, 0].copy())
        return np.concatenate(found)

    def saved(self, tokens: int, lane: int = 0) -> Blocks:
        """A copy of what the cache holds of the first tokens, for `restore`."""
        first = lane * self._lane
        return [blocks[first : first + self._blocks(tokens)].copy() for blocks in self._cache]

    def restore(self, saved: Blocks, lane: int = 0) -> None:
        """Puts a copy back, into any lane."""
        first = lane * self._lane
        for blocks, kept in zip(self._cache, saved, strict=True):
            blocks[first : first + len(kept)] = kept

    def _swallow(self, tokens: Sequence[int], place: int, lane: int, wanted: int = 0) -> list[States]:
        """Takes in tokens in bf16; the states of the last `wanted` of them, by pieces."""
        found: list[States] = []
        if self._many:
            left = len(tokens)
            for part, filled in _parts(tokens):
                left -= len(part)
                first = max(0, len(part) - max(wanted - left, 0))
                at = np.arange(first, len(part)) if first < len(part) else np.array([0])
                told = self._many.infer({**self._inputs(part, filled, place, lane), _AT: at})
                if first < len(part):
                    found.append(told[_STATES][:, 0].copy())
                place += len(part)
        return found

    def _last(self, tokens: Sequence[int], place: int, wanted: int, lane: int) -> Any:
        """Takes in tokens in f32; what the graph gives for the last `wanted` of them."""
        keep = np.array([len(tokens) - wanted, len(tokens)], np.int64)
        return self._few.infer({**self._inputs(tokens, 0, place, lane), _KEEP: keep})

    def _blocks(self, tokens: int) -> int:
        return -(-tokens // self._block)

    def _inputs(self, tokens: Sequence[int], filled: int, place: int, lane: int) -> dict[str, NDArray[Any]]:
        """`filled` tokens of a second sequence go along, to which the first one is blind."""
        count, used, spare = len(tokens), self._blocks(place + len(tokens)), self._blocks(filled)
        sequences = 2 if filled else 1
        positions = [*range(place, place + count), *range(filled)]
        first = lane * self._lane
        blocks = [*range(first, first + used), *range(self._spare, self._spare + spare)]
        return {
            "input_ids": np.array([*tokens, *[0] * filled], np.int64),
            "position_ids": np.array(positions, np.int64),
            "past_lens": np.array([place, 0][:sequences], np.int32),
            "subsequence_begins": np.array([0, count, count + filled][: sequences + 1], np.int32),
            "block_indices": np.array(blocks, np.int32),
            "block_indices_begins": np.array([0, used, used + spare][: sequences + 1], np.int32),
            "max_context_len": np.array(max(place + count, filled), np.int32),
        }


def _beyond(count: int) -> int:
    """How many of the last tokens would begin a piece and are too few for one."""
    beyond = count % _STEPS[-1]
    return beyond if beyond <= FEW else 0


def _parts(tokens: Sequence[int]) -> Iterator[tuple[Sequence[int], int]]:
    """Pieces to be read at once, each with the number of tokens that fill it up to one of `_STEPS`."""
    for start in range(0, len(tokens), _STEPS[-1]):
        part = tokens[start : start + _STEPS[-1]]
        yield part, min(step for step in _STEPS if step >= len(part)) - len(part)


def _cache_shapes(compiled: Any) -> Iterator[tuple[str, list[int]]]:
    """Name and shape of each input that is a cache; its blocks are counted as 0."""
    for place in compiled.inputs:
        for name in place.get_names():
            if name.startswith(("key_cache.", "value_cache.")):
                _, *sizes = place.partial_shape
                yield name, [0, *(size.get_length() for size in sizes)]


def _paged(graph: Any) -> Any:
    """The graph with paged attention."""
    from openvino._offline_transformations import paged_attention_transformation

    paged_attention_transformation(graph)
    return graph


def _reader(graph: Any) -> Any:
    """The paged graph as far as the attention of its last layer, which is what is needed to fill the cache, with the
    states of the tokens that a new input tells."""
    import openvino
    from openvino import opset13

    last = [node for node in graph.get_ordered_ops() if node.get_type_name() == "PagedAttentionExtension"][-1]
    zero, one = np.array([0]), np.array([1])
    row = opset13.slice(last.output(0), zero, one, one, zero)
    at = opset13.parameter([-1], np.int64, name=_AT)
    at.output(0).get_tensor().set_names({_AT})
    state = opset13.gather(_stream(graph), at, np.array(0))
    results = [opset13.result(row), _named(state, _STATES)]
    return openvino.Model(results, [*graph.get_parameters(), at], "reader")


def _stream(graph: Any) -> Any:
    """(tokens, 1, width): what three quarters of the layers have made of each token."""
    ends = [node for node in graph.get_ordered_ops() if node.get_friendly_name().startswith(_LAYER)]
    if not ends:
        raise RuntimeError("the converted model names its layers in another way; another release of OpenVINO GenAI?")
    return ends[len(ends) * 3 // 4 - 1].output(0)


def _named(output: Any, name: str) -> Any:
    from openvino import opset13

    output.output(0).get_tensor().set_names({name})
    return opset13.result(output)


def _with_chosen_logits(graph: Any) -> Any:
    """The paged graph with logits and states of those tokens only that a new input tells, first and end: the output
    layer of a long prompt takes longer than some of the others and half a gigabyte."""
    import openvino
    from openvino import opset13

    output = graph.get_results()[0].input_value(0).get_node()
    while output.get_type_name() != "MatMul":
        output = output.input_value(0).get_node()
    keep = opset13.parameter([2], np.int64, name=_KEEP)
    keep.output(0).get_tensor().set_names({_KEEP})
    first, end = (opset13.gather(keep, np.array([n]), np.array(0)) for n in (0, 1))
    zero, one = np.array([0]), np.array([1])
    kept = opset13.slice(output.input_value(0), first, end, one, zero)
    state = opset13.slice(_stream(graph), first, end, one, zero)
    output.input(0).replace_source_output(kept.output(0))
    return openvino.Model([*graph.get_results(), _named(state, _STATES)], [*graph.get_parameters(), keep], "writer")
