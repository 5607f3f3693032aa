"""The Python of docs/python.md runs, in its order, over the real service behind a real socket; so do the commands that
talk to one."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.http.app import create_app
from api.http.listening import Server, listening
from footnote.client import AsyncClient, Client, NotAllowed, NotAuthenticated, NotFound, TooLarge

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SAID = "The rent of Unit 7 is 500 euros per month."
QUESTION = "What is the rent of Unit 7?"


@pytest.fixture
def at(service: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address where the service listens, which is in the environment, with Ana's key."""
    service.parts.script.text = f"{SAID.removesuffix('.')} [1]."
    with socket.socket() as listening_on:
        listening_on.bind(("127.0.0.1", 0))
        port = listening_on.getsockname()[1]
        app = create_app(replace(service.parts.http, stop=lambda: None))
        server = Server(listening(app, "127.0.0.1", port, header_timeout_s=10))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening_on]})
        thread.start()
        url = f"http://127.0.0.1:{port}"
        key = secret(service, "ana", "legal", write=True)
        monkeypatch.setenv("FOOTNOTE_URL", url)
        monkeypatch.setenv("FOOTNOTE_API_KEY", key)
        try:
            yield url
            with Client(url, key) as client:
                for document in client.documents.list().documents:
                    if document.source.startswith("upload/ana/"):
                        client.documents.delete(document.document_id)
        finally:
            server.should_exit = True
            thread.join()


def seen_of(client: Client) -> set[str]:
    return {one.document_id for one in client.documents.list().documents}


def secret(service: Any, *who: str, **scopes: bool) -> str:
    return str(service.key(*who, **scopes)["Authorization"].removeprefix("Bearer "))


def test_every_block_does_what_the_page_says(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    shown = []
    for block in BLOCKS:
        asked = block.replace("When must Kestrel repeat a mock recall?", QUESTION)
        exec(compile(asked, "docs/python.md", "exec"), names)  # noqa: S102
        shown.append(capsys.readouterr().out)
    whole, streamed, found, work, documents, jobs, refused, looped = shown
    assert whole.startswith(f"{SAID}\n[1] ")
    assert "500 euros per month" in whole.split("[1] ")[1]
    assert re.search(r"^answered [0-9a-f-]{36}$", whole, re.MULTILINE)
    assert streamed == f"{SAID}\n1 citations: answered\n"
    assert found == "LEASE OF UNIT 7 | lease.txt\n"
    assert re.search(r"^\S+\.docx$", work.splitlines()[0])
    assert work.splitlines()[-1] == f"LEASE OF UNIT 7 | ['{SAID}']"
    assert documents.splitlines()[0] == "governing_law Ireland"
    assert "'NOTE'" in documents.splitlines()[-1]
    assert "3 of 3, partial" in jobs
    assert re.search(r"^broken.docx \w+ .*damaged", jobs, re.MULTILINE)
    assert jobs.endswith("partial {'added': 2, 'failed': 1}\n")
    assert refused.startswith("404 not_found ")
    assert "422 invalid_request question: " in refused
    assert looped.startswith("answered 1\n")
    assert "rent.txt and 2 more partial" in looped


def test_what_a_person_may_not_do_or_see_is_told_by_its_class(at: str, service: Any) -> None:
    with Client() as ana, Client(at, secret(service, "hal", "hr")) as hal, Client(at, "fn_wrong") as nobody:
        assert {service.lease} == seen_of(ana) & {service.lease, service.salaries}
        assert {service.salaries} == seen_of(hal) & {service.lease, service.salaries}
        with pytest.raises(NotFound):
            hal.documents.text(service.lease)
        with pytest.raises(NotAllowed):
            hal.documents.upload(("a.txt", b"words"), "group:hr")
        with pytest.raises(NotAuthenticated):
            nobody.documents.list()
        with pytest.raises(TooLarge):
            ana.documents.upload(("a.txt", b"x" * 200_000), "group:legal")
        handed_in = ana.jobs.submit(("a.txt", b"A\n\nThe zeppelin waits.\n"), "group:legal", idempotency_key="one")
        again = ana.jobs.submit(("a.txt", b"A\n\nThe zeppelin waits.\n"), "group:legal", idempotency_key="one")
        assert handed_in.id == again.id
        with pytest.raises(NotFound):
            hal.jobs.wait(handed_in.id)
        ended = ana.jobs.wait(handed_in.id, timeout_s=60)
        assert [(file.name, file.outcome) for file in ended.files] == [("a.txt", "added")]


async def test_a_name_with_folders_and_a_file_come_back_as_they_went(at: str, tmp_path: Path) -> None:
    async with AsyncClient() as client:
        words = "ÄRGER\n\nDer Zeppelin kostet 7 €.\n".encode()
        job = await client.jobs.submit(("briefe/größe 1.txt", words), "group:legal", language="de")
        ended = await client.jobs.wait(job.id, timeout_s=60)
        result = ended.files[0].result
        assert result is not None
        assert (result.source, result.language) == ("upload/ana/briefe/größe 1.txt", "de")
        original = await client.documents.original(result.document_id)
        assert original.save(tmp_path).read_bytes() == words
        assert original.name == "größe 1.txt"


def test_the_commands_ask_the_service_that_the_environment_names(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = footnote("ask", QUESTION, "--json")
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert (answer["answer"], answer["status"], answer["model"]["generator"]) == (SAID, "answered", "scripted")
    assert "LEASE OF UNIT 7" in footnote("search", "rent", "--top-k", "1").stdout
    monkeypatch.setenv("FOOTNOTE_API_KEY", "fn_wrong")
    refused = footnote("search", "rent")
    assert refused.returncode == 1
    assert refused.stderr.startswith("footnote: Sign in first: ")


def footnote(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli.main", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
