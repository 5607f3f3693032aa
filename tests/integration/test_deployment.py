"""The image and the compose file: what reviewers ask of them, what they promise, and their own commands where those can run
without Docker. That the image builds and starts is not shown here: there is no Docker where these tests run."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import yaml  # type: ignore[import-untyped]
from psycopg import sql

from infra.deploy.start import environment
from infra.postgres.migrate import migrate
from infra.postgres.pool import open_pool
from infra.postgres.server import bundled_programs

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "infra" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def instructions(dockerfile: str = DOCKERFILE) -> list[tuple[str, str]]:
    """Keyword and rest of each instruction, continued lines joined."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line.strip()]


def final_stage() -> list[tuple[str, str]]:
    told = instructions()
    last = max(at for at, (word, _) in enumerate(told) if word == "FROM")
    return told[last:]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def faults(dockerfile: str) -> set[str]:
    """What a reviewer of Dockerfiles would ask to change."""
    found = set()
    for word, rest in instructions(dockerfile):
        if word in {"CMD", "ENTRYPOINT"} and not rest.startswith("["):
            found.add(f"{word} goes through a shell")
        if word == "HEALTHCHECK" and "CMD [" not in rest:
            found.add("HEALTHCHECK goes through a shell")
        if word == "WORKDIR" and not rest.startswith("/"):
            found.add("WORKDIR depends on the base")
        if word == "RUN":
            found |= _run_faults(rest)
    return found


def _run_faults(command: str) -> set[str]:
    called = re.split(r"\s*(?:&&|\|\||;)\s*", command)
    found = {f"RUN calls {name}" for name in ("sudo", "curl", "wget", "cd", "apt-get", "chmod") for one in called if one.split()[0] == name}  # fmt: skip
    if subprocess.run(["sh", "-n", "-c", command], capture_output=True, check=False).returncode:
        found.add("RUN is no shell command")
    if re.search(r"(?<!\|)\|(?!\|)", command):
        found.add("RUN hides what fails before a pipe")
    if "pip install" in command and not {"--no-cache-dir", "constraints.txt"} <= set(command.split()):
        found.add("pip keeps a cache, or takes any version")
    if "npm install" in command:
        found.add("npm takes any version")
    return found


def test_the_image_is_built_as_reviewers_of_dockerfiles_ask() -> None:
    assert faults(DOCKERFILE) == set()


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('CMD ["serve"]', "CMD serve"),
        ("WORKDIR /src\nCOPY pyproject", "WORKDIR src\nCOPY pyproject"),
        ("--no-cache-dir ", ""),
        ("npm ci", "npm install"),
        ("RUN groupadd", "RUN apt-get update && groupadd"),
        ("RUN groupadd", "RUN if groupadd"),
        ("RUN npm run", "RUN true | npm run"),
        ('CMD ["python", "/opt/footnote/deploy/healthcheck.py"]', "CMD python healthcheck.py"),
    ],
)
def test_each_such_fault_is_seen(good: str, bad: str) -> None:
    assert good in DOCKERFILE
    assert len(faults(DOCKERFILE.replace(good, bad, 1))) == 1


def test_the_compose_file_is_what_its_schema_says(tmp_path: Path) -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    (tmp_path / "good.yaml").write_text(text)
    (tmp_path / "bad.yaml").write_text(text.replace("cap_drop: [ALL]", "cap_drop: ALL"))
    assert [subprocess.run([*command, tmp_path / name], capture_output=True, check=False).returncode for name in ("good.yaml", "bad.yaml")] == [0, 1]  # fmt: skip


def test_every_base_is_pinned_and_nothing_runs_as_root() -> None:
    bases = [rest for word, rest in instructions() if word == "FROM"]
    assert all(re.search(r":\S+@\$\{\w+_DIGEST\}", base) for base in bases)
    assert not [rest for word, rest in instructions() if word == "ARG" and "=" in rest]
    final = final_stage()
    users = [rest for word, rest in final if word == "USER"]
    assert users == ["10001:10001"]
    words = [word for word, _ in final]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "HEALTHCHECK" in words
    assert not [word for word in words[words.index("USER") :] if word in {"RUN", "COPY", "ADD"}]


def test_no_secret_can_get_into_a_layer() -> None:
    named = [rest for word, rest in instructions() if word in {"ARG", "ENV"}]
    assert not [rest for rest in named if re.search(r"(?i)password|secret|token|api_?key|credential", rest)]
    assert "ADD" not in {word for word, _ in instructions()}
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    assert {"**/.env", "**/*.key", "**/*.pem", "**/secrets"} <= set(ignored)


def test_every_service_is_confined_watched_and_limited(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "models", "service", "worker"}
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert "privileged" not in service, name
        assert name == "models" or service["healthcheck"]["test"][0] == "CMD", name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        given = service["environment"]
        assert not [k for k in given if re.search("PASSWORD|KEY|SECRET|TOKEN", k) and not k.endswith("_FILE")], name
        assert "@" not in given.get("DATABASE_URL", "").replace("footnote@/", ""), name
    assert compose["services"]["postgres"]["network_mode"] == "none"
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())
    assert {v.split(":")[0] for s in compose["services"].values() for v in s["volumes"] if v[0] != "."} == set(
        compose["volumes"]
    )


def test_what_the_containers_run_are_commands_of_footnote(compose: dict[str, Any]) -> None:
    called = [json.loads(rest) for word, rest in final_stage() if word == "CMD"]
    called += [service["command"] for name, service in compose["services"].items() if name != "postgres"]
    called.append(compose["services"]["worker"]["healthcheck"]["test"][3:])
    assert called[0] == ["serve"]
    for arguments in called:
        command = [sys.executable, "-m", "api.cli.main", *arguments, "--help"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr)


def test_the_files_that_are_copied_are_enough_to_build_the_program(tmp_path: Path) -> None:
    """The build stage's COPY and RUN in a folder of its own, without the dependencies and without the page's stage."""
    stage = DOCKERFILE.partition("AS program")[2].partition("\nFROM")[0]
    source = tmp_path / "src"
    for line in re.findall(r"^COPY (?!--from)(.+)$", stage, re.MULTILINE):
        *names, target = line.split()
        for name in names:
            place = source / target / (name if target == "./" else "")
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__", "static"))
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)
    static = source / "api" / "http" / "static"
    static.mkdir()
    (static / "index.html").write_text("page")
    installing = re.search(r"-m (pip install .*)$", stage, re.MULTILINE)
    assert installing is not None
    assert installing[1].endswith("-c constraints.txt '.[cpu,ocr]'")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("footnote-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {"api/http/static/index.html", "infra/postgres/queries.sql", "infra/models/manifest.toml", "infra/config/local.toml"} <= held  # fmt: skip
    assert {
        f"infra/postgres/migrations/{path.name}" for path in (ROOT / "infra/postgres/migrations").glob("*.sql")
    } <= held
    assert not [name for name in held if name.startswith(("tests/", "findings/"))]


def test_secrets_come_from_files_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    given = {
        "PGPASSWORD_FILE": str(secret),
        "FOOTNOTE_LLM_API_KEY_FILE": str(secret),
        "SSL_CERT_FILE": "/x",
        "HOME": "/",
    }
    assert environment(given) == {
        "PGPASSWORD": "hunter2", "FOOTNOTE_LLM_API_KEY": "hunter2", "SSL_CERT_FILE": "/x", "HOME": "/",
    }  # fmt: skip
    with pytest.raises(ValueError, match="either"):
        environment({"PGPASSWORD_FILE": str(secret), "PGPASSWORD": "x"})
    command = [sys.executable, DEPLOY / "start.py", "--help"]
    variables = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PGPASSWORD_FILE": str(secret)}
    program = tmp_path / "footnote"
    program.write_text('#!/bin/sh\necho "$PGPASSWORD $PGPASSWORD_FILE $*"\n')
    program.chmod(0o755)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["hunter2", "--help"]
    gone = subprocess.run(
        command, env=variables | {"PGPASSWORD_FILE": "/x/y"}, capture_output=True, text=True, check=False
    )
    assert (gone.returncode, "Traceback" in gone.stderr) == (1, False)


@pytest.fixture(params=[200, 503])
def answering(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A service on some port that answers everything with this status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, request.param
        server.shutdown()
        thread.join()


def test_the_health_check_is_what_the_service_says(answering: tuple[int, int]) -> None:
    port, status = answering
    (check,) = (rest for word, rest in final_stage() if word == "HEALTHCHECK")
    told = json.loads(check.partition("CMD ")[2])
    assert told == ["python", "/opt/footnote/deploy/healthcheck.py"]
    copied = next(rest for word, rest in final_stage() if word == "COPY" and "healthcheck.py" in rest)
    assert copied.split()[-1] == "/opt/footnote/deploy/"
    for at, code in ((port, 0 if status == 200 else 1), (1, 1)):
        command = [sys.executable, DEPLOY / "healthcheck.py"]
        done = subprocess.run(command, env=os.environ | {"FOOTNOTE_PORT": str(at)}, check=False, capture_output=True)
        assert done.returncode == code


def test_the_database_that_the_container_makes_takes_the_migrations(server_folder: Path, tmp_path: Path) -> None:
    """The script that the PostgreSQL image runs, against a server of its own; then Footnote as the role that it made."""
    from infra.postgres.server import embedded_server

    secret = tmp_path / "database_password"
    secret.write_text("pass'word\n")
    with embedded_server(server_folder) as server:
        with psycopg.connect(server.url) as conn:
            socket = conn.info.host
        folder = str(bundled_programs()[-1])
        variables = os.environ | {
            "PATH": f"{folder}:{os.environ['PATH']}", "PGHOST": socket, "FOOTNOTE_PASSWORD_FILE": str(secret),
        }  # fmt: skip
        done = subprocess.run(
            [DEPLOY / "postgres" / "10-footnote.sh"], env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        url = f"postgresql://footnote@/footnote?host={quote(socket, safe='')}"
        with open_pool(url) as pool:
            assert migrate(pool)
        with psycopg.connect(server.url) as conn:
            powers = (
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = 'footnote'"
            )
            assert conn.execute(powers).fetchone() == (False, False, False, True)
            assert conn.execute(sql.SQL("SELECT {}").format(sql.Literal(uuid4().hex))).fetchone()
