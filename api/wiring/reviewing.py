"""Who works on reviews: one cell after the other through the way of a question, behind everybody who waits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any, Protocol, TypeVar

from anyio import to_thread

from api.wiring.review_seeing import STATES
from api.wiring.reviews import rests_on_own
from generation.errors import GenerationError
from generation.people import KeptAnswer
from generation.types import Answer
from infra.postgres.errors import StoreError
from infra.postgres.people import Standing
from infra.postgres.review_queue import PostgresReviewQueue
from infra.postgres.review_rows import CellState, InForce, Owned, Taken, principal_of
from infra.postgres.reviews import PostgresReviews
from ingest.errors import DiskFull, FootnoteError, NotAllowed, NotNow, ServiceStopping
from retrieval.types import Filter, Principal

log = logging.getLogger("footnote")
T = TypeVar("T")

_MOST_LOST = 5  # processes that may die while they have a cell in hand
_MOST_TRIES = 8
_POLL_S = 1.0
_CHECK_S = 2.0
_LONGEST_WAIT_S = 60.0  # until a review is looked at again that has to wait, as for a budget
_OF_THIS_MACHINE = (GenerationError, StoreError, DiskFull, OSError)


class Answers(Protocol):
    def answer(
        self, question: str, principal: Principal, as_of: date | None, only: Filter, *, strict: bool
    ) -> Coroutine[Any, Any, Answer]: ...


class Kept(Protocol):
    def find(self, audit_id: str) -> KeptAnswer | None: ...


class Rights:
    """What somebody may read now who asked for a review before: at most what the credential vouched for then, and what
    the identity provider says of them today. `standing`: of a person whom it has synced; `key_stands`: whether an API
    key still counts."""

    def __init__(self, standing: Callable[[str], Standing | None], key_stands: Callable[[str], bool]) -> None:
        self._standing, self._key_stands = standing, key_stands

    def __call__(self, owned: Owned) -> Principal:
        """Raises `NotAllowed` for who may not ask any more."""
        before = principal_of(owned.tokens)
        if owned.key_id is not None and not self._key_stands(owned.key_id):
            raise NotAllowed("The API key of this review counts no longer. Resume it with another credential.")
        person = self._standing(before.user)
        if person is None:
            return before
        if not person.active:
            raise NotAllowed("Whoever asks in this review has no account here any more.")
        held = person.groups & before.groups
        return Principal(person.user, held, shut=person.groups - held)


class ReviewWork:
    """In the event loop that answers. `ask`: through admission and budgets, behind everybody. `generation`: of the
    catalog. `slots`: cells at once."""

    def __init__(
        self,
        reviews: PostgresReviews,
        queue: PostgresReviewQueue,
        rights: Rights,
        ask: Answers,
        generation: Callable[[], int],
        kept: Kept,
        *,
        slots: int,
    ) -> None:
        self._reviews, self._queue, self._rights, self._ask = reviews, queue, rights, ask
        self._generation, self._kept, self._slots = generation, kept, slots
        self._told = ""

    async def run(self) -> None:
        """Works on all reviews and keeps live ones up to date, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._over_and_over(self._check_all, _CHECK_S))
            for _ in range(self._slots):
                group.create_task(self._over_and_over(self._one, _POLL_S))

    async def finish(self, review_id: str, told: Callable[[int], object] = lambda left: None) -> None:
        """Works on one review until nothing of it waits, whoever else works on it; `told` how many cells are left."""

        async def share() -> None:
            while left := await _in_thread(lambda: self._queue.open_cells(review_id)):
                told(left)
                until = time.monotonic() + _POLL_S  # counting takes as long as there are cells
                while time.monotonic() < until:
                    if not await self._one(review_id):
                        await asyncio.sleep(_POLL_S)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._slots):
                group.create_task(share())

    async def _over_and_over(self, work: Callable[[], Coroutine[Any, Any, bool]], pause_s: float) -> None:
        while True:
            try:
                went_on = await work()
                self._told = ""
            except (*_OF_THIS_MACHINE, ServiceStopping) as error:
                if str(error) != self._told:
                    log.warning("Reviews wait, and will go on: %s", error)
                went_on, self._told = False, str(error)
            except Exception as error:
                log.exception("Reviews wait, and will go on.")  # nobody else would hear of it in this task
                went_on, self._told = False, str(error)
            if not went_on:
                await asyncio.sleep(pause_s)

    async def _one(self, review_id: str | None = None) -> bool:
        """One cell's turn; False where none waits."""
        taken = await _in_thread(lambda: self._queue.take(review_id))
        if taken is None:
            return False
        try:
            await self._cell(taken)
        except asyncio.CancelledError:
            await asyncio.shield(_in_thread(lambda: self._queue.hand_back(taken, untried=True)))
            raise
        return True

    async def _cell(self, taken: Taken) -> None:
        if taken.lost > _MOST_LOST:
            await self._failed(taken, "process_died", None)
            return
        version: int | None = None
        try:
            principal = await _in_thread(lambda: self._rights(taken.owned))
            found = await _in_thread(lambda: self._in_force(taken, principal))
            if found is None:
                await _in_thread(lambda: self._queue.end(taken, CellState.ABSENT))
                return
            version = found.version
            answer = await self._kept_while(taken, self._answer(taken, principal))
        except NotNow as error:
            wait_s = min(float(error.retry_after), _LONGEST_WAIT_S)
            await _in_thread(lambda: self._queue.hand_back(taken, wait_s=wait_s, untried=True))
        except ServiceStopping:
            await _in_thread(lambda: self._queue.hand_back(taken, wait_s=_POLL_S, untried=True))
        except _OF_THIS_MACHINE as error:
            await self._again(taken, error, version)
        except FootnoteError as error:
            await self._failed(taken, error.code, version)
        except Exception:
            log.exception("A cell of a review could not be answered.")
            await self._failed(taken, "internal_error", version)
        else:
            if answer is not None:
                await self._answered(taken, answer, version)

    def _in_force(self, taken: Taken, principal: Principal) -> InForce | None:
        """The version that is asked; None where the owner may not read the document."""
        found = self._reviews.in_force(principal, [taken.document_id], taken.as_of)
        return found.get(taken.document_id)

    def _answer(self, taken: Taken, principal: Principal) -> Coroutine[Any, Any, Answer]:
        only = Filter(documents=frozenset({taken.document_id}))
        return self._ask.answer(taken.asked, principal, taken.as_of, only, strict=taken.strict)

    async def _kept_while(self, taken: Taken, work: Coroutine[Any, Any, Answer]) -> Answer | None:
        """The answer, while the lease is renewed; None where that is lost, or the cell is gone."""
        answering = asyncio.ensure_future(work)
        try:
            while True:
                done, _ = await asyncio.wait({answering}, timeout=self._queue.lease_s / 3)
                if done:
                    return answering.result()
                if not await _in_thread(lambda: self._queue.keep(taken)):
                    return None
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _answered(self, taken: Taken, answer: Answer, version: int | None) -> None:
        state, id_ = STATES[answer.status], answer.audit_id

        def ended() -> None:
            kept = self._kept.find(id_)
            rests_on = rests_on_own(kept, taken.document_id) if kept else None
            self._queue.end(taken, state, audit_id=id_, version=version, rests_on=rests_on)

        await _in_thread(ended)

    async def _again(self, taken: Taken, error: Exception, version: int | None) -> None:
        """Later, for it is this machine that failed; but not for ever."""
        if taken.tries < _MOST_TRIES:
            wait_s = min(2.0**taken.tries, _LONGEST_WAIT_S)
            await _in_thread(lambda: self._queue.hand_back(taken, wait_s=wait_s))
        else:
            await self._failed(taken, getattr(error, "code", "internal_error"), version)

    async def _failed(self, taken: Taken, code: str, version: int | None) -> None:
        await _in_thread(lambda: self._queue.end(taken, CellState.FAILED, code=code, version=version))

    # Live reviews

    async def _check_all(self) -> bool:
        await _in_thread(self.check)
        return False

    def check(self) -> int:
        """Cells of live reviews whose documents have got another version wait again; how many."""
        generation, count = self._generation(), 0
        for review_id, owned, as_of in self._queue.to_check(generation):
            try:
                principal = self._rights(owned)
            except NotAllowed:
                continue
            documents = self._reviews.documents([review_id])[review_id]
            seen = self._reviews.in_force(principal, documents.values(), as_of)
            versions = {number: seen[id_].version for number, id_ in documents.items() if id_ in seen}
            count += self._queue.checked(review_id, generation, versions)
        return count


async def _in_thread(work: Callable[[], T]) -> T:
    """Beside the threads that answers use, so that nobody waits for these."""
    return await to_thread.run_sync(work)
