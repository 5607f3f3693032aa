"""The list in pages, in a real Chromium over a server that is made up."""

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
NONE = {"text": 1, "ocr": 0, "unread": 0, "blank": 0}


def listed(number: int) -> dict[str, Any]:
    return {
        "document_id": f"d{number}", "title": f"Lease {number}", "source": f"files/{number}.pdf", "version": 1,
        "version_id": "v_1",
        "media_type": "application/pdf", "pages": 1, "bytes": 9, "date": None, "added_at": "2026-01-01T00:00:00Z",
        "allow": ["group:legal"], "versions": [], "may_change": False, "warnings": [], "coverage": NONE,
        "behind": False, "chunking": "structure", "language": "en", "deleted_at": None, "restorable_until": None,
    }  # fmt: skip


# What the page asks for beside its views, and there is none of.
NOTHING: dict[str, dict[str, Any]] = {
    "/v1/answers/notices": {"notices": []},
    "/v1/conversations": {"conversations": [], "next": None},
    "/v1/running": {"running": []},
}


class Made:
    """Has 5,000 documents; tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
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
        elif path in NOTHING:
            route.fulfill(json=NOTHING[path])
        elif path == "/v1/documents":
            self.asked.append(query)
            route.fulfill(json=self.listing(query))
        else:
            file = folder / (path.lstrip("/") or "index.html")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0])

    def listing(self, query: dict[str, list[str]]) -> dict[str, Any]:
        words, start = query.get("q", [""])[0], int(query.get("after", ["0"])[0]) + int(query.get("skip", ["0"])[0])
        numbers = [number for number in range(5000) if words in f"Lease {number}"]
        numbers = numbers[::-1] if query["order"] == ["desc"] else numbers
        limit = int(query["limit"][0])
        more = str(start + limit) if start + limit < len(numbers) else None
        shown = [listed(number) for number in numbers[start : start + limit]]
        return {"documents": shown, "recycle_days": 30, "total": len(numbers), "next": more}


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
    assert len(made.asked) <= 3
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
