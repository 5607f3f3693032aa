"""Prompt files: a system part that stays the same, so that it is cached, and a user part with blanks to fill."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from generation.types import ChatMessage

_DIVIDER = "\n--- user ---\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `digest` is the sha256 of its bytes and goes into the audit record."""

    name: str
    digest: str
    system: str
    user: str

    def messages(self, **blanks: str) -> tuple[ChatMessage, ChatMessage]:
        """System and user message; `{name}` in the user part is replaced, braces in the values stay as they are."""
        user = self.user
        parts = []
        while user:
            before, brace, rest = user.partition("{")
            name, _, after = rest.partition("}")
            parts.append(before + (blanks[name] if brace else ""))
            user = after
        return ChatMessage("system", self.system), ChatMessage("user", "".join(parts))


def load_prompt(name: str) -> Prompt:
    """Reads `generation/prompts/<name>.md`."""
    data = files(__package__).joinpath(f"{name}.md").read_bytes()
    system, _, user = data.decode().partition(_DIVIDER)
    return Prompt(name, hashlib.sha256(data).hexdigest(), system.strip(), user.strip())
