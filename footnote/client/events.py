# Written by `python -m api.client_writer`: change the API, or the writer.
"""What comes bit by bit."""

from __future__ import annotations

from typing import TypeAlias

from footnote.client.models import (
    AbsenceEvent,
    CitationEvent,
    FinalEvent,
    LookedEvent,
    RetrievalEvent,
    SentenceEvent,
    StatusEvent,
)

AbsenceTold: TypeAlias = StatusEvent | LookedEvent | AbsenceEvent
ABSENCE_EVENTS: dict[str, type[AbsenceTold]] = {
    "status": StatusEvent,
    "looked": LookedEvent,
    "absence": AbsenceEvent,
}

AnswerEvent: TypeAlias = StatusEvent | RetrievalEvent | CitationEvent | SentenceEvent | FinalEvent
ANSWER_EVENTS: dict[str, type[AnswerEvent]] = {
    "status": StatusEvent,
    "retrieval": RetrievalEvent,
    "citation": CitationEvent,
    "sentence": SentenceEvent,
    "final": FinalEvent,
}

EventsTold: TypeAlias = StatusEvent | RetrievalEvent | CitationEvent | SentenceEvent | FinalEvent
EVENTS_EVENTS: dict[str, type[EventsTold]] = {
    "status": StatusEvent,
    "retrieval": RetrievalEvent,
    "citation": CitationEvent,
    "sentence": SentenceEvent,
    "final": FinalEvent,
}
