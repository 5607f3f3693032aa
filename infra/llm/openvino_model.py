"""A GGUF language model on OpenVINO: converted once, read in one piece, its fixed prompts kept, written greedily.

OpenVINO GenAI converts the file and brings its tokenizer. Its pipelines tell the probability of the chosen token only,
so the graph is run here, which gives every logit. The same messages take the same steps through the same kernels,
whatever was asked before. A reply and the reading of a state have each a lane of the cache: a state may be asked for
between two tokens of a reply.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.errors import GeneratorRejected
from infra.llm.openvino_graph import Blocks, Logits, PagedGraph, States

Message = dict[str, str]

_GRAPH = "openvino_model.xml"
_PREFIXES = 8  # fixed parts of prompts that are kept: the answer's, the judge's and a few more
_DRAFT = 6  # tokens that are taken from the prompt and read at once
_RUN = 3  # tokens that have to agree before a draft is taken
_REPLY, _STATE = 0, 1  # lanes


def converted(gguf: Path, cache: Path, digest: str) -> Path:
    """The folder with the converted model; made if it is not there, in which case older ones of the file are removed.

    Two processes may do so at once: each has a folder of its own until the last moment. Raises `OSError`, and
    `RuntimeError` or `LookupError` for a file that OpenVINO cannot read.
    """
    folder = cache / f"{digest[:16]}-{version('openvino-genai')}"
    if (folder / _GRAPH).exists():
        return folder
    import openvino_genai

    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="part-") as name:
        part = Path(name)
        (part / "model.gguf").symlink_to(gguf.resolve())  # it saves beside the file that it reads
        openvino_genai.LLMPipeline(str(part / "model.gguf"), "CPU", enable_save_ov_model=True)
        (part / "model.gguf").unlink()
        for old in cache.glob(f"{digest[:16]}-*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        if not folder.exists():
            part.chmod(0o755)
            part.rename(folder)
            part.mkdir()  # for the context manager to remove
    return folder


class OpenVinoModel:
    """A converted model, loaded. Not for several threads at once.

    Args:
        folder: see `converted`.
        context_tokens: of prompt and reply together.
    """

    def __init__(self, folder: Path, *, threads: int, context_tokens: int) -> None:
        import openvino_genai

        self._context_tokens = context_tokens
        self._tokenizer = openvino_genai.Tokenizer(str(folder))
        self._graph = PagedGraph(folder / _GRAPH, threads=threads, tokens=context_tokens, lanes=2)
        self._kept: OrderedDict[tuple[int, ...], Blocks] = OrderedDict()
        self._place = 0  # tokens in the cache that count
        self._prompt: list[int] = []

    def start(self, messages: Sequence[Message]) -> tuple[int, Logits]:
        """Reads the messages; the number of their tokens and the logits of the first token of a reply.

        All but the last one are taken from what was kept of an earlier request, if they were the same. Either way the
        last one is read after a copy of them, so that it makes no difference. Raises
        `GeneratorRejected` if they leave no room for a reply.
        """
        fixed, last = self._messages(messages)
        self._restore(fixed, _REPLY)
        self._place, self._prompt = len(fixed), last
        return len(fixed) + len(last), self._read(last)[-1]

    def states(self, messages: Sequence[Message], since: str) -> tuple[int, States]:
        """Reads the messages beside what is being written; the number of their tokens, and the states (2, width) of the
        end of the last message from the last `since` on: their mean and the last one.

        Raises as `start` does, and if `since` does not stand there.
        """
        fixed, last = self._messages(messages)
        before, mark, end = _turns(messages[-1:], reply=True).rpartition(since)
        if not mark:
            raise GeneratorRejected(f"the last message does not hold {since!r}")
        told = self._tokens(mark + end)
        self._restore(fixed, _STATE)
        states = self._graph.states([*self._tokens(before), *told], len(fixed), len(told), _STATE)
        return len(fixed) + len(last), np.stack([states.mean(0), states[-1]])

    def write(self, logits: Logits, most: int) -> Iterator[int]:
        """The likeliest reply, token by token, to what was read: `most` tokens at most, the end of the reply left out.

        Where the last tokens stand in the prompt, the next ones there are read along with them and kept as far as they
        are what the model would have written (prompt lookup decoding, Saxena 2023).
        """
        ends = {self._tokenizer.get_eos_token_id()}
        written: list[int] = []
        room = min(most, self._context_tokens - self._place)
        token = int(logits.argmax())
        while len(written) < room and token not in ends:
            written.append(token)
            yield token
            if len(written) == room:
                return
            draft = _continued(self._prompt, written)[: room - len(written)]
            rows = self._read([token, *draft], len(draft) + 1).argmax(axis=-1).tolist()
            right = 0
            while right < len(draft) and rows[right] == draft[right] and draft[right] not in ends:
                right += 1
            self._place -= len(draft) - right  # what was read of a wrong draft is written over
            for accepted in draft[:right]:
                written.append(accepted)
                yield accepted
            token = int(rows[right])

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens say; a character of which only a part is there is left out."""
        said: str = self._tokenizer.decode(list(tokens), skip_special_tokens=True)
        return said.rstrip("�")

    def piece(self, token: int) -> str:
        """One token as text."""
        said: str = self._tokenizer.decode([token], skip_special_tokens=False)
        return said

    def _messages(self, messages: Sequence[Message]) -> tuple[tuple[int, ...], list[int]]:
        """The tokens of all but the last one, and of the last one with the beginning of a reply."""
        fixed = self._tokens(_turns(messages[:-1], reply=False))
        last = self._tokens(_turns(messages[-1:], reply=True))
        tokens = len(fixed) + len(last)
        if tokens >= self._context_tokens:
            raise GeneratorRejected(
                f"the request exceeds the available context size: {tokens} tokens of {self._context_tokens}"
            )
        return tuple(fixed), last

    def _tokens(self, text: str) -> list[int]:
        if not text:
            return []
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).input_ids.data[0].tolist()
        return found

    def _restore(self, fixed: tuple[int, ...], lane: int) -> None:
        """Brings a lane of the cache to hold these tokens and nothing else."""
        if not fixed:
            return
        if fixed in self._kept:
            self._graph.restore(self._kept[fixed], lane)
        else:
            self._graph.read(fixed, 0, 1, lane)
            self._kept[fixed] = self._graph.saved(len(fixed), lane)
        self._kept.move_to_end(fixed)
        if len(self._kept) > _PREFIXES:
            self._kept.popitem(last=False)

    def _read(self, tokens: Sequence[int], wanted: int = 1) -> NDArray[np.float32]:
        """Takes the tokens in; (wanted, vocabulary) logits after the last of them."""
        logits = self._graph.read(tokens, self._place, wanted)
        self._place += len(tokens)
        return logits


def _turns(messages: Sequence[Message], *, reply: bool) -> str:
    """Messages in ChatML, as the Qwen2.5 and SmolLM2 families have it."""
    turns = [f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n" for message in messages]
    return "".join(turns) + ("<|im_start|>assistant\n" if reply else "")


def _continued(prompt: Sequence[int], written: Sequence[int]) -> list[int]:
    """What follows in the prompt where the last `_RUN` tokens written stand in it, from its end on; [] if nowhere."""
    tail = list(written[-_RUN:])
    if len(tail) < _RUN:
        return []
    for start in range(len(prompt) - _RUN - 1, -1, -1):
        if prompt[start : start + _RUN] == tail:
            return list(prompt[start + _RUN : start + _RUN + _DRAFT])
    return []
