"""What is exported: answers with their sources, as one who reads on paper has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """A quote, word for word. `number`: unique in the export. `version`: as who exports counts; `version_id`: for
    everybody. `page_label`: what is printed on the page, "" if that is its number, or there is none. `url`: opens the
    source at the quote, "" if there is no such address. `bates`: the page's Bates number; `cell`: where a spreadsheet
    has it. `cautions`: what ingestion was unsure of in these words, a plain sentence each. `source`: the name that the
    document is known by, since titles may be alike. `frame`: under which unit and columns a quoted row of a table is
    read, "" of others."""

    number: int
    title: str
    document_id: str
    version_id: str
    version: int
    page: int | None
    page_label: str
    section: tuple[str, ...]
    quote: str
    content_sha256: str
    url: str
    bates: str = ""
    cell: str = ""
    cautions: tuple[str, ...] = ()
    source: str = ""
    frame: str = ""


@dataclass(frozen=True, slots=True)
class SignOff:
    """What somebody says who has looked: `by` `user:NAME`, `verdict` approved, rejected or changed. `sentence`: which
    of several it is said of, 0: of all that it stands beside."""

    by: str
    at: datetime
    verdict: str
    words: str
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A checked sentence and the numbers of its sources. `signed`: oldest first."""

    text: str
    sources: tuple[int, ...]
    signed: tuple[SignOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A question and its answer. `status`: answered, partial or abstained. `note`: plain words on what is missing, ""
    where nothing is. `signed`: of the answer as a whole."""

    question: str
    statements: tuple[Statement, ...]
    status: str
    note: str
    audit_id: str
    asked_at: datetime
    signed: tuple[SignOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Memo:
    title: str
    by: str
    made_at: datetime
    passages: tuple[Passage, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The answer to one question of one document. `text` "" where there is none, and `note` says why."""

    status: str
    text: str
    sources: tuple[int, ...]
    audit_id: str
    note: str
    signed: tuple[SignOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells`: a row for each of the documents, by their titles, with a cell for each question."""

    title: str
    by: str
    made_at: datetime
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    sources: tuple[Source, ...]
