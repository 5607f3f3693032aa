"""Answers that go on without their reader."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.http.running import RunningAnswer, State


class RunningOut(BaseModel):
    """`question` as it was typed; `conversation`: its id, or "new" until it is made; `turn`: its number there, once it
    is kept. `stage` and `place` in line: as in the last status event, "" and 0 after the end. `seconds`: that it has
    taken, or took."""

    id: str
    question: str
    conversation: str
    turn: int | None
    state: State = Field(description="`stopped`: by who asked; `failed`: for another reason, which its events tell.")
    stage: str
    place: int
    started_at: datetime
    seconds: float

    @classmethod
    def of(cls, answer: RunningAnswer) -> Self:
        return cls.model_validate(answer, from_attributes=True)


class RunningList(BaseModel):
    """Newest first."""

    running: list[RunningOut]
