"""`footnote bench sync` finds what there is to find, on both sides, and says so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.suites.sync import run_sync
from evals.suites.sync.made import paragraphs, write
from evals.systems.syncing import LangChainIndex


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    texts = [
        f"Clause {n}. The tenant of house number {n} shall pay a rent of {n}00 euros on the first day of each month."
        for n in range(30)
    ]
    (folder / "lease.txt").write_text("\n\n".join(texts))
    return folder


def test_a_small_run(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_sync.run(data, 10, 2, 1, tmp_path / "out.jsonl") == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    found = [(row["part"], row["system"], row["found"]) for row in rows if row["row"] == "sync"]
    assert found == [
        ("unchanged", "footnote", True), ("unchanged", "langchain", True),
        ("changed", "footnote", True), ("changed", "langchain", True),
    ]  # fmt: skip
    assert "unchanged" in capsys.readouterr().out


def test_what_the_peer_finds(data: Path, tmp_path: Path) -> None:
    texts, folder = paragraphs(data), tmp_path / "files"
    for number in range(12):
        write(folder, number, texts)
    peer: Any = LangChainIndex(folder)
    assert peer.sync()["added"] == 12
    write(folder, 3, texts, edition=2)
    assert +peer.sync() == Counter(added=1, deleted=1, unchanged=11)


def test_counts_that_are_wrong_are_noticed() -> None:
    assert run_sync._right("unchanged", Counter(unchanged=10), 10, 2)
    assert not run_sync._right("unchanged", Counter(unchanged=9, changed=1), 10, 2)
    assert run_sync._right("changed", Counter(unchanged=8, added=2, deleted=2), 10, 2)
    assert not run_sync._right("changed", Counter(unchanged=10), 10, 2)


def test_too_little_to_make_files_of(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too few"):
        run_sync.run(tmp_path, 10, 1, 1, None)
