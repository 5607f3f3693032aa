"""Big files, made from a few words of our own: the same bytes every time, but for a PDF's date."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from api.terminal import UsageError

PAGES, ROWS, COLUMNS, TEXT_BYTES = 600, 20_000, 10, 10_000_000
_SUBJECTS = ("The keeper", "The tenant", "The harbour office", "A pilot", "The auditor", "Each carrier", "The bank")
_VERBS = ("counts", "reports", "insures", "returns", "signs for", "weighs", "inspects", "pays for")
_OBJECTS = ("the goods", "every crate", "the ledger", "each lamp", "the spare keys", "the cold store", "the lease")
_ENDS = ("on the last working day of the month", "before the gate is closed", "at its own cost", "within {n} days",
         "up to EUR {n},000 in one year", "as Schedule {n} says", "unless clause {n} holds")  # fmt: skip


def sentence(chance: random.Random) -> str:
    words = (chance.choice(part) for part in (_SUBJECTS, _VERBS, _OBJECTS, _ENDS))
    return " ".join(words).format(n=chance.randint(2, 98)) + "."


def paragraph(chance: random.Random, sentences: int = 5) -> str:
    return " ".join(sentence(chance) for _ in range(sentences))


def pdf(path: Path, pages: int = PAGES) -> None:
    """A heading, a running head, a page number and some 2,000 characters of text on each page. Raises `UsageError`
    without reportlab (extra `dev`)."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate
    except ModuleNotFoundError as error:
        raise UsageError("The big PDF is made with reportlab: pip install reportlab.") from error
    chance, styles = random.Random(1), getSampleStyleSheet()
    story = []
    for number in range(1, pages + 1):
        story.append(Paragraph(f"{number}. Berth {number}", styles["Heading1"]))
        story += [Paragraph(paragraph(chance), styles["BodyText"]) for _ in range(6)]
        story.append(PageBreak())

    def furniture(canvas, document) -> None:  # type: ignore[no-untyped-def]
        canvas.drawString(72, 810, "Handbook of the North Harbour")
        canvas.drawString(500, 30, f"Page {document.page}")

    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=furniture, onLaterPages=furniture)


def sheet(path: Path, rows: int = ROWS) -> None:
    """A header and rows of a number, an amount, a date and words."""
    import datetime

    from openpyxl import Workbook

    chance = random.Random(2)
    book = Workbook(write_only=True)
    page = book.create_sheet("Register")
    page.append([f"Column {column}" for column in range(1, COLUMNS + 1)])
    first = datetime.date(2026, 1, 1)
    for row in range(1, rows + 1):
        fixed = [row, chance.randint(100, 99_999) / 100, first + datetime.timedelta(chance.randint(0, 900))]
        page.append([*fixed, *(chance.choice(_OBJECTS) for _ in range(COLUMNS - 3))])
    book.save(path)


def text(path: Path, size: int = TEXT_BYTES) -> None:
    """Paragraphs between blank lines."""
    chance, written = random.Random(3), 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            written += file.write(paragraph(chance) + "\n\n")


BIG: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "pdf": ("handbook.pdf", pdf), "sheet": ("register.xlsx", sheet), "text": ("minutes.txt", text),
}  # fmt: skip
"""By kind: the file's name, and what writes it."""
