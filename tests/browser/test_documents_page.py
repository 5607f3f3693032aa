"""The list of documents in a real Chromium: found, sorted and selected by keyboard too, deleted, brought back, labelled."""

from __future__ import annotations

import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ingest.types import Author

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ALLOW = frozenset({"group:legal"})
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("body *")]
    .filter(one => one.closest(".visually-hidden") === null)
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5).map(one => one.outerHTML.slice(0, 200))"""
# Tables of which not all columns are seen.
CUT_OFF = """() => [...document.querySelectorAll('[role=grid]')].filter(one => one.scrollWidth > one.clientWidth)
    .map(one => [one.scrollWidth, one.clientWidth])"""
READERS = """count => count === [...document.querySelectorAll('.labels')]
    .filter(one => one.title === 'legal, staff').length"""
ANA = Author("ana", frozenset({"user:ana", "group:legal"}))
SUPPLY = (
    b'SUPPLY AGREEMENT\n\nThis Supply Agreement is made on 4 May 2019 between Kestrel Robotics, Inc. ("Kestrel") and Osprey '
    b'Foods Limited (the "Supplier").\n\nThis Agreement shall be governed by the laws of the State of Ohio.'
)
LONG = "ACCELERATEDTECHNOLOGIESHOLDINGCORP_" * 3
DAYS = {"red": "2021-03-01", "green": "2019-07-01", "blue": None, "grey": "2024-01-15"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A service on a free port with documents of the operator and of Ana; nothing is asked, so no language model is
    loaded."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(home=Path(home), DATABASE_URL="", llm_url="", demo=True) as parts,
        socket.socket() as listener,
    ):
        ingest = parts.pipeline.ingest
        ingest(b"The lease of Unit 7.", "lease.txt", "files/lease.txt", ALLOW)
        ingest(SUPPLY, "supply.txt", "upload/ana/supply.txt", ALLOW, author=ANA)
        ingest(SUPPLY.replace(b"Ohio", b"Utah"), "supply.txt", "upload/ana/supply.txt", ALLOW, author=ANA)
        ingest(b"The words.", f"{LONG}.txt", f"upload/ana/{LONG}.txt", ALLOW, author=ANA)
        for name, day in DAYS.items():
            words = f"The {name} plan.".encode()
            ingest(words, f"{name} plan.txt", f"upload/ana/plans/{name} plan.txt", ALLOW, day, author=ANA)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), host="127.0.0.1", log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(blank_page: Page, address: str) -> Page:
    """Ana's list."""
    blank_page.goto(f"{address}/#/documents")
    blank_page.get_by_role("button", name="Sign in as Ana").click()
    blank_page.get_by_role("grid").wait_for()
    return blank_page


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("button", name=title, exact=True))


def titles(page: Page) -> list[str]:
    return page.locator("button.row-title").all_inner_texts()


def plans(page: Page) -> None:
    page.get_by_role("searchbox").fill("plans/")
    page.get_by_text("4 documents fit").wait_for()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText.split('\\n')[0]"))


def test_one_deletes_what_is_ones_own_and_brings_it_back(page: Page) -> None:
    page.get_by_role("button", name="Actions for lease").click()
    assert page.get_by_role("menuitem", name="Delete…").count() == 0  # it is the operator's
    page.keyboard.press("Escape")

    plans(page)
    page.get_by_role("button", name="green plan", exact=True).click()
    page.get_by_role("region", name="Document text").wait_for()
    page.get_by_role("button", name="Actions for green plan").click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("dialog", name="Delete this document?")
    assert "It can be restored for 30 days." in dialog.inner_text()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    dialog.wait_for(state="detached")
    page.get_by_text("3 documents fit").wait_for()
    page.get_by_role("region", name="Document text").wait_for(state="detached")  # it is not readable any more
    page.wait_for_function("() => document.activeElement.innerText.startsWith('grey plan')")  # the one in its place

    page.get_by_role("link", name="Recycle bin").click()
    page.get_by_role("heading", name="Recycle bin").wait_for()
    assert page.locator(".sections [aria-current]").all_inner_texts() == ["Recycle bin"]
    assert "Gone for good" in page.get_by_role("grid", name="Deleted documents").inner_text()
    page.get_by_text("in 30 days").wait_for()
    page.get_by_role("button", name="Restore green plan").click()
    page.get_by_text("The recycle bin is empty.").wait_for()
    page.wait_for_function("() => document.activeElement.id === 'main'")
    page.get_by_role("link", name="All documents").click()
    plans(page)
    assert titles(page) == ["blue plan", "green plan", "grey plan", "red plan"]


def test_many_are_deleted_and_brought_back_together(page: Page) -> None:
    page.get_by_role("checkbox", name="Select lease").check()
    row(page, "blue plan").click(modifiers=["Control"], position={"x": 300, "y": 5})
    bar = page.get_by_role("group", name="With the selected documents")
    assert "1 of them is not yours to change." in bar.inner_text()
    bar.get_by_role("button", name="Clear selection").click()
    page.get_by_role("checkbox", name="Select blue plan").check()
    page.get_by_role("checkbox", name="Select red plan").click(modifiers=["Shift"])
    bar.get_by_text("4 selected").wait_for()
    bar.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog", name="Delete 4 documents?")
    dialog.get_by_role("button", name="Delete 4").click()
    dialog.wait_for(state="detached")
    page.get_by_text("3 documents", exact=True).wait_for()
    assert bar.count() == 0
    page.wait_for_function(
        "() => document.activeElement.matches('[role=row][aria-rowindex=\"4\"]')"
    )  # the last one now

    page.get_by_role("link", name="Recycle bin").click()
    page.wait_for_function("() => document.querySelectorAll('[role=row][data-index]').length === 4")
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Restore 4").click()
    page.get_by_text("4 documents are back, as they were.").wait_for()
    page.get_by_role("link", name="All documents").click()
    page.get_by_text("7 documents", exact=True).wait_for()


def test_the_list_is_sorted_by_its_heads_and_found_again_by_its_address(page: Page) -> None:
    plans(page)
    head = page.get_by_role("columnheader", name="Date")
    assert head.get_attribute("aria-sort") == "none"
    head.get_by_role("button").click()
    page.wait_for_function("() => document.querySelector('button.row-title').innerText === 'grey plan'")
    assert head.get_attribute("aria-sort") == "descending"
    assert titles(page) == ["grey plan", "red plan", "green plan", "blue plan"]
    assert "15 Jan 2024" in row(page, "grey plan").inner_text()
    assert "No date known" in row(page, "blue plan").inner_text()  # and not the day on which it was added
    page.reload()
    page.get_by_text("4 documents fit").wait_for()
    assert page.get_by_role("searchbox").input_value() == "plans/"
    assert titles(page) == ["grey plan", "red plan", "green plan", "blue plan"]
    head.get_by_role("button").click()
    page.wait_for_function("() => document.querySelector('button.row-title').innerText === 'blue plan'")
    page.get_by_label("Kind").select_option("PDF")
    page.get_by_text("No document that you may read fits.").wait_for()
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_text("7 documents", exact=True).wait_for()
    assert page.get_by_role("searchbox").input_value() == ""
    page.get_by_role("button", name="More filters").click()
    page.get_by_role("checkbox", name="With warnings only").check()
    page.get_by_text("No document that you may read fits.").wait_for()
    assert "warnings=" in page.url


def test_the_list_is_read_and_changed_by_keyboard_alone(page: Page) -> None:
    plans(page)
    page.get_by_role("searchbox").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "row":
            break
    assert focused(page) == "blue plan"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "green plan"
    page.keyboard.press("End")
    assert focused(page) == "red plan"
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    assert focused(page) == "red plan"
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Space")
    assert page.locator("[role=row][aria-selected=true]").count() == 2
    page.keyboard.press("Delete")
    page.get_by_role("dialog", name="Delete 2 documents?").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.innerText.startsWith('grey plan')")
    page.keyboard.press("Escape")
    assert page.locator("[role=row][aria-selected=true]").count() == 0
    page.keyboard.press("Delete")
    page.get_by_role("dialog", name="Delete this document?").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.innerText.startsWith('grey plan')")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Actions for grey plan"
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Details and versions").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'Actions for grey plan'")
    page.keyboard.press("Escape")  # back to the row
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "blue plan"
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Document text").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Document text").wait_for(state="detached")
    page.wait_for_function("() => document.activeElement.innerText.startsWith('blue plan')")


def test_versions_open_and_are_compared(page: Page) -> None:
    row(page, "SUPPLY AGREEMENT").get_by_role("button", name="Version 2, history of SUPPLY AGREEMENT").click()
    drawer = page.get_by_role("dialog", name="SUPPLY AGREEMENT")
    drawer.get_by_role("button", name="Show Governing law: Utah in the text").wait_for()
    compare = drawer.get_by_role("link", name="Compare with the one before version 2").get_attribute("href") or ""
    assert re.fullmatch(r"#/compare\?old=[0-9a-f-]{36}\.v_[\w-]{16}&new=[0-9a-f-]{36}\.v_[\w-]{16}", compare)
    page.reload()  # the drawer is in the address
    drawer.get_by_role("button", name="Open version 1").click()
    drawer.wait_for(state="detached")
    page.get_by_role("region", name="Document text").get_by_text("State of Ohio").wait_for()


def test_who_may_read_is_changed_for_one_and_for_many(page: Page) -> None:
    plans(page)
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Change readers…").click()
    dialog = page.get_by_role("dialog", name="Change who may read 4 documents")
    save = dialog.get_by_role("button", name="Save")
    assert dialog.get_by_role("checkbox", name="Group legal").is_checked()
    assert save.is_disabled()
    dialog.get_by_role("checkbox", name="Group legal").uncheck()
    assert dialog.get_by_text("At least one has to be named.").is_visible()
    dialog.get_by_role("checkbox", name="Group legal").check()
    dialog.get_by_role("checkbox", name="Group staff").check()
    save.click()
    dialog.wait_for(state="detached")
    page.wait_for_function(READERS, arg=4)

    page.get_by_role("button", name="Actions for red plan").click()
    page.get_by_role("menuitem", name="Change who may read it…").click()
    dialog = page.get_by_role("dialog", name="Change who may read it")
    dialog.get_by_role("checkbox", name="Group staff").uncheck()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    page.wait_for_function(READERS, arg=3)


def test_facts_open_at_their_words_and_can_be_corrected(page: Page) -> None:
    page.get_by_role("button", name="SUPPLY AGREEMENT", exact=True).click()
    facts = page.locator(".facts")
    facts.get_by_role("button", name="Show Governing law: Utah in the text").click()
    assert page.locator("mark").inner_text() == "laws of the State of Utah"

    page.get_by_role("button", name="Facts", exact=True).click()  # folded while words are shown
    facts.get_by_role("button", name="Correct Party: Kestrel Robotics, Inc.").click()
    form = page.get_by_role("form", name="Correct a fact")
    form.get_by_label("Value").fill("Acme Ltd")
    form.get_by_role("button", name="Save").click()
    facts.get_by_text("Set by ana").wait_for()
    assert facts.get_by_text("Acme Ltd").count() == 1
    assert facts.get_by_text("Kestrel Robotics, Inc.").count() == 0

    facts.get_by_role("button", name="Add a fact").click()
    form = page.get_by_role("form", name="Add a fact")
    form.get_by_label("Kind").select_option("expiry_date")
    form.get_by_label("Day").fill("2024-06-01")
    form.get_by_role("button", name="Save").click()
    facts.get_by_text("1 Jun 2024").wait_for()
    facts.get_by_role("button", name="Remove Governing law: Utah").click()
    facts.get_by_text("Governing law").wait_for(state="detached")

    page.get_by_role("button", name="Close source").click()
    page.get_by_role("button", name="lease", exact=True).click()
    page.get_by_role("region", name="Document text").wait_for()
    facts.get_by_text("No parties, dates or law were found in it.").wait_for()
    assert facts.get_by_role("button", name="Correct").count() == 0


def test_the_list_is_narrowed_by_language_readers_and_days_and_says_so(page: Page) -> None:
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Language").select_option("German")
    page.get_by_text("No document that you may read fits.").wait_for()
    said = page.get_by_role("group", name="What the list is narrowed to")
    said.get_by_role("button", name="in German: take it back").click()
    page.get_by_text("7 documents", exact=True).wait_for()
    assert said.count() == 0

    page.get_by_label("earliest").fill("2020-01-01")
    page.get_by_text("3 documents fit").wait_for()  # the second version of the agreement holds from today
    page.get_by_label("latest").fill("2023-12-31")
    page.get_by_text("1 document fits").wait_for()
    assert titles(page) == ["red plan"]
    assert "from=2020-01-01&to=2023-12-31" in page.url
    page.reload()
    page.get_by_text("1 document fits").wait_for()
    assert said.get_by_role("button").all_inner_texts() == [
        "holds from 1 Jan 2020 or later ×", "holds from 31 Dec 2023 or earlier ×", "Clear filters",
    ]  # fmt: skip
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("latest").fill("2019-12-31")
    page.get_by_text("No day lies between these two.").wait_for()
    said.get_by_role("button", name="Clear filters").click()
    page.get_by_text("7 documents", exact=True).wait_for()

    reader = page.get_by_role("combobox", name="Readable by")
    assert {"legal", "staff", "ana (person)"} <= set(reader.locator("option").all_inner_texts())
    reader.select_option("ana (person)")
    page.get_by_text("No document that you may read fits.").wait_for()
    reader.select_option("legal")
    page.get_by_text("7 documents fit").wait_for()
    page.set_viewport_size({"width": 700, "height": 800})
    page.get_by_role("button", name="Filters (1)").wait_for()
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("width", [320, 650, 700, 725, 768, 1100, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    row(page, LONG).wait_for()
    page.wait_for_function(f"() => ({CUT_OFF})().length === 0")  # once the table knows its new width
    if width < 1024:
        page.get_by_role("button", name="Filters").click()
    else:
        page.get_by_role("button", name="More filters").click()
    page.get_by_label("earliest").fill("2020-01-01")
    page.get_by_label("Language").select_option("Chinese")
    page.get_by_role("group", name="What the list is narrowed to").wait_for()
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_role("button", name="Clear filters").click()
    row(page, LONG).wait_for()
    page.get_by_role("button", name="Actions for SUPPLY AGREEMENT").click()
    page.get_by_role("menuitem", name="Details and versions").click()
    page.get_by_role("dialog").get_by_text("Version 2", exact=True).wait_for()
    assert page.evaluate(TOO_WIDE) == []
    page.keyboard.press("Escape")
    for view in ("/documents", "/documents/deleted", "/documents?show=uploads", "/"):
        page.goto(re.sub(r"#.*", f"#{view}", page.url))
        page.wait_for_timeout(300)
        assert page.evaluate(TOO_WIDE) == [], view
    page.goto(re.sub(r"#.*", "#/documents", page.url))
    page.get_by_role("button", name="Add documents").click()
    files: Any = [{"name": f"{LONG}{at}.txt", "mimeType": "text/plain", "buffer": b"x"} for at in range(5)]
    page.get_by_label("Choose files").set_input_files(files)
    page.get_by_text("All 5 files").wait_for()
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_role("button", name="Clear").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Actions for {LONG}").click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate(TOO_WIDE) == []


def test_the_recycle_bin_is_as_wide_as_the_screen(page: Page) -> None:
    plans(page)
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete 4").click()
    page.get_by_text("No document that you may read fits.").wait_for()
    page.get_by_role("link", name="Recycle bin").click()
    page.get_by_text("4 deleted documents").wait_for()
    for width in (1280, 725, 700, 650, 320):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(200)
        assert page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(CUT_OFF) == [], width
        assert page.get_by_role("button", name="Restore red plan").is_visible()
        assert violations(page) == [], width
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Restore 4").click()
    page.get_by_text("The recycle bin is empty.").wait_for()


@pytest.mark.parametrize("width", [1280, 700, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, width: int, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("button", name="Filters").or_(page.get_by_role("button", name="More filters")).click()
    page.get_by_label("earliest").fill("2019-01-01")
    page.get_by_text("4 documents fit").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("checkbox", name="Select blue plan").check()
    assert violations(page) == []
    page.get_by_role("button", name="Actions for SUPPLY AGREEMENT").click()
    page.get_by_role("menuitem", name="Details and versions").click()
    page.get_by_role("dialog").get_by_text("Version 2", exact=True).wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add documents").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Recycle bin").click()
    page.get_by_text("The recycle bin is empty.").wait_for()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found["violations"]]
