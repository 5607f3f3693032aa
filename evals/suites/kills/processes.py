"""The processes of an installation that are killed, and the one beside it that is not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil  # type: ignore[import-untyped]

from evals.systems.serving import start, wait

SMALLEST = {
    "FOOTNOTE_GENERATOR": "SmolLM2-135M-Instruct",
    "FOOTNOTE_ENGINE": "llama.cpp",
    "FOOTNOTE_ADAPTER": "none",
    "FOOTNOTE_MAX_TOKENS": "64",
}
_LIGHT = {"FOOTNOTE_OCR": "off", "FOOTNOTE_WORKERS": "1"}
_MODEL = ("llama_cpp_main", "openvino_main", "llama-server")
_END_S = 20.0
_BACK_S = 60.0  # within which a service has to be ready again whose database or model was killed


@dataclass
class Processes:
    """A service and, if wanted, a worker over one home. `stand_in`: of the language model, "" for `settings`'."""

    home: Path
    stand_in: str
    settings: Mapping[str, str] = field(default_factory=dict)
    with_worker: bool = True
    service: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    url: str = ""

    def start(self) -> float:
        """Starts what does not run, and waits until the service is ready; seconds. Raises `UsageError`."""
        began = time.perf_counter()
        if self.service is None or self.service.poll() is not None:
            self.service, self.url = start(self.home, self.stand_in, quiet=True, **_LIGHT, **self.settings)
        if self.with_worker and (self.worker is None or self.worker.poll() is not None):
            self.worker = self.program("worker")
        wait(self.service, self.url)
        return time.perf_counter() - began

    def recovered(self) -> bool:
        """Whether a service that was not killed itself is ready again in time."""
        deadline = time.monotonic() + _BACK_S
        while time.monotonic() < deadline and self.service and self.service.poll() is None:
            with suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.url}/readyz", timeout=10.0, trust_env=False).status_code == httpx2.codes.OK:
                    return True
            time.sleep(0.1)
        return False

    def program(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`footnote` with these arguments, over the home."""
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        kept |= {"FOOTNOTE_HOME": str(self.home), **_LIGHT}
        command = [sys.executable, "-m", "api.cli.main", *arguments]
        return subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, target: str, program: subprocess.Popen[bytes] | None) -> bool:
        """kill -9; False if it was not there to be killed."""
        if target in ("database", "backend"):
            return _kill(_database(self.home, backend=target == "backend"))
        if target == "model":
            return _kill([one for one in _family(self.service) if _is_model(one)])
        process = {"service": self.service, "worker": self.worker, "program": program}[target]
        found = _kill(_family(process))
        if process is not None:
            process.wait()
        return found

    def stop(self) -> None:
        for process in (self.service, self.worker):
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _family(process: subprocess.Popen[bytes] | None) -> list[psutil.Process]:
    """A process and all that it has started, itself first."""
    if process is None or process.poll() is not None:
        return []
    try:
        first = psutil.Process(process.pid)
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []


def _is_model(process: psutil.Process) -> bool:
    try:
        return any(name in " ".join(process.cmdline()) for name in _MODEL)
    except psutil.Error:
        return False


def _database(home: Path, *, backend: bool) -> list[psutil.Process]:
    """The embedded server's first process, or one of those that serve a connection."""
    try:
        first = psutil.Process(int((home / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0]))
        if not backend:
            return [first]
        return [one for one in first.children() if "footnote" in one.name() or "postgres postgres" in _title(one)][:1]
    except (OSError, ValueError, IndexError, psutil.Error):
        return []


def _title(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def _kill(processes: Sequence[psutil.Process]) -> bool:
    killed = False
    for process in processes:
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                process.kill()
                killed = True
    return killed
