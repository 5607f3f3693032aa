"""Asks again what an answer was given to: the same question by the same person, over what they may read now."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from anyio import to_thread
from pydantic import TypeAdapter

from api.wiring.admitting import Again
from api.wiring.kept import filter_of
from generation.answering.strictness import read
from generation.errors import NotAskedAgain
from generation.people import KeptAnswer
from generation.types import Answer, Event, FinalEvent, FollowUp
from infra.postgres.chain import AuditRow, is_erased, is_unknown
from infra.witness.bundles import answer_of
from retrieval.types import EVERYTHING, Filter, Principal

_FOLLOW_UP = TypeAdapter(FollowUp | None)
_ASKED = ("question", "groups", "shut", "filter", "follow_up")


class Answers(Protocol):
    async def answer_again(
        self,
        question: str,
        principal: Principal,
        as_of: date | None,
        only: Filter,
        follow_up: FollowUp | None,
        of: str,
        strict: bool = False,
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
    """Who asked, and the new answer, whose record names the old one. Raises `NotAskedAgain`."""
    rows = tuple(reversed(await to_thread.run_sync(shown, audit_id)))
    closed = answer_of(rows)
    if closed is None:
        raise NotAskedAgain(f"There is no answer {audit_id} that was given to its end.")
    if is_unknown(closed["principal"]) or any(is_erased(closed.get(name)) for name in _ASKED):
        raise NotAskedAgain(f"The answer {audit_id} was erased: what was asked, or by whom, cannot be told any more.")
    asker = await to_thread.run_sync(asker_now, closed, directory)
    as_of = date.fromisoformat(closed["as_of"]) if closed.get("as_of") else None
    follow_up = _FOLLOW_UP.validate_python(closed.get("follow_up"))
    only = filter_of(closed.get("filter"))
    question = closed["question"]
    strict = read(closed.get("recipe") or {}) is not None
    answer = await answers.answer_again(question, asker, as_of, only, follow_up, rows[0].id, strict)
    return asker, answer


def asker_now(closed: Mapping[str, Any], directory: Directory) -> Principal:
    """Who asked, in the groups that the directory gives now, or that the record gives of whom it does not know. Raises
    `NotAskedAgain` for who may not ask any more."""
    user = str(closed["principal"]).removeprefix("user:")
    standing = directory(user)
    if standing is None:
        return Principal(user, frozenset(closed.get("groups", ())), frozenset(closed.get("shut", ())))
    if not standing.active:
        raise NotAskedAgain("Who asked has been deactivated: nothing is asked in their name.")
    return Principal(standing.user, standing.groups)


class Kept(Protocol):
    """`api.wiring.kept.KeptAnswers`."""

    def find(self, audit_id: str) -> KeptAnswer | None: ...
    def readable(self, kept: Sequence[KeptAnswer], principal: Principal) -> Sequence[KeptAnswer]: ...


class Marks(Protocol):
    def asked_again(self, audit_id: str, again: str, by: str) -> None: ...


class Cells(Protocol):
    """Of reviews: `api.wiring.reviews.ReviewDesk`."""

    def take_over(self, audit_id: str, again: str) -> int: ...


class Streaming(Protocol):
    def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None,
        only: Filter,
        *,
        earlier: Sequence[str],
        again: Again | None,
        strict: bool,
    ) -> AsyncGenerator[Event, None]: ...


class Admitted(Protocol):
    async def answer(self, question: str, principal: Principal, *, again: Again | None) -> Answer: ...


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """Implements `api.http.recall.AskingAgain`. `admitted`: with a place in line and a budget, which are those of who
    wants it, not of who asked."""

    kept: Kept
    shown: Shown
    directory: Directory
    answers: Answers
    marks: Marks
    cells: Cells
    admitted: Callable[[Streaming], Admitted]

    async def ask(self, audit_id: str, principal: Principal, *, auditor: bool, again: Again | None) -> str | None:
        """The id of the new answer; None where there is no such answer, or the principal, who does not audit, may not
        read all of the old one. Raises `NotAskedAgain`, and what admission raises."""
        kept = await to_thread.run_sync(self._found, audit_id, principal, auditor)
        if kept is None:
            return None
        answer = await self.admitted(_Once(self, kept.audit_id)).answer("", principal, again=again)
        by = f"user:{principal.user}"
        await to_thread.run_sync(self.marks.asked_again, kept.audit_id, answer.audit_id, by)
        await to_thread.run_sync(self.cells.take_over, kept.audit_id, answer.audit_id)
        return answer.audit_id

    def _found(self, audit_id: str, principal: Principal, auditor: bool) -> KeptAnswer | None:
        kept = self.kept.find(audit_id)
        return kept if kept and (auditor or self.kept.readable([kept], principal)) else None


@dataclass(frozen=True, slots=True)
class _Once:
    """What is admitted: one answer asked again, by who may ask when its turn has come."""

    asking: AskingAgain
    audit_id: str

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]:
        known = self.asking
        _, answer = await ask_again(self.audit_id, known.shown, known.directory, known.answers)
        yield FinalEvent(answer)
