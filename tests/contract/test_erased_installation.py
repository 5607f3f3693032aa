"""A person and a document with fifty answers about them are erased beside the running service, as an operator does it:
afterwards their words stand in no file of the data folder, and the chain is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from tests import commands

ANSWERS = 50
NAME, DISPLAY, ADDRESS = "jane.roe-4711", "Jane Quillfeather", "jane.roe@example.org"
MATTER = "Wolverhampton Bismuth"
SOURCE = "matters/bismuth-settlement.txt"
SECRET = f"""SETTLEMENT

The settlement of {MATTER} amounts to 417,300 euros.

It is to be paid within thirty days of notice.
"""
LEASE = "LEASE OF UNIT 7\n\nThe rent of Unit 7 is 500 euros per month.\n"
WORDS = [MATTER, "417,300 euros", "bismuth-settlement", NAME, DISPLAY, ADDRESS]
ASKED = [
    (NAME, f"What does the settlement of {MATTER} amount to?", True),
    ("ana", "How much is the settlement?", True),
    ("ana", f"What does {DISPLAY} pay for Unit 7?", False),
    (NAME, "What is the rent of Unit 7?", False),
    ("ana", "What is the rent of Unit 7?", False),
]


class Installation:
    def __init__(self, parts: Any, client: TestClient) -> None:
        self.parts = parts
        self.client = client
        self.keys = {user: parts.api_keys.create(user, ["legal"], {"read", "write"}, "test") for user in (NAME, "ana")}
        self.answers: list[tuple[str, str, bool]] = []

    def ask(self, user: str, question: str, secret: bool) -> None:
        said = f"The settlement of {MATTER} amounts to 417,300 euros" if secret else "The rent of Unit 7 is 500 euros"
        self.parts.script.text = f"{said} [1]."
        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        reply = self.client.post("/v1/query", json={"question": question}, headers=headers).json()
        self.answers.append((str(reply["audit_id"]), str(reply["status"]), secret))

    def operate(self, *command: str) -> tuple[int, str]:
        """Exit code and output of `footnote`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}
        cache = {name: value for name, value in os.environ.items() if name == "FOOTNOTE_CACHE"}
        ran = commands.footnote(kept | cache | {"FOOTNOTE_HOME": str(self.parts.settings.home)}, *command)
        return ran.returncode, ran.stdout + ran.stderr

    def look(self) -> list[dict[str, str]]:
        options = [option for word in WORDS for option in ("--words", word)]
        code, said = self.operate("erase", "verify", "--json", *options)
        found: list[dict[str, str]] = json.loads(said)["found"]
        assert code == int(bool(found))
        return found


@pytest.fixture(scope="module")
def installation(start: Callable[..., Any]) -> Iterator[Installation]:
    parts = start()
    parts.pipeline.ingest(SECRET.encode(), "bismuth-settlement.txt", SOURCE, frozenset({"group:legal"}))
    parts.pipeline.ingest(LEASE.encode(), "lease.txt", "files/lease.txt", frozenset({"group:legal", f"user:{NAME}"}))
    shown = {"displayName": DISPLAY, "emails": [{"value": ADDRESS}]}
    parts.people.add_person(SimpleNamespace(user_name=NAME, external_id=None, active=True, attributes=shown), "scim")
    with TestClient(create_app(parts.http, warm=parts.warm), raise_server_exceptions=False) as client:
        made = Installation(parts, client)
        for number in range(ANSWERS):
            made.ask(*ASKED[number % len(ASKED)])
        for user, key in made.keys.items():
            headers = {"Authorization": f"Bearer {key}"}
            client.post("/v1/search", json={"query": f"{MATTER} {user}"}, headers=headers)
            files = {"file": ("notes.txt", b"Notes on nothing in particular.")}
            sent = client.post("/v1/documents", files=files, data={"allow": f"user:{user}"}, headers=headers)
            assert sent.status_code < 300, sent.text
        parts.accesses.flush()
        yield made


def test_a_person_and_a_document_leave_no_byte_and_the_chain_is_whole(installation: Installation) -> None:
    assert sum(status == "answered" for _, status, secret in installation.answers if secret) >= ANSWERS // 5
    before = installation.look()
    assert {"versions.text", "chunks.text", "people.attributes", "trail", "files"} <= {one["place"] for one in before}

    code, said = installation.operate("erase", "document", SOURCE, "--words", MATTER, "--words", "417,300 euros")
    assert code == 0, said
    assert "nothing is left" in said
    code, said = installation.operate("erase", "person", NAME, "--words", DISPLAY)
    assert code == 0, said

    assert installation.look() == []
    code, said = installation.operate("audit", "verify")
    assert (code, "The audit trail is whole" in said) == (0, True), said
    told = installation.operate("audit", "list", "--limit", "1000")[1]
    assert not any(word in told for word in WORDS)
    for receipt in (installation.parts.settings.home / "erasures").iterdir():
        assert installation.operate("erase", "check", str(receipt))[0] == 0

    headers = {"Authorization": f"Bearer {installation.keys['ana']}"}
    found = installation.client.post("/v1/search", json={"query": "settlement of bismuth"}, headers=headers).json()
    assert "417,300" not in json.dumps(found)
    assert installation.client.get("/v1/documents", headers=headers).status_code == 200
    gone = {"Authorization": f"Bearer {installation.keys[NAME]}"}
    assert installation.client.get("/v1/documents", headers=gone).status_code == 401

    kept = next(id_ for id_, _, secret in reversed(installation.answers) if not secret)
    assert "500 euros" in installation.operate("audit", "show", kept)[1]
