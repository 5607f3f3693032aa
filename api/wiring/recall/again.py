"""Asks again what an answer was given to: the same question by the same person, over what they may read now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from pydantic import TypeAdapter

from api.terminal import UsageError
from api.wiring.replaying import filter_of
from generation.types import Answer, FollowUp
from infra.postgres.chain import AuditRow, is_erased, is_unknown
from infra.witness.bundles import answer_of
from retrieval.types import Filter, Principal

_FOLLOW_UP = TypeAdapter(FollowUp | None)
_ASKED = ("question", "groups", "shut", "filter", "follow_up")


class Answers(Protocol):
    async def answer_again(
        self, question: str, principal: Principal, as_of: date | None, only: Filter, follow_up: FollowUp | None, of: str
    ) -> Answer: ...


class Standing(Protocol):
    @property
    def user(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def groups(self) -> frozenset[str]: ...


Shown = Callable[[str], Sequence[AuditRow]]
Directory = Callable[[str], Standing | None]


async def ask_again(audit_id: str, shown: Shown, directory: Directory, answers: Answers) -> tuple[Principal, Answer]:
    """Who asked, and the new answer, whose record names the old one. Raises `UsageError` where it cannot be asked
    again."""
    rows = tuple(reversed(shown(audit_id)))
    closed = answer_of(rows)
    if closed is None:
        raise UsageError(f"There is no answer {audit_id} that was given to its end.")
    if is_unknown(closed["principal"]) or any(is_erased(closed.get(name)) for name in _ASKED):
        raise UsageError(f"The answer {audit_id} was erased: what was asked, or by whom, cannot be told any more.")
    asker = asker_now(closed, directory)
    as_of = date.fromisoformat(closed["as_of"]) if closed.get("as_of") else None
    follow_up = _FOLLOW_UP.validate_python(closed.get("follow_up"))
    only = filter_of(closed.get("filter"))
    question = closed["question"]
    answer = await answers.answer_again(question, asker, as_of, only, follow_up, rows[0].id)
    return asker, answer


def asker_now(closed: Mapping[str, Any], directory: Directory) -> Principal:
    """Who asked, in the groups that the directory gives now, or that the record gives of whom it does not know. Raises
    `UsageError` for who may not ask any more."""
    user = str(closed["principal"]).removeprefix("user:")
    standing = directory(user)
    if standing is None:
        return Principal(user, frozenset(closed.get("groups", ())), frozenset(closed.get("shut", ())))
    if not standing.active:
        raise UsageError(f"{user} has been deactivated: nothing is asked in their name.")
    return Principal(standing.user, standing.groups)
