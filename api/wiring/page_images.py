"""Pages of a document: how they lie, and each as a picture, the lines of a quote marked. Read as a principal, drawn in
another process."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generation.gate.citations import boxes_of
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.layout import VersionView
from infra.postgres.paged import PagedVersion, PostgresPages
from ingest.errors import NoPageImages, NoSuchPage, QuoteNotFound
from ingest.reading.detect import JPEG, PDF, PNG, TIFF
from ingest.reading.rendering import Edges, PagedFile, PageRenderer
from ingest.types import Box, PageAsked, PageInfo
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


@dataclass(frozen=True, slots=True)
class LaidOutPage:
    """`size`: width and height as it is shown, in points, None where it is not drawn; `span`: its characters
    [start, end) of the text, None where it has no words."""

    info: PageInfo
    size: tuple[float, float] | None
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The pages of a version, from 1. `drawn`: there are pictures of them."""

    document_id: str
    version: int
    title: str
    media_type: str
    drawn: bool
    pages: tuple[LaidOutPage, ...]


class PageImages:
    """As `api.http.parts.PageImages`."""

    def __init__(self, store: PostgresDocumentStore, pages: PostgresPages, renderer: PageRenderer) -> None:
        self._store = store
        self._pages = pages
        self._renderer = renderer
        self._sizes = _Sizes()

    def start(self) -> None:
        """Has the processes that draw ready."""
        self._renderer.start()

    def laid_out(self, document_id: str, version: int | None, principal: Principal) -> LaidOut | None:
        """All pages of a version; None if it is missing or hidden. Raises `PageError` for a file that has pages which
        cannot be drawn."""
        found = self._pages.version(document_id, version, principal)
        if found is None:
            return None
        sizes = (
            self._sizes.of(found.content_sha256, lambda: self._renderer.sizes(_file(found))) if _drawn(found) else ()
        )
        spans = {span.page: span for span in self._pages.spans(found.document_id, found.version, principal)}
        known = {info.number: info for info in found.page_infos}
        last = max(len(sizes), found.page_count or 0, *spans, *known, 0)
        return LaidOut(
            found.document_id,
            found.version,
            found.title,
            found.media_type,
            bool(sizes),
            tuple(
                LaidOutPage(
                    known.get(number, PageInfo(number)),
                    sizes[number - 1] if number <= len(sizes) else None,
                    (spans[number].start, spans[number].end) if number in spans else None,
                )
                for number in range(1, last + 1)
            ),
        )

    def boxes(
        self, document_id: str, version: int | None, start: int, end: int, principal: Principal
    ) -> tuple[int, tuple[Box, ...]] | None:
        """The version, and where characters [start, end) are printed; None if it is missing or hidden."""
        return self._pages.boxes(document_id, version, start, end, principal)

    def find(self, document_id: str, asked: PageAsked, principal: Principal) -> PagePlace | None:
        """Where what is asked for stands; None if the document is missing or hidden. Raises `PageError`."""
        page, start, end = asked.page, asked.start, asked.end
        found = self._pages.version(document_id, asked.version, principal)
        if found is None:
            return None
        if not _drawn(found):
            raise NoPageImages("This kind of file has no pages that could be shown. Read its text.")
        if page > (found.page_count or 0):
            raise NoSuchPage(f"The document has {found.page_count or 0} pages, and no page {page}.")
        boxes: tuple[Edges, ...] = ()
        if asked.quote or (start, end) != (-1, -1):
            view = self._store.text(found.document_id, found.version, principal)
            if view is None:
                return None
            start, end, boxes = _marked(view, asked)
        picture = json.dumps([_RULES, found.content_sha256, page, boxes, asked.width])
        etag = hashlib.sha256(picture.encode()).hexdigest()[:32]
        return PagePlace(found.document_id, found.version, page, start, end, asked.width, etag, boxes)

    def draw(self, place: PagePlace, principal: Principal) -> bytes | None:
        """A PNG; None if the document has gone meanwhile. Raises `PageError`."""
        found = self._pages.version(place.document_id, place.version, principal)
        if found is None:
            return None
        return self._renderer.render(_file(found), place.page, place.boxes, place.width)


class _Sizes:
    """Of files by their hash, of so many pages, the longest unasked forgotten first. Numbers alone are held."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[tuple[float, float], ...]] = OrderedDict()
        self._pages = 0
        self._lock = threading.Lock()

    def of(self, sha256: str, read: Callable[[], tuple[tuple[float, float], ...]]) -> tuple[tuple[float, float], ...]:
        with self._lock:
            if sha256 in self._known:
                self._known.move_to_end(sha256)
                return self._known[sha256]
        sizes = read()
        with self._lock:
            if sha256 not in self._known:
                self._known[sha256] = sizes
                self._pages += len(sizes)
            while self._pages > self._most and len(self._known) > 1:
                self._pages -= len(self._known.popitem(last=False)[1])
        return sizes


def _drawn(version: PagedVersion) -> bool:
    return version.media_type in _PAGED


def _file(version: PagedVersion) -> PagedFile:
    return PagedFile(version.content_sha256, version.media_type, version.original)


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
