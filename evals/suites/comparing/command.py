"""The options of `footnote bench compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/pdf and filings/pdf.")],
    changes: Annotated[int, typer.Option(help="How many changes are made in all.", min=12)] = 100,
    documents: Annotated[int, typer.Option(help="In so many documents, filings among them.", min=2)] = 12,
    seed: Annotated[int, typer.Option(help="Which documents, and where in them.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Write one JSON line a change, and one a pair.")] = None,
) -> int:
    """Are the changes between two versions found, each at its bytes, and nothing else?

    Versions are made of real contracts and filings, written as files (Word, Markdown, text, PDF) and read again; the
    new one is also set otherwise throughout. Exit code 1 if a quote does not stand at its bytes. Needs no model; PDFs
    need reportlab (extra `dev`).
    """
    from evals.suites.comparing import run_comparing as command

    return command.run(data, changes, documents, seed, json)
