"""The web page in a real Chromium, over the real service with the sample documents."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from api.bootstrap import Container

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(600)]
ANSWER_MS = 240_000


@pytest.fixture(scope="module")
def address(sample: Container) -> Iterator[str]:
    """The service of the sample installation on a free port."""
    import uvicorn

    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(sample.http, warm=sample.warm), host="127.0.0.1", port=port, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.1)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(blank_page: Page, address: str) -> Page:
    blank_page.goto(address)
    return blank_page


def test_a_person_asks_and_opens_the_source_at_the_quoted_words(page: Page) -> None:
    page.get_by_role("button", name="Sign in as Ana").click()
    page.get_by_role("textbox", name="Your question").fill("When must Kestrel repeat a mock recall?")
    page.get_by_role("button", name="Ask", exact=True).click()
    turn = page.get_by_role("article", name="Question 1")
    page.wait_for_function(
        "turn => ['answered', 'partial', 'abstained', 'failed'].includes(turn.dataset.status)",
        arg=turn.element_handle(),
        timeout=ANSWER_MS,
    )
    assert turn.get_attribute("data-status") in {"answered", "partial"}
    turn.get_by_role("button", name="Citation 1:").first.click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("img", name="Marked: “").wait_for(timeout=ANSWER_MS)
    panel.get_by_role("button", name="Text", exact=True).click()
    marked = panel.locator("mark")
    marked.first.wait_for()
    assert marked.first.is_visible()
    words = " ".join(" ".join(marked.all_inner_texts()).split())
    assert len(words) > 10
    page.keyboard.press("Escape")
    assert panel.count() == 0 or not panel.is_visible()


def test_documents_of_other_groups_are_not_there(page: Page) -> None:
    page.get_by_role("button", name="Sign in as Frank").click()
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("grid").get_by_text("Information Security Policy").wait_for()
    text = page.get_by_role("grid").inner_text()
    assert "Information Security Policy" in text
    assert "Supply Agreement" not in text


def test_an_address_opens_a_source_for_those_who_may_read_it(page: Page, address: str) -> None:
    """As the citations of chat completions name it."""
    page.request.post(f"{address}/v1/session", data={"user": "ana"})
    listed = page.request.get(f"{address}/v1/documents").json()["documents"]
    document = next(one for one in listed if "Warehousing" in one["title"])
    path = f"/v1/documents/{document['document_id']}/text?version={document['version_id']}"
    text = page.request.get(f"{address}{path}").json()["text"]
    page.context.clear_cookies()
    words = "A mock recall is held once a year."
    start = text.index(words)
    page.goto(f"{address}/#source/{document['document_id']}/{document['version_id']}/{start}/{start + len(words)}")
    page.reload()
    page.get_by_role("button", name="Sign in as Ana").click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("button", name="Text", exact=True).click()
    panel.locator("mark").first.wait_for()
    assert " ".join(" ".join(panel.locator("mark").all_inner_texts()).split()) == words
    page.wait_for_load_state("networkidle")  # closed earlier, it would break off what it still asks for
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert page.url.endswith("#/")
