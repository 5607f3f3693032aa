"""A long PDF of words, made on the spot: the same bytes every time."""

from __future__ import annotations

import random
from pathlib import Path

from evals.measuring.statistics import library

_A4 = (595.28, 841.89)
_LEFT, _TOP, _LINE, _SIZE = 72, 770, 15, 10.5  # points
_LINES = 44
_WORDS = (
    "the supplier shall deliver goods to buyer within thirty days of each order unless parties agree otherwise in "
    "writing and payment falls due at end month following receipt invoice any delay beyond ten days entitles other "
    "party damages under this clause notice must be given by registered post address stated schedule liability limited "
    "amount paid during preceding year except fraud gross negligence wilful default confidential information remains "
    "property disclosing returned upon termination agreement governed law courts venue exclusive jurisdiction"
).split()


def sentence(page: int) -> str:
    """What is cited of a page; no other page says it."""
    return f"The fee for lot {page} is {page * 13 + 100} euros a quarter."


def write(path: Path, pages: int) -> None:
    """Some 2,500 characters a page. Raises `UsageError` without reportlab."""
    canvas = library("reportlab.pdfgen.canvas").Canvas(str(path), pagesize=_A4, invariant=True)
    canvas.setTitle("Framework agreement with schedules")
    chosen = random.Random(27)
    for page in range(1, pages + 1):
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(_LEFT, _TOP + 2 * _LINE, f"{page}. Lot {page}")
        canvas.setFont("Helvetica", _SIZE)
        at = chosen.randrange(5, _LINES - 3)
        for line in range(_LINES):
            words = " ".join(chosen.choices(_WORDS, k=10))
            text = sentence(page) if line == at else f"{words[:1].upper()}{words[1:]}."
            canvas.drawString(_LEFT, _TOP - line * _LINE, text)
        canvas.drawString(_LEFT, 40, f"Page {page}")
        canvas.showPage()
    canvas.save()
