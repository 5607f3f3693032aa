"""What one process tells of itself: metrics, traces and log lines, put together from its settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from api.terminal import note
from infra.postgres.evaluation_health import evaluation_cases, evaluation_finished
from infra.postgres.gauges import connections, job_files
from infra.postgres.pool import Pool
from infra.telemetry import logs
from infra.telemetry.memory import memory
from infra.telemetry.port import MetricsPort as MetricsPort
from infra.telemetry.tracing import NoTracing, Span, Tracing, to_collector

if TYPE_CHECKING:
    from infra.settings import Settings
    from infra.telemetry.metrics import Metrics
    from ingest.storing import FileReport

Reading = Mapping[tuple[str, ...], float]
"""Values by labels."""
_NO_ATTRIBUTES: Mapping[str, str | int | float | bool] = {}


@dataclass(slots=True)
class _Request:
    """Of the request under way, shared by all its tasks. `team`: known once somebody's answer has begun."""

    team: str = ""


_request: ContextVar[_Request | None] = ContextVar("footnote_request", default=None)


def set_up_logging(settings: Settings, *, service: bool = False) -> Callable[[str], None]:
    """Of this process; what its notes for a person go to. A `service` tells of each request, other commands, which
    people read, of warnings alone."""
    level = settings.log_level or ("info" if service else "warning")
    form = logs.configure(level, settings.log_format)
    if service:
        logs.take_over()
    return logs.noted if service and form == "json" else note


class Telemetry:
    """Implements `api.http.telemetry.Telemetry`, and what the parts under observation (observed.py) tell."""

    def __init__(self, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self.metrics, self.tracing = metrics, tracing or NoTracing()

    def close(self) -> None:
        self.tracing.close()

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Callable[[str, int, float], None]]:
        _request.set(_Request())
        with self.tracing.request(method, headers) as span:

            def ended(route: str, status: int, seconds: float) -> None:
                self.metrics.requests.labels(method, route, str(status)).inc()
                self.metrics.request_seconds.labels(route).observe(seconds)
                span.name(f"{method} {route}")
                span.set({"http.request.method": method, "http.route": route, "http.response.status_code": status})
                if status >= 500:
                    span.failed(str(status))

            yield ended

    def scrape(self) -> bytes:
        return self.metrics.exposition()

    @contextmanager
    def stage(self, name: str, attributes: Mapping[str, str | int | float | bool] = _NO_ATTRIBUTES) -> Iterator[Span]:
        """A span, and how long it took."""
        started = time.perf_counter()
        try:
            with self.tracing.span(name, attributes) as span:
                yield span
        finally:
            self.took(name, time.perf_counter() - started)

    def took(self, stage: str, seconds: float) -> None:
        self.metrics.stage_seconds.labels(stage).observe(seconds)

    def file(self, report: FileReport) -> None:
        """What became of a file, and of those in it."""
        for one in report.all():
            self.metrics.files.labels(str(one.outcome)).inc()

    def asks(self, groups: frozenset[str]) -> None:
        """Whose answer the request under way is for."""
        asked = _request.get()
        if asked is not None:
            asked.team = self.metrics.team(groups)

    @property
    def team(self) -> str:
        asked = _request.get()
        return asked.team if asked is not None and asked.team else self.metrics.team(())


class Replicas(Protocol):
    """Of `api.wiring.fleet.Fleet`, whose words say what is read."""

    def up(self) -> Reading: ...

    def requests(self) -> Reading: ...

    def replies(self) -> Reading: ...


def telemetry(
    settings: Settings, pool: Callable[[], Pool], replicas: Callable[[], Replicas | None] = lambda: None
) -> Telemetry:
    """As the settings have it; raises `SettingsError` where traces are asked for and their packages are missing. `pool`
    and `replicas`, of the language model, are asked for when somebody asks for metrics."""
    from infra.telemetry.metrics import Metrics

    metrics = Metrics(settings.metrics_groups, settings.prices)
    metrics.reads("footnote_job_files", "Files of jobs by state", ("state",), lambda: job_files(pool()))
    metrics.reads("footnote_pool_connections", "To PostgreSQL", ("state",), lambda: connections(pool()))
    metrics.reads(
        "footnote_evaluation_finished_seconds", "When the last finished nightly evaluation ended, in Unix time", (),
        lambda: evaluation_finished(pool()),
    )  # fmt: skip
    metrics.reads(
        "footnote_evaluation_cases", "Of the last finished nightly evaluation", ("outcome",),
        lambda: evaluation_cases(pool()),
    )  # fmt: skip

    def of_replicas(read: Callable[[Replicas], Reading]) -> Callable[[], Reading]:
        return lambda: read(found) if (found := replicas()) is not None else {}

    metrics.reads(
        "footnote_replica_up", "Whether a server of the language model is asked, where there are several", ("replica",),
        of_replicas(lambda found: found.up()),
    )  # fmt: skip
    metrics.reads(
        "footnote_replica_requests", "At a server of the language model: own, and running and waiting as it tells",
        ("replica", "state"), of_replicas(lambda found: found.requests()),
    )  # fmt: skip
    metrics.reads(
        "footnote_replica_replies", "Requests to a server of the language model by what became of them",
        ("replica", "outcome"), of_replicas(lambda found: found.replies()), counter=True,
    )  # fmt: skip
    metrics.reads("footnote_memory_bytes", "Resident, of the process and of what it started", ("of",), memory)
    return Telemetry(metrics, to_collector(settings.otlp_url) if settings.otlp_url else None)
