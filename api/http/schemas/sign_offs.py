"""Sign-offs of answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.http.schemas.values import whole
from generation.people import SignOff, SignVerdict

MAX_WORDS_CHARS = 2000


class SignOffIn(BaseModel):
    """What you say of it. `changed`: it holds with other words, which `words` say. NUL characters in them are
    left out."""

    model_config = ConfigDict(extra="forbid")

    verdict: SignVerdict
    words: Annotated[str, BeforeValidator(whole), Field(max_length=MAX_WORDS_CHARS)] = ""


class SignOffOut(BaseModel):
    """`sentence`: its number in the answer, from 1; null: of the answer as a whole. `by`: `user:NAME`."""

    audit_id: str
    sentence: int | None
    by: str
    at: datetime
    verdict: SignVerdict
    words: str

    @classmethod
    def of(cls, one: SignOff) -> Self:
        return cls(
            audit_id=one.audit_id, sentence=one.sentence, by=one.by, at=one.at, verdict=one.verdict, words=one.words
        )


class SignOffsOut(BaseModel):
    sign_offs: list[SignOffOut]
