"""Answers of a stretch of time, read from the trail through the vault: what of them drift is looked for in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.bootstrap import Container
from api.wiring.recorded import recorded
from evals.systems.installations import opened
from generation.people import TrailFilter
from generation.types import EVALUATION
from infra.postgres.chain import ERASED
from infra.postgres.entries import TrailEntry
from ingest.languages import foreign

_PAGE = 200
MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer. `id`: of the answer; `person`: who asked, to count each once and never to be shown. `top_score`: of
    the best hit, None without hits; `documents`: of which passages were shown. `language`: `MEASURED` for all
    in which the gate was measured. `release`: "" where none is known."""

    id: str
    person: str
    question: str
    language: str
    follow_up: bool
    status: str
    why: str
    withheld: int
    hits: int
    documents: int
    top_score: float | None
    release: str


class TrailWindows:
    """Of one installation."""

    def __init__(self, parts: Container) -> None:
        self._parts = parts
        self._looks: list[dict[str, object]] = []

    def answers(self, since: datetime, until: datetime) -> Iterator[Observation]:
        """Those that were closed then, newest first. What was erased is left out, and what was broken off."""
        wanted, after = TrailFilter(action="closed", since=since, until=until), None
        look: dict[str, object] = {"since": since.isoformat(), "until": until.isoformat()}
        self._looks.append(look)
        read = 0
        while True:
            page = self._parts.trail.page(wanted, after, _PAGE)
            for entry in page.entries:
                if one := observed(entry):
                    read += 1
                    look["hits"] = read
                    yield one
            after = page.last
            if after is None:
                return

    def record(self) -> None:
        """That all these answers were read, in the trail. Raises `AuditUnavailable`."""
        recorded(self._parts, "look_for_drift", None, windows=self._looks)

    def embedded(self, questions: Sequence[str]) -> NDArray[np.float64]:
        """(n, d), by the installation's embedder."""
        return np.stack([self._parts.embedder.embed_query(one) for one in questions]).astype(np.float64)


@contextmanager
def trail_windows() -> Iterator[TrailWindows]:
    """At its end it is recorded whose answers were read, by their time and number; nothing may be shown before."""
    with opened() as parts:
        windows = TrailWindows(parts)
        yield windows
        windows.record()


def observed(entry: TrailEntry) -> Observation | None:
    """None of an answer that has no end, of which a part was erased, or that an evaluation asked for."""
    record = entry.record
    if record.get("purpose") == EVALUATION:
        return None
    answer, question, hits = record.get("answer"), record.get("question"), record.get("hits")
    if not isinstance(answer, Mapping) or not isinstance(hits, Sequence) or isinstance(hits, str):
        return None
    if not isinstance(question, str) or question in {"", ERASED} or entry.principal in {"", ERASED}:
        return None
    scores = [float(hit["score"]) for hit in hits]
    return Observation(
        id=str(record.get("answer_id", entry.id)),
        person=entry.principal,
        question=question,
        language=_language(record, question),
        follow_up=bool(record.get("follow_up")),
        status=str(answer["status"]),
        why=str(answer.get("why", "")),
        withheld=int(answer.get("withheld", 0)),
        hits=len(scores),
        documents=len({passage["document_id"] for passage in record.get("context", ())}),
        top_score=max(scores, default=None),
        release=str(record.get("release") or ""),
    )


def _language(record: Mapping[str, Any], question: str) -> str:
    told = record.get("languages")
    return str((told.get("question") if isinstance(told, Mapping) else "") or foreign(question) or MEASURED)
