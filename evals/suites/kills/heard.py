"""What clients of a service were told before it was killed, without judging it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Question:
    """A question, made unique among those of one service by `as_of` (ISO date), and the bytes that came back."""

    text: str
    as_of: str
    received: bytes = b""

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and data of each event that came whole."""
        for block in self.received.decode("utf-8", "ignore").split("\n\n")[:-1]:
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines and "data" in lines:
                yield lines["event"], json.loads(lines["data"])

    @property
    def answering(self) -> bool:
        """Whether any event came that says more than that the service is there, that others come first, or that it
        failed."""
        said = (name for name, data in self.events() if data.get("stage") != "waiting")
        return any(name not in ("heartbeat", "error", "done") for name in said)

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(data["sentence"]["text"] for name, data in self.events() if name == "sentence")

    @property
    def audit_id(self) -> str:
        """Of an answer that came to its end; "" of any other."""
        return next((data["answer"]["audit_id"] for name, data in self.events() if name == "final"), "")


@dataclass(slots=True)
class Heard:
    """Of one service, from start to kill.

    `uploaded`: id and SHA-256 of each file that was told to be a document now; `accepted`: SHA-256 of each file of a
    job that was accepted; `deleted` and `restored`: ids of which this was told. `erasing`: ids whose erasure was begun.
    `statuses`: how often each status came, by what was asked.
    """

    questions: list[Question] = field(default_factory=list)
    uploaded: list[tuple[str, str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    erasing: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
