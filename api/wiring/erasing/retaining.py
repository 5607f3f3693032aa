"""Retention carried out: once a day by the service, or when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.wiring.people_stores import PeopleStores
from infra.postgres.holdings import DOCUMENT
from infra.postgres.retention import TRAIL, Rule
from infra.vault import refs

_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retained:
    """Of a class: how much went (months, or rows), and how much a hold keeps."""

    class_: str
    gone: int
    held: int = 0


class Retaining:
    def __init__(self, parts: PeopleStores) -> None:
        self._parts = parts
        self._store = parts.retention

    def run_if_due(self) -> None:
        set_ = [rule for rule in self._store.rules() if rule.days is not None]
        now = datetime.now(UTC)
        if any(rule.ran_at is None or now - rule.ran_at > _EVERY for rule in set_):
            self.run()

    def run(self) -> tuple[Retained, ...]:
        """Can be cut off and run again at any time. Raises `AuditUnavailable`, and what the stores raise."""
        done = tuple(self._carry_out(rule) for rule in self._store.rules() if rule.days is not None)
        self._store.ran()
        return done

    def _carry_out(self, rule: Rule) -> Retained:
        assert rule.days is not None
        if rule.class_ != TRAIL:
            return Retained(rule.class_, self._store.drop_rows(rule.class_, rule.days))
        keys = self._parts.keys
        index = {month: keys.index(refs.month(month)) for month in self._store.months(rule.days)}
        there = set(keys.missing(index.values()))
        left = [month for month, one in index.items() if one in there]
        indices, staying = self._store.destroy(left, self._held(), lambda month: index[month])
        keys.destroy_indices(indices)
        self._parts.sign_offs.drop_months([month for month in index if month not in staying])
        return Retained(rule.class_, len(indices), len(staying))

    def _held(self) -> list[str]:
        """As the trail finds its records."""
        terms = []
        for kind, subject in self._store.held():
            if kind == DOCUMENT:
                terms.append(f"document_id:{subject}")
            else:
                names = self._parts.erasures.person(subject).names
                terms += [f"principal:{refs.person(self._parts.keys, name)}" for name in names]
        return terms
