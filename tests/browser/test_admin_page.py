"""What administrators and auditors see, in a real Chromium over a real service with some weeks of nights behind it."""

from __future__ import annotations

import hashlib
import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from infra.postgres.pool import Pool

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
LEASE = b"LEASE OF UNIT 7\n\nThe rent of Unit 7 is 500 euros per month.\n"
QUESTION = "What is the rent of Unit 7?"
YESTERDAY, TODAY = datetime.now(UTC).date() - timedelta(days=1), datetime.now(UTC).date()
PRICES = {"scripted": {YESTERDAY: (1.0, 1.0), TODAY: (2000.0, 8000.0)}}
TOO_WIDE = """() => [...document.querySelectorAll("main.evaluation *")]
    .filter(one => one.closest(".scroll-table, .visually-hidden, svg") === null)
    .filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML.slice(0, 200))"""


@dataclass
class Service:
    """`runs`: oldest first. Keys by who has them."""

    address: str
    runs: list[str]
    keys: dict[str, str]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Thirty nights, the last one weighed against the one before, and two releases."""
    import uvicorn
    from fastapi.testclient import TestClient

    from api.http.app import create_app, static_folder
    from infra.settings import load_settings
    from tests.contract.conftest import Script, ScriptedContainer

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ScriptedContainer(
            load_settings(home=Path(home), DATABASE_URL="", llm_url="", shown_chars=0, prices=PRICES)
        ) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script("The rent of Unit 7 is 500 euros per month. [1]")
        parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
        scopes = {"root": ["read", "admin", "audit"], "boss": ["read", "admin"], "ana": ["read"]}
        keys = {user: parts.api_keys.create(user, ["legal"], of, "test") for user, of in scopes.items()}
        app = create_app(parts.http)
        ana = {"Authorization": f"Bearer {keys['ana']}"}
        asked = TestClient(app).post("/v1/query", json={"question": QUESTION}, headers=ana).json()
        runs = filled(parts.pool, asked["audit_id"])
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", runs, keys)
        server.should_exit = True
        thread.join(20)


def filled(pool: Pool, audit_id: str) -> list[str]:
    from evals.systems.weighing import PostgresDecisions, kept, weighed
    from infra.postgres.evaluations import PostgresEvaluations
    from infra.postgres.releases import PostgresReleases, Release
    from tests.nights import seeded, weeks

    runs = seeded(pool, weeks(), {f"r-{at:02d}": audit_id for at in range(24)})
    decision = kept(PostgresDecisions(pool), weighed(PostgresEvaluations(pool), runs[-9], runs[-10]))
    releases = PostgresReleases(pool)
    for name, setup in (("autumn", "a"), ("swift", "b"), ("winter", "c")):
        digest = hashlib.sha256(setup.encode()).hexdigest()
        settings = {"generator": "Qwen2.5-Coder-1.5B-Instruct", "passages": 4}
        releases.add(Release(name, settings, {"generator": "m@cc32"}, digest, "operator", "of a test"), {})
    releases.promote("autumn", "operator", {"forced": "the first one"})
    releases.promote("swift", "user:root", {"decision": {"id": decision.id, "outcome": decision.outcome}})
    releases.rollback("user:root", {"reason": "wrong more often"})
    releases.begin("winter", "canary", "operator", {}, share=0.2)
    return runs


def signed_in(page: Page, service: Service, user: str) -> Page:
    page.goto(service.address)
    page.get_by_label("API key").fill(service.keys[user])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Questions", exact=True).wait_for()
    return page


def opened(page: Page, view: str) -> Page:
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("navigation", name="Administration").get_by_role("link", name=view, exact=True).click()
    page.get_by_role("heading", name=view, level=1).wait_for()
    return page


@pytest.fixture
def page(blank_page: Page, service: Service) -> Page:
    """The evaluation, as an administrator who audits sees it."""
    opened(signed_in(blank_page, service, "root"), "Evaluation")
    blank_page.get_by_role("heading", name="Gates of the last decision").wait_for()
    return blank_page


def violations(page: Page) -> list[str]:
    """What axe finds."""
    assert AXE.is_file(), "the page's packages are not installed: make frontend"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_nobody_but_an_administrator_is_shown_the_view(blank_page: Page, service: Service) -> None:
    page = signed_in(blank_page, service, "ana")
    assert page.get_by_role("link", name="Administration").count() == 0
    for path in ("evaluation", "/admin", "/admin/keys", "/admin/audit", "/admin/releases"):
        page.goto(f"{service.address}/#{path}")
        page.get_by_role("heading", name="There is no such page").wait_for()
        assert page.get_by_role("navigation", name="Administration").count() == 0


def test_nights_are_drawn_and_told_in_a_table(page: Page) -> None:
    golden = page.get_by_role("region", name="golden", exact=True)
    picture = golden.get_by_role("img").first
    assert (picture.get_attribute("aria-label") or "").startswith("golden: share right over 30 nights, ")
    assert picture.locator(".trend-band").count() == 1
    assert picture.locator("circle").count() == 30
    assert picture.locator("circle.hollow").count() == 1  # the night that was cut off
    assert picture.locator(".trend-changed").count() == 3  # another model, the way back, a third one
    assert golden.get_by_role("table").count() == 0
    golden.get_by_text("golden as a table").click()
    rows = golden.get_by_role("table").get_by_role("row")
    assert rows.count() == 31
    newest = rows.nth(1).locator("th, td").all_inner_texts()
    assert (newest[0], newest[3], newest[4]) == ("26 Nov 2026", "68", "2")
    assert newest[1] in golden.locator("figcaption").first.inner_text()


def test_a_night_tells_its_gates_and_its_worst_slices(page: Page, service: Service) -> None:
    page.get_by_text("2 gave an error").wait_for()
    page.get_by_text("This night was not weighed against another yet").wait_for()
    page.get_by_label("Night", exact=True).select_option(service.runs[-9])
    page.get_by_text("Blocked: a loss is shown").wait_for()
    gates = page.get_by_role("region", name="Gates", exact=True)
    right = gates.get_by_role("row").filter(has=page.get_by_role("rowheader", name="right", exact=True))
    cells = right.locator("td").all_inner_texts()
    assert (cells[0], cells[1][0], cells[3], cells[4]) == ("block", "\u2212", "5 points", "94")
    worst = page.get_by_role("region", name="The worst slices")
    assert worst.get_by_role("rowheader").count() == 5
    assert worst.get_by_role("rowheader").first.inner_text() == "kind: table"
    assert page.url.endswith(f"#/admin/evaluation/{service.runs[-9]}")
    page.reload()
    page.get_by_text("Blocked: a loss is shown").wait_for()


def test_a_case_stands_beside_the_same_in_another_night_with_its_evidence(page: Page, service: Service) -> None:
    page.get_by_label("Night", exact=True).select_option(service.runs[-9])
    page.get_by_label("Which").select_option("newly wrong")
    case = page.get_by_role("button", name="regression/").first
    case.focus()
    page.keyboard.press("Enter")
    now, then = page.get_by_role("region", name="In this night"), page.get_by_role("region", name="In the other night")
    now.get_by_text(QUESTION).wait_for()
    assert now.locator(".outcome").first.inner_text() == "wrong"
    assert then.locator(".outcome").first.inner_text() == "right"
    assert now.get_by_text("The rent of Unit 7 is 500 euros per month.").count() > 0
    now.get_by_role("button", name="1: LEASE OF UNIT 7, version 1").click()
    panel = page.get_by_role("dialog")
    panel.locator("mark").first.wait_for()
    assert panel.locator("mark").first.inner_text() == "The rent of Unit 7 is 500 euros per month."


def test_who_does_not_audit_sees_no_words_of_answers(blank_page: Page, service: Service) -> None:
    page = opened(signed_in(blank_page, service, "boss"), "Evaluation")
    page.get_by_label("Which").select_option("wrong")
    page.get_by_role("button", name="regression/").first.click()
    page.get_by_text("The answer is shown to who has the scope audit as well").first.wait_for()
    assert page.get_by_text(QUESTION).count() == 0


def test_releases_tell_what_was_done_and_why(page: Page) -> None:
    opened(page, "Releases")
    page.get_by_text("autumn answers. winter is tried on a share of the people (20.0\u00a0%)").wait_for()
    page.get_by_role("button", name="swift").click()
    steps = page.locator(".steps ol > li")
    steps.first.wait_for()
    told = [one.split(": ", 1)[1].split("\n")[0] for one in steps.all_inner_texts()]
    assert told == [
        "proposed, by operator",
        "made current, in the place of autumn, by root",
        "rolled back, back to autumn, by root",
    ]
    steps.nth(2).get_by_text("Evidence").click()
    assert '"reason": "wrong more often"' in steps.nth(2).inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1600])
def test_it_fits_and_axe_finds_nothing(page: Page, service: Service, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_label("Night", exact=True).select_option(service.runs[-9])
    page.get_by_text("Blocked: a loss is shown").wait_for()
    page.get_by_role("button", name="regression/").first.click()
    page.get_by_role("region", name="In this night").wait_for()
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
    assert page.evaluate(TOO_WIDE) == []
    assert violations(page) == []
    for view in ("Releases", "Keys", "Audit trail", "Health", "People", "Usage and cost", "Jobs"):
        opened(page, view).locator("tbody tr, .case-list li, dl.figures").first.wait_for()
        assert page.evaluate(TOO_WIDE) == [], view
        assert violations(page) == [], view


def test_the_trail_is_searched_and_an_entry_opened(page: Page, service: Service) -> None:
    opened(page, "Audit trail")
    page.get_by_role("textbox", name="Person").fill("ana")
    page.get_by_label("Words").fill("rent of Unit 7")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**user=ana**")
    rows = page.get_by_role("table", name="Entries").locator("tbody tr")
    page.wait_for_function(
        "() => { const rows = [...document.querySelectorAll('tbody tr')];"
        " return rows.length > 0 && rows.every(row => row.innerText.includes('ana')); }"
    )
    assert [told.split("\t")[2] for told in rows.all_inner_texts()] == ["answered", "sentence shown", "asked"]
    assert QUESTION in rows.first.inner_text()
    entry = page.get_by_role("button", name="Open: answered").first
    entry.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("Hash of the record").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "answered"
    with page.expect_download() as kept:
        page.get_by_role("button", name="Signed export").click()
    assert b'"signature"' in kept.value.path().read_bytes().splitlines()[-1]


def test_a_key_is_made_shown_once_and_revoked(page: Page) -> None:
    opened(page, "Keys")
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill("Nightly export")
    dialog.get_by_role("checkbox", name="Read the audit trail").check()
    dialog.get_by_role("button", name="Make a key").click()
    secret = dialog.get_by_label("Secret").input_value()
    assert secret.startswith("fn_")
    dialog.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text="Nightly export")
    assert "audit, read" in row.inner_text()
    assert secret not in page.content()
    row.get_by_role("button", name="Revoke Nightly export").click()
    page.get_by_role("dialog").get_by_text("Nothing has used it yet.").wait_for()
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    row.wait_for(state="detached")
    page.get_by_label("Show also what has ended or was revoked").check()
    row.get_by_text("revoked", exact=True).wait_for()
    headers = {"Authorization": f"Bearer {secret}"}
    assert page.request.get(f"{page.url.split('#')[0]}v1/documents", headers=headers).status == 401


def test_the_readiness_list_says_what_fails_and_what_to_do(page: Page) -> None:
    opened(page, "Health")
    keys = page.get_by_role("row").filter(has_text="API keys end")
    assert "warning 3 of 3 valid keys never end" in keys.inner_text()
    assert "footnote keys rotate" in keys.inner_text()
    page.get_by_text("What is well").click()
    assert page.locator(".level[data-level=ok]").count() > 5
    steps = page.locator("tbody tr td:last-child").all_inner_texts()
    assert len(steps) > 10
    assert all(steps)  # each row says what to do, or that there is nothing to do


def test_people_usage_and_the_whole_trail(page: Page) -> None:
    opened(page, "People").get_by_label("Find a person or a group").fill("leg an")
    page.get_by_text("1 of 3 people").wait_for()
    assert page.get_by_role("rowheader").all_inner_texts() == ["ana"]
    opened(page, "Usage and cost").get_by_text("scripted: 2000 and 8000 for a million tokens").wait_for()
    ana = page.get_by_role("region", name="By person").get_by_role("row").filter(has_text="ana")
    assert (ana.locator("td").first.inner_text(), ana.locator("td").last.inner_text()) == ("1", "0.06")
    opened(page, "Audit trail").get_by_role("button", name="Verify").click()
    page.get_by_text("records are as they were written").wait_for()
    told = page.get_by_role("region", name="Is the trail whole?").locator("dl").inner_text()
    assert re.search(r"Verified\s+records 1 to \d+", told), told
    assert re.search(r"Written\s+from .* to .*; what is written after that is not in it", told), told
    assert re.search(r"checkpoints? agrees?, up to record \d+", told), told


def test_a_key_is_rotated_and_both_hold_until_the_old_one_ends(page: Page, service: Service) -> None:
    opened(page, "Keys")
    page.get_by_label("Find a key").fill("root")
    page.wait_for_url("**/keys?q=root")
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
    page.get_by_role("button", name="Rotate test").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Until then both hold.").wait_for()
    dialog.get_by_label("The old key goes on for").select_option("no time: it ends now")
    dialog.get_by_text("is signed out").wait_for()
    assert violations(page) == []
    dialog.get_by_label("The old key goes on for").select_option("30 days")
    dialog.get_by_role("button", name="Rotate").click()
    secret = dialog.get_by_label("Secret").input_value()
    dialog.get_by_role("button", name="Done").click()
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 2")
    for one in (secret, service.keys["root"]):
        headers = {"Authorization": f"Bearer {one}"}
        assert page.request.get(f"{service.address}/v1/documents", headers=headers).status == 200
    assert page.get_by_role("button", name="Rotate test").count() == 2
    page.get_by_label("Find a key").fill("ana")
    page.get_by_role("button", name="Revoke test").wait_for()
    assert page.get_by_role("button", name="Rotate test").count() == 0  # another's: on the command line


def test_a_table_is_sorted_by_its_heads_and_the_address_keeps_it(page: Page) -> None:
    opened(page, "People").get_by_role("rowheader").first.wait_for()
    names = "() => [...document.querySelectorAll('tbody th')].map(one => one.textContent)"
    assert page.evaluate(names) == ["ana", "boss", "root"]
    page.get_by_role("button", name="Person").click()
    page.wait_for_url("**sort=-user")
    assert page.evaluate(names) == ["root", "boss", "ana"]
    page.reload()
    page.get_by_role("rowheader").first.wait_for()
    assert page.evaluate(names) == ["root", "boss", "ana"]
    page.get_by_role("link", name="1 key of boss").click()
    page.get_by_role("heading", name="Keys", level=1).wait_for()
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")


def test_the_trail_is_searched_by_kind_day_and_document(page: Page, service: Service) -> None:
    opened(page, "Audit trail")
    form = page.get_by_role("form", name="Search the trail")
    day = page.evaluate("new Date().toLocaleDateString('en-CA')")
    form.get_by_label("Action").select_option("answered")
    form.get_by_label("From the day").fill(day)
    form.get_by_label("To the day, included").fill(day)  # which is today: all of it is in it
    form.get_by_role("button", name="Search").click()
    page.wait_for_url("**action=closed**")
    page.get_by_role("button", name="Open: answered").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="All about document").first.click()
    page.wait_for_url("**document=**")
    page.get_by_role("button", name="Open: sentence shown").first.wait_for()  # the other kinds, too
    document = page.url.partition("document=")[2][:36]
    form.get_by_role("textbox", name="Document").fill("the lease")
    form.get_by_role("button", name="Search").click()
    form.get_by_role("alert").wait_for()
    form.get_by_role("textbox", name="Document").fill(f"{service.address}/#/documents?source={document}.v_x.0.9")
    form.get_by_label("To the day, included").fill("2020-01-01")
    form.get_by_role("button", name="Search").click()
    page.get_by_text("Nothing in the trail fits.").wait_for()
    assert f"document={document}" in page.url
