"""The whole service on a free port of this machine: real PostgreSQL, real search and gate, the language model scripted."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Page

    from tests.contract.conftest import ScriptedContainer

CORPUS = Path(__file__).parents[2] / "api" / "demo" / "corpus" / "current"


@dataclass(frozen=True)
class Person:
    """What a key of theirs opens."""

    groups: Sequence[str] = ("legal",)
    scopes: Sequence[str] = ("read",)


@dataclass
class Service:
    """`keys`: by who has them. `sent`: path and body of every response, in the order of the requests."""

    address: str
    parts: ScriptedContainer
    keys: dict[str, str]
    sent: list[tuple[str, bytearray]]

    def call(self, user: str, method: str, path: str, **more: Any) -> httpx2.Response:
        """The reply to a call of theirs past the page."""
        import httpx2

        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        return httpx2.request(method, f"{self.address}{path}", headers=headers, timeout=60, **more)

    def add(self, data: bytes, name: str, *groups: str) -> str:
        """The id of a document that these groups may read."""
        allow = frozenset(f"group:{group}" for group in groups or ("legal",))
        report = self.parts.pipeline.ingest(data, name, f"files/{name}", allow)
        assert report.document_id is not None, report
        return report.document_id


@dataclass(frozen=True)
class Noting:
    """An ASGI application, and a note of what it sends."""

    app: Any
    sent: list[tuple[str, bytearray]]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = bytearray()

        async def noted(message: Any) -> None:
            body.extend(message.get("body", b""))
            await send(message)

        if scope["type"] == "http":
            self.sent.append((scope["path"], body))
        await self.app(scope, receive, noted)


@contextmanager
def served(people: Mapping[str, Person], **settings: Any) -> Iterator[Service]:
    """Serves until the block is left."""
    import uvicorn

    from api.http.app import create_app, static_folder
    from infra.settings import load_settings
    from tests.contract.conftest import Script, ScriptedContainer

    assert static_folder() is not None, "build the page first: make frontend"
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ScriptedContainer(
            load_settings(home=Path(home), DATABASE_URL="", llm_url="", shown_chars=0, **settings)
        ) as parts,
        socket.socket() as listener,
    ):
        parts.script = Script()
        keys = {user: parts.api_keys.create(user, one.groups, one.scopes, "test") for user, one in people.items()}
        listener.bind(("127.0.0.1", 0))
        app = Noting(create_app(parts.http), [])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield Service(f"http://127.0.0.1:{listener.getsockname()[1]}", parts, keys, app.sent)
        server.should_exit = True
        thread.join(20)


def signed_in(page: Page, service: Service, user: str, path: str = "") -> Page:
    """By their key, at a view."""
    page.goto(f"{service.address}/{path}")
    page.get_by_label("API key").fill(service.keys[user])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Questions", exact=True).wait_for()
    return page
