"""The service under observation: no content in its log at any level, a request's id wherever the request leaves a trace,
metrics for admins, spans without content."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families as families

from api.http.app import create_app
from api.http.auth import AUDIT, SCIM
from infra.telemetry import logs
from infra.telemetry.tracing import OpenTelemetry

MARK = "zanzibar"  # in everything that people ask, hand in or are called
RENT = "The rent of Unit 7 is 500 euros per month. [1]"
ID = "req-0123456789"


@dataclass
class Running:
    """A service of its own behind a real server, its log at the lowest level."""

    parts: Any
    client: httpx.Client
    read: Callable[[], str]

    def key(self, user: str, *groups: str, scopes: set[str]) -> dict[str, str]:
        secret = self.parts.api_keys.create(user, groups, scopes, "test")
        return {"Authorization": f"Bearer {secret}"}

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read().splitlines()]


@pytest.fixture
def running(start: Callable[..., Any], capfd: pytest.CaptureFixture[str]) -> Iterator[Running]:
    parts = start(max_upload_bytes=100_000)
    parts.pipeline.ingest(
        b"LEASE\n\nThe rent of Unit 7 is 500 euros per month.",
        "lease.txt",
        "files/lease.txt",
        frozenset({"group:legal"}),
    )
    root, level = logging.getLogger(), logging.getLogger().level
    logs.configure("debug", "json")
    root.setLevel(logging.DEBUG)
    config = uvicorn.Config(create_app(parts.http), port=0, log_level="debug", log_config=None, access_log=True)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    told: list[str] = []

    def read() -> str:
        told.append(capfd.readouterr().err)
        return "".join(told)

    fresh = httpx.Limits(max_keepalive_connections=0)  # the server closes a connection in which something failed
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=fresh) as client:
        yield Running(parts, client, read)
    server.should_exit = True
    thread.join(20)
    root.setLevel(level)
    for handler in [one for one in root.handlers if isinstance(one, logs._Stderr)]:
        root.removeHandler(handler)


def ended(running: Running, job: str, headers: dict[str, str]) -> dict[str, Any]:
    while (told := running.client.get(f"/v1/jobs/{job}", headers=headers).json())["status"] in {"queued", "running"}:
        time.sleep(0.05)
    return told


def test_nothing_that_people_ask_hand_in_or_are_called_is_in_the_log(running: Running) -> None:
    client, parts = running.client, running.parts
    person = running.key(f"ana-{MARK}", "legal", MARK, scopes={"read", "write", "admin", AUDIT, SCIM})
    parts.script.text = f"{RENT}|The {MARK} rent is {MARK}. [1]"
    ask = {"question": f"What is the rent of Unit 7, {MARK}?"}
    for body in (ask, ask | {"stream": True}, {"question": ""}, {"question": MARK, "unknown": MARK}, {"question": 5}):
        client.post("/v1/query", json=body, headers=person)
    chat = {"model": "footnote", "messages": [{"role": "user", "content": ask["question"]}]}
    client.post("/v1/chat/completions", json=chat, headers=person)
    client.post("/v1/search", json={"query": MARK}, headers=person)
    for error in (RuntimeError(f"no {MARK}"), KeyError(MARK), ValueError(MARK)):
        parts.script.error = error
        client.post("/v1/query", json=ask, headers=person)
        client.post("/v1/query", json=ask | {"stream": True}, headers=person)
    uploads = {"good.txt": f"The {MARK} lease.".encode(), "bad.pdf": b"%PDF-1.4 " + MARK.encode(), "empty.txt": b" "}
    for name, data in uploads.items():
        files = {"file": (f"{MARK}-{name}", data)}
        client.post("/v1/documents", files=files, data={"allow": "group:legal"}, headers=person)
        files = {"files": (f"{MARK}-{name}", data + b".")}
        job = client.post("/v1/jobs", files=files, data={"allow": "group:legal"}, headers=person)
        assert job.status_code == 202, job.text
        ended(running, job.json()["id"], person)
    parts.embedder.__class__.embed_documents, whole = _failing(MARK), parts.embedder.__class__.embed_documents
    try:
        data = {"allow": "group:legal"}
        client.post("/v1/documents", files={"file": (f"{MARK}.txt", b"Other words.")}, data=data, headers=person)
    finally:
        parts.embedder.__class__.embed_documents = whole
    strange = {"X-Request-Id": f"{MARK} {MARK}", "Host": MARK, "User-Agent": MARK, "Cookie": f"session={MARK}"}
    for path in (f"/{MARK}", f"/v1/documents/{MARK}", f"/v1/documents?q={MARK}", f"/scim/v2/Users?filter={MARK}"):
        client.get(path, headers=person | strange)
        client.get(path, headers={"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"})
        client.request(MARK.upper(), path, headers=person)
    logged = running.read()
    assert MARK not in logged.lower()
    assert len(running.lines()) > 40
    kinds = {one["type"] for line in running.lines() for one in line.get("exception", ())}
    assert {"RuntimeError", "KeyError", "ValueError"} <= kinds


def _failing(words: str) -> Callable[..., Any]:
    def embed_documents(self: Any, texts: Any) -> Any:
        raise LookupError(f"cannot embed {words}: {texts}")

    return embed_documents


def test_a_requests_id_is_in_header_problem_log_record_and_job(running: Running) -> None:
    client, parts = running.client, running.parts
    ana = running.key("ana", "legal", scopes={"read", "write"})
    parts.script.text = RENT
    reply = client.post("/v1/query", json={"question": "What is the rent?"}, headers=ana | {"X-Request-Id": ID})
    assert reply.headers["X-Request-Id"] == ID
    records = [json.loads(row.record) for row in parts.audit.show(limit=1000)]
    assert [one.get("request_id") for one in records if one.get("kind") == "opened"] == [ID]
    refused = client.post("/v1/search", json={"query": ""}, headers=ana | {"X-Request-Id": f"{ID}-2"})
    assert (refused.status_code, refused.json()["request_id"]) == (422, f"{ID}-2")
    missing = client.get("/v1/documents/nothing", headers=ana | {"X-Request-Id": f"{ID}-5"})
    assert (missing.status_code, missing.json().get("request_id")) == (404, None)  # as what is hidden, byte for byte
    assert missing.headers["X-Request-Id"] == f"{ID}-5"
    parts.script.error = RuntimeError("unforeseen")
    broken = client.post("/v1/query", json={"question": "And now?"}, headers=ana | {"X-Request-Id": f"{ID}-3"})
    assert (broken.status_code, broken.json()["request_id"], broken.headers["X-Request-Id"]) == (
        500,
        f"{ID}-3",
        f"{ID}-3",
    )
    files = {"files": ("note.txt", b"A note.")}
    headers = ana | {"X-Request-Id": f"{ID}-4"}
    job = client.post("/v1/jobs", files=files, data={"allow": "group:legal"}, headers=headers).json()["id"]
    ended(running, job, ana)
    told = [line for line in running.lines() if line.get("request_id", "").startswith(ID)]
    requests = {line["request_id"]: (line["route"], line["status"]) for line in told if line["event"] == "request"}
    assert requests == {
        ID: ("/v1/query", 200),
        f"{ID}-2": ("/v1/search", 422),
        f"{ID}-5": ("/v1/documents/{document_id}", 404),
        f"{ID}-3": ("/v1/query", 500),
        f"{ID}-4": ("/v1/jobs", 202),
    }
    assert any(line["request_id"] == f"{ID}-3" and line["event"] == "unforeseen error" for line in told)
    (file,) = [line for line in told if line["event"] == "A file of a job has ended."]
    assert (file["request_id"], file["job"], file["outcome"]) == (f"{ID}-4", job, "added")


def test_the_same_job_under_the_same_key_is_the_same_whichever_request_hands_it_in(running: Running) -> None:
    ana = running.key("ana", "legal", scopes={"read", "write"}) | {"Idempotency-Key": "one"}
    files, data = {"files": ("twice.txt", b"Handed in twice.")}, {"allow": "group:legal"}
    jobs = [running.client.post("/v1/jobs", files=files, data=data, headers=ana) for _ in range(2)]
    assert [job.status_code for job in jobs] == [202, 202]
    assert len({job.json()["id"] for job in jobs}) == 1
    assert len({job.headers["X-Request-Id"] for job in jobs}) == 2


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ({"X-Request-Id": "abcDEF-12.3_4"}, r"abcDEF-12\.3_4"),
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        (
            {"X-Request-Id": "seven-7", "traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"},
            r"[0-9a-f]{8}-[0-9a-f-]{27}",
        ),
        ({"X-Request-Id": "a" * 65}, r"[0-9a-f]{8}-[0-9a-f-]{27}"),
        ({"X-Request-Id": "two words here"}, r"[0-9a-f]{8}-[0-9a-f-]{27}"),
        ({}, r"[0-9a-f]{8}-[0-9a-f-]{27}"),
    ],
)
def test_an_id_is_taken_where_it_is_sane_else_made(service: Any, sent: dict[str, str], got: str) -> None:
    assert re.fullmatch(got, service.client.get("/healthz", headers=sent).headers["X-Request-Id"])


def scraped(service: Any) -> dict[tuple[str, ...], float]:
    """Samples by name and labels' values."""
    reply = service.client.get("/metrics", headers=service.key("prometheus", admin=True))
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = (one for family in families(reply.text) for one in family.samples)
    return {(one.name, *one.labels.values()): one.value for one in found}


def test_metrics_are_for_admins(service: Any) -> None:
    assert service.client.get("/metrics").status_code == 401
    for key in (service.key("ana", "legal"), service.key("ana", "legal", write=True)):
        assert service.client.get("/metrics", headers=key).status_code == 403
    assert ("footnote_requests_total", "GET", "/metrics", "403") in scraped(service)


def test_metrics_count_what_was_answered_and_what_it_took(service: Any) -> None:
    before = scraped(service)
    ana, eve = service.key("ana-of-accounts", "legal"), service.key("eve", "nobody")
    service.parts.script.text = f"{RENT}|The tenant pays 900 dollars for parking in Rome. [1]"
    for key in (ana, eve):
        service.client.post("/v1/query", json={"question": "What is the rent of Unit 7?"}, headers=key)
    service.client.get("/v1/documents/one-that-is-not-there", headers=ana)
    after = scraped(service)

    def more(*sample: str) -> float:
        return after.get(sample, 0.0) - before.get(sample, 0.0)

    assert more("footnote_requests_total", "POST", "/v1/query", "200") == 2
    assert more("footnote_requests_total", "GET", "/v1/documents/{document_id}", "404") == 1
    assert more("footnote_answers_total", "abstained") == 1
    assert more("footnote_abstentions_total", "nothing_found") == 1
    assert more("footnote_tokens_total", "in", "scripted", "all") == 10
    assert more("footnote_tokens_total", "out", "scripted", "all") == 5
    verdicts = {key[1]: more(*key) for key in after if key[0] == "footnote_gate_verdicts_total"}
    assert sum(verdicts.values()) >= 2
    for stage in (
        "search",
        "search.dense",
        "search.sparse",
        "search.rerank",
        "context",
        "gate",
        "audit",
        "chat",
        "answer",
    ):
        assert more("footnote_stage_seconds_count", stage) > 0, stage
    assert after[("footnote_job_files", "queued")] == 0
    assert after[("footnote_memory_bytes", "service")] > 1 << 20
    assert after[("footnote_pool_connections", "most")] == 8
    labels = {label for key in after for label in key[1:]}
    assert not [label for label in labels if "ana" in label or "not-there" in label or "legal" in label]


def test_metrics_count_files_by_what_became_of_them(service: Any) -> None:
    before = scraped(service)
    ana = service.key("ana", "legal", write=True)
    for name, data in (("new.txt", b"Some new words."), ("bad.pdf", b"no pdf")):
        service.client.post("/v1/documents", files={"file": (name, data)}, data={"allow": "group:legal"}, headers=ana)
    after = scraped(service)
    files = "footnote_ingested_files_total"
    for outcome in ("added", "failed"):
        assert after[(files, outcome)] - before.get((files, outcome), 0.0) == 1
    assert after[("footnote_stage_seconds_count", "ingest.store")] > 0


def test_spans_tell_of_every_stage_and_hold_no_content(start: Callable[..., Any]) -> None:
    kept, parts = InMemorySpanExporter(), start()
    parts.telemetry.tracing = OpenTelemetry([SimpleSpanProcessor(kept)])
    parts.pipeline.ingest(
        f"LEASE\n\nThe {MARK} rent of Unit 7 is 500 euros per month.".encode(),
        *(f"{MARK}.txt", f"files/{MARK}.txt", frozenset({"group:legal"})),
    )
    assert {"ingest.parse", "ingest.chunk", "ingest.embed", "ingest.store"} <= {
        one.name for one in kept.get_finished_spans()
    }
    kept.clear()
    secret = parts.api_keys.create(f"ana-{MARK}", ["legal"], {"read"}, "test")
    parts.script.text = f"The {MARK} rent of Unit 7 is 500 euros per month. [1]"
    headers = {"Authorization": f"Bearer {secret}", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    with TestClient(create_app(parts.http)) as client:
        body = {"question": f"What is the {MARK} rent of Unit 7?", "stream": True}
        reply = client.post("/v1/query", json=body, headers=headers)
    assert "event: sentence" in reply.text
    spans = {one.name: one for one in kept.get_finished_spans()}
    assert {
        *("POST /v1/query", "search", "retrieval.dense", "retrieval.sparse", "retrieval.rerank", "context"),
        *("chat scripted", "gate", "audit"),
    } <= spans.keys()
    root = spans["POST /v1/query"]
    assert {f"{one.context.trace_id:032x}" for one in spans.values()} == {TRACE}
    assert spans["search"].parent.span_id == spans["gate"].parent.span_id == root.context.span_id
    assert spans["retrieval.dense"].parent.span_id == spans["search"].context.span_id
    assert root.attributes["http.route"] == "/v1/query"
    assert spans["chat scripted"].attributes["gen_ai.usage.output_tokens"] == 5
    (event,) = spans["gate"].events
    assert event.name == "gen_ai.evaluation.result"
    assert event.attributes["gen_ai.evaluation.score.label"] == "entailed"
    assert 0 <= event.attributes["gen_ai.evaluation.score.value"] <= 1
    assert MARK not in "".join(one.to_json() for one in spans.values())


def test_a_span_of_what_failed_tells_the_code_and_not_the_words() -> None:
    kept = InMemorySpanExporter()
    tracing = OpenTelemetry([SimpleSpanProcessor(kept)])
    with pytest.raises(RuntimeError), tracing.span("search"):
        raise RuntimeError(MARK)
    (span,) = kept.get_finished_spans()
    assert span.attributes["error.type"] == "RuntimeError"
    assert not span.status.is_ok
    assert MARK not in span.to_json()
