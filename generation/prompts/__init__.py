"""Prompt files: a fixed part (system message and examples) and a last user message with blanks to fill."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from generation.types import ChatMessage
from retrieval.types import Passage

ANSWER, CITED = "answer", "cited"  # of a base model; of an adapter, in training and in use
_BLANK = re.compile(r"\{(\w+)\}")
_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;-]\s*\d{1,3})*)\]")
_CONTROL = re.compile(r"<\|([^\s<>|]{1,40})\|>")  # how chat templates spell their control tokens: <|im_end|>
_DIVIDER = re.compile(r"^--- (user|assistant) ---$\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `digest` is the sha256 of its bytes and goes into the audit record.

    `fixed` are the system message and the examples: the same for every question, so that a server can keep
    them cached. `user` is the last message, with blanks such as {question}.
    """

    name: str
    digest: str
    fixed: tuple[ChatMessage, ...]
    user: str

    @property
    def pinned(self) -> str:
        """For the record: `name@digest`, its first 12 digits."""
        return f"{self.name}@{self.digest[:12]}"

    def messages(self, **blanks: str) -> tuple[ChatMessage, ...]:
        """All messages; `{name}` in the last one is replaced by its blank, as plain data.

        Control, zero-width and bidirectional characters are dropped, and what a chat template would read as the end
        of a turn is put in round brackets; braces in the values stay as they are.
        """
        parts = _BLANK.split(self.user)
        parts[1::2] = [_plain(blanks[name]) for name in parts[1::2]]
        return (*self.fixed, ChatMessage("user", "".join(parts)))


def load_prompt(name: str) -> Prompt:
    """Reads `generation/prompts/<name>.md`."""
    return parse_prompt(name, files(__package__).joinpath(f"{name}.md").read_bytes())


def parse_prompt(name: str, data: bytes) -> Prompt:
    """A prompt from a file's bytes: the system message, then parts headed `--- user ---` or `--- assistant ---`."""
    system, *parts = _DIVIDER.split(data.decode())
    turns = [ChatMessage(role, text.strip()) for role, text in zip(parts[0::2], parts[1::2], strict=True)]
    fixed = (ChatMessage("system", system.strip()), *turns[:-1])
    return Prompt(name, hashlib.sha256(data).hexdigest(), fixed, turns[-1].content)


def numbered(marker: int, *parts: str) -> str:
    """A source as the model sees it: heading, table header and text under its marker.

    What looks like one of our markers is put in round brackets.
    """
    return f"[{marker}] " + _MARKER.sub(r"(\1)", "\n".join(part for part in parts if part))


def sources(passages: Sequence[Passage]) -> str:
    """All sources as the model sees them: each under its marker with title and headings, table header, text."""
    return "\n\n".join(
        numbered(passage.marker, passage.chunk.heading, passage.table_header, passage.text) for passage in passages
    )


def _plain(text: str) -> str:
    shown = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return _CONTROL.sub(r"(\1)", shown)
