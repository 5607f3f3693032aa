"""Adapters as releases: which there are, which one answers for a base model, and what was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from infra.postgres.errors import AdapterRefused
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL

Status = Literal["candidate", "current", "retired"]
Action = Literal["add", "promote", "rollback"]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A trained adapter. Digests are sha256 in hex.

    Args:
        name: unique, [a-z0-9][a-z0-9._-]{0,63}.
        base: the generator it belongs to, by its name in the manifest; `base_sha256` is that of its file.
        gguf_sha256, peft_sha256: its file for llama.cpp; weights and configuration in PEFT's form, as `digest_of` in
            infra.models.manifest.
        prompt_sha256, data_sha256: the prompt and the rows it was trained with.
        config: the run's settings.
        metrics: of the evaluation with which it was last promoted; None without one.
        created_at, promoted_at: when it was added, and last promoted (None: never).
    """

    name: str
    base: str
    base_sha256: str
    gguf_sha256: str
    peft_sha256: str
    prompt_sha256: str
    data_sha256: str
    config: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = None
    status: Status = "candidate"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    promoted_at: datetime | None = None

    @property
    def digests(self) -> tuple[str, ...]:
        """What makes it this adapter and no other."""
        return self.base_sha256, self.gguf_sha256, self.peft_sha256, self.prompt_sha256, self.data_sha256


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log. `previous`: for a promotion what was current until then, for a rollback what is current
    again; None for nothing."""

    number: int
    at: datetime
    action: Action
    name: str
    previous: str | None
    evidence: Mapping[str, Any]


class PostgresAdapters:
    """Whoever changes something takes a lock first, so that changes happen one after the other."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, adapter: Adapter) -> None:
        """A new candidate; nothing happens if it is here already. Raises `AdapterRefused` if its name is taken."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_adapters"])
            if _is_known(adapter, _all(conn)):
                return
            columns = {name: getattr(adapter, name) for name in Adapter.__slots__}
            conn.execute(SQL["add_adapter"], columns | {"config": Jsonb(dict(adapter.config))})
            _log(conn, "add", adapter.name, None, {})

    def check(self, adapter: Adapter) -> None:
        """Raises `AdapterRefused` if another adapter has its name."""
        _is_known(adapter, self.all())

    def all(self) -> list[Adapter]:
        """In the order in which they were added."""
        with transaction(self._pool) as conn:
            return _all(conn)

    def named(self, name: str) -> Adapter:
        """Raises `AdapterRefused`, which says what there is."""
        return _named(name, self.all())

    def current(self, base: str) -> Adapter | None:
        """The one that answers for this base model; one look into an index."""
        with transaction(self._pool) as conn:
            return _current(conn, base)

    def changes(self, base: str) -> list[Change]:
        """The log of this base model's adapters, oldest first."""
        with transaction(self._pool) as conn:
            return _changes(conn, base)

    def promote(
        self, name: str, metrics: Mapping[str, Any] | None, evidence: Mapping[str, Any], *, over: str | None = None
    ) -> Adapter | None:
        """Makes it current and returns what was until now.

        `over` names what the evidence compares it with ("": nothing): if something else is current by now, or if it
        is current itself, `AdapterRefused` is raised.
        """
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_adapters"])
            adapter = _named(name, _all(conn))
            previous = _current(conn, adapter.base)
            before = previous.name if previous else None
            if before == name:
                raise AdapterRefused(f"{name} is current already.")
            if over is not None and over != (before or ""):
                raise AdapterRefused(
                    f"{before or 'No adapter'} is current by now, not {over or 'none'}: compare {name} with that."
                )
            conn.execute(SQL["retire_adapter"], {"base": adapter.base})
            conn.execute(
                SQL["promote_adapter"], {"name": name, "metrics": None if metrics is None else Jsonb(dict(metrics))}
            )
            _log(conn, "promote", name, before, evidence)
            return previous

    def rollback(self, base: str) -> Adapter | None:
        """Makes current again what was before the last promotion that still holds, and returns it; None if that was
        before any promotion.

        Raises `AdapterRefused` if nothing is promoted.
        """
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_adapters"])
            held = _held(_changes(conn, base))
            if not held:
                raise AdapterRefused(f"There is nothing to go back to: no adapter of {base} is promoted.")
            left, target = held[-1], held[-2] if len(held) > 1 else None
            conn.execute(SQL["retire_adapter"], {"base": base})
            if target:
                conn.execute(SQL["restore_adapter"], {"name": target})
            _log(conn, "rollback", left, target, {})
            return _named(target, _all(conn)) if target else None


def _held(changes: list[Change]) -> list[str]:
    """The promotions that no rollback has undone, oldest first: the last one is current."""
    names: list[str] = []
    for change in changes:
        if change.action == "promote":
            names.append(change.name)
        elif change.action == "rollback":
            names.pop()
    return names


def _is_known(adapter: Adapter, known: list[Adapter]) -> bool:
    for other in known:
        if other.name == adapter.name:
            if other.digests != adapter.digests:
                raise AdapterRefused(f"There is another adapter of the name {adapter.name}. Choose another --name.")
            return True
    return False


def _named(name: str, known: list[Adapter]) -> Adapter:
    for adapter in known:
        if adapter.name == name:
            return adapter
    there_is = f"There is: {', '.join(adapter.name for adapter in known)}." if known else "None was added yet."
    raise AdapterRefused(f"There is no adapter {name!r}. {there_is} Add one with `footnote adapters add`.")


def _all(conn: Connection) -> list[Adapter]:
    return [Adapter(*row) for row in conn.execute(SQL["list_adapters"])]


def _current(conn: Connection, base: str) -> Adapter | None:
    row = conn.execute(SQL["current_adapter"], {"base": base}).fetchone()
    return None if row is None else Adapter(*row)


def _changes(conn: Connection, base: str) -> list[Change]:
    return [Change(*row) for row in conn.execute(SQL["adapter_changes"], {"base": base})]


def _log(conn: Connection, action: Action, name: str, previous: str | None, evidence: Mapping[str, Any]) -> None:
    row = {"action": action, "name": name, "previous": previous, "evidence": Jsonb(dict(evidence))}
    conn.execute(SQL["log_adapter"], row)
