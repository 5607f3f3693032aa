"""A question about a named document is not answered by documents that do not speak of what it names."""

from __future__ import annotations

from typing import Any

from retrieval.types import NamedDocument, Principal

ANA = Principal("ana", frozenset({"legal"}))
LEASE = "Kestrel lets the mill to Heron. The rent is £500."
OTHER = "Osprey lets the barn to Wren. The rent is £900."
MEMO = "The board of KESTREL raised the rent to £550 in May."
NAMED = (NamedDocument("lease", "Lease", "Kestrel … Heron", "party"),)


def held(shelf: Any, source: Any, named: tuple[NamedDocument, ...] = NAMED, first: str = "lease") -> Any:
    texts = {"lease": LEASE, "other": OTHER, "memo": MEMO}
    order = [first, *(name for name in texts if name != first)]
    return shelf(tuple(source(texts[name], name=name, title=name.title()) for name in order), named=named)


async def documents(parts: Any, shelf: Any) -> list[str]:
    answer = await parts("The rent is £500 [1]. It is £900 [2]. It is £550 [3].", shelf=shelf)[0].answer("Rent?", ANA)
    return [citation.document_id for citation in answer.citations]


async def test_only_documents_that_speak_of_what_is_named_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    assert await documents(parts, held(shelf, source)) == ["lease", "memo"]


async def test_where_nothing_is_named_all_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    assert await documents(parts, held(shelf, source, ())) == ["lease", "other", "memo"]


async def test_where_the_named_document_was_not_found_all_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    elsewhere = (NamedDocument("annex", "Annex", "Kestrel", "party"),)
    assert await documents(parts, held(shelf, source, elsewhere)) == ["lease", "other", "memo"]


async def test_the_record_keeps_all_that_was_found(parts: Any, shelf: Any, source: Any) -> None:
    service, _, trail = parts("The rent is £500 [1].", shelf=held(shelf, source))
    await service.answer("What is the rent?", ANA)
    assert len(trail.records[0]["hits"]) == 3
