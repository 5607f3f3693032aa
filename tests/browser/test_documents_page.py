"""The list of documents in a real Chromium: what a person may delete, and how they get it back."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.types import Author

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from infra.postgres.pool import Pool

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
ALLOW = frozenset({"group:legal"})
TOO_WIDE = """() => [...document.querySelectorAll("main.documents *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML)"""
ANA = Author("ana", frozenset({"user:ana", "group:legal"}))
SUPPLY = (
    b'SUPPLY AGREEMENT\n\nThis Supply Agreement is made on 4 May 2019 between Kestrel Robotics, Inc. ("Kestrel") and Osprey '
    b'Foods Limited (the "Supplier").\n\nThis Agreement shall be governed by the laws of the State of Ohio.'
)


@pytest.fixture
def address(fresh_database: Pool) -> Iterator[str]:
    """A service on a free port with one document of the operator; nothing is asked, so no language model is loaded."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(home=Path(home), DATABASE_URL=fresh_database.conninfo, llm_url="", demo=True) as parts,
    ):
        parts.pipeline.ingest(b"The lease of Unit 7.", "lease.txt", "files/lease.txt", ALLOW)
        parts.pipeline.ingest(SUPPLY, "supply.txt", "upload/ana/supply.txt", ALLOW, author=ANA)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(create_app(parts.http), host="127.0.0.1", port=port, log_level="warning")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(20)


def test_one_deletes_what_is_ones_own_and_brings_it_back(blank_page: Page, address: str) -> None:
    page = blank_page
    page.goto(address)
    page.get_by_role("button", name="Sign in as Ana").click()
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="Read lease").wait_for()
    assert page.get_by_role("button", name="Delete lease").count() == 0  # it is the operator's

    page.get_by_label("File").set_input_files({"name": "plan.txt", "mimeType": "text/plain", "buffer": b"The plan."})
    page.get_by_label("Who may read it").select_option("group:legal")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Delete plan").click()
    dialog = page.get_by_role("dialog")
    assert "It can be restored for 30 days." in dialog.inner_text()
    dialog.get_by_role("button", name="Delete").click()

    deleted = page.get_by_role("region", name="Recently deleted")
    deleted.wait_for()
    page.get_by_role("button", name="Read plan").wait_for(state="detached")
    assert "gone for good on" in deleted.inner_text()
    deleted.get_by_role("button", name="Restore plan").click()
    page.get_by_role("button", name="Read plan").wait_for()
    deleted.wait_for(state="detached")


@pytest.mark.parametrize("width", [400, 600, 800])
def test_no_name_however_long_pushes_anything_out_of_the_page(blank_page: Page, address: str, width: int) -> None:
    page = blank_page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.get_by_role("button", name="Sign in as Ana").click()
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="Read lease").wait_for()
    assert page.get_by_text("Drop files or folders anywhere on this page").count() == (width > 640)
    names = [f"{'ACCELERATEDTECHNOLOGIESHOLDINGCORP_' * 3}{number}.txt" for number in range(5)]
    page.get_by_label("Choose files").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in names]
    )
    page.get_by_text("All 5 files").wait_for()
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_label("Who may read").select_option("group:legal")
    page.get_by_role("button", name="Upload 5 files").click()
    delete = page.get_by_role("button", name=f"Delete {names[0].removesuffix('.txt')}")
    delete.wait_for()
    assert page.evaluate(TOO_WIDE) == []
    delete.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("region", name="Recently deleted").wait_for()
    assert page.evaluate(TOO_WIDE) == []


def test_facts_open_at_their_words_and_can_be_corrected(blank_page: Page, address: str) -> None:
    page = blank_page
    page.goto(address)
    page.get_by_role("button", name="Sign in as Ana").click()
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="Read SUPPLY AGREEMENT").click()
    facts = page.locator("details.facts")
    facts.get_by_role("button", name="Show Governing law: Ohio in the text").click()
    assert page.locator("mark").inner_text() == "laws of the State of Ohio"

    facts.locator("summary").click()  # folded while words are shown
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
    facts.get_by_role("button", name="Remove Governing law: Ohio").click()
    facts.get_by_text("Governing law").wait_for(state="detached")

    page.get_by_role("button", name="Close source").click()
    page.get_by_role("button", name="Read lease").click()
    page.get_by_role("region", name="Document text").wait_for()
    assert page.locator("details.facts").get_by_role("button", name="Correct").count() == 0
