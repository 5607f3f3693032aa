"""MathML as one line of text."""

from __future__ import annotations

from typing import Any

_DROPPED = frozenset(("annotation", "annotation-xml", "maction", "mphantom"))
_MAX_DEPTH = 60


def linear(node: Any, depth: int = 0) -> str:  # noqa: C901 - one branch a tag
    """ "(a + b)/2" for a fraction, "x^2" for a power, "x_1" for an index; its alternative text where it has nothing."""
    if not isinstance(node.tag, str) or depth > _MAX_DEPTH:
        return ""
    tag = node.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()
    if tag in _DROPPED:
        return ""
    parts = [text for child in node if (text := linear(child, depth + 1))]
    own = " ".join((node.text or "").split())
    if tag == "mo" and own and len(own) == 1 and own in "+-−=×·÷<>≤≥≠≈±":
        return f" {own} "
    if tag == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if tag in ("msup", "mover") and len(parts) == 2:
        return f"{_grouped(parts[0])}^{_grouped(parts[1])}"
    if tag in ("msub", "munder") and len(parts) == 2:
        return f"{parts[0]}_{_grouped(parts[1])}"
    if tag in ("msubsup", "munderover") and len(parts) == 3:
        return f"{parts[0]}_{_grouped(parts[1])}^{_grouped(parts[2])}"
    if tag == "msqrt":
        return f"√({' '.join(parts)})"
    if tag == "mroot" and len(parts) == 2:
        return f"{parts[1]}√({parts[0]})"
    if tag == "mtr":
        return ", ".join(parts)
    if tag == "mtable":
        return f"[{'; '.join(parts)}]"
    text = own + "".join(parts)
    return text or (node.get("alttext") or "" if tag == "math" else "")


def _grouped(text: str) -> str:
    text = text.strip()
    return text if all(character.isalnum() or character in ".,%" for character in text) else f"({text})"
