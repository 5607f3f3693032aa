"""Signing in in a real Chromium: over the organisation's identity provider and back, by a key, and out again."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from infra.postgres.pool import Pool

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]


@dataclass
class Running:
    address: str
    parts: Any
    idp: IdentityProvider


@pytest.fixture
def running(identity_provider: IdentityProvider, fresh_database: Pool) -> Iterator[Running]:
    """A service on a free port with a document for legal; nothing is asked, so no language model is loaded."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app, static_folder

    assert static_folder() is not None, "build the page first: make frontend"
    identity_provider.right()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    identity_provider.redirects.add(f"{address}/v1/session/oidc/callback")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(
            home=Path(home), DATABASE_URL=fresh_database.conninfo, llm_url="", public_url=address, oidc_issuer=identity_provider.issuer,
            oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET,
        ) as parts,
    ):  # fmt: skip
        parts.pipeline.ingest(b"The lease of Unit 7.", "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
        port = int(address.rpartition(":")[2])
        server = uvicorn.Server(
            uvicorn.Config(create_app(parts.http), host="127.0.0.1", port=port, log_level="warning")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield Running(address, parts, identity_provider)
        server.should_exit = True
        thread.join(20)


def by_the_organisation(page: Page, user: str) -> None:
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("heading", name="Who are you?").wait_for()
    page.get_by_role("link", name=user, exact=True).click()


def scim(running: Running, method: str, path: str, body: object) -> Any:
    secret = running.parts.api_keys.create("sync", [], {"scim"}, "")
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/scim+json"}
    reply = httpx2.request(method, f"{running.address}/scim/v2{path}", json=body, headers=headers)
    assert reply.is_success, reply.text
    return reply.json() if reply.content else None


def test_one_signs_in_by_the_organisation_and_a_change_of_groups_holds_at_once(
    blank_page: Page, running: Running
) -> None:
    page = blank_page
    page.goto(f"{running.address}/#documents")
    by_the_organisation(page, "ana")
    page.get_by_role("button", name="lease", exact=True).wait_for()  # back at the view that was asked for
    assert page.url == f"{running.address}/#documents"
    (kept,) = page.context.cookies()
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Strict")
    assert page.evaluate("[document.cookie, sessionStorage.length, localStorage.length]") == ["", 0, 0]

    page.reload()
    page.get_by_role("button", name="lease", exact=True).wait_for()
    ana = scim(running, "POST", "/Users", {"userName": "ana"})["id"]
    page.reload()
    page.get_by_text("There is no document that you may read yet.").wait_for()
    assert page.get_by_role("button", name="lease", exact=True).count() == 0  # synced, and in no group yet
    scim(running, "POST", "/Groups", {"displayName": "legal", "members": [{"value": ana}]})
    page.reload()
    page.get_by_role("button", name="lease", exact=True).wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in with your organisation").wait_for()
    assert page.context.cookies() == []
    page.reload()
    page.get_by_role("link", name="Sign in with your organisation").wait_for()


def test_who_is_not_let_in_is_told_why(blank_page: Page, running: Running) -> None:
    page = blank_page
    page.goto(running.address)
    running.idp.claims = {"nonce": "of another sign-in"}
    by_the_organisation(page, "ana")
    assert "did not sign you in" in page.get_by_role("alert").inner_text()
    running.idp.right()
    ana = scim(running, "POST", "/Users", {"userName": "ana", "active": False})["id"]
    by_the_organisation(page, "ana")
    page.get_by_role("alert").get_by_text("Your account is not active").wait_for()
    assert page.url == f"{running.address}/"
    scim(running, "PATCH", f"/Users/{ana}", {"Operations": [{"op": "replace", "value": {"active": True}}]})
    by_the_organisation(page, "ana")
    page.get_by_role("button", name="Sign out").wait_for()


def test_one_signs_in_by_a_key_where_there_is_an_organisation(blank_page: Page, running: Running) -> None:
    secret = running.parts.api_keys.create("ana", ["legal"], {"read"}, "")
    page = blank_page
    page.goto(f"{running.address}/#documents")
    page.get_by_text("Sign in with an API key").click()
    page.get_by_label("API key", exact=True).fill(secret)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="lease", exact=True).wait_for()
    assert page.evaluate("[document.cookie, sessionStorage.length, localStorage.length]") == ["", 0, 0]
