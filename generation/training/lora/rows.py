"""Conversations as token ids, in batches of like length. Nothing here needs torch."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from generation.training.lora.errors import LoraError
from generation.training.lora.settings import Run

STRIDE = 32  # rows are padded to multiples: few different shapes, for each of which kernels are built once

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt and the completion to learn, both as token ids; the completion ends with the end-of-turn token."""

    id: str
    kind: str
    prompt: tuple[int, ...]
    completion: tuple[int, ...]

    @property
    def tokens(self) -> int:
        return len(self.prompt) + len(self.completion)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two completions of one prompt, the better one and the worse."""

    chosen: Row
    rejected: Row

    @property
    def id(self) -> str:
        return self.chosen.id

    @property
    def kind(self) -> str:
        return self.chosen.kind

    @property
    def tokens(self) -> int:
        """Of the longer of the two."""
        return max(self.chosen.tokens, self.rejected.tokens)


class Renderer:
    """Conversations to token ids, as the server that will run the model renders them.

    `tokenizer` is a transformers tokenizer with the model's own chat template. The prompt is tokenised alone, and
    the completion after it, as the server does: it never sees both in one piece.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._end = self._end_of_turn()

    def row(self, stated: dict[str, Any], completion: str = "completion") -> Row:
        """A row of a data file, with the text under the key `completion`. Raises `KeyError`."""
        prompt = self._tokens(self._rendered(stated["messages"]))
        answer = self._tokens(stated[completion])
        return Row(str(stated["id"]), stated.get("kind", ""), prompt, (*answer, self._end))

    def pair(self, stated: dict[str, Any]) -> Pair:
        return Pair(self.row(stated, "chosen"), self.row(stated, "rejected"))

    def _rendered(self, messages: Sequence[dict[str, str]]) -> str:
        return str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _tokens(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _end_of_turn(self) -> int:
        """The token that the template puts behind a reply: the one at which the server stops."""
        messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
        said = [*messages, {"role": "assistant", "content": "a"}]
        whole = str(self._tokenizer.apply_chat_template(said, tokenize=False))
        begin = self._rendered(messages) + "a"
        tokens = self._tokens(whole.removeprefix(begin).strip())
        if not whole.startswith(begin) or len(tokens) != 1 or tokens[0] != self._tokenizer.eos_token_id:
            raise LoraError(
                "The model's chat template does not end a reply with its end-of-sequence token: its adapters would "
                "not learn to stop. Use a model with a ChatML template."
            )
        return tokens[0]


def read(path: Path, parse: Callable[[dict[str, Any]], Item]) -> list[Item]:
    """The items of a file of JSON lines. Raises `LoraError` with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise LoraError(f"{path} cannot be read ({error.strerror}): --data names the folder that holds it.") from error
    items = [_item(f"{path}, line {number}", line, parse) for number, line in enumerate(lines, start=1) if line.strip()]
    if not items:
        raise LoraError(f"{path} holds no rows.")
    return items


def _item(place: str, line: str, parse: Callable[[dict[str, Any]], Item]) -> Item:
    try:
        return parse(json.loads(line))
    except KeyError as error:
        raise LoraError(f"{place}: the key {error} is missing.") from error
    except (TypeError, ValueError) as error:
        raise LoraError(f"{place} is no row: {error}") from error


def fitting(items: Sequence[Any], max_tokens: int, name: str) -> list[Any]:
    """The rows or pairs of at most `max_tokens`; the others are left out. Raises `LoraError` if nothing of the
    file `name` is left to learn from or to measure by."""
    fit = [item for item in items if item.tokens <= max_tokens]
    if not fit:
        raise LoraError(f"All rows of {name} have more than {max_tokens} tokens: raise max_tokens, or shorten them.")
    return fit


def drawn(items: Sequence[Any], shares: Mapping[str, float], name: str) -> list[Any]:
    """Of each kind its share, of kinds without one all; always the same rows or pairs, whatever others there are.
    Raises `LoraError` if nothing of the file `name` is left."""
    kept = [item for item in items if _fraction(item.id) < shares.get(item.kind, 1.0)]
    if not kept:
        raise LoraError(f"shares leaves no row of {name}: raise them.")
    return kept


def _fraction(name: str) -> float:
    """Of [0, 1), by the name alone."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 16**8


def padded(tokens: int) -> int:
    return -(-tokens // STRIDE) * STRIDE


def in_order(items: Sequence[Any], run: Run, sequences: int = 1) -> list[list[Any]]:
    """Rows or pairs of like length together, shorter ones first. Each takes `sequences` rows of the model's batch.

    A batch holds at least one item, and otherwise at most `run.batch_rows` rows and `run.batch_tokens` tokens.
    """
    made: list[list[Any]] = []
    for item in sorted(items, key=lambda item: padded(item.tokens)):
        count = (len(made[-1]) + 1) * sequences if made else 0
        if not made or count > run.batch_rows or count * padded(item.tokens) > run.batch_tokens:
            made.append([])
        made[-1].append(item)
    return made


def steps(items: Sequence[Any], run: Run, sequences: int = 1) -> Iterator[list[list[Any]]]:
    """The batches of each step of the run, the same for the same seed. An epoch's last step may hold fewer.

    Which rows meet in a batch, and the order of the batches, are drawn anew for each epoch.
    """
    for epoch in range(run.epochs):
        rng = random.Random(f"{run.seed}/{epoch}")
        made = in_order(rng.sample(items, len(items)), run, sequences)
        rng.shuffle(made)
        for start in range(0, len(made), run.accumulate):
            yield made[start : start + run.accumulate]
