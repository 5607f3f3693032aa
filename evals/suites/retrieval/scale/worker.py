"""One step of the suite "scale": `python -m evals.suites.retrieval.scale.worker JSON` prints what it measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from api.terminal import say_json
from evals.suites.retrieval.scale.rows import Rows, load_passages, queries
from evals.suites.retrieval.scale.steps import Step
from evals.systems.models import Models
from infra.settings import load_settings


def main(argument: str) -> None:
    say_json(done(Step(**json.loads(argument))))


def done(step: Step) -> dict[str, Any]:
    """What the step measured."""
    embedder = Models(load_settings()).embedder
    passages = load_passages(Path(step.data), embedder, step.passages)
    rows = Rows(passages, step.rows)
    asked = queries(passages, embedder, step.queries)
    from evals.suites.retrieval.scale import ours

    if step.what == "build":
        return ours.built(rows, Path(step.root), embedder.dimension)
    if step.what in ours.LAYOUTS:
        return ours.searched(rows, Path(step.root), step.what, asked, step.threads)
    if step.what == "memory":
        from evals.suites.retrieval.scale import memory

        del rows
        return memory.touched(Path(step.root), asked, step.threads)
    if step.what == "live":
        from evals.suites.retrieval.scale import live

        return live.measured(rows, asked, embedder)
    from evals.suites.retrieval.scale import peers

    return peers.measured(step.what, rows, asked)


if __name__ == "__main__":
    main(sys.argv[1])
