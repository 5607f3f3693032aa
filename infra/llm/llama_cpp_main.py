"""The child process of `LlamaCppServer`: one GGUF model behind llama.cpp's own OpenAI-compatible server.

That server is a thread of this process (xllamacpp), or a process that this one starts (`--program`). Run as
`python -m infra.llm.llama_cpp_main`. The first line of stdin is the API key; the end of stdin means that the parent is
gone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

from infra.llm.child import EXIT_MODEL, EXIT_PROGRAM, attached, check_memory, check_model, die_with_parent, fail, say

# Tokens that go through the model at once. Fixed, because logits depend on it. Larger is not faster, and a cancelled
# request is only noticed between two batches.
_BATCH = 128


def main() -> None:
    """Serve until the parent ends this process or goes away."""
    args = _arguments()
    key = attached(args.parent)
    check_model(args.model)
    if args.lora:
        check_model(args.lora)
    check_memory(args.model)
    if args.program:
        _run(args, key)
    server = _serve(args, key)
    say(f"serving at {server.listening_address}")
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
        fail(EXIT_MODEL, f"{args.model.name} cannot be loaded as a model: fetch it again, it may be damaged.")


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
            preexec_fn=lambda: die_with_parent(own),
        )  # fmt: skip
    except OSError as error:
        fail(
            EXIT_PROGRAM,
            f"FOOTNOTE_LLAMA_SERVER: {args.program} cannot be run ({error.strerror}): correct the path, or unset it to "
            "use the llama.cpp that comes with Footnote.",
        )
    code = server.wait()
    if code < 0:
        os.kill(os.getpid(), -code)  # the parent is to see how it ended
    sys.exit(code)


if __name__ == "__main__":
    main()
