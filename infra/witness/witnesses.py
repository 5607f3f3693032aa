"""Checkpoints are made, given to the witnesses, and compared with the trail.

`Witnesses.round` is what a service does every few minutes: begin reading there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generation.errors import AuditUnavailable
from infra.files.durable import make_folder, write_durably
from infra.files.locks import file_lock
from infra.files.signing import key_id
from infra.postgres.chain import GENESIS, AuditRow, Former, Head
from infra.witness.checkpoints import Checkpoint, Entry
from infra.witness.errors import WitnessDisagrees, WitnessError
from infra.witness.files import FileWitness
from infra.witness.tree import leaf, root
from ingest.errors import FootnoteError

ROWS = 4096  # of a checkpoint at most: what has to be hashed to prove one of them
_LATE = 3  # rounds


class Trail(Protocol):
    def following(self, last: Head, limit: int) -> Sequence[AuditRow]:
        """The rows after this one, checked; raises `AuditBroken`."""
        ...

    def hashes(self, positions: Sequence[int]) -> dict[int, bytes]:
        """Of those rows that are there."""
        ...

    def former(self, start: int, at: Head) -> Mapping[int, Former] | None:
        """Hash and leaf that the rows from `start` to `at` had, of those that were sealed since; None if the last of
        them never had this hash."""
        ...


class Witness(Protocol):
    """Keeps entries elsewhere. All methods raise `WitnessUnreachable`."""

    name: str

    def entries(self) -> Sequence[Entry]: ...
    def newest(self) -> Entry | None: ...
    def keep(self, entries: Sequence[Entry]) -> None: ...


class Authority(Protocol):
    """Gives tokens over a digest. `stamp` raises `WitnessUnreachable`; `problem`: what is wrong with one, or ""."""

    name: str

    def stamp(self, digest: str) -> str: ...
    def problem(self, token: str, digest: str) -> str: ...


@dataclass(frozen=True, slots=True)
class WitnessReport:
    """What a witness holds: how many checkpoints, the newest one's position and time, how many are stamped by the
    authority, how many of the installation's it lacks, and what is wrong."""

    name: str
    checkpoints: int = 0
    position: int = 0
    time: str = ""
    stamped: int = 0
    behind: int = 0
    problem: str = ""


class Witnesses:
    """Of one installation. `home`: its data folder, where all checkpoints are kept, too; `key` signs; `salt_key` is
    for the leaves. With `required`, nothing is recorded when no round has succeeded for three times `every` seconds."""

    def __init__(
        self,
        trail: Trail,
        home: Path,
        key: Ed25519PrivateKey,
        salt_key: bytes,
        *,
        others: Sequence[Witness] = (),
        authority: Authority | None = None,
        every: float = 300.0,
        required: bool = False,
    ) -> None:
        self._trail, self._key, self.salt_key = trail, key, salt_key
        self._folder = home / "audit"
        self._others, self._authority = others, authority
        self._every, self._required = every, required
        self._checked: set[Entry] = set()
        self.own = FileWitness(self._folder / "checkpoints.jsonl")

    def round(self) -> Entry | None:
        """Makes checkpoints of what is new and gives every witness what it lacks; the newest one. A witness that fails
        does not keep the others from theirs: the first error is raised in the end. Raises `WitnessError`,
        `AuditBroken` and `DatabaseUnavailable`."""
        make_folder(self._folder)
        errors: list[FootnoteError] = []
        with file_lock(self._folder / "checkpoints.lock"):
            for witness in self._others:
                self._tried(errors, witness, self._adopt)
            newest = self._advance(errors)
            for witness in self._others:
                self._tried(errors, witness, self._give)
            if errors:
                raise errors[0]
            write_durably(self._folder / "witnessed", str(newest.checkpoint.position if newest else 0).encode())
        return newest

    def require(self) -> None:
        """Raises `AuditUnavailable` where witnesses are required and have not heard of the trail for too long."""
        if not self._required:
            return
        mark = self._folder / "witnessed"
        try:
            age, position = time.time() - mark.stat().st_mtime, int(mark.read_bytes())
        except (OSError, ValueError):
            age, position = float("inf"), -1
        if age <= _LATE * self._every:
            return
        try:
            if self._trail.hashes([position + 1]) or position < 0:
                self.round()
            else:  # nothing was recorded since
                os.utime(mark)
        except (FootnoteError, OSError) as error:
            said = f"A witness of the trail is required, and none was reached for {_LATE * self._every:.0f} seconds."
            raise AuditUnavailable(f"{said} {error}") from error

    def report(self, others: Sequence[Witness] = ()) -> tuple[WitnessReport, ...]:
        """Each witness, the installation's own file first, compared with the trail, whose chain was checked before."""
        own = self._reported(self.own, None)
        return (own, *(self._reported(witness, self.own.newest()) for witness in (*self._others, *others)))

    def of(self, position: int) -> Entry | None:
        """The checkpoint that holds this row, if there is one yet."""
        for entry in self.own.entries():
            if entry.checkpoint.start < position <= entry.checkpoint.position:
                return entry
        return None

    def leaves(self, checkpoint: Checkpoint) -> list[bytes]:
        """Of its rows. Raises `AuditBroken` where they do not make up its root."""
        last = Head(checkpoint.start, self._hash_at(checkpoint.start))
        rows = self._trail.following(last, checkpoint.position - checkpoint.start)
        kept = self.kept(checkpoint)
        leaves = [kept[row.seq].leaf if row.seq in kept else leaf(row, self.salt_key) for row in rows]
        if not leaves or root(leaves).hex() != checkpoint.root:
            raise WitnessDisagrees(f"Checkpoint {checkpoint.number} does not fit the trail. Run footnote audit verify.")
        return leaves

    def kept(self, checkpoint: Checkpoint) -> Mapping[int, Former]:
        """What its rows were when it was made, of those that were sealed since."""
        return self._trail.former(checkpoint.start, _head(checkpoint)) or {}

    def _tried(self, errors: list[FootnoteError], witness: Witness, work: Callable[[Witness], None]) -> None:
        try:
            work(witness)
        except WitnessError as error:
            errors.append(error)

    def _adopt(self, witness: Witness) -> None:
        """Takes back checkpoints that only the witness knows, where the trail has their rows: the home folder came out
        of a backup, and the database did not. Raises `WitnessDisagrees` where it has not."""
        theirs, own = witness.newest(), self.own.newest()
        number = own.checkpoint.number if own else 0
        if theirs is None or theirs.checkpoint.number < number:
            return
        if theirs.checkpoint.number == number and own is not None:
            if theirs.checkpoint != own.checkpoint:
                raise self._disagrees(witness, theirs)
            return
        missing = [entry for entry in witness.entries() if entry.checkpoint.number > number]
        if self._faults(missing, own.checkpoint if own else None):
            raise self._disagrees(witness, theirs)
        self.own.keep(missing)

    def _advance(self, errors: list[FootnoteError]) -> Entry | None:
        """Checkpoints up to the end of the trail, each durable in the installation's own file."""
        newest = self.own.newest()
        while True:
            last = newest.checkpoint if newest else None
            head = _head(last) if last else Head(0, GENESIS)
            rows = self._trail.following(head, ROWS)
            if not rows:
                return newest
            newest = self._sealed(last, rows, errors if len(rows) < ROWS else None)
            self.own.keep([newest])

    def _sealed(self, last: Checkpoint | None, rows: Sequence[AuditRow], errors: list[FootnoteError] | None) -> Entry:
        """Signed and, if it is the newest one (`errors` is given), stamped."""
        checkpoint = Checkpoint(
            number=last.number + 1 if last else 1,
            start=last.position if last else 0,
            position=rows[-1].seq,
            hash=rows[-1].hash.hex(),
            root=root([leaf(row, self.salt_key) for row in rows]).hex(),
            previous=last.digest if last else "",
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            key=key_id(self._key),
        )
        tokens: tuple[str, ...] = ()
        if self._authority and errors is not None:
            try:
                tokens = (self._authority.stamp(checkpoint.digest),)
            except WitnessError as error:
                errors.append(error)
        return Entry(checkpoint, checkpoint.sign(self._key), tokens)

    def _give(self, witness: Witness) -> None:
        """What it lacks."""
        theirs, own = witness.newest(), self.own.newest()
        known = theirs.checkpoint.number if theirs else 0
        if own is None or own.checkpoint.number <= known:
            return
        whole = own.checkpoint.number > known + 1
        mine = self.own.entries() if whole or theirs else [own]
        same = next((entry for entry in mine if entry.checkpoint.number == known), None)
        if theirs and (same is None or same.checkpoint != theirs.checkpoint):
            raise self._disagrees(witness, theirs)
        witness.keep([entry for entry in mine if entry.checkpoint.number > known])

    def _reported(self, witness: Witness, own: Entry | None) -> WitnessReport:
        try:
            entries = witness.entries()
        except WitnessError as error:
            return WitnessReport(witness.name, problem=str(error))
        if not entries:
            return WitnessReport(witness.name, behind=own.checkpoint.number if own else 0)
        newest = max(entries, key=lambda entry: entry.checkpoint.position).checkpoint
        faults = self._faults(entries, None)
        return WitnessReport(
            witness.name, len(entries), newest.position, newest.time,
            sum(bool(entry.timestamps) for entry in entries),
            max(0, own.checkpoint.number - newest.number) if own else 0, faults[0] if faults else "",
        )  # fmt: skip

    def _faults(self, entries: Sequence[Entry], last: Checkpoint | None) -> list[str]:
        """What is wrong with entries in this order that follow `last`."""
        there = self._trail.hashes([entry.checkpoint.position for entry in entries])
        faults = []
        for entry in entries:
            one = entry.checkpoint
            if not self._signed(entry):
                faults.append(f"checkpoint {one.number} is not signed by this installation's key (it names {one.key})")
            elif one.position not in there:
                faults.append(
                    f"the trail was rolled back: at {one.time} it had {one.position} records, and some are gone"
                )
            elif there[one.position].hex() != one.hash and not self._was(one):
                faults.append(f"the trail was rolled back or changed: record {one.position} was another at {one.time}")
            elif (one.number, one.start, one.previous) != _next(last):
                faults.append(f"checkpoint {one.number} does not follow the one before it: some are gone")
            elif problem := self._stamp_problem(entry):
                faults.append(f"the timestamp of checkpoint {one.number} does not hold: {problem}")
            last = one
        return sorted(faults, key=lambda said: "rolled back" not in said)

    def _was(self, one: Checkpoint) -> bool:
        """Whether its last row had this hash before it was sealed."""
        return self._trail.former(one.position, _head(one)) is not None

    def _signed(self, entry: Entry) -> bool:
        """Each entry is checked once: the installation's own file and its witnesses hold the same."""
        if entry not in self._checked and entry.is_signed_by(self._key.public_key()):
            self._checked.add(entry)
        return entry in self._checked

    def _stamp_problem(self, entry: Entry) -> str:
        if self._authority is None:
            return ""
        digest = entry.checkpoint.digest
        return next((said for one in entry.timestamps if (said := self._authority.problem(one, digest))), "")

    def _disagrees(self, witness: Witness, theirs: Entry) -> WitnessDisagrees:
        one = theirs.checkpoint
        return WitnessDisagrees(
            f"The witness {witness.name} has seen {one.position} records at {one.time} that this installation does not "
            "have: the trail was rolled back, or belongs to another installation. Run footnote audit verify."
        )

    def _hash_at(self, position: int) -> bytes:
        return self._trail.hashes([position]).get(position, GENESIS) if position else GENESIS


def _next(last: Checkpoint | None) -> tuple[int, int, str]:
    """Number, start and previous digest of what follows."""
    return (last.number + 1, last.position, last.digest) if last else (1, 0, "")


def _head(checkpoint: Checkpoint) -> Head:
    return Head(checkpoint.position, bytes.fromhex(checkpoint.hash))
