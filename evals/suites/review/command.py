"""The options of `footnote bench review`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    data: Annotated[Path, typer.Option(help="Folder that holds cuad/ and kleister_nda/.")],
    suite: Annotated[str, typer.Option(help="contracts: CUAD by ten clauses; kleister: NDAs by four fields.")] = (
        "contracts"
    ),
    documents: Annotated[int, typer.Option(help="So many documents; of kleister at most 172.", min=1)] = 20,
    questions: Annotated[int, typer.Option(help="So many of the questions.", min=1)] = 10,
    out: Annotated[Path | None, typer.Option(help="Write one JSON line a cell; a second run goes on.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the review as it is exported.")] = None,
) -> int:
    """Review real contracts: cells right, wrong, missed, rightly and falsely without an answer; seconds a cell."""
    from evals.datasets.reviews import SUITES
    from evals.options import chosen
    from evals.suites.review.run_review import run

    (name,) = chosen(suite, SUITES, "--suite")
    return run(data, SUITES[SUITES.index(name)], documents, questions, out, xlsx)
