"""What no shipped sentence holds, whatever the gate has said of it: addresses, markup and hidden marks that its sources
do not hold, and the words that the model was told."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ADDRESS = re.compile(r"(?:https?|ftp|data|javascript|file|vbscript):[^\s<>\")\]]+|\bwww\.[^\s<>\")\]]+", re.I)
_MARKUP = re.compile(r"!?\[[^\]\n]*\]\([^)\n]*\)|</?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>|<!--|<\|[^|>\n]{1,40}\|>", re.I)
_WORD = re.compile(r"\w+")
_RUN = 8  # words in a row that are nobody's own by chance


def foreign(sentence: str, sources: Sequence[str], told: str) -> str:
    """What stands in the sentence and may not: "an address", "markup" or "words of the prompt"; "" if nothing.

    `sources`: the words that it rests on, and in which all of it may stand; `told`: the system message."""
    held = "\n".join(sources)
    for name, pattern in (("an address", _ADDRESS), ("markup", _MARKUP)):
        if any(found.rstrip(".,;:") not in held for found in pattern.findall(sentence)):
            return name
    runs = _runs(sentence) - _runs(held)
    return "words of the prompt" if runs & _runs(told) else ""


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = [word.lower() for word in _WORD.findall(text)]
    return frozenset(tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
