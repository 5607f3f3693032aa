"""An answer by one of several tiers: whose model writes, the second try, what is recorded."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from generation.answering.routing import EVERYTHING, Choice, Router, RouterOptions, Tier
from generation.answering.service import AnswerOptions
from generation.errors import GeneratorUnavailable, NoPermittedTier
from generation.prompts import load_prompt
from generation.types import Permits, Status, Usage, Version
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))


class Shelved:
    """Implements `Labels`: the fees are open to all, the lease to legal."""

    async def readers(self, versions: Collection[Version], principal: Principal) -> Permits:
        assert principal == ANA
        labels = {"lease": frozenset({"group:legal"}), "fees": frozenset({"group:everyone"})}
        return {version: (labels[version[0]],) for version in versions}


def tiers(model: Any, small: str, large: str, **options: Any) -> dict[str, Any]:
    router = Router(
        [
            Tier("small", model(small, name="tiny"), cost_in=1.0, sees=EVERYTHING, prompt=load_prompt("cited")),
            Tier("large", model(large, name="huge", adapter="legal"), cost_in=1000.0, cost_out=2000.0, sees=EVERYTHING),
        ],
        RouterOptions(**options),
    )
    return {"router": router, "labels": Shelved()}


async def test_an_easy_question_is_answered_by_the_small_tier(parts: Any, model: Any) -> None:
    routed = tiers(model, "The rent is £500 per month [1].", "The kennel fee is £7 [2].")
    service, unused, trail = parts("Nothing of this [1].", **routed)
    answer = await service.answer("What is the rent?", ANA)
    assert answer.answer == "The rent is £500 per month."
    assert (answer.model.generator, answer.model.adapter) == ("tiny", "")
    assert answer.model.prompt.startswith("cited@")
    assert not unused.prompts
    (tried,) = trail.records[0]["routing"]
    assert (tried["decision"]["tier"], tried["decision"]["reasons"]) == ("small", ())
    assert tried["cost"] == tried["cost_at_least"] == 7 / 1e6


async def test_a_hard_question_goes_to_the_large_tier(parts: Any, model: Any) -> None:
    routed = tiers(model, "The kennel fee is £7 [2].", "The rent is £500 per month [1].")
    service, _, trail = parts("Nothing of this [1].", **routed)
    answer = await service.answer("Compare the rent with the kennel fee.", ANA)
    assert answer.answer == "The rent is £500 per month."
    assert (answer.model.generator, answer.model.adapter) == ("huge", "legal")
    assert trail.records[0]["routing"][0]["decision"]["reasons"] == ("compare",)


async def test_where_the_small_tier_has_nothing_the_large_one_tries_once(parts: Any, model: Any) -> None:
    routed = tiers(model, "The rent is £900 [1].", "The rent is £500 per month [1].", second_try=True)
    service, _, trail = parts("Nothing of this [1].", caught={"£900": "figures"}, **routed)
    answer = await service.answer("What is the rent?", ANA)
    assert answer.status is Status.ANSWERED
    assert (answer.answer, answer.model.generator) == ("The rent is £500 per month.", "huge")
    assert answer.usage.prompt_tokens == 14
    first, second = trail.records[0]["routing"]
    assert [item["text"] for item in first["withheld"]] == ["The rent is £900."]
    assert (second["decision"]["before"], second["decision"]["reasons"]) == ("small", ("withheld",))
    assert not trail.records[0]["withheld"]


async def test_a_second_try_that_fails_leaves_the_abstention(parts: Any, model: Any) -> None:
    routed = tiers(model, "NOT FOUND", "", second_try=True)
    routed["router"].tier(Choice("large", (), (), 0.0, 0.0)).model.error = GeneratorUnavailable("gone")
    service, _, trail = parts("Nothing of this [1].", **routed)
    assert (await service.answer("What is the rent?", ANA)).status is Status.ABSTAINED
    first, second = trail.records[0]["routing"]
    assert first["cost"] == 7e-6
    assert (second["cost"], second["failed"]) == (None, "generator_unavailable")


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("Dogs are welcome [1]. The kennel fee is £7 [2]. Cats pay nothing [2].", 1),
        ("The sources do not say. The rent is £500 per month [1].", 5),
    ],
)
async def test_a_reply_that_we_end_has_no_known_cost_but_a_least_one(
    parts: Any, model: Any, said: str, most: int
) -> None:
    routed = tiers(model, "Nothing of this [1].", said)
    service, _, trail = parts("Nothing of this [1].", options=AnswerOptions(max_sentences=most), **routed)
    answer = await service.answer("Compare the rent with the kennel fee.", ANA)
    (tried,) = trail.records[0]["routing"]
    assert (tried["usage"], tried["cost"]) == (None, None)
    assert 0 < tried["pieces"] < len(said) / 3  # it comes three characters at a time
    assert tried["cost_at_least"] == pytest.approx(tried["pieces"] * 2000 / 1e6)
    assert answer.usage == Usage()


async def test_what_was_sent_to_a_tier_that_failed_is_recorded(parts: Any, model: Any) -> None:
    routed = tiers(model, "", "")
    routed["router"].tier(Choice("small", (), (), 0.0, 0.0)).model.error = GeneratorUnavailable("gone")
    service, _, trail = parts("Nothing of this [1].", **routed)
    with pytest.raises(GeneratorUnavailable):
        await service.answer("What is the rent?", ANA)
    assert trail.records[0]["interrupted"]
    assert trail.records[0]["routing"][0]["decision"]["tier"] == "small"


def test_a_router_needs_labels(parts: Any, model: Any) -> None:
    with pytest.raises(ValueError, match="labels"):
        parts("Nothing.", router=Router([Tier("only", model(""))]))


async def test_without_a_second_try_it_abstains(parts: Any, model: Any) -> None:
    routed = tiers(model, "The rent is £900 [1].", "The rent is £500 per month [1].")
    service, _, trail = parts("Nothing of this [1].", caught={"£900": "figures"}, **routed)
    assert (await service.answer("What is the rent?", ANA)).status is Status.ABSTAINED
    assert len(trail.records[0]["routing"]) == 1


async def test_no_tier_reads_what_its_label_forbids(parts: Any, model: Any) -> None:
    outside = model("The rent is £500 per month [1].")
    service, _, trail = parts("Nothing [1].", router=Router([Tier("hosted", outside)]), labels=Shelved())
    with pytest.raises(NoPermittedTier, match="Lease"):
        await service.answer("What is the rent?", ANA)
    assert not outside.prompts
    assert [row["kind"] for row in trail.rows] == ["opened", "closed"]


async def test_without_a_router_the_record_names_none(parts: Any) -> None:
    service, _, trail = parts("The rent is £500 per month [1].")
    await service.answer("What is the rent?", ANA)
    assert trail.records[0]["routing"] == []
