"""`footnote audit bundle` and `replay`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, private, say, say_json


def register(audit: Registry) -> None:
    audit.add(bundle, "bundle")
    audit.add(replay, "replay")


def bundle(
    audit_id: Annotated[str, typer.Argument(help="Of an answer.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the ZIP.")],
) -> int:
    """Write an answer as one signed file, open to you alone, that others check offline: docs/audit-proofs.md.

    It is read as by who asked, with the groups that they had: what they may no longer read is not handed out.
    """
    with opened() as parts:
        data = parts.bundles.own(audit_id)
    if data is None:
        raise UsageError(
            f"There is no answer {audit_id} that was given to its end and may still be read by who asked: "
            "see `footnote audit show`, and whether a document was deleted or closed to them."
        )
    with open(output, "wb", opener=private) as file:
        file.write(data)
    note(f"{output}: {len(data)} bytes. Check it: python3 infra/audit_verifier/verify_bundle.py {output}")
    return 0


def replay(audit_id: Annotated[str, typer.Argument(help="Of an answer.")], as_json: Json = False) -> int:
    """Rebuild an answer from its record and say where it differs; exit code 1 unless every stage is the same.

    Documents, settings, search, context, guard, draft and gate: each gets what the record says that it got. It runs as
    who asked, with the groups that they had; nothing of it is recorded as an answer.
    """
    import asyncio

    with opened() as parts:
        stages = asyncio.run(parts.replaying.replay(audit_id))
    if stages is None:
        raise UsageError(f"There is no answer {audit_id} that was given to its end. See `footnote audit show`.")
    if as_json:
        say_json([asdict(stage) for stage in stages])
    else:
        for stage in stages:
            say(f"{stage.stage:<10} {stage.outcome:<18} {stage.said}".rstrip())
    return int(any(stage.outcome != "same" for stage in stages))
