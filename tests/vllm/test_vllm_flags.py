"""Every flag in our profiles and in docs/vllm.md is one of vLLM's."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from infra.llm.vllm import arguments

ROOT = Path(__file__).parents[2]
PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
for line in json.load(sys.stdin):
    make_arg_parser(FlexibleArgumentParser()).parse_args(["--model", "m", *line])
"""


def profile(name: str) -> str:
    """The table [vllm], with what is commented out in it."""
    table = (ROOT / "infra" / "config" / f"{name}.toml").read_text().partition("\n[vllm]")[2].partition("\n")[2]
    return re.sub(r"^# (?=[a-z-]+ = )", "", table, flags=re.MULTILINE)


def documented() -> list[str]:
    return re.findall(r"`([a-z0-9-]+ = [^`]+)`", (ROOT / "docs" / "vllm.md").read_text())


@pytest.mark.parametrize("tables", [[profile("local"), profile("gpu")], documented()], ids=["profiles", "docs"])
def test_vllm_accepts_every_flag(vllm_python: Path, tables: list[str]) -> None:
    assert len(tables) > 1
    lines = [arguments(tomllib.loads(table.replace("= N", "= 2"))) for table in tables]
    done = subprocess.run(
        [vllm_python, "-c", PARSE], input=json.dumps(lines), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
