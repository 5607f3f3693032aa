"""Questions of a review out of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.reviewing import _questions
from api.terminal import UsageError


def test_a_line_end_within_a_cell_joins_no_words(tmp_path: Path) -> None:
    """As spreadsheets write it."""
    path = tmp_path / "q.csv"
    path.write_bytes(
        b'\xef\xbb\xbfno;x,question\r\n1,"What is\r\nthe rent, and who\npays it?"\r\n2,\r\n3,Who signs?\r\n'
    )
    assert _questions(path) == ["What is the rent, and who pays it?", "Who signs?"]


def test_a_file_that_is_no_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('question\n"' + "x" * 200_000)
    with pytest.raises(UsageError, match="is no table"):
        _questions(path)
