"""A proof of absence in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generation.absence.types import AbsenceStatus, DocumentAbsence, GapKind, PagesRead, Presence

_OF_PAGES = {GapKind.UNREAD_PAGE, GapKind.UNSURE_PAGE}


def overall(documents: Sequence[DocumentAbsence], missing: int) -> AbsenceStatus:
    """Absent only if all that was asked about is there and every document of it is absent."""
    if any(one.status is Presence.FOUND for one in documents):
        return AbsenceStatus.FOUND
    whole = bool(documents) and not missing and all(one.status is Presence.ABSENT for one in documents)
    return AbsenceStatus.ABSENT if whole else AbsenceStatus.NOT_ESTABLISHED


def statement(documents: Sequence[DocumentAbsence], missing: int) -> str:
    if not documents:
        return "Nothing was looked through: there is no such document that you may read."
    status, count = overall(documents, missing), len(documents)
    found = sum(one.status is Presence.FOUND for one in documents)
    absent = sum(one.status is Presence.ABSENT for one in documents)
    unsure = count - found - absent
    which = "document" if count == 1 else f"{count} documents"
    if status is AbsenceStatus.ABSENT:
        opening = f"None of the {which} that you may read has it" if count > 1 else "The document has no such passage"
        return f"{opening}: {_account(documents)}."
    if status is AbsenceStatus.FOUND:
        opening = f"{found} of the {which} that you may read {_has(found)} it" if count > 1 else "The document has it"
        rest = [
            f"{absent} {_has(absent)} not" if absent else "",
            f"of {unsure} it is not established" if unsure else "",
        ]
        return "; ".join(filter(None, (opening, *rest))) + "."
    opening = f"It was found in none of the {which} that you may read" if count > 1 else "It was not found"
    return f"{opening}, but its absence is not established: {'; '.join(reasons(documents, missing))}."


def reasons(documents: Sequence[DocumentAbsence], missing: int) -> tuple[str, ...]:
    """Why it is not established, in words that may follow each other; empty if it is."""
    unread = [one for one in documents if one.pages.unread]
    unsure = [one for one in documents if one.pages.unsure]
    other = [one for one in documents if any(gap.kind not in _OF_PAGES for gap in one.gaps)]
    close = [one for one in documents if one.status is Presence.UNSURE and one.near]
    pages, blurred = sum(len(one.pages.unread) for one in unread), sum(len(one.pages.unsure) for one in unsure)
    told = [
        f"{_counted(pages, 'page')} of {_counted(len(unread), 'document')} could not be read" if unread else "",
        f"{_counted(blurred, 'page')} of {_counted(len(unsure), 'document')} {'was' if blurred == 1 else 'were'} "
        "recognised from pictures, and not surely" if unsure else "",
        f"{_counted(len(other), 'document')} may not have been read as a whole" if other else "",
        f"{_counted(len(close), 'document')} {'holds' if len(close) == 1 else 'hold'} passages that may be it"
        if close else "",
        f"{missing:,} of those that were named {'is' if missing == 1 else 'are'} not there for you" if missing else "",
    ]  # fmt: skip
    return tuple(filter(None, told))


def _account(documents: Sequence[DocumentAbsence]) -> str:
    """How the pages of documents were read, none of which is unread."""
    pages = [one.pages for one in documents]
    total, recognised = sum(one.total for one in pages), sum(one.ocr for one in pages)
    if not total:
        return "all of their text was read" if len(documents) > 1 else "all of its text was read"
    read = "its page was read" if total == 1 else f"all {total:,} pages were read"
    return f"{read}{_recognised(pages, recognised)}"


def _recognised(pages: Iterable[PagesRead], count: int) -> str:
    least = min((one.ocr_min for one in pages if one.ocr_min is not None), default=None)
    if not count:
        return ""
    sure = "" if least is None else f", the least sure of them with a confidence of {least:.2f}"
    return f", {count:,} of them recognised from pictures{sure}"


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"
