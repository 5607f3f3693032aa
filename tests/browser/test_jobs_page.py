"""Many files handed in on the page of a real Chromium, and followed: progress, what failed, cancelling, lost lines."""

from __future__ import annotations

import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from infra.postgres.pool import Pool

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
BROKEN = b"%PDF-1.7\nbroken"
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.closest(".visually-hidden") === null)
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5).map(one => one.outerHTML.slice(0, 200))"""


@dataclass
class Service:
    """`gate`: files are read while it is open."""

    address: str
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, fresh_database: Pool) -> Iterator[Service]:
    """One that takes three files at once, with one worker; nothing is asked, so no language model is loaded."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(
            home=Path(home), DATABASE_URL=fresh_database.conninfo, llm_url="", demo=True, workers=1, max_job_files=3
        ) as parts,
        socket.socket() as listener,
    ):
        listener.bind(("127.0.0.1", 0))
        served = Service(f"http://127.0.0.1:{listener.getsockname()[1]}")
        served.gate.set()
        ingest = parts.pipeline.ingest

        def gated(*args: Any, **options: Any) -> Any:
            assert served.gate.wait(60)
            return ingest(*args, **options)

        monkeypatch.setattr(parts.pipeline, "ingest", gated)
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield served
        served.gate.set()
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(blank_page: Page, service: Service) -> Page:
    """Ana's documents."""
    blank_page.goto(service.address)
    blank_page.get_by_role("button", name="Sign in as Ana").click()
    blank_page.get_by_role("link", name="Documents").click()
    blank_page.get_by_text("There is no document that you may read yet.").wait_for()
    return blank_page


def drop(page: Page, *paths: Path) -> None:
    """Drags files and folders of this machine onto the page, as a person does."""
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def choose(page: Page, **files: bytes) -> None:
    page.get_by_role("button", name="Add documents").click()
    chosen: Any = [
        {"name": name.replace("_", "."), "mimeType": "application/octet-stream", "buffer": data}
        for name, data in files.items()
    ]
    page.get_by_label("Choose files").set_input_files(chosen)


def upload(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Add documents")
    dialog.get_by_role("checkbox", name="Group legal").check()
    dialog.get_by_role("button", name="Upload").click()
    dialog.wait_for(state="detached")


def jobs(page: Page) -> Any:
    """Those of the drawer, which is opened."""
    drawer = page.get_by_role("dialog", name="Uploads")
    if drawer.count() == 0:
        page.get_by_role("button", name="Uploads", exact=True).click()
        drawer.wait_for()
    return drawer.get_by_role("listitem").filter(has=page.locator(".job-head"))


def listed(page: Page, title: str) -> Any:
    return page.get_by_role("grid").get_by_role("button", name=title, exact=True)


def test_a_dropped_folder_is_followed_until_its_documents_are_there(
    page: Page, service: Service, tmp_path: Path
) -> None:
    deals = tmp_path / "deals"
    (deals / "old").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "old/a.txt"):
        (deals / name).write_text(f"The terms of {name}.")
    (deals / ".hidden").write_text("x")
    service.gate.clear()
    drop(page, deals)
    form = page.get_by_role("form", name="Add documents")
    form.get_by_text("deals/old/a.txt").wait_for()
    assert form.locator("strong").inner_text() == "3 files, 61\u00a0B"
    form.get_by_text("1 file left out").click()
    assert form.get_by_text("deals/.hidden is hidden").is_visible()
    upload(page)
    line = page.locator(".strip")  # one line over the list
    line.get_by_role("progressbar", name="deals").wait_for()
    line.get_by_text("0 of 3 files").wait_for()

    page.reload()  # the job goes on, and is shown again
    line.get_by_role("progressbar", name="deals").wait_for()
    service.gate.set()
    line.get_by_text("Done · 3 added").wait_for()
    assert page.get_by_role("progressbar").count() == 0
    assert page.get_by_role("status").filter(has_text="deals: Done. 3 added.").count() == 1
    for name in ("deals/a.txt", "deals/b.txt", "deals/old/a.txt"):
        page.get_by_role("grid").get_by_text(f"upload/ana/{name}").wait_for()
    line.get_by_role("button", name="Dismiss deals").click()
    line.wait_for(state="detached")


def test_one_bad_file_of_several_says_why_and_is_tried_again(page: Page, service: Service) -> None:
    choose(page, plan_txt=b"The plan.", broken_pdf=BROKEN)
    upload(page)
    page.locator(".strip").get_by_text("Done in part · 1 added, 1 failed").wait_for()
    page.locator(".strip").get_by_role("button", name="Show uploads").click()
    job = jobs(page).first
    job.get_by_text("failed: cut off").wait_for()
    assert job.get_by_text("plan.txt", exact=True).count() == 0
    job.get_by_role("button", name="Show all 2 files").click()
    job.get_by_text("added: version 1, 1 passage").wait_for()
    page.set_viewport_size({"width": 320, "height": 844})
    page.wait_for_timeout(200)
    assert page.evaluate(TOO_WIDE) == []
    assert violations(page) == []

    service.gate.clear()
    job.get_by_role("button", name="Try 1 file again: plan.txt and 1 more").click()
    job.get_by_role("progressbar").wait_for()
    assert "1 of 2 files" in job.inner_text()
    service.gate.set()
    job.get_by_text("Done in part").wait_for()

    page.reload()  # the drawer is in the address
    page.get_by_role("heading", name="1 earlier upload, 1 with failed files").wait_for()
    assert "1 added, 1 failed" in jobs(page).first.inner_text()  # before its files are asked for
    jobs(page).first.get_by_role("button", name="Show files of plan.txt and 1 more").click()
    jobs(page).first.get_by_text("failed: cut off").wait_for()
    page.keyboard.press("Escape")
    listed(page, "plan").wait_for()


def test_a_cancelled_job_finishes_what_was_begun_and_can_be_taken_up_again(page: Page, service: Service) -> None:
    service.gate.clear()
    choose(page, a_txt=b"One.", b_txt=b"Two.", c_txt=b"Three.")
    upload(page)
    page.locator(".strip").get_by_text("Under way").wait_for()
    job = jobs(page).first
    job.get_by_text("Under way").wait_for()
    job.get_by_role("button", name="Cancel a.txt and 2 more").click()
    job.get_by_text("Stopping").wait_for()
    service.gate.set()
    job.get_by_text("Cancelled").wait_for()
    assert "1 added, 2 not begun" in job.inner_text()
    job.get_by_role("button", name="Try 2 files again: a.txt and 2 more").click()
    job.get_by_text("3 added").wait_for()
    page.keyboard.press("Escape")
    listed(page, "c").wait_for()


def test_a_retry_after_a_lost_connection_doubles_nothing(page: Page) -> None:
    keys: list[str | None] = []

    def lossy(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.header_value("Idempotency-Key"))
        response = route.fetch()  # it arrives, but its answer does not
        return route.abort("aborted") if len(keys) == 1 else route.fulfill(response=response)

    page.route(re.compile("/v1/jobs$"), lossy)
    choose(page, plan_txt=b"The plan.")
    upload(page)
    listed(page, "plan").wait_for()
    page.get_by_role("button", name="Stop sending").wait_for(state="detached")
    assert (len(keys), len(set(keys))) == (2, 1)
    jobs(page).first.wait_for()
    assert jobs(page).count() == 1


def test_more_than_a_job_takes_becomes_several_and_all_are_followed(page: Page, service: Service) -> None:
    from playwright.sync_api import expect

    service.gate.clear()
    choose(page, **{f"{letter}_txt": letter.encode() * 9 for letter in "abcdefghij"})
    upload(page)
    page.locator(".strip").get_by_text("4 uploads under way").wait_for()
    titles = ["j.txt", "g.txt and 2 more", "d.txt and 2 more", "a.txt and 2 more"]
    expect(jobs(page).locator(".job-title")).to_have_text(titles)
    assert page.get_by_role("dialog").get_by_role("progressbar").count() == 4
    service.gate.set()
    expect(jobs(page).locator(".job-status")).to_have_text(["Done"] * 4, timeout=30_000)


def test_sending_can_be_stopped_and_keeps_what_was_chosen(page: Page) -> None:
    page.route(re.compile("/v1/jobs$"), lambda route: None)
    choose(page, plan_txt=b"The plan.")
    upload(page)
    page.get_by_role("progressbar", name="Sending").wait_for()
    page.get_by_role("link", name="Questions", exact=True).click()
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("button", name="Stop sending").click()
    page.get_by_text("1 file, 9\u00a0B chosen, not handed in yet.").wait_for()
    assert page.get_by_role("alert").count() == 0
    page.unroute_all()
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("plan.txt", exact=True).wait_for()
    upload(page)
    listed(page, "plan").wait_for()


def test_a_new_version_takes_the_place_of_the_one_before(page: Page) -> None:
    choose(page, plan_txt=b"The plan of the first year.")
    upload(page)
    listed(page, "plan").wait_for()
    page.get_by_role("button", name="Actions for plan").click()
    page.get_by_role("menuitem", name="Upload a new version…").click()
    dialog = page.get_by_role("dialog", name="New version of plan")
    assert dialog.get_by_role("checkbox", name="Group legal").is_checked()  # as before
    dialog.get_by_label("Choose the file").set_input_files(
        {"name": "plan (2).txt", "mimeType": "text/plain", "buffer": b"The plan of the second year."}
    )
    dialog.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Version 2, history of plan").wait_for()
    page.get_by_text("1 document", exact=True).wait_for()


def violations(page: Page) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found["violations"]]
