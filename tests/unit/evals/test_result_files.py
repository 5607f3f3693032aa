"""Files that interrupted measurements go on from: what they hold stays, and another file is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.measuring.results import ResultFile
from evals.suites.sweep.plan import planned
from evals.systems.memo import Memo


def test_rows_are_read_again_whatever_their_words(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"answer": "one\u2028two\x85three"}, {"answer": "four"}]
    for row in rows:
        ResultFile(path).add(row)
    assert ResultFile(path).rows == rows
    with path.open("a", encoding="utf-8") as file:
        file.write('{"answer": "fi')  # killed while it wrote
    assert ResultFile(path).rows == rows
    assert path.read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("words", ["a letter", "first line\nsecond", "[1]\n", '{"a": 1}\nno row'])
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, words: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_text(words, encoding="utf-8")
    with pytest.raises(UsageError, match="name another file with --out"):
        ResultFile(path)
    assert path.read_text(encoding="utf-8") == words


def test_a_memo_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "memo"
    path.write_text("a letter, and no database at all", encoding="utf-8")
    with pytest.raises(UsageError, match="is no memo of replies"):
        Memo(path)
    made = tmp_path / "other"
    Memo(made).close()
    assert made.stat().st_mode & 0o777 == 0o600


def test_a_study_of_another_kind_is_told(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    from evals.suites.sweep.study import Study

    file, study = tmp_path / "sweep.toml", tmp_path / "rows.study"
    file.write_text("[parameters]\npassages = [1, 2]\n", encoding="utf-8")
    study.write_text("a letter, and no database at all", encoding="utf-8")
    with pytest.raises(UsageError, match="is no study that goes on"):
        Study(planned(file), ["a"], study)


@pytest.mark.parametrize("line", ["files = [3]", "files = 5", 'refusals = "false"', "hold_out = 0"])
def test_a_sweep_says_which_line_is_wrong(tmp_path: Path, line: str) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(f"[parameters]\npassages = [1, 2]\n[cases]\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f"cases.{line.split()[0]} is"):
        planned(file)
