"""Documents as they are listed, uploaded and read."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812  a field is called date
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from ingest.types import Coverage, FileWarning, PageSource

ChunkingName = Literal[
    "structure", "recursive", "semantic", "small-to-big", "code",
    "structure+summary", "recursive+summary", "semantic+summary", "small-to-big+summary", "code+summary",
]  # fmt: skip


Sort = Literal["source", "title", "added_at", "updated_at", "date", "effective", "bytes"]
Order = Literal["asc", "desc"]


class VersionOut(BaseModel):
    """`version` counts the versions that the caller may read, from 1; `version_id` names this one for good. `corrects`:
    the version in which other words of the same file were read."""

    version: int
    version_id: str
    added_at: datetime
    content_sha256: str
    corrects: int | None


class DocumentOut(BaseModel):
    """A document that the caller may read, as its current version shows it. `added_at`: since when there is a version
    that they may read. `may_change`: whether the caller may
    delete or restore it. `warnings`: what could not be read, or not surely; `coverage`: how its pages were read, all 0
    where they are not told apart; `behind`: it was read by older rules than today's; `chunking`: how its text is cut
    for search; `language`: of its words (BCP 47), "und" where none can be told. The last two are of deleted
    documents alone."""

    document_id: str
    title: str
    source: str
    version: int
    version_id: str
    media_type: str
    pages: int | None
    bytes: int
    date: str | None
    added_at: datetime
    allow: list[str]
    versions: list[VersionOut]
    may_change: bool
    warnings: list[FileWarning]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str
    deleted_at: datetime | None = None
    restorable_until: datetime | None = None


class DocumentList(BaseModel):
    """`recycle_days`: for how long a deleted document can be restored; 0: not at all. `total`: how many there are on
    all pages; `next`: what to ask for as `after` to see more, null on the last one."""

    documents: list[DocumentOut]
    recycle_days: int
    total: int
    next: str | None = None


class VersionDetailOut(BaseModel):
    """A version of a document; `version`, `version_id` and `corrects` as in `VersionOut`. `date` as it was given;
    `effective`: the day from which it holds, null: since ever; the rest as in `DocumentOut`."""

    version: int
    version_id: str
    current: bool
    added_at: datetime
    date: str | None
    effective: Day | None
    corrects: int | None
    title: str
    media_type: str
    content_sha256: str
    bytes: int
    pages: int | None
    warnings: list[FileWarning]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str


class VersionList(BaseModel):
    document_id: str
    versions: list[VersionDetailOut]


class UploadOut(BaseModel):
    """What became of a file. `version`: as the caller counts them, 0 where they cannot read it (any more).
    `children`: of the files in it, as a mail's attachments; `reason`: why one of those failed. `warnings`, `coverage`
    and `language` as in `DocumentOut`; a file that failed has no language."""

    source: str
    outcome: str
    document_id: str
    version: int
    version_id: str
    pages: int
    chunks: int
    reason: str = ""
    warnings: list[FileWarning]
    coverage: Coverage
    language: str
    children: list[UploadOut] = []


class PageOut(BaseModel):
    """A page and its characters [start, end) of the text; `label` and `bates`: the page and Bates numbers printed on
    it, "" where there are none; `source`: where its words come from."""

    page: int
    start: int
    end: int
    label: str
    bates: str
    source: PageSource


class SectionOut(BaseModel):
    """A heading of the text, at characters [start, end); `level` 1 is outermost."""

    title: str
    level: int
    start: int
    end: int


class CellOut(BaseModel):
    """A cell of a table, at characters [start, end) of the text. `cell`: as a spreadsheet names it ("Sheet1!B3"), "" in
    other formats."""

    start: int
    end: int
    cell: str


class RowOut(BaseModel):
    """A row of a table, at characters [start, end) of the text."""

    start: int
    end: int
    cells: list[CellOut]


class TableOut(BaseModel):
    """A table, at characters [start, end) of the text. Rows may have different numbers of cells: those of a merged cell
    are not told apart, and what the columns are called is in one of the first rows."""

    start: int
    end: int
    rows: list[RowOut]


class TextOut(BaseModel):
    """The canonical text of one version, and what of it could not be read, or not surely. Offsets count Unicode code
    points. `text`: from character `start` on, of the `chars` of the whole. `language`: BCP 47, "und" where none can be
    told. `tables`: null unless they were asked for."""

    document_id: str
    version: int
    version_id: str
    title: str
    media_type: str
    text: str
    start: int
    chars: int
    pages: list[PageOut]
    sections: list[SectionOut]
    warnings: list[FileWarning]
    coverage: Coverage
    language: str
    tables: list[TableOut] | None = None
