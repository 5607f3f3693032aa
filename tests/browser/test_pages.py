"""The list in pages, and the page of a citation, in a real Chromium over a server that is made up."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser
ORIGIN = "http://footnote.test"
ME = {"user": "ana", "groups": ["legal"], "scopes": ["read"]}
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)  # fmt: skip
TEXT = "The rent is due monthly."
NONE = {"text": 1, "ocr": 0, "unread": 0, "blank": 0}


def listed(number: int) -> dict[str, Any]:
    return {
        "document_id": f"d{number}", "title": f"Lease {number}", "source": f"files/{number}.pdf", "version": 1,
        "version_id": "v_1",
        "media_type": "application/pdf", "pages": 1, "bytes": 9, "date": None, "added_at": "2026-01-01T00:00:00Z",
        "allow": ["group:legal"], "versions": [], "may_change": False, "warnings": [], "coverage": NONE,
        "behind": False, "chunking": "structure", "language": "en", "deleted_at": None, "restorable_until": None,
    }  # fmt: skip


class Made:
    """Has 5,000 documents; tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.links: list[dict[str, Any]] = []
        self.drawn = True
        self.known = False

    def reply(self, route: Route) -> None:
        from api.http.app import static_folder

        url, folder = urlsplit(route.request.url), static_folder()
        assert folder is not None, "build the page first: make frontend"
        path, query = url.path, parse_qs(url.query)
        if path == "/v1/session" and route.request.method == "POST":
            self.known = True
            route.fulfill(json=ME)
        elif path == "/v1/session":
            people = [{"user": "ana", "name": "Ana", "groups": ["legal"]}]
            me = ME if self.known else None
            route.fulfill(json={"demo": True, "people": people, "organisation": False, "me": me})
        elif path == "/v1/documents":
            self.asked.append(query)
            route.fulfill(json=self.listing(query))
        elif path.endswith("/links"):
            self.links.append(route.request.post_data_json)
            route.fulfill(json={"url": "/v1/pages/signed.png", "expires_at": "2099-01-01T00:00:00Z"})
        elif path == "/v1/pages/signed.png":
            body = DOT if self.drawn else b"no picture"
            route.fulfill(body=body, content_type="image/png")
        elif path.endswith("/text"):
            page = {"page": 1, "start": 0, "end": len(TEXT), "label": "", "bates": "", "source": "text"}
            route.fulfill(json={
                "document_id": "d0", "version": 1, "version_id": "v_1", "title": "Lease 0",
                "media_type": "application/pdf", "text": TEXT,
                "pages": [page], "sections": [], "warnings": [], "coverage": NONE, "language": "en",
            })  # fmt: skip
        elif path.endswith("/facts"):
            known = {"document_id": "d0", "version": 1, "version_id": "v_1", "may_change": False, "facts": []}
            route.fulfill(json=known)
        elif path == "/v1/query":
            route.fulfill(body=ANSWER.encode(), content_type="text/event-stream")
        else:
            file = folder / (path.lstrip("/") or "index.html")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0])

    def listing(self, query: dict[str, list[str]]) -> dict[str, Any]:
        words, start = query.get("q", [""])[0], int(query.get("after", ["0"])[0])
        numbers = [number for number in range(5000) if words in f"Lease {number}"]
        numbers = numbers[::-1] if query["order"] == ["desc"] else numbers
        limit = int(query["limit"][0])
        more = str(start + limit) if start + limit < len(numbers) else None
        shown = [listed(number) for number in numbers[start : start + limit]]
        return {"documents": shown, "recycle_days": 30, "total": len(numbers), "next": more}


def _answer() -> str:
    import asyncio

    from api.http.streaming import server_sent
    from generation.types import (
        Answer,
        Citation,
        CitationEvent,
        FinalEvent,
        ModelCard,
        Sentence,
        SentenceEvent,
        Status,
        Usage,
        Verdict,
    )
    from ingest.types import Box

    cited = Citation(
        1,
        "d0",
        1,
        "0" * 64,
        "Lease 0",
        "files/0.pdf",
        (),
        1,
        0,
        len(TEXT),
        TEXT,
        (Box(1, 0, 0, 9, 9),),
        "1",
        version_id="v_1",
    )
    said = Sentence(TEXT, 0, len(TEXT), Verdict.ENTAILED, 0.9, (1,))
    card = ModelCard("g", "", "e", "r", "j", "p", "s")
    whole = Answer(TEXT, Status.ANSWERED, (said,), (cited,), card, Usage(), {}, audit_id="a")

    async def lines() -> bytes:
        async def stream() -> Any:
            for event in (CitationEvent(cited), SentenceEvent(said), FinalEvent(whole)):
                yield event

        return b"".join([line async for line in server_sent(stream())])

    return asyncio.run(lines()).decode()


ANSWER = _answer()


@pytest.fixture
def opened(blank_page: Page) -> Callable[..., tuple[Page, Made]]:
    def enter(link: str = "") -> tuple[Page, Made]:
        made = Made()
        blank_page.route(f"{ORIGIN}/**", made.reply)
        blank_page.goto(ORIGIN)
        blank_page.get_by_role("button", name="Sign in as Ana").click()
        if link:
            blank_page.get_by_role("link", name=link).click()
        return blank_page, made

    return enter


def test_a_long_list_comes_as_it_is_looked_at_and_the_page_holds_few_of_its_rows(opened: Any) -> None:
    page, made = opened("Documents")
    rows = page.locator("[role=row][data-index]")
    page.get_by_text("5,000 documents", exact=True).wait_for()
    page.get_by_role("button", name="Lease 0", exact=True).wait_for()
    assert page.get_by_role("grid").get_attribute("aria-rowcount") == "5001"
    assert len(made.asked) == 1
    rows.first.focus()
    page.keyboard.press("End")  # not by way of all that lies between
    page.get_by_role("button", name="Lease 4999", exact=True).wait_for()
    page.wait_for_function("() => document.activeElement.innerText.startsWith('Lease 4999')")
    assert [query["order"] for query in made.asked] == [["asc"], ["desc"]]
    assert rows.last.get_attribute("aria-rowindex") == "5001"
    page.evaluate(
        "() => { const grid = document.querySelector('[role=grid]'); grid.scrollTop = grid.scrollHeight / 2; }"
    )
    page.get_by_role("button", name="Lease 2500", exact=True).wait_for()
    assert rows.count() <= 200
    read = sum(int(query["limit"][0]) for query in made.asked)
    assert read < 5000
    page.evaluate("() => { document.querySelector('[role=grid]').scrollTop = 0; }")
    page.get_by_role("button", name="Lease 0", exact=True).wait_for()
    assert rows.count() <= 200


def test_the_list_is_sought_in_and_sorted(opened: Any) -> None:
    page, made = opened("Documents")
    page.get_by_label("Find a document").fill("Lease 11")
    page.get_by_text("111 documents fit", exact=True).wait_for()  # 11, 110 to 119, 1100 to 1199
    page.get_by_label("Order").select_option(label="Last added first")
    page.get_by_role("button", name="Lease 1199", exact=True).wait_for()
    last = made.asked[-1]
    assert (last["q"], last["sort"], last["order"]) == (["Lease 11"], ["added_at"], ["desc"])
    page.get_by_label("Find a document").fill("Zeppelin")
    page.get_by_text("No document that you may read fits.").wait_for()


def cite(page: Page) -> Any:
    page.get_by_role("textbox", name="Your question").fill("When is the rent due?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Citation 1:").first.click()
    return page.get_by_role("dialog")


def test_a_citation_opens_at_its_page_and_its_text_is_a_click_away(opened: Any) -> None:
    page, made = opened()
    panel = cite(page)
    printed = panel.get_by_role("img", name=f"Page 1 of Lease 0. Marked: “{TEXT}”")
    printed.wait_for()
    assert made.links == [{"version": "v_1", "page": 1, "start": 0, "end": len(TEXT), "width": 1400}]
    panel.get_by_role("button", name="Its text").click()
    assert panel.locator("mark").inner_text() == TEXT
    panel.get_by_role("button", name="The page").click()
    panel.get_by_role("img").wait_for()


def test_where_the_picture_does_not_come_the_text_stands(opened: Any) -> None:
    page, made = opened()
    made.drawn = False
    panel = cite(page)
    panel.locator("mark").wait_for()
    assert "The page cannot be shown" in panel.inner_text()
    assert panel.get_by_role("img").count() == 0
