"""A page of a document as a picture, the lines of a quote marked: read as a principal, drawn in another process."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from generation.gate.citations import boxes_of
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.layout import VersionView
from ingest.errors import NoPageImages, NoSuchPage, QuoteNotFound
from ingest.reading.detect import JPEG, PDF, PNG, TIFF
from ingest.reading.rendering import Edges, PageRenderer
from ingest.types import PageAsked
from retrieval.types import Principal

_RULES = 1  # raised where the same page is drawn otherwise
_WORD = re.compile(r"\S+")
_PAGED = {PDF, PNG, JPEG, TIFF}


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A page that can be shown, of a version that there is; characters [start, end) are marked, none where both are -1.
    `etag` names the picture."""

    document_id: str
    version: int
    page: int
    start: int
    end: int
    width: int
    etag: str
    boxes: tuple[Edges, ...]


class PageImages:
    """As `api.http.parts.PageImages`."""

    def __init__(self, store: PostgresDocumentStore, renderer: PageRenderer) -> None:
        self._store = store
        self._renderer = renderer

    def find(self, document_id: str, asked: PageAsked, principal: Principal) -> PagePlace | None:
        """Where what is asked for stands; None if the document is missing or hidden. Raises `PageError`."""
        page, start, end = asked.page, asked.start, asked.end
        view = self._store.text(document_id, asked.version, principal)
        if view is None:
            return None
        if view.media_type not in _PAGED:
            raise NoPageImages("This kind of file has no pages that could be shown. Read its text.")
        if page > (view.page_count or 0):
            raise NoSuchPage(f"The document has {view.page_count or 0} pages, and no page {page}.")
        boxes: tuple[Edges, ...] = ()
        if asked.quote or (start, end) != (-1, -1):
            start, end, boxes = _marked(view, asked)
        picture = json.dumps([_RULES, view.content_sha256, page, boxes, asked.width])
        etag = hashlib.sha256(picture.encode()).hexdigest()[:32]
        return PagePlace(view.document_id, view.version, page, start, end, asked.width, etag, boxes)

    def draw(self, place: PagePlace, principal: Principal) -> bytes | None:
        """A PNG; None if the document has gone meanwhile. Raises `PageError`."""
        found = self._store.original(place.document_id, place.version, principal)
        if found is None:
            return None
        data, media_type, *_ = found
        return self._renderer.render(data, media_type, place.page, place.boxes, place.width)


def _marked(view: VersionView, asked: PageAsked) -> tuple[int, int, tuple[Edges, ...]]:
    """Where the quote stands on that page, and the boxes of its lines there."""
    page, quote, start, end = asked.page, asked.quote, asked.start, asked.end
    if not quote and not 0 <= start < end <= len(view.text):
        raise QuoteNotFound(f"Characters {start} to {end} are not in the text, which has {len(view.text)}.")
    elsewhere: set[int] = set()
    for first, last in _places(view.text, quote) if quote else [(start, end)]:
        boxes = boxes_of(view.lines, first, last)
        here = tuple((box.x0, box.y0, box.x1, box.y1) for box in boxes if box.page == page)
        if here:
            return first, last, here
        elsewhere |= {box.page for box in boxes}
    if elsewhere:
        raise QuoteNotFound(f"These words stand on page {', '.join(map(str, sorted(elsewhere)))}, not on page {page}.")
    raise QuoteNotFound("These words do not stand in this version of the document. Copy them from its text.")


def _places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Wherever the quote stands, whatever white space lies between its words."""
    sought = " ".join(quote.split())
    if not sought:
        return
    even, places = _evened(text)
    at = even.find(sought)
    while at >= 0:
        yield places[at], places[at + len(sought) - 1] + 1
        at = even.find(sought, at + len(sought))


def _evened(text: str) -> tuple[str, list[int]]:
    """The text with one blank for all white space between two words, and where each character of it stood. A search in
    it takes time by its length, whatever is sought, which an expression does not promise."""
    words = [(found[0], found.start()) for found in _WORD.finditer(text)]
    places = list[int]()
    for word, start in words:
        places += [*range(start, start + len(word)), start + len(word)]
    return " ".join(word for word, _ in words), places
