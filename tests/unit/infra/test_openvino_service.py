"""The protocol of the OpenVINO child over a model that writes what it is told; the real one is in
tests/integration/test_llm_runtime.py."""

import asyncio
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from httpx import ASGITransport, AsyncClient, Response

from infra.llm.openvino_graph import Logits, States, _parts
from infra.llm.openvino_main import Asked, Service, application
from infra.llm.openvino_model import GeneratorRejected, Message, _continued

KEY = "secret"
ASKED = {"messages": [{"role": "user", "content": "Which law?"}], "max_tokens": 50}


class Scripted:
    """Writes one character a token; token n is chr(n)."""

    def __init__(self, reply: str) -> None:
        self.reply, self.running, self.most_running, self.written = reply, 0, 0, 0
        self.seen: list[int] = []

    def start(self, messages: Sequence[Message]) -> tuple[int, Logits]:
        if len(messages[-1]["content"]) > 100:
            raise GeneratorRejected("the request exceeds the available context size: 99 tokens of 50")
        logits = np.zeros(128, np.float32)
        logits[[ord("Y"), ord("N")]] = 5.0, 4.0
        return 7, logits

    def states(self, messages: Sequence[Message], since: str) -> tuple[int, States]:
        self.seen.append(self.written)
        return self.start(messages)[0], np.array([[0.5, -1.25], [len(since), 1.0]], np.float32)

    def write(self, logits: Logits, most: int) -> Iterator[int]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        for character in self.reply[:most]:
            self.written += 1
            yield ord(character)
        self.running -= 1

    def text(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))

    def piece(self, token: int) -> str:
        return chr(token)


async def post(model: Scripted, key: str = KEY, **more: object) -> Response:
    transport = ASGITransport(application(Service(model, "tiny"), KEY))
    async with AsyncClient(transport=transport, base_url="http://child") as client:
        headers = {"Authorization": f"Bearer {key}"}
        return await client.post("/v1/chat/completions", json={**ASKED, **more}, headers=headers)


def events(response: Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def streamed(response: Response) -> str:
    return "".join(
        choice["delta"].get("content", "") for event in events(response) for choice in event.get("choices", [])
    )


async def test_a_reply_is_told_whole_with_its_tokens() -> None:
    found = (await post(Scripted("New York."))).json()
    assert found["choices"][0]["message"] == {"role": "assistant", "content": "New York."}
    assert found["choices"][0]["finish_reason"] == "stop"
    assert found["usage"] == {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}


async def test_a_stream_says_the_same_and_ends_with_usage() -> None:
    response = await post(Scripted("New York."), stream=True)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert streamed(response) == "New York."
    *_, end, usage = events(response)
    assert end["choices"][0]["finish_reason"] == "stop"
    assert usage["usage"]["completion_tokens"] == 9


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("stop", "said"), [("Que", "Yes. "), (["zz", ". "], "Yes"), ("Quex", "Yes. Question")])
async def test_a_stop_is_left_out_and_no_begun_one_is_sent(stop: str | list[str], said: str, stream: bool) -> None:
    model = Scripted("Yes. Question")
    response = await post(model, stop=stop, stream=stream)
    assert (streamed(response) if stream else response.json()["choices"][0]["message"]["content"]) == said


async def test_nothing_is_written_after_a_stop() -> None:
    model = Scripted("Yes. Question" * 3)
    await post(model, stop="Que")
    assert model.written == len("Yes. Que")


async def test_a_reply_that_fills_its_tokens_is_cut() -> None:
    assert (await post(Scripted("x" * 80), max_tokens=5)).json()["choices"][0]["finish_reason"] == "length"


async def test_probabilities_of_the_first_token_are_of_all_tokens() -> None:
    found = (await post(Scripted("Y"), logprobs=True, top_logprobs=2)).json()["choices"][0]["logprobs"]["content"][0]
    total = math.exp(5) + math.exp(4) + 126
    assert found["token"] == "Y"
    assert [top["token"] for top in found["top_logprobs"]] == ["Y", "N"]
    told = [math.exp(top["logprob"]) for top in found["top_logprobs"]]
    assert told == pytest.approx([math.exp(5) / total, math.exp(4) / total], rel=1e-6)


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"key": "wrong"}, 401, "key"),
        ({"messages": []}, 400, "messages"),
        ({"max_tokens": 0}, 400, "max_tokens"),
        ({"messages": [{"role": "user", "content": "x" * 200}]}, 400, "context size"),
        ({"messages": [{"role": "user", "content": "x" * 200}], "stream": True}, 400, "context size"),
        ({"messages": [{"role": "user", "content": "x" * 200}], "states_since": "x"}, 400, "context size"),
    ],
)
async def test_what_cannot_be_is_refused_as_openai_refuses(more: dict[str, Any], status: int, says: str) -> None:
    response = await post(Scripted("No."), **more)
    assert response.status_code == status
    assert says in response.json()["error"]["message"]


async def test_requests_take_turns() -> None:
    """Invariant 8: one sequence at a time."""
    model = Scripted("one two three")
    transport = ASGITransport(application(Service(model, "tiny"), KEY))
    async with AsyncClient(transport=transport, base_url="http://child") as client:
        headers = {"Authorization": f"Bearer {KEY}"}
        ask = [client.post("/v1/chat/completions", json=ASKED, headers=headers) for _ in range(4)]
        replies = await asyncio.gather(*ask)
    assert {reply.json()["choices"][0]["message"]["content"] for reply in replies} == {"one two three"}
    assert model.most_running == 1


async def test_states_are_told_in_place_of_a_reply() -> None:
    model = Scripted("No.")
    found = (await post(model, states_since="law")).json()
    assert found["choices"][0]["states"] == [[0.5, -1.25], [3.0, 1.0]]
    assert found["choices"][0]["message"]["content"] == ""
    assert found["usage"] == {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7}
    assert model.written == 0


async def test_states_do_not_wait_for_a_reply() -> None:
    """They are read between two tokens, so that a sentence is checked while the next one is written."""
    model = Scripted("x" * 400)
    service = Service(model, "tiny")
    asked = Asked.model_validate({**ASKED, "max_tokens": 400})
    reply = asyncio.create_task(_all(service.replies(asked)))
    while model.written < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await service.states(asked)
    assert model.seen[0] < 400
    assert (await reply)[-1] == {"end": "length", "count": 400}


async def test_a_closed_reply_stops_writing_and_frees_the_turn() -> None:
    model = Scripted("x" * 1000)
    service = Service(model, "tiny")
    replies = service.replies(Asked.model_validate({**ASKED, "max_tokens": 1000}))
    await anext(replies)
    await anext(replies)
    await replies.aclose()  # type: ignore[attr-defined]
    assert model.written < 5
    other = service.replies(Asked.model_validate({**ASKED, "max_tokens": 3}))
    pieces = await asyncio.wait_for(_all(other), 5)
    assert pieces[-1] == {"end": "length", "count": 3}


async def _all(replies: Any) -> list[dict[str, Any]]:
    return [piece async for piece in replies]


@pytest.mark.parametrize(
    ("prompt", "written", "draft"),
    [
        ([1, 2, 3, 4, 5, 6], [9, 1, 2, 3], [4, 5, 6]),
        ([1, 2, 3, 4, 1, 2, 3, 7], [1, 2, 3], [7]),  # the last place counts
        ([1, 2, 3, 4], [2, 3], []),  # too short a run
        ([1, 2, 3], [1, 2, 3], []),  # nothing follows
        ([1, 2, 3, *range(20, 40)], [1, 2, 3], [20, 21, 22, 23, 24, 25]),
        ([5, 6], [7, 8, 9], []),
    ],
)
def test_a_draft_is_what_follows_in_the_prompt(prompt: list[int], written: list[int], draft: list[int]) -> None:
    assert _continued(prompt, written) == draft


@pytest.mark.parametrize(
    ("count", "parts"),
    [(17, [(17, 15)]), (32, [(32, 0)]), (65, [(65, 63)]), (128, [(128, 0)]), (300, [(128, 0), (128, 0), (44, 20)])],
)
def test_a_prompt_is_read_in_pieces_of_known_sizes(count: int, parts: list[tuple[int, int]]) -> None:
    found = list(_parts(range(count)))
    assert [(len(part), filled) for part, filled in found] == parts
    assert [token for part, _ in found for token in part] == list(range(count))
