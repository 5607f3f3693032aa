"""Generators in one table: how they are named, what they cost, and how they differ from the first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.suites.models.run_models import ModelsRun, configuration, run_models
from evals.systems.trying import ABSTAINED, RIGHT, WRONG, Configuration, Places, Put, Tried
from infra.models.errors import ModelNotFetched

by_environment = partial(run_models, now=dict, here=str)
A, B = "Qwen2.5-Coder-1.5B-Instruct", "http://127.0.0.1:9/v1#large"


def wanted(models: str, **other: Any) -> ModelsRun:
    return ModelsRun(**{
        "models": models, "files": (), "sample": True, "answers": "", "data": None, "contracts": None, "out": None,
        "memo": None, "limit": 0, **other,
    })  # fmt: skip


def scripted(
    places: Places, one: Configuration, puts: Sequence[Put], results: object, *, step: object = None
) -> list[Tried]:
    """The large one is right but for every tenth, the small one but for every second; both are silent where they
    should be."""
    every = 10 if one.settings.get("llm_model") else 2
    found = []
    for at, put in enumerate(puts):
        told = RIGHT if put.case.kind.wants_abstention or at % every else (WRONG if at % 4 else ABSTAINED)
        found.append(Tried(put.key, told, put.case.kind.wants_abstention, 1.0, 2.0, 1000, 100, withheld=at % 2))
    return found


def test_names() -> None:
    assert configuration("Qwen").settings == {"generator": "Qwen", "adapter": "none", "llm_url": "", "llm_model": ""}
    assert configuration(" Qwen+cited ").settings["adapter"] == "cited"
    large = configuration(B).settings
    assert (large["llm_url"], large["llm_model"], large["llm_protocol"]) == ("http://127.0.0.1:9/v1", "large", "openai")
    for wrong in ("http://127.0.0.1:9/v1", "http://#m", "https://x/v1#"):
        with pytest.raises(UsageError, match="URL#MODEL"):
            configuration(wrong)


def test_a_table_of_differences_and_costs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_PRICES", json.dumps({"large": [2.0, 8.0]}))
    assert by_environment(wanted(f"{A},{B}"), True, scripted) == 0
    small, large = json.loads(capsys.readouterr().out)["models"]
    assert small["change"] is None
    assert small["cost"] is None
    assert large["cost"] == pytest.approx((1000 * 2.0 + 100 * 8.0) / 1000)
    change, low, high = large["change"]
    assert 0 < low < change < high
    assert large["decision"]["outcome"] in {"ship", "undecided"}
    by_environment(wanted(f"{A},{B}"), False, scripted)
    assert "cost of 1,000" in capsys.readouterr().out


@pytest.mark.parametrize(("models", "words"), [(A, "two or more"), (f"{A},{A}", "each once")])
def test_there_are_two(models: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        by_environment(wanted(models), True, scripted)


def test_a_model_that_is_not_here_is_told_before_any_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path))

    def never(*_: object) -> dict[str, Any]:
        raise AssertionError("something was opened")

    with pytest.raises(ModelNotFetched, match="footnote models pull"):
        run_models(wanted("Qwen2.5-Coder-1.5B-Instruct,http://h/v1#m"), True, scripted, now=never)


def test_public_data_has_a_place_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--home"):
        by_environment(wanted(f"{A},{B}", data=tmp_path, answers="dev"), True, scripted)
