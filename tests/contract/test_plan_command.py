"""`footnote plan` as somebody who decides about machines sees it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import commands

ROOT = Path(__file__).parents[2]
ASKED = ("plan", "--documents", "100000", "--users", "500", "--questions-per-hour", "100")


def footnote(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}
    return commands.footnote(kept | {"FOOTNOTE_HOME": str(home)}, *arguments)


def test_a_plan_is_a_screen_and_opens_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = footnote(home, *ASKED)
    assert result.returncode == 0, result.stderr
    assert not home.exists()
    lines = result.stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 140
    for words in ("answers", "index", "PostgreSQL", "first ingestion", "x 2,431 bytes", "Not counted"):
        assert words in result.stdout
    assert "Cost" not in result.stdout


def test_the_page_shows_what_the_command_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    block = page.partition("```console\n$ footnote ")[2].partition("```")[0]
    command, _, shown = block.partition("\n")
    arguments = [str(ROOT / word) if word.startswith("docs/") else word for word in command.split()]
    assert footnote(tmp_path, *arguments).stdout == shown


def test_json_has_each_number_with_the_figures_behind_it(tmp_path: Path) -> None:
    result = footnote(tmp_path, *ASKED, "--prices", str(ROOT / "docs" / "capacity-prices.toml"), "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    figures = {figure["name"]: figure for figure in told["figures"]}
    assert told["demand"]["documents"] == 100_000
    assert {name for kind in ("numbers", "machines", "disks") for one in told[kind] for name in one["figures"]} == set(
        figures
    )
    assert figures["index_bytes_per_row"]["source"] == "docs/benchmarks.md#Scale"
    assert figures["index_bytes_per_row"]["date"] == "2026-11-22"
    assert told["cost"]["currency"] == "EUR"
    assert told["cost"]["month"] > 0
    assert all(machine["count"] > 0 for machine in told["machines"])
    assert told["missed"] == []


def test_a_target_that_nothing_meets_is_exit_code_three(tmp_path: Path) -> None:
    result = footnote(tmp_path, *ASKED, "--answer-seconds", "3")
    assert result.returncode == 3
    assert "Missed: No number of machines" in result.stdout


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--peak", "2"), "--peak is 2"),
        (("--prices", "/nowhere.toml"), "/nowhere.toml"),
        (("--gpu", "T4"), "known are L4, L40S, A100, H100"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    result = footnote(tmp_path, *ASKED, *more)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stderr.startswith("footnote: ")
    assert words in result.stderr
