"""The options of `footnote eval` and `footnote adapters promote`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="Questions per kind; 0 asks all.")] = 0,
    generator: Annotated[str, typer.Option(help="Ask with this generator.")] = "",
    adapter: Annotated[str | None, typer.Option(help="With this adapter; none, or current: the promoted one.")] = None,
    release: Annotated[str, typer.Option(help="By this release, whatever is current; none: by no release.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write one JSON line per question.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="Ask these, over the documents of this installation, as `feedback golden` writes them."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Ask the golden questions of the sample documents and score the answers."""
    from evals.suites.sample.run_sample import run_sample

    return run_sample(limit, generator, adapter, out, json, questions, release)


def golden(
    feedback_id: Annotated[str, typer.Argument(metavar="ID", help="As `footnote feedback list` shows it.")],
    out: Annotated[Path, typer.Option(help="The file of golden questions that it is added to.")],
    fact: Annotated[
        list[str] | None,
        typer.Option(help="What a right answer states, alternatives between bars: '90 days|ninety days'. Repeatable."),
    ] = None,
    words: Annotated[str, typer.Option(help="What the review says.")] = "",
) -> int:
    """Make a golden question of feedback: `footnote eval --questions FILE` asks it from then on.

    The passage is the one that was expected, or of an answer that is right what it cites; facts are by default the
    figures that a right answer has out of it. The passage must still stand in the newest version.
    """
    from evals.suites.sample.golden import golden as make

    return make(feedback_id, out, fact or (), words)


def promote(
    name: Annotated[str, typer.Argument(help="As `footnote adapters list` shows it.")],
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
