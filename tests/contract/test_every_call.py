"""Schemathesis asks every call what its description allows and what it forbids, and chains calls as a client would:
nothing is a server error, and what is described is what is enforced."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from api.http.auth import ALL_SCOPES

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]


@pytest.fixture(scope="module")
def served(
    start: Callable[..., Any], provider: rsa.RSAPrivateKey, of_provider: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The address of a service of its own, and a token for it that carries every scope."""
    import uvicorn

    from api.http.app import create_app

    pem = provider.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = start(
        max_upload_bytes=100_000,
        jwt_public_key=pem.decode(),
        jwt_issuer=of_provider["iss"],
        jwt_audience=of_provider["aud"],
    )
    parts.script.text = "The rent of Unit 7 is 500 euros. [1]"
    claims = of_provider | {"sub": "ana", "groups": ["legal", "hr"], "scope": " ".join(ALL_SCOPES)}
    claims |= {"exp": time.time() + 3600}
    secret = jwt.encode(claims, provider, "RS256")  # no API key: among what is asked for is to revoke them all
    parts.pipeline.ingest(
        b"The rent of Unit 7 is 500 euros.", "lease.txt", "files/lease.txt", frozenset({"group:legal"})
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", secret
        server.should_exit = True
        thread.join(20)


@pytest.mark.timeout(900)
def test_every_call_is_as_described(served: tuple[str, str], tmp_path: Path) -> None:
    address, secret = served
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {secret}", "--no-color"),
    ]
    told = os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=told, timeout=800)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "✅ Stateful" in run.stdout
