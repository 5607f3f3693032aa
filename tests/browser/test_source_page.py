"""The source pane and the comparison in a real Chromium over the real service; only the answer is made up, so that it
cites what the tests look at."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from playwright.sync_api import Locator, Page, Route

    from generation.types import Citation

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CORPUS = ROOT / "api" / "demo" / "corpus"
FILES = {
    "supply": ("previous/legal/supply_agreement.pdf", "current/legal/supply_agreement.pdf"),
    "budget": ("current/finance/budget_2025.xlsx",),
    "handbook": ("current/hr/employee_handbook.pdf",),
}
OLD_TITLE = "Supply Agreement - Brightwater Polymers (2023)"
CREDIT = "No credit falls due for the first"
LIABILITY = "each party's total liability in a Contract Year is limited to"
WHOLE = """() => {
    const shown = [...document.querySelectorAll(".source *, .compare *")]
    const wide = shown.filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    return wide.filter(one => one.closest(".pages, .canonical, .visually-hidden") === null).map(one => one.outerHTML.slice(0, 160))
}"""


@dataclass
class Service:
    """`newest`, `oldest`: version ids by the document's name here."""

    address: str
    client: TestClient
    root: dict[str, str]
    ids: dict[str, str]
    newest: dict[str, str]
    oldest: dict[str, str]

    def text(self, name: str, version: str) -> str:
        path = f"/v1/documents/{self.ids[name]}/text?version={version}"
        return str(self.client.get(path, headers=self.root).json()["text"])

    def place(self, name: str, words: str, *, old: bool = False) -> tuple[str, str, int, int]:
        """Document, version and characters of the first occurrence."""
        version = (self.oldest if old else self.newest)[name]
        start = self.text(name, version).index(words)
        return self.ids[name], version, start, start + len(words)

    def citation(self, number: int, name: str, words: str, *, old: bool = False) -> Citation:
        """As the service would give it, with its boxes."""
        from generation.types import Citation
        from ingest.types import Box

        document, version, start, end = self.place(name, words, old=old)
        asked = f"/v1/documents/{document}"
        printed = self.client.get(f"{asked}/boxes?version={version}&start={start}&end={end}", headers=self.root).json()[
            "boxes"
        ]
        boxes = tuple(Box(**box) for box in printed)
        pages = self.client.get(f"{asked}/pages?version={version}", headers=self.root).json()
        file = FILES[name][0 if old else -1]
        return Citation(
            number, document, pages["version"], "0" * 64, pages["title"], f"files/{Path(file).name}", ("Some clause",),
            boxes[0].page if boxes else None, start, end, words, boxes, version_id=version,
        )  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    import uvicorn
    from fastapi.testclient import TestClient

    from api.http.app import create_app, static_folder
    from infra.settings import load_settings
    from tests.contract.conftest import Script, ScriptedContainer

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ScriptedContainer(
            load_settings(home=Path(home), DATABASE_URL="", llm_url="", demo=True, shown_chars=0)
        ) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script("")
        ids: dict[str, str] = {}
        for name, files in FILES.items():
            for file in files:
                data = (CORPUS / file).read_bytes()
                report = parts.pipeline.ingest(data, Path(file).name, f"files/{name}", frozenset({"group:legal"}))
                assert report.document_id is not None, report
                ids[name] = report.document_id
        secret = parts.api_keys.create("root", ["legal"], ["read", "write", "admin"], "test")
        root = {"Authorization": f"Bearer {secret}"}
        app = create_app(parts.http)
        client = TestClient(app, base_url="http://127.0.0.1")
        listed = {
            name: client.get(f"/v1/documents/{id_}/versions", headers=root).json()["versions"]
            for name, id_ in ids.items()
        }
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        newest, oldest = ({name: of[at]["version_id"] for name, of in listed.items()} for at in (0, -1))
        yield Service(address, client, root, ids, newest, oldest)
        server.should_exit = True
        thread.join(20)


def answer(*citations: Citation) -> bytes:
    """A sentence for each citation, as the service streams them."""
    from api.http.streaming import server_sent
    from generation.types import (
        Answer,
        CitationEvent,
        FinalEvent,
        ModelCard,
        Sentence,
        SentenceEvent,
        Status,
        Usage,
        Verdict,
    )

    said = tuple(
        Sentence(f"Sentence {one.id}.", 12 * at, 12 * at + 11, Verdict.ENTAILED, 0.9, (one.id,))
        for at, one in enumerate(citations)
    )
    text = " ".join(sentence.text for sentence in said)
    card = ModelCard("g", "", "e", "r", "j", "p", "s")
    whole = Answer(text, Status.ANSWERED, said, citations, card, Usage(), {}, audit_id="a")

    async def lines() -> bytes:
        async def stream() -> Any:
            for event in (*map(CitationEvent, citations), *map(SentenceEvent, said), FinalEvent(whole)):
                yield event

        return b"".join([line async for line in server_sent(stream())])

    with ThreadPoolExecutor(1) as outside:  # Playwright has a loop of its own in this thread
        return outside.submit(asyncio.run, lines()).result()


def signed_in(page: Page, service: Service, path: str = "") -> Page:
    page.request.post(f"{service.address}/v1/session", data={"user": "ana"})
    page.goto(f"{service.address}/{path}")
    page.get_by_role("link", name="Questions", exact=True).wait_for()
    return page


def asked(page: Page, service: Service, *citations: Citation) -> Page:
    """An answer that cites these."""
    page.route("**/v1/query", lambda route: route.fulfill(body=answer(*citations), content_type="text/event-stream"))
    signed_in(page, service)
    page.get_by_role("textbox", name="Your question").fill("What is agreed?")
    page.get_by_role("button", name="Ask", exact=True).click()
    chip(page, 1).wait_for()
    return page


def chip(page: Page, number: int) -> Locator:
    return page.locator(".answer").get_by_role("button", name=f"Citation {number}:").first


def pane(page: Page) -> Locator:
    return page.get_by_role("dialog")


def drawn(page: Page, number: int) -> Locator:
    """The sheet of a page once its picture is there."""
    sheet = pane(page).locator(f".sheet[data-page='{number}'][data-state='shown']")
    sheet.wait_for()
    return sheet


def violations(page: Page) -> list[str]:
    """What axe finds."""
    assert AXE.is_file(), "the page's packages are not installed: make frontend"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_a_citation_opens_on_its_page_with_the_lines_marked(blank_page: Page, service: Service) -> None:
    first = service.citation(1, "supply", CREDIT)
    page = asked(blank_page, service, first)
    chip(page, 1).click()
    assert first.page is not None
    sheet = drawn(page, first.page)
    assert f"Marked: “{CREDIT}”" in (sheet.get_by_role("img").get_attribute("alt") or "")
    mark = sheet.locator("rect.box-quote").first
    box, (view_box) = mark.bounding_box(), sheet.bounding_box()
    assert box is not None
    assert view_box is not None
    x0, _, _, y1 = (getattr(first.boxes[0], edge) for edge in ("x0", "y0", "x1", "y1"))
    scale = view_box["width"] / 595.28
    assert box["x"] - view_box["x"] == pytest.approx((x0 - 1.5) * scale, abs=2)
    assert box["y"] + box["height"] - view_box["y"] == pytest.approx((y1 + 1.5) * scale, abs=2)
    window = page.locator(".pages").bounding_box()
    assert window is not None
    assert window["y"] < box["y"] < window["y"] + window["height"]
    pane(page).get_by_role("button", name="Text", exact=True).click()
    marked = pane(page).locator("mark.quote")
    marked.first.wait_for()
    assert "".join(marked.all_inner_texts()) == CREDIT
    assert pane(page).get_by_role("button", name="1 Sentence 1.").count() == 1


def test_steps_lead_through_the_citations_and_the_answer_knows_the_sentence(blank_page: Page, service: Service) -> None:
    first, second = service.citation(1, "supply", CREDIT), service.citation(2, "supply", LIABILITY)
    page = asked(blank_page, service, first, second)
    chip(page, 1).click()
    drawn(page, first.page or 0)
    page.keyboard.press("]")
    pane(page).get_by_role("button", name="2 Sentence 2.").wait_for()
    drawn(page, second.page or 0)
    assert pane(page).locator(".stepper-place").inner_text().endswith("2 of 2")
    page.keyboard.press("Alt+ArrowUp")
    pane(page).get_by_role("button", name="1 Sentence 1.").wait_for()
    pane(page).get_by_role("button", name="Next citation").click()
    pane(page).get_by_role("button", name="2 Sentence 2.").wait_for()
    page.go_back()  # however many were looked at, one step closes it
    pane(page).wait_for(state="detached")
    page.wait_for_function("chip => document.activeElement === chip", arg=chip(page, 1).element_handle())


def test_an_old_version_has_its_own_title_and_leads_to_what_changed(blank_page: Page, service: Service) -> None:
    document, version, start, end = service.place("supply", LIABILITY, old=True)
    page = signed_in(blank_page, service, f"#/documents?source={document}.{version}.{start}.{end}")
    pane(page).get_by_role("heading", name=OLD_TITLE).wait_for()
    pane(page).get_by_text("Version 1 of 2, superseded on").wait_for()
    pane(page).get_by_role("link", name="See what changed").click()
    page.get_by_role("heading", level=1, name="Versions 1 and 2 of Supply Agreement").wait_for()
    page.get_by_role("button", name="amount").click()
    found = page.get_by_role("article").filter(has_text=LIABILITY)
    assert "1,000,000" in found.locator("del").first.inner_text()
    assert found.locator("ins").count() > 0
    assert "only=amount" in page.url
    page.locator("#main").focus()
    page.keyboard.press("]")
    page.wait_for_function("() => document.activeElement.dataset.number === '1'")
    page.keyboard.press("]")
    page.wait_for_function("() => document.activeElement.dataset.number === '2'")
    page.keyboard.press("[")
    page.wait_for_function("() => document.activeElement.dataset.number === '1'")
    page.keyboard.press("]")
    page.wait_for_function("() => document.activeElement.dataset.number === '2'")
    found.get_by_role("button", name="Open in the old version").click()
    pane(page).get_by_role("heading", name=OLD_TITLE).wait_for()
    pane(page).locator("rect.box-quote").first.wait_for()


def shown(page: Page) -> str:
    """The words that are marked in the text."""
    pane(page).get_by_role("button", name="Text", exact=True).click()
    pane(page).locator("mark.quote").first.wait_for()
    return "".join(pane(page).locator("mark.quote").all_inner_texts())


def test_the_newest_version_opens_at_the_same_words(blank_page: Page, service: Service) -> None:
    document, version, start, end = service.place("supply", LIABILITY, old=True)
    page = signed_in(blank_page, service, f"#/documents?source={document}.{version}.{start}.{end}")
    pane(page).get_by_role("button", name="Same words in the newest").click()
    pane(page).get_by_role("status").filter(has_text="Version 2 has the same words.").wait_for()
    pane(page).get_by_text("Version 2 of 2,").wait_for()
    assert "".join(shown(page).split()) == "".join(LIABILITY.split())
    assert page.evaluate("() => document.querySelector('.source').contains(document.activeElement)")
    pane(page).get_by_role("button", name="2 versions").click()
    pane(page).get_by_role("button", name="Open version 1").click()  # and back, to where they came from
    pane(page).get_by_role("heading", name=OLD_TITLE).wait_for()
    assert f".{start}.{end}" in page.url


def test_words_that_are_no_longer_there_lead_to_what_took_their_place(blank_page: Page, service: Service) -> None:
    text = service.text("supply", service.oldest["supply"])
    start = text.index(LIABILITY)
    limit = " ".join(text[start : text.index("1,000,000", start) + 9].split("\n"))
    document, version, start, end = service.place("supply", text[start : start + len(limit)], old=True)
    page = signed_in(blank_page, service, f"#/documents?source={document}.{version}.{start}.{end}")
    pane(page).get_by_role("button", name="Same words in the newest").click()
    pane(page).get_by_role("status").filter(has_text="In version 2 these words read otherwise.").wait_for()
    found = shown(page)
    assert "total liability" in found
    assert "1,000,000" not in found


def test_a_passage_of_the_why_drawer_opens_and_has_the_focus(blank_page: Page, service: Service) -> None:
    cited = service.citation(1, "supply", CREDIT)
    passage = {"quote": asdict(cited), "rank": 1, "ranks": {"sparse": 1}, "copies": [], "shown": True, "nearest": [1]}
    counts = dict.fromkeys(("wrote", "passed", "withheld", "left_out", "quoted", "differ"), 0)
    asked_as = {"words": "q", "question": "q", "query": "q", "parts": [], "hypothesis": ""}
    told = {
        "asked": asked_as,
        "passages": [passage | {"cited": []}],
        "counts": counts,
        "in_order": True,
        "sentences": [],
    }
    blank_page.route("**/v1/answers/*/why", lambda route: route.fulfill(json=told))
    page = asked(blank_page, service, cited)
    page.get_by_role("button", name="Why this answer?").click()
    drawer = page.get_by_role("dialog", name="Why this answer")
    drawer.get_by_text("1 passage that you may read, 1 cited.").wait_for()
    assert drawer.get_by_role("row").filter(has_text=CREDIT).get_by_role("cell", name="[1]").count() == 1
    drawer.get_by_role("button", name="Supply Agreement").click()
    drawer.wait_for(state="detached")
    drawn(page, cited.page or 0)
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('.source').contains(document.activeElement)")
    page.keyboard.press("Escape")  # which the pane hears
    pane(page).wait_for(state="detached")
    why = page.get_by_role("button", name="Why this answer?")
    page.wait_for_function("why => document.activeElement === why", arg=why.element_handle())
    chip(page, 1).click()  # and the same where the pane is open already
    drawn(page, cited.page or 0)
    why.click()
    drawer.get_by_role("button", name="Supply Agreement").click()
    drawer.wait_for(state="detached")
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('.source').contains(document.activeElement)")


def test_a_cell_of_a_spreadsheet_is_marked_in_its_sheet(blank_page: Page, service: Service) -> None:
    document, version, start, end = service.place("budget", "2800")
    page = signed_in(blank_page, service, f"#/documents?source={document}.{version}.{start}.{end}")
    cell = pane(page).locator("td.cell-quote")
    cell.wait_for()
    assert cell.inner_text() == "2800"
    grid = pane(page).get_by_role("table", name="Sheet Income statement")
    assert grid.get_by_role("columnheader", name="C").count() == 1
    assert grid.get_by_role("row", name="5 Disposables").count() == 1
    pane(page).get_by_text("'Income statement'!C5").wait_for()


def test_esc_in_the_composer_does_not_close_the_pane(blank_page: Page, service: Service) -> None:
    page = asked(blank_page, service, service.citation(1, "supply", CREDIT))
    chip(page, 1).click()
    pane(page).wait_for()
    page.get_by_role("textbox", name="Your question").press("Escape")
    page.wait_for_timeout(200)
    assert pane(page).count() == 1
    pane(page).get_by_role("button", name="Copy").click()
    page.get_by_role("menu").wait_for()
    page.keyboard.press("Escape")  # closes the menu, which lies over the pane
    page.get_by_role("menu").wait_for(state="detached")
    assert pane(page).count() == 1
    page.wait_for_function("() => document.activeElement.closest('.source') !== null")
    page.keyboard.press("Escape")
    pane(page).wait_for(state="detached")
    page.wait_for_function("chip => document.activeElement === chip", arg=chip(page, 1).element_handle())


def test_on_a_phone_it_lies_over_the_view_and_back_closes_it(blank_page: Page, service: Service) -> None:
    blank_page.set_viewport_size({"width": 320, "height": 720})
    page = asked(blank_page, service, service.citation(1, "supply", CREDIT))
    chip(page, 1).click()
    pane(page).wait_for()
    assert pane(page).get_attribute("aria-modal") == "true"
    assert page.locator(".workspace-main").evaluate("main => main.inert")
    assert page.evaluate(WHOLE) == []
    tools = pane(page).locator(".source-tools").bounding_box()
    assert tools is not None
    assert tools["height"] < 48  # one row
    pane(page).get_by_role("button", name="zoom").click()
    page.get_by_role("menuitem", name="Larger").click()
    page.get_by_role("menu").wait_for(state="detached")
    page.go_back()
    pane(page).wait_for(state="detached")
    assert page.get_by_role("article", name="Question 1").count() == 1  # the same view, not the one before it
    page.wait_for_function("chip => document.activeElement === chip", arg=chip(page, 1).element_handle())


def test_a_quote_that_differs_is_marked_nowhere(blank_page: Page, service: Service) -> None:
    wrong = replace(service.citation(1, "supply", CREDIT), quote="No credit ever falls due.")
    page = asked(blank_page, service, wrong)
    chip(page, 1).click()
    pane(page).get_by_role("alert").filter(has_text="differ from the quote").wait_for()
    drawn(page, wrong.page or 0)
    assert pane(page).locator("rect").count() == 0
    pane(page).get_by_role("button", name="Text", exact=True).click()
    pane(page).get_by_role("region", name="Document text").wait_for()
    assert pane(page).locator("mark").count() == 0


def test_where_the_picture_does_not_come_the_words_are_a_click_away(blank_page: Page, service: Service) -> None:
    broken = {"body": b"no picture", "content_type": "image/png"}
    blank_page.route("**/pages/*.png*", lambda route: route.fulfill(**broken))
    page = asked(blank_page, service, service.citation(1, "supply", CREDIT))
    chip(page, 1).click()
    pane(page).get_by_role("alert").filter(has_text="The picture of this page did not come").first.wait_for()
    pane(page).get_by_role("button", name="Text", exact=True).click()
    pane(page).locator("mark.quote").first.wait_for()


def test_a_page_is_gone_to_by_its_number_and_zoom_keeps_it(blank_page: Page, service: Service) -> None:
    page = asked(blank_page, service, service.citation(1, "supply", CREDIT))
    chip(page, 1).click()
    drawn(page, 3)
    number = pane(page).get_by_label("Page number")
    number.fill("7")
    number.press("Enter")
    drawn(page, 7)
    for name in ("Larger", "Smaller", "Fit to the width"):
        pane(page).get_by_role("button", name=name).click()
        page.wait_for_timeout(300)
        assert number.input_value() == "7"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(blank_page: Page, service: Service, scheme: str, width: int) -> None:
    blank_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    blank_page.set_viewport_size({"width": width, "height": 900})
    document, version, start, end = service.place("supply", LIABILITY, old=True)
    page = signed_in(
        blank_page, service, f"#/compare?old={document}.{version}&new={document}.{service.newest['supply']}"
    )
    page.get_by_role("article").first.wait_for()
    assert violations(page) == []
    assert page.evaluate(WHOLE) == []
    page.goto(f"{service.address}/#/?source={document}.{version}.{start}.{end}")
    pane(page).locator("rect.box-quote").first.wait_for()
    pane(page).locator(".sheet[data-state='shown']").first.wait_for()
    pane(page).get_by_role("button", name="2 versions").click()
    assert violations(page) == []
    pane(page).get_by_role("button", name="Text", exact=True).click()
    pane(page).locator("mark.quote").first.wait_for()
    assert violations(page) == []
    assert page.evaluate(WHOLE) == []


def test_a_document_that_was_deleted_is_no_longer_shown(blank_page: Page, service: Service) -> None:
    """The last tests delete."""
    document, version, start, end = service.place("handbook", "Employee Handbook")
    browser = blank_page.context.browser
    assert browser is not None
    # Another page of the browser: its console tells of the 404 that is looked for.
    page = signed_in(browser.new_page(), service, f"#/documents?source={document}.{version}.{start}.{end}")
    pane(page).locator(".sheet[data-state='shown']").first.wait_for()
    service.client.delete(f"/v1/documents/{document}", headers=service.root).raise_for_status()
    page.evaluate("() => dispatchEvent(new Event('focus'))")  # the reader comes back to the page
    pane(page).get_by_role("heading", name="You may not read this any more, or it was deleted").wait_for()
    assert pane(page).locator("img, mark").count() == 0
    assert "Handbook" not in pane(page).inner_text()


def test_what_was_kept_of_a_document_waits_until_it_may_be_read_still(blank_page: Page, service: Service) -> None:
    browser = blank_page.context.browser
    assert browser is not None
    document, version, start, end = service.place("budget", "2800")
    page = signed_in(browser.new_page(), service, f"#/documents?source={document}.{version}.{start}.{end}")
    pane(page).locator("mark.quote").wait_for()
    pane(page).get_by_role("button", name="Close source").click()
    pane(page).wait_for(state="detached")
    service.client.delete(f"/v1/documents/{document}", headers=service.root).raise_for_status()
    held: list[Route] = []
    page.route("**/versions", lambda route: held.append(route))
    page.evaluate("place => { location.hash = `/documents?source=${place}` }", f"{document}.{version}.{start}.{end}")
    pane(page).wait_for()
    page.wait_for_timeout(500)
    assert len(held) == 1
    assert pane(page).locator(".canonical").count() == 0
    assert "2800" not in pane(page).inner_text()
    held[0].continue_()
    pane(page).get_by_role("heading", name="You may not read this any more, or it was deleted").wait_for()
