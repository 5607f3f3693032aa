"""Where ingestion was unsure of the words that an answer cites, the answer says so, and so does its record."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from generation.types import Answer, CitationEvent, FinalEvent, SentenceEvent
from ingest.types import FileWarning, WarningKind
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))
RENT = "The rent is £500 per month. Dogs are welcome."
REDLINE = FileWarning(WarningKind.REDLINE, "The rent was changed and the change is tracked.", 2, 0, 27)


async def _asked(parts: Any, shelf: Any, source: Any, text: str) -> tuple[list[Any], Any]:
    service, _, trail = parts(text, shelf=shelf((source(RENT, warnings=(REDLINE,)),)))
    return [event async for event in service.stream("What is the rent?", ANA)], trail


async def test_events_answer_and_record_say_what_is_unsure(parts: Any, shelf: Any, source: Any) -> None:
    events, trail = await _asked(parts, shelf, source, "The rent is £500 per month [1]. Dogs are welcome [1].")
    cited = [event.citation.warnings for event in events if isinstance(event, CitationEvent)]
    said = [event.sentence.cautions for event in events if isinstance(event, SentenceEvent)]
    assert cited == [(REDLINE,), ()]
    assert said == [(WarningKind.REDLINE,), ()]
    answer = next(event.answer for event in events if isinstance(event, FinalEvent))
    (caution,) = answer.cautions
    assert (caution.kind, caution.words, caution.citations) == (WarningKind.REDLINE, REDLINE.words, (1,))
    recorded = json.loads(json.dumps(trail.records[0]["answer"], default=str))
    assert recorded["cautions"] == [{"kind": "redline", "words": REDLINE.words, "citations": [1]}]
    assert recorded["citations"][0]["warnings"][0]["words"] == REDLINE.words


async def test_answers_of_before_are_read_as_ever(parts: Any, shelf: Any, source: Any) -> None:
    _, trail = await _asked(parts, shelf, source, "Dogs are welcome [1].")
    recorded = json.loads(json.dumps(trail.records[0]["answer"], default=str))
    assert recorded.pop("cautions") == []
    for citation in recorded["citations"]:
        for name in ("warnings", "page_label", "bates", "cell", "confidence"):
            del citation[name]
    for sentence in recorded["sentences"]:
        del sentence["cautions"]
    old = TypeAdapter(Answer).validate_python(recorded)
    assert (old.answer, old.cautions, old.citations[0].warnings) == ("Dogs are welcome.", (), ())
