"""A question about a named document is not answered by documents that do not speak of what it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generation.answering.strangers import without_strangers
from generation.types import SourceText
from retrieval.types import ChunkText, Hit, NamedDocument, Principal, SearchResult

ANA = Principal("ana", frozenset({"legal"}))
LEASE = "Kestrel lets the mill to Heron. The rent is £500."
OTHER = "Osprey lets the barn to Wren. The rent is £900."
MEMO = "The board of KESTREL raised the rent to £550 in May."
POLICY = "Travel is paid for after the rent: £600 at most."
NAMED = (NamedDocument("lease", "Lease of the mill", "Kestrel … Heron", "party"),)
TITLES = {
    "lease": "Lease of the mill",
    "other": "Lease of the barn",
    "memo": "Board memo on a lease",
    "policy": "Travel policy",
}


def held(shelf: Any, source: Any, named: tuple[NamedDocument, ...] = NAMED, first: str = "lease") -> Any:
    texts = {"lease": LEASE, "other": OTHER, "memo": MEMO, "policy": POLICY}
    order = [first, *(name for name in texts if name != first)]
    return shelf(tuple(source(texts[name], name=name, title=TITLES[name]) for name in order), named=named)


async def documents(parts: Any, shelf: Any) -> list[str]:
    answer = await parts("The rent is £500 [1]. It is £900 [2]. It is £550 [3]. It is £600 [4].", shelf=shelf)[
        0
    ].answer("Rent?", ANA)
    return [citation.document_id for citation in answer.citations]


async def test_only_documents_that_speak_of_what_is_named_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    assert await documents(parts, held(shelf, source)) == ["lease", "memo", "policy"]


async def test_where_nothing_is_named_all_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    assert await documents(parts, held(shelf, source, ())) == ["lease", "other", "memo", "policy"]


async def test_where_the_named_document_was_not_found_all_are_shown(parts: Any, shelf: Any, source: Any) -> None:
    elsewhere = (NamedDocument("annex", "Annex", "Kestrel", "party"),)
    assert await documents(parts, held(shelf, source, elsewhere)) == ["lease", "other", "memo", "policy"]


async def test_a_name_that_fits_more_documents_than_are_told_leaves_nothing_out(
    parts: Any, shelf: Any, source: Any
) -> None:
    many = (replace(NAMED[0], alternatives=12),)
    assert await documents(parts, held(shelf, source, many)) == ["lease", "other", "memo", "policy"]


@pytest.mark.parametrize(
    ("words", "text", "speaks"),
    [
        ("GE", "A page of the agreement.", False),
        ("GE", "GE pays.", True),
        ("Kestrel Holdings", "Kestrel\nHoldings pays.", True),
        ("Kestrel Lease", "Kestrel pays.", True),
        ("Kestrel … Heron", "Heron pays.", True),
        ("Bankers Bank", "The bank pays.", False),
        ("Data Call", "A call for data.", False),
        ("O'Brien", "O’Brien pays.", True),
    ],
)
async def test_a_name_is_found_in_other_spellings_and_not_inside_words(words: str, text: str, speaks: bool) -> None:
    def hit(name: str, title: str) -> Hit:
        chunk = ChunkText(name, name, 1, "", title, f"{name}.pdf", 0, 0, 4, "text", (), None)
        return Hit(chunk, 1.0, {})

    async def whole(chunk: ChunkText) -> SourceText:
        return SourceText(text, ())

    named = (NamedDocument("a", "Lease A", words, "party"),)
    result = SearchResult("?", (hit("a", "Lease A"), hit("b", "Lease B")), "s", named=named)
    found = await without_strangers(result, whole)
    assert (len(found.hits) == 2) is speaks


async def test_a_part_that_names_nothing_keeps_what_was_found_for_it() -> None:
    def hit(name: str, part: int) -> Hit:
        chunk = ChunkText(name, name, 1, "", f"Lease {name}", f"{name}.pdf", 0, 0, 4, "text", (), None)
        return Hit(chunk, 1.0, {}, parts=(part,))

    async def whole(chunk: ChunkText) -> SourceText:
        return SourceText("Nobody is named.", ())

    named = (NamedDocument("a", "Lease a", "Kestrel", "party"),)
    result = SearchResult("?", (hit("a", 1), hit("b", 1), hit("c", 2)), "s", named=named)
    assert [one.chunk.document_id for one in (await without_strangers(result, whole)).hits] == ["a", "c"]


async def test_the_record_keeps_all_that_was_found(parts: Any, shelf: Any, source: Any) -> None:
    service, _, trail = parts("The rent is £500 [1].", shelf=held(shelf, source))
    await service.answer("What is the rent?", ANA)
    assert len(trail.records[0]["hits"]) == 4
