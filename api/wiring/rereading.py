"""Reading stored originals again, for commands: a bar on a terminal, and which past answers cite what has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.terminal import note
from api.wiring.ingesting import progress
from infra.postgres.citing import PastCitation
from infra.postgres.rereading import PostgresRereading
from ingest.pipeline import IngestPipeline
from ingest.rereading import RereadReport
from ingest.types import Chunking


def reread_all(
    pipeline: IngestPipeline,
    store: PostgresRereading,
    past: Callable[[Sequence[str] | None], Sequence[PastCitation]],
    ids: Sequence[str] | None,
    *,
    chunking: Chunking | None = None,
    as_json: bool,
) -> tuple[list[RereadReport], Sequence[PastCitation]]:
    """Of these documents (None: of all), those that are behind or, with `chunking`, cut otherwise; then, of all of
    these, the past citations, also those of an earlier run that was interrupted."""
    waiting = store.behind(ids) if chunking is None else store.there(ids)
    done = []
    for report in progress(pipeline.reread(waiting, chunking), len(waiting), "Reading again"):
        if report.code:
            note(f"not read   {report.source}: {report.reason}")
        elif report.corrected and not as_json:
            pairs = ", ".join(f"version {new} corrects version {old}" for old, new in report.corrected.items())
            note(f"corrected  {report.source}: {pairs}")
        done.append(report)
    return done, past(ids)
