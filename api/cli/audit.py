"""`footnote audit`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import evidence, vault, witness
from api.cli.local import opened, recorded
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, counting, note, private, say, say_json

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.http.audit_trail import TrailEntry
    from generation.people import TrailFilter

_TIMES, _SHOWN = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], "YYYY-MM-DD[THH:MM:SS]"
Action = Annotated[
    str, typer.Option(help="As search, read_text, sign_in, delete; of answers opened, sentence, closed.")
]
User = Annotated[str, typer.Option(metavar="user:NAME", help="Who did it; or operator.")]
Document = Annotated[str, typer.Option(metavar="ID", help="What names this document.")]
Refused = Annotated[str, typer.Option(metavar="CODE", help="Refusals: not_authenticated, not_allowed, not_found.")]
Since = Annotated[
    datetime | None, typer.Option("--from", formats=_TIMES, metavar=_SHOWN, help="At this time or later (UTC).")
]
Until = Annotated[datetime | None, typer.Option("--to", formats=_TIMES, metavar=_SHOWN, help="Before this time (UTC).")]
Text = Annotated[str, typer.Option(help="Occurs in what the trail says of it.")]


def register(commands: Registry) -> None:
    group = commands.add_group("audit", "Read, export and verify the audit trail.")
    group.add(verify, "verify")
    group.add(list_entries, "list")
    group.add(show, "show")
    witness.register(group)
    evidence.register(group)
    group.add(export, "export")
    group.add(key, "key")
    vault.register(group)


def verify(
    witness_at: Annotated[
        list[str] | None,
        typer.Option("--witness", help="Compare with this one, too: a path or s3://BUCKET/PREFIX. Repeatable."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the whole hash chain and compare it with the checkpoints of its witnesses.

    Exit code 1 if anything was changed, dropped, reordered or rolled back, or a witness cannot be read. Answers left
    open are named: their writer was killed, or still writes.
    """
    from api.wiring.witnessing import witness as witness_of

    with opened() as parts:
        with counting("Verifying") as progress:
            report = parts.audit.verify(progress)
        told = parts.witnesses.report([witness_of(parts.settings, place) for place in witness_at or ()])
    if as_json:
        say_json({**asdict(report), "witnesses": [asdict(one) for one in told]})
        return int(not report.ok or any(one.problem for one in told))
    if report.ok:
        say(f"The audit trail is whole: {report.rows} records.")
        for one in report.resealed:
            say(f"Records {one.first} to {one.last} were re-sealed on {one.at:%Y-%m-%d %H:%M:%S}.")
        for answer in report.open:
            asked = f"{answer.opened_at:%Y-%m-%d %H:%M:%S}  {answer.principal}"
            say(f"Left open or still being written: {answer.id}  {asked}")
    else:
        place = f" at record {report.first_bad_seq}" if report.first_bad_seq is not None else ""
        say(f"The audit trail was tampered with{place}: {report.problem}")
    witness.say_witnesses(told)
    return int(not report.ok or any(one.problem for one in told))


def list_entries(
    action: Action = "",
    user: User = "",
    document: Document = "",
    refused: Refused = "",
    since: Since = None,
    until: Until = None,
    text: Text = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> int:
    """What was done, newest first: answers, changes, searches, reads, sign-ins and refusals."""
    wanted = _wanted(action, user, document, refused, since, until, text)
    with _reading("list_audit", wanted=wanted.record()) as parts:
        page = parts.trail.page(wanted, None, limit)
    if as_json:
        say_json({"entries": [_told(entry) for entry in page.entries]})
        return 0
    for entry in page.entries:
        say(_line(entry))
    if not page.entries:
        note("Nothing in the trail fits.")
    elif page.last:
        note(f"These are the newest {limit}: --limit shows more.")
    return 0


def show(
    entry_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of an answer or a record.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries, newest first.")] = 10,
    as_json: Json = False,
) -> int:
    """Print all that the trail says of an entry or an answer, or of the newest entries."""
    from generation.people import TrailFilter

    with _reading("read_audit", entry_id=entry_id or "") as parts:
        entries = parts.trail.find(entry_id) if entry_id else parts.trail.page(TrailFilter(), None, limit).entries
    if entry_id and not entries:
        raise UsageError(f"There is no audit record {entry_id}.")
    if as_json:
        say_json([{**_told(entry), "recorded_at": entry.recorded_at, "hash": entry.hash, **entry.record}
                  for entry in entries])  # fmt: skip
        return 0
    for entry in entries:
        say(_line(entry))
        for line in _lines(entry.record):
            say(f"    {line}")
    return 0


def export(
    out: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    action: Action = "",
    user: User = "",
    document: Document = "",
    refused: Refused = "",
    since: Since = None,
    until: Until = None,
    text: Text = "",
) -> int:
    """Write the records that hold what is wanted to a file of yours alone, signed, with what proves their place in the
    chain.

    infra/audit_verifier/verify_export.py checks it without Footnote (docs/audit.md); `footnote audit key` prints the
    public key for that.
    """
    wanted = _wanted(action, user, document, refused, since, until, text)
    with _reading("export_audit", wanted=wanted.record()) as parts:
        try:
            with open(out, "xb", opener=private) as file:
                file.writelines(parts.trail.export(wanted, "operator"))
        except FileExistsError as error:
            raise UsageError(f"{out} is there already. Name another file.") from error
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    say(f"Exported to {out}.")
    note(f"Check it: python3 infra/audit_verifier/verify_export.py {out} --public-key FILE (footnote audit key > FILE)")
    return 0


def key() -> int:
    """Print the public key that exports are verified with, as PEM."""
    with opened() as parts:
        say(parts.public_key.rstrip("\n"))
    return 0


@contextmanager
def _reading(action: str, **told: object) -> Iterator[Container]:
    """The trail, once it is recorded that it is read. The operator may read one that cannot be written any more."""
    from generation.errors import AuditUnavailable

    with opened() as parts:
        try:
            recorded(parts, action, None, (), **told)
        except AuditUnavailable as error:
            note(f"That the trail is read is not recorded. {error}")
        yield parts


def _wanted(
    action: str,
    user: str,
    document: str,
    refused: str,
    since: datetime | None,
    until: datetime | None,
    text: str,
) -> TrailFilter:
    from generation.people import TrailFilter

    named = user if user in ("", "operator") or user.startswith(("user:", "person:")) else f"user:{user}"
    first, last = (day.replace(tzinfo=UTC) if day else None for day in (since, until))
    return TrailFilter(action, named, document.lower(), refused, first, last, text)


def _told(entry: TrailEntry) -> dict[str, Any]:
    names = ("id", "seq", "at", "action", "principal", "refused", "about")
    return {name: getattr(entry, name) for name in names} | {"purpose": entry.record.get("purpose")}


def _line(entry: TrailEntry) -> str:
    from generation.types import EVALUATION

    who = entry.principal or "nobody known"
    refused = f"  refused: {entry.refused}" if entry.refused else ""
    about = f"  {entry.about}" if entry.about else ""
    purpose = " for an evaluation" if entry.record.get("purpose") == EVALUATION else ""
    return f"{entry.seq}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.id}  {who}  {entry.action}{purpose}{refused}{about}"


def _lines(record: Any) -> Iterator[str]:
    """What else a reader wants to know at first sight."""
    if "version" in record:
        yield f"version {record['version']}"
    for shown in record.get("shown", ()):
        yield f"shown: {shown['document_id']} version {shown['version']}"
    for sentence in record.get("sentences", ()):
        yield f"S: {sentence['text'][:200]}"
    if answer := record.get("answer"):
        yield f"{answer['status']}: {answer['answer'][:400]}"
        for item in record["withheld"]:
            yield f"withheld ({item['judgement']['stage']}: {item['judgement']['reason']}): {item['text'][:200]}"
