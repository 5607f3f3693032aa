"""Counters and histograms for Prometheus. Labels are route templates, enums, models and configured groups: never a name
of a person, a path or a document, so their number is bounded by the set-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from infra.settings import Prices, price_on
from ingest.errors import FootnoteError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ALL, OTHER = "all", "other"  # of groups: none configured, and in none that is
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
Reading = Callable[[], Mapping[tuple[str, ...], float]]
"""Values by labels, read when somebody asks."""


class Metrics:
    """Those of one process. `groups`: whose tokens are counted apart, by the first of them that somebody is in."""

    def __init__(self, groups: Sequence[str] = (), prices: Prices | None = None) -> None:
        self._groups, self._prices = tuple(groups), dict(prices or {})
        disable_created_metrics()  # type: ignore[no-untyped-call]  # else a series for each says when it began
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter(
            "footnote_requests", "Requests by route and status", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "footnote_request_seconds", "From head to last byte", ["route"], registry=registry, buckets=_SECONDS
        )
        self.stage_seconds = Histogram(
            "footnote_stage_seconds",
            "Stages of search, answer and ingestion; first_token, first_sentence and answer count from the question",
            ["stage"],
            registry=registry,
            buckets=_SECONDS,
        )
        self.tokens = Counter(
            "footnote_tokens",
            "Tokens of replies as the model's server counts them; of a reply that was broken off the pieces that came",
            ["direction", "model", "team"],
            registry=registry,
        )
        self.cost = Counter(
            "footnote_cost", "Estimated, by FOOTNOTE_PRICES, in its currency", ["model", "team"], registry=registry
        )
        self.verdicts = Counter(
            "footnote_gate_verdicts", "Sentences that the gate looked at", ["verdict", "stage"], registry=registry
        )
        self.answers = Counter("footnote_answers", "Answers by what became of them", ["status"], registry=registry)
        self.abstentions = Counter("footnote_abstentions", "Answers without a sentence", ["reason"], registry=registry)
        self.arms = Counter(
            "footnote_trial_answers",
            "While a release is tried: answers by arm (current, candidate, shadow) and what became of them",
            ["arm", "status"],
            registry=registry,
        )
        self.shadows_dropped = Counter(
            "footnote_shadows_dropped", "Answers that the shadow was not asked for", ["reason"], registry=registry
        )
        self.rollbacks = Counter(
            "footnote_release_rollbacks", "Candidates that this service has rolled back by itself", registry=registry
        )
        self.files = Counter(
            "footnote_ingested_files", "Files by what became of them, in this process", ["outcome"], registry=registry
        )

    def reads(self, name: str, about: str, labels: Sequence[str], read: Reading, *, counter: bool = False) -> None:
        """A gauge, or a counter, that is read at each scrape; left out where reading it fails as foreseen."""
        self.registry.register(_Read(name, about, labels, read, CounterMetricFamily if counter else GaugeMetricFamily))

    def team(self, groups: Iterable[str]) -> str:
        held = frozenset(groups)
        return next((name for name in self._groups if name in held), OTHER) if self._groups else ALL

    def used(self, model: str, team: str, tokens_in: int, tokens_out: int) -> None:
        self.tokens.labels("in", model, team).inc(tokens_in)
        self.tokens.labels("out", model, team).inc(tokens_out)
        if price := price_on(self._prices, model, datetime.now(UTC).date()):
            self.cost.labels(model, team).inc((tokens_in * price[0] + tokens_out * price[1]) / 1e6)

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


class _Read(Collector):
    def __init__(
        self,
        name: str,
        about: str,
        labels: Sequence[str],
        read: Reading,
        kind: type[GaugeMetricFamily | CounterMetricFamily],
    ) -> None:
        self._name, self._about, self._labels, self._read, self._kind = name, about, labels, read, kind

    def describe(self) -> Iterator[Metric]:
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        try:
            found = self._read()
        except (FootnoteError, OSError):
            found = {}
        for labels, value in found.items():
            family.add_metric(labels, value)
        yield family

    def _family(self) -> GaugeMetricFamily | CounterMetricFamily:
        return self._kind(self._name, self._about, labels=self._labels)
