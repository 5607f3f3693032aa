"""Suite "engines" of `footnote bench generation`: every question once, and how far two engines agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.terminal import UsageError
from evals.measuring.results import ResultFile
from evals.suites.generation import engines
from evals.systems.variants import Variant
from generation.errors import GeneratorUnavailable
from generation.prompts import load_prompt
from generation.types import ChatMessage, Delta, Usage
from infra.llm.vllm import VllmServer
from retrieval.types import ChunkText, Passage

TEXT = "The rent is 500 euros."
CHUNK = ChunkText("d", "d", 1, "", "Lease", "s", 0, 0, len(TEXT), TEXT, (), None)
ROW = {"context": [asdict(Passage(at, CHUNK, TEXT, 0, len(TEXT))) for at in (1, 2)]}


class Echo:
    """A `ChatModel` that says what it is asked, one at a time."""

    def __init__(self) -> None:
        self.busy = False

    async def stream(self, messages: Sequence[ChatMessage], **_: Any) -> Any:
        assert not self.busy
        self.busy = True
        await asyncio.sleep(0.001)
        yield Delta(f"{messages[-1].content} [1].")
        yield Delta("", Usage(10, 2))
        self.busy = False

    async def aclose(self) -> None:
        assert not self.busy


ASKED = {"key": "golden:q", "result": {"query": "What is the rent?"}, **ROW}


def wanted(tmp_path: Path, max_tokens: int = 9) -> Variant:
    return Variant("m", "m", tmp_path / "m.gguf", "d" * 64, None, "", load_prompt("answer"), max_tokens, 512, 2)


def settings(**given: Any) -> Any:
    return SimpleNamespace(**{"vllm_python": Path("/nowhere/python"), "vllm": {"max-num-seqs": 8}} | given)


async def test_an_engine_starts_only_for_rounds_that_the_results_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[str] = []

    def serving(name: str) -> Any:
        @asynccontextmanager
        async def serve(*_: object) -> AsyncIterator[Any]:
            started.append(name)
            yield lambda _: Echo()

        return serve

    monkeypatch.setattr(engines, "own_vllm", lambda *_: None)
    monkeypatch.setattr(engines, "_vllm", serving("vllm"))
    monkeypatch.setattr(engines, "_llama_cpp", serving("llama.cpp"))
    out = tmp_path / "r.jsonl"
    found = await engines.measure(wanted(tmp_path), settings(), [ASKED], ResultFile(out))
    assert found["agreement"]["same words"] == 1.0
    assert started == ["vllm", "llama.cpp"]
    told = capsys.readouterr().out
    lines = out.read_text().splitlines()
    out.write_text("\n".join(lines[:4]) + "\n")  # interrupted before the last two rounds of llama.cpp
    assert await engines.measure(wanted(tmp_path), settings(), [ASKED], ResultFile(out)) == found
    assert started == ["vllm", "llama.cpp", "llama.cpp"]
    assert await engines.measure(wanted(tmp_path), settings(), [ASKED], ResultFile(out)) == found
    assert len(started) == 3
    assert capsys.readouterr().out.count("llama.cpp") == 2 * told.count("llama.cpp") == 6
    await engines.measure(wanted(tmp_path), settings(vllm={}), [ASKED], ResultFile(out))
    assert started[3:] == ["vllm"]
    await engines.measure(wanted(tmp_path, 10), settings(), [ASKED], ResultFile(out))
    await engines.measure(wanted(tmp_path), settings(), [ASKED, ASKED], ResultFile(out))
    assert started[4:] == ["vllm", "llama.cpp"] * 2


async def test_a_missing_vllm_is_told_before_llama_cpp_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = VllmServer(Path("/nowhere/python"), "m", "m", context_tokens=512, log_path=tmp_path / "vllm.log")
    monkeypatch.setattr(engines, "own_vllm", lambda *_: missing)
    monkeypatch.setattr(engines, "llama_cpp", lambda *_: pytest.fail("llama.cpp was started"))
    with pytest.raises(GeneratorUnavailable, match="/nowhere/python"):
        await engines.measure(wanted(tmp_path), settings(), [ASKED], ResultFile(None))


@pytest.mark.parametrize("count", [1, 3])
async def test_every_question_is_asked_once_and_replies_stay_in_order(count: int) -> None:
    asked = [[ChatMessage("user", f"Q{number}")] for number in range(7)]
    found, seconds = await engines._all([Echo() for _ in range(count)], asked, 9, "echo")  # type: ignore[arg-type]
    assert [row["raw"] for row in found] == [f"Q{number} [1]." for number in range(7)]
    line = engines._line(count, found, seconds)
    assert (line["count"], line["at_once"]) == (7, count)
    assert line["read_per_second"] == pytest.approx(5 * line["written_per_second"], rel=0.01)


def test_agreement_is_of_words_of_markers_and_of_refusals() -> None:
    said = {
        "llama.cpp": [f"{TEXT[:-1]} [1].", f"{TEXT[:-1]} [1].", "NOT FOUND", f"{TEXT[:-1]} [1]."],
        "vllm": [f"{TEXT[:-1]} [1].", "It is 500 euros [1].", f"{TEXT[:-1]} [1].", f"{TEXT[:-1]} [2]."],
    }
    assert engines._agreement([ROW] * 4, said) == {
        "replies": 4,
        "same words": 0.25,
        "same markers": 0.5,
        "same refusals": 0.75,
    }


def test_the_folder_for_vllm_lies_beside_the_gguf(tmp_path: Path) -> None:
    gguf = tmp_path / "adapter.gguf"
    with pytest.raises(UsageError, match=r"adapter_model\.safetensors"):
        engines.peft_folder(gguf)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_model.safetensors").touch()
    assert engines.peft_folder(gguf) == tmp_path / "adapter"
    (tmp_path / "adapter_model.safetensors").touch()
    assert engines.peft_folder(gguf) == tmp_path
