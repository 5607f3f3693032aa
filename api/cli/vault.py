"""`footnote audit vault`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.registry import Registry
from api.terminal import UsageError, note, say

Words = Annotated[
    Path, typer.Option("--passphrase-file", help="A file whose first line is the passphrase of the copy.")
]


def register(audit: Registry) -> None:
    group = audit.add_group("vault", "The keys that the trail is sealed under: copies, and what to do without them.")
    group.add(copy, "copy")
    group.add(restore, "restore")
    group.add(reapply, "reapply")
    group.add(begin, "begin")
    audit.add(reseal, "reseal")


def copy(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; what is there is replaced.")], words: Words
) -> int:
    """Copy the keys to a file that the passphrase opens. No backup holds them.

    Whoever has a copy and its passphrase can read what is erased later: replace it after each erasure.
    """
    with opened() as parts:
        parts.copy_keys(target, words)
    say(f"{target} holds the keys of the trail, sealed. Keep it apart from backups, and its passphrase apart from it.")
    return 0


def restore(
    source: Annotated[Path, typer.Argument(metavar="COPY", help="As `footnote audit vault copy` made it.")],
    words: Words,
) -> int:
    """Put a copy of the keys back, and destroy again whatever the trail says was erased since.

    Before `footnote restore` into an empty home, put the keys there first; that command then destroys again.
    """
    from api.demo.home import settled
    from api.wiring import vaulting
    from infra.settings import load_settings

    settings = settled(load_settings())
    vaulting.restore(settings, source, words)
    say(f"The keys of the trail are in {vaulting.folder(settings)}.")
    if not settings.database_url and not (settings.home / "postgres").is_dir():
        note("There is no installation yet, so that it is not known what was erased: `footnote restore` looks then.")
        return 0
    return reapply()


def reapply() -> int:
    """Destroy again the keys that the trail says were destroyed: for a file of keys that is older than an erasure."""
    from api.wiring import vaulting

    with opened() as parts:
        if not parts.audit.verify().ok:
            raise UsageError("The trail does not verify, so that what it says was erased is not believed.")
        again = vaulting.reapply(parts.pool, parts.keys)
    say(f"{again} keys were destroyed again." if again else "No key is there that was destroyed.")
    return 0


def begin(
    lost: Annotated[bool, typer.Option("--lost", help="The old keys are lost, and there is no copy.")] = False,
) -> int:
    """Begin new keys in the place of lost ones. What the old ones sealed can never be read again; the chain holds."""
    from api.wiring import vaulting

    if not lost:
        raise UsageError("What was sealed stays unreadable for ever. If there is no copy of the keys, say --lost.")
    with opened() as parts:
        vaulting.begin_anew(parts.settings)
        parts.audit.append_now({"kind": "change", "action": "begin keys", "principal": "operator"})
    say("New keys were begun, and the trail says so. What was recorded before reads [unreadable].")
    return 0


def reseal() -> int:
    """Seal the records that an older version has left in the clear, so that what they say can be erased.

    The chain is made anew in one transaction that is on record itself; the service may not write meanwhile: stop it.
    Interrupted, nothing has changed. The table is then written anew, which needs as much room again.
    """
    with opened() as parts:
        done = parts.reseal(lambda seq: note(f"{seq} records..."))
    if done is None:
        say("Every record is sealed.")
        return 0
    say(f"{done.rows} records were sealed, and records {done.first} to {done.last} chained anew.")
    note("Backups from before hold the records as they were.")
    return 0
