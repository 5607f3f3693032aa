"""`footnote compare`: generators on the same cases, in one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api.gating.gates import Decision
from api.terminal import UsageError, say, say_json, say_table
from evals.measuring.machine import circumstances, command_line
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import matched_interval
from evals.measuring.tables import number
from evals.systems.models import fetched
from evals.systems.tries import Sums, paired, sums, tried, weighed
from evals.systems.trying import RIGHT, Configuration, Places, Tried, cases, in_use
from infra.settings import Prices, load_settings, price_on

Try = Callable[..., list[Tried]]
Now = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ModelsRun:
    """What the command line asks for."""

    models: str
    files: Sequence[Path]
    sample: bool
    answers: str
    data: Path | None
    contracts: Path | None
    out: Path | None
    memo: Path | None
    limit: int


@dataclass(frozen=True, slots=True)
class Compared:
    """`cost`: of a thousand answers by FOOTNOTE_PRICES, None without a price. Against the first: `change` of the share
    that is right with its 95 % interval, and what the gates of a night say; None of the first itself."""

    name: str
    sums: Sums
    cost: float | None
    change: tuple[float, float, float] | None
    decision: Decision | None


def run_models(
    wanted: ModelsRun, as_json: bool, attempt: Try = tried, now: Now = in_use, here: Callable[[str], object] = fetched
) -> int:
    configurations = [configuration(name) for name in wanted.models.split(",") if name.strip()]
    if len({one.name for one in configurations}) < max(2, len(configurations)):
        raise UsageError("--models: name two or more, each once.")
    for one in configurations:
        if "generator" in one.settings:
            here(one.settings["generator"])
    if wanted.data is not None and wanted.contracts is None:
        raise UsageError("--data needs --home, the data folder for its documents.")
    memo = wanted.memo or (wanted.out.with_name(wanted.out.name + ".memo") if wanted.out else None)
    places = Places(memo, wanted.data, wanted.contracts, now())
    puts = cases(wanted.sample, wanted.files, wanted.answers, places, limit=wanted.limit)
    results = ResultFile(wanted.out)
    with progress("asked", len(puts) * len(configurations)) as step:
        for one in configurations:  # what is not there is told before hours are spent
            attempt(places, one, puts[:1], results, step=step)
        found = {one.name: attempt(places, one, puts, results, step=step) for one in configurations}
    first, *_ = found.values()
    prices = load_settings().prices
    compared = [_compared(name, answers, first, prices) for name, answers in found.items()]
    _say(compared, as_json)
    return 0


def configuration(told: str) -> Configuration:
    """Raises `UsageError` for what is no generator."""
    name = told.strip()
    if "://" in name:
        url, hash_, model = name.partition("#")
        if not (hash_ and model and urlsplit(url).hostname):
            raise UsageError(f"--models {name}: write URL#MODEL, such as http://127.0.0.1:8080/v1#my-model.")
        return Configuration(name, {"llm_url": url, "llm_model": model, "llm_protocol": "openai", "adapter": "none"})
    base, _, adapter = name.partition("+")
    return Configuration(name, {"generator": base, "adapter": adapter or "none", "llm_url": "", "llm_model": ""})


def _compared(name: str, found: Sequence[Tried], first: Sequence[Tried], prices: Prices) -> Compared:
    counted = sums(found)
    price = price_on(prices, name.rpartition("#")[2].partition("+")[0], datetime.now(UTC).date())
    cost = None
    if price is not None:  # of a million tokens, so a thousand answers cost a thousandth of tokens times price
        cost = (counted.prompt_tokens * price[0] + counted.completion_tokens * price[1]) / 1000
    if found is first:
        return Compared(name, counted, cost, None, None)
    pairs = [(new.outcome == RIGHT, old.outcome == RIGHT) for new, old in paired(found, first)]
    only_new, only_old = (sum(a and not b for a, b in side) for side in (pairs, [(b, a) for a, b in pairs]))
    middle = (only_new - only_old) / len(pairs) if pairs else math.nan
    change = (middle, *matched_interval(only_new, only_old, len(pairs)))
    return Compared(name, counted, cost, change, weighed(found, first))


def _say(compared: Sequence[Compared], as_json: bool) -> None:
    if as_json:
        say_json({"models": [asdict(one) for one in compared], "command": command_line(), **circumstances()})
        return
    header = (
        "", "n", "right", "wrong", "abstained", "refused right", "withheld", "first p50", "p95", "end p50", "p95",
        "tokens in", "out", "cost of 1,000", "right, against the first", "gates",
    )  # fmt: skip
    say_table(header, [_line(one) for one in compared])
    if errors := {one.name: one.sums.errors for one in compared if one.sums.errors}:
        say("Errors: " + ", ".join(f"{name} {count}" for name, count in errors.items()))
    say("Tokens are the generator's, a mean of an answer; seconds of an answer that the memo knew are those of then.")


def _line(one: Compared) -> tuple[Any, ...]:
    found = one.sums
    change = "-"
    if one.change is not None:
        change = "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * value for value in one.change))
    return (
        one.name, found.n, found.right, found.wrong, found.abstained, f"{found.refused} of {found.unanswerable}",
        found.withheld, number(found.first.p50), number(found.first.p95), number(found.end.p50), number(found.end.p95),
        round(found.prompt_tokens), round(found.completion_tokens), "-" if one.cost is None else f"{one.cost:.2f}",
        change, one.decision.outcome.value if one.decision else "-",
    )  # fmt: skip
