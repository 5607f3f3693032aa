"""What docs/compliance.md claims is shown by tests that exist."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DUTIES: list[dict[str, Any]] = tomllib.loads((ROOT / "docs" / "evidence.toml").read_text(encoding="utf-8"))["duty"]


def missing(named: set[str]) -> set[str]:
    """Those of the named tests that no file of tests defines."""
    return named - {test for file in {test.partition("::")[0] for test in named} for test in defined(file)}


def defined(file: str) -> Iterator[str]:
    """The tests of a file by their ids; a parametrized one once, for all of its cases."""
    path = ROOT / file
    if path.is_file() and path.name.startswith("test_"):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{file}::{node.name}"


def test_every_test_that_is_named_as_evidence_is_there() -> None:
    assert missing({test for duty in DUTIES for test in duty["tests"]}) == set()


def test_evidence_that_does_not_exist_is_found() -> None:
    real = "tests/unit/test_evidence.py::test_evidence_that_does_not_exist_is_found"
    gone = {"tests/unit/test_evidence.py::test_that_is_gone", "tests/unit/test_gone.py::test_x"}
    assert missing({real, *gone}) == gone


def test_the_page_and_the_evidence_name_the_same_duties_in_the_same_way() -> None:
    page = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z-]+)` \|.*\| (yes|partly|no) \|$", page, re.MULTILINE)
    assert told == [(duty["id"], duty["shown"]) for duty in DUTIES]
    for duty in DUTIES:
        assert bool(duty["tests"]) == (duty["shown"] != "no"), duty["id"]
        assert duty["shown"] == "yes" or f"`{duty['id']}`" in page.partition("## What is not shown")[2], duty["id"]
