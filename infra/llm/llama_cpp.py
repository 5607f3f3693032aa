"""A llama.cpp server in a child process that is watched, restarted, and dies with its parent.

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
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from generation.errors import GeneratorUnavailable
from infra.llm.llama_cpp_main import EXIT_PORT, MARK

_POLL_S = 0.1
_STABLE_S = 60.0
_LOG_LINES = 5


class _StartFailed(Exception):
    """The child ended, or was not ready in time. `code` is its exit status, None if it had to be ended."""

    def __init__(self, message: str, code: int | None) -> None:
        super().__init__(message)
        self.code = code


class LlamaCppServer:
    """One GGUF model (and one LoRA adapter) behind the OpenAI protocol on the loopback interface.

    Args:
        model_path: the GGUF file.
        context_tokens: prompt and reply of one request, in tokens.
        threads: CPU threads of the model.
        parallel: slots; each holds one request and the cached prefix of its last one.
        port: 0 takes a free one. It stays the same over restarts.
        log_path: gets the child's output; the terminal gets nothing.
        lora_path: a GGUF adapter, applied to every request that does not scale it otherwise.
        start_timeout_s: how long loading may take, in seconds.
        max_restarts: how often a dying server is started again before it is given up.
        note: is told in a few words what happens.

    Every request needs `api_key`, which is drawn anew for each instance.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        context_tokens: int,
        threads: int,
        parallel: int,
        log_path: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        lora_path: Path | None = None,
        start_timeout_s: float = 120.0,
        max_restarts: int = 5,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.api_key = secrets.token_urlsafe(24)
        self._model, self._lora, self._log_path = model_path, lora_path, log_path
        self._sizes = {"--context": context_tokens, "--threads": threads, "--parallel": parallel}
        self._host, self._port, self._any_port = host, port, port == 0
        self._start_timeout_s, self._max_restarts, self._note = start_timeout_s, max_restarts, note
        self._ready, self._settled, self._stopping = threading.Event(), threading.Event(), threading.Event()
        self._failure: str = ""
        self._process: subprocess.Popen[str] | None = None
        self._supervisor: threading.Thread | None = None

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
            raise RuntimeError("a LlamaCppServer is started once")
        # The kernel ends the child when the thread that started it ends, so one thread lives as long as the server.
        self._supervisor = threading.Thread(target=self._supervise, name="llama-cpp", daemon=True)
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
                if not self._settled.is_set() and not (error.code == EXIT_PORT and self._any_port):
                    break
            failures += 1
            if self._stopping.is_set() or failures > self._max_restarts:
                break
            self._note(f"{self._failure} Starting it again ({failures} of {self._max_restarts}).")
            self._stopping.wait(0.25 * 2**failures)
        self._ready.clear()
        self._settled.set()
        if not self._stopping.is_set():
            self._note(f"{self._failure} It is not started again.")

    def _launch(self) -> subprocess.Popen[str]:
        """Start the child and wait until it serves (or `stop`). Raises `_StartFailed`."""
        if self._any_port and not self._settled.is_set():
            self._port = _free_port(self._host)
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("a") as log:
            offset = log.tell()
            self._process = process = self._spawn(log)
        self._note(f"Loading {self._model.name}.")
        deadline = time.monotonic() + self._start_timeout_s
        while not self._stopping.is_set():
            if process.poll() is not None:
                raise _StartFailed(self._explain(process.returncode, offset), process.returncode)
            if time.monotonic() > deadline:
                _end(process)
                raise _StartFailed(
                    f"The language model was not loaded within {self._start_timeout_s:g} s: "
                    f"allow more time or choose a smaller model. Log: {self._log_path}",
                    None,
                )
            if self._answers():
                self._ready.set()
                self._note(f"{self._model.name} is ready.")
                break
            self._stopping.wait(_POLL_S)
        return process

    def _spawn(self, log: IO[str]) -> subprocess.Popen[str]:
        options = {"--model": self._model, "--host": self._host, "--port": self._port, "--parent": os.getpid()}
        if self._lora:
            options["--lora"] = self._lora
        arguments = [str(part) for pair in (options | self._sizes).items() for part in pair]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "infra.llm.llama_cpp_main", *arguments],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the parent
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
        if process.stdin:
            process.stdin.close()
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

    def _explain(self, code: int, offset: int) -> str:
        """What a person should know of a child that ended while loading: its own words, else its last log lines."""
        with self._log_path.open(errors="replace") as log:
            log.seek(offset)
            lines = log.read().strip().splitlines()
        own = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        said = own[-1] if own else f"It ended ({_reason(code)}). " + " / ".join(lines[-_LOG_LINES:])
        return f"The language model server did not start: {said} Log: {self._log_path}"


def _environment() -> dict[str, str]:
    """The parent's, with its import path. Waiting threads spin for some microseconds, then sleep: an adapter's many
    small steps take three times as long if every one of them has to wake a thread, and on cores that others use
    longer spinning costs a factor of ten (docs/benchmarks.md)."""
    path = os.pathsep.join(part for part in sys.path if part)
    return {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "300"} | os.environ | {"PYTHONPATH": path}


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the process to end, and end it if it does not."""
    process.terminate()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(code: int) -> str:
    if code == -signal.SIGKILL:
        return "killed from outside; if nobody did, memory is short: choose a smaller model or context"
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
