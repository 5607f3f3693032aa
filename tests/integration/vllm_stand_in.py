"""A stand-in for vLLM: what is started, told and asked of it here, without a model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from api.wiring.adapter_in_use import held
from infra.llm.runtime_adapters import RunningVllm
from infra.llm.vllm import VllmServer

# Serves what is asked of vLLM here, writes its command line and key to its log, and has a second process as vLLM has.
STAND_IN = """
import json, os, subprocess, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

given, key = sys.argv[1:], os.environ["VLLM_API_KEY"]
names = {given[given.index("--served-model-name") + 1]}
if "--lora-modules" in given:
    names |= {part.split("=")[0] for part in given[given.index("--lora-modules") + 1:] if "=" in part}
engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("arguments", given, "engine", engine.pid, flush=True)

class Handler(BaseHTTPRequestHandler):
    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        ours = self.headers["Authorization"] == f"Bearer {key}"
        self.answer(200 if ours else 401, {"data": [{"id": name} for name in names]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/chat/completions":
            return self.answer(200, {"system_fingerprint": "vllm-0.32.0-stand-in"})
        if self.path == "/v1/unload_lora_adapter":
            names.discard(asked["lora_name"])
        elif asked["lora_name"] in names:
            return self.answer(400, {"error": {"message": "has already been loaded"}})
        elif not os.path.isdir(asked["lora_path"]):
            return self.answer(404, {"error": {"message": "No adapter found"}})
        else:
            names.add(asked["lora_name"])
        self.answer(200, {})

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(given[given.index("--port") + 1])), Handler).serve_forever()
"""


def written(folder: Path) -> Path:
    """The folder, for PYTHONPATH."""
    package = folder / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    for place in (package, package.parent, package.parent.parent):
        (place / "__init__.py").touch()
    (package / "api_server.py").write_text(STAND_IN)
    return folder


def served(server: VllmServer) -> frozenset[str]:
    return RunningVllm(server.url, server.api_key).served()


def engine(log: Path) -> int:
    """Process id of the last engine."""
    return int(log.read_text().rpartition("engine ")[2].split()[0])


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(true: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def peft(folder: Path) -> str:
    """A folder in PEFT's form, as far as the stand-in looks, and its digest."""
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(folder.name.encode())
    (folder / "adapter_config.json").write_bytes(b"{}")
    return held(folder)["adapter_model.safetensors"]
