"""The check before installation says what is wrong and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "infra" / "deploy" / "preflight.py"


def test_a_fit_machine_hears_nothing() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "1"], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_small_disk_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, str(1 << 40)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"footnote: {tmp_path} has" in done.stderr
    assert "FOOTNOTE_CACHE" in done.stderr


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 13, 0)])
def test_another_python_is_refused(version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    import runpy

    monkeypatch.setattr(sys, "version_info", version)
    found = runpy.run_path(str(SCRIPT))["problems"](1)
    assert [line for line in found if "3.11 or 3.12" in line and "PYTHON=" in line]
