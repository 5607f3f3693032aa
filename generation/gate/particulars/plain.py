"""One way to write signs: what texts print in many ways is read in one."""

from __future__ import annotations

import re

_SIGNS = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
    "−": "-", "µ": "μ", "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "º": "°", "℃": "°C", "℉": "°F",
    "\xad": None, "\u200b": None, "\ufeff": None,
} | {raised: f"^{digit}" for digit, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})  # fmt: skip
_INITIALS = re.compile(r"(?<![\w.])((?:[A-Z]\.){2,})")
_NARROW = re.compile(r"(?<=\d)[\xa0\u2009\u202f](?=\d{3}(?!\d))")
_SPACED = re.compile(r"(?<=[£$€]) ?\d{1,3}(?: \d{3})+(?!\d)")


def plain(text: str) -> str:
    """Typographic signs as plain ones, runs of blanks as one, "U.S." as "US"."""
    if not text.isascii():
        text = _NARROW.sub(",", text).translate(_SIGNS)
    text = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text))
    text = _SPACED.sub(lambda match: match.group().strip().replace(" ", ","), text)
    return _INITIALS.sub(lambda match: match[1].replace(".", ""), text)
