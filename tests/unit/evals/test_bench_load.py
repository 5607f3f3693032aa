"""`footnote bench load`: what is heard of each question, and what is made of it."""

from __future__ import annotations

import json

import httpx2

from evals.suites.load.asking import Asker, Heard
from evals.suites.load.run_load import _row

_EVENTS = [
    ("status", {"seq": 1, "stage": "waiting", "place": 2}),
    ("status", {"seq": 2, "stage": "waiting", "place": 1}),
    ("status", {"seq": 3, "stage": "searching", "place": 0}),
    ("final", {"seq": 4, "answer": {}}),
    ("done", {"seq": 5}),
]


def _service(request: httpx2.Request) -> httpx2.Response:
    """Answers the first person, refuses the second, breaks off at the third, and has nothing for others."""
    key = request.headers["authorization"].removeprefix("Bearer ")
    if key == "a" and request.url.path == "/v1/search":
        return httpx2.Response(200, json={"hits": []})
    events = _EVENTS if key == "a" else _EVENTS[:3]
    text = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in events)
    status = {"a": 200, "b": 503, "c": 200}.get(key, 500)
    return httpx2.Response(status, text=text if status == 200 else "{}")


async def test_each_question_is_told_apart_by_what_became_of_it() -> None:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(_service)) as client:
        asker = Asker(client, "http://service.test", [(key, "Why?") for key in "abcd"])
        heard = [await asker.ask(number) for number in range(4)]
        searches = await asker.searches(1)
    whole, refused, broken, failed = heard
    assert (whole.admitted, whole.place, whole.took is not None) == (True, 2, True)
    assert (refused.status, refused.admitted) == (503, False)
    assert (broken.admitted, broken.end) == (True, None)
    row = _row(heard, searches)
    assert (row["questions"], row["broken"], row["refused_share"]) == (4, 2, 0.25)
    assert row["statuses"] == {200: 2, 503: 1, 500: 1}
    assert failed.status == 500


def test_percentiles_are_of_what_was_observed() -> None:
    heard = [Heard(200, 0.0, turn=1.0, end=1.0 + number / 100, place=1) for number in range(1, 101)]
    row = _row(heard, [0.1])
    assert row["answer_s"] == [0.5, 0.99]
    assert row["with_wait_s"] == [1.5, 1.99]
    assert (row["waited_share"], row["refused_ms"], row["search_ms"]) == (1.0, None, [100.0, 100.0])
