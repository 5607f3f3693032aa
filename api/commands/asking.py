"""`footnote ask` and `footnote search`: from the local data folder, or from a service at FOOTNOTE_URL."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from api.commands.local import opened, principal
from api.commands.output import UsageError, say, say_answer, say_json
from api.schemas import SearchResponse
from generation.types import Answer, Status

ABSTAINED_EXIT = 3


def ask(question: str, as_user: str, groups: str, as_json: bool) -> int:
    """Prints the answer; 0 if there is one, 3 if the service abstained."""
    from pydantic import TypeAdapter

    remote = os.environ.get("FOOTNOTE_URL", "")
    if remote:
        body = _post(remote, "/v1/query", {"question": question}, as_user, groups)
        answer = TypeAdapter(Answer).validate_python(body)
    else:
        asker = principal(as_user, groups)
        with opened() as parts:
            answer = asyncio.run(parts.answers.answer(question, asker))
    if as_json:
        say_json(answer)
    else:
        say_answer(answer)
    return ABSTAINED_EXIT if answer.status is Status.ABSTAINED else 0


def search(query: str, as_user: str, groups: str, top_k: int, as_json: bool) -> int:
    """Prints the hits; 0, also if there are none."""
    remote = os.environ.get("FOOTNOTE_URL", "")
    if remote:
        body = _post(remote, "/v1/search", {"query": query, "top_k": top_k}, as_user, groups)
        result = SearchResponse.model_validate(body)
    else:
        asker = principal(as_user, groups)
        with opened() as parts:
            result = SearchResponse.of(parts.search.search_now(query, asker, top_k))
    if as_json:
        say_json(result)
        return 0
    for number, hit in enumerate(result.hits, 1):
        page = f", page {hit.page}" if hit.page else ""
        say(f"{number}. {' > '.join((hit.title, *hit.section_path))}{page}  ({hit.score:.3f})")
        say("   " + " ".join(hit.text.split())[:300])
    if not result.hits:
        say("Nothing found in the documents that this person may read.")
    return 0


def _post(url: str, path: str, body: dict[str, Any], as_user: str, groups: str) -> Any:
    """The service's reply; its problem details become the message of the error."""
    import httpx2 as httpx

    if as_user or groups:
        raise UsageError(
            "With FOOTNOTE_URL the service knows who asks from FOOTNOTE_API_KEY: leave out --as, --groups."
        )
    key = os.environ.get("FOOTNOTE_API_KEY", "")
    if not key:
        raise UsageError("Set FOOTNOTE_API_KEY to a key for the service; `footnote keys create` there makes one.")
    try:
        reply = httpx.post(url.rstrip("/") + path, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=600.0)
        content = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise UsageError(f"No Footnote service answers at {url} ({error}). Check FOOTNOTE_URL.") from error
    if reply.is_error:
        raise UsageError(f"{content.get('title', reply.status_code)}: {content.get('detail', '')}")
    return content
