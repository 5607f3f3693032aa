"""Figures over nights as SVG: lines with a band, oldest on the left. A table beside them says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evals.suites.nightly.markup import Markup, tag
from evals.systems.looking import Figured, MetricValue

WIDTH, HEIGHT = 340, 140
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 20
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Point:
    """`figure`: None where the night has none. `changed`: the night was asked of another setup than the one before."""

    night: Figured
    figure: MetricValue | None
    changed: bool

    @property
    def value(self) -> float | None:
        return self.figure.value if self.figure else None


def asked(night: Figured, suite: str) -> bool:
    """Whether any case of it was. Peak memory is told with the suite `performance`, whatever a night has asked."""
    return any((figure.suite, figure.name) == (suite, "right") for figure in night.figures)


def series(nights: Sequence[Figured], suite: str, name: str) -> list[Point]:
    """`nights`: newest first, as they are listed; the points come oldest first, of those that asked the suite."""
    of = [one for one in reversed(nights) if asked(one, suite)]
    found = []
    for at, night in enumerate(of):
        figure = next((one for one in night.figures if (one.suite, one.name) == (suite, name)), None)
        changed = at > 0 and of[at - 1].run.config_sha256 != night.run.config_sha256
        found.append(Point(night, figure, changed))
    return found


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things are drawn: `nights` beside each other, values from 0 to `top` above each other."""

    nights: int
    top: float

    def x(self, at: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at + 0.5) / max(self.nights, 1), 2)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, value / self.top), 2)


def chart(label: str, lines: Sequence[Sequence[Point]], top: float, tick: Callable[[float], str]) -> Markup:
    """The first line has a band where its figures have intervals; the others are dashed. `top`: of the axis."""
    frame = Frame(len(lines[0]), top)
    changes = [
        tag("path", class_="changed", d=f"M{frame.x(at) - 4} {HEIGHT - BOTTOM} h8 l-4 -7 z")
        for at, point in enumerate(lines[0])
        if point.changed
    ]
    drawn = [one for number, line in enumerate(lines) for one in _line(line, frame, dashed=number > 0)]
    parts = [*_axis(frame, tick), *changes, *drawn, *_days(lines[0])]
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label)


def _axis(frame: Frame, tick: Callable[[float], str]) -> Iterator[Markup]:
    for value in (0.0, frame.top / 2, frame.top):
        at = frame.y(value)
        yield tag("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at)
        yield tag("text", tick(value) if value else "0", x=LEFT - 6, y=at + 4, text_anchor="end")


def _line(points: Sequence[Point], frame: Frame, *, dashed: bool) -> Iterator[Markup]:
    for piece in pieces(points):
        yield from _band(piece, frame)
        places = " ".join(f"{frame.x(at)},{frame.y(point.value or 0.0)}" for at, point in piece)
        yield tag("polyline", class_="line dashed" if dashed else "line", points=places)
        for at, point in piece:
            kind = "dot" if point.night.run.status == "done" else "dot hollow"
            yield tag("circle", class_=kind, cx=frame.x(at), cy=frame.y(point.value or 0.0), r=2.5)


def _days(points: Sequence[Point]) -> Iterator[Markup]:
    """The first and the last."""
    for point, x, anchor in [*((one, LEFT, "start") for one in points[:1]),
                             *((one, WIDTH - RIGHT, "end") for one in points[1:][-1:])]:  # fmt: skip
        yield tag("text", f"{point.night.run.started_at:%d %b}", x=x, y=HEIGHT - 5, text_anchor=anchor)


Piece = list[tuple[int, Point]]


def pieces(points: Sequence[Point]) -> Iterator[Piece]:
    """Runs of points that have a number, with their places: where there is none the line has a gap."""
    open_: Piece = []
    for at, point in enumerate(points):
        if point.value is None:
            if open_:
                yield open_
            open_ = []
        else:
            open_.append((at, point))
    if open_:
        yield open_


def round_up(highest: float) -> float:
    """The upper end of an axis from 0: 1, 2 or 5 times a power of ten."""
    power = 1.0
    while power > highest > 0:
        power /= 10
    while power * 10 < highest:
        power *= 10
    return next((step * power for step in _STEPS if step * power >= highest), power) if highest > 0 else 1.0


def _band(piece: Piece, frame: Frame) -> Iterator[Markup]:
    ends = [
        (frame.x(at), frame.y(figure.high), frame.y(figure.low))
        for at, point in piece
        if (figure := point.figure) and figure.low is not None and figure.high is not None
    ]
    if len(ends) > 1:
        upper = [f"{at},{high}" for at, high, _ in ends]
        lower = [f"{at},{low}" for at, _, low in reversed(ends)]
        yield tag("polygon", class_="band", points=" ".join([*upper, *lower]))
