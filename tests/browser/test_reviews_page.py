"""Reviews and the queue of feedback, on the page of a real Chromium over a real service: made, filled, read, exported."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from playwright.sync_api import Locator, Page

    from tests.contract.conftest import ScriptedContainer

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RENT, NOTICE = "What is the rent of Unit 7?", "With how much notice may Kestrel end the lease?"
SAYS = "The rent of Unit 7 is 500 euros per month."
LEASE = (
    b"LEASE OF UNIT 7\n\n" + SAYS.encode() + b"\n\nThe tenant Kestrel may end the lease with thirty days of notice.\n"
)
OTHER = b"LEASE OF UNIT 9\n\nThe rent of Unit 9 is 700 euros per month.\n"
PRIVATE = b"SIDE LETTER\n\nThe deposit of Unit 7 is waived for Ana's client.\n"
LEGAL = frozenset({"group:legal"})
TOO_WIDE = """() => [...document.querySelectorAll("main *")]
    .filter(one => one.closest(".matrix, .visually-hidden, svg, .tabs") === null && one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 200))"""


@dataclass
class Service:
    """Keys by who has them; documents by what they are called here."""

    address: str
    client: TestClient
    parts: ScriptedContainer
    keys: dict[str, str]
    documents: dict[str, str]
    reviews: dict[str, str] = field(default_factory=dict)

    def send(self, who: str, method: str, place: str, **more: Any) -> Any:
        reply = self.client.request(method, place, headers={"Authorization": f"Bearer {self.keys[who]}"}, **more)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    def filled(self) -> str:
        """A review of three documents, one of which Ana alone may read, shared with the group; made once."""
        if "filled" not in self.reviews:
            asked = {"title": "Rents", "questions": [RENT, NOTICE]}
            id_ = self.send("ana", "POST", "/v1/reviews", json=asked)["id"]
            end = time.monotonic() + 60
            while self.send("ana", "GET", f"/v1/reviews/{id_}")["status"] != "done":
                assert time.monotonic() < end
                time.sleep(0.1)
            self.send("ana", "PUT", f"/v1/reviews/{id_}/shares", json={"principals": ["group:legal"]})
            self.reviews["filled"] = id_
        return self.reviews["filled"]

    def answer(self) -> str:
        """The audit id of the cell that was answered."""
        rows = self.send("ana", "GET", f"/v1/reviews/{self.filled()}")["rows"]
        return str(rows[0]["cells"][0]["audit_id"])


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
        ScriptedContainer(load_settings(home=Path(home), DATABASE_URL="", llm_url="", shown_chars=0)) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script(f"{SAYS} [1]")
        made = {
            "lease": parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", LEGAL),
            "other": parts.pipeline.ingest(OTHER, "nine.txt", "files/nine.txt", LEGAL),
            "private": parts.pipeline.ingest(PRIVATE, "letter.txt", "files/letter.txt", frozenset({"user:ana"})),
        }
        scopes = {"ana": ["read"], "otto": ["read"], "root": ["read", "admin"]}
        keys = {user: parts.api_keys.create(user, ["legal"], of, "test") for user, of in scopes.items()}
        app = create_app(parts.http, warm=parts.warm)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield Service(address, TestClient(app), parts, keys, {name: one.document_id for name, one in made.items()})
        server.should_exit = True
        thread.join(20)


def signed_in(page: Page, service: Service, user: str, place: str = "") -> Page:
    page.goto(f"{service.address}/{place}")
    page.get_by_label("API key").fill(service.keys[user])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Questions", exact=True).wait_for()
    return page


@pytest.fixture
def matrix(blank_page: Page, service: Service) -> Page:
    """The filled review, as its owner sees it."""
    page = signed_in(blank_page, service, "ana", f"#/reviews/{service.filled()}")
    page.get_by_role("grid").wait_for()
    page.get_by_text("LEASE OF UNIT 7").wait_for()
    return page


def cell(page: Page, row: int, column: int) -> Locator:
    """Row 0 holds the questions, column 0 the documents."""
    return page.locator(f'[data-at="{row}.{column}"]')


def focused(page: Page, at: str) -> Locator:
    return page.locator(f'[data-at="{at}"]:focus')


def panel(page: Page, question: str) -> Locator:
    return page.get_by_role("region", name=question, exact=True)


def violations(page: Page) -> list[str]:
    """What axe finds."""
    assert AXE.is_file(), "the page's packages are not installed: make frontend"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_a_review_is_made_and_fills_while_it_is_looked_at(blank_page: Page, service: Service) -> None:
    page = signed_in(blank_page, service, "ana")
    page.get_by_role("link", name="Reviews").click()
    page.get_by_role("link", name="New review").click()
    page.get_by_role("button", name="Start the review").click()
    page.get_by_text("Give the review a title.").wait_for()
    page.get_by_label("Title").fill("Rent and notice")
    page.get_by_label("Questions").fill(f"1. {RENT}\tnotes\n2. {NOTICE}\n2. {NOTICE}")
    page.get_by_text("1 line left out: asked already.").wait_for()
    page.get_by_text("3 documents × 2 questions: 6 cells.").wait_for()
    day = page.get_by_label("As of")
    with page.expect_response("**/v1/reviews/count") as counted:
        day.fill("2026-01-31")
    assert counted.value.request.post_data_json == {"as_of": "2026-01-31"}
    page.get_by_text("3 documents × 2 questions: 6 cells.").wait_for()
    day.fill("")
    page.get_by_role("button", name="Start the review").click()
    page.get_by_role("heading", name="Rent and notice", level=1).wait_for()
    assert page.title() == "Rent and notice – Footnote"
    page.get_by_text("6 of 6 cells", exact=True).wait_for(
        timeout=25_000
    )  # sooner than it would be asked for without events
    assert cell(page, 1, 1).inner_text().splitlines() == ["Answered", SAYS]
    assert cell(page, 2, 1).inner_text() == "Not found"
    titles = [cell(page, row, 0).locator(".matrix-title").inner_text() for row in (1, 2, 3)]
    assert titles == ["LEASE OF UNIT 7", "LEASE OF UNIT 9", "SIDE LETTER"]


def test_a_review_of_strict_answers_says_so(blank_page: Page, service: Service) -> None:
    page = signed_in(blank_page, service, "ana", "#/reviews/new")
    page.get_by_label("Title").fill("Surely")
    page.get_by_label("Questions").fill(RENT)
    page.get_by_label("Strictness of the check").select_option("strict")
    page.get_by_role("button", name="Start the review").click()
    page.get_by_role("heading", name="Surely", level=1).wait_for()
    page.get_by_text("3 documents × 1 question · strict answers").wait_for()
    page.get_by_text("3 of 3 cells", exact=True).wait_for(timeout=25_000)
    assert service.send("ana", "GET", "/v1/reviews")["reviews"][0]["strictness"] == "strict"
    page.locator(".review-back a").click()
    page.get_by_role("heading", name="Reviews", level=1).wait_for()
    page.get_by_text("strict answers").wait_for()


def test_a_cell_opens_with_its_answer_and_its_citation_at_the_quote(matrix: Page) -> None:
    page = matrix
    cell(page, 1, 1).click()
    opened = panel(page, RENT)
    opened.get_by_text(SAYS).first.wait_for()
    opened.get_by_role("button", name="Citation 1").click()
    pane = page.get_by_role("dialog")
    pane.locator("mark").first.wait_for()
    assert pane.locator("mark").first.inner_text() == SAYS
    page.reload()
    panel(page, RENT).get_by_text(SAYS).first.wait_for()
    page.get_by_role("dialog").locator("mark").first.wait_for()


def test_the_keyboard_alone_goes_through_the_matrix(matrix: Page) -> None:
    page = matrix
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[role=grid]') !== null"):
            break
    assert page.evaluate("document.activeElement.dataset.at") == "1.1"
    for key, at in (("ArrowDown", "2.1"), ("ArrowRight", "2.2"), ("Home", "2.0"), ("ArrowUp", "1.0"), ("End", "1.2")):
        page.keyboard.press(key)
        focused(page, at).wait_for()
    page.keyboard.press("Space")  # the cell alone
    panel(page, NOTICE).wait_for()
    page.keyboard.press("k")
    panel(page, RENT).get_by_text(SAYS).first.wait_for()
    page.keyboard.press("j")
    panel(page, NOTICE).wait_for()
    assert page.get_by_role("dialog").count() == 0
    page.keyboard.press("Escape")
    panel(page, NOTICE).wait_for(state="detached")
    focused(page, "1.2").wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")  # at its quote, which stands beside it
    page.get_by_role("dialog").locator("mark").first.wait_for()
    assert page.get_by_role("dialog").locator("mark").first.inner_text() == SAYS
    page.locator(".cell-panel:focus").wait_for()
    page.keyboard.press("Escape")  # back to the cell, from both
    focused(page, "1.1").wait_for()
    assert (page.get_by_role("dialog").count(), page.locator(".cell-panel").count()) == (0, 0)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").locator("mark").first.wait_for()
    page.locator(".cell-panel:focus").wait_for()
    page.keyboard.press("j")
    panel(page, NOTICE).wait_for()
    page.wait_for_timeout(1000)  # whoever steps stays in the panel, also once the pane shows something else
    page.keyboard.press("k")
    panel(page, RENT).wait_for()


def test_rows_are_found_by_their_cells_and_the_address_keeps_it(matrix: Page, service: Service) -> None:
    page = matrix
    titles = "() => [...document.querySelectorAll('.matrix-title')].map(one => one.textContent)"
    show = page.get_by_label("Show", exact=True)
    show.select_option("With an answer (1 cell)")
    page.get_by_text("1 document of 3; the cells meant have a bar at their left.").wait_for()
    page.wait_for_function(f"() => ({titles})().join() === 'LEASE OF UNIT 7'")
    assert page.url.endswith("?cells=answered")
    assert [cell(page, 1, at).get_attribute("data-found") for at in (1, 2)] == ["true", "false"]
    page.reload()
    page.get_by_text("1 document of 3").wait_for()
    show.select_option("Failed (0 cells)")
    page.get_by_text("No document has such a cell.").wait_for()
    show.select_option("Not found (5 cells)")
    page.wait_for_function(f"() => ({titles})().length === 3")
    cell(page, 1, 2).click()
    panel(page, NOTICE).wait_for()
    page.keyboard.press("j")  # the next one that is meant
    page.wait_for_url(f"**cell={service.documents['other']}.1**")
    page.keyboard.press("k")
    page.wait_for_url(f"**cell={service.documents['lease']}.2**")
    page.keyboard.press("Escape")
    assert violations(page) == []
    show.select_option("All documents")
    page.wait_for_url(f"**/reviews/{service.filled()}")


def test_it_is_exported_as_a_real_workbook(matrix: Page, tmp_path: Path) -> None:
    page = matrix
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("menuitem", name="Excel (.xlsx)").click()
    assert told.value.suggested_filename == "Rents.xlsx"
    told.value.save_as(tmp_path / "rents.xlsx")
    with ZipFile(tmp_path / "rents.xlsx") as file:
        words = b"".join(file.read(one) for one in file.namelist() if one.endswith(".xml"))
        assert "xl/workbook.xml" in file.namelist()
    assert SAYS.encode() in words


def test_who_it_is_shared_with_sees_what_they_may_read_and_changes_nothing(blank_page: Page, service: Service) -> None:
    place = service.filled()
    page = signed_in(blank_page, service, "otto", "#/reviews")
    page.get_by_text("You have no review yet.").wait_for()
    page.get_by_role("link", name="Shared with you").click()
    page.get_by_role("link", name="Rents").click()
    page.get_by_text("LEASE OF UNIT 7").wait_for()
    page.get_by_text("Shared by ana. You see the documents that you may read yourself.").wait_for()
    page.get_by_text("4 of 4 cells", exact=True).wait_for()
    assert (page.get_by_text("SIDE LETTER").count(), page.get_by_role("grid").get_attribute("aria-rowcount")) == (
        0,
        "3",
    )
    assert page.get_by_role("button", name="Actions").count() == 0
    assert page.get_by_role("switch").count() == 0
    cell(page, 1, 1).click()
    panel(page, RENT).get_by_text(SAYS).first.wait_for()
    assert panel(page, RENT).get_by_role("button", name="Ask again").count() == 0
    page.goto(f"{service.address}/#/reviews/{place}?cell={service.documents['private']}.1")
    page.get_by_text("LEASE OF UNIT 7").wait_for()
    assert page.get_by_text("SIDE LETTER").count() == 0


def test_what_is_signed_is_told_at_its_cell_and_a_cell_is_asked_again(blank_page: Page, service: Service) -> None:
    service.send("otto", "PUT", f"/v1/answers/{service.answer()}/sign-off", json={"verdict": "approved"})
    page = signed_in(blank_page, service, "ana", f"#/reviews/{service.filled()}")
    cell(page, 1, 1).get_by_text("Approved", exact=True).wait_for()
    cell(page, 1, 1).click()
    panel(page, RENT).get_by_text("The whole answer: Approved by otto").wait_for()
    panel(page, RENT).get_by_label("What you have looked at").select_option("1")
    panel(page, RENT).get_by_role("button", name="Reject", exact=True).click()
    panel(page, RENT).get_by_text("Sentence 1: Rejected by ana").wait_for()
    cell(page, 1, 1).get_by_text("Rejected, 2 sign-offs").wait_for()
    panel(page, RENT).get_by_role("button", name="Withdraw yours of sentence 1").click()
    panel(page, RENT).get_by_text("Withdrawn: yours of sentence 1.").wait_for()
    cell(page, 1, 1).get_by_text("Approved", exact=True).wait_for()
    before = service.answer()
    cell(page, 1, 1).click()
    panel(page, RENT).get_by_role("button", name="Ask again").click()
    page.get_by_role("menuitem", name="This question").click()
    cell(page, 1, 1).get_by_text("Approved", exact=True).wait_for(state="detached", timeout=25_000)
    cell(page, 1, 1).get_by_text(SAYS).wait_for()
    assert service.answer() != before


def test_it_is_renamed_shared_and_deleted(blank_page: Page, service: Service) -> None:
    asked = {"title": "Draft", "questions": [RENT], "documents": [service.documents["other"]]}
    place = service.send("ana", "POST", "/v1/reviews", json=asked)["id"]
    page = signed_in(blank_page, service, "ana", f"#/reviews/{place}")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Rename…").click()
    page.get_by_role("dialog").get_by_label("Title").fill("Final")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Final", level=1).wait_for()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Share…").click()
    page.get_by_role("dialog").get_by_label("Who").fill("otto")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove: otto").wait_for()
    assert service.send("ana", "GET", f"/v1/reviews/{place}")["shares"] == ["user:otto"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("heading", name="Reviews", level=1).wait_for()
    page.get_by_role("link", name="Final").wait_for(state="detached")
    assert place not in str(service.send("ana", "GET", "/v1/reviews"))


def test_a_thousand_documents_by_fifty_questions_are_drawn_as_far_as_they_are_seen(
    blank_page: Page, service: Service
) -> None:
    review = service.send("ana", "GET", f"/v1/reviews/{service.filled()}")
    template, asked = review["rows"][0], [f"Question number {number}?" for number in range(1, 51)]
    one = {**review, "questions": asked, "documents": 1000, "cells": 50_000, "counts": {"answered": 50_000}}
    id_of = "00000000-0000-4000-8000-{:012d}".format

    def page_of(route: Any) -> None:
        after = route.request.url.partition("after=")[2].partition("&")[0]
        first = int(after[-12:]) + 1 if after else 0
        cells = [{**template["cells"][0], "question": number} for number in range(1, 51)]
        rows = [
            {**template, "document_id": id_of(at), "title": f"Lease {at}"}
            | {"cells": [{**c, "document_id": id_of(at)} for c in cells]}
            for at in range(first, min(first + 20, 1000))
        ]
        route.fulfill(json={**one, "rows": rows, "next": id_of(first + 19) if first + 20 < 1000 else None})

    blank_page.route("**/v1/reviews/large?*", page_of)
    page = signed_in(blank_page, service, "ana", "#/reviews/large")
    cell(page, 1, 1).get_by_text(SAYS).wait_for()
    drawn = "[document.querySelectorAll('[role=row]').length, document.querySelectorAll('[role=gridcell]').length]"
    rows, cells = page.evaluate(drawn)
    assert rows <= 30
    assert cells <= 300
    cell(page, 1, 1).focus()
    page.keyboard.press("End")
    focused(page, "1.50").wait_for()
    page.keyboard.press("Control+ArrowDown")
    focused(page, "1000.50").wait_for()
    cell(page, 1000, 50).get_by_text(SAYS).wait_for(timeout=60_000)
    rows, cells = page.evaluate(drawn)
    assert (rows <= 30, cells <= 300) == (True, True)


def test_feedback_is_looked_through(blank_page: Page, service: Service) -> None:
    expected = {"document_id": service.documents["lease"], "quote": "thirty days of notice"}
    said = {"kind": "wrong_source", "words": "It is in the notice clause.", "expected": expected}
    service.send("ana", "POST", "/v1/feedback", json={"audit_id": service.answer(), **said})
    page = signed_in(blank_page, service, "root", "#/admin/feedback")
    page.get_by_role("link", name=RENT).click()
    entry = page.get_by_role("region", name=RENT)
    entry.get_by_text(SAYS).first.wait_for()
    assert entry.get_by_text("Wrong source, of the whole answer").count() == 1
    entry.get_by_role("button", name="Open the passage").click()
    mark = page.get_by_role("dialog").locator("mark").first
    mark.wait_for()
    assert mark.inner_text() == "thirty days of notice"
    page.keyboard.press("Escape")
    assert violations(page) == []
    entry.get_by_label("Why, in your words").fill("Agreed.")
    entry.get_by_role("button", name="Accept").click()
    entry.get_by_text("Saved as accepted.").wait_for()
    page.get_by_role("link", name="Accepted").click()
    page.get_by_role("link", name=RENT).wait_for()
    (kept,) = service.send("root", "GET", "/v1/feedback")["feedback"]
    assert (kept["state"], kept["review"], kept["reviewed_by"]) == ("accepted", "Agreed.", "user:root")


def test_what_has_changed_is_told_at_the_cell_and_in_the_stored_answer(blank_page: Page, service: Service) -> None:
    """Found wrong, taken back, and superseded; what is out of date is asked again."""
    audit_id, lease = service.answer(), service.documents["lease"]
    wrong = {"document_id": lease, "version": None, "reason": "The scan lacks page 3"}
    service.send("root", "PUT", "/v1/answers/wrong", json=wrong)
    page = signed_in(blank_page, service, "ana", f"#/reviews/{service.filled()}?cell={lease}.1")
    cell(page, 1, 1).get_by_text("Source was found wrong").wait_for()
    panel(page, RENT).get_by_text("it was found wrong: The scan lacks page 3").wait_for()
    page.goto(f"{service.address}/#/answers/{audit_id}")
    page.get_by_role("heading", name=RENT, level=2).first.wait_for()
    page.get_by_text("LEASE OF UNIT 7 was found wrong: The scan lacks page 3.").wait_for()
    service.send("root", "DELETE", "/v1/answers/wrong", params={"document": lease})
    again = "LEASE OF UNIT 9\n\nThe rent of Unit 9 is 720 euros per month.\n"
    service.parts.pipeline.ingest(again.encode(), "nine.txt", "files/nine.txt", LEGAL)
    page.goto(f"{service.address}/#/reviews/{service.filled()}")
    page.get_by_text("Out of date").first.wait_for()
    page.get_by_role("button", name="Ask 2 cells again").click()
    page.get_by_text("Out of date").first.wait_for(state="detached", timeout=25_000)
    page.get_by_text("6 of 6 cells", exact=True).wait_for(timeout=25_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_it_fits_and_axe_finds_nothing(blank_page: Page, service: Service, width: int, scheme: str) -> None:
    page = blank_page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    signed_in(page, service, "ana", "#/reviews")
    page.get_by_role("link", name="Rents").wait_for()
    looked_at(page, "list")
    page.get_by_role("link", name="New review").click()
    page.get_by_text("3 documents × 0 questions").wait_for()
    looked_at(page, "new")
    page.goto(f"{service.address}/#/reviews/{service.filled()}")
    page.get_by_text(SAYS).first.wait_for()
    looked_at(page, "matrix")
    page.goto(f"{service.address}/#/reviews/{service.filled()}?cell={service.documents['lease']}.1")
    panel(page, RENT).get_by_text(SAYS).first.wait_for()
    looked_at(page, "cell")


def looked_at(page: Page, what: str) -> None:
    assert (what, page.evaluate(TOO_WIDE)) == (what, [])
    assert (what, page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (what, True)
    assert (what, violations(page)) == (what, [])


def test_a_narrow_screen_shows_one_document_at_a_time(blank_page: Page, service: Service) -> None:
    page = blank_page
    page.set_viewport_size({"width": 360, "height": 740})
    signed_in(page, service, "ana", f"#/reviews/{service.filled()}")
    page.get_by_role("heading", name=RENT).wait_for()
    assert page.get_by_role("grid").count() == 0
    page.get_by_role("button", name="Next document").click()
    page.get_by_text("2 of 3").wait_for()
    assert page.get_by_label("Document shown").locator("option:checked").inner_text() == "LEASE OF UNIT 9"
    page.get_by_label("Document shown").select_option("LEASE OF UNIT 7")
    page.get_by_role("button", name=f"Open: {RENT}").click()
    panel(page, RENT).get_by_text(SAYS).first.wait_for()
    panel(page, RENT).get_by_role("button", name="Back to the matrix").click()
    page.get_by_role("heading", name=RENT).wait_for()
