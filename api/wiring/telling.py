"""What could not be read of files, or not surely, in a few lines for a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from api.terminal import counted
from ingest.languages import measured, named_language
from ingest.types import Coverage, FileWarning, WarningKind

_NAMES = {
    WarningKind.UNREAD_PAGE: "not read",
    WarningKind.UNREAD_PART: "part not read",
    WarningKind.UNCACHED_FORMULA: "formula without a value",
    WarningKind.NUMBER_FORMAT: "unknown number format",
    WarningKind.COVERED_TEXT: "covered words",
    WarningKind.HIDDEN_TEXT: "hidden words",
    WarningKind.FONT_MAPPING: "unreliable font",
    WarningKind.REDLINE: "changes in the text",
    WarningKind.LOW_CONFIDENCE: "unsure recognition",
    WarningKind.CUT_TABLE: "incomplete table",
    WarningKind.ENCODING: "unreadable characters",
    WarningKind.READING_ORDER: "unsure reading order",
    WarningKind.INSTRUCTION: "words like an instruction",
}
_MOST_PAGES = 8
MULTILINGUAL = (
    "Profile multilingual: search works in many languages, and only English was measured. Answers are given to "
    "questions in English from documents in English; to others it is said which passages were found "
    "(docs/languages.md)."
)


def warning_lines(warnings: Sequence[FileWarning]) -> list[str]:
    """A line for each kind, in the order in which they come: where, what the first one says, and how many more."""
    lines = []
    for kind in dict.fromkeys(one.kind for one in warnings):
        own = [one for one in warnings if one.kind is kind]
        said = list(dict.fromkeys(one.words for one in own))
        more = f" (and {len(said) - 1} more like this)" if len(said) > 1 else ""
        pages = sorted({one.page for one in own if one.page is not None})
        where = "" if len(pages) == 1 and names_page(said[0], pages[0]) else _where(pages)
        lines.append(f"{_NAMES[kind]}{where}: {said[0]}{more}")
    return lines


def coverage_words(coverage: Coverage, pages: int | None = None) -> str:
    """ "18 of 20 pages: 15 text, 3 recognised, 2 unread"; the mere number where pages are not told apart, "" without
    pages."""
    total = coverage.total
    if not total:
        return counted(pages, "page") if pages else ""
    counts = (
        (coverage.text, "text"),
        (coverage.ocr, "recognised"),
        (coverage.unread, "unread"),
        (coverage.blank, "blank"),
    )
    kinds = [f"{count} {name}" for count, name in counts if count]
    if coverage.text == total:
        return counted(total, "page")
    return f"{total - coverage.unread} of {counted(total, 'page')}: {', '.join(kinds)}"


def spoken(languages: Iterable[str]) -> str:
    """ "2 of 9 files are not in English (1 French, 1 German): ...", "" if none is."""
    codes = [code for code in languages if code]
    others = Counter(named_language(code) for code in codes if not measured(code))
    if not others:
        return ""
    counts = ", ".join(f"{count} {name}" for name, count in sorted(others.items()))
    verb = "is" if others.total() == 1 else "are"
    them = "it" if others.total() == 1 else "them"
    return (
        f"{_of(others.total(), len(codes))} {verb} not in English ({counts}): search finds {them}, and no answer is "
        f"given from {them}, for only English was measured (docs/languages.md)."
    )


def attention(files: Iterable[Sequence[FileWarning]]) -> str:
    """ "3 of 120 files need a look", "" if none does."""
    counts = [bool(warnings) for warnings in files]
    if not any(counts):
        return ""
    return f"{_of(sum(counts), len(counts))} {'needs' if sum(counts) == 1 else 'need'} a look"


def _of(some: int, total: int) -> str:
    return "The file" if total == 1 else f"{some} of {total} files"


def names_page(words: str, page: int) -> bool:
    """Whether a warning's words say already which page they are about."""
    return re.search(rf"\b[Pp]age {page}\b", words) is not None


def _where(pages: Sequence[int]) -> str:
    if not pages:
        return ""
    shown = ", ".join(map(str, pages[:_MOST_PAGES])) + (", ..." if len(pages) > _MOST_PAGES else "")
    return f" (page {shown})" if len(pages) == 1 else f" (pages {shown})"
