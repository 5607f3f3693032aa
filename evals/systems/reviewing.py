"""A review in the product itself, as `footnote review` does one: begun, or gone on with, until nothing of it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from api.bootstrap import Container
from generation.types import Answer
from infra.postgres.errors import ReviewMissing
from ingest.local_files import source_files
from ingest.protocols import Outcome
from retrieval.types import Filter, Principal


@dataclass(frozen=True, slots=True)
class Done:
    """A cell: `question` counts from 0; `seconds` from when its answer was begun."""

    source: str
    question: int
    status: str
    code: str
    answer: Answer | None
    seconds: float | None


def stored(parts: Container, documents: Mapping[str, Path | str], label: frozenset[str]) -> dict[str, str]:
    """Ingests them; ids by source. Raises `AssertionError` where one cannot be read."""
    ids = {}
    for source, held in documents.items():
        if isinstance(held, Path):
            (file,) = source_files([held], prefix=source.rsplit("/", 1)[0])
            (report,) = parts.pipeline.run([file], label)
        else:
            report = parts.pipeline.ingest(held.encode(), f"{source.rsplit('/', 1)[-1]}.txt", source, label)
        assert report.outcome is not Outcome.FAILED, report.reason
        ids[source] = report.document_id
    parts.publish()
    return ids


def begin(parts: Container, asker: Principal, title: str, questions: Sequence[str], documents: Sequence[str]) -> str:
    only = Filter(documents=frozenset(documents))
    return parts.review_desk.start(asker, None, title, questions, only, None, live=False)


def go_on(parts: Container, asker: Principal, review_id: str) -> bool:
    """False where there is no such review."""
    try:
        parts.review_desk.resume(review_id, asker, None)
    except ReviewMissing:
        return False
    return True


def finish(parts: Container, review_id: str, told: Callable[[int], object]) -> None:
    asyncio.run(parts.review_work.finish(review_id, told))


def cells(parts: Container, asker: Principal, review_id: str) -> Iterator[Done]:
    pages = parts.review_desk.every_row(review_id, asker).pages
    for row in (row for page in pages for row in page):
        for cell in row.cells:
            answer = cell.kept.answer if cell.kept else None
            began = cell.kept.asked_at if cell.kept else None
            seconds = _seconds(began, cell.computed_at)
            yield Done(row.source, cell.question - 1, cell.status, cell.code, answer, seconds)


def export(parts: Container, asker: Principal, review_id: str, path: Path) -> None:
    path.write_bytes(parts.review_exports[path.suffix.removeprefix(".")](review_id, asker).data)


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return round((ended - began).total_seconds(), 3) if began and ended else None
