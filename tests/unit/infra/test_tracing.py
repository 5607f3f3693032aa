"""Traces are an extra: nothing of OpenTelemetry is imported without it; names are those of the conventions."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as conventions

from infra.settings import SettingsError
from infra.telemetry import genai
from infra.telemetry.tracing import to_collector

ALONE = """
import sys
from api.wiring.observing import telemetry
from infra.settings import load_settings
telling = telemetry(load_settings(), lambda: None)
with telling.request("GET", {}) as ended, telling.stage("search"):
    ended("/v1/search", 200, 0.1)
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_nothing_of_it_is_imported_unless_it_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_where_the_packages_are_missing_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"\.\[otel\]"):
        to_collector("http://127.0.0.1:4318")


def test_the_names_are_those_of_the_conventions_and_none_is_for_content() -> None:
    ours = {value for name, value in vars(genai).items() if name.isupper() and value.startswith("gen_ai.")}
    known = {
        value for name, value in vars(conventions).items() if name.startswith("GEN_AI_") and isinstance(value, str)
    }
    assert ours - {genai.EVALUATION} <= known  # an event's name is no attribute
    for content in ("messages", "instructions", "query.text", "documents", "explanation", "prompt", "completion"):
        assert not [name for name in ours if name.endswith(content)]


def test_spans_reach_a_collector_and_a_close_sends_the_rest() -> None:
    got: list[tuple[str, str]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                of = {one.key: one.value.string_value for one in resource.resource.attributes}
                got.extend((of["service.name"], span.name) for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        tracing = to_collector(f"http://127.0.0.1:{server.server_address[1]}")
        with tracing.span("search"):
            tracing.begun("chat").end()
        tracing.close()
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(got) == [("footnote", "chat"), ("footnote", "search")]
