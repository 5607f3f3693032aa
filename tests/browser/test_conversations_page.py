"""Conversations on the page of a real Chromium, over the real service; only the language model is scripted."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.contract.conftest import ScriptedContainer

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LEASE = b"LEASE OF UNIT 7\n\nThe rent of Unit 7 is 500 euros per month.\n\nThe deposit of Unit 7 is 900 euros.\n"
RENT, RENT_SAID = "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month. [1]"
FEEDBACK_MS = 100
PAUSE_S = 4.0
# When the first sign of an answer is painted after Enter, in ms.
FIRST_SIGN = """() => new Promise(done => {
  const box = document.querySelector("textarea");
  const seen = new MutationObserver(() => document.querySelector("article .working") && requestAnimationFrame(
    () => { seen.disconnect(); done(performance.now() - begun); }));
  seen.observe(document.body, { childList: true, subtree: true });
  const begun = performance.now();
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
})"""


@dataclass
class Service:
    """Keys by who has them."""

    address: str
    keys: dict[str, str]
    parts: ScriptedContainer


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    import uvicorn

    from api.http.app import create_app, static_folder
    from infra.settings import load_settings
    from tests.contract.conftest import Script, ScriptedContainer

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ScriptedContainer(load_settings(home=Path(home), DATABASE_URL="", llm_url="", shown_chars=0)) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script(RENT_SAID)
        parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
        keys = {user: parts.api_keys.create(user, ["legal"], ["read"], "test") for user in ("ana", "ben")}
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", keys, parts)
        server.should_exit = True
        thread.join(20)


def signed_in(page: Page, service: Service, user: str) -> Page:
    page.goto(service.address)
    return signed_in_here(page, service, user)


def signed_in_here(page: Page, service: Service, user: str) -> Page:
    page.get_by_label("API key").fill(service.keys[user])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Your question").wait_for()
    return page


@pytest.fixture
def page(blank_page: Page, service: Service) -> Page:
    service.parts.script.text, service.parts.script.pause = RENT_SAID, 0.0
    return signed_in(blank_page, service, "ana")


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")


def answered(page: Page, number: int) -> None:
    page.locator(
        f'article[aria-label="Question {number}"]:is([data-status=answered], [data-status=partial])'
    ).wait_for()


def begun(page: Page, question: str = RENT) -> str:
    """The id of a new conversation with an answer to this question."""
    ask(page, question)
    answered(page, 1)
    page.wait_for_url("**/#/c/*")
    return page.url.rsplit("/", 1)[1]


def violations(page: Page) -> list[str]:
    """What axe finds."""
    assert AXE.is_file(), "the page's packages are not installed: make frontend"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def menu(page: Page, action: str) -> None:
    """Of the conversation that is shown."""
    page.locator(".conversation-bar").get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name=action).click()


def test_a_conversation_is_there_again_after_a_reload_and_goes_on(page: Page) -> None:
    begun(page)
    page.reload()
    answered(page, 1)
    assert page.get_by_role("heading", level=1).inner_text() == RENT
    assert page.title() == f"{RENT} – Footnote"
    ask(page, "And the deposit?")
    answered(page, 2)
    searched = page.get_by_role("article", name="Question 2").get_by_text("Searched as:").locator("..")
    assert "About the rent of Unit 7: the deposit?" in searched.inner_text()
    page.get_by_role("textbox", name="Your question").press("ArrowUp")
    assert page.get_by_role("textbox", name="Your question").input_value() == "And the deposit?"


def test_the_first_sign_comes_at_once(page: Page) -> None:
    page.get_by_role("textbox", name="Your question").fill(RENT)
    assert page.evaluate(FIRST_SIGN) <= FEEDBACK_MS
    answered(page, 1)


def test_an_answer_under_way_is_seen_from_other_views_and_joined_after_a_reload(page: Page, service: Service) -> None:
    service.parts.script.pause = PAUSE_S
    ask(page, RENT)
    page.wait_for_url("**running=*")
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="1 answer under way").wait_for()
    page.reload()
    page.get_by_role("button", name="1 answer under way").click()
    page.get_by_role("dialog").get_by_role("button", name=RENT).click()
    page.reload()
    answered(page, 1)
    page.wait_for_url("**/#/c/*")
    assert page.get_by_role("article").count() == 1
    page.get_by_role("button", name="answer under way").wait_for(state="detached")


def test_an_answer_is_stopped_from_another_view(page: Page, service: Service) -> None:
    service.parts.script.pause = PAUSE_S
    ask(page, RENT)
    page.wait_for_url("**running=*")
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="1 answer under way").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="answer under way").wait_for(state="detached")


def test_two_tabs_show_the_same(page: Page) -> None:
    id_ = begun(page)
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context(storage_state=page.context.storage_state()).new_page()
    other.goto(page.url)
    answered(other, 1)
    assert other.url.endswith(f"/#/c/{id_}")
    ask(other, "And the deposit?")
    answered(other, 2)
    other.close()
    page.reload()
    answered(page, 2)


def test_a_conversation_is_renamed_filed_and_deleted(page: Page) -> None:
    id_ = begun(page)
    menu(page, "Rename")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Unit 7, rent")
    dialog.get_by_label("Matter").fill("Leases")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    row = page.get_by_role("navigation", name="Conversations").get_by_role("link", name="Unit 7, rent")
    row.wait_for()
    assert "Leases" in row.inner_text()
    page.get_by_role("searchbox", name="Search titles").fill("no such words")
    page.get_by_text("No title has these words.").wait_for()
    page.get_by_role("searchbox", name="Search titles").fill("")
    menu(page, "Delete")
    page.get_by_role("alertdialog").or_(dialog).get_by_role("button", name="Delete").click()
    row.wait_for(state="detached")
    page.get_by_role("heading", name="Ask your documents").wait_for()
    assert page.request.get(f"{page.url.split('/#')[0]}/v1/conversations/{id_}").status == 404


def test_a_shared_conversation_is_seen_by_the_other_person(page: Page, service: Service) -> None:
    id_ = begun(page)
    menu(page, "Share")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("ben")
    dialog.get_by_role("button", name="Add").click()
    dialog.get_by_text("ben", exact=True).wait_for()
    dialog.locator(".dialog-actions").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
    signed_in(page, service, "ben")
    page.get_by_role("button", name="Shared with me").click()
    page.get_by_role("navigation", name="Conversations").get_by_role("link", name=RENT).first.click()
    answered(page, 1)
    page.get_by_text("Shared by ana.").wait_for()
    assert page.url.endswith(id_)
    assert page.get_by_role("textbox", name="Your question").count() == 0


def test_a_draft_stays_until_its_person_signs_out(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your question")
    box.fill("Half a question")
    page.reload()
    box.wait_for()
    assert box.input_value() == "Half a question"
    page.keyboard.press("Control+k")
    assert box.evaluate("box => box === document.activeElement")
    page.get_by_role("button", name="Hide conversations").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
    assert page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])") == "[{},{}]"


def test_a_draft_waits_for_its_person_where_the_session_ends_by_itself(page: Page, service: Service) -> None:
    place = begun(page)
    page.get_by_role("textbox", name="Your question").fill("Half a question")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('focus'))")
    signed_in_here(page, service, "ana")
    assert page.url.endswith(place)
    assert page.get_by_role("textbox", name="Your question").input_value() == "Half a question"
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_label("API key").wait_for()
    page.evaluate("location.hash = '#/'")
    signed_in_here(page, service, "ben")
    assert "Half" not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")


def test_a_question_is_narrowed_to_a_document(page: Page) -> None:
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_role("combobox", name="Only these documents").fill("lease")
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    page.locator(".composer").get_by_text("Only:").wait_for()
    begun(page)
    told = page.get_by_role("article", name="Question 1").get_by_text("Only:").locator("..").inner_text()
    assert told.startswith("Only: “")
    page.get_by_role("textbox", name="Your question").fill("And")
    assert page.locator(".composer").get_by_text("Only:").count() == 1  # for those that follow, too
    page.reload()
    answered(page, 1)
    assert page.get_by_role("article", name="Question 1").get_by_text("Only:").locator("..").inner_text() == told
    page.get_by_role("button", name="New question").click()
    page.get_by_role("heading", name="Ask your documents").wait_for()
    assert page.locator(".composer").get_by_text("Only:").count() == 0
    assert page.get_by_role("textbox", name="Your question").input_value() == ""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")])
def test_it_fits_and_axe_finds_nothing(page: Page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    assert violations(page) == []
    begun(page)
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_label("As of").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    if width < 400:
        page.get_by_role("button", name="Show conversations").click()
        page.get_by_role("dialog", name="Conversations").get_by_role("link", name=RENT).first.wait_for()
        assert violations(page) == []
