"""The steps of docs/adapters.md: they name what there is, and train and release for one and the same generator."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from infra.models.manifest import Manifest, Role
from infra.settings import load_settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def steps() -> str:
    found = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / "adapters.md").read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_it_is_installed_from_the_checkout_with_extras_that_there_are(steps: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    installs = re.findall(r"^pip install (.*?)(?:\s+#.*)?$", steps, re.MULTILINE)
    *_, last = installs
    (named,) = re.findall(r" -e '\.\[([\w,]+)\]'$", last)
    assert {"train"} <= set(named.split(",")) <= set(extras)
    assert [f"torch=={pin}" in installs[0] for pin in re.findall(r"torch==([\d.]+)", " ".join(extras["train"]))] == [
        True
    ]


def test_what_is_trained_is_what_then_answers(steps: str) -> None:
    generator = load_settings(profile="local").generator
    assert f"/models/{generator}/model.gguf" in steps
    (run,) = re.findall(r"generation\.training\.lora\.train (\S+\.toml)", steps)
    assert tomllib.loads((ROOT / run).read_text("utf-8"))["model"].partition("/")[2] == generator
    model = Manifest.load().model(generator)
    assert (model.role, [file.path for file in model.files]) == (Role.GENERATOR, ["model.gguf"])
