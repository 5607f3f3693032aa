"""What an installation has to do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from api.capacity.figures import Figures
from api.terminal import UsageError

Profile = Literal["local", "gpu"]
_MOST = 1_000_000_000_000
_MOST_QUESTIONS = 100_000


@dataclass(frozen=True, slots=True)
class Demand:
    """`chunks`: of one version of a document. `versions`: of each document, kept. `scanned`: share of the pages.
    `peak`: share of a day's questions that come in its busiest hour. `answer_s`: within how many seconds 95 of 100
    answers are to be whole, None: no matter. `copies`: machines that hold each row of the index."""

    documents: int
    users: int
    questions_per_hour: float
    pages: float
    chunks: float
    versions: float
    scanned: float
    peak: float
    answer_s: float | None
    profile: Profile
    gpu: str
    copies: int
    workers: int
    seed: int

    @property
    def visible(self) -> float:
        """Rows of the newest versions, which a search looks through for somebody who may read all."""
        return self.documents * self.chunks

    @property
    def rows(self) -> float:
        return self.visible * self.versions

    @property
    def all_pages(self) -> float:
        return self.documents * self.versions * self.pages


def checked(demand: Demand, figures: Figures) -> Demand:
    """The same. Raises `UsageError` where nothing can be planned for it."""
    at_least: dict[str, tuple[float, float]] = {
        "--documents": (demand.documents, 1),
        "--users": (demand.users, 1),
        "--questions-per-hour": (demand.questions_per_hour, 0.01),
        "--versions": (demand.versions, 1),
        "--copies": (demand.copies, 1),
        "--workers": (demand.workers, 1),
    }
    for option, (value, least) in at_least.items():
        if not (math.isfinite(value) and value >= least):
            raise UsageError(f"{option} is {value:g}: it has to be {least:g} or more.")
    above_none = {
        "--pages-per-document": demand.pages,
        "--chunks-per-document": demand.chunks,
        "--answer-seconds": demand.answer_s if demand.answer_s is not None else 1,
    }
    for option, value in above_none.items():
        if not (math.isfinite(value) and value > 0):
            raise UsageError(f"{option} is {value:g}: it has to be more than 0.")
    if not 0 <= demand.scanned <= 1:
        raise UsageError(f"--scanned-share is {demand.scanned:g}: it is a share, from 0 to 1.")
    hours = figures.of("hours_per_day")
    if not 1 / hours <= demand.peak <= 1:
        raise UsageError(
            f"--peak is {demand.peak:g}: the busiest of {hours:g} hours has a share of the day's questions from "
            f"{1 / hours:g} to 1."
        )
    if demand.gpu not in figures.gpus:
        raise UsageError(f"--gpu is {demand.gpu}: known are {', '.join(figures.gpus)}.")
    if demand.questions_per_hour > _MOST_QUESTIONS:
        raise UsageError(
            f"--questions-per-hour is {demand.questions_per_hour:g}: at most {_MOST_QUESTIONS:,} are simulated."
        )
    if max(demand.rows, demand.all_pages, demand.users) > _MOST:
        raise UsageError(
            "That makes more than {_MOST:,} pages, rows or users, of which nothing measured here says anything."
        )
    return demand
