"""Suite "engines" of `footnote bench generation`: every question once, and how far two engines agree."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from api.commands.output import UsageError
from evals.bench.generation import engines
from generation.types import ChatMessage, Delta, Usage
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


@pytest.mark.parametrize("count", [1, 3])
async def test_every_question_is_asked_once_and_replies_stay_in_order(count: int) -> None:
    asked = [[ChatMessage("user", f"Q{number}")] for number in range(7)]
    found, seconds = await engines._all([Echo() for _ in range(count)], asked, 9, "echo")  # type: ignore[arg-type]
    assert [row["raw"] for row in found] == [f"Q{number} [1]." for number in range(7)]
    line = engines._line("echo", count, found, seconds)
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
