"""What has become of the versions that answers rest on, as a reader may know it, or as the operator does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache

from api.wiring.recall.marking import superseding
from generation.people import Change, Changed, KeptAnswer
from generation.types import Answer, Assumed, Citation
from infra.postgres.recall import ALL_VERSIONS, Mark, PostgresRecall
from retrieval.types import Principal

Words = Callable[[str, int], str]
Versions = Mapping[str, Mapping[int, tuple[datetime, date]]]
Found = tuple[Changed, Mark]


class Changes:
    """Implements `api.wiring.kept.Changes`. An answer without a mark costs one look-up."""

    def __init__(self, store: PostgresRecall) -> None:
        self._store = store

    def told(self, kept: Sequence[KeptAnswer], principal: Principal) -> list[KeptAnswer]:
        found = self.of(kept, principal)
        return [replace(one, changed=tuple(changed for changed, _ in found[one.audit_id])) for one in kept]

    def of(self, kept: Sequence[KeptAnswer], principal: Principal | None) -> dict[str, list[Found]]:
        """By the id of the answer, with the mark of each. A newer version that the principal may not read is none.
        principal None: the operator."""
        marks = self._store.marks(one.audit_id for one in kept)
        ids = {mark.document_id for marked in marks.values() for mark in marked}
        if not ids:
            return {one.audit_id: [] for one in kept}
        versions = self._store.versions(ids, principal)
        reasons = {(one.document_id, one.version): one.reason for one in self._store.wrong(ids)}

        @cache
        def words(document_id: str, version: int) -> str:
            return folded(self._store.words(document_id, version, principal))

        return {
            one.audit_id: [
                (changed, mark)
                for mark in marks.get(one.audit_id, ())
                if (changed := _changed(one.answer, mark, versions, reasons, words))
            ]
            for one in kept
        }


def plain(mark: Mark) -> Changed:
    """What the mark alone tells, of an answer that cannot be opened any more."""
    return Changed(mark.document_id, mark.version, "", mark.change, mark.at, mark.by)


def folded(text: str) -> str:
    """Without line breaks and the like, in which two readings of the same words differ."""
    return " ".join(text.split())


def _changed(
    answer: Answer, mark: Mark, versions: Versions, reasons: Mapping[tuple[str, int], str], words: Words
) -> Changed | None:
    place = mark.document_id, mark.version
    title = next((one.title for one in _named(answer) if (one.document_id, one.version) == place), "")
    told = Changed(*place, title, mark.change, mark.at)
    if mark.change is Change.WRONG:
        said = [reasons[known] for known in (place, (mark.document_id, ALL_VERSIONS)) if known in reasons]
        return replace(told, reason="; ".join(said)) if said else None
    if mark.change is not Change.SUPERSEDED:
        return told
    known = versions.get(mark.document_id, {})
    by = superseding(mark.version, mark.as_of, known)
    if by is None:
        return None
    quotes = [one.quote for one in _quoted(answer) if (one.document_id, one.version) == place]
    stands = all(folded(quote) in words(mark.document_id, by) for quote in quotes) if quotes else None
    return replace(told, at=known[by][0], by=by, stands=stands)


def _quoted(answer: Answer) -> tuple[Citation, ...]:
    return (*answer.citations, *(answer.abstention.nearest if answer.abstention else ()))


def _named(answer: Answer) -> tuple[Citation | Assumed, ...]:
    return (*_quoted(answer), *answer.assumed)
