"""What an abstention tells: what was searched and what came closest, of what the asker may read and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from generation.answering.abstaining import NEAREST, refuses
from generation.types import Status
from retrieval.types import Clue, Principal

ANA = Principal("ana", frozenset({"legal"}))
HEATING = "Repairs\n\nThe landlord repairs the roof. The tenant pays for heating."
QUESTION = "Who pays for heating?"


@pytest.fixture
def abstained(parts: Any) -> Any:
    """The answer of a service whose model finds nothing."""

    async def ask(shelf: Any, question: str = QUESTION, text: str = "NOT FOUND") -> Any:
        service, _, trail = parts(text, shelf=shelf)
        answer = await service.answer(question, ANA)
        assert (answer.status, answer.answer) == (Status.ABSTAINED, answer.explanation)
        assert (answer.sentences, answer.citations) == ((), ())
        assert trail.records[0]["answer"]["abstention"] == asdict(answer.abstention)
        return answer.abstention

    return ask


async def test_the_nearest_words_are_quoted_where_they_stand(abstained: Any, shelf: Any, source: Any) -> None:
    told = await abstained(shelf((source(HEATING, start=9),)))
    (nearest,) = told.nearest
    assert (nearest.id, nearest.quote) == (1, "The tenant pays for heating.")
    assert HEATING[nearest.start : nearest.end] == nearest.quote


async def test_at_most_three_come_best_first_whatever_the_prompt_order(abstained: Any, shelf: Any, source: Any) -> None:
    names = ["a", "b", "c", "d"]
    held = shelf(tuple(source(HEATING, name=name) for name in names))
    ranked = held.search

    async def reversed_search(*asked: Any, **given: Any) -> Any:
        result = await ranked(*asked, **given)
        return replace(result, hits=result.hits[::-1])

    held.search = reversed_search
    told = await abstained(held)
    assert [(citation.id, citation.document_id) for citation in told.nearest] == [(1, "d"), (2, "c"), (3, "b")]
    assert len(told.nearest) == NEAREST


async def test_what_does_not_resolve_is_left_out(abstained: Any, shelf: Any, source: Any) -> None:
    held = shelf((source(HEATING, name="a"), source(HEATING, name="b")), texts={"a": "Something else."})
    told = await abstained(held)
    assert [(citation.id, citation.document_id) for citation in told.nearest] == [(1, "b")]


async def test_it_tells_what_was_searched(abstained: Any, shelf: Any, source: Any) -> None:
    clue = Clue("clause", "clause 4", "4", "prefers clause 4")
    held = shelf((source(HEATING, name="a"), source(HEATING, name="a", start=9), source(HEATING, name="b")))
    found = held.search

    async def search(*asked: Any, **given: Any) -> Any:
        return replace(await found(*asked, **given), query="cleaned", clues=(clue,))

    held.search = search
    searched = (await abstained(held, "un\u200bcleaned")).searched
    assert (searched.query, searched.documents, searched.passages, searched.clues) == ("cleaned", 2, 3, (clue,))


async def test_nothing_visible_is_nothing_told(abstained: Any, shelf: Any) -> None:
    told = await abstained(shelf(()))
    assert told.nearest == ()
    assert (told.searched.documents, told.searched.passages) == (0, 0)


async def test_an_abstention_is_made_of_what_the_asker_may_read(abstained: Any, shelf: Any, source: Any) -> None:
    """Where the store reads nothing for the asker although the search found something, nothing is shown of it."""
    held = shelf((source(HEATING, name="open"), source("The tenant pays for heating in gold.", name="secret")))
    read = held.text

    async def text(document_id: str, *place: Any) -> Any:
        return None if document_id == "secret" else await read(document_id, *place)

    held.text = text
    told = await abstained(held)
    assert [citation.document_id for citation in told.nearest] == ["open"]
    assert "gold" not in json.dumps(asdict(told))


async def test_an_answer_has_no_abstention(parts: Any) -> None:
    service, _, trail = parts("Dogs are welcome [1].")
    assert (await service.answer("Dogs?", ANA)).abstention is None
    assert trail.records[0]["answer"]["abstention"] is None


@pytest.mark.parametrize(
    "text", ["NOT FOUND", "I don’t know.", "The evidence does not say.", "The sources do not tell."]
)
def test_a_refusal_is_known(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["Nothing is owed.", "The source of heat is gas.", "Evidence does not expire."])
def test_what_only_looks_like_a_refusal_is_an_answer(text: str) -> None:
    assert not refuses(text)
