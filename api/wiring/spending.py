"""What a question costs its asker's budgets: counted when it is admitted, its tokens when its answer ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from anyio import to_thread

from generation.types import Usage
from infra.postgres.budgets import PostgresBudgets, Standing, Taken
from infra.postgres.errors import StoreError
from ingest.errors import DiskFull
from retrieval.types import Principal

log = logging.getLogger("footnote")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Allowed:
    """So much `quota` a day, so much `left`, for `seconds` more."""

    quota: int
    left: int
    seconds: int


@dataclass(slots=True)
class Counted:
    """A question as it goes: whether it was begun on, and what its answer has used where it came to its end."""

    begun: bool = False
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """`broken_off`: tokens that an answer counts which its asker did not hear to the end, so that leaving early is not
    free."""

    budgets: PostgresBudgets
    broken_off: int

    async def allowance(self, principal: Principal) -> Mapping[str, Allowed]:
        """What the person has left of questions and of tokens, where a budget holds: by the one with the least left."""
        found = await _in_thread(lambda: self.budgets.standing(principal.user, _groups(principal)))
        left: dict[str, Allowed] = {}
        for what, one in ((what, _allowed(one, what)) for one in found for what in ("questions", "tokens")):
            if one is not None and (what not in left or one.left < left[what].left):
                left[what] = one
        return left

    @asynccontextmanager
    async def question(self, principal: Principal) -> AsyncIterator[Counted]:
        """Counted for as long as the block; one that is left before it was begun is given back. Raises
        `BudgetSpent`."""
        taken = await _in_thread(lambda: self.budgets.take(principal.user, _groups(principal)))
        counted = Counted()
        try:
            yield counted
        finally:
            if taken is not None:
                await asyncio.shield(self._ended(taken, counted))

    async def _ended(self, taken: Taken, counted: Counted) -> None:
        try:
            if counted.begun:
                await _in_thread(lambda: self.budgets.use(taken, self._tokens(counted.usage)))
            else:
                await _in_thread(lambda: self.budgets.give_back(taken))
        except (StoreError, DiskFull) as error:  # the answer is there, and recorded
            log.warning("The tokens of an answer were not counted: %s", error)

    def _tokens(self, usage: Usage | None) -> int:
        return self.broken_off if usage is None else usage.prompt_tokens + usage.completion_tokens


def _allowed(one: Standing, what: str) -> Allowed | None:
    budget = one.budget
    quota, used = (
        (budget.questions, budget.questions_used) if what == "questions" else (budget.tokens, budget.tokens_used)
    )
    return None if quota is None else Allowed(quota, max(0, quota - used), one.seconds)


def _groups(principal: Principal) -> frozenset[str]:
    """With those that a key leaves out: it does not get around their budgets."""
    return principal.groups | principal.shut


async def _in_thread(work: Callable[[], T]) -> T:
    """Beside the threads that answers use, so that nobody waits for these."""
    return await to_thread.run_sync(work)
