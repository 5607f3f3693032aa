# Written by `python -m api.client_writer`: change the API, or the writer.
"""An answer as it comes."""

from __future__ import annotations

from typing import TypeAlias

from footnote.client.models import CitationEvent, FinalEvent, RetrievalEvent, SentenceEvent, StatusEvent

AnswerEvent: TypeAlias = StatusEvent | RetrievalEvent | CitationEvent | SentenceEvent | FinalEvent
ANSWER_EVENTS: dict[str, type[AnswerEvent]] = {
    "status": StatusEvent,
    "retrieval": RetrievalEvent,
    "citation": CitationEvent,
    "sentence": SentenceEvent,
    "final": FinalEvent,
}
