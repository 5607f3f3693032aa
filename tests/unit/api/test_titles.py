"""What people call their conversations and reviews is shown in lists of others' words: on one line, as it is read."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from api.http.schemas.conversations import ConversationChange, ConversationIn
from api.http.schemas.reviews import NewReview, ReviewChange

BREAKS = "\n\r\x0b\x0c\x1c\x85\u2028\u2029"
TURNS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
CASES = [
    (ConversationIn, "title"),
    (ConversationIn, "matter"),
    (ConversationChange, "title"),
    (ConversationChange, "matter"),
    (NewReview, "title"),
    (ReviewChange, "title"),
]


@pytest.mark.parametrize(("model", "field"), CASES)
def test_a_name_has_one_line_and_turns_nothing_around(model: type[BaseModel], field: str) -> None:
    rest = {"title": "x", "questions": ["What?"]} if model is NewReview else {}
    for letter in (*BREAKS, *TURNS, "\0", "\x1b"):
        with pytest.raises(ValidationError):
            model.model_validate({**rest, field: f"Kestrel{letter}Harbor"})
    for name in ("Kestrel & Söhne, § 5 (“rents”)", "פגישה", "租金", "=1+1", "<b>"):
        assert getattr(model.model_validate({**rest, field: name}), field) == name
