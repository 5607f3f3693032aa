"""Formulas (OMML) on one line: (a + b)/2, x^2, x_i, √(x), ∑_(i=1)^n. What is not known is read part by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.parsers.docx.xml import M, W

_SKIPPED = frozenset((f"{W}rPr", f"{M}ctrlPr", f"{W}del", f"{W}moveFrom"))
_OFF = ("0", "false", "off")
_ENDING = frozenset(f"{M}{name}" for name in ("f", "sSup", "sSub", "sSubSup"))

Run = Callable[[Any], str]


def linear(node: Any, run: Run) -> str:
    """The formula's text; `run` gives what a reader sees of one m:r or w:r."""
    name = node.tag.removeprefix(M) if node.tag.startswith(M) else ""
    if name == "r" or node.tag == f"{W}r":
        return run(node)
    if node.tag in _SKIPPED or name.endswith("Pr"):
        return ""
    if name in _SHAPES:
        return _SHAPES[name](node, run)
    return _joined([(child.tag, linear(child, run)) for child in node], "; " if name == "oMathPara" else "")


def _joined(parts: list[tuple[str, str]], between: str) -> str:
    """Parts in order; fractions and powers stay apart from numbers and letters next to them: "3 1/2", "x^2 y"."""
    text, ended = "", False
    for tag, part in parts:
        if not part:
            continue
        mixed = tag == f"{M}f" and text[-1:].isdigit() and part[:1].isdigit()
        apart = mixed or (ended and (part[:1].isalnum() or part[:1] in "√(["))
        text += (" " if apart else between if text else "") + part
        ended = tag in _ENDING
    return text


def _part(node: Any, name: str, run: Run) -> str:
    found = node.find(f"{M}{name}")
    return "" if found is None else linear(found, run).strip()


def _group(text: str) -> str:
    """In brackets where it is more than a number, a word or something in brackets already."""
    plain = text.replace(".", "").replace(",", "").isdigit() or text.isalpha() or not text
    return text if plain or _enclosed(text) else f"({text})"


def _enclosed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _setting(node: Any, path: str, otherwise: str) -> str:
    found = node.find("/".join(f"{M}{step}" for step in path.split("/")))
    return otherwise if found is None else found.get(f"{M}val", "")


def _fraction(node: Any, run: Run) -> str:
    above, below = _part(node, "num", run), _part(node, "den", run)
    if _setting(node, "fPr/type", "bar") == "noBar":
        return f"({above} over {below})"
    return f"{_group(above)}/{_group(below)}"


def _scripts(node: Any, run: Run) -> str:
    text = _part(node, "e", run)
    base = text if not text or (text[-1:].isalnum() and " " not in text) else _group(text)
    return base + _below_above(node, run)


def _below_above(node: Any, run: Run) -> str:
    below, above = _part(node, "sub", run), _part(node, "sup", run)
    return (f"_{_group(below)}" if below else "") + (f"^{_group(above)}" if above else "")


def _before(node: Any, run: Run) -> str:
    return _below_above(node, run) + _part(node, "e", run)


def _root(node: Any, run: Run) -> str:
    degree = _part(node, "deg", run)
    held = _part(node, "e", run)
    return f"{_group(degree)}√({held})" if degree else f"√({held})"


def _operator(node: Any, run: Run) -> str:
    return f"{_setting(node, 'naryPr/chr', '∫')}{_below_above(node, run)} {_part(node, 'e', run)} "


def _brackets(node: Any, run: Run) -> str:
    parts = [linear(part, run).strip() for part in node.findall(f"{M}e")]
    separator = _setting(node, "dPr/sepChr", "|")
    return _setting(node, "dPr/begChr", "(") + separator.join(parts) + _setting(node, "dPr/endChr", ")")


def _matrix(node: Any, run: Run) -> str:
    rows = (", ".join(linear(cell, run).strip() for cell in row.findall(f"{M}e")) for row in node.findall(f"{M}mr"))
    return f"[{'; '.join(rows)}]"


def _lines(node: Any, run: Run) -> str:
    return "; ".join(linear(part, run).strip() for part in node.findall(f"{M}e"))


def _accent(node: Any, run: Run) -> str:
    held = _part(node, "e", run)
    sign = _setting(node, "accPr/chr", "\u0302")
    return held + sign if len(held) == 1 else f"{_group(held)}{sign}"


def _bar(node: Any, run: Run) -> str:
    held = _part(node, "e", run)
    return held + "\u0305" if len(held) == 1 else _group(held)


def _function(node: Any, run: Run) -> str:
    name, held = _part(node, "fName", run), _part(node, "e", run)
    return f"{name}{held}" if held.startswith("(") else f"{name} {held}"


def _limit(sign: str) -> Callable[[Any, Run], str]:
    return lambda node, run: f"{_part(node, 'e', run)}{sign}{_group(_part(node, 'lim', run))}"


def _phantom(node: Any, run: Run) -> str:
    return "" if _setting(node, "phantPr/show", "1") in _OFF else _part(node, "e", run)


_SHAPES: dict[str, Callable[[Any, Run], str]] = {
    "f": _fraction, "sSup": _scripts, "sSub": _scripts, "sSubSup": _scripts, "sPre": _before, "rad": _root,
    "nary": _operator, "d": _brackets, "m": _matrix, "eqArr": _lines, "acc": _accent, "bar": _bar,
    "func": _function, "limLow": _limit("_"), "limUpp": _limit("^"), "phant": _phantom,
}  # fmt: skip
