"""The import contracts hold, and each of them would notice a violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "retrieval", "generation", "infra", "api", "evals")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return folder


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("ingest/types.py", "import retrieval.types", "Imports point one way"),
        ("retrieval/search/fusion.py", "import api.http.schemas", "Imports point one way"),
        ("retrieval/context/context.py", "import ingest.chunking", "Packages meet only at types, protocols and errors"),
        (
            "generation/gate/claims.py",
            "import retrieval.search.hybrid",
            "Generation and infra know retrieval by its types",
        ),
        ("infra/files/blobs.py", "import generation.answering.service", "Infra knows generation by its types"),
        ("api/http/routes/query.py", "import infra.postgres.pool", "Only bootstrap puts real parts together"),
        ("api/http/deps.py", "import api.wiring.answers", "Only bootstrap puts real parts together"),
        ("api/wiring/answering.py", "import api.bootstrap", "Only entry points know the whole"),
        ("api/http/openapi.py", "import api.bootstrap", "Only entry points know the whole"),
    ],
)
def test_a_violation_is_noticed(copied: Path, file: str, line: str, contract: str) -> None:
    planted = copied / file
    before = planted.read_text(encoding="utf-8")
    planted.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        result = lint(copied)
    finally:
        planted.write_text(before, encoding="utf-8")
    assert result.returncode == 1, result.stdout
    assert f"{contract} BROKEN" in result.stdout
