"""RAGAS with a scripted judge: what it gives no number of is counted, and what it makes up is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from evals.systems import ragas_scores
from evals.systems.ragas_scores import FAITHFULNESS, METRICS, PRECISION, RECALL, RELEVANCY, Ragas, Sample, Score
from generation.errors import GeneratorRejected, GeneratorUnavailable
from generation.types import ChatMessage, Delta, Usage

SAMPLE = Sample("What is the rent?", "It is 100, due monthly.", ("The rent is 100.", "It is due monthly."), "100")
SAID = {"statements": ["The rent is 100.", "The rent is due monthly."]}


class Scripted:
    """Writes the next reply: a dictionary as JSON, words as they are; waits for ever at None, raises an error."""

    name, adapter = "scripted", ""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.prompts: list[str] = []

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.prompts.append(messages[-1].content)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        if reply is None:
            await asyncio.Event().wait()
        text = reply if isinstance(reply, str) else f"```json\n{json.dumps(reply)}\n```"
        yield Delta(text[:9])
        yield Delta(text[9:], Usage(10, 3), cut=text.startswith("{") and not text.endswith("}"))

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError


def verdicts(*values: int) -> dict[str, Any]:
    return {"statements": [{"statement": f"s{at}", "reason": "", "verdict": v} for at, v in enumerate(values)]}


def embed(text: str) -> Any:
    return np.array([1.0, 0.0]) if "rent" in text else np.array([0.0, 1.0])


async def scores(*replies: Any, names: Sequence[str] = (FAITHFULNESS,), sample: Sample = SAMPLE) -> list[Score]:
    return await Ragas(Scripted(*replies), embed, 0.5).scores(sample, names)


async def one(*replies: Any, name: str = FAITHFULNESS) -> Score:
    (found,) = await scores(*replies, names=(name,))
    return found


async def test_the_four_metrics_are_those_of_ragas() -> None:
    classified = [{"statement": "s", "reason": "", "attributed": at} for at in (1, 1, 0, 1)]
    judge = Scripted(
        SAID, verdicts(1, 0),
        {"question": "How much is the rent?", "noncommittal": 0},
        {"reason": "", "verdict": 0}, {"reason": "", "verdict": 1},
        {"classifications": classified},
    )  # fmt: skip
    found = await Ragas(judge, embed, 5.0).scores(SAMPLE)
    assert [score.name for score in found] == list(METRICS)
    assert [score.why for score in found] == [""] * 4
    assert [score.value for score in found] == pytest.approx([0.5, 1.0, 0.5, 0.75], abs=1e-6)
    assert judge.replies == []
    assert "The rent is 100.\\nIt is due monthly." in judge.prompts[1]  # all passages at once
    assert [(score.read, score.written) for score in found] == [(20, 6), (10, 3), (20, 6), (10, 3)]
    assert len(judge.prompts) == 6  # one request for relevancy, one a passage for precision


async def test_what_cannot_be_read_has_no_number() -> None:
    assert (await one("I think so.")).why == "unread"
    assert (await one('{"statements": ["The rent is 100.", "The')).why == "cut"
    assert (await one({"statements": []})).why == "nan"
    assert (await one(SAID, {"statements": []})).why == "nan"
    assert (await one(GeneratorRejected("too long"))).why == "rejected"
    assert (await one({"question": "", "noncommittal": 0}, name=RELEVANCY)).why == "unread"
    late = await one(SAID, None)
    assert (late.why, late.value, late.statements, late.verdicts) == ("time", None, 2, 0)
    assert late.seconds >= 0.5


async def test_verdicts_that_are_none_are_no_number() -> None:
    """RAGAS itself calls all of these numbers: 1.0, 2.0 and 1e10."""
    assert (await one(SAID, verdicts(1, -1))).why == "off scale"
    twice = {"classifications": [{"statement": "s", "reason": "", "attributed": 2}]}
    assert (await one(twice, name=RECALL)).why == "off scale"
    assert (await one({"reason": "", "verdict": 1}, {"reason": "", "verdict": -1}, name=PRECISION)).why == "off scale"


async def test_statements_are_counted_against_verdicts() -> None:
    """RAGAS calls the answer faithful: the statement without a verdict is in no share."""
    found = await one(SAID, verdicts(1))
    assert (found.value, found.statements, found.verdicts, found.miscounted) == (1.0, 2, 1, True)
    assert not (await one(SAID, verdicts(1, 1))).miscounted


async def test_a_judge_that_is_gone_is_no_score() -> None:
    with pytest.raises(GeneratorUnavailable):
        await one(GeneratorUnavailable("gone"))


async def test_a_metric_has_something_to_say_only_of_what_it_needs() -> None:
    relevant = {"question": "How much is the rent?", "noncommittal": 0}
    bare = await scores(relevant, names=METRICS, sample=Sample("What is the rent?", "It is 100.", ()))
    assert [score.name for score in bare] == [RELEVANCY]
    assert await scores(names=METRICS, sample=Sample("What is the rent?", " ", ("It is 100.",))) == []


async def test_the_next_answer_is_not_judged_by_the_last_ones_replies() -> None:
    ragas = Ragas(Scripted(SAID, verdicts(1, -1), SAID, verdicts(1, 0)), embed, 5.0)
    first, second = [(await ragas.scores(SAMPLE, (FAITHFULNESS,)))[0] for _ in range(2)]
    assert (first.why, second.value, second.statements, second.verdicts) == ("off scale", 0.5, 2, 2)


def test_nobody_is_told_of_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAGAS_DO_NOT_TRACK", raising=False)
    ragas_scores._library.cache_clear()
    Ragas(Scripted(), embed, 1.0)
    from ragas._analytics import do_not_track

    assert do_not_track()
