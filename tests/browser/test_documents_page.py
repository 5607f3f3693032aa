"""The list of documents in a real Chromium: what a person may delete, and how they get it back."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
ALLOW = frozenset({"group:legal"})


@pytest.fixture
def address() -> Iterator[str]:
    """A service on a free port with one document of the operator; nothing is asked, so no language model is loaded."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(home=Path(home), DATABASE_URL="", llm_url="", demo=True) as parts,
    ):
        parts.pipeline.ingest(b"The lease of Unit 7.", "lease.txt", "files/lease.txt", ALLOW)
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
    assert page.get_by_role("button", name="Delete").count() == 0  # it is the operator's

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
