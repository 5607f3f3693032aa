"""Quality against time, and what either depends on (matplotlib, extra `sweep`)."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from api.terminal import note
from evals.measuring.results import made
from evals.systems.tries import Sums


class Point(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def sums(self) -> Sums: ...
    @property
    def quality(self) -> float: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def left(self) -> bool: ...


def drawn(
    rows: Sequence[Point], front: Sequence[Point], importance: Mapping[str, tuple[float, float]], out: Path
) -> list[Path]:
    """`<out>.png` and `<out>.svg`; none without matplotlib, which is told."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        note("Plots need matplotlib: pip install -c constraints.txt -e '.[sweep]' in Footnote's folder.")
        return []
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "footnote"
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5), layout="constrained", width_ratios=(3, 2))
    _points(left, rows, front)
    _bars(right, importance)
    paths = [out.with_name(out.name + ending) for ending in (".png", ".svg")]
    for path in paths:
        figure.savefig(made(path), dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)
    return paths


def _points(axes: Any, rows: Sequence[Point], front: Sequence[Point]) -> None:
    shown = [row for row in rows if row.seconds is not None and not math.isnan(row.quality)]
    for row in shown:
        colour = "#bbbbbb" if row.left else "#d6604d" if not row.settings else "#08519c" if row in front else "#6baed6"
        axes.scatter(row.seconds, row.quality, color=colour, zorder=3)
        axes.annotate(row.name, (row.seconds, row.quality), xytext=(4, 4), textcoords="offset points", fontsize=8)
    line = sorted(front, key=lambda row: row.seconds or 0.0)
    axes.step([row.seconds for row in line], [row.quality for row in line], where="post", color="#08519c", alpha=0.4)
    axes.set(xlabel="seconds (median)", ylabel="quality", title="dark: Pareto; red: base; grey: left early")
    axes.grid(alpha=0.3)


def _bars(axes: Any, importance: Mapping[str, tuple[float, float]]) -> None:
    names = sorted(importance, key=lambda name: importance[name][0])
    places = range(len(names))
    axes.barh(
        [at + 0.2 for at in places], [importance[name][0] for name in names], 0.38, label="quality", color="#08519c"
    )
    axes.barh(
        [at - 0.2 for at in places], [importance[name][1] for name in names], 0.38, label="seconds", color="#fdae6b"
    )
    axes.set_yticks(list(places), names)
    axes.set(xlim=(0, 1), title="share of what varies (fANOVA)")
    if names:
        axes.legend(frameon=False)
