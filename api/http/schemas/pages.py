"""Page images and their signed addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.http.schemas.facts import MAX_QUOTE_CHARS
from api.http.schemas.values import MAX_NUMBER, AskedVersion, Number
from ingest.types import PageAsked, PageSource

LEAST_WIDTH, USUAL_WIDTH, MOST_WIDTH = 100, 1000, 2400
Offset = Annotated[int, Field(ge=0, le=MAX_NUMBER)]
Quote = Annotated[str, Field(max_length=MAX_QUOTE_CHARS)]
Width = Annotated[int, Field(ge=LEAST_WIDTH, le=MOST_WIDTH)]


class LinkRequest(BaseModel):
    """A page of a version (its number or `version_id`; absent: the current one), `width` pixels wide. What is marked on
    it: the words of `quote`, or characters [start, end) of the text, as a citation has them; nothing without either."""

    model_config = ConfigDict(extra="forbid")

    page: Number
    version: AskedVersion = None
    quote: Quote = ""
    start: Offset | None = None
    end: Offset | None = None
    width: Width = USUAL_WIDTH

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Raises `ValueError` unless the words are given, or both their ends, or nothing."""
        if (self.start is None) != (self.end is None) or (self.quote and self.start is not None):
            raise ValueError("give 'quote', or 'start' and 'end', or neither")
        return self

    @property
    def asked(self) -> PageAsked:
        """But for the version, which readers count otherwise than it is stored."""
        start, end = (-1, -1) if self.start is None or self.end is None else (self.start, self.end)
        return PageAsked(self.page, None, self.quote, start, end, self.width)


class LinkOut(BaseModel):
    """An address that shows the page without a credential, until then, as long as who signed it may read it."""

    url: str
    expires_at: datetime


class LaidOutPageOut(BaseModel):
    """A page. `label` and `bates`: the page and Bates numbers printed on it, "" where there are none. `width` and
    `height`: as it is shown, in points, null where it is not drawn. `start` and `end`: its characters [start, end) of
    the text, null where it has no words; `source`: where those come from."""

    page: int
    label: str
    bates: str
    source: PageSource
    width: float | None
    height: float | None
    start: int | None
    end: int | None


class PagesOut(BaseModel):
    """All pages of a version, in order. `drawn`: there are pictures of them; none of Word, mail and web pages, which
    have no pages here either, nor of slides."""

    document_id: str
    version: int
    version_id: str
    title: str
    media_type: str
    drawn: bool
    pages: list[LaidOutPageOut]


class BoxOut(BaseModel):
    """A printed line on a page (from 1), in points from the top-left corner of the page as it is shown."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class BoxesOut(BaseModel):
    """Where a stretch of a version's text is printed; no boxes where its format has no pages."""

    document_id: str
    version: int
    version_id: str
    boxes: list[BoxOut]
