"""Planted regressions: twenty of each kind, every one told apart, and the gates' word on each counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.suites.regressions.planted import planted
from evals.suites.regressions.run_regressions import RegressionsRun, run_regressions
from evals.systems import trying
from evals.systems.trying import RIGHT, WRONG, Configuration, Places, Put, Tried
from infra.settings import SettingsError, load_settings

by_environment = partial(run_regressions, now=dict)


def wanted(out: Path, only: str = "") -> RegressionsRun:
    return RegressionsRun(out, True, (), "", None, None, None, 0, only)


class Scripted:
    """Wrong in a third with one passage; slower as the configuration says."""

    def __init__(self) -> None:
        self.order: dict[str, list[str]] = {}

    def __call__(
        self, places: Places, one: Configuration, puts: Sequence[Put], results: object, *, step: object = None
    ) -> list[Tried]:
        self.order[one.name] = [put.key for put in puts]
        found = []
        for at, put in enumerate(puts):
            told = WRONG if one.settings.get("passages") == 1 and not at % 3 else RIGHT
            wants = put.case.kind.wants_abstention
            found.append(Tried(put.key, told, wants, 1.0 * one.slower, 2.0 * one.slower, 9, 9))
        return found


def test_there_are_twenty_of_each_and_all_can_be_set() -> None:
    now = load_settings()
    every = planted(now)
    assert [sum(one.harmful is harmful for one in every) for harmful in (True, False)] == [20, 20]
    assert len({one.name for one in every}) == 40
    for one in every:
        changed = load_settings(**one.configuration.settings)
        assert not one.configuration.documents or one.configuration.documents in trying.PREPARED
        assert (
            changed != now
            or one.configuration.plant
            or one.configuration.documents
            or not one.harmful
            or (one.configuration.slower > 1)
        ), one.name
    told = [trying._config({}, one.configuration) for one in every]
    assert len({*told, trying._config({}, Configuration("current"))}) == 41


def test_what_the_gates_say_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scripted = Scripted()
    assert by_environment(wanted(tmp_path / "out.jsonl"), scripted) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    by_name: dict[str, dict[str, Any]] = {one["planted"]: one for one in told["planted"]}
    assert by_name["one-passage"]["outcome"] == "block"
    assert by_name["one-passage"]["wrong"] == by_name["one-passage"]["differing"] == 43
    assert "right" in by_name["one-passage"]["by"]
    assert by_name["engine-30-slower"]["outcome"] == "block"
    assert by_name["engine-30-slower"]["slower"] == 1.3
    assert by_name["asked-twice"]["outcome"] != "block"
    assert told["summary"]["regressions"]["block"] == 2
    assert told["summary"]["harmless"]["block"] == 0
    assert scripted.order["backwards"] == scripted.order["current"][::-1]


def test_what_is_undecided_says_how_many_cases_would_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = RegressionsRun(tmp_path / "out.jsonl", True, (), "", None, None, None, 12, "port,one-passage")
    by_environment(few, Scripted())
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["planted"]
    assert [one["outcome"] for one in told] == ["undecided", "undecided"]
    assert all(one["needed"] > 12 for one in told)


def test_what_cannot_be_tried_is_told_and_the_others_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def without(places: Places, one: Configuration, *others: Any, **named: Any) -> list[Tried]:
        if one.name == "smaller-generator":
            raise SettingsError("The model is not on this machine.")
        return Scripted()(places, one, *others, **named)

    by_environment(wanted(tmp_path / "out.jsonl", "smaller-generator,port"), without)
    printed = capsys.readouterr()
    assert "smaller-generator: not tried: The model is not on this machine." in printed.err
    assert [one["planted"] for one in json.loads(printed.out.splitlines()[-1])["planted"]] == ["port"]


def test_a_name_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose from wrong-prompt"):
        by_environment(wanted(tmp_path / "out.jsonl", "portt"), Scripted())
