"""Spans for OpenTelemetry, where it is asked for (extra `otel`); without it nothing of it is imported.

Names, times, numbers and codes go into spans: no messages of errors, nothing that was asked, read or written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeAlias

from structlog.contextvars import get_contextvars

from infra.settings import SettingsError
from ingest.errors import FootnoteError

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
_NONE: Attributes = {}
_TIMEOUT_S = 5.0


class Span(Protocol):
    def set(self, attributes: Attributes) -> None: ...
    def event(self, name: str, attributes: Attributes) -> None: ...
    def name(self, name: str) -> None: ...
    def failed(self, code: str) -> None: ...
    def end(self) -> None: ...


class Tracing(Protocol):
    """Where spans go. `span` lasts as long as its block and is what others within it belong to; `begun` is ended by
    whoever began it; `past` belongs to the span of the time, and has run before."""

    def span(self, name: str, attributes: Attributes = _NONE) -> AbstractContextManager[Span]: ...

    def request(self, name: str, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
        """A `span` of a request, which may belong to one of the caller's (W3C trace context)."""
        ...

    def begun(self, name: str, attributes: Attributes = _NONE) -> Span: ...
    def past(self, name: str, started_ns: int, ended_ns: int) -> None: ...
    def close(self) -> None: ...


class NoSpan:
    """Nothing is kept."""

    def set(self, attributes: Attributes) -> None:
        """Nothing."""

    def event(self, name: str, attributes: Attributes) -> None:
        """Nothing."""

    def name(self, name: str) -> None:
        """Nothing."""

    def failed(self, code: str) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


_NO_SPAN = NoSpan()


class NoTracing:
    """No spans."""

    @contextmanager
    def span(self, name: str, attributes: Attributes = _NONE) -> Iterator[Span]:
        yield _NO_SPAN

    @contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Iterator[Span]:
        yield _NO_SPAN

    def begun(self, name: str, attributes: Attributes = _NONE) -> Span:
        return _NO_SPAN

    def past(self, name: str, started_ns: int, ended_ns: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def to_collector(url: str) -> OpenTelemetry:
    """Spans to an OTLP collector over HTTP; OTEL_* variables hold for all but the address. Raises `SettingsError`."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            "FOOTNOTE_OTLP_URL: the packages for traces are missing. Install them in Footnote's folder: "
            "pip install -c constraints.txt -e '.[otel]'"
        ) from error
    address = url if url.rstrip("/").endswith("/v1/traces") else f"{url.rstrip('/')}/v1/traces"
    return OpenTelemetry([BatchSpanProcessor(OTLPSpanExporter(address, timeout=_TIMEOUT_S))])


class OpenTelemetry:
    """Spans through the SDK to these processors."""

    def __init__(self, processors: Sequence[Any]) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = Resource.create()
        if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):  # no OTEL_SERVICE_NAME
            resource = resource.merge(Resource({"service.name": "footnote"}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        for processor in processors:
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("footnote")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, attributes: Attributes = _NONE) -> Iterator[Span]:
        with self._entered(name, attributes, None) as span:
            yield span

    @contextmanager
    def request(self, name: str, headers: Mapping[str, str]) -> Iterator[Span]:
        with self._entered(name, _NONE, self._propagator.extract(headers)) as span:
            yield span

    def begun(self, name: str, attributes: Attributes = _NONE) -> Span:
        return _Span(self._tracer.start_span(name, attributes={**attributes, **_request()}))

    def past(self, name: str, started_ns: int, ended_ns: int) -> None:
        self._tracer.start_span(name, start_time=started_ns).end(ended_ns)

    def close(self) -> None:
        """What is not yet sent is sent, for a short while."""
        self._provider.shutdown()

    @contextmanager
    def _entered(self, name: str, attributes: Attributes, parent: Any) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            attributes={**attributes, **_request()},
            record_exception=False,
            set_status_on_exception=False,
        ) as found:
            span = _Span(found)
            try:
                yield span
            except BaseException as error:
                span.failed(error.code if isinstance(error, FootnoteError) else type(error).__qualname__)
                raise


def _request() -> Attributes:
    asked = get_contextvars().get("request_id")
    return {"footnote.request_id": str(asked)} if asked else {}


class _Span:
    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)

    def event(self, name: str, attributes: Attributes) -> None:
        self._span.add_event(name, attributes)

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def failed(self, code: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._span.set_attribute("error.type", code)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        self._span.end()


def legs(tracing: Tracing, started_ns: int, laps: Mapping[str, float]) -> None:
    """A span for each stage that was timed (ms), one after the other from the start on: those of a question in several
    parts, which take turns, are told as if each had run at once."""
    at = started_ns
    for name, spent in laps.items():
        ended = at + int(spent * 1e6)
        tracing.past(f"retrieval.{name}", at, ended)
        at = ended


def now_ns() -> int:
    return time.time_ns()
