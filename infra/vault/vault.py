"""The trail's records, sealed before the chain sees them, and opened for who may read them.

A stored record has what stands in clear, `principal` as a pseudonym, `sealed`: the boxes with what each is `for` and
`in` which fields its values lie, `sealing`: 1, and, of answers, `commitments`: by which a proof shows a field that is
sealed here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from infra.postgres.chain import ERASED, UNREADABLE, AuditRow, Opened, canonical, who
from infra.vault import boxes, refs
from infra.vault.errors import BoxDamaged, KeyDestroyed
from infra.vault.keys import Keys
from infra.vault.records import MARK, Path, Private, Whose, torn, users_of

_OWN = frozenset({"sealed", "sealing", "commitments"})
_OF_ANSWERS = ("opened", "sentence", "closed")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOBODY = frozenset({"", "operator"})  # principals that are no person

_REMEMBERED = 10_000  # answers
Boxed = dict[tuple[str, ...], list[list[Any]]]  # refs, and place and value of what they seal


@dataclass(frozen=True, slots=True)
class _Begun:
    """When an answer was opened, as `Keys.moment` has it, and by whom, as the trail calls them."""

    moment: object
    principal: object


class Vault:
    """Implements `infra.postgres.chain.Vault`.

    What is erased while an answer is under way that has read it before is not told by the rest of its records either.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._turn = threading.Lock()

    def lock(self, row_id: str, at: datetime, record: Mapping[str, Any]) -> dict[str, Any]:
        """What is to be stored. Raises `VaultError`, `TypeError` or `ValueError` for what is no JSON."""
        plain = json.loads(canonical(record))
        if taken := _OWN & plain.keys():
            raise ValueError(f"a record has no field {min(taken)}")
        if plain.get("kind") == "opened":
            moment = self.keys.moment()
            stored = self._locked(row_id, at, plain)
            with self._turn:
                self._begun[row_id] = _Begun(moment, stored.get("principal"))
                if len(self._begun) > _REMEMBERED:
                    self._begun.popitem(last=False)
            return stored
        with self._turn:
            begun = self._begun.get(str(plain.get("answer_id")))
        stored = self._locked(row_id, at, plain)
        if begun is not None and begun.moment != self.keys.moment():
            return self._locked(row_id, at, plain, begun)
        return stored

    def _locked(self, row_id: str, at: datetime, plain: dict[str, Any], begun: _Begun | None = None) -> dict[str, Any]:
        """`begun`: of an answer since which keys were destroyed: it goes by those that there were first, of which some
        may be gone now. A document that had come back after an older erasure loses by that."""
        boxed: Boxed = defaultdict(list)
        month = refs.month(at)
        accesses: Any = plain.get("accesses")
        many = plain.get("kind") == "accesses" and isinstance(accesses, list) and all(map(_is_record, accesses))
        outer = {**plain, "accesses": []} if many else plain
        answer = plain.get("answer_id")
        own = answer if isinstance(answer, str) and _UUID.fullmatch(answer) else row_id
        stored = self._torn(outer, (), refs.entry(own), month, boxed, begun)
        if many:
            stored["accesses"] = [
                self._torn(one, ("accesses", at_), refs.entry(f"{row_id}.{at_}"), month, boxed)
                for at_, one in enumerate(accesses)
            ]
        stored["sealed"] = [
            {"for": list(of), "in": sorted({str(path[0]) for path, _ in values}),
             "box": boxes.seal(self.keys, of, row_id, values)}
            for of, values in sorted(boxed.items())
        ]  # fmt: skip
        if plain.get("kind") in _OF_ANSWERS:
            stored["commitments"] = dict(self._commitments(row_id, plain, boxed))
        stored["sealing"] = 1
        return stored

    def open(self, row: AuditRow) -> Opened:
        """With whatever can still be read; the rest reads `ERASED`. Raises `VaultError` but for destroyed keys."""
        try:
            stored = json.loads(row.record)
        except (ValueError, RecursionError):
            return Opened(row, False, {})
        if not isinstance(stored, dict) or stored.get("sealing") != 1:
            return Opened(row, False, {})
        try:
            return self._opened(row, stored)
        except (LookupError, TypeError, AttributeError):  # it was changed since, which the chain tells
            return Opened(row, False, {})

    def _opened(self, row: AuditRow, stored: Mapping[str, Any]) -> Opened:
        plain = {name: value for name, value in stored.items() if name not in _OWN}
        lost: dict[str, str] = {}  # fields, and what is read in their place
        of_fields: dict[str, set[str]] = defaultdict(set)
        for one in stored["sealed"]:
            try:
                values = boxes.unseal(self.keys, one["for"], row.id, one["box"])
            except (KeyDestroyed, BoxDamaged) as error:
                said = ERASED if isinstance(error, KeyDestroyed) else UNREADABLE
                lost |= dict.fromkeys(one["in"], said)
                continue
            for name in one["in"]:
                of_fields[name].update(one["for"])
            for path, value in values:
                _put(plain, path, value)
        salts = {
            name: boxes.salt(self.keys, sorted(of_fields[name]), row.id, name)
            for name in stored.get("commitments", {})
            if name not in lost
        }
        for name, said in lost.items():
            if name in plain:
                plain[name] = _filled(plain[name], said)
        whole = replace(row, principal=who(plain), record=canonical(plain))
        return Opened(whole, bool(lost), salts)

    def called(self, principal: str) -> str:
        """What the trail calls them; what names no person stays."""
        return next((refs.person(self.keys, user) for user in users_of(principal)), principal)

    def _torn(
        self,
        record: Mapping[str, Any],
        path: Path,
        entry: str,
        month: str,
        boxed: Boxed,
        begun: _Begun | None = None,
    ) -> dict[str, Any]:
        """The record in clear; what was taken out goes into the boxes."""
        found = torn(record)
        base = {entry, month}
        if "principal" in record:
            asked = [refs.person(self.keys, user) for user in users_of(record["principal"])]
            if asked and begun and isinstance(begun.principal, str) and begun.principal.startswith(refs.PERSON):
                asked = [begun.principal]
            base.update(asked)
            self._pseudonym(found.clear, record["principal"], asked, found.private)
        known: dict[Whose, tuple[str, ...]] = {}
        for one in found.private:
            if (of := known.get(one.whose)) is None:
                of = known[one.whose] = tuple(sorted(base | self._refs(one.whose, first=begun is not None)))
            boxed[of].append([[*path, *one.path], one.value])
        return found.clear

    def _refs(self, whose: Whose, *, first: bool) -> set[str]:
        people = {refs.person(self.keys, user) for user in whose.users}
        document = refs.first_document if first else partial(refs.document, self.keys)
        return people | {document(id_) for id_ in whose.documents}

    def _pseudonym(self, clear: dict[str, Any], principal: Any, asked: list[str], private: list[Private]) -> None:
        clear["principal"] = principal
        if asked:
            clear["principal"] = asked[0]
        elif not isinstance(principal, str) or principal not in _NOBODY:
            clear["principal"] = MARK
        if clear["principal"] != principal:
            private.append(Private(("principal",), principal, Whose()))

    def _commitments(self, row_id: str, plain: Mapping[str, Any], boxed: Boxed) -> Iterator[tuple[str, str]]:
        """Of each field that is sealed in part, as `infra.witness.tree` has them."""
        of_fields: dict[str, set[str]] = defaultdict(set)
        for whose, values in boxed.items():
            for path, _ in values:
                of_fields[str(path[0])].update(whose)
        for name, of in sorted(of_fields.items()):
            try:
                salt = boxes.salt(self.keys, sorted(of), row_id, name)
            except KeyDestroyed:
                salt = os.urandom(16)  # erased before it was written: nothing will ever be shown of it
            yield name, hashlib.sha256(salt + canonical({name: plain[name]}).encode()).hexdigest()


def _is_record(value: Any) -> bool:
    return isinstance(value, dict)


def _put(into: Any, path: Sequence[str | int], value: Any) -> None:
    for step in path[:-1]:
        into = into[step]
    into[path[-1]] = value


def _filled(value: Any, said: str) -> Any:
    """With `said` for what could not be put back."""
    if isinstance(value, dict):
        return {name: _filled(one, said) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, said) for one in value]
    return said if value == MARK else value
