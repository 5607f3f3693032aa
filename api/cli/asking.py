"""`footnote ask` and `footnote search`: from the local data folder, or from a service at FOOTNOTE_URL."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.local import opened, principal
from api.cli.options import As, AsOf, Groups, Json
from api.cli.output import say_answer
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json

if TYPE_CHECKING:
    from api.http.schemas.asking import SearchResponse

ABSTAINED_EXIT = 3
Fusion = Literal["min_max", "rrf", "dense", "sparse"]
Hyde = Literal["off", "unsure", "always"]


def register(commands: Registry) -> None:
    commands.add(ask, "ask")
    commands.add(search, "search")


def ask(question: str, as_user: As = "", groups: Groups = "", as_of: AsOf = None, as_json: Json = False) -> int:
    """Ask a question; exit code 0 with an answer, 3 without one."""
    import asyncio

    from pydantic import TypeAdapter

    from generation.types import Answer, Status

    if os.environ.get("FOOTNOTE_URL", ""):
        told = _told("ask", {"question": question, **_day(as_of)}, as_user, groups)
        answer = TypeAdapter(Answer).validate_python(told)
    else:
        asker = principal(as_user, groups)
        with opened() as parts:
            answer = asyncio.run(parts.answers.answer(question, asker, as_of.date() if as_of else None))
    if as_json:
        say_json(answer)
    else:
        say_answer(answer)
    return ABSTAINED_EXIT if answer.status is Status.ABSTAINED else 0


def search(
    query: str,
    as_user: As = "",
    groups: Groups = "",
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=100)] = 10,
    as_of: AsOf = None,
    fusion: Annotated[Fusion | None, typer.Option(help="How both legs are fused, or one leg alone.")] = None,
    rerank: Annotated[bool | None, typer.Option(help="Let the cross-encoder reorder the head.")] = None,
    hyde: Annotated[Hyde | None, typer.Option(help="Search again with an imagined passage.")] = None,
    understand: Annotated[bool | None, typer.Option(help="Use names, dates and clauses in the query.")] = None,
    collapse: Annotated[bool | None, typer.Option(help="Show near-duplicates once.")] = None,
    as_json: Json = False,
) -> int:
    """Search without an answer."""
    import asyncio

    from api.http.schemas.asking import SearchRequest, SearchResponse

    stages = {"fusion": fusion, "rerank": rerank, "hyde": hyde, "understand": understand, "collapse": collapse}
    request = SearchRequest.model_validate({"query": query, "top_k": top_k, **_day(as_of), **stages})
    if os.environ.get("FOOTNOTE_URL", ""):
        told = _told("search", request.model_dump(mode="json", exclude_none=True), as_user, groups)
        result = SearchResponse.model_validate(told)
    else:
        asker = principal(as_user, groups)
        with opened() as parts:
            options = request.options(parts.search.options)
            found = parts.search.search(query, asker, top_k, as_of=request.as_of, options=options)
            result = SearchResponse.of(asyncio.run(found))
    if as_json:
        say_json(result)
    else:
        _say_hits(result)
    return 0


def _say_hits(result: SearchResponse) -> None:
    for clue in result.clues:
        say(f"“{clue.text}”: {clue.effect}")
    for part in result.parts:
        say(f"Part: {part}")
    for number, hit in enumerate(result.hits, 1):
        page = f", page {hit.page}" if hit.page else ""
        say(f"{number}. {' > '.join((hit.title, *hit.section_path))}{page}  ({hit.score:.3f})")
        say("   " + " ".join(hit.text.split())[:300])
        for copy in hit.copies:
            say(f"   also in {copy.title}" + (f", page {copy.page}" if copy.page else ""))
    if not result.hits:
        say("Nothing found in the documents that this person may read.")


def _day(as_of: datetime | None) -> dict[str, Any]:
    return {"as_of": as_of.date().isoformat()} if as_of else {}


def _told(call: Literal["ask", "search"], fields: dict[str, Any], as_user: str, groups: str) -> Any:
    """What the service at FOOTNOTE_URL answers, as JSON has it; its problem becomes the message of the error."""
    from footnote.client import Client, FootnoteClientError

    if as_user or groups:
        raise UsageError(
            "With FOOTNOTE_URL the service knows who asks from FOOTNOTE_API_KEY: leave out --as, --groups."
        )
    try:
        with Client() as client:
            told = client.ask(**fields) if call == "ask" else client.search(**fields)
    except FootnoteClientError as error:
        raise UsageError(str(error)) from error
    return told.model_dump(mode="json", by_alias=True)
