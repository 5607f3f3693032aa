"""A whole service over HTTP in which a release is tried beside the current one: only the language models are scripted."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Container
from api.http.app import create_app
from api.http.auth import READ
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.language import Language
from api.wiring.trials.running import drawn
from generation.errors import GeneratorUnavailable
from infra.postgres.decisions import PostgresDecisions
from infra.postgres.evaluations import Dataset, NewRun, PostgresEvaluations
from infra.postgres.pool import transaction
from infra.postgres.releases import Release
from infra.settings import RELEASABLE, load_settings
from tests.contract.conftest import LEASE, SALARIES, Script, ScriptedLanguage

RENT = "The rent of Unit 7 is 500 euros per month [1]."
NOTHING = "NOT FOUND"
OTHER = "Qwen2.5-Coder-0.5B-Instruct"
Q = {"question": "What is the rent of Unit 7?"}


class Two(Container):
    """Each generator has a script of its own; `broken` ones cannot be started."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.scripts = {settings.generator: Script(RENT), OTHER: Script(RENT)}
        self.broken: set[str] = set()
        self.closed: list[str] = []

    def _language(self, adapter: AdapterInUse | None) -> Language:
        name, outer = self.settings.generator, self
        if name in self.broken:
            raise GeneratorUnavailable("It does not start.")

        class Closing(ScriptedLanguage):
            __hash__ = object.__hash__

            def retire(self) -> None:
                outer.closed.append(name)

        return Closing(self.scripts[name])  # type: ignore[return-value]


class House:
    def __init__(self, parts: Two, client: TestClient) -> None:
        self.parts, self.client = parts, client
        self.current, self.other = parts.scripts.values()
        self.keys: dict[str, dict[str, str]] = {}

    def key(self, user: str) -> dict[str, str]:
        if user not in self.keys:
            secret = self.parts.api_keys.create(user, ["legal"], {READ}, "test")
            self.keys[user] = {"Authorization": f"Bearer {secret}"}
        return self.keys[user]

    def ask(self, user: str) -> Any:
        return self.client.post("/v1/query", json=Q, headers=self.key(user))

    def propose(self, name: str, **changes: Any) -> None:
        settings = {one: getattr(self.parts.settings, one) for one in RELEASABLE} | {"generator": OTHER} | changes
        self.parts.releases.add(Release(name, settings, {}, "0" * 64, "operator"), {})

    def begin(self, name: str, mode: Any, share: float | None = None, **evidence: Any) -> None:
        self.parts.releases.begin(name, mode, "operator", evidence, share=share)
        self.parts.trials.look()

    def rows(self) -> list[tuple[Any, ...]]:
        """What is kept of the trial, once it is written."""
        self.parts._keeping.flush()
        with transaction(self.parts.pool) as conn:
            return list(
                conn.execute(
                    b"SELECT arm, release, person, status, code, alone, audit_id::text, overlap, same_status "
                    b"FROM release_observations ORDER BY number"
                )
            )

    def release_of(self, user: str) -> object:
        """By which release the newest answer of the trail was given."""
        answer = self.ask(user)
        assert answer.status_code == 200, answer.text
        (row, *_) = self.parts.audit.show(answer.json()["audit_id"])
        return json.loads(row.record).get("release")


@pytest.fixture(scope="module")
def whole(start: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("trials")
    with Two(load_settings(home=home, shown_chars=0, bad_credentials=0)) as parts:
        parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
        parts.pipeline.ingest(SALARIES, "salaries.txt", "files/salaries.txt", frozenset({"group:hr"}))
        parts.answer_service  # noqa: B018
        with TestClient(create_app(parts.http), raise_server_exceptions=False) as client:
            yield House(parts, client)


@pytest.fixture
def house(whole: House) -> House:
    """Without a release, a trial or an observation."""
    parts = whole.parts
    with transaction(parts.pool) as conn:
        conn.execute(b"TRUNCATE release_observations, release_events, releases RESTART IDENTITY CASCADE")
    parts.trials.look()
    parts.take_over()
    parts.broken.clear()
    parts.closed.clear()
    for script in parts.scripts.values():
        script.__init__(RENT)  # type: ignore[misc]
    parts.telemetry.metrics.arms.clear()
    parts.telemetry.metrics.shadows_dropped.clear()
    parts.trial_watch.__init__(parts.releases, parts.observations, parts.telemetry)  # type: ignore[misc]
    parts.trials._here.now(0)
    whole.keys.clear()
    return whole


def people(release: str, share: float, arm: bool, count: int) -> list[str]:
    return [user for n in range(2000) if drawn(release, user := f"p{n}", share) is arm][:count]


def wait(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def commands(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`footnote release …` on the data folder of the service."""
    from api.cli import trials

    monkeypatch.setattr(trials, "opened", lambda: nullcontext(house.parts))
    return trials


def weighed_night(house: House, name: str, outcome: str) -> None:
    """A night by this release that was weighed so."""
    data = Dataset("d" * 64, "golden.jsonl", 1)
    run = NewRun("nightly", "abc", "c" * 64, "p", {}, {"suites": {}, "release": name})
    new, _ = PostgresEvaluations(house.parts.pool).begin(run, [data], anew=True)
    PostgresDecisions(house.parts.pool).keep(new, str(uuid.uuid4()), outcome, {}, [])
