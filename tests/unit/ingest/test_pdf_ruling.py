"""Edges of tables as pdfium tells them, whatever they are drawn with."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.parsers import parse
from ingest.types import ElementKind, WarningKind

ROWS = (("Berth", "Depth"), ("North", "9 m"), ("South", "7 m"))


def pdf(draw: Callable[[Canvas], None]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, (400, 300))
    draw(canvas)
    for row, cells in enumerate(ROWS):
        for column, cell in enumerate(cells):
            canvas.drawString(46 + 150 * column, 226 - 40 * row, cell)
    canvas.drawString(40, 20, "The harbour office keeps this table.")
    canvas.save()
    return out.getvalue()


def lines(canvas: Canvas) -> None:
    for row in range(4):
        canvas.line(40, 250 - 40 * row, 340, 250 - 40 * row)
    for column in range(3):
        canvas.line(40 + 150 * column, 130, 40 + 150 * column, 250)


def boxes(canvas: Canvas) -> None:
    for row in range(3):
        for column in range(2):
            canvas.rect(40 + 150 * column, 210 - 40 * row, 150, 40)


def grid_in_one_path(canvas: Canvas) -> None:
    path = canvas.beginPath()
    for row in range(4):
        path.moveTo(40, 250 - 40 * row)
        path.lineTo(340, 250 - 40 * row)
    for column in range(3):
        path.moveTo(40 + 150 * column, 130)
        path.lineTo(40 + 150 * column, 250)
    canvas.drawPath(path)


def turned_space(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.rotate(90)
    canvas.scale(2, 2)
    for row in range(4):
        canvas.line((250 - 40 * row) / 2, -20, (250 - 40 * row) / 2, -170)
    for column in range(3):
        canvas.line(65, -(40 + 150 * column) / 2, 125, -(40 + 150 * column) / 2)
    canvas.restoreState()


def thin_fills(canvas: Canvas) -> None:
    for row in range(4):
        canvas.rect(40, 250 - 40 * row, 300, 0.5, stroke=0, fill=1)
    for column in range(3):
        canvas.rect(40 + 150 * column, 130, 0.5, 120, stroke=0, fill=1)


@pytest.mark.parametrize("draw", [lines, boxes, grid_in_one_path, turned_space, thin_fills])
def test_a_table_is_found_however_it_is_ruled(draw: Callable[[Canvas], None]) -> None:
    parsed = parse(pdf(draw), "berths.pdf")
    assert [one.text for one in parsed.elements if one.kind is ElementKind.TABLE] == [
        "Berth | Depth\nNorth | 9 m\nSouth | 7 m"
    ]


def test_a_sign_that_only_a_search_finds_stands_for_the_box_that_is_drawn() -> None:
    def ticked(drawn: bool) -> str:
        def draw(canvas: Canvas) -> None:
            if drawn:
                canvas.rect(190, 90, 8, 8)
            canvas.setFillAlpha(0)
            canvas.setFont("ZapfDingbats", 10)
            canvas.drawString(190, 90, "n")
            canvas.setFillAlpha(1)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(40, 90, "Shell company:")
            canvas.drawString(202, 90, "Yes")

        return " ".join(one.text for one in parse(pdf(draw), "form.pdf").elements)

    assert "Shell company: ■ Yes" in ticked(True).replace(" | ", " ")
    assert "■" not in ticked(False)


def test_a_drawing_is_no_table_and_that_is_said() -> None:
    def hatched(canvas: Canvas) -> None:
        for step in range(3_100):
            canvas.line(40, 250 - step / 30, 340, 250 - step / 30)
            canvas.line(40 + step / 11, 130, 40 + step / 11, 250)

    parsed = parse(pdf(hatched), "plan.pdf")
    assert [(warning.kind, warning.page) for warning in parsed.warnings] == [(WarningKind.CUT_TABLE, 1)]
    assert not any(one.kind is ElementKind.TABLE for one in parsed.elements)
    assert "The harbour office keeps this table." in [one.text for one in parsed.elements]
