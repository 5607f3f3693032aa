"""Tables of what the suites found, for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from api.terminal import say, say_table
from evals.suites.retrieval import contracts, legalbench, ranking
from evals.suites.retrieval.compared import HYDE
from evals.suites.retrieval.scale import steps as scale

Row = dict[str, Any]
_OURS = ("ours", "ours + rerank")
_LEGS = ("BM25", "dense")


def say_report(found: Mapping[str, Sequence[Row]]) -> Row:
    """Prints everything; the numbers as plain data by suite."""
    say_suite = {
        ranking.SUITE: say_ranking,
        legalbench.SUITE: say_legalbench,
        contracts.SUITE: say_contracts,
        scale.SUITE: say_scale,
    }
    return {suite: say_suite[suite](rows) for suite, rows in found.items()}


def say_ranking(rows: Sequence[Row]) -> Row:
    """Every system on all questions; then, with HyDE, every system on those that HyDE was asked."""
    imagined = [row for row in rows if row["system"] == HYDE]
    full = [row for row in rows if row["system"] != HYDE]
    numbers = {"all": _say_ranking(full, _OURS, "")}
    if imagined:
        asked = {row["set"]: row["queries"] for row in imagined}
        sample = ranking.narrowed(full, asked) + imagined
        numbers["sample"] = _say_ranking(
            sample, (*_OURS, HYDE), f", {len(imagined[0]['queries'])} questions of each set"
        )
    return numbers


def _say_ranking(rows: Sequence[Row], against: Sequence[str], which: str) -> Row:
    sets = list(dict.fromkeys(row["set"] for row in rows))
    numbers = ranking.summary(rows, against)
    for metric, table in numbers["metrics"].items():
        lines = [(system, *(f"{scores[name]:.3f}" for name in (*sets, "macro"))) for system, scores in table.items()]
        _table(f"{metric}{which}", ("system", *sets, "macro"), lines)
    for system, others in numbers["differences"].items():
        lines = [
            (
                other,
                *(f"{100 * each[name]['mean']:+.1f}" for name in sets),
                "{:+.1f} [{:+.1f}, {:+.1f}]".format(*(100 * each["macro"][part] for part in ("mean", "low", "high"))),
                f"{each['macro']['p']:.4f}",
            )
            for other, each in others.items()
        ]
        title = f"nDCG@10 of {system} minus other, points{which} (macro with 95 % interval; p: share not better)"
        _table(title, ("other", *sets, "macro", "p"), lines)
    scores = numbers["metrics"]["nDCG@10"]
    numbers["worst_against_better_leg"] = {
        system: min(100 * (scores[system][name] - max(scores[leg][name] for leg in _LEGS)) for name in sets)
        for system in against
    }
    for system, points in numbers["worst_against_better_leg"].items():
        say(f"{system}: on its worst set {points:+.2f} points against the better leg")
    return numbers


def say_legalbench(rows: Sequence[Row]) -> Row:
    found = {}
    for measure in ("recall", "precision", "characters"):
        form = "{:.0f}" if measure == "characters" else "{:.2%}"
        lines = []
        for row in rows:
            means = legalbench.means(row)[measure]
            found[f"{row['set']}: {row['system']}: {measure}"] = means
            lines.append((row["set"], row["system"], *(form.format(value) for value in means)))
        _table(f"LegalBench-RAG {measure} at", ("set", "system", *map(str, legalbench.TOPS)), lines)
    return found


def say_contracts(rows: Sequence[Row]) -> Row:
    found = {row["system"]: contracts.numbers(row) for row in rows}
    header = next(iter(found.values()))
    lines = [(system, *numbers.values()) for system, numbers in found.items()]
    _table(f"CUAD, {rows[0]['set']} questions", ("system", *header), lines)
    return found


def say_scale(rows: Sequence[Row]) -> Row:
    """Latency of every view, and the other numbers of each step."""
    views = [(row["set"], row["system"], view) for row in rows for view in row["found"].get("views", ())]
    whole = {(size, system): view["p50_ms"] for size, system, view in views if view["share"] == 1.0}
    lines = [
        (
            size,
            system,
            f"{100 * view['share']:g} %",
            view.get("rows", "-"),
            view.get("ranges", "-"),
            view["p50_ms"],
            view["p99_ms"],
            f"{view['p50_ms'] / whole[size, system]:.2f}",
            view.get("recall@100", "-"),
            view.get("returned", "-"),
            view.get("hidden", "-"),
        )
        for size, system, view in views
    ]
    header = "rows|system|visible|visible rows|ranges|p50 ms|p99 ms|x unfiltered|recall@100|returned|hidden".split("|")
    _table("One search, without embedding and reranking", header, lines)
    others = [
        (row["set"], row["system"], name, value)
        for row in rows
        for name, value in row["found"].items()
        if name not in {"views", "versions"}
    ]
    _table("Size and speed", ("rows", "step", "what", "value"), others)
    return {f"{row['set']}: {row['system']}": row["found"] for row in rows}


def _table(title: str, header: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """A rich table on a terminal, aligned columns elsewhere."""
    if not sys.stdout.isatty():
        say(f"\n{title}")
        say_table(header, lines)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in header:
        table.add_column(name, overflow="fold")
    for line in lines:
        table.add_row(*map(str, line))
    Console(markup=False).print(table)
