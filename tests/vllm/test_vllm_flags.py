"""Every flag in our profiles and in docs/vllm.md is one of vLLM's."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from infra.llm.vllm import _FLAGS, Flag, arguments
from infra.settings import profile_defaults

ROOT = Path(__file__).parents[2]
PARSE = """
import json, sys
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
for line in json.load(sys.stdin):
    AsyncEngineArgs.from_cli_args(make_arg_parser(FlexibleArgumentParser()).parse_args(["--model", "m", *line]))
"""


def profile(name: str) -> str:
    """The table [vllm], with what is commented out in it."""
    table = (ROOT / "infra" / "config" / f"{name}.toml").read_text().partition("\n[vllm]")[2].partition("\n")[2]
    return re.sub(r"^# (?=[a-z-]+ = )", "", table, flags=re.MULTILINE)


def documented() -> list[str]:
    return re.findall(r"`([a-z0-9-]+ = [^`]+)`", (ROOT / "docs" / "vllm.md").read_text())


def flag_sets() -> list[dict[str, Flag]]:
    """As docs/vllm.md has them, over the profile, with what Footnote adds."""
    rows = re.findall(r"^\| .* \| `(\{.*\})` \| \d+ \|$", (ROOT / "docs" / "vllm.md").read_text(), flags=re.MULTILINE)
    table = profile_defaults("gpu")["vllm"]
    return [{**_FLAGS, **table, **json.loads(row)} for row in rows]


def accepted(vllm_python: Path, lines: list[list[str]]) -> None:
    done = subprocess.run(
        [vllm_python, "-c", PARSE], input=json.dumps(lines), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("tables", [[profile("local"), profile("gpu")], documented()], ids=["profiles", "docs"])
def test_vllm_accepts_every_flag(vllm_python: Path, tables: list[str]) -> None:
    assert len(tables) > 1
    accepted(vllm_python, [arguments(tomllib.loads(table.replace("= N", "= 2"))) for table in tables])


def test_vllm_accepts_every_set_of_flags(vllm_python: Path) -> None:
    sets = flag_sets()
    assert len(sets) > 10
    accepted(vllm_python, [arguments(flags) for flags in sets])


def test_vllm_has_no_metric_of_experts(vllm_python: Path) -> None:
    """As docs/vllm.md says, which is to be changed where it has one."""
    look = "import pathlib, vllm, re; root = pathlib.Path(vllm.__file__).parent; print(sorted({name for path in root.rglob('*.py') for name in re.findall(r'[\\x22\\x27](vllm:[a-z_]+)', path.read_text())}))"
    done = subprocess.run([vllm_python, "-c", look], capture_output=True, text=True, check=True)
    names = done.stdout
    assert "vllm:num_requests_running" in names
    assert "vllm:num_requests_waiting" in names
    assert not re.search("expert|eplb|moe|balanced", names)
