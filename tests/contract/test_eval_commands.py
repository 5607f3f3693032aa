"""`footnote eval questions` and `eval drift` as a script sees them, where no model is needed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.postgres.server import embedded_server
from tests import commands

ROW = {
    "id": "made-0", "kind": "answerable", "question": "What is the rent?", "asker": {"user": "ana", "groups": []},
    "evidence": [{"source": "a.pdf", "page": 1, "quote": "The rent is 500."}], "must_contain": [["500"]],
    "generated": {"reviewed": False},
}  # fmt: skip


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, embedded_server(Path(home)):
        yield Path(home)


def footnote(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "FOOTNOTE_CACHE" or not name.startswith(("FOOTNOTE_", "DATABASE_URL"))
    }
    return commands.footnote(kept | {"FOOTNOTE_HOME": str(home)}, *arguments)


def test_where_nobody_asked_drift_says_that_it_cannot_tell(home: Path) -> None:
    done = footnote(home, "eval", "drift")
    assert (done.returncode, done.stderr) == (3, "")
    assert "Too few" in done.stdout
    told = json.loads(footnote(home, "eval", "drift", "--json").stdout)
    assert (told["enough"], told["drifted"], told["now"]["people"]) == (False, [], 0)


def test_a_sheet_is_applied(home: Path, tmp_path: Path) -> None:
    out, sheet = tmp_path / "made.jsonl", tmp_path / "sheet.csv"
    rows = [ROW | {"id": f"made-{at}", "question": f"What is the rent of flat {at}?"} for at in range(3)]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sheet.write_text("keep,id\nyes,made-0\nno,made-1\n")
    done = footnote(home, "eval", "questions", "--out", str(out), "--accept", str(sheet))
    assert (done.returncode, done.stdout) == (0, f"1 of 3 struck out; 2 are left in {out}.\n")
    left = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["id"], row["generated"]["reviewed"]) for row in left] == [("made-0", True), ("made-2", False)]
    again = footnote(home, "eval", "questions", "--out", str(out), "--accept", str(sheet))
    assert (again.returncode, again.stdout) == (0, f"0 of 2 struck out; 2 are left in {out}.\n")
    other = footnote(home, "eval", "questions", "--out", str(tmp_path / "other.jsonl"), "--accept", str(sheet))
    assert other.returncode == 1
    assert "made-0 is not in" in other.stderr
    assert len(other.stderr.splitlines()) == 1


def test_somebody_must_ask(home: Path, tmp_path: Path) -> None:
    done = footnote(home, "eval", "questions", "--out", str(tmp_path / "made.jsonl"))
    assert done.returncode == 1
    assert "--as names a person" in done.stderr
    assert not list(tmp_path.iterdir())
