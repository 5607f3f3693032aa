"""The child process of `LlamaCppServer`: one GGUF model behind llama.cpp's own OpenAI-compatible server.

That server is a thread of this process (xllamacpp), or a process that this one starts (`--program`). Run as
`python -m infra.llm.llama_cpp_main`. The first line of stdin is the API key; the end of stdin means that the parent is
gone. What goes wrong is written to stderr behind `MARK`, for a person who sees nothing else.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from infra.llm.server import MARK

EXIT_MODEL, EXIT_PROGRAM, EXIT_MEMORY = 10, 11, 12
_PR_SET_PDEATHSIG = 1
_SPARE_BYTES = 256 << 20
# Tokens that go through the model at once. Fixed, because logits depend on it. Larger is not faster, and a cancelled
# request is only noticed between two batches.
_BATCH = 128


def main() -> None:
    """Serve until the parent ends this process or goes away."""
    args = _arguments()
    _die_with_parent(args.parent)
    key = sys.stdin.readline().strip()
    threading.Thread(target=_exit_at_eof, name="parent-watch", daemon=True).start()
    _check_model(args.model)
    if args.lora:
        _check_model(args.lora)
    _check_memory(args.model)
    if args.program:
        _run(args, key)
    server = _serve(args, key)
    _say(f"serving at {server.listening_address}")
    threading.Event().wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lora", type=Path)
    parser.add_argument("--program", type=Path, help="llama-server in place of xllamacpp")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context", type=int, required=True, help="tokens of each slot")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--parallel", type=int, required=True, help="slots")
    parser.add_argument("--parent", type=int, required=True, help="process id of the parent")
    return parser.parse_args()


def _serve(args: argparse.Namespace, key: str) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(args.model)
    params.model_alias = {args.model.stem}
    if args.lora:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(args.lora), 1.0)]
    params.hostnames, params.port, params.api_keys, params.ui = [args.host], args.port, [key], False
    params.n_ctx, params.n_parallel, params.fit_params = args.context * args.parallel, args.parallel, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = args.threads
    params.n_batch = params.n_ubatch = _BATCH
    params.cache_ram_mib = 0  # no second cache outside the slots: it would outlive a revoked right
    params.cors_origins = "null"
    params.verbosity = 2
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        _fail(EXIT_MODEL, f"{args.model.name} cannot be loaded as a model: fetch it again, it may be damaged.")


def _run(args: argparse.Namespace, key: str) -> NoReturn:
    """llama-server with the same parameters as in `_serve`; ends with it, and it with this process."""
    options = {
        "--model": args.model,
        "--alias": args.model.stem,
        "--host": args.host,
        "--port": args.port,
        "--ctx-size": args.context * args.parallel,
        "--parallel": args.parallel,
        "--threads": args.threads,
        "--batch-size": _BATCH,
        "--ubatch-size": _BATCH,
        "--cache-ram": 0,
        "--fit": "off",
        "--cors-origins": "null",
        "--verbosity": 2,
    }
    if args.lora:
        options["--lora"] = args.lora
    command = [str(args.program), "--no-ui", *(str(part) for pair in options.items() for part in pair)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLAMA_")}
    own = os.getpid()
    try:
        server = subprocess.Popen(
            command, env=kept | {"LLAMA_API_KEY": key}, stdin=subprocess.DEVNULL,
            preexec_fn=lambda: _die_with_parent(own),
        )  # fmt: skip
    except OSError as error:
        _fail(
            EXIT_PROGRAM,
            f"FOOTNOTE_LLAMA_SERVER: {args.program} cannot be run ({error.strerror}): correct the path, or unset it to "
            "use the llama.cpp that comes with Footnote.",
        )
    code = server.wait()
    if code < 0:
        os.kill(os.getpid(), -code)  # the parent is to see how it ended
    sys.exit(code)


def _fail(code: int, message: str) -> NoReturn:
    _say(message)
    os._exit(code)


def _say(message: str) -> None:
    sys.stderr.write(f"{MARK}{message}\n")
    sys.stderr.flush()


def _check_model(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        _fail(EXIT_MODEL, f"{path} cannot be read ({error.strerror}): fetch the models or correct the path.")
    if magic != b"GGUF":
        _fail(EXIT_MODEL, f"{path} is not a GGUF model: fetch the models again or correct the path.")


def _check_memory(model: Path) -> None:
    """Refuse early what the kernel would kill later. Only where Linux says how much is available."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) << 10
    needed = model.stat().st_size + _SPARE_BYTES
    if available < needed:
        _fail(
            EXIT_MEMORY,
            f"{model.name} needs {needed >> 20} MiB of memory and {available >> 20} MiB are available: "
            "free some or choose a smaller model.",
        )


def _die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the parent's thread that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(0)


def _exit_at_eof() -> None:
    sys.stdin.read()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with llama-server, where there is one
    os._exit(0)


if __name__ == "__main__":
    main()
