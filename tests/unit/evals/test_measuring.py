"""What is noted of the machine and of the code, whatever is installed and wherever it runs."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.measuring import machine
from evals.measuring.statistics import library
from infra import code as digests
from infra.code import ANSWERING, CHECKING, FINDING, JUDGING, closure, code


def test_a_package_that_is_not_installed_is_noted_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra gpu brings faiss-gpu in the place of faiss-cpu."""

    def version(name: str) -> str:
        if name == "faiss-cpu":
            raise PackageNotFoundError(name)
        return "1.15.1"

    monkeypatch.setattr(machine, "version", version)
    found = machine.setting()["versions"]
    assert isinstance(found, dict)
    assert (found["faiss-cpu"], found["faiss-gpu"]) == (None, "1.15.1")


def test_cores_are_counted_where_affinity_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert machine.circumstances()["cores"] == os.cpu_count()


def test_the_digest_is_over_all_that_is_imported_and_the_data_beside() -> None:
    checking, finding = closure(CHECKING), closure(FINDING)
    for name in ("generation.gate.splitting.verbs", "retrieval.text.tables", "retrieval.text.dates", "generation"):
        assert name in checking
    assert "generation/gate/limits.toml" in checking
    assert {"generation.gate.relevance", "generation/prompts/relevance.md"} <= closure(ANSWERING).keys()
    assert {"ingest.parsers.text", "retrieval.index.kernels.prefetch", "infra/postgres/queries.sql"} <= finding.keys()
    assert not any(name.startswith("generation.training") for name in checking)
    assert len({code(*roots) for roots in (CHECKING, JUDGING, ANSWERING, FINDING)}) == 4
    assert len(code(*CHECKING)) == 12


def test_a_digest_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no module generation"):
        code("generation.faithfulness")


@pytest.mark.parametrize("line", ["from . import other", "from .other import f", "from ..made import other"])
def test_a_relative_import_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "__init__.py").touch()
    (tmp_path / "made" / "start.py").write_text(f"\n{line}\n")
    monkeypatch.setattr(digests, "_OURS", ("made",))
    monkeypatch.setattr(digests, "files", lambda top: tmp_path / top)
    with pytest.raises(ValueError, match=r"start\.py, line 2: write this relative import as an absolute one"):
        closure(["made.start"])


@pytest.mark.parametrize("changed", ["shapes/round.py", "shapes/limits.toml", "shapes/__init__.py", "__init__.py"])
def test_any_change_that_decides_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    root = tmp_path / "made"
    for name, text in {
        "__init__.py": "",
        "start.py": "def f():\n    from made.shapes import round\n",
        "shapes/__init__.py": "",
        "shapes/round.py": "",
        "shapes/limits.toml": "",
        "other.py": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setattr(digests, "_OURS", ("made",))
    monkeypatch.setattr(digests, "files", lambda top: tmp_path / top)
    before = code.__wrapped__("made.start")
    (root / "other.py").write_text("1\n")
    assert code.__wrapped__("made.start") == before
    (root / changed).write_text("# changed\n")
    assert code.__wrapped__("made.start") != before


def test_a_missing_extra_says_what_to_install() -> None:
    assert library("math").sqrt(4) == 2
    with pytest.raises(UsageError, match=r"no_such_package.*\.\[eval\]"):
        library("no_such_package.metrics")
