"""`footnote audit bundle`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.registry import Registry
from api.terminal import UsageError, note


def register(audit: Registry) -> None:
    audit.add(bundle, "bundle")


def bundle(
    audit_id: Annotated[str, typer.Argument(help="Of an answer.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the ZIP.")],
) -> int:
    """Write an answer as one signed file that others check offline: docs/audit-proofs.md.

    It is read as by who asked, with the groups that they had: what they may no longer read is not handed out.
    """
    with opened() as parts:
        data = parts.bundles.own(audit_id)
    if data is None:
        raise UsageError(
            f"There is no answer {audit_id} that was given to its end and may still be read by who asked: "
            "see `footnote audit show`, and whether a document was deleted or closed to them."
        )
    output.write_bytes(data)
    note(f"{output}: {len(data)} bytes. Check it: python3 infra/audit_verifier/verify_bundle.py {output}")
    return 0
