"""The paged graph on its own, with a real (tiny) model."""

from pathlib import Path

import numpy as np
import pytest

from infra.llm import openvino_graph
from infra.llm.openvino import available
from infra.llm.openvino_graph import PagedGraph
from infra.llm.openvino_model import converted
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir, sha256_of

pytestmark = pytest.mark.skipif(not available(), reason="no OpenVINO here")
TOKENS = [int(token) for token in np.random.default_rng(5).integers(1000, 40000, 190)]


@pytest.fixture(scope="module")
def path() -> Path:
    gguf = ModelStore(default_cache_dir(), Manifest.load()).file("SmolLM2-135M-Instruct", "model.gguf")
    return converted(gguf, default_cache_dir() / "openvino", sha256_of(gguf)) / "openvino_model.xml"


@pytest.fixture(scope="module")
def graph(path: Path) -> PagedGraph:
    return PagedGraph(path, threads=1, tokens=256)


def test_what_the_cache_held_before_makes_no_difference(graph: PagedGraph) -> None:
    """In blocks that are partly used, and in those behind them."""
    graph.read(TOKENS[:150], 0, 1)
    first = graph.read(TOKENS[150:157], 150, 7)
    other = np.random.default_rng(6)
    for blocks in graph._cache:
        blocks[:] = other.integers(0, 255, blocks.shape, np.uint8)
    graph.read(TOKENS[:150], 0, 1)
    assert graph.read(TOKENS[150:157], 150, 7).tobytes() == first.tobytes()


def test_a_saved_beginning_is_the_beginning(graph: PagedGraph) -> None:
    graph.read(TOKENS[:75], 0, 1)
    saved = graph.saved(75)
    first = graph.read(TOKENS[75:], 75, 1)
    graph.read(TOKENS[100:], 0, 1)
    graph.restore(saved)
    assert graph.read(TOKENS[75:], 75, 1).tobytes() == first.tobytes()


def test_reading_at_once_is_reading_one_by_one(graph: PagedGraph) -> None:
    """Both graphs write into one cache, and what fills up a piece is not seen: nearly the same logits."""
    whole = graph.read(TOKENS[:100], 0, 1)[0]
    for place, token in enumerate(TOKENS[:100]):
        single = graph.read([token], place, 1)[0]
    assert np.corrcoef(whole, single)[0, 1] > 0.99


def test_a_few_tokens_have_logits_each(graph: PagedGraph) -> None:
    graph.read(TOKENS[:40], 0, 1)
    few = graph.read(TOKENS[40:44], 40, 4)
    one = graph.read(TOKENS[40:43], 40, 1)
    assert few.shape[0] == 4
    assert np.corrcoef(few[2], one[0])[0, 1] > 0.99


def test_without_bf16_one_graph_does_both(path: Path, graph: PagedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_graph, "reading", lambda: "f32")
    plain = PagedGraph(path, threads=1, tokens=256)
    assert plain._many is None
    assert np.corrcoef(plain.read(TOKENS, 0, 1)[0], graph.read(TOKENS, 0, 1)[0])[0, 1] > 0.98


def test_states_are_those_of_each_token_whatever_the_lane_held(path: Path) -> None:
    """And do not depend on what is done in the other lane meanwhile."""
    graph = PagedGraph(path, threads=1, tokens=256, lanes=2)
    singles = np.stack([graph.states([token], place, 1, 1)[0] for place, token in enumerate(TOKENS)])
    reply = graph.read(TOKENS[:60], 0, 1)
    for count, wanted in ((40, 1), (40, 33), (128 + 9, 20), (190, 100), (190, 63), (12, 12)):  # in bf16, f32, both
        states = graph.states(TOKENS[:count], 0, wanted, 1)
        assert states.shape == (wanted, singles.shape[1])
        graph.read(TOKENS[100:150], 0, 1, 1)
        assert graph.states(TOKENS[:count], 0, wanted, 1).tobytes() == states.tobytes()
        for state, single, beside in zip(states, singles[count - wanted : count], singles[1:], strict=False):
            assert np.corrcoef(state, single)[0, 1] > 0.98
            assert state.tobytes() != beside.tobytes()
    follows = graph.read(TOKENS[60:64], 60, 4)
    assert graph.read(TOKENS[:60], 0, 1).tobytes() == reply.tobytes()
    assert graph.read(TOKENS[60:64], 60, 4).tobytes() == follows.tobytes()


def test_a_beginning_is_put_back_into_another_lane(path: Path) -> None:
    graph = PagedGraph(path, threads=1, tokens=256, lanes=2)
    graph.read(TOKENS[:75], 0, 1, 0)
    saved = graph.saved(75, 0)
    first = graph.states(TOKENS[75:], 75, 1, 0)
    graph.restore(saved, 1)
    assert graph.states(TOKENS[75:], 75, 1, 1).tobytes() == first.tobytes()
