"""`footnote serve` as a process of its own over a data folder, and keys to ask it with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from api.terminal import UsageError
from evals.systems.installations import Installation, free_port
from evals.systems.quoting import NAME
from retrieval.types import Principal

READY_S = 180.0
_ASKS_EVERY_S = 0.2


def start(
    home: Path, stand_in: str = "", *, quiet: bool = False, **settings: str
) -> tuple[subprocess.Popen[bytes], str]:
    """The process, on a free port of 127.0.0.1, and its address. `stand_in`: the address of `quoting.served`, to be
    used instead of the settings' language model. `quiet`: nothing of what it says is shown. `settings`: more
    of the environment."""
    if os.environ.get("FOOTNOTE_LLM_URL") and stand_in:
        raise UsageError("The stand-in brings its own language model: unset FOOTNOTE_LLM_URL.")
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    kept.setdefault("FOOTNOTE_LOG_LEVEL", "warning")  # not a line for each request
    kept |= {"FOOTNOTE_HOME": str(home), "FOOTNOTE_PORT": str(free_port("127.0.0.1"))}
    kept |= settings
    if stand_in:
        kept |= {"FOOTNOTE_LLM_URL": stand_in, "FOOTNOTE_LLM_MODEL": NAME, "FOOTNOTE_ADAPTER": "none"}
    command = [sys.executable, "-m", "api.cli.main", "serve", "--host", "127.0.0.1"]
    errors = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, stderr=errors)
    return process, f"http://127.0.0.1:{kept['FOOTNOTE_PORT']}"


def wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Until it is ready; raises `UsageError` if it ends before, or is not ready after `READY_S`."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{url}/readyz", timeout=10.0, trust_env=False).status_code == httpx2.codes.OK:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(_ASKS_EVERY_S)
    raise UsageError("The service did not start: run `footnote serve` with the same settings to see why.")


@contextmanager
def keys(parts: Installation, askers: Iterable[Principal], *scopes: str) -> Iterator[Mapping[Principal, str]]:
    """A key of each asker, with these scopes, until the end of the block."""
    before = {key.id for key in parts.api_keys.list()}
    made = {asker: parts.api_keys.create(asker.user, asker.groups, scopes, "bench") for asker in askers}
    new = {key.id for key in parts.api_keys.list()} - before
    try:
        yield made
    finally:
        for key in new:
            parts.api_keys.revoke(key)
