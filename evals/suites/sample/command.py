"""The options of `footnote eval` and `footnote adapters promote`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    limit: Annotated[int, typer.Option(help="Questions per kind; 0 asks all.")] = 0,
    generator: Annotated[str, typer.Option(help="Ask with this generator.")] = "",
    adapter: Annotated[str | None, typer.Option(help="With this adapter; none, or current: the promoted one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the golden questions of the sample documents and score the answers."""
    from evals.suites.sample.run_sample import run_sample

    return run_sample(limit=limit, generator=generator, adapter=adapter, out=out, as_json=json)


def promote(
    name: str,
    new: Annotated[Path | None, typer.Option(help="Results of `footnote eval --out` with this adapter.")] = None,
    old: Annotated[Path | None, typer.Option(help="Results with what is current, on the same questions.")] = None,
    force: Annotated[str, typer.Option(metavar="REASON", help="Promote whatever the results say; kept as said.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Answer with this adapter from now on, if it is better; exit code 1 if it is not.

    Better: right more often over all questions, beyond chance, and no fewer refusals where a refusal is right.
    """
    from evals.suites.sample.promotion import promote as weigh

    return weigh(name, new, old, force, json)
