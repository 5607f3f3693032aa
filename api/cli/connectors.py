"""`footnote connectors`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, counted, note, say, say_json, say_table

if TYPE_CHECKING:
    from ingest.syncing.types import Connector, ItemReport, Plan

_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_SHOWN = 20
_HERE = {"localhost", "127.0.0.1", "::1"}
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the connector is called.")]


def register(commands: Registry) -> None:
    group = commands.add_group("connectors", "Keep documents in step with folders, buckets and mailboxes.")
    group.add(add, "add")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(sync, "sync")
    group.add(remove, "remove")


def add(
    name: Name,
    mapping: Annotated[Path, typer.Option(help="TOML file that says who may read what (docs/connectors.md).")],
    folder: Annotated[Path | None, typer.Option(help="A folder.")] = None,
    s3: Annotated[str, typer.Option("--s3", metavar="BUCKET/PREFIX", help="A bucket, or what begins so in it.")] = "",
    imap: Annotated[str, typer.Option(metavar="USER@HOST:PORT", help="A mail account; PORT can be left out.")] = "",
    collection: Annotated[str | None, typer.Option(help="The collection that its documents are in.")] = None,
    every: Annotated[float, typer.Option(help="Seconds between two looks of the service.", min=1.0)] = 20.0,
    secret: Annotated[
        str, typer.Option(metavar="env:NAME|file:PATH", help="Where password or secret key lies; it is not stored.")
    ] = "",
    endpoint: Annotated[str, typer.Option(help="URL of an S3 server that is not AWS.")] = "",
    region: Annotated[str, typer.Option(help="Region of the bucket.")] = "",
    access_key: Annotated[str, typer.Option(help="Access key id; without one as usual with AWS.")] = "",
    mailbox: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Mailbox, perhaps with *; repeatable [INBOX].")
    ] = None,
    security: Annotated[str, typer.Option(help="tls, starttls or, on this machine only, none.")] = "tls",
    now: Annotated[bool, typer.Option("--now", help="Sync it at once.")] = False,
) -> int:
    """Add a source. Nothing is ingested until the first `footnote connectors sync`; from then on a running service
    looks at it by itself."""
    from ingest.syncing.mapping import MappingFile
    from ingest.syncing.types import Connector, is_name

    if not is_name(name):
        raise UsageError(f"{name!r} is no name: write lower case letters, digits and . _ - (64 at most).")
    if sum(map(bool, (folder, s3, imap))) != 1:
        raise UsageError("Say where the documents are: one of --folder, --s3, --imap.")
    if folder is not None:
        kind, options = "folder", _folder(folder)
    elif s3:
        kind, options = "s3", _bucket(s3, endpoint, region, access_key, secret)
    else:
        kind, options = "imap", _account(imap, secret, mailbox or ["INBOX"], security)
    MappingFile(mapping).read()
    new = Connector(name, kind, options, str(mapping.resolve()), collection, every)
    with opened() as parts:
        parts.connectors.add(new)
    if now:
        note(f"Added {name}.")
        return sync(name)
    say(f"Added {name}. `footnote connectors sync {name} --dry-run` shows what a sync would do.")
    say(f"The service looks at it only after its first sync: `footnote connectors sync {name}`.")
    return 0


def list_all(as_json: Json = False) -> int:
    """All connectors and what came of their last look."""
    with opened() as parts:
        found = parts.connectors.list()
    if as_json:
        say_json({"connectors": found})
        return 0
    rows = [
        (
            one.name,
            one.kind,
            one.collection or "-",
            _last_look(one),
            _counted(one.summary) or "-",
            one.problem or "-",
        )
        for one in found
    ]
    say_table(("connector", "kind", "collection", "last look", "came of it", "problem"), rows)
    return 0


def show(name: Name, as_json: Json = False) -> int:
    """One connector, with the items that could not be ingested."""
    with opened() as parts:
        connector = parts.connectors.get(name)
        items = parts.connectors.items(name)
    failing = sorted((one for one in items.values() if one.code), key=lambda one: one.key)
    if as_json:
        told = [{"key": one.key, "code": one.code, "reason": one.reason} for one in failing]
        say_json({**asdict(connector), "items": len(items), "failing": told})
        return 0
    say(f"{connector.name}: {connector.kind}, every {connector.every:g} s, {counted(len(items), 'item')}")
    for option, value in sorted(connector.options.items()):
        say(f"  {option:<11} {value!r}")
    say(f"  mapping     {connector.mapping}\n  collection  {connector.collection or '-'}")
    say(f"  last look   {_last_look(connector)} {_counted(connector.summary)} {connector.problem}".rstrip())
    for one in failing:
        say(f"failed     {one.key}: {one.reason}")
    return 0


def sync(
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Delete what is gone even if that is most of it.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what could not be ingested.")] = False,
    as_json: Json = False,
) -> int:
    """Bring documents in step with the source; exit code 1 if something failed or was held back. Stop at any moment
    and run again."""
    from api.wiring.ingesting import progress

    with opened() as parts:
        connector = parts.connectors.get(name)
        syncing = parts.connecting.sync(connector)
        try:
            if dry_run:
                return _say_plan(syncing.plan(confirm=confirm, retry=retry), as_json)
            with parts.connectors.syncing(name):
                found = syncing.plan(confirm=confirm, retry=retry)
                reports = []
                for report in progress(syncing.apply(found), len(found.rights) + len(found.contents), "Syncing"):
                    _tell(report, as_json)
                    reports.append(report)
        finally:
            syncing.source.close()
    return _say_outcome(connector, found, reports, as_json)


def remove(
    name: Name,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep its documents under their last labels, which nobody updates then.")
    ] = False,
) -> int:
    """Forget a source; its documents go into the recycle bin."""
    with opened() as parts:
        count = parts.connecting.remove(name, keep=keep)
    what = "kept under their last labels" if keep else "in the recycle bin"
    say(f"Removed {name}; {counted(count, 'item')} {what}.")
    return 0


def _folder(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    return {"path": str(folder.resolve())}


def _bucket(place: str, endpoint: str, region: str, access_key: str, secret: str) -> dict[str, str]:
    if bool(access_key) != bool(secret):
        raise UsageError("--access-key and --secret go together.")
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    told = {"bucket": bucket, "prefix": prefix, "endpoint": endpoint, "region": region, "access_key": access_key}
    return {key: value for key, value in {**told, "secret": _secret(secret) if secret else ""}.items() if value}


def _account(place: str, secret: str, mailboxes: list[str], security: str) -> dict[str, str]:
    user, _, server = place.rpartition("@")
    host, _, port = server.partition(":")
    if not user or not host or (port and not port.isdecimal()) or not secret:
        raise UsageError("--imap needs USER@HOST or USER@HOST:PORT, and --secret env:NAME or file:PATH.")
    if security not in _PORTS or (security == "none" and host not in _HERE):
        raise UsageError("--security is tls or starttls; none only for a server on this machine.")
    told = {"user": user, "host": host, "port": port or str(_PORTS[security]), "security": security}
    return {**told, "secret": _secret(secret), "mailboxes": "\n".join(mailboxes)}


def _secret(place: str) -> str:
    if not place.startswith(("env:", "file:")):
        raise UsageError("--secret says where the secret lies: env:NAME or file:PATH. It is not stored itself.")
    return place


def _say_plan(found: Plan, as_json: bool) -> int:
    steps = [*found.rights, *found.contents]
    if as_json:
        told = [{"step": one.step, "key": one.key, "label": sorted(one.label), "before": _before(one.before)}
                for one in steps]  # fmt: skip
        left = {"unmapped": found.unmapped, "ignored": found.ignored, "held": found.held, "problems": found.problems}
        failing = [one.key for one in found.failed] + [one.key for one in found.refused]
        say_json({"plan": told, "unchanged": found.unchanged, "failing": failing, **left})
        return 1 if found.problems or found.held or found.refused else 0
    if steps:
        rows = [(_WOULD.get(one.step, one.step), one.key, ",".join(sorted(one.label)) or "nobody") for one in steps]
        say_table(("would be", "item", "readable by"), rows)
    _say_rest(found)
    _say_some([f"failed     {one.key}: {one.reason}" for one in found.refused])
    counts = {"unchanged": found.unchanged, "without a rule": len(found.unmapped), "ignored": len(found.ignored)}
    say(f"{len(steps)} to do{''.join(f', {count} {what}' for what, count in counts.items() if count)}.")
    return 1 if found.problems or found.held or found.refused else 0


_WOULD = {"changed": "read again"}


def _before(label: frozenset[str] | None) -> list[str] | None:
    return None if label is None else sorted(label)


def _say_rest(found: Plan) -> None:
    _say_some([f"no rule    {key}" for key in found.unmapped])
    _say_some([f"ignored    {key}" for key in found.ignored])
    _say_some([f"failed     {one.key}: {one.reason}" for one in found.failed])
    _say_some([f"held back  {key}: it is gone, and so is most of the source" for key in found.held])
    for problem in found.problems:
        note(problem)


def _say_some(lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        note(line)
    if len(lines) > _SHOWN:
        note(f"           and {len(lines) - _SHOWN} more; --json has all")


def _tell(report: ItemReport, as_json: bool) -> None:
    if report.code:
        note(f"{report.step:<10} {report.key}: {report.reason}")
    elif not as_json:
        readers = "" if report.step == "deleted" else f" ({','.join(sorted(report.label)) or 'nobody'})"
        note(f"{report.step:<10} {report.key}{readers}")


def _say_outcome(connector: Connector, found: Plan, reports: list[ItemReport], as_json: bool) -> int:
    failed = any(report.code for report in reports) or bool(found.failed)
    counts = Counter(str(report.step) for report in reports)
    counts.update({"unchanged": found.unchanged, "unmapped": len(found.unmapped), "ignored": len(found.ignored)})
    counts["held"] = len(found.held)
    if as_json:
        left = {"unmapped": found.unmapped, "ignored": found.ignored, "held": found.held, "problems": found.problems}
        say_json({"connector": connector.name, "items": reports, "counts": dict(counts), **left})
    else:
        _say_rest(found)
        say(f"{connector.name}: {_counted(counts) or ('nothing was done' if found.problems else 'nothing is there')}.")
        if found.held:
            say("Nothing that is gone was deleted. If it is right that so much is gone, run it again with --confirm.")
    return 1 if failed or found.held or found.problems else 0


def _last_look(connector: Connector) -> str:
    if connector.synced_at is not None:
        return f"{connector.synced_at:%Y-%m-%d %H:%M:%S}"
    return "first sync under way or cut off" if connector.begun else "waits for its first sync"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()) if count)
