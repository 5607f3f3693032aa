"""A client of a running service.

    from footnote.client import Client

    with Client("http://127.0.0.1:8000", "fn_...") as client:
        answer = client.ask("Which contracts renew by themselves?")

It needs pydantic and httpx2, and nothing else of Footnote. `AsyncClient` is the same for an event loop; `models` has
all that is answered; `errors` draws the tree of what can go wrong.
"""

from footnote.client import errors, models
from footnote.client._async.client import AsyncClient
from footnote.client._sync.client import Client
from footnote.client.errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    FootnoteClientError,
    FootnoteProblem,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotSetUp,
    TookTooLong,
    TooLarge,
    TooMuch,
    Unavailable,
    UnexpectedReply,
)
from footnote.client.events import AnswerEvent
from footnote.client.files import File, Upload

__all__ = [
    "AnswerEvent", "AsyncClient", "ChangedMeanwhile", "Client", "ConnectionFailed", "File", "FootnoteClientError",
    "FootnoteProblem", "Invalid", "NotAllowed", "NotAuthenticated", "NotFound", "NotSetUp", "TooLarge", "TooMuch",
    "TookTooLong", "Unavailable", "UnexpectedReply", "Upload", "errors", "models",
]  # fmt: skip
