"""Any library's text in one spelling, so that none is held to another's way of writing what a reader sees."""

from __future__ import annotations

import html
import re

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_STEPS: tuple[tuple[str, str], ...] = (
    (r"\$?\^\{(\d+)\}\$?", r"^\1"),
    (r"(?is)<sup\b[^>]*>\s*(.*?)\s*</sup>", r"^\1"),
    (r"(?i)</?(sub|b|i|u|em|strong|span|p|a|font|ins|mark|small)\b[^>]*>", ""),
    (r"(?is)<(del|s|strike)\b[^>]*>(.*?)</\1>|~~(.+?)~~", r"[struck: \2\3]"),
    (r"\[(?:struck out|deleted by [^:\]]*(?::\d\d)*): ", "[struck: "),
    (r"(?is)<br\s*/?>", " "),
    (r"(?is)\s*</t[dh]>\s*(?=<t[dh]\b)", " | "),
    (r"(?is)<t[dhr]\b[^>]*>", ""),
    (r"(?is)</tr>", "\n"),
    (r"(?is)</?[a-z][^>]*>", " "),
    (r"!\[[^\]]*\]\([^)]*\)", ""),
    (r"\[{1,2}\^?(\d{1,3})\]{1,2}(\([^)]*\))?", r" (note \1)"),
    (r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1"),
    (r"\\([\\`*_{}\[\]()#+.!|<>~$^-])", r"\1"),
    (r"\*\*|__", ""),
    (r"\^(\d+)\^", r"^\1"),
    (r"[☒☑🗹🗷]|\[[xX]\]", "[x]"),
    (r"[☐🞎]|\[ \]", "[ ]"),
)  # fmt: skip
_RULE = re.compile(r"[|:+= -]*-{3,}[|:+= -]*")
_EMPTY = re.compile(r"NaN|NaT|None|Unnamed: \d+(_level_\d+)?")  # as pandas writes a cell that is none
_LIST_MARK = re.compile(r"(?:[-*+•]|#{1,6}|>+)\s+")
_NUMBER = re.compile(r"^(?:\(?(?:[0-9]{1,3}|[a-z]|[ivx]{1,5})[.)]\s*|[0-9]+(?:\.[0-9]+)*\.?\s+)+(?=\S)", re.IGNORECASE)


def lenient(text: str) -> str:
    """Rows of tables as lines with " | " between cells, all other text with one space for any gap; marks of bold, of
    links, lists and headings are gone, raised digits are ^2 or (note 2), struck-out words are [struck: words]."""
    text = re.sub(r"[⁰¹²³⁴-⁹]+", lambda found: "^" + found.group().translate(_RAISED), text)
    text = html.unescape(text).replace("\xa0", " ").replace("\u202f", " ")
    for pattern, put in _STEPS:
        text = re.sub(pattern, put, text)
    out: list[str] = []
    for line in text.splitlines():
        row = _row(line)
        if row is not None:
            out.append(f"\n {row} \n")
        elif not _RULE.fullmatch(line.strip()):
            out.append(_LIST_MARK.sub("", line.strip(), count=1))
    return re.sub(r"\s*\n[\s\n]*", " \n ", re.sub(r"[ \t]+", " ", " ".join(out))).strip()


def _row(line: str) -> str | None:
    """Cells with " | " between; None for a line that is no row of a table, or the rule under a header."""
    line = line.strip()
    if "|" not in line or _RULE.fullmatch(line):
        return None
    cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
    return " | ".join("" if _EMPTY.fullmatch(cell) else cell for cell in cells)


def heading(words: str) -> str:
    """Without its number, in lower case."""
    plain = lenient(words).replace("\n", " ")
    return re.sub(r"\s+", " ", _NUMBER.sub("", plain, count=1)).strip(" .:").lower()
