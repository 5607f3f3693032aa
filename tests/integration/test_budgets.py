"""Budgets in PostgreSQL: who may ask how much in a day, whatever is restarted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.wiring.spending import Allowed, Spending
from generation.types import Usage
from infra.postgres.budgets import PostgresBudgets
from infra.postgres.errors import BudgetSpent
from infra.postgres.pool import Pool, transaction
from retrieval.types import Principal


def used(pool: Pool) -> dict[str, tuple[int, int]]:
    with transaction(pool) as conn:
        return {row[0]: row[1:] for row in conn.execute("SELECT subject, questions, tokens FROM budget_use").fetchall()}


def test_without_a_budget_nothing_is_counted(fresh_database: Pool) -> None:
    assert PostgresBudgets(fresh_database).take("ana", ["legal"]) is None
    assert used(fresh_database) == {}


def test_a_budget_of_questions_holds_over_a_restart(fresh_database: Pool) -> None:
    PostgresBudgets(fresh_database).set("user:ana", 2, None)
    for _ in range(2):
        assert PostgresBudgets(fresh_database).take("ana", [])
    with pytest.raises(BudgetSpent, match="The 2 questions that you may use in a day are spent") as spent:
        PostgresBudgets(fresh_database).take("ana", [])
    assert 1 <= spent.value.retry_after <= 86_400
    assert PostgresBudgets(fresh_database).take("ben", []) is None


def test_the_last_question_is_taken_once_by_however_many_at_once(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("group:legal", 3, None)

    def ask(number: int) -> bool:
        try:
            return budgets.take(f"person{number}", ["legal"]) is not None
        except BudgetSpent:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(16))) == 3


def test_a_group_s_budget_is_shared_and_everyone_s_is_each_one_s_own(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("everyone", 2, None)
    budgets.set("group:legal", 3, None)
    budgets.set("user:eve", 5, None)
    for user in ("ana", "ana", "ben"):
        budgets.take(user, ["legal"])
    with pytest.raises(BudgetSpent, match="that you may"):
        budgets.take("ana", [])
    with pytest.raises(BudgetSpent, match="that the group legal may"):
        budgets.take("ben", ["legal"])
    for _ in range(5):
        budgets.take("eve", [])
    assert used(fresh_database) == {
        "group:legal": (3, 0), "user:ana": (2, 0), "user:ben": (1, 0), "user:eve": (5, 0)
    }  # fmt: skip


def test_the_day_s_use_is_forgotten_with_the_day(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("user:ana", 1, None)
    budgets.take("ana", [])
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE budget_use SET day = day - 1")
    assert budgets.take("ana", [])
    with transaction(fresh_database) as conn:
        conn.execute("UPDATE budget_use SET day = day - 31")
    budgets.forget()
    assert used(fresh_database) == {}


def test_a_budget_is_lifted_when_it_is_set_to_nothing(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("user:ana", 0, None)
    with pytest.raises(BudgetSpent):
        budgets.take("ana", [])
    budgets.set("user:ana", None, None)
    assert budgets.take("ana", []) is None
    assert budgets.list() == ()


async def test_tokens_are_counted_as_the_answer_used_them(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("user:ana", None, 100)
    spending, ana = Spending(budgets, broken_off=60), Principal("ana")
    async with spending.question(ana) as counted:
        counted.begun, counted.usage = True, Usage(30, 15)
    assert await spending.allowance(ana) == {"tokens": Allowed(100, 55, _seconds(budgets))}
    async with spending.question(ana) as counted:
        counted.begun = True  # and its asker leaves
    assert used(fresh_database) == {"user:ana": (2, 105)}
    with pytest.raises(BudgetSpent, match="The 100 tokens"):
        async with spending.question(ana):
            raise AssertionError("it was let in")


async def test_a_question_that_was_not_begun_is_given_back(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("user:ana", 1, None)
    spending = Spending(budgets, broken_off=60)
    for _ in range(3):
        async with spending.question(Principal("ana")):
            pass
    assert used(fresh_database) == {"user:ana": (0, 0)}


async def test_a_key_that_leaves_a_group_out_does_not_get_around_its_budget(fresh_database: Pool) -> None:
    budgets = PostgresBudgets(fresh_database)
    budgets.set("group:legal", 0, None)
    with pytest.raises(BudgetSpent):
        async with Spending(budgets, 1).question(Principal("ana", frozenset(), shut=frozenset({"legal"}))):
            raise AssertionError("it was let in")


def _seconds(budgets: PostgresBudgets) -> int:
    return budgets.standing("ana", [])[0].seconds
