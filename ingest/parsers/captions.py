"""What wording alone says about a line: numbering, list markers, captions. Shared by the formats without styles."""

from __future__ import annotations

import re
from collections.abc import Iterable

MARKER = re.compile(
    r"^(\(?([a-zA-Z]|[ivxIVX]{1,5}|\d{1,3})[.)](?=\s|$)|\d{1,2}(\.\d{1,3})+\.?(?=\s)|[•▪●○■◦·–—*](?=\s)"
    r"|(ARTICLE|Article|SECTION|EXHIBIT|SCHEDULE|ANNEX|APPENDIX|WHEREAS)\b)"
)
NO_TITLE = re.compile(
    r"^(EXHIBIT|ANNEX|APPENDIX|SCHEDULE|EX)\b.{0,20}$|confidential|omitted|redacted|^\W*execution", re.IGNORECASE
)
CLOSED = re.compile(r"([.;:?!]|; (and|or))[\"”’')\]]*$")
LEADER = re.compile(r"(\.{4,}|(\. ){3,}\.?|…{2,})\s*[A-Za-z\d-]{1,7}$")  # an entry in a table of contents
ARTICLE = re.compile(r"^(article|chapter|part)\s", re.IGNORECASE)
BARE_ARTICLE = re.compile(r"^(ARTICLE|Article|CHAPTER|Chapter|PART)\s+([IVXLC]+|\d+)\.?$")
_LIST_ITEM = re.compile(r"^(\((?:[a-zA-Z]|[ivxIVX]{1,5}|\d{1,3})\)|[a-zA-Z][.)]|[•▪●○■◦·–—*-]|\d{1,3}\))\s")
_PART = re.compile(
    r"^(ARTICLE|Article|CHAPTER|Chapter|PART|Part|SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEX|Annex|APPENDIX|Appendix)\s"
)
_PART_LABEL = re.compile(r"^\w+\s+[\"“]?([IVXLC]+|[A-Z]{1,2}|\d+)([-.]\d+)*[\"”]?(?!\w)")
_SECTION = re.compile(r"^(?:SECTION|Section|§)\s*(\d+(?:\.\d+)*)\.?(?=\s|$)")
_NUMBER = re.compile(
    r"^(\d{1,3}(?:\.\d{1,3})*)\.?\)?\s+(?=[A-Z“\"(])|^([IVX]{1,5})\.\s+(?=[A-Z])|^([A-Z])\.\s+(?=[A-Z])"
)
_RUN_IN = re.compile(
    r"^(?:(?:(?:Section|SECTION|§)\s*)?\d{1,3}(?:\.\d{1,3})*\.?\)?|[A-Z]\.|[IVX]{1,5}\.|ARTICLE [IVXL\d]+\.?)\s+"
    r"(?P<caption>[A-Z][^.:;]{2,80}?)\s?[.:](?=\s+[-–—]*\s*[A-Z“\"(\[]|$)"
)
_COUNTED = re.compile(
    r"^(?P<what>[^\W\d_]{2,20}(?: (?:no|nr|number)\.?)?)[ #]{1,2}(?P<label>\d{1,9}(?:[./-]\d{1,6})*|[IVXLC]{1,7}|[A-Z]"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)
_SMALL = frozenset("a an and as at by for from in into of on or other per the to under upon with without".split())
_MAX_LENGTH = 160  # characters
_MAX_WORDS = 20


def is_list_item(text: str) -> bool:
    return bool(_LIST_ITEM.match(text))


def is_caption(text: str) -> bool:
    """Few words, each of which that matters begins with a capital: "Term and Termination"."""
    words = [word.strip("“”\"'(),/&-–") for word in text.split()]
    weighty = [word for word in words if word and word.lower() not in _SMALL]
    return 0 < len(words) <= 12 and bool(weighty) and all(not word[0].islower() for word in weighty)


def is_part(text: str) -> bool:
    """ "ARTICLE 5", "EXHIBIT A - FEES", but not "Article 5 of this Agreement provides"."""
    if not _PART.match(text) or not (label := _PART_LABEL.match(text)):
        return False
    rest = text[label.end() :].strip(" .:-–—")
    return not rest or rest.isupper() or is_caption(rest)


def one_of_several(text: str, others: Iterable[str]) -> bool:
    """Whether a heading is but the first of its kind: "Chapter One: Berths", where "Chapter Two: Cargo" follows."""
    found = _COUNTED.match(text)
    if found is None:
        return False
    what, label = found["what"].casefold(), found["label"].casefold()
    return any(
        other is not None and other["what"].casefold() == what and other["label"].casefold() != label
        for other in map(_COUNTED.match, others)
    )


def could_be_heading(text: str, generous: int = 1) -> bool:
    """Short enough, with letters, and not ending like a sentence; `generous` multiplies the length allowed."""
    if len(text) > _MAX_LENGTH * generous or len(text.split()) > _MAX_WORDS * generous:
        return False
    if letters(text) < 2 or "___" in text:
        return False
    last = text.rstrip("”\"')")
    if last.endswith((".", ":")):
        return text.isupper() or bool(_NUMBER.match(text) or _SECTION.match(text))
    return not last.endswith((",", ";", "_"))


def depth(text: str, articles: bool) -> int:
    """The level that numbering gives, 0 without: one more for each part of the number, and below articles."""
    number = _SECTION.match(text) or _NUMBER.match(text)
    if number is None:
        return 0
    if number[1]:
        dots = number[1].removesuffix(".0").count(".")
        return min(6, 1 + dots + (articles and not dots))
    return 1 if number[2] else 2


def level(text: str, articles: bool, emphasised: bool, centred: bool) -> int:
    """1 to 6 for a heading by its wording, 0 otherwise. `emphasised` is bold type or the like."""
    if is_part(text):
        return 1
    marked = emphasised or text.isupper()
    if numbered := depth(text, articles):
        return numbered if marked or is_caption(without_number(text)) else 0
    if marked and letters(text) > max(3, 0.6 * len(text.replace(" ", ""))):
        return 1 if centred else 2
    return 0


def run_in(text: str, articles: bool, emphasised: bool) -> tuple[int, int]:
    """(end, level) of a numbered caption that opens a paragraph ("5.2 Term. This ..."), or (0, 0)."""
    match = _RUN_IN.match(text)
    if match is None or match.end() == len(text):
        return 0, 0
    caption = match["caption"]
    if not (emphasised or caption.isupper() or is_caption(caption)):
        return 0, 0
    return match.end(), depth(text, articles) or 2


def without_number(text: str) -> str:
    match = _NUMBER.match(text) or _SECTION.match(text)
    return text[match.end() :].strip(" .:-–—") if match else text


def letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
