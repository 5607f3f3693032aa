"""Metrics: labels are bounded, costs are those of the prices, and what cannot be read is left out."""

from __future__ import annotations

from datetime import date
from http.client import HTTPConnection

import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from infra.postgres.errors import DatabaseUnavailable
from infra.settings import SettingsError, load_settings, price_on
from infra.telemetry.metrics import Metrics
from infra.telemetry.port import MetricsPort


def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    found = (one for family in families(metrics.exposition().decode()) for one in family.samples)
    return {tuple(one.labels.values()): one.value for one in found if one.name == name}


def test_tokens_and_cost_are_counted_by_model_and_configured_group() -> None:
    metrics = Metrics(["legal", "audit"], {"big": (2.0, 10.0)})
    for groups in ({"staff", "legal"}, {"audit", "legal"}, {"staff"}, set()):
        metrics.used("big", metrics.team(groups), 500_000, 100_000)
    metrics.used("free", metrics.team({"audit"}), 10, 1)
    assert samples(metrics, "footnote_cost_total") == {("big", "legal"): 4.0, ("big", "other"): 4.0}
    assert samples(metrics, "footnote_tokens_total")[("in", "big", "legal")] == 1_000_000
    assert samples(metrics, "footnote_tokens_total")[("out", "free", "audit")] == 1


def test_without_configured_groups_nobody_is_told_apart() -> None:
    assert {Metrics().team(groups) for groups in ({"legal"}, {"hr"}, set())} == {"all"}


def test_a_gauge_that_cannot_be_read_is_left_out_and_breaks_nothing() -> None:
    def away() -> dict[tuple[str, ...], float]:
        raise DatabaseUnavailable("gone")

    metrics = Metrics()
    metrics.reads("footnote_away", "Not to be had", ("state",), away)
    metrics.reads("footnote_there", "There", ("state",), lambda: {("open",): 3.0})
    assert samples(metrics, "footnote_away") == {}
    assert samples(metrics, "footnote_there") == {("open",): 3.0}


def test_the_port_serves_metrics_to_this_machine_by_its_own_names_alone() -> None:
    metrics = Metrics()
    metrics.answers.labels("answered").inc()
    port = MetricsPort(0, metrics.exposition)

    def ask(path: str, host: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", port.port, timeout=5)
        connection.request("GET", path, headers={"Host": host})
        reply = connection.getresponse()
        return reply.status, reply.read()

    try:
        status, body = ask("/metrics", f"localhost:{port.port}")
        assert status == 200
        assert b'footnote_answers_total{status="answered"} 1.0' in body
        assert ask("/metrics", "rebound.example.com")[0] == 421
        assert ask("/", "127.0.0.1")[0] == 404
        with pytest.raises(SettingsError, match="FOOTNOTE_METRICS_PORT"):
            MetricsPort(port.port, metrics.exposition)
    finally:
        port.close()


def test_the_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_METRICS_GROUPS", "legal, audit,")
    monkeypatch.setenv("FOOTNOTE_PRICES", '{"big": [2, 10.5]}')
    settings = load_settings()
    assert settings.metrics_groups == ("legal", "audit")
    assert settings.prices == {"big": (2.0, 10.5)}


def test_a_price_may_hold_from_a_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_PRICES", '{"big": {"2026-11-20": [3, 4], "2026-11-01": [1, 2]}, "small": [5, 6]}')
    prices = load_settings().prices
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 19), date(2026, 11, 20), date(2030, 1, 1)]
    assert [price_on(prices, "big", day) for day in days] == [None, (1, 2), (1, 2), (3, 4), (3, 4)]
    assert price_on(prices, "small", days[0]) == (5, 6)
    assert price_on(prices, "other", days[0]) is None
    metrics = Metrics((), prices)
    metrics.used("big", "all", 1_000_000, 0)
    assert samples(metrics, "footnote_cost_total") == {("big", "all"): 3.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOOTNOTE_PRICES", '{"big": [-1, 2]}'),
        ("FOOTNOTE_PRICES", '{"big": 2}'),
        ("FOOTNOTE_PRICES", '{"big": {"soon": [1, 2]}}'),
        ("FOOTNOTE_PRICES", '{"big": {}}'),
        ("FOOTNOTE_OTLP_URL", "collector:4317"),
        ("FOOTNOTE_LOG_LEVEL", "loud"),
        ("FOOTNOTE_LOG_FORMAT", "xml"),
        ("FOOTNOTE_METRICS_PORT", "-1"),
    ],
)
def test_settings_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()
