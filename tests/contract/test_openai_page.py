"""The Python of docs/openai.md runs, in its order, over the real service behind a real socket."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.http.app import create_app
from api.http.listening import Server, listening

PAGE = (Path(__file__).parents[2] / "docs" / "openai.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SAID = "The rent of Unit 7 is 500 euros per month."


def test_every_block_does_what_the_page_says(
    service: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service.parts.script.text = f"{SAID.removesuffix('.')} [1]."
    monkeypatch.setenv("FOOTNOTE_API_KEY", service.key("ana", "legal")["Authorization"].removeprefix("Bearer "))
    names: dict[str, Any] = {"__name__": "page"}
    shown = []
    with socket.socket() as listening_on:
        listening_on.bind(("127.0.0.1", 0))
        port = listening_on.getsockname()[1]
        monkeypatch.setenv("FOOTNOTE_URL", f"http://127.0.0.1:{port}")
        app = create_app(replace(service.parts.http, stop=lambda: None))
        server = Server(listening(app, "127.0.0.1", port, header_timeout_s=10))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening_on]})
        thread.start()
        try:
            for block in BLOCKS:
                asked = block.replace("When must Kestrel repeat a mock recall?", "What is the rent of Unit 7?")
                exec(compile(asked, "docs/openai.md", "exec"), names)  # noqa: S102
                shown.append(capsys.readouterr().out)
        finally:
            server.should_exit = True
            thread.join()
    whole, streamed, chained, refused = shown
    assert whole.startswith(f"{SAID}\n[1] ")
    assert "500 euros per month" in whole.split("[1] ")[1]
    assert re.search(r"^answered [0-9a-f-]{36}$", whole, re.MULTILINE)
    assert streamed == f"{SAID}\n 1 citations: answered\n"
    assert chained == f"{SAID} 1 answered\nTrue 1\n"
    assert refused.startswith("stop invalid_request Error code: 400")
