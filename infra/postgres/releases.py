"""Releases as they are kept. Every step is a row; what follows from them is in `release_steps`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from infra.postgres.errors import ReleaseRefused
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.release_steps import MODES, PUT_AWAY, Action, standing
from infra.postgres.release_steps import Candidate as Candidate
from infra.postgres.release_steps import Mode as Mode
from infra.postgres.release_steps import Release as Release
from infra.postgres.release_steps import ReleaseEvent as ReleaseEvent
from infra.postgres.release_steps import Standing as Standing
from infra.postgres.sql import SQL

RESERVED = frozenset({"current", "none", "new"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class PostgresReleases:
    """Whoever changes something takes a lock first, so that changes happen one after the other. Raises
    `ReleaseRefused`, which says how it stands."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def check_name(self, name: str) -> None:
        """Raises `ReleaseRefused` for one that is taken or cannot be one."""
        with transaction(self._pool) as conn:
            _check_name(conn, name)

    def add(self, release: Release, evidence: Mapping[str, Any]) -> None:
        """A proposal; nothing answers by it yet."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            _check_name(conn, release.name)
            row = {name: getattr(release, name) for name in ("name", "by", "pins_sha256", "note")}
            row |= {"settings": Jsonb(dict(release.settings)), "pins": Jsonb(dict(release.pins))}
            conn.execute(SQL["add_release"], row)
            _log(conn, "propose", release.name, None, release.by, evidence)

    def all(self) -> list[Release]:
        """In the order in which they were proposed."""
        with transaction(self._pool) as conn:
            return _all(conn)

    def named(self, name: str) -> Release:
        with transaction(self._pool) as conn:
            return _named(conn, name)

    def events(self, name: str | None = None) -> list[ReleaseEvent]:
        """Oldest first; of one: those that tell of it."""
        with transaction(self._pool) as conn:
            found = [ReleaseEvent(*row) for row in conn.execute(SQL["release_events"])]
        return [event for event in found if name is None or name in {event.name, event.previous}]

    def standing(self) -> Standing:
        with transaction(self._pool) as conn:
            return _standing(conn)

    def in_use(self) -> tuple[Release | None, Candidate | None]:
        """The current one, and the one that is tried beside it, both of one moment."""
        with transaction(self._pool) as conn:
            now = _standing(conn)
            current = _named(conn, now.current) if now.current else None
            if now.trial is None:
                return current, None
            trial, mode = now.trial, next(mode for mode in MODES if mode == now.trial.action)
            return current, Candidate(_named(conn, trial.name), mode, trial.share or 0.0, trial.number, trial.at)

    def current(self) -> Release | None:
        return self.in_use()[0]

    def candidate(self) -> Candidate | None:
        return self.in_use()[1]

    def begin(self, name: str, mode: Mode, by: str, evidence: Mapping[str, Any], *, share: float | None = None) -> None:
        """Tries it beside what is current: in the background (shadow), or on a share (0..1) of the people."""
        if (mode == "shadow") != (share is None) or (share is not None and not 0 < share < 1):
            raise ReleaseRefused("A canary and an A/B test take a share of the people between 0 and 1, a shadow none.")
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            _named(conn, name)
            now = _standing(conn)
            if name == now.current:
                raise ReleaseRefused(f"{name} is current already.")
            if now.trial is not None and now.trial.name != name:
                raise ReleaseRefused(
                    f"{now.trial.name} is tried by now ({now.trial.action}). End that first: `footnote release stop "
                    f"{now.trial.name}`, or promote it."
                )
            _log(conn, mode, name, now.current, by, evidence, share)

    def check_promotion(self, name: str, *, again: bool) -> None:
        """Raises `ReleaseRefused` where it would be refused whatever the evidence, as `promote` does."""
        with transaction(self._pool) as conn:
            _named(conn, name)
            _check_promotion(_standing(conn), name, again)

    def promote(
        self,
        name: str,
        by: str,
        evidence: Mapping[str, Any],
        *,
        over: str | None = None,
        trial: int | None = None,
        again: bool = True,
    ) -> Release | None:
        """Makes it current and returns what was until now; a trial of it ends. With the number of a `trial` only while
        that goes on; unless `again`, not what was rolled back or retired before.

        `over` names what the evidence compares it with ("": nothing): if something else is current by now, or if it is
        current itself, it is refused.
        """
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            _named(conn, name)
            now = _standing(conn)
            _check_trial(now, trial)
            _check_promotion(now, name, again)
            if over is not None and over != (now.current or ""):
                raise ReleaseRefused(
                    f"{now.current or 'No release'} is current by now, not {over or 'none'}: compare {name} with that."
                )
            _log(conn, "promote", name, now.current, by, evidence)
            return _named(conn, now.current) if now.current else None

    def rollback(
        self, by: str, evidence: Mapping[str, Any], *, name: str | None = None, trial: int | None = None
    ) -> tuple[str, Release | None]:
        """Takes back the last promotion that still holds, or the trial of the candidate `name`. What was taken back,
        and what is current from now on (None: no release). If `name` is neither current nor tried by now, it is
        refused, so that two who roll back the same thing do not go back two steps. With the number of a `trial` only
        while that goes on."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            now = _standing(conn)
            _check_trial(now, trial)
            left = name or now.current
            if left is None:
                raise ReleaseRefused("There is nothing to go back to: no release is promoted.")
            if left == now.current:
                target = now.held[-2] if len(now.held) > 1 else None
            elif now.trial is not None and now.trial.name == left:
                target = now.current
            else:
                raise ReleaseRefused(f"{left} is neither current nor tried by now: there is nothing to roll back.")
            _log(conn, "rollback", left, target, by, evidence)
            return left, _named(conn, target) if target else None

    def stop(self, name: str, by: str, evidence: Mapping[str, Any], *, trial: int | None = None) -> None:
        """Ends its trial, and puts nothing away: it is what it was before, and may be promoted or tried again. With the
        number of a `trial` only while that goes on."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            _named(conn, name)
            now = _standing(conn)
            _check_trial(now, trial)
            if now.trial is None or now.trial.name != name:
                raise ReleaseRefused(f"{name} is not being tried. See `footnote release list`.")
            _log(conn, "stop", name, None, by, evidence)

    def retire(self, name: str, by: str, evidence: Mapping[str, Any]) -> None:
        """Puts a proposal away, and ends its trial."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_releases"])
            _named(conn, name)
            now = _standing(conn)
            if name == now.current:
                raise ReleaseRefused(f"{name} is current: promote another, or roll it back.")
            _log(conn, "retire", name, None, by, evidence)

    def weighed_last(self, name: str) -> str | None:
        """What the newest decision of a night by this release says: ship, block or undecided; None without any."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["last_outcome_of_release"], {"name": name}).fetchone()
        return None if row is None else str(row[0])

    def seen_by_others(self, audit_ids: Collection[str]) -> set[str]:
        """Which of these answers somebody shares, in a conversation or a review."""
        with transaction(self._pool) as conn:
            return {id_ for (id_,) in conn.execute(SQL["shared_answers"], {"ids": list(audit_ids)})}


def _check_name(conn: Connection, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ReleaseRefused(f"{name!r} is no name: at most 64 of a-z, 0-9, '.', '_', '-', a letter or digit first.")
    if name in RESERVED:
        raise ReleaseRefused(f"{name} has another meaning already. Choose another name.")
    if conn.execute(SQL["find_release"], {"name": name}).fetchone():
        raise ReleaseRefused(f"There is a release {name} already, and releases are never changed: choose another name.")


def _check_trial(now: Standing, number: int | None) -> None:
    if number is not None and (now.trial is None or now.trial.number != number):
        raise ReleaseRefused("This trial has ended meanwhile.")


def _check_promotion(now: Standing, name: str, again: bool) -> None:
    if now.current == name:
        raise ReleaseRefused(f"{name} is current already.")
    if not again and (status := now.settled[name]) in PUT_AWAY:
        was = status.replace("_", " ")
        raise ReleaseRefused(f"{name} was {was}: propose it again by another name, or give a reason.")


def _named(conn: Connection, name: str) -> Release:
    row = conn.execute(SQL["find_release"], {"name": name}).fetchone()
    if row is not None:
        return Release(*row)
    known = [one.name for one in _all(conn)]
    there_is = f"There is: {', '.join(known)}." if known else "None was proposed yet."
    raise ReleaseRefused(f"There is no release {name!r}. {there_is} Propose one with `footnote release propose`.")


def _all(conn: Connection) -> list[Release]:
    return [Release(*row) for row in conn.execute(SQL["list_releases"])]


def _standing(conn: Connection) -> Standing:
    return standing(ReleaseEvent(*row) for row in conn.execute(SQL["release_steps"]))


def _log(
    conn: Connection,
    action: Action,
    name: str,
    previous: str | None,
    by: str,
    evidence: Mapping[str, Any],
    share: float | None = None,
) -> None:
    row = {"action": action, "name": name, "previous": previous, "by": by, "share": share}
    conn.execute(SQL["add_release_event"], row | {"evidence": Jsonb(dict(evidence))})
