"""What a proof of absence says: whether each document holds what is asked for, and how each page was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generation.types import Citation


class Presence(StrEnum):
    """Of one document. `ABSENT`: all of it was read, and no passage of it comes near."""

    ABSENT = "absent"
    FOUND = "found"
    UNSURE = "unsure"


class AbsenceStatus(StrEnum):
    """Of all documents. `ABSENT`: every one of them is. `FOUND`: one holds it at least."""

    ABSENT = "absent"
    FOUND = "found"
    NOT_ESTABLISHED = "not_established"


class GapKind(StrEnum):
    """Why a document's stored words may not be all that it says, so that its absence from them proves nothing."""

    UNREAD_PAGE = "unread_page"
    UNSURE_PAGE = "unsure_page"  # recognised from a picture, below the bound
    PAGES_UNKNOWN = "pages_unknown"  # read before pages were told apart
    PART = "part"  # a picture, attachment, chart or object that was not read
    LEFT_OUT = "left_out"  # hidden or covered words, rows of a table
    UNREADABLE = "unreadable"  # fonts or bytes whose characters are not what they say
    NO_TEXT = "no_text"
    PARTS_PENDING = "parts_pending"  # files that came out of it are not all stored
    PARTS_ELSEWHERE = "parts_elsewhere"  # or are not among the documents that were looked at
    LANGUAGE = "language"  # in which nothing was measured


@dataclass(frozen=True, slots=True)
class ReadingGap:
    """`words`: one sentence for a person, without hidden words. `page` counts from 1; None: of the whole file."""

    kind: GapKind
    words: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PagesRead:
    """How the pages of a version were read; all 0 where its format has none. `ocr_min`, `ocr_median`: confidence of the
    recognised pages, each the mean of its lines, 0 to 1; None without any. `unread`, `unsure`: numbers of pages that
    could not be read, and of those below the bound. `reasons`: why, for each unread one."""

    total: int = 0
    text: int = 0
    ocr: int = 0
    blank: int = 0
    ocr_min: float | None = None
    ocr_median: float | None = None
    unread: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    unsure: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NearPassage:
    """A passage in its own words. `score`: how likely it is what is asked for, 0 to 1, by both models together;
    `relevance`: the reranker's logit; `answers`: the selector's probability."""

    citation: Citation
    score: float
    relevance: float
    answers: float


@dataclass(frozen=True, slots=True)
class DocumentAbsence:
    """One document. `score`: of its best passage; `near`: it is too high for the document to be called absent.
    `nearest`: best first; where it is found the first one holds it. The cross-encoder has read `passages_read` of its
    `passages`, those that the search ranks first. `gaps` are why it is `unsure` though nothing in it comes near.
    `version` and `version_id` as in `Citation`."""

    document_id: str
    version: int
    version_id: str
    title: str
    source: str
    content_sha256: str
    status: Presence
    score: float
    near: bool
    nearest: tuple[NearPassage, ...]
    pages: PagesRead
    gaps: tuple[ReadingGap, ...]
    passages: int
    passages_read: int


@dataclass(frozen=True, slots=True)
class AbsenceBounds:
    """By what it was decided. absent_below, found_from: bounds of a document's score. ocr: the least confidence of a
    page. risk_absent: the share of documents with such a clause that may be called absent, for which `absent_below` was
    chosen; risk_found: of those without one that may be called found."""

    absent_below: float
    found_from: float
    ocr: float
    risk_absent: float
    risk_found: float


@dataclass(frozen=True, slots=True)
class Absence:
    """The whole. `statement` and `reasons` are plain sentences; `reasons` tells why nothing is established. `missing`:
    how many of the documents that were named are not there for who asks. `snapshot` names what was looked through."""

    question: str
    status: AbsenceStatus
    statement: str
    reasons: tuple[str, ...]
    documents: tuple[DocumentAbsence, ...]
    missing: int
    bounds: AbsenceBounds
    snapshot: str
    audit_id: str = ""


@dataclass(frozen=True, slots=True)
class LookedEvent:
    """`done` of `total` documents have been looked through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class AbsenceEvent:
    """The last one."""

    absence: Absence
