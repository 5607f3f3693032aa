"""Settings where nothing is set, on every system that README promises."""

from __future__ import annotations

import os

import pytest

from infra.settings import Settings, SettingsError, cores, load_settings


def test_threads_are_known_where_the_system_tells_no_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert load_settings().threads == cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("nightly", "25:99", "write a time of day with four digits, from 00:00 to 23:59, such as 02:30"),
        ("nightly", "2:30", "such as 02:30"),
        ("release", "My Release", "write current, none, or a name"),
    ],
)
def test_what_is_refused_is_told_what_may_be_written(name: str, wrong: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"FOOTNOTE_{name.upper()}: .*{says}"):
        load_settings(**{name: wrong})
    assert load_settings(nightly="02:30", release="a-1.b_2").nightly == "02:30"


def test_no_setting_is_refused_by_the_text_of_a_regular_expression() -> None:
    told = [
        name for name, field in Settings.model_fields.items() if any(getattr(m, "pattern", "") for m in field.metadata)
    ]
    assert told == []
