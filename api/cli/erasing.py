"""`footnote erase`."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened
from api.cli.options import DAY, DAY_SHOWN, Json
from api.cli.registry import Registry
from api.terminal import UsageError, counted, note, say, say_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.wiring.erasing.erasing import Erased
    from api.wiring.erasing.verifying import Found

_KEYS_SHOWN = 10  # of a place
Words = Annotated[
    list[str] | None,
    typer.Option("--words", help="A name, an address: entries of the trail that hold it go, too. Repeatable."),
]
By = Annotated[str, typer.Option("--by", help="Who decided it, as the receipt is to say.")]
Until = Annotated[
    datetime | None,
    typer.Option("--copies-until", formats=DAY, metavar=DAY_SHOWN, help="The day by which older backups must be gone."),
]
To = Annotated[Path | None, typer.Option("--receipt", help="Copy the receipt to this file.")]


def register(commands: Registry) -> None:
    group = commands.add_group("erase", "Erase documents and persons for good, with a receipt; look for what is left.")
    group.add(document, "document")
    group.add(person, "person")
    group.add(verify, "verify")
    group.add(resume, "resume")
    group.add(check, "check")
    group.add(reapply, "reapply")
    group.add(list_all, "list")


def document(
    documents: Annotated[
        list[str],
        typer.Argument(metavar="ID|SOURCE...", help="Documents, as `footnote documents list` and `show` name them."),
    ],
    words: Words = None,
    keep_questions: Annotated[
        bool, typer.Option("--keep-questions", help="Keep the questions of answers that quote them.")
    ] = False,
    by: By = "operator",
    copies_until: Until = None,
    receipt: To = None,
    as_json: Json = False,
) -> int:
    """Erase documents with all versions and all that is known of them. It cannot be undone.

    Answers that quote them become unreadable. Tables are locked while they are written anew: choose a quiet hour.
    """
    from api.wiring.erasing.erasing import Eraser

    with opened() as parts:
        done = Eraser(parts, note, by=by).documents(
            documents,
            words or (),
            keep_questions=keep_questions,
            copies_until=copies_until.date() if copies_until else None,
        )
    return _say([done], receipt, as_json=as_json)


def person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user name.")],
    words: Words = None,
    by: By = "operator",
    copies_until: Until = None,
    receipt: To = None,
    as_json: Json = False,
) -> int:
    """Erase a person: account, keys, rights, jobs, and all that the trail says of them. It cannot be undone.

    Documents stay, also theirs; those in which the name or the words stand are listed.
    """
    from api.wiring.erasing.erasing import Eraser

    with opened() as parts:
        until = copies_until.date() if copies_until else None
        done = Eraser(parts, note, by=by).person(name.removeprefix("user:"), words or (), copies_until=until)
    return _say([done], receipt, as_json=as_json)


def resume(as_json: Json = False) -> int:
    """Go on with an erasure that was interrupted."""
    from api.wiring.erasing.erasing import Eraser

    with opened() as parts:
        done = Eraser(parts, note).resume()
    if not done and not as_json:
        say("Nothing was interrupted.")
        return 0
    return _say(done, None, as_json=as_json)


def verify(
    words: Words = None,
    document_id: Annotated[
        str, typer.Option("--document", metavar="ID", help="Look for what is left of this document, too.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Look for words in every table, every file of the data folder and the opened trail; exit code 1 if found."""
    from api.wiring.erasing.verifying import look_for

    if not words and not document_id:
        raise UsageError("Say what is looked for: --words, --document, or both.")
    with opened() as parts:
        found = look_for(parts, words or (), document_id)
    if as_json:
        say_json({"found": [asdict(one) for one in found]})
    else:
        _say_found(found)
    return 1 if found else 0


def check(
    path: Annotated[Path, typer.Argument(metavar="RECEIPT", help="The file of a receipt.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key as PEM; by default this installation's.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Verify the signature of a receipt. Needs no database, and with --key no installation."""
    from api.wiring.erasing.checking import checked

    found = checked(path.read_bytes(), key.read_bytes() if key else None)
    if as_json:
        say_json({"receipt": asdict(found)})
        return 0
    subjects = _subjects(found.kind, found.subjects)
    say(f"The receipt holds: {subjects} erased on {found.finished_at[:19]} (UTC), by {found.by}.")
    say(f"{counted(len(found.indices), 'key')} of the trail destroyed; its record is at most number {found.position}.")
    return 0


def reapply(
    receipts: Annotated[list[Path], typer.Argument(metavar="RECEIPT...", help="Files of receipts.")],
    copies_until: Until = None,
) -> int:
    """Erase again what receipts tell of, after an older backup was put back."""
    from api.wiring.erasing.erasing import Eraser

    with opened() as parts:
        done = Eraser(parts, note).again(
            [path.read_bytes() for path in receipts], copies_until.date() if copies_until else None
        )
    if not done:
        say("The keys are destroyed; nothing of what the receipts tell of is here again.")
        return 0
    return _say(done, None, as_json=False)


def list_all(as_json: Json = False) -> int:
    """All erasures, with what was done."""
    with opened() as parts:
        found = parts.erasures.all()
    if as_json:
        say_json({"erasures": found})
        return 0
    for one in found:
        state = f"{one.finished_at:%Y-%m-%d %H:%M}" if one.finished_at else "interrupted: footnote erase resume"
        say(f"{one.begun_at:%Y-%m-%d %H:%M}  {_subjects(one.kind, one.subjects)}  {state}")
    if not found:
        note("Nothing was erased yet.")
    return 0


def _say(done: list[Erased], copy: Path | None, *, as_json: bool) -> int:
    """Exit code 1 where something is left that is in no document."""
    if copy is not None:
        for one in done:
            shutil.copyfile(one.path, copy)
    if as_json:
        say_json({"erasures": [asdict(one) for one in done]})
    else:
        for one in done:
            _say_one(one)
    return 1 if any(one.receipt.checked is False for one in done) else 0


def _say_one(done: Erased) -> None:
    receipt = done.receipt
    say(f"Erased: {_subjects(receipt.kind, receipt.subjects)}")
    for name, count in sorted(receipt.done.items()):
        say(f"  {name}: {count}")
    if done.was_active:
        say("They were active at the identity provider: remove them there, or the next sync brings them back.")
    if done.mentioned:
        say(f"\nDocuments in which the name or the words stand, which are yours to decide on ({len(done.mentioned)}):")
        for id_, source in done.mentioned:
            say(f"  {id_}  {source}")
    if done.noted:
        say(f"\nAn operator's words in which the name stands, which are yours to change ({len(done.noted)}):")
        _say_found(done.noted)
    if receipt.checked is None:
        say("\nIt was not looked for afterwards: `footnote erase verify --words ...` does.")
    elif receipt.checked:
        but = " but in these documents" if done.left else ""
        where = "in every table, every file and the opened trail"
        say(f"\nThe names and the words that were given were looked for afterwards {where}: nothing is left{but}.")
    else:
        say("\nLooked for afterwards, and still found:")
        _say_found(done.left)
    say("\nNot reached by this erasure:")
    for one in receipt.not_promised:
        say(f"  {one}")
    say(f"Older backups and copies of keys must be gone by {receipt.copies_until}.")
    say(f"The receipt: {done.path}")


def _subjects(kind: str, subjects: Sequence[str]) -> str:
    """A pseudonym says by itself that it is a person's."""
    return f"{kind} {', '.join(one.removeprefix(f'{kind}:') for one in subjects)}"


def _say_found(found: tuple[Found, ...] | list[Found]) -> None:
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(one.place, []).append(one.key)
    for place, keys in places.items():
        more = len(keys) - _KEYS_SHOWN
        for key in keys[:_KEYS_SHOWN]:
            say(f"  {place}: {key}")
        if more > 0:
            say(f"  {place}: and {more} more (--json has all)")
    say(f"{counted(len(found), 'place')} found." if found else "Nothing is found.")
