"""A service and a worker over one data folder, and a job as its owner's client sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from evals.systems.serving import start, wait

_TIMEOUT_S = 600.0


@dataclass
class Processes:
    """`stand_in`: the language model's place, which nobody asks here."""

    home: Path
    stand_in: str
    key: str
    service: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def serve(self) -> None:
        self.service, self.url = start(self.home, self.stand_in, quiet=True)
        self.headers = {"Authorization": f"Bearer {self.key}"}
        wait(self.service, self.url)

    def work(self) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        command = [sys.executable, "-m", "api.cli.main", "worker"]
        kept |= {"FOOTNOTE_HOME": str(self.home)}
        self.worker = subprocess.Popen(command, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, what: str) -> None:
        """kill -9 of the `service` or the `worker`, which starts again."""
        process = self.service if what == "service" else self.worker
        assert process is not None
        process.kill()
        process.wait()
        self.serve() if what == "service" else self.work()

    def stop(self) -> None:
        for process in (self.service, self.worker):
            if process is not None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()

    def get(self, path: str) -> dict[str, Any]:
        return self._asked("GET", path)

    def post(self, path: str, **sent: Any) -> dict[str, Any]:
        return self._asked("POST", path, **sent)

    def hand_in(self, files: Sequence[tuple[str, bytes]], key: str = "") -> str:
        """One job of all of them; its id."""
        form = [("files", file) for file in files]
        headers = {"Idempotency-Key": key} if key else {}
        found = self._asked("POST", "/v1/jobs", files=form, data={"allow": "group:legal"}, headers=headers)
        return str(found["id"])

    def _asked(self, method: str, path: str, headers: Mapping[str, str] | None = None, **sent: Any) -> dict[str, Any]:
        told = {**self.headers, **(headers or {})}
        with httpx2.Client(timeout=_TIMEOUT_S, trust_env=False) as client:
            answer = client.request(method, f"{self.url}{path}", headers=told, **sent).raise_for_status()
            found: dict[str, Any] = answer.json()
        return found


def ended(processes: Processes, job_id: str, every_s: float = 0.5) -> dict[str, Any]:
    """The job once nothing of it waits."""
    while (job := processes.get(f"/v1/jobs/{job_id}?limit=1"))["finished_at"] is None:
        time.sleep(every_s)
    return job
