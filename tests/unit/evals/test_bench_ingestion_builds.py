"""The bench of builds: files made for it, how contracts are picked, and what is reported of two builds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.suites.ingestion import run_builds
from evals.suites.ingestion.generated import pdf, sheet, text
from evals.suites.ingestion.run_builds import run_speed, some_contracts
from evals.systems.building import Ingested, held
from ingest.parsers import parse


def test_generated_files_hold_what_they_say(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf", pages=3)
    sheet(tmp_path / "a.xlsx", rows=5)
    text(tmp_path / "a.txt", size=5_000)
    text(tmp_path / "b.txt", size=5_000)
    assert len(parse((tmp_path / "a.pdf").read_bytes(), "a.pdf").pages) == 3
    assert sum(line.count(" | ") == 9 for e in parse((tmp_path / "a.xlsx").read_bytes(), "a.xlsx").elements
               for line in e.text.splitlines()) == 6  # fmt: skip
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()
    assert (tmp_path / "a.txt").stat().st_size >= 5_000


def test_contracts_are_picked_evenly(tmp_path: Path) -> None:
    folder = tmp_path / "cuad" / "pdf"
    folder.mkdir(parents=True)
    for number in range(10):
        (folder / f"{number}.pdf").touch()
    assert [path.stem for path in some_contracts(tmp_path, 5)] == ["0", "2", "4", "6", "8"]
    with pytest.raises(UsageError, match="holds 10 contracts; 11"):
        some_contracts(tmp_path, 11)


def test_memory_of_this_process_and_of_none() -> None:
    assert held(os.getpid()) > 10 << 20
    assert held(2**22 - 1) == 0


def test_builds_take_turns_and_the_ratio_is_ours_by_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cuad" / "pdf"
    folder.mkdir(parents=True)
    (folder / "a.pdf").touch()
    asked: list[str] = []

    def ingested(folder: Path, build: str = "", *, threads: int = 0) -> Ingested:
        asked.append(build)
        row = {"outcome": "added", "pages": 10, "chunks": 3, "reason": ""}
        return Ingested((row,), 4.0 if build else 2.0, 100.0)

    monkeypatch.setattr(run_builds, "ingested", ingested)
    assert run_speed(tmp_path, 1, 2, "old", 0, None) == 0
    assert asked == ["", "old", "old", ""]
    out = capsys.readouterr().out
    assert "ratio" in out
    assert "0.50" in out
    assert "2.00" in out
