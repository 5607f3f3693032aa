"""Answers that were given, opened again out of the trail: the only place that holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Protocol

from pydantic import TypeAdapter

from generation.people import KeptAnswer
from generation.types import Answer, FollowUp, Usage
from infra.postgres.chain import is_erased, is_unknown
from infra.postgres.citing import with_numbers
from infra.witness.bundles import answer_of
from retrieval.types import EVERYTHING, Filter, Numbering, Principal

Place = tuple[str, int]  # document id and version
_ANSWER = TypeAdapter(Answer)
_FOLLOW_UP = TypeAdapter(FollowUp | None)
_TOLD = ("question", "answer", "follow_up")
_NO_ANSWER = "No answer was given."


class _Row(Protocol):
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def record(self) -> str: ...


class Shown(Protocol):
    def show(self, audit_id: str) -> Sequence[Any]:
        """The rows of an answer, newest first, opened as far as they are not erased."""
        ...

    def answers(self, ids: Collection[str]) -> Mapping[str, Sequence[Any]]:
        """Those of several that opened and closed them, by id; the ids are those of answers."""
        ...


class Numbers(Protocol):
    def of(self, principal: Principal, document_ids: Collection[str]) -> Numbering: ...


class Changes(Protocol):
    def told(self, kept: Sequence[KeptAnswer], principal: Principal) -> list[KeptAnswer]:
        """The same with what has become of the versions that they rest on, as far as the principal may know."""
        ...


class KeptAnswers:
    """Whoever asks for one must have a right to it; what is checked here is that they may read what it rests on."""

    def __init__(self, trail: Shown, numbers: Numbers, changes: Changes | None = None) -> None:
        self._trail, self._numbers, self._changes = trail, numbers, changes

    def open(self, audit_id: str, principal: Principal) -> KeptAnswer | None:
        """None where there is no such answer (any more), or the principal may not read every version that it quotes or
        names. Raises `DatabaseUnavailable`."""
        kept = self.find(audit_id)
        return next(iter(self.readable([kept], principal)), None) if kept else None

    def readable(self, kept: Sequence[KeptAnswer], principal: Principal) -> list[KeptAnswer]:
        """Those that the principal may read all of, with what has `changed` since."""
        seen = self._numbers.of(principal, {document_id for one in kept for document_id, _ in one.rests_on})
        found = [one for one in kept if all(seen.knows(*place) for place in one.rests_on)]
        return self._changes.told(found, principal) if self._changes else found

    def find(self, audit_id: str) -> KeptAnswer | None:
        """Whoever may read it; None where there is none, it was not closed, or any of it is erased."""
        return _kept(tuple(reversed(self._trail.show(audit_id))))

    def find_all(self, audit_ids: Collection[str]) -> dict[str, KeptAnswer]:
        """The same of several, by id, as far as there are any; the ids are those that answers had."""
        shown = self._trail.answers(audit_ids) if audit_ids else {}
        return {id_: kept for id_, rows in shown.items() if (kept := _kept(tuple(reversed(rows))))}


def _kept(rows: Sequence[Any]) -> KeptAnswer | None:
    """Of the rows of an answer, oldest first."""
    closed = answer_of(rows)
    if closed is None or is_unknown(closed["principal"]) or any(is_erased(closed.get(name)) for name in _TOLD):
        return None
    placed = with_numbers(closed)
    answer = _ANSWER.validate_python({**placed["answer"], "audit_id": rows[0].id})
    as_of = date.fromisoformat(closed["as_of"]) if closed.get("as_of") else None
    follow_up = _FOLLOW_UP.validate_python(closed.get("follow_up"))
    return KeptAnswer(
        rows[0].id, closed["principal"], rows[0].recorded_at, closed["question"], answer,
        frozenset(rests_on(placed)), as_of, follow_up, only=filter_of(closed.get("filter")),
    )  # fmt: skip


def rests_on(placed: Mapping[str, Any]) -> dict[Place, str]:
    """Every version that a recorded answer quotes or names, and what it is called in a bundle; where it names documents
    by title alone, all that it was drafted from. `placed`: as `with_numbers` gives it."""
    return dict(_named(placed["answer"], placed.get("context", ())))


def _named(answer: Mapping[str, Any], context: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Place, str]]:
    told = [*answer["citations"], *(answer.get("abstention") or {}).get("nearest", ()), *answer.get("assumed", ())]
    titles = any(part.get("title") for part in answer.get("parts", ()))
    if titles or any(not one.get("citations") for one in answer.get("cautions", ())):
        by_id = any(one.get("version_id") for one in told)
        for one in context:
            called = f"passage-{one['marker']}" if by_id else f"v{one['version']}"
            yield (one["document_id"], one["version"]), f"{one['document_id']}-{called}"
    for one in told:
        called = one.get("version_id") or f"v{one['version']}"  # records of before ids have numbers alone
        yield (one["document_id"], one["version"]), f"{one['document_id']}-{called}"


def day_of(record: Mapping[str, Any]) -> date | None:
    """Of which day an answer is: what its question says itself, else what was asked for; None: of the newest."""
    clues = (record.get("search") or {}).get("clues", ())
    said = next((clue["value"] for clue in clues if clue["kind"] == "as_of"), record.get("as_of"))
    return date.fromisoformat(said) if said and not is_erased(said) else None


def filter_of(told: Mapping[str, Any] | None) -> Filter:
    """To what a recorded question was narrowed."""
    if not told:
        return EVERYTHING
    fields: dict[str, Any] = {name: frozenset(told[name]) for name in ("documents", "kinds", "groups") if name in told}
    fields |= {name: date.fromisoformat(told[name]) for name in ("since", "until") if name in told}
    return Filter(**fields)


def own(kept: KeptAnswer, principal: Principal) -> bool:
    """Whether it was the principal who asked."""
    return kept.asked_by.lower() == principal.owner


def told_to_others(answer: Answer) -> Answer:
    """Without what tells of all that the asker could read then: how much was found and withheld, how many documents are
    called alike, what was left aside, tokens, times. Whoever is shown somebody else's answer may read what it rests on,
    and nothing is said of the rest."""
    abstention = answer.abstention
    if abstention is not None:
        documents = len({one.document_id for one in abstention.nearest})
        searched = replace(abstention.searched, documents=documents, passages=len(abstention.nearest))
        abstention = replace(abstention, searched=searched)
    told = replace(
        answer,
        model=replace(answer.model, snapshot=""),
        usage=Usage(),
        timings_ms={},
        withheld=0,
        abstention=abstention,
        assumed=tuple(replace(one, alternatives=0) for one in answer.assumed),
        left_aside=(),
    )
    if not answer.left_aside:
        return told
    return replace(told, explanation="", answer=answer.answer if answer.sentences else _NO_ANSWER)  # it counts them
