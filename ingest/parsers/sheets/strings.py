"""Words in a cell with their runs: raised, lowered, struck out."""

from __future__ import annotations

from typing import Any, NamedTuple

from ingest.parsers.packages.container import local
from ingest.parsers.raised import raised


class Words(NamedTuple):
    """`text`: what is read; `struck`: what is struck out of it."""

    text: str
    struck: str = ""


def words(item: Any) -> Words:
    """A shared (`si`) or inline (`is`) string; phonetic guides are left out."""
    if len(item) == 1 and item[0].tag.endswith("}t"):
        return Words(_unescaped(item[0].text or ""))
    text, struck = "", ""
    for part in item:
        name = local(part)
        if name == "t":
            text += part.text or ""
        elif name == "r":
            run = "".join(one.text or "" for one in part if local(one) == "t")
            marks = {local(one): one.get("val") for kind in part if local(kind) == "rPr" for one in kind}
            if "strike" in marks and marks["strike"] not in ("0", "false"):
                struck += run
            elif marks.get("vertAlign") == "superscript":
                text += raised(text, run)
            else:
                text += run
    return Words(_unescaped(text), _unescaped(struck))


def _unescaped(text: str) -> str:
    """`_x000D_` and the like are how XML writes what it cannot hold."""
    return text if "_x" not in text else _replace(text)


def _replace(text: str) -> str:
    import re

    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
