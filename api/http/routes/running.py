"""Own answers that go on without a reader: listed, joined again, stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import StreamingResponse

from api.http.deps import Numbers, Reader, Reading, Recorded, Running, WhenStopping
from api.http.following import place_of
from api.http.problems import NotFound
from api.http.running_events import Following, readable
from api.http.schemas.running import RunningList, RunningOut
from api.http.streaming import MEDIA_TYPE, STREAM_HEADERS

router = APIRouter(prefix="/v1/running", tags=["ask"])
Id = Annotated[str, Path(max_length=64)]


@router.get("", response_model=RunningList)
async def running_answers(running: Running, caller: Reader) -> RunningList:
    """Own answers that were asked with `keep`: under way, or ended within the last minutes."""
    found = await running.store.of(caller.principal.owner)
    return RunningList(running=[RunningOut.of(one) for one in found])


@router.get(
    "/{running_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The events of POST /v1/query"}},
)
async def events(
    running_id: Id,
    running: Running,
    numbers: Numbers,
    caller: Reader,
    again: Reading,
    access: Recorded,
    stopping: WhenStopping,
    last_event_id: Annotated[str, Header(max_length=64, description="Go on after this event.")] = "",
) -> StreamingResponse:
    """What is told of an own answer, from its beginning or after Last-Event-ID to its end (server-sent events, as those
    of POST /v1/query). A heartbeat has the id of the event before it. Where the caller may not read all that it rests
    on any more, it is refused (409 `answer_closed`), or ends with that error."""
    if await running.store.find(running_id, caller.principal.owner) is None:
        raise NotFound
    access.shows(await readable(numbers, caller.principal, await running.store.told(running_id)))
    following = Following(running.store, numbers, running_id, again, place_of(last_event_id, 1)[0])
    return StreamingResponse(following.events(stopping.over), media_type=MEDIA_TYPE, headers=STREAM_HEADERS)


@router.delete("/{running_id}", status_code=204)
async def stop(running_id: Id, running: Running, caller: Reader) -> None:
    """Stops an own answer: it is recorded as one whose asker left. One that has ended is taken from the list."""
    if not await running.stop(running_id, caller.principal.owner):
        raise NotFound
