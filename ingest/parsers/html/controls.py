"""What a form's controls show: words typed in, boxes ticked, the option chosen."""

from __future__ import annotations

from typing import Any

_TYPED = frozenset("text number date datetime-local month week time email tel url search range".split())


def shown(node: Any) -> str:
    """The words of an <input>, <select> or <textarea>; a tick box is ☒ or ☐."""
    if node.tag == "input":
        kind = (node.get("type") or "text").strip().lower()
        if kind in ("checkbox", "radio"):
            return "☒" if node.get("checked") is not None else "☐"
        return (node.get("value") or "") if kind in _TYPED or kind not in _OTHER else ""
    if node.tag == "select":
        return _chosen(node)
    return "".join(node.itertext())


_OTHER = frozenset("hidden submit reset button image file password color".split())


def _chosen(node: Any) -> str:
    options = list(node.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    several = node.get("multiple") is not None
    if not chosen and not several and (node.get("size") or "1") == "1":
        chosen = options[:1]
    return ", ".join(" ".join("".join(option.itertext()).split()) for option in (chosen if several else chosen[-1:]))


def is_worded(button: Any) -> bool:
    """Whether a button opens a part of the text, as in a list of questions, instead of doing something."""
    if (button.get("type") or "").lower() in ("submit", "reset"):
        return False
    words = " ".join("".join(button.itertext()).split())
    opens = button.get("aria-expanded") is not None and button.get("aria-haspopup") is None
    return words.endswith("?") or (opens and len(words.split()) > 1)
