"""The whole service in one process: real PostgreSQL, real embedder and reranker; only the language model is scripted."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient

from api.bootstrap import Container
from api.http.app import create_app
from api.http.auth import ADMIN, READ, WRITE
from api.http.strictness import Offered
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.language import Language
from generation.prompts import Prompt, load_prompt
from generation.types import ChatMessage, Delta, Strict, Usage
from infra.postgres.chain import AuditRow
from infra.settings import load_settings
from ingest.types import OPERATOR, document_id

RUNNING: list[Service] = []
PROVIDER = rsa.generate_private_key(65537, 2048)
TOKENS = {"jwt_issuer": "https://idp.test", "jwt_audience": "https://footnote.test"}
LEASE = b"""LEASE OF UNIT 7

The rent of Unit 7 is 500 euros per month.

The tenant Kestrel may end the lease with thirty days of notice.
"""
SALARIES = b"""SALARY BANDS

The salary of the chief financial officer is 91,000 euros per year.
"""


@dataclass
class Script:
    """Implements `ChatModel` for the generator and the judge: replays `text` after `pause` seconds; always says yes."""

    text: str = ""
    pause: float = 0.0
    error: Exception | None = None
    name: str = "scripted"
    adapter: str = ""
    tells_states: bool = False
    asked: list[Sequence[ChatMessage]] = field(default_factory=list)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append(messages)
        for part in self.text.split("|"):
            yield Delta(part)
            await asyncio.sleep(self.pause)
        if self.error:
            raise self.error
        yield Delta("", Usage(10, 5))

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        return {"Yes": 0.9, "No": 0.1}

    async def ping(self) -> None:
        pass


@dataclass
class ScriptedLanguage:
    """In the place of `api.wiring.language.Language`: one script for all that is asked."""

    script: Script
    adapter: None = None
    engine: str = "llama.cpp"

    @property
    def prompt(self) -> Prompt:
        return load_prompt("answer")

    def start(self) -> None:
        pass

    def in_use(self) -> AbstractContextManager[None]:
        return nullcontext()

    def generator(self) -> Script:
        return self.script

    def base(self, slot: int) -> Script:
        return self.script

    def close(self) -> None:
        pass


class ScriptedContainer(Container):
    """The real wiring around a scripted language model."""

    script: Script

    def _language(self, adapter: AdapterInUse | None) -> Language:
        return ScriptedLanguage(self.script)  # type: ignore[return-value]


@dataclass
class Service:
    """The container, its script, an HTTP client and who is who."""

    parts: ScriptedContainer
    client: TestClient
    lease: str
    salaries: str

    def key(self, user: str, *groups: str, write: bool = False, admin: bool = False) -> dict[str, str]:
        """The Authorization header of a new API key."""
        scopes = {READ, WRITE, ADMIN} if admin else {READ, WRITE} if write else {READ}
        secret = self.parts.api_keys.create(user, groups, scopes, "test")
        return {"Authorization": f"Bearer {secret}"}

    def rows(self, limit: int = 20) -> list[AuditRow]:
        """The newest rows of the trail, of answers and changes alone: accesses are written when their time comes."""
        rows = self.parts.audit.show(limit=limit + 50)
        return [row for row in rows if not row.record.startswith('{"accesses"')][:limit]


def _clean_environment(patch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_CACHE":
            patch.delenv(name)
    patch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., ScriptedContainer]]:
    """Makes a container over a data folder of its own. What the generator writes is the answer, all of it: nothing is
    quoted before, unless `shown_chars` is given."""
    made: list[ScriptedContainer] = []

    def started(home: Path | None = None, **settings: Any) -> ScriptedContainer:
        chosen = {"shown_chars": 0, "bad_credentials": 0} | settings  # tests are wrong more often than people
        container = ScriptedContainer(load_settings(home=home or tmp_path_factory.mktemp("home"), **chosen))
        container.script = Script()
        made.append(container)
        return container

    with pytest.MonkeyPatch.context() as patch:
        _clean_environment(patch)
        yield started
        for container in reversed(made):
            container.close()


@pytest.fixture(scope="session")
def service(start: Callable[..., ScriptedContainer]) -> Iterator[Service]:
    pem = PROVIDER.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = start(jwt_public_key=pem.decode(), max_upload_bytes=100_000, **TOKENS)
    lease = parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
    salaries = parts.pipeline.ingest(SALARIES, "salaries.txt", "files/salaries.txt", frozenset({"group:hr"}))
    with TestClient(create_app(parts.http, warm=parts.warm), raise_server_exceptions=False) as client:
        RUNNING.append(Service(parts, client, lease.document_id, salaries.document_id))
        yield RUNNING[0]
        RUNNING.clear()


@pytest.fixture(autouse=True, scope="module")
def _two_documents() -> Iterator[None]:
    """What a module leaves in the service goes with it."""
    yield
    for service in RUNNING:
        parts = service.parts
        until = time.monotonic() + 60
        while any(job.finished_at is None for job in parts.jobs.list(None)) and time.monotonic() < until:
            time.sleep(0.05)
        for source, _ in parts.documents.contents():
            if not source.startswith("files/"):
                parts.documents.delete(document_id(source), OPERATOR, now=True)


@pytest.fixture(autouse=True)
def _fresh_script(request: pytest.FixtureRequest) -> None:
    if "service" in request.fixturenames:
        request.getfixturevalue("service").parts.script.__init__()


@pytest.fixture
def strict_of_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A strict answer asks for more support than any sentence has."""
    monkeypatch.setattr(service.parts.answer_service, "_stricter", Strict(1.01))


@pytest.fixture
def usual_alone(monkeypatch: pytest.MonkeyPatch) -> str:
    """Strict answers are not offered, by applications that are made from now on either; what is said then."""
    monkeypatch.setattr(ScriptedContainer, "strictness", Offered.of("usual", ["usual"]))
    return 'The strictness "strict" is not offered here: ask for "usual", or leave it out.'


@pytest.fixture(scope="session")
def provider() -> rsa.RSAPrivateKey:
    """The identity provider's key; the service knows its public half."""
    return PROVIDER


@pytest.fixture(scope="session")
def of_provider() -> dict[str, str]:
    """The claims that every token of the identity provider has for the service."""
    return {"iss": TOKENS["jwt_issuer"], "aud": TOKENS["jwt_audience"]}


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    _clean_environment(monkeypatch)
    return monkeypatch
