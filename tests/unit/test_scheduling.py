"""What `make test` runs first, and what it keeps together."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.scheduling import LONGEST, SAMPLE, TogetherOrByFile, longest_first

ROOT = Path(__file__).parents[2]


def test_long_files_are_there_and_come_first_each_in_one_piece() -> None:
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []
    items: list[Any] = [
        SimpleNamespace(nodeid=f"{file}::{test}") for file in ("tests/a.py", *sorted(LONGEST)) for test in "xy"
    ]
    longest_first(items)
    assert [item.nodeid for item in items] == [f"{file}::{test}" for file in (*LONGEST, "tests/a.py") for test in "xy"]


def test_what_uses_the_sample_documents_goes_to_one_process() -> None:
    scheduling = TogetherOrByFile.__new__(TogetherOrByFile)
    scopes = [scheduling._split_scope(f"{file}::test_x[a::b]") for file in (*SAMPLE, "tests/a.py")]
    assert scopes == [SAMPLE[0], SAMPLE[0], "tests/a.py"]
    uses = re.compile(r"def \w+\(.*\bsample: Container")
    users = {path for path in (ROOT / "tests").rglob("test_*.py") if uses.search(path.read_text(encoding="utf-8"))}
    assert users == {ROOT / file for file in SAMPLE}
