"""A language model server in a child process that is watched, restarted, and ends with its parent.

A crash in native code takes the child down, never the service.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from generation.errors import GeneratorUnavailable

MARK = "footnote: "  # begins a line of the log that is for a person
_POLL_S = 0.1
_STABLE_S = 60.0
_LOG_LINES = 5
_END_S = 5.0


class _StartFailed(Exception):
    """The child ended, or was not ready in time."""


class ModelServer(ABC):
    """What the engines share: an OpenAI-compatible server on the loopback interface, in a child process.

    The first line that the child reads from stdin is the API key; the end of stdin means that the parent is gone.
    All processes that the child starts end with it.

    Args:
        loads: what is loaded, for messages.
        log_path: gets the child's output; the terminal gets nothing.
        port: 0 takes a free one. It stays the same over restarts.
        start_timeout_s: how long loading may take, in seconds.
        max_restarts: how often a dying server is started again before it is given up.
        note: is told in a few words what happens.

    Every request needs `api_key`, which is drawn anew for each instance.
    """

    def __init__(
        self,
        loads: str,
        *,
        log_path: Path,
        host: str,
        port: int,
        start_timeout_s: float,
        max_restarts: int,
        note: Callable[[str], None],
    ) -> None:
        self.api_key = secrets.token_urlsafe(24)
        self._loads, self._log_path = loads, log_path
        self._host, self._port, self._any_port = host, port, port == 0
        self._start_timeout_s, self._max_restarts, self._note = start_timeout_s, max_restarts, note
        self._ready, self._settled, self._stopping = threading.Event(), threading.Event(), threading.Event()
        self._failure = "The language model server did not start."
        self._process: subprocess.Popen[str] | None = None
        self._supervisor: threading.Thread | None = None

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The child's command line, asked for at every start."""

    @abstractmethod
    def _environment(self) -> Mapping[str, str]:
        """The child's environment."""

    @property
    def url(self) -> str:
        """Base address for an OpenAI client."""
        return f"http://{self._host}:{self._port}/v1"

    @property
    def healthy(self) -> bool:
        """False while it loads or restarts, and for good once it has been given up."""
        process = self._process
        return self._ready.is_set() and process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id of the child, None if there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child and wait until it serves. Raises `GeneratorUnavailable`."""
        if self._supervisor:
            raise RuntimeError("a server is started once")
        # The kernel ends the child when the thread that started it ends, so one thread lives as long as the server.
        self._supervisor = threading.Thread(target=self._supervise, name="footnote-model-server", daemon=True)
        self._supervisor.start()
        self._settled.wait()
        if not self._ready.is_set():
            self.stop()
            raise GeneratorUnavailable(self._failure)

    def stop(self) -> None:
        """End the child and wait for it. May be called twice."""
        self._stopping.set()
        if self._supervisor:
            self._supervisor.join()

    def _supervise(self) -> None:
        """Whatever becomes of the child, `start` is told."""
        try:
            self._keep_running()
        finally:
            self._ready.clear()
            self._settled.set()
        if not self._stopping.is_set():
            self._note(f"{self._failure} It is not started again.")

    def _keep_running(self) -> None:
        """Start, watch and restart the child until `stop` or until it has failed too often."""
        failures = 0
        while not self._stopping.is_set():
            try:
                process = self._launch()
                started = time.monotonic()
                self._settled.set()
                code = self._watch(process)
                failures = 0 if time.monotonic() - started > _STABLE_S else failures
                self._failure = f"The language model server ended ({_reason(code)})."
            except _StartFailed as error:
                self._failure = str(error)
                if not self._settled.is_set() and not (self._any_port and self._port_is_taken()):
                    break
            failures += 1
            if self._stopping.is_set() or failures > self._max_restarts:
                break
            self._note(f"{self._failure} Starting it again ({failures} of {self._max_restarts}).")
            self._stopping.wait(0.25 * 2**failures)

    def _launch(self) -> subprocess.Popen[str]:
        """Start the child and wait until it serves (or `stop`). Raises `_StartFailed`."""
        try:
            return self._started()
        except OSError as error:
            raise _StartFailed(
                f"The language model server did not start: {error}. Correct the path, or let Footnote write there."
            ) from error

    def _started(self) -> subprocess.Popen[str]:
        if self._any_port and not self._settled.is_set():
            self._port = free_port(self._host)
        if why := self._port_is_taken():
            raise _StartFailed(
                f"The language model server did not start: port {self._port} on {self._host} is not free ({why}): "
                "end what uses it or take another."
            )
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("a") as log:
            offset = log.tell()
            self._process = process = self._spawn(log)
        self._note(f"Loading {self._loads}.")
        deadline = time.monotonic() + self._start_timeout_s
        while not self._stopping.is_set():
            if process.poll() is not None:
                _bury(process)
                raise _StartFailed(self._explain(process.returncode, offset))
            if time.monotonic() > deadline:
                _end(process)
                _bury(process)
                raise _StartFailed(
                    f"The language model was not loaded within {self._start_timeout_s:g} s: start again when this "
                    f"machine is less busy, or choose a smaller model. Log: {self._log_path}"
                )
            if self._answers():
                self._ready.set()
                self._note(f"{self._loads} is ready.")
                break
            self._stopping.wait(_POLL_S)
        return process

    def _spawn(self, log: IO[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            env=self._environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the parent; and its processes are one group
        )
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(self.api_key + "\n")
                process.stdin.flush()
        return process

    def _watch(self, process: subprocess.Popen[str]) -> int:
        """Wait for the child's end, ending it on `stop`. Returns its exit status."""
        while process.poll() is None:
            if self._stopping.wait(_POLL_S):
                _end(process)
        self._ready.clear()
        _bury(process)
        return process.returncode

    def _answers(self) -> bool:
        """Whether the server has loaded its model and knows our key (so it is ours)."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=2.0)
        try:
            connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {self.api_key}"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _port_is_taken(self) -> str:
        """Why nothing can listen there; empty if something can."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._host, self._port))
            except OSError as error:
                return error.strerror or str(error)
        return ""

    def _explain(self, code: int, offset: int) -> str:
        """What a person should know of a child that ended while loading: its own words, else its last log lines."""
        with self._log_path.open(errors="replace") as log:
            log.seek(offset)
            lines = log.read().strip().splitlines()
        own = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        said = own[-1] if own else f"It ended ({_reason(code)}). " + " / ".join(lines[-_LOG_LINES:])
        return f"The language model server did not start: {said} Log: {self._log_path}"


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the process to end, and end it if it does not."""
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _bury(process: subprocess.Popen[str]) -> None:
    """End what an ended child has left running, and close its stdin."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):  # a key that it never read
            process.stdin.close()


def _reason(code: int) -> str:
    if code == -signal.SIGKILL:
        return "killed from outside; if nobody did, memory is short: choose a smaller model or context"
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def free_port(host: str) -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
