"""What administrators are told of an installation. No name and no word of a document is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date as Day  # noqa: N812  a field is called day
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from api.http.administration import JobPage, Used
from ingest.jobs import JobState

Price = tuple[float, float]


class FindingOut(BaseModel):
    """A row of the readiness list (docs/operations.md): what must hold (`asks`), how it is (`said`), and what to `do`,
    "" where all is well."""

    id: str
    area: str
    asks: str
    level: Literal["ok", "warning", "failing"]
    said: str
    do: str


class HealthOut(BaseModel):
    """The rows as they were found `at` that time, within the last half minute. `ok`: none is failing."""

    at: datetime
    ok: bool
    rows: list[FindingOut]


class PersonOut(BaseModel):
    """Somebody whom the installation knows. `name`: as it is shown, "" where none is known; `groups`: of all ways by
    which they come; `active`: false where the identity provider has deactivated them; `sources`: `scim`, `key`,
    `session` (of the identity provider) or `demo`; `keys`: how many of theirs hold; `last_seen`: when they last signed
    in or, to the hour, used a key."""

    user: str
    name: str
    groups: list[str]
    active: bool
    sources: list[str]
    keys: int
    last_seen: datetime | None


class PeopleOut(BaseModel):
    people: list[PersonOut]


class UsageOut(BaseModel):
    """Answers: by status, `failed` those that were broken off; tokens of the language model; `seconds` from the
    question to the answer's end, together; `cost`: the tokens by the price that their model had on that day, null
    where none had one; `unpriced`: tokens that are in no cost, since none is set for their model and day."""

    answers: int = 0
    answered: int = 0
    partial: int = 0
    abstained: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    unpriced: int = 0

    def with_(self, one: Used, price: Price | None) -> Self:
        """And these."""
        tokens = one.prompt_tokens, one.completion_tokens
        told = {
            "answers": self.answers + one.answered + one.partial + one.abstained + one.failed,
            "answered": self.answered + one.answered,
            "partial": self.partial + one.partial,
            "abstained": self.abstained + one.abstained,
            "failed": self.failed + one.failed,
            "prompt_tokens": self.prompt_tokens + tokens[0],
            "completion_tokens": self.completion_tokens + tokens[1],
            "seconds": round(self.seconds + one.seconds, 3),
        }
        if price is None:
            return self.model_copy(update={**told, "unpriced": self.unpriced + sum(tokens)})
        cost = (tokens[0] * price[0] + tokens[1] * price[1]) / 1e6
        return self.model_copy(update={**told, "cost": round((self.cost or 0.0) + cost, 6)})


class DayUsage(UsageOut):
    day: Day


class PersonUsage(UsageOut):
    """`principal`: `user:NAME`, or what is left of somebody who was erased."""

    principal: str


class PriceOut(BaseModel):
    """What a million tokens in and out of a model cost; `since`: the first day of the report on which that held."""

    model: str
    since: Day
    price: Price


class UsageReport(BaseModel):
    """What answers have used from `since` to `until` (UTC, both included), as the trail has it: in all, by day and by
    person, without what an evaluation asked, which is `evaluation`. `model`: what answers now, by whose price counts
    what the trail names no model for; `prices`: those that are counted by (FOOTNOTE_PRICES)."""

    since: Day
    until: Day
    model: str
    prices: list[PriceOut]
    total: UsageOut
    days: list[DayUsage]
    people: list[PersonUsage]
    evaluation: UsageOut

    @classmethod
    def of(
        cls, since: Day, until: Day, found: Iterable[Used], model: str, price_of: Callable[[str, Day], Price | None]
    ) -> UsageReport:
        """`found`: in the order of the days."""
        total, evaluation = UsageOut(), UsageOut()
        days: dict[Day, DayUsage] = {}
        people: dict[str, PersonUsage] = {}
        prices: dict[tuple[str, Price], PriceOut] = {}
        for one in found:
            name = one.model or model
            if price := price_of(name, one.day):
                prices.setdefault((name, price), PriceOut(model=name, since=one.day, price=price))
            if one.evaluation:
                evaluation = evaluation.with_(one, price)
                continue
            total = total.with_(one, price)
            days[one.day] = days.get(one.day, DayUsage(day=one.day)).with_(one, price)
            people[one.principal] = people.get(one.principal, PersonUsage(principal=one.principal)).with_(one, price)
        return cls(
            since=since,
            until=until,
            model=model,
            prices=list(prices.values()),
            total=total,
            days=[days[day] for day in sorted(days)],
            people=sorted(people.values(), key=lambda one: (-one.answers, one.principal)),
            evaluation=evaluation,
        )


class AnyJobOut(BaseModel):
    """A job of anybody, without its title and the names of its files. `owner`: null for the operator."""

    id: str
    kind: str
    owner: str | None
    status: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    files: int
    done: int
    failed: int
    cancelled: int


class AnyJobList(BaseModel):
    """Newest first. `workers`: lanes that are alive; `waiting`: files of all jobs; `stalled`: those that a worker holds
    which died; `failed`: files within a day."""

    jobs: list[AnyJobOut]
    workers: int
    waiting: int
    stalled: int
    failed: int
    next: str | None = None

    @classmethod
    def of(cls, page: JobPage, following: str | None) -> AnyJobList:
        return cls(
            jobs=[
                AnyJobOut(
                    id=one.id,
                    kind=one.kind,
                    owner=one.owner,
                    status=one.state,
                    created_at=one.created_at,
                    started_at=one.started_at,
                    finished_at=one.finished_at,
                    files=one.files,
                    done=one.done,
                    failed=one.failed_files,
                    cancelled=one.cancelled_files,
                )
                for one in page.jobs
            ],
            workers=page.health.workers,
            waiting=page.health.waiting,
            stalled=page.health.stalled,
            failed=page.health.failed,
            next=following,
        )
