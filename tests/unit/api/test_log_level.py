"""`--log-level` before the command or after it, FOOTNOTE_LOG_LEVEL and what holds without them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.terminal import note
from api.wiring.observing import set_up_logging
from infra.settings import load_settings
from infra.telemetry import logs


@pytest.mark.parametrize("arguments", [["--log-level", "loud", "worker"], ["worker", "--log-level", "loud"]])
def test_a_level_that_is_none_is_refused_with_those_that_are(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"FOOTNOTE_HOME": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "FOOTNOTE_LOG_LEVEL: Input should be '', 'debug', 'info', 'warning' or 'error'" in done.stderr


@pytest.mark.parametrize(
    ("given", "service", "level"),
    [
        ("", False, logging.WARNING),
        ("", True, logging.INFO),
        ("debug", False, logging.DEBUG),
        ("error", True, logging.ERROR),
    ],
)
def test_a_service_tells_more_than_a_command_unless_it_is_said(
    monkeypatch: pytest.MonkeyPatch, given: str, service: bool, level: int
) -> None:
    own, root = logging.getLogger("footnote"), logging.getLogger()
    monkeypatch.setattr(own, "level", own.level)
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(logs, "take_over", lambda: None)
    notes = set_up_logging(load_settings(log_level=given, log_format="json"), service=service)
    assert own.level == level
    assert notes is (logs.noted if service else note)
