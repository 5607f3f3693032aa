"""All generated files of the client, from today's description."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from api.client_writer.calls import calls, events
from api.client_writer.models import models
from api.client_writer.operations import operations
from api.http.app import create_app

ROOT = Path(__file__).parents[2]
CLIENT = "footnote/client"
HEAD = "# Written by `python -m api.client_writer`: change the API, or the writer.\n"
# As httpcore does it: what awaits is written by hand, what blocks is made of it.
_BLOCKING = {
    "AsyncBaseTransport": "BaseTransport",
    "AsyncClient": "Client",
    "AsyncIterator": "Iterator",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "_async": "_sync",
    "aclose": "close",
    "aiter_bytes": "iter_bytes",
    "aread": "read",
}


def written() -> dict[str, str]:
    """The text of each file by its path from the root, formatted."""
    spec = create_app(None).openapi()
    found = operations(spec)
    files = {
        f"{CLIENT}/models.py": models(spec, found),
        f"{CLIENT}/events.py": events(found),
        f"{CLIENT}/_async/calls.py": calls(found, spec),
    }
    done = {place: _tidy(place, HEAD + text) for place, text in files.items()}
    for path in sorted((ROOT / CLIENT / "_async").glob("*.py")):
        place = f"{CLIENT}/_async/{path.name}"
        text = done.get(place) or path.read_text(encoding="utf-8")
        to = f"{CLIENT}/_sync/{path.name}"
        done[to] = _tidy(to, HEAD + blocking(text.removeprefix(HEAD)))
    return done


def blocking(text: str) -> str:
    """The same without an event loop."""
    for pattern, instead in (
        (r"^import asyncio\nimport time\n", "import time\n"),
        (r"^import asyncio\n", "import time\n"),
        (r"\basyncio\.sleep\b", "time.sleep"),
        (r"\basync (def|for|with)\b", r"\1"),
        (r"\bawait ", ""),
        (r"  # noqa: ASYNC\d+.*", ""),
        (r'^"""For programs with an event loop\..*', '"""For programs without an event loop."""'),
    ):
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return re.sub(r"\w+", lambda word: _BLOCKING.get(word[0], word[0]), text)


def _tidy(place: str, text: str) -> str:
    """As ruff has it for a file of this place."""
    ruff: list[Any] = [Path(sys.executable).with_name("ruff")]
    for command in (["check", "--fix-only", "--quiet"], ["format"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename", ROOT / place, "-"],
            cwd=ROOT, input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        text = done.stdout
    return text
