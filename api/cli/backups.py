"""`footnote backup` and `footnote restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json

Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file whose first line is the passphrase of the keys.")
]


def register(commands: Registry) -> None:
    commands.add(backup, "backup")
    commands.add(restore, "restore")


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER|FILE.tar]", help="By default named by the time in FOOTNOTE_BACKUPS."),
    ] = None,
    passphrase: Passphrase = None,
    apart: Annotated[Path | None, typer.Option("--keys-to", help="Copy the keys to this folder, not into it.")] = None,
    inside: Annotated[bool, typer.Option("--keys-inside", help="Put the keys into it, in the clear.")] = False,
    as_json: Json = False,
) -> int:
    """Back up database, originals, keys and the trail's head while the service runs; interrupted, run it again."""
    from api.wiring import vaulting
    from api.wiring.backups import back_up

    if [passphrase is not None, apart is not None, inside].count(True) != 1:
        raise UsageError(
            "Say what becomes of the keys: --passphrase-file FILE seals them, --keys-to FOLDER keeps them apart, "
            "--keys-inside leaves them readable: whoever has such a backup can forge records and sessions."
        )
    with opened() as parts:
        place, made = back_up(parts, target, passphrase, apart, note)
        copied = vaulting.copied_at(parts.keys)
    if inside:
        note("The keys are in it in the clear: whoever can read it can forge records and sessions.")
    if as_json:
        say_json({"place": str(place), "backup": made})
    else:
        rows = made.rows
        say(f"{place}: {rows['documents']} documents, {made.originals} originals, {rows['audit']} audit records.")
    if copied is None:
        note(
            "No backup holds the keys of the trail, and they were never copied: a backup alone cannot be served from. "
            "Run `footnote audit vault copy COPY --passphrase-file FILE`."
        )
    if made.missing:
        note(f"{len(made.missing)} originals are gone or damaged and not in it, such as {made.missing[0]}.")
    if not made.trail_whole:
        note("The audit trail does not verify, in the backup as in the installation. Run `footnote audit verify`.")
    return 0 if made.trail_whole and not made.missing else 1


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER|FILE.tar", help="What `footnote backup` has written.")],
    passphrase: Passphrase = None,
    apart: Annotated[
        Path | None, typer.Option("--keys-from", help="The folder that the keys were kept apart in.")
    ] = None,
    lost_head: Annotated[
        Path | None,
        typer.Option("--lost-head", help="audit/head.json of what was lost: which records are lost is then recorded."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Put a backup into an empty FOOTNOTE_HOME and an empty database, check all of it, and record it in the trail."""
    from api.demo.home import settled
    from api.wiring.backups import restore as put_back
    from infra.settings import load_settings

    done = put_back(settled(load_settings()), source, passphrase, apart, lost_head, note)
    made = done.manifest
    if as_json:
        lost = None if done.lost is None else {"from": made.seq + 1, "to": done.lost.seq, "hash": done.lost.hash.hex()}
        say_json(
            {"backup": made, "migrated": done.migrated, "records": done.trail.rows, "quotes": done.quotes, "lost": lost}
        )
        return 0
    say(f"Restored what was there at {made.finished_at:%Y-%m-%d %H:%M:%S} UTC: {made.rows['documents']} documents.")
    say(f"The trail is whole: {done.trail.rows} records. {done.quotes.looked} quotes stand at their bytes.")
    if done.lost is not None:
        say(f"Records {made.seq + 1} to {done.lost.seq} are lost, and the trail says so.")
    note(
        "What was deleted, revoked, walled off, relabelled or put on hold since then is as it was before. Before you "
        "serve it: place and lift holds again, apply the receipts of erasures (`footnote erase reapply`), delete "
        "again, revoke again, and let the identity provider and the connectors sync. Everybody signs in anew."
    )
    return 0
