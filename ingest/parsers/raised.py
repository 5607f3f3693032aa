"""Raised digits and letters in plain text: an exponent gets "^", a note's mark becomes "(note 2)", an ordinal stays.

Written on one line with what they follow, "10⁹" would read 109 and "EUR 1,500²" EUR 1,5002.
"""

from __future__ import annotations

import re

MARK = re.compile(r"[\[(]?(\d{1,3}|[a-zA-Z]|[ivx]{2,4}|[*†‡§¶#]{1,3})[\])]?")  # of a note
_MARKS = re.compile(r"\d{1,3}(?:\s*,\s*\d{1,3})+")
_SIGNED = re.compile(r"[-+\u2212\u2013]\s*\d+(?:[.,/]\d+)?|\d+\s*[-+\u2212]|\d+/\d+|[-+\u2212]")
_TERM = re.compile(r"\(?[\w.]+(?:\s?[-+/*·×\u2212]\s?[\w.]+)+\)?")
_ORDINAL = re.compile(r"st|nd|rd|th|er|re|e|o|a|os|as|ª|º|TM|SM|®|©|™|℠|me|ème", re.IGNORECASE)
_POWER = re.compile(
    r"(?:^|[\s(\[/·×*.=<>≤≥~+−-])"
    r"(?:10|[kcdmµμ]?m|[kMGT]?Hz|km|ft|in|yd|mi|sq|cu|s|sec|min|h|hr|k?g|mg|µg|μg|L|l|mol|mmol|N|Pa|W|K|J|V|A|[xyzabnprtR]|e|π|χ|σ|\))$"
)  # fmt: skip


def raised(before: str, mark: str, *, note: bool | None = None) -> str:
    """What stands for `mark`, raised after the words `before`, and is appended to them.

    `note`: whether the file says that it refers to a note; None where it says nothing. Then "10" and units of measure
    and single letters carry exponents, and whatever else can be a mark refers to a note.
    """
    mark = mark.strip()
    last = before.rstrip()[-24:]
    if not mark:
        return ""
    if note is not True:
        if power := _signed(last, mark):
            return power
        if mark.isdecimal() and before == before.rstrip() and (note is False or _POWER.search(last)):
            return f"^{mark}" if last else mark
        if _ORDINAL.fullmatch(mark) and (last[-1:].isdigit() or not mark.isalpha() or len(mark) > 1):
            return mark
        if note is False:
            return f"^{mark}" if last[-1:].isalnum() or last.endswith(")") else mark
    if not last:
        return mark  # it opens the note itself
    gap = "" if before != before.rstrip() or last.endswith(("(", "[")) else " "
    if _MARKS.fullmatch(mark):
        return f"{gap}(notes {', '.join(re.findall(r'[0-9]+', mark))})"
    if found := MARK.fullmatch(mark):
        return f"{gap}(note {found[1]})"
    return f"^{mark}" if re.fullmatch(r"[\w+-]{1,6}", mark) else f"{gap}{mark}"


def _signed(last: str, mark: str) -> str:
    """What only an exponent can be: a sign, or a sum, product or quotient, which gets brackets."""
    if _SIGNED.fullmatch(mark):
        return f"^{mark.replace(chr(0x2212), '-')}"
    if _TERM.fullmatch(mark) and (last[-1:].isalnum() or last.endswith((")", "]"))):
        return f"^({mark.strip('()')})"
    return ""
