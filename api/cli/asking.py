"""`footnote ask` and `footnote search`: from the local data folder, or from a service at FOOTNOTE_URL."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import As, AsOf, Documents, Groups, Json, Kinds, OwnGroups, Since, Strictness, Until, given
from api.cli.output import say_answer, told_apart
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json

if TYPE_CHECKING:
    from api.http.schemas.asking import SearchResponse
    from api.http.schemas.filtering import Narrowed

ABSTAINED_EXIT = 3
Fusion = Literal["min_max", "rrf", "dense", "sparse"]
Hyde = Literal["off", "unsure", "always"]
Request = TypeVar("Request", bound="Narrowed")


def register(commands: Registry) -> None:
    commands.add(ask, "ask")
    commands.add(search, "search")


def ask(
    question: Annotated[str, typer.Argument(help="In plain words and whole sentences.")],
    as_user: As = "",
    groups: Groups = "",
    as_of: AsOf = None,
    document: Documents = None,
    kind: Kinds = None,
    group: OwnGroups = None,
    since: Since = None,
    until: Until = None,
    conversation: Annotated[
        str | None, typer.Option(metavar="ID|new", help="Go on from an own conversation, or begin one.")
    ] = None,
    strictness: Strictness = None,
    release: Annotated[
        str | None, typer.Option(help="Answer by this release, whatever is current; none: by no release.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Ask a question; exit code 0 with an answer, 3 without one."""
    import asyncio

    from pydantic import TypeAdapter

    from api.http.conversations import answered_within
    from api.http.numbers import NumberedAnswers
    from api.http.schemas.asking import QueryRequest
    from generation.types import Answer, Status

    narrowed = narrowed_to(document, kind, group, since, until)
    said = given(conversation=conversation, strictness=strictness)
    request = asked(QueryRequest, {"question": question, **on_day(as_of), **narrowed, **said})
    if os.environ.get("FOOTNOTE_URL", ""):
        if release is not None:
            raise UsageError("A service says itself by which release it answers: leave out --release, or FOOTNOTE_URL.")
        told = _told("ask", _sent(request), as_user, groups)
        answer = TypeAdapter(Answer).validate_python(told)
    else:
        asker = principal(as_user, groups)
        with opened(**given(release=release)) as parts:
            answers = NumberedAnswers(parts.answers, parts.numbers)
            strict = parts.strictness.strict(request.strictness)
            of, within = (question, asker, request.as_of, request.only), request.conversation
            if within is None:
                answer = asyncio.run(answers.answer(*of, strict=strict))
            else:
                answer = asyncio.run(answered_within(answers, parts.conversations, within, *of, strict=strict))
    if as_json:
        say_json(answer)
    else:
        say_answer(answer)
    return ABSTAINED_EXIT if answer.status is Status.ABSTAINED else 0


def search(
    query: Annotated[str, typer.Argument(help="Words, or a question.")],
    as_user: As = "",
    groups: Groups = "",
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=100, help="So many passages.")] = 10,
    as_of: AsOf = None,
    document: Documents = None,
    kind: Kinds = None,
    group: OwnGroups = None,
    since: Since = None,
    until: Until = None,
    fusion: Annotated[Fusion | None, typer.Option(help="How both legs are fused, or one leg alone.")] = None,
    rerank: Annotated[bool | None, typer.Option(help="Let the cross-encoder reorder the head.")] = None,
    hyde: Annotated[Hyde | None, typer.Option(help="Search again with an imagined passage.")] = None,
    understand: Annotated[bool | None, typer.Option(help="Use names, dates and clauses in the query.")] = None,
    collapse: Annotated[bool | None, typer.Option(help="Show near-duplicates once.")] = None,
    as_json: Json = False,
) -> int:
    """Search without an answer."""
    import asyncio

    from api.http.recording import asked_for
    from api.http.schemas.asking import SearchRequest, SearchResponse

    stages = {"fusion": fusion, "rerank": rerank, "hyde": hyde, "understand": understand, "collapse": collapse}
    narrowed = narrowed_to(document, kind, group, since, until)
    request = asked(SearchRequest, {"query": query, "top_k": top_k, **on_day(as_of), **narrowed, **stages})
    if os.environ.get("FOOTNOTE_URL", ""):
        told = _told("search", _sent(request), as_user, groups)
        result = SearchResponse.model_validate(told)
    else:
        asker = principal(as_user, groups)
        with opened() as parts:
            searching = parts.deployed.search
            options = request.options(searching.options)
            found = searching.search(query, asker, top_k, as_of=request.as_of, only=request.only, options=options)
            hits = asyncio.run(found)
            told = asked_for(query, request.only, request.as_of)
            recorded(parts, "search", asker, hits.versions, hits=len(hits.hits), **told)
            seen = parts.numbers.of(asker, {id_ for id_, _ in hits.versions})
            result = SearchResponse.of(hits, seen)
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
    shown = [(hit.title, hit.source) for hit in result.hits]
    named = told_apart([*shown, *((copy.title, copy.source) for hit in result.hits for copy in hit.copies)])
    for number, hit in enumerate(result.hits, 1):
        page = f", page {hit.page}" if hit.page else ""
        say(f"{number}. {' > '.join((named(hit.title, hit.source), *hit.section_path))}{page}  ({hit.score:.3f})")
        say("   " + " ".join(hit.text.split())[:300])
        for copy in hit.copies:
            say(f"   also in {named(copy.title, copy.source)}" + (f", page {copy.page}" if copy.page else ""))
    if not result.hits:
        say("Nothing found in the documents that this person may read.")


def narrowed_to(
    documents: Sequence[str] | None,
    kinds: Sequence[str] | None,
    groups: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, Any]:
    """The fields of a request that narrow it."""
    days = {name: day.date().isoformat() for name, day in (("from", since), ("to", until)) if day}
    own = [group.removeprefix("group:") for group in groups or ()]
    fields = {"documents": documents, "kinds": kinds, "groups": own, "dates": days}
    return {name: value for name, value in fields.items() if value}


def asked(request: type[Request], fields: dict[str, Any]) -> Request:
    """The request as the HTTP API would take it; raises `UsageError`."""
    from pydantic import ValidationError

    try:
        return request.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from error


def _sent(request: Narrowed) -> dict[str, Any]:
    return request.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"stream"})


def on_day(as_of: datetime | None) -> dict[str, Any]:
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
