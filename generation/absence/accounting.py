"""Every page of a version accounted for, and why the words that were read may not be all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median

from generation.absence.protocols import Whole
from generation.absence.types import GapKind, PagesRead, ReadingGap
from generation.types import SourceText
from ingest.languages import measured, named_language
from ingest.types import FileWarning, PageInfo, PageSource, WarningKind

_GAPS = {
    WarningKind.UNREAD_PART: GapKind.PART,
    WarningKind.COVERED_TEXT: GapKind.LEFT_OUT,
    WarningKind.HIDDEN_TEXT: GapKind.LEFT_OUT,
    WarningKind.CUT_TABLE: GapKind.LEFT_OUT,
    WarningKind.FONT_MAPPING: GapKind.UNREADABLE,
    WarningKind.ENCODING: GapKind.UNREADABLE,
}


def pages_of(whole: Whole, source: SourceText, bound: float) -> PagesRead:
    """How each page was read. Pages that nobody told apart count in the total alone."""
    infos = sorted(source.pages.values(), key=lambda page: page.number)
    recognised = [page for page in infos if page.source is PageSource.OCR]
    sure = [page.confidence for page in recognised if page.confidence is not None]
    unread = tuple(page.number for page in infos if page.source is PageSource.UNREAD)
    return PagesRead(
        total=len(infos) or whole.page_count or 0,
        text=sum(page.source is PageSource.TEXT for page in infos),
        ocr=len(recognised),
        blank=sum(page.source is PageSource.BLANK for page in infos),
        ocr_min=min(sure, default=None),
        ocr_median=median(sure) if sure else None,
        unread=unread,
        reasons=tuple(_reason(number, source.warnings) for number in unread),
        unsure=tuple(page.number for page in recognised if (page.confidence or 0.0) < bound),
    )


def gaps_of(whole: Whole, source: SourceText, pages: PagesRead, looked_at: Collection[str]) -> tuple[ReadingGap, ...]:
    """Why absence from the stored words proves nothing; empty if it does. `looked_at`: ids of all documents that are
    looked through."""
    return tuple(dict.fromkeys(_gaps(whole, source, pages, looked_at)))


def _gaps(whole: Whole, source: SourceText, pages: PagesRead, looked_at: Collection[str]) -> Iterator[ReadingGap]:
    for number, reason in zip(pages.unread, pages.reasons, strict=True):
        yield ReadingGap(GapKind.UNREAD_PAGE, reason, number)
    for number in pages.unsure:
        yield ReadingGap(GapKind.UNSURE_PAGE, _unsure(number, source.pages[number]), number)
    if whole.page_count and not source.pages:
        words = "How its pages were read is not known: it was read by an older version. Read it again."
        yield ReadingGap(GapKind.PAGES_UNKNOWN, words)
    for one in source.warnings:
        if one.kind in _GAPS:
            yield ReadingGap(_GAPS[one.kind], one.words, one.page)
    if not whole.passages and not whole.parts:  # an archive is its parts
        yield ReadingGap(GapKind.NO_TEXT, "It holds no text that could be searched.")
    if whole.passages and not measured(source.language):
        words = f"It is in {named_language(source.language)}: in that language nothing was measured."
        yield ReadingGap(GapKind.LANGUAGE, words)
    if whole.pending:
        yield ReadingGap(GapKind.PARTS_PENDING, "Perhaps not all files that came out of it are stored.")
    if left := len(set(whole.parts) - set(looked_at)):
        files = "1 file that came out of it was" if left == 1 else f"{left} files that came out of it were"
        yield ReadingGap(GapKind.PARTS_ELSEWHERE, f"{files} not looked through.")


def _reason(number: int, warnings: Sequence[FileWarning]) -> str:
    told = (one.words for one in warnings if one.kind is WarningKind.UNREAD_PAGE and one.page == number)
    return next(told, f"Page {number} could not be read.")


def _unsure(number: int, page: PageInfo) -> str:
    sure = "" if page.confidence is None else f" ({page.confidence:.0%} sure)"
    return f"Page {number} was recognised in a picture, and not surely{sure}."
