"""PNG plots beside the tables (matplotlib, extra `peers`)."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import UsageError
from evals.suites.retrieval import ranking
from evals.suites.retrieval.compared import HYDE
from evals.suites.retrieval.scale import steps as scale

Row = dict[str, Any]
_COLOURS = {  # legs grey, ours blue, the others warm
    "BM25": "#c8c8c8",
    "dense": "#a0a0a0",
    "RRF": "#787878",
    "ours": "#6baed6",
    "ours + rerank": "#08519c",
    "langchain": "#fdae6b",
    "langchain, all-MiniLM-L6-v2": "#e6550d",
    "llamaindex": "#74c476",
    "txtai": "#9e9ac8",
    "haystack": "#d6b05a",
}


def draw(found: Mapping[str, Sequence[Row]], folder: Path) -> list[Path]:
    """The plots that the results allow; raises `UsageError` without matplotlib."""
    try:
        import matplotlib
    except ModuleNotFoundError as error:
        raise UsageError("Plots need matplotlib: pip install -e '.[peers]', after torch==2.13.0.") from error
    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    full = [row for row in found.get(ranking.SUITE, ()) if row["system"] != HYDE]
    if full:
        drawn.append(_bars(full, folder / "ndcg.png"))
    for size in dict.fromkeys(row["set"] for row in found.get(scale.SUITE, ())):
        rows = [row for row in found[scale.SUITE] if row["set"] == size and "views" in row["found"]]
        drawn.append(_latency(rows, size, folder / f"latency-{size}.png"))
    return drawn


def _bars(rows: Sequence[Row], path: Path) -> Path:
    """nDCG@10 by set, a bar a system."""
    from matplotlib import pyplot as plt

    means = ranking.means(rows, "nDCG@10")
    names = [*dict.fromkeys(row["set"] for row in rows), "macro"]
    width = 0.84 / len(means)
    figure, axes = plt.subplots(figsize=(12, 5), layout="constrained")
    for at, (system, scores) in enumerate(means.items()):
        places = np.arange(len(names)) - 0.42 + width * (at + 0.5)
        axes.bar(places, [scores[name] for name in names], width, label=system, color=_COLOURS.get(system, f"C{at}"))
    axes.set_xticks(np.arange(len(names)), [name.replace("_", "\n", 1) for name in names])
    axes.set(ylabel="nDCG@10", ylim=(0.0, 1.0))
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=5, frameon=False)
    return _saved(figure, path)


def _latency(rows: Sequence[Row], size: str, path: Path) -> Path:
    """Median milliseconds against visible rows, both logarithmic, with p99 as a thin line."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for row in rows:
        views = sorted(row["found"]["views"], key=lambda view: view["share"])
        visible = [view["share"] * int(size) for view in views]
        ours = "recall@100" in views[0]
        (line,) = axes.loglog(
            visible,
            [view["p50_ms"] for view in views],
            marker="o" if ours else "s",
            linestyle="-" if ours else "--",
            label=f"ours, {row['system']}" if ours else row["system"],
        )
        axes.loglog(visible, [view["p99_ms"] for view in views], color=line.get_color(), linewidth=0.6, alpha=0.6)
    axes.set(xlabel=f"visible rows of {int(size):,}", ylabel="ms per search (p50; thin: p99)")
    axes.grid(which="both", alpha=0.25)
    axes.legend(frameon=False)
    return _saved(figure, path)


def _saved(figure: Any, path: Path) -> Path:
    from matplotlib import pyplot as plt

    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path
