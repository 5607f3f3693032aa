"""How workers share their tasks, and how long they may be silent."""

from __future__ import annotations

from dataclasses import dataclass

from infra.postgres.job_rows import BULK, INTERACTIVE, WHOLE

HEARTBEAT_S, STALLED_S, SWEEP_S = 3.0, 15.0, 5.0  # a killed worker's tasks go on after 20 s at the latest


class Again(Exception):
    """The task could not be done now: it waits for its next turn."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Lane:
    """So many tasks at once out of these queues."""

    queues: tuple[str, ...]
    slots: int


def lanes(slots: int) -> tuple[Lane, ...]:
    """Of a service: with two slots or more, one is kept for what somebody waits for. Folders and connectors, which may
    take hours, take no slot of the files."""
    files = (INTERACTIVE, BULK)
    shared = (Lane((INTERACTIVE,), 1), Lane(files, slots - 1)) if slots > 1 else (Lane(files, 1),)
    return (*shared, Lane((WHOLE,), 1))
