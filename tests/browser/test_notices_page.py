"""Notices that answers have aged, on the page of a real Chromium over a real service: one comes, is opened and read."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from playwright.sync_api import Locator, Page

    from tests.contract.conftest import ScriptedContainer

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RENT, FEE = "What is the rent of Unit 7?", "What is the fee of the Corvin storage?"
OLD = {"lease": "The rent of Unit 7 is 500 euros per month.", "corvin": "The fee of the Corvin storage is 70 euros."}
NEW = {"lease": "The rent of Unit 7 is 600 euros per month.", "corvin": "The fee of the Corvin storage is 80 euros."}


@dataclass
class Service:
    address: str
    client: TestClient
    parts: ScriptedContainer
    keys: dict[str, str]

    def put(self, texts: dict[str, str], name: str) -> None:
        """A version of the document of this name."""
        text = f"{name.upper()}\n\n{texts[name]}\n"
        self.parts.pipeline.ingest(text.encode(), f"{name}.txt", f"files/{name}.txt", frozenset({"group:legal"}))

    def ask(self, question: str, says: str) -> str:
        """As Ana; its audit id."""
        self.parts.script.text = f"{says[:-1]} [1]."
        told: Any = self.client.post("/v1/query", json={"question": question}, headers=self.bearer("ana")).json()
        assert told["status"] == "answered", told
        return str(told["audit_id"])

    def bearer(self, user: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[user]}"}


@pytest.fixture
def service() -> Iterator[Service]:
    """Ana has asked two questions, and a version has changed under the first answer."""
    import uvicorn
    from fastapi.testclient import TestClient

    from api.http.app import create_app, static_folder
    from infra.settings import load_settings
    from tests.contract.conftest import Script, ScriptedContainer

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ScriptedContainer(load_settings(home=Path(home), DATABASE_URL="", llm_url="", shown_chars=0)) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script("")
        keys = {user: parts.api_keys.create(user, ["legal"], ["read"], "test") for user in ("ana", "otto")}
        app = create_app(parts.http, warm=parts.warm)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        service = Service(f"http://127.0.0.1:{listener.getsockname()[1]}", TestClient(app), parts, keys)
        for name, question in (("lease", RENT), ("corvin", FEE)):
            service.put(OLD, name)
            service.ask(question, OLD[name])
        yield service
        server.should_exit = True
        thread.join(20)


def signed_in(page: Page, service: Service, user: str) -> Page:
    page.goto(service.address)
    page.get_by_label("API key").fill(service.keys[user])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Questions", exact=True).wait_for()
    return page


def changed(page: Page, service: Service, *names: str) -> None:
    """These documents have new versions by now, and the page is looked at again."""
    for name in names:
        service.put(NEW, name)
    service.parts.recall.refresh()
    page.reload()


def opened(page: Page, number: str) -> Locator:
    page.get_by_role("button", name=number).click()
    drawer = page.get_by_role("dialog", name="Answers that have aged")
    drawer.wait_for()
    return drawer


def violations(page: Page) -> list[str]:
    """What axe finds."""
    assert AXE.is_file(), "the page's packages are not installed: make frontend"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_a_notice_comes_is_opened_and_is_read(blank_page: Page, service: Service) -> None:
    page = signed_in(blank_page, service, "ana")
    drawer = opened(page, "No news of your answers")
    drawer.get_by_text("Nothing that your answers, or those shared with you, rest on has changed.").wait_for()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    changed(page, service, "lease")
    drawer = opened(page, "1 answer rests on what has changed")
    drawer.get_by_text(RENT).wait_for()
    drawer.get_by_text("LEASE has a newer version, 2. The quoted words do not stand there any more.").wait_for()
    assert drawer.get_by_text(FEE).count() == 0
    assert violations(page) == []
    drawer.get_by_role("link", name="Open the answer").click()
    drawer.wait_for(state="detached")
    page.get_by_role("heading", name=RENT, level=2).first.wait_for()
    assert "/#/answers/" in page.url
    page.get_by_text("LEASE has a newer version, 2.").first.wait_for()
    page.get_by_text(OLD["lease"]).first.wait_for()  # as it was given
    page.get_by_role("button", name="Citation 1").first.click()
    mark = page.locator(".source mark").first
    mark.wait_for()
    assert mark.inner_text() == OLD["lease"]  # at the words of the version that it rests on
    assert violations(page) == []
    page.keyboard.press("Escape")
    drawer = opened(page, "1 answer rests on what has changed")  # to open it is not to have read it
    with page.expect_response("**/v1/answers/notices/seen"):
        drawer.get_by_role("button", name="Seen").click()
    drawer.get_by_text("Nothing that your answers, or those shared with you, rest on has changed.").wait_for()
    page.reload()
    page.get_by_role("button", name="No news of your answers").wait_for()


def test_several_are_read_at_once_and_nobody_elses_are_shown(blank_page: Page, service: Service) -> None:
    page = signed_in(blank_page, service, "ana")
    changed(page, service, "lease", "corvin")
    drawer = opened(page, "2 answers rest on what has changed")
    assert drawer.locator(".notices-question").all_inner_texts() == [FEE, RENT]
    with page.expect_response("**/v1/answers/notices/seen"):
        drawer.get_by_role("button", name="All seen").click()
    drawer.get_by_text("Nothing that your answers, or those shared with you, rest on has changed.").wait_for()
    assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")  # what was pressed is gone
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()  # what is asked before it has ended is told so by the console
    signed_in(page, service, "otto")
    page.get_by_role("button", name="No news of your answers").wait_for()
