"""Sign-offs of answers, by who may open them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from api.wiring.kept import own
from generation.people import KeptAnswer, SignOff, SignVerdict
from retrieval.types import Principal

Place = tuple[str, int]  # document id and version
May = Callable[[KeptAnswer, Principal], bool]
"""Whether somebody has a right to ask for an answer; that they may read what it rests on is looked at besides."""


class Kept(Protocol):
    def open(self, audit_id: str, principal: Principal) -> KeptAnswer | None: ...


class Store(Protocol):
    def put(
        self, audit_id: str, sentence: int | None, by: str, verdict: SignVerdict, words: str, still: Callable[[], bool]
    ) -> SignOff | None: ...
    def of(self, audit_ids: Collection[str]) -> list[SignOff]: ...
    def withdraw(self, audit_id: str, sentence: int | None, by: str) -> bool: ...


class SignOffs:
    """Implements `api.http.parts.SignOffs`. What may not be opened is as what is not there."""

    def __init__(self, kept: Kept, store: Store, may: May = own) -> None:
        self._kept, self._store, self._may = kept, store, may

    def put(
        self, audit_id: str, sentence: int | None, principal: Principal, verdict: SignVerdict, words: str
    ) -> SignOff | None:
        """None where the answer or the sentence is not there. Raises `AuditUnavailable`."""
        kept = self.open(audit_id, principal)
        if kept is None or not _there(kept, sentence):
            return None
        by = f"user:{principal.user}"
        still = lambda: self.open(audit_id, principal) is not None  # noqa: E731
        return self._store.put(kept.audit_id, sentence, by, verdict, words, still)

    def of(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[list[SignOff], Sequence[Place]] | None:
        """Oldest first, with the versions that the answer rests on; None where it is not there. `auditor`: of anybody's
        answer."""
        kept = self.open(audit_id, principal, auditor=auditor)
        return None if kept is None else (self._store.of([kept.audit_id]), sorted(kept.rests_on))

    def among(self, audit_ids: Collection[str]) -> list[SignOff]:
        """Of answers that whoever asks is shown already: oldest first."""
        return self._store.of(audit_ids)

    def withdraw(self, audit_id: str, sentence: int | None, principal: Principal) -> bool:
        """Takes back one's own; False where there is none. Raises `AuditUnavailable`."""
        kept = self.open(audit_id, principal)
        return kept is not None and self._store.withdraw(kept.audit_id, sentence, f"user:{principal.user}")

    def open(self, audit_id: str, principal: Principal, *, auditor: bool = False) -> KeptAnswer | None:
        """What they may sign; `auditor`: what they may see the sign-offs of."""
        kept = self._kept.open(audit_id, principal)
        return kept if kept and (auditor or self._may(kept, principal)) else None


def _there(kept: KeptAnswer, sentence: int | None) -> bool:
    return sentence is None or 0 < sentence <= len(kept.answer.sentences)
