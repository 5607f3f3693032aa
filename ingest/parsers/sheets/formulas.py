"""The formula of a cell as text; one that many cells share is moved to where it stands."""

from __future__ import annotations

from typing import Any

from ingest.parsers.clean import clean


class Formulas:
    """Those of one sheet."""

    def __init__(self) -> None:
        self._shared: dict[str, tuple[str, str]] = {}  # group -> formula, cell

    def text(self, formula: Any, place: str) -> str:
        """`place`: the cell, "B3"."""
        if formula.get("t") == "dataTable":
            return f"=TABLE({formula.get('r1', '')}{',' + formula.get('r2') if formula.get('r2') else ''})"
        text, group = formula.text or "", formula.get("si") if formula.get("t") == "shared" else None
        if text and group is not None:
            self._shared[group] = (text, place)
        elif group in self._shared:
            text = _moved(*self._shared[group], place)
        return "=" + clean(text.replace("_xlfn.", "").replace("_xlws.", ""))


def _moved(formula: str, origin: str, place: str) -> str:
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    try:
        return str(Translator(f"={formula}", origin=origin).translate_formula(place))[1:]
    except (TokenizerError, TranslatorError, ValueError):
        return f"{formula} moved from {origin}"
